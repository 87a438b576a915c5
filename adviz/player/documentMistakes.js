// @ts-check
/** Reads what a trace document brings for finding the mistake behind a wrong answer. */
import { asList, asObject, asText, check, MAX_NAME } from "./documentChecks.js";
import { readCode } from "./documentPrograms.js";

/**
 * @typedef {import("./evaluation.js").Code} Code
 */

/**
 * A wrong rule: arithmetic in place of the right one.
 * @typedef {{name: string, wrong: Code}} Mistake
 */

/**
 * The wrong rules of adviz/mistakes.py, which says what numbers each sort is given.
 * @typedef {object} Mistakes
 * @property {Map<string, Mistake[]>} values  by operation
 * @property {Map<string, Mistake[][]>} slopes  by operation, for each operand
 * @property {Map<string, Mistake[]>} rows  by operation
 * @property {Mistake[]} uses
 * @property {{reverse: Mistake[], forward: Mistake[]}} sums
 */

const MAX_MISTAKES = 40;
const MAX_ARITY = 2;
const NUMBERS_IN_A_USE = 5;
const NUMBERS_IN_A_SUM = 4;
/** Enough for the lines of any program. */
export const MOST_NUMBERS = 1010;

/**
 * @param {unknown} value  undefined where a document has none
 * @returns {Mistakes}
 */
export function readMistakes(value) {
  const fields = value === undefined ? {} : asObject(value, "mistakes");
  const sums = asObject(fields.sums ?? {}, "mistakes.sums");
  return {
    values: byOperation(fields.values, (entry) => readList(entry, MAX_ARITY + 1)),
    rows: byOperation(fields.rows, (entry) => readList(entry, MAX_ARITY + 1)),
    slopes: byOperation(fields.slopes, (entry) => {
      const lists = asList(entry, "mistakes.slopes");
      check(lists.length <= MAX_ARITY, "a mistake has too many operands");
      return lists.map((list) => readList(list, lists.length + 1));
    }),
    uses: readList(fields.uses ?? [], NUMBERS_IN_A_USE),
    sums: {
      reverse: readList(sums.reverse ?? [], NUMBERS_IN_A_SUM),
      forward: readList(sums.forward ?? [], NUMBERS_IN_A_SUM),
    },
  };
}

/**
 * @template T
 * @param {unknown} value
 * @param {(entry: unknown) => T} read
 * @returns {Map<string, T>}
 */
function byOperation(value, read) {
  const entries = Object.entries(asObject(value ?? {}, "mistakes"));
  return new Map(entries.map(([name, entry]) => [asText(name, MAX_NAME, "mistakes"), read(entry)]));
}

/** @param {unknown} value @param {number} count  how many numbers they are given @returns {Mistake[]} */
function readList(value, count) {
  const list = asList(value, "mistakes");
  check(list.length <= MAX_MISTAKES, "it has too many mistakes");
  return list.map((entry) => {
    const [name, code] = asList(entry, "mistakes");
    return { name: asText(name, MAX_NAME, "mistakes"), wrong: readCode(code, count - 1) };
  });
}
