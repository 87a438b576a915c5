// @ts-check
/** Which calls are folded, and which steps that leaves of a sweep: a folded call is one step. */

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

/**
 * @typedef {object} Folding
 * @property {() => number[]} closed  the groups that are closed
 * @property {(group: number) => boolean} isClosed
 * @property {(group: number) => void} toggle
 * @property {(slot: number) => number} groupOf  the closed group that a row is hidden in, the
 *   outermost; −1 where it is shown
 * @property {() => boolean} isFolded  whether all the calls that fold are closed
 * @property {number} version  another one whenever other groups are closed
 * @property {(sweep: Sweep) => Int32Array} stops  the steps of a sweep at which the reader
 *   stops: all but those inside closed groups, of which the last remains
 * @property {(sweep: Sweep, step: number) => number} groupAt  the closed group that a step passes;
 *   −1 for none
 */

/**
 * @param {Trace} trace
 * @param {number[] | null} wanted  the groups that are closed at first; null where the document
 *   decides
 * @returns {Folding}
 */
export function createFolding(trace, wanted) {
  const { groups } = trace;
  const folds = groups.flatMap(({ folds }, group) => (folds ? [group] : []));
  const closed = new Set(
    (wanted ?? (trace.view.folded ? folds : [])).filter((group) => group in groups),
  );
  const hidden = new Int32Array(trace.count);
  let version = 0;
  cover();

  function cover() {
    version += 1;
    hidden.fill(-1);
    let until = 0;
    groups.forEach(({ start, stop }, group) => {
      if (!closed.has(group) || start < until) return;
      hidden.fill(group, start, stop);
      until = stop;
    });
  }

  /** @param {Sweep} sweep @param {number} step */
  function groupAt(sweep, step) {
    // The seed is no group's: it comes from outside.
    return sweep.pass === "reverse" && step === 0 ? -1 : hidden[sweep.user(step)];
  }

  return {
    closed: () => [...closed].sort((a, b) => a - b),
    isClosed: (group) => closed.has(group),
    toggle(group) {
      if (!closed.delete(group)) closed.add(group);
      cover();
    },
    groupOf: (slot) => hidden[slot],
    get version() {
      return version;
    },
    isFolded: () => folds.length > 0 && folds.every((group) => hidden[groups[group].start] >= 0),
    groupAt,
    stops(sweep) {
      const stops = new Int32Array(sweep.length);
      let count = 0;
      for (let step = 0; step < sweep.length; step++) {
        const group = groupAt(sweep, step);
        if (group < 0 || step + 1 === sweep.length || groupAt(sweep, step + 1) !== group) {
          stops[count++] = step;
        }
      }
      return stops.subarray(0, count);
    },
  };
}

/**
 * What comes into a group from outside, and what goes out of it: rows outside that its rows use,
 * rows inside that others use or that are outputs.
 * @param {Trace} trace
 * @param {(slot: number) => number[]} uses
 * @param {number} group
 */
export function boundary(trace, uses, group) {
  const { start, stop } = trace.groups[group];
  /** @type {Set<number>} */
  const sources = new Set();
  /** @type {number[]} */
  const results = [];
  for (let slot = start; slot < stop; slot++) {
    for (const operand of trace.operands[slot]) {
      if (operand !== null && operand < start) sources.add(operand);
    }
    if (uses(slot).some((user) => user >= stop) || trace.outputs.some(({ row }) => row === slot)) {
      results.push(slot);
    }
  }
  return {
    sources: [...sources].sort((a, b) => a - b),
    results: results.length > 0 ? results : [stop - 1],
  };
}
