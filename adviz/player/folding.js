// @ts-check
/**
 * Which groups are folded, and which steps that leaves of a sweep. A folded call is one step. A folded
 * pass of a loop is opened by the step that enters it, and closed again by the one that leaves it.
 */

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

/**
 * @typedef {object} Folding
 * @property {() => number[]} closed  the groups that are folded, those that a step has opened included
 * @property {(group: number) => boolean} isClosed  whether it is folded and not opened
 * @property {(group: number) => void} toggle
 * @property {(slot: number) => boolean} enter  opens the folded passes around a row, and closes
 *   those that were opened so; returns whether that changed anything
 * @property {(group: number) => void} hold  keeps a folded pass closed although the step is in it
 * @property {(slot: number) => number} groupOf  the closed group that a row is hidden in, the
 *   outermost; −1 where it is shown
 * @property {(group: number) => {first: number, last: number}} runOf  the closed passes one after
 *   the other that a closed pass is one of
 * @property {(slot: number) => number[]} groupsAround  the groups that a row is in, innermost first
 * @property {number} version  another one whenever other groups are closed
 * @property {(sweep: Sweep) => Int32Array} stops  the steps of a sweep at which the reader
 *   stops: all but those inside folded calls, of which the last remains
 * @property {(sweep: Sweep, step: number) => number} callAt  the folded call that a step passes
 * @property {(sweep: Sweep, step: number) => number} groupAt  the folded call that a step passes, or
 *   the pass that is held closed; −1 for none
 */

/**
 * @param {Trace} trace
 * @param {unknown} wanted  the groups that are closed at first; the document decides where it is no
 *   list
 * @returns {Folding}
 */
export function createFolding(trace, wanted) {
  const { groups } = trace;
  const folds = groups.flatMap(({ folds }, group) => (folds ? [group] : []));
  const closed = Array.isArray(wanted) ? wanted : trace.view.folded ? folds : [];
  /** @type {Set<number>} */
  const folded = new Set(closed.filter((group) => Number.isInteger(group) && group in groups));
  const { innermost, around } = nesting(trace);
  /** By slot: the outermost closed group; and the outermost folded call, open passes or not. */
  const hidden = new Int32Array(trace.count);
  const passed = new Int32Array(trace.count);
  /** The passes that a step has opened, outermost first; and the one that is held closed. */
  let opened = /** @type {number[]} */ ([]);
  let held = -1;
  let version = 0;
  coverAll();

  /** @param {number} group */
  function isClosed(group) {
    return folded.has(group) && !opened.includes(group);
  }

  function coverAll() {
    version += 1;
    cover(hidden, 0, groups.length, isClosed);
    cover(passed, 0, groups.length, (group) => folded.has(group) && groups[group].loop === null);
  }

  /**
   * Hides the rows of those groups between two that are closed.
   * @param {Int32Array} rows
   * @param {number} first
   * @param {number} end
   * @param {(group: number) => boolean} hides
   */
  function cover(rows, first, end, hides) {
    if (first === 0) rows.fill(-1);
    let until = 0;
    for (let group = first; group < end; group++) {
      const { start, stop } = groups[group];
      if (start < until || !hides(group)) continue;
      rows.fill(group, start, stop);
      until = stop;
    }
  }

  /** Shows the rows of a pass, but for those of closed groups inside. @param {number} pass */
  function uncover(pass) {
    const { start, stop } = groups[pass];
    hidden.fill(-1, start, stop);
    let end = pass + 1;
    while (end < groups.length && groups[end].start < stop) end++;
    cover(hidden, pass + 1, end, isClosed);
  }

  /** @param {number} slot */
  function groupsAround(slot) {
    const found = [];
    for (let group = innermost[slot]; group >= 0; group = around[group]) found.push(group);
    return found;
  }

  return {
    closed: () => [...folded].sort((a, b) => a - b),
    isClosed,
    toggle(group) {
      if (isClosed(group)) folded.delete(group);
      else folded.add(group);
      opened = opened.filter((pass) => pass !== group);
      held = -1;
      coverAll();
    },
    enter(slot) {
      const outer = groupsAround(slot).reverse();
      const until = outer.findIndex((group) => folded.has(group) && groups[group].loop === null);
      const entered = (until < 0 ? outer : outer.slice(0, until)).filter((group) =>
        folded.has(group),
      );
      const released = held >= 0;
      held = -1;
      if (entered.length === opened.length && entered.every((pass, i) => pass === opened[i])) {
        return released;
      }
      const left = opened.filter((pass) => !entered.includes(pass));
      const added = entered.filter((pass) => !opened.includes(pass));
      opened = entered;
      for (const pass of left.reverse()) {
        hidden.fill(pass, groups[pass].start, groups[pass].stop);
      }
      for (const pass of added) uncover(pass);
      version += 1;
      return true;
    },
    hold(group) {
      held = group;
    },
    groupOf: (slot) => hidden[slot],
    runOf(group) {
      const { loop } = groups[group];
      if (!loop) return { first: group, last: group };
      const { passes } = loop;
      /** @param {number} k */
      const isHidden = (k) =>
        k >= 0 && k < passes.length && hidden[groups[passes[k]].start] === passes[k];
      let k = indexIn(passes, group);
      let end = k;
      if (group !== held) {
        while (isHidden(k - 1) && passes[k - 1] !== held) k -= 1;
        while (isHidden(end + 1) && passes[end + 1] !== held) end += 1;
      }
      return { first: passes[k], last: passes[end] };
    },
    groupsAround,
    get version() {
      return version;
    },
    groupAt,
    callAt,
    stops(sweep) {
      const stops = new Int32Array(sweep.length);
      let count = 0;
      for (let step = 0; step < sweep.length; step++) {
        const group = callAt(sweep, step);
        if (group < 0 || step + 1 === sweep.length || callAt(sweep, step + 1) !== group) {
          stops[count++] = step;
        }
      }
      return stops.subarray(0, count);
    },
  };

  /** @param {Sweep} sweep @param {number} step */
  function callAt(sweep, step) {
    // A seed is no group's: it comes from outside.
    return sweep.pass === "reverse" && sweep.operand(step) < 0 ? -1 : passed[sweep.user(step)];
  }

  /** @param {Sweep} sweep @param {number} step */
  function groupAt(sweep, step) {
    const call = callAt(sweep, step);
    if (call >= 0 || held < 0) return call;
    const user = sweep.user(step);
    return groups[held].start <= user && user < groups[held].stop ? held : -1;
  }
}

/**
 * The innermost group that each row is in, and the group that each group is in; −1 for none.
 * @param {Trace} trace
 */
function nesting({ groups, count }) {
  const innermost = new Int32Array(count).fill(-1);
  const around = new Int32Array(groups.length).fill(-1);
  /** @type {number[]} */
  const open = [];
  groups.forEach(({ start, stop }, group) => {
    while (open.length > 0 && groups[open[open.length - 1]].stop <= start) open.pop();
    around[group] = open.at(-1) ?? -1;
    open.push(group);
    innermost.fill(group, start, stop);
  });
  return { innermost, around };
}

/** Where a number stands in a list of rising numbers. @param {number[]} list @param {number} number */
function indexIn(list, number) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
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
