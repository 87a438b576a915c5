// @ts-check
/**
 * What was answered in a page: each card notes on its own element how its questions were solved, so
 * that a summary finds them all, also those that another copy of this module shows.
 */
import { headingOf } from "./exerciseTask.js";
import { EXERCISE } from "./mimeTypes.js";
import { plainText } from "./richText.js";

/**
 * @typedef {import("./exerciseMemory.js").Memory} Memory
 *
 * How a question was answered; "wrong" and "" are not yet.
 * @typedef {"first" | "later" | "shown" | "wrong" | ""} Course
 * @typedef {{title: string, courses: Course[]}} Note
 *
 * Where a summary reads what was answered.
 * @typedef {object} Book
 * @property {() => Note[]} notes  in the order of the page
 * @property {() => void} clear  begins again with all of them
 * @property {(changed: () => void) => (() => void)} watch  gives what ends it
 */

const ATTRIBUTE = "data-adviz-answered";
const NOTED = "adviz-answered";
const AGAIN = "adviz-begin-again";
const COURSES = new Set(["first", "later", "shown", "wrong"]);
const MOST_BLANKS = 2000;
const LONGEST_TITLE = 90;

/**
 * How the questions of a document were solved, those in its parts as well.
 * @param {unknown} document
 * @param {unknown} kept  what is kept of the answers
 * @returns {Note[]}
 */
export function notesOf(document, kept) {
  const own = noteOf(document, kept);
  const { parts, explanation } = objectOf(document);
  const inside = Array.isArray(parts) ? parts : Array.isArray(explanation) ? explanation : [];
  const entered = objectOf(objectOf(kept).parts);
  const others = inside.flatMap((part, i) => notesOf(objectOf(part)[EXERCISE], entered[i]));
  return own ? [own, ...others] : others;
}

/**
 * How the questions of a document itself were solved.
 * @param {unknown} document  of an exercise or a question
 * @param {unknown} kept  what is kept of the answers
 * @returns {Note | null}  null where it asks nothing
 */
export function noteOf(document, kept) {
  const { kind, title, question, ask, blanks, cells } = objectOf(document);
  const solved = objectOf(objectOf(kept).solved);
  /** @param {string} key @returns {Course} */
  const course = (key) => {
    const given = Object.hasOwn(solved, key) ? solved[key] : "";
    return typeof given === "string" && COURSES.has(given) ? /** @type {Course} */ (given) : "";
  };
  if (kind === "question") {
    const text = typeof title === "string" && title ? title : plainText(question).trim();
    return { title: shortened(text), courses: [course("answer")] };
  }
  if (kind !== "table" || !Array.isArray(blanks) || !Array.isArray(cells)) return null;
  const keys = blanks.slice(0, MOST_BLANKS).map((place) => String(objectOf(cells[place]).key));
  const heading = headingOf({ ask: String(ask), title: typeof title === "string" ? title : "" });
  const text = heading.label ? `${heading.label}: ${heading.title}` : heading.title;
  return { title: shortened(text), courses: keys.map(course) };
}

/** @param {string} text */
function shortened(text) {
  return text.length > LONGEST_TITLE ? `${text.slice(0, LONGEST_TITLE - 1)}…` : text;
}

/**
 * A memory that notes on the card's element what it keeps.
 * @param {Element} element
 * @param {unknown} document
 * @param {Memory} memory
 * @returns {Memory}
 */
export function notingMemory(element, document, memory) {
  /** @param {unknown} kept */
  const note = (kept) => {
    const noted = noteOf(document, kept);
    if (!noted) return;
    element.setAttribute(ATTRIBUTE, JSON.stringify(noted));
    element.ownerDocument.dispatchEvent(new CustomEvent(NOTED));
  };
  return {
    ...memory,
    read() {
      const kept = memory.read();
      note(kept);
      return kept;
    },
    write(kept) {
      memory.write(kept);
      note(kept);
    },
  };
}

/** Has summaries read anew: cards that were made before they stood in the page are found now. */
export function noteCardsInPage() {
  document.dispatchEvent(new CustomEvent(NOTED));
}

/** Calls when all is to begin again. @param {Element} element @param {() => void} again @returns {() => void} what ends it */
export function onBeginAgain(element, again) {
  element.addEventListener(AGAIN, again);
  return () => {
    element.removeEventListener(AGAIN, again);
    element.removeAttribute(ATTRIBUTE);
  };
}

/**
 * The cards that are in the page now.
 * @param {() => Iterable<ParentNode>} roots  where they are: the page, or the shadow roots in it
 * @returns {Book}
 */
export function pageBook(roots = () => [document]) {
  const cards = () => [...roots()].flatMap((root) => [...root.querySelectorAll(`[${ATTRIBUTE}]`)]);
  return {
    notes: () => cards().map((card) => JSON.parse(card.getAttribute(ATTRIBUTE) ?? "{}")),
    clear() {
      for (const card of cards()) card.dispatchEvent(new CustomEvent(AGAIN));
    },
    watch(changed) {
      document.addEventListener(NOTED, changed);
      return () => document.removeEventListener(NOTED, changed);
    },
  };
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function objectOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? /** @type {Record<string, unknown>} */ (value)
    : {};
}
