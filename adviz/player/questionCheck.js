// @ts-check
/** Whether the answer to a question is right, as adviz/tutor/replies.py says it. */
import { check } from "./answerCheck.js";

/**
 * @typedef {import("./questionDocument.js").Question} Question
 * @typedef {import("./answerEntry.js").Entry} Entry
 * @typedef {"right" | "coarse" | "wrong"} Status
 */

const LARGEST_DIFFERENCE = 1e-6;
/** How exactly numbers are shown. */
const SHOWN = 1e-5;

/**
 * @param {Question} question
 * @param {number[] | Entry[]} answer  entries where numbers are asked for, else as in the document
 * @returns {{status: Status, foreseen: number}}  foreseen: which answer it is; -1 for none of them
 */
export function judge(question, answer) {
  const { expects, foreseen } = question;
  const right = question.right ?? [];
  if (expects === "number" || expects === "numbers") {
    return judgeNumbers(question, right, /** @type {Entry[]} */ (answer));
  }
  const given = /** @type {number[]} */ (answer);
  if (expects === "formula") {
    if (haveSameValues(given, right)) return { status: "right", foreseen: -1 };
    return {
      status: "wrong",
      foreseen: foreseen.findIndex((f) => haveSameValues(given, f.answer)),
    };
  }
  if (expects === "choices") {
    const wrong = new Set([
      ...given.filter((place) => !right.includes(place)),
      ...right.filter((place) => !given.includes(place)),
    ]);
    if (wrong.size === 0) return { status: "right", foreseen: -1 };
    const known = foreseen.findIndex((f) => f.answer.every((place) => wrong.has(place)));
    return { status: "wrong", foreseen: known };
  }
  const status = equal(given, right) ? "right" : "wrong";
  const known = foreseen.findIndex((f) => equal(f.answer, given));
  return { status, foreseen: expects === "order" && status === "right" ? -1 : known };
}

/** @param {Question} question @param {number[]} right @param {Entry[]} entries */
function judgeNumbers({ tolerance, foreseen }, right, entries) {
  /** @param {Entry} entry @param {number} number @returns {Status} */
  function statusOf(entry, number) {
    if (tolerance !== null) {
      return Math.abs(entry.value - number) <= tolerance ? "right" : "wrong";
    }
    return check(entry, number, [], SHOWN * Math.abs(number)).verdict;
  }

  const found = entries.map((entry, i) => statusOf(entry, right[i]));
  if (found.every((status) => status === "right")) {
    return { status: /** @type {Status} */ ("right"), foreseen: -1 };
  }
  const known = foreseen.findIndex(({ answer }) =>
    entries.every((entry, i) => statusOf(entry, answer[i]) === "right"),
  );
  /** @type {Status} */
  const status = known < 0 && !found.includes("wrong") ? "coarse" : "wrong";
  return { status, foreseen: known };
}

/** Whether formulas have the same values wherever the second has one. @param {number[]} some @param {number[]} others */
function haveSameValues(some, others) {
  const places = [...others.keys()].filter((i) => !Number.isNaN(others[i]));
  return (
    places.length > 0 &&
    places.every(
      (i) => Math.abs(some[i] - others[i]) <= LARGEST_DIFFERENCE * Math.max(1, Math.abs(others[i])),
    )
  );
}

/** @param {number[]} some @param {number[]} others */
function equal(some, others) {
  return some.length === others.length && some.every((x, i) => x === others[i]);
}
