// @ts-check
/**
 * The three passes over a trace as lists of steps. The primal and the forward pass take one step
 * for each row, the reverse pass one for each contribution v̄ⱼ += v̄ᵢ·∂vᵢ/∂vⱼ. Sums are taken in
 * the same order as in adviz.core, so that the numbers are the same to the last bit. Where a trace
 * holds arrays, its document holds their sweeps (arraySweeps.js).
 */
import { additionsWith, forwardWith, plus, possibleSeeds } from "./arraySweeps.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {{[slot: number]: Quantity}} Quantities
 */

/**
 * What is known of a row after some step.
 * @typedef {object} Progress
 * @property {"pending" | "partial" | "done"} state
 * @property {Quantity} value  the row's tangent or adjoint so far (in the primal pass, its value)
 * @property {number} part  how many contributions of `parts` have arrived
 * @property {number} parts
 * @property {boolean} [isAsked]  whether what comes next is to be predicted
 */

/**
 * @typedef {object} Sweep
 * @property {Pass} pass
 * @property {number[]} seeds  the tangent of each input, or the adjoint that each output starts with
 * @property {number} length  how many steps there are
 * @property {(step: number) => number} row  the row that a step gives something to
 * @property {(step: number) => number} user  the row whose formula a step uses
 * @property {(step: number) => number} operand  the operand of `user` that a step is about; −1: all
 *   of them, or none where the step seeds an output
 * @property {(step: number) => number} output  the output that a step seeds; −1 where it seeds none
 * @property {(step: number) => Quantity} before  the running sum before a step (reverse; NaN when
 *   unset)
 * @property {(step: number) => Quantity} amount  what a step adds (reverse)
 * @property {(step: number) => import("./trace.js").ArrayValue | null} product  the amount before
 *   it was summed over the axes along which the row had been broadcast; null where it had not
 *   (reverse)
 * @property {(slot: number) => Quantity[]} terms  what a row's tangent is the sum of (forward)
 * @property {(slot: number, step: number) => Progress} at
 * @property {(slot: number) => number} stepOf  the step at which a row is finished; −1 when none
 *   reaches it
 * @property {(slot: number) => Int32Array} stepsTo  all steps that give to a row
 * @property {(slot: number) => Quantity} derivative  the row's tangent or adjoint when the pass is
 *   over
 * @property {boolean} isPredicted  whether the reader predicts what the steps give
 * @property {(step: number) => boolean} isAsked  whether that is still open at a step, and not shown
 */

/**
 * @param {Trace} trace
 * @param {Pass} pass
 * @param {number[]} seeds  a number for each input or, in the reverse pass, for each output; it fills
 *   an array
 * @returns {Sweep}
 */
export function sweepOf(trace, pass, seeds) {
  const possible = trace.sweeps ? possibleSeeds(trace, pass, seeds) : seeds;
  return pass === "reverse" ? reverseSweep(trace, possible) : rowSweep(trace, pass, possible);
}

/** The list in which one of `length` numbers is 1. @param {number} i @param {number} length */
export function unit(i, length) {
  return Array.from({ length }, (_, k) => Number(k === i));
}

/**
 * @param {Trace} trace
 * @param {"primal" | "forward"} pass
 * @param {number[]} seeds
 * @returns {Sweep}
 */
function rowSweep(trace, pass, seeds) {
  const known = pass === "forward" && trace.sweeps ? forwardWith(trace, seeds) : null;
  /** @type {Quantities} */
  const results = pass === "primal" ? trace.values : known ? known.tangent : tangents(trace, seeds);
  /** @param {number} step */
  const same = (step) => step;
  return {
    pass,
    seeds,
    length: trace.count,
    row: same,
    user: same,
    operand: () => -1,
    output: () => -1,
    before: () => NaN,
    amount: (step) => results[step],
    product: () => null,
    terms: (slot) => {
      if (known) return known.terms[slot].length > 0 ? known.terms[slot] : [results[slot]];
      const partials = trace.partials[slot];
      return trace.operands[slot].flatMap((o, k) =>
        o === null ? [] : [partials[k] * Number(results[o])],
      );
    },
    at: (slot, step) => ({
      state: slot <= step ? "done" : "pending",
      value: results[slot],
      part: 1,
      parts: 1,
    }),
    stepOf: same,
    stepsTo: (slot) => Int32Array.of(slot),
    derivative: (slot) => results[slot],
    isPredicted: false,
    isAsked: () => false,
  };
}

/** @param {Trace} trace @param {number[]} seeds */
function tangents(trace, seeds) {
  const tangent = new Float64Array(trace.count);
  tangent.set(seeds);
  for (let i = trace.inputs.length; i < trace.count; i++) {
    const operands = trace.operands[i];
    let total = 0;
    let first = true;
    for (let k = 0; k < operands.length; k++) {
      const operand = operands[k];
      if (operand === null) continue;
      const term = trace.partials[i][k] * tangent[operand];
      total = first ? term : total + term;
      first = false;
    }
    tangent[i] = total;
  }
  return tangent;
}

