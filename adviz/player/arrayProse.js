// @ts-check
/** What an operation on whole arrays does to tangents and adjoints, in words. */
import { ACCENTS, term } from "./formulas.js";
import { mathText } from "./math.js";
import { workingOf } from "./workings.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

/**
 * What the formula of a step leaves to say.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @returns {string[]}
 */
export function mapSentence(trace, sweep, step) {
  const user = sweep.user(step);
  const form = trace.forms[user];
  if (!form?.isMap) return [];
  const working = workingOf(trace, sweep, step);
  if (working?.layout === "product") return [productSentence(working)];
  const k = Math.max(0, sweep.operand(step));
  const written = mathText(term(trace, user, k, ACCENTS[sweep.pass]).body);
  if (!written.startsWith("∂")) return [];
  const carries = sweep.pass === "forward" ? "tangents through" : "adjoints back through";
  return [`∂${form.op} carries ${carries} ${form.op}.`];
}

/** @param {import("./workings.js").Working} working */
function productSentence({ grids: [left, right], result }) {
  const [a, b] = [mathText(left.name), mathText(right.name)];
  const count = left.columns;
  if (count === 1) return `Each entry is an entry of ${a} times an entry of ${b}.`;
  const row = left.rows === 1 ? a : `a row of ${a}`;
  const column = right.columns === 1 ? b : `a column of ${b}`;
  const each = result.rows * result.columns === 1 ? "It" : "Each entry";
  return `${each} is ${row} times ${column}: ${count} products, summed.`;
}
