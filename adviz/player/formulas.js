// @ts-check
/** The formulas of rows and of steps, with symbols and with numbers in them. */
import { isShort, shapeOf, summedAxes } from "./arrays.js";
import {
  accented,
  filled,
  marked,
  mathText,
  mo,
  numberMath,
  row,
  slotsIn,
  sum,
  sumParts,
} from "./math.js";
import { symbol } from "./trace.js";

/**
 * @typedef {import("./math.js").Formula} Formula
 * @typedef {import("./math.js").Put} Put
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

const MOST_NAMES = 5;
const MOST_TERMS = 4;
const BAR = "¯";
const DOT = "˙";
/** The accent of what a pass computes. */
export const ACCENTS = { primal: "", forward: DOT, reverse: BAR };

/**
 * How a row's value is computed: v₋₁ × v₀, or x₁.
 * @param {Trace} trace
 * @param {number} slot
 * @returns {Formula}
 */
export function primalFormula(trace, slot) {
  if (slot < trace.inputs.length) return row(/** @type {Formula} */ (trace.inputs[slot].math));
  const form = trace.forms[slot];
  return form && trace.operands[slot].length > 0
    ? filled(form.value, symbols(trace, slot), "×")
    : numberMath(trace.values[slot], trace.digits);
}

/**
 * How a row's tangent or adjoint is computed: the terms of its sum, each with the step at which it
 * arrives. There are none where no path leads to the row.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} slot
 * @returns {{formula: Formula, step: number}[]}
 */
export function derivativeTerms(trace, sweep, slot) {
  if (sweep.pass === "forward") {
    const step = sweep.stepOf(slot);
    const parts =
      slot < trace.inputs.length
        ? [[marked("term", accented(trace.inputs[slot].math, DOT))]]
        : sumParts(forwardTerms(trace, slot).map((k) => symbolicTerm(trace, slot, k, DOT)));
    return parts.map((part) => ({ formula: row(...part), step }));
  }
  const all = sweep.stepsTo(slot);
  const steps = Array.from(all.slice(0, MOST_TERMS));
  const terms = steps.map((s) =>
    sweep.output(s) >= 0
      ? { negative: false, body: () => accented(trace.outputs[sweep.output(s)].math, BAR) }
      : symbolicTerm(trace, sweep.user(s), sweep.operand(s), BAR),
  );
  return sumParts(terms, MOST_TERMS, all.length).map((part, i) => ({
    formula: row(...part),
    step: steps[i],
  }));
}

/**
 * The numbers that a step reads: the rows whose values, and those whose tangents or adjoints, stand
 * in its formula.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @returns {{values: Set<number>, derivatives: Set<number>}}
 */
export function readings(trace, sweep, step) {
  /** @type {Set<number>} */
  const values = new Set();
  /** @type {Set<number>} */
  const derivatives = new Set();
  const user = sweep.user(step);
  const operands = trace.operands[user];
  /** @param {unknown} formula */
  const readIn = (formula) => {
    for (const name of slotsIn(formula)) {
      const slot = name === "v" ? user : operands[Number(name)];
      if (typeof slot === "number" && slot >= 0) values.add(slot);
    }
  };
  if (sweep.pass === "primal") readIn(trace.forms[user]?.value);
  else if (sweep.pass === "forward") {
    for (const k of forwardTerms(trace, user)) {
      derivatives.add(Number(operands[k]));
      readIn(trace.forms[user]?.terms[k]?.body);
    }
  } else if (sweep.operand(step) >= 0) {
    derivatives.add(user);
    readIn(trace.forms[user]?.terms[sweep.operand(step)]?.body);
  }
  return { values, derivatives };
}

/**
 * The formula of a step, written out side by side: the rule, the rule with its partials worked out,
 * the same with numbers, the result. A side in which a long array would stand is left out, and so
 * is one that repeats the side before it.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @returns {Formula[]}
 */
export function equation(trace, sweep, step) {
  const target = symbol(trace, sweep.row(step), ACCENTS[sweep.pass]);
  const sides = { primal: primalSides, forward: forwardSides, reverse: reverseSides }[sweep.pass](
    trace,
    sweep,
    step,
  );
  const result = sweep.amount(step);
  if (isShort(result)) sides.push(numberMath(result, trace.digits));
  const relation = sweep.pass === "reverse" && sweep.output(step) < 0 ? "+=" : "=";
  return sides
    .filter((side, i) => i === 0 || mathText(side) !== mathText(sides[i - 1]))
    .map((side, i) => (i === 0 ? row(target, mo(relation), side) : row(mo("="), side)));
}

/** @param {Trace} trace @param {Sweep} _sweep @param {number} slot */
function primalSides(trace, _sweep, slot) {
  const sides = [primalFormula(trace, slot)];
  const form = trace.forms[slot];
  if (form && fit(trace, slot)) sides.push(filled(form.value, numbers(trace, slot, NaN), "×"));
  return sides;
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} slot */
function forwardSides(trace, sweep, slot) {
  if (slot < trace.inputs.length) return [accented(trace.inputs[slot].math, DOT)];
  const terms = forwardTerms(trace, slot);
  const tangents = terms.map((k) => sweep.derivative(Number(trace.operands[slot][k])));
  const sides = [
    sum(terms.map((k) => ({ negative: false, body: () => chainRule(trace, slot, k, DOT) }))),
    sum(terms.map((k) => symbolicTerm(trace, slot, k, DOT))),
  ];
  if (multiplies(trace, slot, ...tangents)) {
    sides.push(sum(terms.map((k, i) => numericTerm(trace, slot, k, tangents[i]))));
  }
  return sides;
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} step */
function reverseSides(trace, sweep, step) {
  if (sweep.output(step) >= 0) return [accented(trace.outputs[sweep.output(step)].math, BAR)];
  const [user, k] = [sweep.user(step), sweep.operand(step)];
  const sides = [chainRule(trace, user, k, BAR), sum([symbolicTerm(trace, user, k, BAR)])];
  const carrier = sweep.derivative(user);
  if (multiplies(trace, user, carrier)) sides.push(sum([numericTerm(trace, user, k, carrier)]));
  const product = sweep.product(step);
  if (!product) return sides;
  // The operand had been broadcast: what comes back is summed over the axes that this added.
  const axes = summedAxes(product.shape, shapeOf(trace.values[sweep.row(step)]));
  const sumSign = ["msub", mo("∑"), ["mtext", `axis ${axes.join(", ")}`]];
  return sides.map((side) => row(sumSign, side));
}

