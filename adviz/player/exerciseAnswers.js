// @ts-check
/**
 * What a learner has entered in an exercise, what is said of it, and how each blank was solved. What
 * is kept, with a saved notebook or by the browser, is read again as if anybody could have written it.
 */
import { diagnose, readAnswer } from "./exerciseCheck.js";
import { mathText } from "./math.js";
import { entryText } from "./numberEntry.js";

/**
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseDocument.js").Cell} Cell
 * @typedef {import("./exerciseCheck.js").Finding} Finding
 * @typedef {import("./answerEntry.js").Entry} Entry
 */

/**
 * What stands beside an entry: a finding's status; unread, where it is not understood; moved, where it
 * went with an earlier entry that is another one now; shown, where the solution was shown; "" as long
 * as it is not checked.
 * @typedef {Finding["status"] | "unread" | "moved" | "shown" | ""} Mark
 *
 * How a blank was solved: at the first check or at a later one, or shown; wrong, not yet.
 * @typedef {"first" | "later" | "shown" | "wrong"} Course
 *
 * All that is kept, by the keys of the blanks.
 * @typedef {object} Kept
 * @property {Record<string, string>} entries
 * @property {string[]} checked
 * @property {Record<string, Course>} solved
 * @property {Record<string, number>} hints  how many are open
 * @property {number} [variant]  which of the exercise's other inputs were taken, from 1
 */

const MOST_CHARACTERS = 200;
const COURSES = new Set(["first", "later", "shown", "wrong"]);

/**
 * @param {Exercise} exercise
 * @param {unknown} [kept]  what was kept of it before
 */
