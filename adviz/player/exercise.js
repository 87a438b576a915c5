// @ts-check
/**
 * Shows an exercise document: a card with fields, which are checked in the page. Hosts import this
 * module, player.css and cards.css. What a document holds is shown as text only, so that documents
 * need not be trusted.
 */
import { notingMemory, onBeginAgain, pageBook } from "./answered.js";
import { DocumentError } from "./documentChecks.js";
import { html } from "./dom.js";
import { createExerciseCard } from "./exerciseCard.js";
import { readExercise, readVariant } from "./exerciseDocument.js";
import { NOTHING_KEPT, pageMemory, variantMemory } from "./exerciseMemory.js";
import { createLessonCard } from "./lessonCards.js";

/**
 * @typedef {import("./exerciseMemory.js").Memory} Memory
 * @typedef {import("./answered.js").Book} Book
 *
 * @typedef {{place: number, start: number, end: number}} Cursor  in the field of a blank
 * @typedef {import("./lessonCards.js").Card & {cursor?: () => Cursor | null,
 *   setCursor?: (cursor: Cursor | null) => void}} Card
 * @typedef {object} Shown
 * @property {() => void} keep  writes down at once what is entered
 * @property {() => Cursor | null} cursor  where it is, if it is in this exercise
 * @property {(cursor: Cursor | null) => void} setCursor
 * @property {() => void} destroy
 */

/**
 * Shows an exercise, a question or another card of a lesson in `element`. Never throws: what is wrong with a document is said in its place.
 * @param {Element} element
 * @param {unknown} document
 * @param {object} [around]
 * @param {Memory} [around.memory]  where entries are kept; by default by the browser, for this page
 * @param {Book} [around.book]  what was answered, for a summary; by default in this page
 * @param {import("./lessonCards.js").Mounts} [around.mounts]  what shows the traces and laboratories
 *   that are folded in a card
 * @returns {Shown}
 */
export function mount(element, document, around = {}) {
  const { memory = pageMemory(document), book = pageBook(), mounts = new Map() } = around;
  const noting = notingMemory(element, document, memory);
  /** @type {Card} */
  let card;
  try {
    card = open();
    const stopListening = onBeginAgain(element, () => {
      memory.write(null);
      reopen();
    });
    return {
      keep: () => card.keep(),
      cursor: () => card.cursor?.() ?? null,
      setCursor: (cursor) => card.setCursor?.(cursor),
      destroy() {
        stopListening();
        card.stop();
        element.replaceChildren();
      },
    };
  } catch (error) {
    const sentence =
      error instanceof DocumentError
        ? error.message.replace("This trace", "This exercise")
        : "This exercise cannot be shown: it is not an exercise document.";
    element.replaceChildren(
      html("div", { class: "adviz" }, html("p", { class: "adviz-problem" }, sentence)),
    );
    return {
      keep() {},
      cursor: () => null,
      setCursor() {},
      destroy: () => element.replaceChildren(),
    };
  }

  function reopen() {
    card.stop();
    card = open();
  }

  /** @returns {Card} */
  function open() {
    /** @type {(element: Element, document: unknown, memory: Memory) => Shown} */
    const mountExercise = (part, content, own) =>
      mount(part, content, { memory: own, book, mounts });
    const card =
      createLessonCard(document, noting, { mountExercise, book, mounts }) ?? openExercise();
    element.replaceChildren(card.element);
    card.start();
    return card;
  }

  /** An exercise, with the numbers that the reader last asked for. @returns {Card} */
  function openExercise() {
    const exercise = readExercise(document);
    const count = exercise.variants.length + exercise.others.length;
    const { variant, memory: own } = variantMemory(noting, count, reopen);
    const shown = variant > 0 ? readVariant(document, variant) : exercise;
    const renew = () => {
      noting.write({ ...NOTHING_KEPT, variant: (variant + 1) % (count + 1) });
      reopen();
      card.setCursor?.({ place: exercise.blanks[0], start: 0, end: 0 });
    };
    return createExerciseCard(shown, own, count > 0 ? renew : undefined);
  }
}
