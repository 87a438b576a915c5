// @ts-check
/**
 * Where in a trace the reader is: the inputs, the pass and its seeds, the step, the folded calls.
 * Draws nothing.
 */
import { evaluate } from "./evaluation.js";
import { createFolding } from "./folding.js";
import { stepOfUse, sweepOf, unit } from "./sweeps.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {import("./evaluation.js").Obstacle} Obstacle
 */

/**
 * A position that can be kept, and gone back to.
 * @typedef {object} Position
 * @property {Pass} [pass]
 * @property {number} [input]  the input that is seeded with 1, where there is no direction
 * @property {number} [output]  the output that is pulled back, where there are no weights
 * @property {number[]} [inputs]  of a live trace
 * @property {number[]} [direction]  the tangent of each input
 * @property {number[]} [weights]  the adjoint that each output starts with; not all 0
 * @property {number} [step]  counted from 1, over all steps of the sweep
 * @property {number[]} [closed]  the groups that are folded
 */

/**
 * The reader goes from stop to stop. Every step is one, except those inside a folded call.
 * @typedef {object} Playhead
 * @property {Folding} folding
 * @property {Pass} pass
 * @property {number[]} inputs  the values of the inputs now; NaN for an array
 * @property {number[]} direction  the tangent of each input in the forward pass
 * @property {number[]} weights  the adjoint that each output starts with in the reverse pass
 * @property {Sweep} sweep
 * @property {number} stopCount
 * @property {number} stop  the stop where the reader is, from 0
 * @property {boolean} isFirst  whether it is the first stop
 * @property {boolean} isLast
 * @property {number} step  the same as a step of the sweep, from 0
 * @property {number} group  the folded call that the step passes; −1 for none
 * @property {Int32Array} steps  at which the reader stops
 * @property {(step: number) => number} groupAt  the folded call that a step passes; −1 for none
 * @property {() => Position} position
 * @property {(pass: Pass) => void} choose  another pass, from its first step
 * @property {(inputs: number[]) => Obstacle | null} setInputs  evaluates a live trace; the reader stays
 *   at the same step. Where there is an obstacle nothing changes
 * @property {(direction: number[]) => void} setDirection
 * @property {(weights: number[]) => void} setWeights  not all 0
 * @property {(stop: number) => boolean} goTo  returns whether other groups are open now
 * @property {(direction: 1 | -1, ofLoops?: boolean) => number} stopOfGroupAfter  where the next pass
 *   or call begins, or the one before: only passes of loops, or only calls, where that is said
 * @property {(pass: number) => number} stopOfPass  where a pass of a loop is entered; −1 when it is
 *   not
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
  const isPass = trace.view.passes.includes(/** @type {Pass} */ (wanted.pass));
  let pass = isPass ? /** @type {Pass} */ (wanted.pass) : trace.view.pass;
  let inputs = trace.inputs.map((_, slot) => Number(trace.values[slot]));
  if (trace.isLive && isListFor(wanted.inputs, trace.inputs) && !evaluate(trace, wanted.inputs)) {
    inputs = wanted.inputs;
  }
  let direction = seedsOf(wanted.direction, wanted.input, trace.inputs);
  const hasWeights = wanted.weights?.some?.((weight) => weight !== 0);
  let weights = seedsOf(hasWeights ? wanted.weights : null, wanted.output, trace.outputs);
  const folding = createFolding(trace, wanted.closed ?? null);
  let sweep = currentSweep();
  let stops = folding.stops(sweep);
  let stop = stopOf(within((wanted.step ?? 1) - 1, sweep.length));
  enter();

  function currentSweep() {
    return sweepOf(trace, pass, pass === "reverse" ? weights : direction);
  }

  /** Computes the sweep anew, and stays at the same step if it is still there. */
  function sweepAgain() {
    const step = stops[stop];
    sweep = currentSweep();
    stops = folding.stops(sweep);
    stop = stopOf(step);
  }

  /** The stop at or after a step: where a folded call is left. @param {number} step */
  function stopOf(step) {
    let [low, high] = [0, stops.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (stops[middle] < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Opens the passes that the step is in: the row that it computes, or the call that it passes. */
  function enter() {
    const call = folding.callAt(sweep, stops[stop]);
    return folding.enter(call < 0 ? sweep.row(stops[stop]) : trace.groups[call].start);
  }

  /** @param {number} slot @param {number} wanted */
  function isIn(slot, wanted) {
    return trace.groups[wanted].start <= slot && slot < trace.groups[wanted].stop;
  }

  /**
   * The innermost group that a stop is in; −1 for none.
   * @param {number} at
   * @param {boolean} [ofLoops]  whether only passes count, or only calls
   */
  function place(at, ofLoops) {
    return (
      folding
        .groupsAround(sweep.row(stops[at]))
        .find((g) => ofLoops === undefined || (trace.groups[g].loop !== null) === ofLoops) ?? -1
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
    get inputs() {
      return inputs;
    },
    get direction() {
      return direction;
    },
    get weights() {
      return weights;
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
    get steps() {
      return stops;
    },
    groupAt: (step) => folding.groupAt(sweep, step),
    position: () => ({
      pass,
      step: stops[stop] + 1,
      closed: folding.closed(),
      ...(trace.isLive ? { inputs } : {}),
      direction,
      weights,
    }),
    setInputs(next) {
      const obstacle = evaluate(trace, next);
      if (obstacle) return obstacle;
      inputs = next;
      // The steps depend on the seeds alone.
      sweep = currentSweep();
      return null;
    },
    setDirection(next) {
      direction = next;
      if (pass === "forward") sweepAgain();
    },
    setWeights(next) {
      weights = next;
      if (pass === "reverse") sweepAgain();
    },
    choose(nextPass) {
      pass = nextPass;
      sweep = currentSweep();
      stops = folding.stops(sweep);
      stop = 0;
      enter();
    },
    goTo(next) {
      stop = within(next, stops.length);
      return enter();
    },
    stopOfGroupAfter(direction, ofLoops) {
      const last = direction < 0 ? 0 : stops.length - 1;
      const here = place(stop, ofLoops);
      let next = stop;
      while (next !== last && place(next, ofLoops) === here) next += direction;
      // Back to where that group is entered.
      const there = place(next, ofLoops);
      if (direction < 0) while (next > 0 && place(next - 1, ofLoops) === there) next -= 1;
      return next;
    },
    stopOfPass(pass) {
      const { start, stop: end } = trace.groups[pass];
      const isReverse = sweep.pass === "reverse";
      for (
        let slot = isReverse ? end - 1 : start;
        start <= slot && slot < end;
        slot += isReverse ? -1 : 1
      ) {
        const step = isReverse ? (sweep.stepsTo(slot)[0] ?? -1) : sweep.stepOf(slot);
        if (step >= 0) return stopOf(step);
      }
      return -1;
    },
    stopOfRow(slot) {
      const step = sweep.stepOf(slot);
      return step < 0 ? -1 : stopOf(step);
    },
    stopOfUse(user, operand) {
      const step = stepOfUse(trace, sweep, user, operand);
      return step < 0 ? -1 : stopOf(step);
    },
    stopOfGroup(wantedGroup) {
      if (trace.groups[wantedGroup].loop) {
        // Of several closed passes, the one that the sweep comes to first.
        const { first, last } = folding.runOf(wantedGroup);
        return this.stopOfPass(pass === "reverse" ? last : first);
      }
      return stops.findIndex((step) => folding.groupAt(sweep, step) === wantedGroup);
    },
    // The reader stays at the same step, or where the sweep leaves the call that was just folded.
    // Opening the call that is being passed leads to its beginning.
    toggle(toggled) {
      const { loop, start, stop: end } = trace.groups[toggled];
      let step = stops[stop];
      if (group() === toggled) step = stop > 0 ? stops[stop - 1] + 1 : 0;
      folding.toggle(toggled);
      stops = folding.stops(sweep);
      stop = stopOf(step);
      const row = sweep.row(stops[stop]);
      if (loop && folding.isClosed(toggled) && start <= row && row < end) {
        // On to the last step of the pass, which stays closed until the reader goes on.
        while (stop + 1 < stops.length && isIn(sweep.row(stops[stop + 1]), toggled)) stop += 1;
        folding.hold(toggled);
      } else if (!loop || folding.isClosed(toggled)) enter();
    },
    groupToOpen: group,
    groupToClose() {
      const passed = group();
      /** @param {number} slot */
      const around = (slot) =>
        folding.groupsAround(slot).find((g) => (passed < 0 ? !folding.isClosed(g) : g < passed)) ??
        -1;
      const found = around(sweep.user(stops[stop]));
      return found < 0 && passed < 0 ? around(sweep.row(stops[stop])) : found;
    },
  };
}

/** @param {unknown} value @param {unknown[]} variables @returns {value is number[]} */
function isListFor(value, variables) {
  return (
    Array.isArray(value) &&
    value.length === variables.length &&
    value.every((number) => Number.isFinite(number))
  );
}

/**
 * The seeds wanted, or 1 for one variable and 0 for the others.
 * @param {unknown} wanted
 * @param {number | undefined} chosen
 * @param {unknown[]} variables
 */
function seedsOf(wanted, chosen, variables) {
  return isListFor(wanted, variables)
    ? wanted
    : unit(within(chosen ?? 0, variables.length), variables.length);
}

/**
 * The whole number nearest to `i` among the indices of a list.
 * @param {number} i
 * @param {number} length
 */
function within(i, length) {
  return Math.min(length - 1, Math.max(0, Math.trunc(i) || 0));
}
