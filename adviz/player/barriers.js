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
 * What stands between the present inputs and others. Values and partials are those of the present
 * inputs afterwards.
 * @param {Trace} trace
 * @param {number[]} present
 * @param {number[]} wanted
 * @returns {Barrier | null}
 */
export function barrierTo(trace, present, wanted) {
  const [barrier] = barriersTo(trace, present, [wanted]);
  return barrier;
}

/**
 * The same for several inputs in turn, as many as there is time for.
 * @param {Trace} trace
 * @param {number[]} present
 * @param {Iterable<number[]>} wanted
 * @param {number} [milliseconds]
 * @returns {(Barrier | null)[]}
 */
export function barriersTo(trace, present, wanted, milliseconds = Infinity) {
  const before = Float64Array.from(trace.values, Number);
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
  for (let row = 0; row < trace.count; row++) {
    const value = Number(trace.values[row]);
    if (!Number.isFinite(value) && Number.isFinite(before[row])) {
      return { row, isNaN: Number.isNaN(value) };
    }
  }
  return null;
}
