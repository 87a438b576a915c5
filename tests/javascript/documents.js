// @ts-check
/** What Python wrote for these tests; see documents.py. */
import { readFileSync } from "node:fs";
import { readTrace } from "../../adviz/player/traceDocument.js";

/**
 * @typedef {number | "NaN" | "Infinity" | "-Infinity"} Written  a number as JSON can hold it
 * @typedef {Written | {text: string}} WrittenQuantity
 * @typedef {{tangent: WrittenQuantity, terms: WrittenQuantity[]}} TangentStep
 * @typedef {{row: number, user: number, operand: number, before: WrittenQuantity | null,
 *   amount: WrittenQuantity, after: WrittenQuantity}} Contribution
 * @typedef {{document: any, folded: any, forward: TangentStep[][], reverse: Contribution[][],
 *   tables: {primal: Table, forward: Table[], reverse: Table[]}}} Described
 * @typedef {{shape: number[], dtype: string, numbers: Written[], digits: number, text: string,
 *   entries: string, picture: string[] | null}} DescribedArray
 * @typedef {unknown[][]} Table  a formula in each cell; null in an empty one
 */

const path = process.env.ADVIZ_DOCUMENTS;
if (!path) throw new Error("Run these tests as `python -m tests.javascript`.");

/**
 * @type {{traces: Record<string, Described>, arrays: DescribedArray[], numbers: {digits: number, values: Written[], texts:
 *   string[]}[], scripts: Record<string, string>}}
 */
export const { traces, arrays, numbers, scripts } = JSON.parse(readFileSync(path, "utf8"));

/** The names of the traces, those of numbers alone and all of them. */
export const allNames = Object.keys(traces);
export const scalarNames = allNames.filter((name) => traces[name].document.sweeps === undefined);

/** @param {string} name */
export function traceOf(name) {
  return readTrace(traces[name].document);
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
