// @ts-check
/** What the cells of the ruler stand for: steps, or the passes of the longest loop. */
import { longestLoop, namesOf } from "./passes.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

/**
 * One target of the ruler.
 * @typedef {object} Cell
 * @property {number} first  the stop that it leads to
 * @property {string} text  what stands in it; "" where that is the symbol of its row
 * @property {string} name  what it stands for, to be told
 * @property {number} slot  its row; of passes, the one whose value the bar shows
 */

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {Int32Array} stops  the steps at which the reader stops
 * @param {number} most  how many cells there may be
 * @returns {{cells: Cell[], cellOf: Int32Array, isOfPasses: boolean}}  by stop, the cell it is in
 */
export function cellsOf(trace, sweep, stops, most) {
  const loop = longestLoop(trace);
  return loop
    ? cellsOfPasses(trace, sweep, stops, loop.passes, most)
    : cellsOfSteps(sweep, stops, most);
}

/**
 * @param {Sweep} sweep
 * @param {Int32Array} stops
 * @param {number} most
 */
function cellsOfSteps(sweep, stops, most) {
  const size = Math.ceil(stops.length / most);
  /** @type {Cell[]} */
  const cells = [];
  const cellOf = Int32Array.from(stops, (_, stop) => Math.floor(stop / size));
  for (let first = 0; first < stops.length; first += size) {
    const last = Math.min(first + size, stops.length) - 1;
    const text = size === 1 ? "" : String(first + 1);
    const name = first === last ? `step ${first + 1}` : `steps ${first + 1} to ${last + 1}`;
    cells.push({ first, text, name, slot: sweep.row(stops[first]) });
  }
  return { cells, cellOf, isOfPasses: false };
}

/**
 * Passes stand in the order of the program, whichever way the sweep goes. What is done before and
 * after the loop belongs to the passes at its ends.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {Int32Array} stops
 * @param {number[]} passes
 * @param {number} most
 */
function cellsOfPasses(trace, sweep, stops, passes, most) {
  const { groups, count } = trace;
  const size = Math.ceil(passes.length / most);
  const cellOfSlot = new Int32Array(count).fill(-1);
  /** @type {Cell[]} */
  const cells = [];
  for (let k = 0; k < passes.length; k += size) {
    const [first, last] = [
      groups[passes[k]],
      groups[passes[Math.min(k + size, passes.length) - 1]],
    ];
    cellOfSlot.fill(cells.length, first.start, last.stop);
    const { values, place } = namesOf(first, last);
    cells.push({
      first: -1,
      text: first.variables[0]?.value ?? String(first.number || ""),
      name: [values, place].filter(Boolean).join(", "),
      slot: last.stop - 1,
    });
  }
  const end = groups[passes[passes.length - 1]].stop;
  const cellOf = new Int32Array(stops.length);
  stops.forEach((step, stop) => {
    let cell = cellOfSlot[sweep.row(step)];
    if (cell < 0) cell = cellOfSlot[sweep.user(step)];
    if (cell < 0) cell = sweep.user(step) >= end ? cells.length - 1 : 0;
    cellOf[stop] = cell;
    // A pass begins with its own rows.
    if (cells[cell].first < 0 && cellOfSlot[sweep.row(step)] === cell) cells[cell].first = stop;
  });
  return { cells, cellOf, isOfPasses: true };
}

/**
 * How high bars are, from 0 to 1, for numbers: the lowest still has one that can be seen.
 * @param {number[]} numbers
 */
export function barHeights(numbers) {
  const finite = numbers.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(0, ...finite);
  return numbers.map((number) =>
    Number.isFinite(number) && high > low ? Math.max(0.08, (number - low) / (high - low)) : 0,
  );
}
