// @ts-check
/**
 * The sweeps of traces that hold arrays. Their document holds one for each input and one for each
 * output. Sweeps are linear in their seeds, so that any others are combinations of these, where all
 * their numbers are in the document.
 */
import { shapeOf } from "./arrays.js";
import { arrayOf } from "./arrayText.js";
import { onlySeed } from "./seeds.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./trace.js").ArrayValue} ArrayValue
 * @typedef {import("./trace.js").Addition} Addition
 * @typedef {import("./trace.js").Sweeps} Sweeps
 */

/**
 * What a return sweep adds, by the step that adds it.
 * @typedef {object} Additions
 * @property {(output: number) => Addition} seed  what an output starts with
 * @property {(user: number, operand: number) => Addition} through
 */

/**
 * Whether a pass can have any seeds, and not only one of them that is 1.
 * @param {Trace} trace  one that holds arrays
 * @param {Pass} pass
 */
export function isCombinable(trace, pass) {
  return unknownIn(trace, pass) === null;
}

/**
 * The first array of a pass whose numbers are not in the document; null where all are.
 * @param {Trace} trace  one that holds arrays
 * @param {Pass} pass
 * @returns {ArrayValue | null}
 */
export function unknownIn(trace, pass) {
  const { forward, reverse } = /** @type {Sweeps} */ (trace.sweeps);
  const all =
    pass === "reverse"
      ? reverse.flat().flatMap(({ amount, product }) => [amount, product])
      : forward.flatMap(({ tangent, terms }) => [...tangent, ...terms.flat()]);
  const found = all.find((quantity) => !isKnown(quantity));
  return typeof found === "object" ? found : null;
}

/**
 * The seeds that a pass can have: those wanted or, where the document does not hold what they need,
 * the first of them alone.
 * @param {Trace} trace  one that holds arrays
 * @param {Pass} pass
 * @param {number[]} wanted
 */
export function possibleSeeds(trace, pass, wanted) {
  if (onlySeed(wanted) >= 0 || isCombinable(trace, pass)) return wanted;
  const first = Math.max(0, placesOf(wanted)[0] ?? 0);
  return wanted.map((_, place) => Number(place === first));
}

/** @param {Quantity | null} quantity */
function isKnown(quantity) {
  return quantity === null || typeof quantity === "number" || quantity.numbers !== null;
}

/**
 * The tangents of a trace that holds arrays, and the terms of those that have several.
 * @param {Trace} trace
 * @param {number[]} direction
 * @returns {Sweeps["forward"][number]}
 */
export function forwardWith(trace, direction) {
  const { forward } = /** @type {Sweeps} */ (trace.sweeps);
  const only = onlySeed(direction);
  if (only >= 0) return forward[only];
  const seeded = placesOf(direction);
  const used = seeded.length > 0 ? seeded : [0];
  const weights = used.map((input) => direction[input]);
  /** @param {(sweep: Sweeps["forward"][number]) => Quantity} pick */
  const combine = (pick) =>
    combined(
      used.map((input) => pick(forward[input])),
      weights,
      trace.digits,
    );
  return {
    tangent: forward[0].tangent.map((_, slot) => combine(({ tangent }) => tangent[slot])),
    terms: forward[0].terms.map((row, slot) =>
      row.map((_, k) => combine(({ terms }) => terms[slot][k])),
    ),
  };
}

/**
 * What the return sweep of a trace that holds arrays adds.
 * @param {Trace} trace
 * @param {number[]} weights  not all 0
 * @returns {Additions}
 */
export function additionsWith(trace, weights) {
  const { reverse } = /** @type {Sweeps} */ (trace.sweeps);
  const only = onlySeed(weights);
  if (only >= 0) {
    const steps = stepsOf(trace, only);
    return {
      seed: () => reverse[only][0],
      through: (user, operand) => reverse[only][Number(steps.get(`${user} ${operand}`))],
    };
  }
  const seeded = placesOf(weights);
  const steps = seeded.map((output) => stepsOf(trace, output));
  return {
    seed: (output) => scaled([reverse[output][0]], [weights[output]], trace.digits),
    through(user, operand) {
      const key = `${user} ${operand}`;
      const reaching = [...steps.keys()].filter((i) => steps[i].has(key));
      return scaled(
        reaching.map((i) => reverse[seeded[i]][Number(steps[i].get(key))]),
        reaching.map((i) => weights[seeded[i]]),
        trace.digits,
      );
    },
  };
}

/** The places of the numbers that are not 0. @param {number[]} seeds */
function placesOf(seeds) {
  return seeds.flatMap((seed, place) => (seed === 0 ? [] : [place]));
}

/**
 * At which step of an output's recorded sweep each operand of each row is reached.
 * @param {Trace} trace
 * @param {number} output
 */
function stepsOf(trace, output) {
  const { row } = trace.outputs[output];
  const reached = new Uint8Array(trace.count);
  reached[row] = 1;
  /** @type {Map<string, number>} */
  const steps = new Map();
  for (let user = row; user >= trace.inputs.length; user--) {
    if (!reached[user]) continue;
    for (const [k, operand] of trace.operands[user].entries()) {
      if (operand === null) continue;
      reached[operand] = 1;
      steps.set(`${user} ${k}`, steps.size + 1);
    }
  }
  return steps;
}

/** @param {Addition[]} additions @param {number[]} scales @param {number} digits @returns {Addition} */
function scaled(additions, scales, digits) {
  const amount = combined(
    additions.map((addition) => addition.amount),
    scales,
    digits,
  );
  const products = additions.flatMap(({ product }) => product ?? []);
  const product = products.length === additions.length ? combined(products, scales, digits) : null;
  return { amount, after: null, product: typeof product === "object" ? product : null };
}

/**
 * The sum of two quantities; one that is a number is in every entry.
 * @param {Quantity} a
 * @param {Quantity} b
 * @param {number} digits
 */
export function plus(a, b, digits) {
  return combined([a, b], [1, 1], digits);
}

/**
 * A combination of quantities of the same shape. Numbers among arrays are those of rows that a seed
 * does not reach: they are 0.
 * @param {Quantity[]} quantities
 * @param {number[]} scales
 * @param {number} digits
 * @returns {Quantity}
 */
function combined(quantities, scales, digits) {
  const largest = quantities.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a));
  /** @param {Quantity} quantity @param {number} i */
  const at = (quantity, i) =>
    typeof quantity === "number" ? quantity : Number(quantity.numbers?.[i]);
  /** @param {number} i */
  const sum = (i) => {
    let total = scales[0] * at(quantities[0], i);
    for (let k = 1; k < quantities.length; k++) total += scales[k] * at(quantities[k], i);
    return total;
  };
  if (typeof largest === "number") return sum(0);
  const numbers = Array.from({ length: sizeOf(largest) }, (_, i) => sum(i));
  return arrayOf(shapeOf(largest), numbers, digits, largest.dtype);
}

/** @param {Quantity} quantity */
function sizeOf(quantity) {
  return typeof quantity === "number" ? 0 : (quantity.numbers?.length ?? 0);
}