export function createAnswers(exercise, kept) {
  const { cells, blanks } = exercise;
  /** @type {Map<number, string>} */
  const texts = new Map();
  /** @type {Set<number>} */
  const checked = new Set();
  /** @type {Map<number, Course>} */
  const solved = new Map();
  /** Entries that went with a wrong one when they were checked. @type {Set<number>} */
  const followed = new Set();
  /** What was read when findings were made. @type {Map<number, Entry>} */
  let entries = new Map();
  /** @type {Map<number, Finding>} */
  let findings = new Map();
  /** How many hints are open. @type {Map<number, number>} */
  const hints = new Map();

  restore(kept);

  /** @param {unknown} from */
  function restore(from) {
    clear();
    const given = objectOf(from);
    const [typed, courses] = [objectOf(given.entries), objectOf(given.solved)];
    const opened = objectOf(given.hints);
    const marked = new Set(Array.isArray(given.checked) ? given.checked : []);
    for (const place of blanks) {
      const { key } = cells[place];
      const [text, course] = [own(typed, key), own(courses, key)];
      if (typeof text === "string") texts.set(place, text.slice(0, MOST_CHARACTERS));
      if (typeof course === "string" && COURSES.has(course)) {
        solved.set(place, /** @type {Course} */ (course));
      }
      if (marked.has(key)) checked.add(place);
      const count = Number(own(opened, key));
      if (Number.isInteger(count) && count > 0) hints.set(place, count);
    }
    diagnoseAll();
    for (const place of blanks) if (mark(place) === "follows") followed.add(place);
  }

  function clear() {
    for (const all of [texts, checked, solved, followed, hints]) all.clear();
    diagnoseAll();
  }

  /** Reads the entries, and finds out what is to be said of them. */
  function diagnoseAll() {
    entries = new Map();
    for (const place of blanks) {
      const entry = readAnswer(exercise, place, text(place));
      if (entry) entries.set(place, entry);
    }
    findings = exercise.holdsAnswers ? diagnose(exercise, entries) : new Map();
  }

  /** @param {number} place */
  function text(place) {
    return texts.get(place) ?? "";
  }

  /** @param {number} place @returns {Mark} */
  function mark(place) {
    if (isShown(place)) return "shown";
    if (!checked.has(place)) return followed.has(place) ? "moved" : "";
    return findings.get(place)?.status ?? (text(place).trim() === "" ? "" : "unread");
  }

  /** @param {number} place */
  function isShown(place) {
    return solved.get(place) === "shown";
  }

  /** @param {number} place */
  function isRight(place) {
    return ["right", "follows"].includes(mark(place));
  }

  /** @template T @param {Map<number, T>} all @returns {Record<string, T>} */
  function byKey(all) {
    return Object.fromEntries([...all].map(([place, each]) => [cells[place].key, each]));
  }

  /** @param {number} place */
  function record(place) {
    const before = solved.get(place);
    if (isRight(place)) {
      if (before === undefined || before === "wrong") {
        solved.set(place, before === "wrong" ? "later" : "first");
      }
    } else if (mark(place) === "wrong" && before === undefined) solved.set(place, "wrong");
  }

  return {
    text,
    mark,
    isRight,
    isShown,
    /** The entries as they were read for the findings. */
    entries: () => entries,
    /** @param {number} place */
    finding: (place) => findings.get(place) ?? null,
    /** @param {number} place */
    hints: (place) => hints.get(place) ?? 0,
    /** @param {number} place */
    openHint(place) {
      hints.set(place, (hints.get(place) ?? 0) + 1);
    },

    /** What is typed takes the entry's own mark away, at once. @param {number} place @param {string} typed */
    type(place, typed) {
      texts.set(place, typed.slice(0, MOST_CHARACTERS));
      checked.delete(place);
      followed.delete(place);
    },

    /** An entry is done with: those that went with another one of it are checked afresh. */
    settle() {
      diagnoseAll();
      for (const place of blanks) {
        if (!followed.has(place) || !checked.has(place)) continue;
        if (!isRight(place)) checked.delete(place);
      }
    },

    /** @param {number[]} places */
    check(places) {
      diagnoseAll();
      for (const place of places) {
        if (isShown(place) || text(place).trim() === "") continue;
        checked.add(place);
        if (mark(place) === "follows") followed.add(place);
        else followed.delete(place);
        record(place);
      }
    },

    /** Fills in what is not right yet. */
    show() {
      const open = blanks.filter((place) => mark(place) !== "right");
      // Those that went with a wrong entry were understood: they follow the right one.
      const unknown = open.filter((place) => mark(place) !== "follows");
      for (const place of open) {
        texts.set(place, solution(cells[place], exercise.digits));
        checked.add(place);
      }
      for (const place of unknown) solved.set(place, "shown");
      followed.clear();
      diagnoseAll();
    },

    restore,
    clear,

    isEmpty: () =>
      hints.size === 0 && solved.size === 0 && [...texts.values()].every((t) => t === ""),

    /** How the blanks were solved. */
    tally() {
      const tally = { first: 0, later: 0, shown: 0 };
      for (const place of blanks) {
        const course = solved.get(place);
        if (course === "shown" || (isRight(place) && (course === "first" || course === "later"))) {
          tally[course] += 1;
        }
      }
      return tally;
    },

    /** @returns {Kept} */
    kept() {
      const filled = blanks.filter((place) => text(place) !== "");
      return {
        entries: Object.fromEntries(filled.map((place) => [cells[place].key, text(place)])),
        checked: filled.filter((place) => checked.has(place)).map((place) => cells[place].key),
        solved: byKey(solved),
        hints: byKey(hints),
      };
    },
  };
}

/** The right answer, as it can be typed. @param {Cell} cell @param {number} digits */
function solution(cell, digits) {
  if (cell.kind === "choice") return cell.choices[Number(cell.number)] ?? "";
  if (cell.formula !== null) return mathText(cell.formula);
  return entryText(Number(Number(cell.number).toPrecision(digits)));
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function objectOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? /** @type {Record<string, unknown>} */ (value)
    : {};
}

/** @param {Record<string, unknown>} object @param {string} key */
function own(object, key) {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
