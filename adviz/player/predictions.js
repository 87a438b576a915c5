// @ts-check
/** What the reader predicts: which steps are asked, which were answered, and how. Draws nothing. */
import { check } from "./answerCheck.js";
import { candidatesOf } from "./stepMistakes.js";
import { sweepOf } from "./sweeps.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./playhead.js").Playhead} Playhead
 * @typedef {import("./answerEntry.js").Entry} Entry
 * @typedef {import("./stepMistakes.js").Reason} Reason
 * @typedef {"" | "given" | "first" | "later" | "shown"} Mark  "": not answered; given: not asked, or
 *   seen before
 * @typedef {Map<string, Uint8Array<ArrayBuffer>>} Answers  the marks of the steps, by what they are
 *   about: the pass, its seeds, the inputs
 * @typedef {{first: number, later: number, shown: number}} Tally
 */

/** @type {Mark[]} */
const MARKS = ["", "given", "first", "later", "shown", ""];
const [OPEN, GIVEN, FIRST, LATER, SHOWN, TRIED] = MARKS.keys();

/**
 * @param {Trace} trace
 * @param {Playhead} playhead
 * @param {boolean} isOnAtFirst
 * @param {Answers} [answers]  that were given before
 */
export function createPredictions(trace, playhead, isOnAtFirst, answers = new Map()) {
  const lastOutput = trace.outputs.reduce((last, { row }) => Math.max(last, row), 0);
  let isOn = isOnAtFirst;
  let marks = new Uint8Array(0);
  let last = 0; // the step where the reader was
  /** @type {Sweep} */
  let veiled;
  open(playhead.step);

  /** Takes up the answers about what is played now. @param {number} seen  steps that were shown before */
  function open(seen) {
    const { pass, inputs, sweep } = playhead;
    const key = JSON.stringify([pass, pass === "primal" ? [] : sweep.seeds, inputs]);
    const known = answers.get(key);
    marks = known?.length === sweep.length ? known : new Uint8Array(sweep.length);
    answers.set(key, marks);
    for (let step = 0; step < Math.min(seen, sweep.length); step++) marks[step] ||= GIVEN;
    last = playhead.step;
    veiled = isOn ? veil(sweep) : sweep;
  }

  /**
   * What is passed unanswered counts as shown; a folded call is not asked.
   * @param {number} from
   * @param {number} to
   */
  function leave(from, to) {
    for (let step = from; step < to; step++) {
      if (isOpen(step)) marks[step] = isQuestion(step) ? SHOWN : GIVEN;
    }
  }

  /** @param {number} step */
  function isOpen(step) {
    return marks[step] === OPEN || marks[step] === TRIED;
  }

  /** @param {number} step */
  function isQuestion(step) {
    const { sweep, folding } = playhead;
    return folding.groupAt(sweep, step) < 0 && isOfNumbers(trace, sweep, step);
  }

  /** @param {number} step */
  function isAsked(step) {
    return isOn && isOpen(step) && isQuestion(step);
  }

  /**
   * A sweep that keeps back what is asked.
   * @param {Sweep} sweep
   * @returns {Sweep}
   */
  function veil(sweep) {
    return {
      ...sweep,
      isPredicted: true,
      isAsked,
      amount: (step) => (isAsked(step) ? NaN : sweep.amount(step)),
      at(slot, step) {
        if (slot !== sweep.row(step) || !isAsked(step)) return sweep.at(slot, step);
        return { ...sweep.at(slot, step - 1), isAsked: true };
      },
    };
  }

  return {
    get isOn() {
      return isOn;
    },
    /** What can be gone on with, where the same trace is shown anew. */
    kept: () => ({ predict: isOn, answers }),
    /** The sweep as the reader may see it. */
    get sweep() {
      return veiled;
    },
    isAsked,
    /** Whether an output's value is still to be predicted. */
    keepsResult() {
      const { pass, step } = playhead;
      return isOn && pass === "primal" && (step < lastOutput || isAsked(step));
    },
    /** @param {number} step @returns {Mark} */
    markOf: (step) => MARKS[marks[step]],
    /** Asks from the next step on, or no longer. @param {boolean} on */
    turn(on) {
      isOn = on;
      answers.clear();
      open(playhead.step + 1);
    },
    /** What is played is another: another pass, seed or input. What was passed in it is known. */
    begin() {
      open(playhead.step);
    },
    /** The reader has gone on, or back. */
    follow() {
      const { step } = playhead;
      if (isOn && step > last) leave(last, step);
      last = step;
    },
    /**
     * @param {Entry} entry
     * @returns {import("./answerCheck.js").Verdict<Reason>}
     */
    answer(entry) {
      const { sweep, step } = playhead;
      const verdict = check(
        entry,
        expected(sweep, step),
        candidatesOf(trace, sweep, step, (slot) => otherDerivative(trace, playhead, slot)),
        slackOf(trace, sweep, step),
      );
      if (verdict.verdict === "right") marks[step] = marks[step] === TRIED ? LATER : FIRST;
      if (verdict.verdict === "wrong") marks[step] = TRIED;
      return verdict;
    },
    /** Gives the answer away. */
    tell() {
      marks[playhead.step] = SHOWN;
    },
    /** @returns {Tally} */
    tally() {
      const count = MARKS.map(() => 0);
      for (const mark of marks) count[mark] += 1;
      return { first: count[FIRST], later: count[LATER], shown: count[SHOWN] };
    },
  };
}

/** What a step gives. @param {Sweep} sweep @param {number} step */
export function expected(sweep, step) {
  return Number(
    sweep.pass === "reverse" ? sweep.at(sweep.row(step), step).value : sweep.amount(step),
  );
}

/**
 * Whether a step computes a number from numbers. Seeds are given, and arrays are shown.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 */
function isOfNumbers(trace, sweep, step) {
  const user = sweep.user(step);
  const operands = trace.operands[user].flatMap((o) => (o === null ? [] : [o]));
  if (user < trace.inputs.length || operands.length === 0 || sweep.output(step) >= 0) return false;
  const slots = [user, ...operands];
  return (
    [expected(sweep, step), ...slots.map((slot) => Number(trace.values[slot]))].every(
      Number.isFinite,
    ) &&
    (sweep.pass === "primal" ||
      slots.every((slot) => sweep.stepOf(slot) < 0 || typeof sweep.derivative(slot) === "number"))
  );
}

/**
 * How far off an answer may be because the numbers that it is computed from are shown rounded.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 */
function slackOf(trace, sweep, step) {
  const parts = {
    primal: () =>
      trace.operands[step].map((o, k) =>
        o === null ? 0 : trace.partials[step][k] * Number(trace.values[o]),
      ),
    forward: () => sweep.terms(step),
    reverse: () => [sweep.before(step), sweep.amount(step)],
  }[sweep.pass]();
  const sizes = parts.map((part) => Math.abs(Number(part)) || 0);
  return 10 ** (1 - trace.digits) * Math.max(Math.abs(expected(sweep, step)), ...sizes);
}

/** @param {Trace} trace @param {Playhead} playhead @param {number} slot */
function otherDerivative(trace, { pass, direction, weights }, slot) {
  if (trace.sweeps || pass === "primal") return NaN;
  const other =
    pass === "reverse" ? sweepOf(trace, "forward", direction) : sweepOf(trace, "reverse", weights);
  return other.stepOf(slot) < 0 ? NaN : Number(other.derivative(slot));
}
