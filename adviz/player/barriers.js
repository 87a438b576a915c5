// @ts-check
/**
 * Inputs that a trace cannot follow to: where a comparison would turn out otherwise, and where an
 * operation is not defined.
 */
import { evaluate } from "./evaluation.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Decision} Decision
 * @typedef {import("./stops.js").Stop} Stop
 * @typedef {{decision: Decision} | {row: number, isNaN: boolean}} Barrier
 */

/**
 * What stands between the present inputs and others. Where nothing does, the trace is evaluated at
 * the others afterwards; else it is as it was.
 * @param {Trace} trace
 * @param {number[]} present
 * @param {number[]} wanted
 * @returns {Barrier | null}
 */
export function barrierTo(trace, present, wanted) {
  const barrier = barrierFrom(trace, valuesOf(trace), wanted);
  if (barrier) evaluate(trace, present);
  return barrier;
}

/**
 * The same for several inputs in turn, as many as there is time for. Afterwards the trace is as it
 * was.
 * @param {Trace} trace
 * @param {number[]} present
 * @param {Iterable<number[]>} wanted
 * @param {number} [milliseconds]
 * @returns {(Barrier | null)[]}
 */
export function barriersTo(trace, present, wanted, milliseconds = Infinity) {
  const before = valuesOf(trace);
  const found = [];
  const end = performance.now() + milliseconds;
  for (const inputs of wanted) {
    found.push(barrierFrom(trace, before, inputs));
    if (performance.now() > end) break;
  }
  evaluate(trace, present);
  return found;
}

/**
 * @param {Trace} trace
 * @param {Float64Array} before  the values of the present inputs
 * @param {number[]} wanted
 * @returns {Barrier | null}
 */
function barrierFrom(trace, before, wanted) {
  const obstacle = evaluate(trace, wanted);
  if (obstacle) return { decision: obstacle.decision };
  const values = /** @type {Float64Array} */ (trace.values);
  const row = values.findIndex((value, k) => !Number.isFinite(value) && Number.isFinite(before[k]));
  return row < 0 ? null : { row, isNaN: Number.isNaN(values[row]) };
}

/** A copy of the values of a live trace, which are all numbers. @param {Trace} trace */
function valuesOf(trace) {
  return Float64Array.from(/** @type {ArrayLike<number>} */ (trace.values));
}
