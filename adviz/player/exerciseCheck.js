// @ts-check
/**
 * Which rule was misapplied: answers compared with what wrong rules give, as adviz/tutor/diagnosis.py
 * does it. First a single mistake is looked for that explains all answers together; then each answer
 * is looked at by itself, computed from the learner's own earlier ones.
 */
import { isClose, isRight, isRounded, MOST_REASONS, RELATIVE } from "./answerCheck.js";
import { computed, numbersOf } from "./exerciseDocument.js";

/**
 * @typedef {import("./answerEntry.js").Entry} Entry
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseDocument.js").Cell} Cell
 * @typedef {import("./exerciseDocument.js").WrongRule} WrongRule
 */

/**
 * What is to be said of one answer: right; follows: right, given the learner's own earlier entries;
 * coarse: right as far as it goes, but with too few digits to tell; wrong.
 * @typedef {object} Finding
 * @property {"right" | "follows" | "coarse" | "wrong"} status
 * @property {WrongRule[]} reasons  the mistakes that give this answer, where it is wrong
 * @property {number[]} earlier  the cells of the wrong entries that it goes on from
 */

/**
 * @param {Exercise} exercise  that holds its answers
 * @param {Map<number, Entry>} entries  by the places of their cells; not all need to be there
 * @param {number[]} [inputs]  where they are others than those of the document
 * @returns {Map<number, Finding>}
 */
export function diagnose(exercise, entries, inputs) {
  const right = numbersOf(exercise, inputs);
  const places = [...entries.keys()].sort((a, b) => a - b);
  const column = mistakesOfAll(exercise, right, entries, places);
  const known = right.slice();
  /** @type {Map<number, Finding>} */
  const findings = new Map();
  for (const place of places) {
    const entry = /** @type {Entry} */ (entries.get(place));
    known[place] = entry.value;
    findings.set(place, findingOf(exercise, place, entry, right, known, findings, column));
  }
  return findings;
}

/**
 * @param {Exercise} exercise
 * @param {number} place
 * @param {Entry} entry
 * @param {Float64Array} right
 * @param {Float64Array} known
 * @param {Map<number, Finding>} findings
 * @param {Set<string>} column
 * @returns {Finding}
 */
function findingOf(exercise, place, entry, right, known, findings, column) {
  const cell = exercise.cells[place];
  let slack = 10 ** (1 - exercise.digits) * sizeOf(exercise, cell, right, right[place]);
  if (isRight(entry, right[place], slack)) return { status: "right", reasons: [], earlier: [] };
  const earlier = cell.reads.filter((j) => /wrong|follows/.test(findings.get(j)?.status ?? ""));
  if (earlier.length > 0) {
    const expected = numberOf(exercise, cell, known);
    // What goes on from an entry is as exact as the entry.
    slack = RELATIVE * sizeOf(exercise, cell, known, expected);
    if (isRight(entry, expected, slack)) return { status: "follows", reasons: [], earlier };
  }
  for (const numbers of earlier.length > 0 ? [known, right] : [known]) {
    const reasons = reasonsFor(exercise, cell, numbers, slack, column, (number) =>
      isClose(entry.value, number, slack),
    );
    if (reasons.length > 0) return { status: "wrong", reasons, earlier: [] };
  }
  if (isRounded(entry, right[place])) return { status: "coarse", reasons: [], earlier: [] };
  const reasons = reasonsFor(exercise, cell, known, slack, column, (number) =>
    isRounded(entry, number),
  );
  return { status: "wrong", reasons, earlier: [] };
}

/**
 * The likeliest wrong rules that give the answer, each mistake once.
 * @param {Exercise} exercise
 * @param {Cell} cell
 * @param {Float64Array} numbers
 * @param {number} slack
 * @param {Set<string>} column
 * @param {(number: number) => boolean} fits
 */
function reasonsFor(exercise, cell, numbers, slack, column, fits) {
  const expected = numberOf(exercise, cell, numbers);
  exercise.run(numbers);
  /** @type {Map<string, WrongRule>} */
  const found = new Map();
  for (const wrong of [...cell.wrong].sort((a, b) => a.rank - b.rank)) {
    const value = wrong.compute(numbers);
    // What gives the right number is no mistake, and every number is close to an infinite one.
    if (!Number.isFinite(value) || isClose(value, expected, slack)) continue;
    const name = wrong.mistakes.join();
    if (fits(value) && !found.has(name)) found.set(name, wrong);
  }
  const all = [...found.values()];
  const inColumn = all.filter((wrong) => wrong.mistakes.every((name) => column.has(name)));
  const reasons = inColumn.length > 0 ? inColumn : all;
  return reasons.filter(({ rank }) => rank === reasons[0].rank).slice(0, MOST_REASONS);
}

/**
 * The mistakes each of which, made wherever it can be made, explains all answers.
 * @param {Exercise} exercise
 * @param {Float64Array} right
 * @param {Map<number, Entry>} entries
 * @param {number[]} places
 * @returns {Set<string>}
 */
function mistakesOfAll(exercise, right, entries, places) {
  /** @param {(entry: Entry, place: number) => boolean} test */
  const all = (test) => [...entries].every(([place, entry]) => test(entry, place));
  if (all((entry, place) => isRight(entry, right[place], 0))) return new Set();
  const names = places.flatMap((place) =>
    exercise.cells[place].wrong.flatMap(({ mistakes }) => (mistakes.length === 1 ? mistakes : [])),
  );
  return new Set(
    [...new Set(names)].filter((name) => {
      const numbers = simulated(exercise, right, places, name);
      return all(
        (entry, place) =>
          isClose(entry.value, numbers[place], 0) || isRounded(entry, numbers[place]),
      );
    }),
  );
}

/**
 * The numbers of somebody who makes a mistake wherever it can be made.
 * @param {Exercise} exercise
 * @param {Float64Array} right
 * @param {number[]} places
 * @param {string} name
 */
function simulated(exercise, right, places, name) {
  const numbers = right.slice();
  for (const place of places) {
    const cell = exercise.cells[place];
    // The last of them is the one of all uses together, where there is one.
    const made = cell.wrong.findLast(({ mistakes }) => mistakes.join() === name);
    numbers[place] = made
      ? computed(exercise, made.compute, numbers)
      : numberOf(exercise, cell, numbers);
  }
  return numbers;
}

/** How large the numbers are that a cell's number is computed from. @param {Exercise} exercise @param {Cell} cell @param {Float64Array} numbers @param {number} value */
function sizeOf(exercise, cell, numbers, value) {
  exercise.run(numbers);
  const sizes = [value, ...cell.terms.map((term) => term(numbers))].map(Math.abs);
  return Math.max(0, ...sizes.filter(Number.isFinite));
}

/** @param {Exercise} exercise @param {Cell} cell @param {Float64Array} numbers */
function numberOf(exercise, cell, numbers) {
  return cell.compute === null ? Number(cell.number) : computed(exercise, cell.compute, numbers);
}