/**
 * What a folded call computes in a pass: a value, J·v̇ or v̄·J.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} group
 * @param {{sources: number[], results: number[]}} boundary
 * @returns {Formula[]}
 */
export function groupEquation(trace, sweep, group, { sources, results }) {
  /** @param {number[]} slots @param {string} [accent] */
  const all = (slots, accent) => {
    const names = slots
      .slice(0, MOST_NAMES)
      .flatMap((slot, i) => [...(i > 0 ? [mo(",")] : []), symbol(trace, slot, accent)]);
    if (slots.length > MOST_NAMES) names.push(mo(","), mo("…"));
    return slots.length === 1 ? row(...names) : row(mo("("), ...names, mo(")"));
  };
  if (sweep.pass === "primal") {
    return [row(all(results), mo("="), ["mtext", trace.groups[group].title])];
  }
  const jacobian = ["mfrac", row(["mi", "∂"], all(results)), row(["mi", "∂"], all(sources))];
  return sweep.pass === "forward"
    ? [row(all(results, DOT), mo("="), jacobian, mo("·"), all(sources, DOT))]
    : [row(all(sources, BAR), mo("+="), all(results, BAR), mo("·"), jacobian)];
}

/**
 * One term with symbols in it: v̄₁·v₀.
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @param {string} accent
 */
export function termFormula(trace, user, k, accent) {
  return sum([symbolicTerm(trace, user, k, accent)]);
}

/** The operands of a row that have a term. @param {Trace} trace @param {number} slot */
export function forwardTerms(trace, slot) {
  return trace.operands[slot].flatMap((operand, k) => (operand === null ? [] : [k]));
}

/** @param {Trace} trace @param {number} user @param {number} k @param {string} accent */
function symbolicTerm(trace, user, k, accent) {
  const { negative, body } = term(trace, user, k);
  const put = symbols(trace, user, k, accent);
  return { negative, body: () => filled(body, put, "·") };
}

/** @param {Trace} trace @param {number} user @param {number} k @param {Quantity} carrier */
function numericTerm(trace, user, k, carrier) {
  const { negative, body } = term(trace, user, k);
  const put = numbers(trace, user, carrier);
  return { negative, body: (/** @type {boolean} */ signed) => filled(body, put, "×", signed) };
}

/**
 * The product of the chain rule; where the document has none, with the partial as a number.
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 */
function term(trace, user, k) {
  const partial = numberMath(trace.partials[user][k], trace.digits, true);
  return (
    trace.forms[user]?.terms[k] ?? {
      negative: false,
      body: row(["slot", "carrier", true], ["times"], partial),
    }
  );
}

/**
 * v̄₁ · ∂v₁/∂v₋₁
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @param {string} accent
 */
function chainRule(trace, user, k, accent) {
  const operand = Number(trace.operands[user][k]);
  const carrier = symbol(trace, accent === BAR ? user : operand, accent);
  const partial = [
    "mfrac",
    row(["mi", "∂"], symbol(trace, user)),
    row(["mi", "∂"], symbol(trace, operand)),
  ];
  return row(carrier, mo("·"), partial);
}

/**
 * @param {Trace} trace
 * @param {number} user
 * @param {number} [k]
 * @param {string} [accent]
 * @returns {Put}
 */
function symbols(trace, user, k = 0, accent = BAR) {
  return (name) => {
    if (name === "v") return symbol(trace, user);
    if (name === "carrier") {
      return symbol(trace, accent === BAR ? user : Number(trace.operands[user][k]), accent);
    }
    const operand = trace.operands[user][Number(name)];
    return typeof operand === "number" ? symbol(trace, operand) : row();
  };
}

/**
 * Whether numbers may be put into a row's terms.
 * @param {Trace} trace
 * @param {number} user
 * @param {...Quantity} carriers
 */
function multiplies(trace, user, ...carriers) {
  return !trace.forms[user]?.isMap && fit(trace, user, ...carriers);
}

/**
 * Whether numbers may be put into a row's formulas.
 * @param {Trace} trace
 * @param {number} user
 * @param {...Quantity} carriers
 */
function fit(trace, user, ...carriers) {
  const operands = trace.operands[user].flatMap((o) => (o === null ? [] : [trace.values[o]]));
  return [...carriers, ...operands, trace.values[user]].every(isShort);
}

/** @param {Trace} trace @param {number} user @param {Quantity} carrier @returns {Put} */
function numbers(trace, user, carrier) {
  /** @param {Quantity} x @param {boolean} group */
  const number = (x, group) => marked("read", numberMath(x, trace.digits, group));
  return (name, group) => {
    if (name === "v") return number(trace.values[user], group);
    if (name === "carrier") return number(carrier, group);
    const operand = trace.operands[user][Number(name)];
    return typeof operand === "number" ? number(trace.values[operand], group) : row();
  };
}