/** @param {Trace} trace @param {number[]} seeds @returns {Sweep} */
function reverseSweep(trace, seeds) {
  const seeded = trace.outputs.flatMap((_, output) => (seeds[output] === 0 ? [] : [output]));
  const last = seeded.reduce((most, output) => Math.max(most, trace.outputs[output].row), -1);
  let most = seeded.length;
  for (let i = trace.inputs.length; i <= last; i++) most += trace.operands[i].length;
  const [rows, users, operands] = [
    new Int32Array(most),
    new Int32Array(most),
    new Int32Array(most),
  ];
  const known = trace.sweeps ? additionsWith(trace, seeds) : null;
  /** @type {(import("./trace.js").ArrayValue | null)[]} */
  const products = [];
  /** @param {number} size @returns {Quantities} */
  const quantities = (size) => (known ? [] : new Float64Array(size));
  const [before, amount, after] = [quantities(most), quantities(most), quantities(most)];
  const adjoint = quantities(trace.count);
  const reached = new Uint8Array(trace.count);

  let length = 0;
  /**
   * Adds to the adjoint of `row` what arrives through `operand` of `user`: what the document says,
   * where it holds the sweep, or else `product`.
   * @param {number} row
   * @param {number} user
   * @param {number} operand
   * @param {number} product
   */
  const add = (row, user, operand, product) => {
    const addition =
      known && (operand < 0 ? known.seed(seeded[length]) : known.through(user, operand));
    rows[length] = row;
    users[length] = user;
    operands[length] = operand;
    before[length] = reached[row] ? adjoint[row] : NaN;
    amount[length] = addition ? addition.amount : product;
    if (addition) {
      products.push(addition.product);
      const { amount: added } = addition;
      after[length] =
        addition.after ?? (reached[row] ? plus(adjoint[row], added, trace.digits) : added);
    } else {
      after[length] = reached[row] ? Number(adjoint[row]) + product : product;
    }
    adjoint[row] = after[length];
    reached[row] = 1;
    length += 1;
  };
  for (const output of seeded) {
    const { row } = trace.outputs[output];
    add(row, row, -1, seeds[output]);
  }
  for (let i = last; i >= trace.inputs.length; i--) {
    if (!reached[i]) continue;
    trace.operands[i].forEach((operand, k) => {
      if (operand !== null) add(operand, i, k, Number(adjoint[i]) * trace.partials[i][k]);
    });
  }

  const stepsTo = groupBy(rows.subarray(0, length), trace.count);
  return {
    pass: "reverse",
    seeds,
    length,
    row: (s) => rows[s],
    user: (s) => users[s],
    operand: (s) => operands[s],
    output: (s) => seeded[s] ?? -1,
    before: (s) => before[s],
    amount: (s) => amount[s],
    product: (s) => products[s] ?? null,
    terms: () => [],
    at: (slot, s) => {
      const steps = stepsTo(slot);
      const part = countUpTo(steps, s);
      const state = part === 0 ? "pending" : part < steps.length ? "partial" : "done";
      return { state, value: part === 0 ? NaN : after[steps[part - 1]], part, parts: steps.length };
    },
    stepOf: (slot) => stepsTo(slot).at(-1) ?? -1,
    stepsTo,
    derivative: (slot) => adjoint[slot],
    isPredicted: false,
    isAsked: () => false,
  };
}

/**
 * The uses of each row as an operand, in the order of the rows that use it.
 * @param {Trace} trace
 * @returns {(slot: number) => number[]}  the rows that use a row; one that uses it twice is there
 *   twice
 */
export function usesOf(trace) {
  /** @type {number[]} */
  const targets = [];
  /** @type {number[]} */
  const users = [];
  trace.operands.forEach((operands, user) => {
    for (const operand of operands) {
      if (operand === null) continue;
      targets.push(operand);
      users.push(user);
    }
  });
  const group = groupBy(targets, trace.count);
  return (slot) => Array.from(group(slot), (i) => users[i]);
}

/**
 * The step at which a sweep goes along one use of a row; −1 when it does not.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} user
 * @param {number} operand
 */
export function stepOfUse(trace, sweep, user, operand) {
  if (sweep.pass !== "reverse") return user;
  const slot = trace.operands[user][operand];
  const steps = slot === null ? [] : sweep.stepsTo(slot);
  // A return sweep comes by the users of a row from the last one to the first.
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sweep.operand(steps[middle]) < 0 || sweep.user(steps[middle]) > user) low = middle + 1;
    else high = middle;
  }
  for (; low < steps.length && sweep.user(steps[low]) === user; low++) {
    if (sweep.operand(steps[low]) === operand) return steps[low];
  }
  return -1;
}

/**
 * @param {ArrayLike<number>} keys
 * @param {number} size  keys are below it
 * @returns {(key: number) => Int32Array}  the places where a key stands, in order
 */
function groupBy(keys, size) {
  const start = new Int32Array(size + 1);
  for (let i = 0; i < keys.length; i++) start[keys[i] + 1] += 1;
  for (let key = 0; key < size; key++) start[key + 1] += start[key];
  const next = start.slice();
  const places = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) places[next[keys[i]]++] = i;
  return (key) => places.subarray(start[key], start[key + 1]);
}

/**
 * How many of the ascending numbers are at most `limit`.
 * @param {Int32Array} ascending
 * @param {number} limit
 */
function countUpTo(ascending, limit) {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
