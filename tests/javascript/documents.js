// @ts-check
/** What Python wrote for these tests; see documents.py. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { sweepOf, unit } from "../../adviz/player/sweeps.js";
import { readTrace } from "../../adviz/player/traceDocument.js";

/**
 * @typedef {number | "NaN" | "Infinity" | "-Infinity"} Written  a number as JSON can hold it
 * @typedef {Written | {text: string}} WrittenQuantity
 * @typedef {{tangent: WrittenQuantity, terms: WrittenQuantity[]}} TangentStep
 * @typedef {{row: number, user: number, operand: number, before: WrittenQuantity | null,
 *   amount: WrittenQuantity, after: WrittenQuantity}} Contribution
 * @typedef {{document: any, notes: string[], folded: any, partials: (Written | null)[][], forward: TangentStep[][], reverse: Contribution[][],
 *   tables: {primal: Table, forward: Table[], reverse: Table[]}}} Described
 * @typedef {{shape: number[], dtype: string, numbers: Written[], digits: number, text: string,
 *   entries: string, picture: string[] | null}} DescribedArray
 * @typedef {{direction: number[], tangents: number[][], terms: number[][][], weights: number[],
 *   adjoints: Record<string, number[]>}} Combined  of inputs that move at once, outputs weighed
 * @typedef {unknown[][]} Table  a formula in each cell; null in an empty one
 */

const path = process.env.ADVIZ_DOCUMENTS;
if (!path) throw new Error("Run these tests as `python -m tests.javascript`.");

/**
 * Numbers that Python computed, each with how far off the page's may be; null where a row is not
 * reached.
 * @typedef {([Written, Written] | null)[]} Slackened
 * @typedef {{inputs: number[], obstacle?: number, direction: number[], weights: number[],
 *   values: Slackened, tangents: Slackened, adjoints: Slackened}} Case
 * @typedef {{name: string, program: unknown, cases: (Written | "-0")[][][]}} Special  operands,
 *   value, partials
 */

/**
 * An exercise, with answers by cells and what Python found to say of them.
 * @typedef {{document: any, numbers: Written[], cases: {answers: [number, string][], unread: number[],
 *   findings: any[]}[], hints: [number, string[]][],
 *   elsewhere: [number[], Written[]] | null}} Answered
 */

/**
 * @type {{agreement: {document: any, cases: Case[]}[], specials: Special[], exercises: Answered[], questions: {document: any, cases: [any[], string | null, string][]}[], traces: Record<string, Described>, combined:
 *   Record<string, Combined>, arrays: DescribedArray[], numbers: {digits: number, values: Written[], texts:
 *   string[]}[], batch: number[], scripts: Record<string, string>}}  batch: a matrix that is a
 *   constant of the trace of that name
 */
export const {
  agreement,
  specials,
  exercises,
  questions,
  traces,
  combined,
  arrays,
  numbers,
  batch,
  scripts,
} = JSON.parse(readFileSync(path, "utf8"));

/** The names of the traces, those of numbers alone and all of them. */
export const allNames = Object.keys(traces);
export const scalarNames = allNames.filter((name) => traces[name].document.sweeps === undefined);

/** @param {string} name */
export function traceOf(name) {
  return readTrace(traces[name].document);
}

/**
 * A pass seeded with 1 in one input or output, and with 0 in the others.
 * @param {import("../../adviz/player/trace.js").Trace} trace
 * @param {import("../../adviz/player/trace.js").Pass} pass
 * @param {number} choice
 */
export function passOf(trace, pass, choice) {
  const { length } = pass === "reverse" ? trace.outputs : trace.inputs;
  return sweepOf(trace, pass, unit(choice, length));
}

/**
 * Asserts that what the page computed is what Python computed, but for rounding: the functions of
 * two mathematical libraries may differ in the last digit.
 * @param {any} actual
 * @param {any} expected
 * @param {string} [message]
 */
export function assertClose(actual, expected, message) {
  if (typeof actual === "number" && typeof expected === "number") {
    const scale = Math.max(Math.abs(actual), Math.abs(expected));
    assert.ok(Math.abs(actual - expected) <= 1e-12 * scale, `${message}: ${actual}, ${expected}`);
  } else if (typeof expected === "object" && expected !== null) {
    assert.deepEqual(Object.keys(actual), Object.keys(expected), message);
    for (const key of Object.keys(expected)) assertClose(actual[key], expected[key], message);
  } else assert.equal(actual, expected, message);
}

/**
 * A quantity in the player as Python would have written it.
 * @param {import("../../adviz/player/trace.js").Quantity} quantity
 */
export function written(quantity) {
  return typeof quantity === "object" ? { text: quantity.text } : jsonNumber(quantity);
}

/** A number as it is meant. @param {Written} x */
export function numberOf(x) {
  return Number(x);
}

/** @param {number} x @returns {Written} */
function jsonNumber(x) {
  return Number.isFinite(x) ? x : /** @type {Written} */ (String(x));
}

/**
 * A copy of a document with one thing in it exchanged.
 * @param {any} document
 * @param {(string | number)[]} path
 * @param {unknown} value
 */
export function edited(document, path, value) {
  const copy = structuredClone(document);
  const last = path.slice(0, -1).reduce((part, key) => part[key], copy);
  last[path[path.length - 1]] = value;
  return copy;
}
