// @ts-check
/** Hints to a blank, from a first thought to the formula; none of them says a number that is asked for. */
import { HINTS } from "./hintSentences.js";

/** @typedef {import("./exerciseDocument.js").Exercise} Exercise */

/**
 * @param {Exercise} exercise
 * @param {number} place
 * @returns {string[]}
 */
export function hintsFor({ cells }, place) {
  const cell = cells[place];
  if (!cell) return []; // nothing is asked for
  const { hints, words } = cell;
  return hints.flatMap((hint) => {
    const sentences = Object.hasOwn(HINTS, hint) ? HINTS[hint] : [];
    const text = sentences.filter((sentence) => sentence !== "").join(" ");
    const isComplete = [...text.matchAll(/\{(\w+)\}/g)].every(([, word]) => words[word]);
    return isComplete && text ? [text.replace(/\{(\w+)\}/g, (_, word) => words[word])] : [];
  });
}
