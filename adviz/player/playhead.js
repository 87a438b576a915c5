// @ts-check
/**
 * Where in a trace the reader is: the pass and its seed, the step, the folded calls. Draws nothing.
 */
import { createFolding } from "./folding.js";
import { stepOfUse, sweepOf } from "./sweeps.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 */

/**
 * A position that can be kept, and gone back to.
 * @typedef {object} Position
 * @property {Pass} [pass]
 * @property {number} [input]  the input that is seeded
 * @property {number} [output]  the output that is pulled back
 * @property {number} [step]  counted from 1, over all steps of the sweep
 * @property {number[]} [closed]  the groups that are folded
 */

/**
 * The reader goes from stop to stop. Every step is one, except those inside a folded call.
 * @typedef {object} Playhead
 * @property {Folding} folding
 * @property {Pass} pass
 * @property {number} input
 * @property {number} output
 * @property {Sweep} sweep
 * @property {number} stopCount
 * @property {number} stop  the stop where the reader is, from 0
 * @property {boolean} isFirst  whether it is the first stop
 * @property {boolean} isLast
 * @property {number} step  the same as a step of the sweep, from 0
 * @property {number} group  the folded call that the step passes; −1 for none
 * @property {() => Position} position
 * @property {(pass: Pass, input: number, output: number) => void} choose  another sweep, from its
 *   first step
 * @property {(stop: number) => void} goTo
 * @property {(slot: number) => number} stopOfRow  where a row is finished; −1 when no step reaches
 *   it
 * @property {(user: number, operand: number) => number} stopOfUse  where the sweep goes along one
 *   use of a row; −1 when it does not
 * @property {(group: number) => number} stopOfGroup  where a folded call is passed; −1 when it is
 *   not
 * @property {(group: number) => void} toggle  folds or opens a call
 * @property {() => number} groupToOpen  the folded call that the step passes; −1 for none
 * @property {() => number} groupToClose  the innermost open call that the step is inside; −1 for
 *   none
 */

/**
 * @param {Trace} trace
 * @param {Position} wanted  what is out of bounds in it is brought within
 * @returns {Playhead}
 */
export function createPlayhead(trace, wanted) {
  const isPass = ["primal", "forward", "reverse"].includes(String(wanted.pass));
  let pass = isPass ? /** @type {Pass} */ (wanted.pass) : trace.view.pass;
  let input = within(wanted.input ?? 0, trace.inputs.length);
  let output = within(wanted.output ?? 0, trace.outputs.length);
  const folding = createFolding(trace, wanted.closed ?? null);
  let sweep = currentSweep();
  let stops = folding.stops(sweep);
  let stop = stopOf(within((wanted.step ?? 1) - 1, sweep.length));

  function currentSweep() {
    return sweepOf(trace, pass, pass === "reverse" ? output : input);
  }

  /** The stop at or after a step: where a folded call is left. @param {number} step */
  function stopOf(step) {
    return within(
      stops.findIndex((s) => s >= step),
      stops.length,
    );
  }

  function group() {
    return folding.groupAt(sweep, stops[stop]);
  }

  return {
    folding,
    get pass() {
      return pass;
    },
    get input() {
      return input;
    },
    get output() {
      return output;
    },
    get sweep() {
      return sweep;
    },
    get stopCount() {
      return stops.length;
    },
    get stop() {
      return stop;
    },
    get isFirst() {
      return stop === 0;
    },
    get isLast() {
      return stop === stops.length - 1;
    },
    get step() {
      return stops[stop];
    },
    get group() {
      return group();
    },
    position: () => ({ pass, input, output, step: stops[stop] + 1, closed: folding.closed() }),
    choose(nextPass, nextInput, nextOutput) {
      [pass, input, output] = [nextPass, nextInput, nextOutput];
      sweep = currentSweep();
      stops = folding.stops(sweep);
      stop = 0;
    },
    goTo(next) {
      stop = within(next, stops.length);
    },
    stopOfRow(slot) {
      const step = sweep.stepOf(slot);
      return step < 0 ? -1 : stopOf(step);
    },
    stopOfUse(user, operand) {
      const step = stepOfUse(trace, sweep, user, operand);
      return step < 0 ? -1 : stopOf(step);
    },
    stopOfGroup: (wantedGroup) =>
      stops.findIndex((step) => folding.groupAt(sweep, step) === wantedGroup),
    // The reader stays at the same step, or where the sweep leaves the call that was just folded.
    // Opening the call that is being passed leads to its beginning.
    toggle(toggled) {
      let step = stops[stop];
      if (group() === toggled) step = stop > 0 ? stops[stop - 1] + 1 : 0;
      folding.toggle(toggled);
      stops = folding.stops(sweep);
      stop = stopOf(step);
    },
    groupToOpen: group,
    groupToClose() {
      const [slot, passed] = [sweep.user(stops[stop]), group()];
      return trace.groups.findLastIndex(({ start, stop: end }, g) => {
        const isAround = start <= slot && slot < end;
        return isAround && (passed < 0 ? !folding.isClosed(g) : g < passed);
      });
    },
  };
}

/**
 * The whole number nearest to `i` among the indices of a list.
 * @param {number} i
 * @param {number} length
 */
function within(i, length) {
  return Math.min(length - 1, Math.max(0, Math.trunc(i) || 0));
}
