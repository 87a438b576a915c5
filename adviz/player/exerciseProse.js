// @ts-check
/** What is said of an answer to an exercise; adviz/tutor/sentences.py says the same. */
import { enumerate } from "./english.js";
import { VERDICTS } from "./exerciseSentences.js";
import { mathText } from "./math.js";
import { SENTENCES } from "./mistakeSentences.js";
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./answerEntry.js").Entry} Entry
 * @typedef {import("./exerciseCheck.js").Finding} Finding
 * @typedef {import("./exerciseDocument.js").Cell} Cell
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseDocument.js").WrongRule} WrongRule
 */

/**
 * A sentence that begins with what counts most.
 * @typedef {{first: string, rest: string}} Remark
 */

/** Words that would give the formula away that is asked for. */
const ANSWERS = ["slope", "part", "sum", "rest"];

/**
 * @param {Exercise} exercise
 * @param {Map<number, Entry>} entries
 * @param {number} place
 * @param {Finding} finding
 * @returns {Remark}
 */
export function remarkOn(exercise, entries, place, finding) {
  const cell = exercise.cells[place];
  switch (finding.status) {
    case "right": {
      const count = cell.terms.length;
      if (cell.words.found) return remark("right_found", cell.words);
      if (count < 2) return remark("right", {});
      const what = cell.words.asked === "adjoint" ? "uses" : "terms";
      return remark("right_sum", { terms: count === 2 ? `both ${what}` : `all ${count} ${what}` });
    }
    case "follows":
      return remark("follows", earlierWords(exercise, entries, finding.earlier));
    case "coarse":
      return remark("coarse", {});
    default:
      if (finding.reasons.length > 0) return explanation(cell, finding);
      return hint(cell, finding, entries.get(place)?.value ?? NaN);
  }
}

/** @param {Exercise} exercise @param {Map<number, Entry>} entries @param {number[]} earlier */
function earlierWords(exercise, entries, earlier) {
  const names = earlier.map((place) => mathText(exercise.cells[place].label));
  const written = earlier.map(
    (place, i) =>
      `${names[i]} = ${formatNumber(entries.get(place)?.value ?? NaN, exercise.digits)}`,
  );
  return {
    earlier: enumerate(written),
    moves: names.length === 1 ? `${names[0]} does` : "they do",
  };
}

/** The mistake and what is right. @param {Cell} cell @param {Finding} finding @returns {Remark} */
function explanation(cell, { reasons, isOpen, isGuess, credit }) {
  const [{ first, rest }, ...others] = reasons.map((reason) => mistake(cell, reason));
  const words = wordsFor(cell, reasons[0]);
  const [begun, possible] = VERDICTS.perhaps;
  const texts = isGuess ? [possible, first, rest] : [rest];
  for (const other of others) {
    const isSaid = other.first === first;
    texts.push(VERDICTS.or[0], isSaid ? "" : other.first);
    if (isSaid || other.rest !== rest) texts.push(other.rest);
  }
  if (isOpen) texts.push(VERDICTS.open[0]);
  if (credit !== "" && credit !== "sign") texts.push(VERDICTS[credit][0]);
  if (words.rest !== undefined && others.length === 0) texts.push(filled(VERDICTS.rest[0], words));
  return { first: isGuess ? begun : first, rest: joined(texts) };
}

/** What was done, and what is right in its place. @param {Cell} cell @param {WrongRule} reason @returns {Remark} */
function mistake(cell, reason) {
  const words = wordsFor(cell, reason);
  const known = reason.mistakes.map((name) =>
    Object.hasOwn(SENTENCES, name) ? SENTENCES[name] : ["", ""],
  );
  return {
    first: joined(known.map(([done]) => filled(done, words))),
    rest: joined(known.map(([, right]) => filled(right, words))),
  };
}

/**
 * Where no mistake is found that gives the answer.
 * @param {Cell} cell
 * @param {Finding} finding
 * @param {number} value
 */
function hint(cell, { credit }, value) {
  if (cell.kind === "count" && !Number.isInteger(value)) return remark("fraction", {});
  const words = wordsFor(cell, cell);
  let kind = "wrong";
  if (words.asked === "count") kind = "wrong_count";
  else if (words.uses !== undefined) kind = "wrong_uses";
  else if (words.row !== undefined) kind = "wrong_row";
  const { first, rest } = remark(kind, words);
  return { first, rest: joined([credit === "" ? "" : VERDICTS[credit][0], rest]) };
}

/** @param {Cell} cell @param {Cell | WrongRule} rule */
function wordsFor(cell, { words }) {
  if (cell.kind !== "formula") return words;
  return Object.fromEntries(Object.entries(words).filter(([name]) => !ANSWERS.includes(name)));
}

/** @param {string} name @param {Record<string, string>} words @returns {Remark} */
function remark(name, words) {
  const [first, rest] = VERDICTS[name];
  return { first: filled(first, words), rest: filled(rest, words) };
}

/**
 * A sentence with its words; where one is missing, without what it stands for, or none at all.
 * @param {string} text
 * @param {Record<string, string>} words
 */
function filled(text, words) {
  /** @param {string} name */
  const isMissing = (name) => !Object.hasOwn(words, name) || words[name] === "";
  const shorter = text.replace(/: \{(\w+)\}\.$/, (end, name) => (isMissing(name) ? "." : end));
  if ([...shorter.matchAll(/\{(\w+)\}/g)].some(([, name]) => isMissing(name))) return "";
  return shorter.replace(/\{(\w+)\}/g, (_, name) => words[name]);
}

/** @param {string[]} texts */
function joined(texts) {
  return texts.filter((text) => text !== "").join(" ");
}
