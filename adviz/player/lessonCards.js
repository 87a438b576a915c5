// @ts-check
/** The cards of a lesson beside tables to fill in: questions, folded answers, what was answered. */
import { noteCardsInPage } from "./answered.js";
import { createAnsweredCard } from "./answeredCard.js";
import { asList, asObject, asText, MAX_NAME } from "./documentChecks.js";
import { html } from "./dom.js";
import { EXERCISE } from "./mimeTypes.js";
import { createParts } from "./parts.js";
import { createQuestionCard } from "./questionCard.js";
import { readQuestion } from "./questionDocument.js";

/**
 * @typedef {import("./exerciseMemory.js").Memory} Memory
 * @typedef {import("./parts.js").Mount} Mount
 * @typedef {Map<string, (element: Element, document: unknown) => {destroy(): void}>} Mounts  by MIME type
 * @typedef {import("./answered.js").Book} Book
 *
 * @typedef {object} Card
 * @property {HTMLElement} element
 * @property {() => void} start
 * @property {() => void} stop
 * @property {() => void} keep  writes down at once what is entered
 */

/**
 * @param {unknown} document
 * @param {Memory} memory
 * @param {object} around
 * @param {(element: Element, document: unknown, memory: Memory) => {destroy(): void}} around.mountExercise
 *   for one that is a part of this card
 * @param {Book} around.book  what was answered in this notebook or page
 * @param {Mounts} around.mounts  what shows traces and laboratories in it
 * @returns {Card | null}  null for a table to fill in
 */
export function createLessonCard(document, memory, { mountExercise, book, mounts }) {
  /** @type {Map<string, Mount>} */
  const partMounts = new Map(mounts);
  partMounts.set(EXERCISE, (element, content, i) =>
    mountExercise(element, content, partMemory(memory, i)),
  );
  /** @param {unknown[]} parts */
  const drawParts = (parts) => createParts(parts, partMounts);
  const { kind } = asObject(document, "the document");
  if (kind === "question") return createQuestionCard(readQuestion(document), memory, drawParts);
  if (kind === "reveal") return createRevealCard(document, drawParts);
  if (kind === "answered") return createAnsweredCard(book);
  return null;
}

/**
 * An answer that is folded away.
 * @param {unknown} document
 * @param {(parts: unknown[]) => {element: Element, destroy(): void}} drawParts
 * @returns {Card}
 */
function createRevealCard(document, drawParts) {
  const given = asObject(document, "the document");
  const title = asText(given.title, MAX_NAME, "its title");
  const classes = [
    "adviz-reveal",
    ...(given.followed === true ? ["adviz-followed"] : []),
    ...(given.hides_source === true ? ["adviz-hides-source"] : []),
  ];
  const parts = drawParts(asList(given.parts, "its parts"));
  const element = html(
    "div",
    { class: "adviz" },
    html("details", { class: classes.join(" ") }, html("summary", {}, title), parts.element),
  );
  return { element, start: noteCardsInPage, stop: parts.destroy, keep() {} };
}

/**
 * Where a part of a card keeps its entries: with those of the card.
 * @param {Memory} memory
 * @param {number} place  among the parts
 * @returns {Memory}
 */
function partMemory(memory, place) {
  const parts = () => ({ .../** @type {any} */ (memory.read())?.parts });
  return {
    read: () => parts()[place] ?? null,
    write(kept) {
      const { [place]: _, ...others } = parts();
      const all = kept ? { ...others, [place]: kept } : others;
      const own = /** @type {any} */ (memory.read());
      memory.write(Object.keys(all).length > 0 || own?.entries ? { ...own, parts: all } : null);
    },
    watch: memory.watch,
  };
}
