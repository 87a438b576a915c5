// @ts-check
/** The formulas of rows and of steps, with symbols and with numbers in them. */
import { namedSymbol } from "./arrayNames.js";
import { isShort } from "./arrays.js";
import {
  accented,
  filled,
  isSum,
  marked,
  mathText,
  mo,
  numberMath,
  ofUse,
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
 * @param {typeof symbol} [write]  how rows are called
 * @returns {Formula}
 */
export function primalFormula(trace, slot, write = symbol) {
  if (slot < trace.inputs.length) return row(/** @type {Formula} */ (trace.inputs[slot].math));
  const form = trace.forms[slot];
  return form && trace.operands[slot].length > 0
    ? filled(form.value, symbols(trace, slot, 0, BAR, write), "×")
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
  const sides = { primal: primalSides, forward: forwardSides, reverse: reverseSides }[sweep.pass](
    trace,
    sweep,
    step,
  );
  const [slot, accent] = [sweep.row(step), ACCENTS[sweep.pass]];
  const named = namedSymbol(trace, slot, accent);
  const saysNothing = mathText(named) === mathText(sides[0]); // v₀ = x says more than x = x
  const target = saysNothing ? symbol(trace, slot, accent) : named;
  const result = sweep.amount(step);
  if (isShort(result)) sides.push(numberMath(result, trace.digits));
  const relation = isAdded(trace, sweep, step) ? "+=" : "=";
  return sides
    .filter((side, i) => i === 0 || mathText(side) !== mathText(sides[i - 1]))
    .map((side, i) => (i === 0 ? row(target, mo(relation), side) : row(mo("="), side)));
}

/**
 * Whether a step adds to a sum, so that its formula is no equation. The one use of an array gives all
 * of its adjoint.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 */
function isAdded(trace, sweep, step) {
  if (sweep.pass !== "reverse" || sweep.output(step) >= 0) return false;
  return !trace.sweeps || sweep.stepsTo(sweep.row(step)).length > 1;
}

/** @param {Trace} trace @param {Sweep} _sweep @param {number} slot */
function primalSides(trace, _sweep, slot) {
  const sides = [primalFormula(trace, slot, namedSymbol)];
  const form = trace.forms[slot];
  if (form && fit(trace, slot)) sides.push(filled(form.value, numbers(trace, slot, NaN), "×"));
  return sides;
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} slot */
function forwardSides(trace, sweep, slot) {
  if (slot < trace.inputs.length) return [accented(trace.inputs[slot].math, DOT)];
  const terms = forwardTerms(trace, slot);
  const tangents = terms.map((k) => sweep.derivative(Number(trace.operands[slot][k])));
  const sides = [sum(terms.map((k) => symbolicTerm(trace, slot, k, DOT, namedSymbol)))];
  if (!isOnArrays(trace, slot)) {
    const rules = terms.map((k) => ({
      negative: false,
      body: () => chainRule(trace, slot, k, DOT),
    }));
    sides.unshift(sum(rules));
  }
  if (multiplies(trace, slot, ...tangents)) {
    sides.push(sum(terms.map((k, i) => numericTerm(trace, slot, k, tangents[i], DOT))));
  }
  return sides;
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} step */
function reverseSides(trace, sweep, step) {
  if (sweep.output(step) >= 0) return [accented(trace.outputs[sweep.output(step)].math, BAR)];
  const [user, k] = [sweep.user(step), sweep.operand(step)];
  const sides = [sum([symbolicTerm(trace, user, k, BAR, namedSymbol)])];
  if (!isOnArrays(trace, user)) sides.unshift(chainRule(trace, user, k, BAR));
  const carrier = sweep.derivative(user);
  if (multiplies(trace, user, carrier))
    sides.push(sum([numericTerm(trace, user, k, carrier, BAR)]));
  return sides;
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

/**
 * The partial of a row with symbols in it: v₀; empty where the document does not say.
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @returns {Formula}
 */
export function slopeFormula(trace, user, k) {
  const known = trace.forms[user]?.terms[k];
  if (!known?.partial) return row();
  const body = () => filled(known.partial, symbols(trace, user, k), "·");
  return sum([{ negative: known.partialNegative, body }]);
}

/** The operands of a row that have a term. @param {Trace} trace @param {number} slot */
export function forwardTerms(trace, slot) {
  return trace.operands[slot].flatMap((operand, k) => (operand === null ? [] : [k]));
}

/**
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @param {string} accent
 * @param {typeof symbol} [write]  how rows are called
 */
function symbolicTerm(trace, user, k, accent, write = symbol) {
  const { negative, body } = term(trace, user, k, accent);
  const put = symbols(trace, user, k, accent, write);
  return { negative, body: () => ofUse(user, k, filled(body, put, "·")) };
}

/**
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @param {Quantity} carrier
 * @param {string} accent
 */
function numericTerm(trace, user, k, carrier, accent) {
  const { negative, body } = term(trace, user, k, accent);
  const put = numbers(trace, user, carrier);
  return {
    negative,
    body: (/** @type {boolean} */ signed) => ofUse(user, k, filled(body, put, "×", signed)),
  };
}

/**
 * The product of the chain rule; where the document has none, with the partial as a number.
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @param {string} accent
 */
export function term(trace, user, k, accent) {
  const partial = numberMath(trace.partials[user][k], trace.digits, true);
  const form = trace.forms[user];
  return (
    (accent === DOT ? form?.tangents : form?.terms)?.[k] ?? {
      negative: false,
      body: row(["slot", "carrier", true], ["times"], partial),
    }
  );
}

/**
 * Whether an operation is on arrays, whose chain rule is no product of two numbers.
 * @param {Trace} trace
 * @param {number} slot
 */
function isOnArrays(trace, slot) {
  return trace.forms[slot]?.isMap || typeof trace.values[slot] === "object";
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
  const carrier = namedSymbol(trace, accent === BAR ? user : operand, accent);
  const partial = [
    "mfrac",
    row(["mi", "∂"], namedSymbol(trace, user)),
    row(["mi", "∂"], namedSymbol(trace, operand)),
  ];
  return ofUse(user, k, row(carrier, mo("·"), partial));
}

/**
 * @param {Trace} trace
 * @param {number} user
 * @param {number} [k]
 * @param {string} [accent]
 * @param {typeof symbol} [write]  how rows are called
 * @returns {Put}
 */
export function symbols(trace, user, k = 0, accent = BAR, write = symbol) {
  return (name, group) => {
    if (name === "v") return write(trace, user);
    if (name === "carrier") {
      return write(trace, accent === BAR ? user : Number(trace.operands[user][k]), accent);
    }
    const operand = trace.operands[user][Number(name)];
    if (typeof operand === "number") return write(trace, operand);
    const { math, value } = constantOperand(trace, user, Number(name));
    return math ?? (value === undefined ? row() : numberMath(value, trace.digits, group));
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
  const operands = trace.operands[user].flatMap((o, k) =>
    o === null ? (constantOperand(trace, user, k).value ?? []) : [trace.values[o]],
  );
  return [...carriers, ...operands, trace.values[user]].every(isShort);
}

/** @param {Trace} trace @param {number} user @param {Quantity} carrier @returns {Put} */
function numbers(trace, user, carrier) {
  return (name, needsGroup, isFactor) => {
    /** @param {Quantity} x */
    const number = (x) =>
      marked("read", numberMath(x, trace.digits, needsGroup || (isFactor && isSum(x))));
    if (name === "v") return number(trace.values[user]);
    if (name === "carrier") return number(carrier);
    const operand = trace.operands[user][Number(name)];
    const value =
      typeof operand === "number"
        ? trace.values[operand]
        : constantOperand(trace, user, Number(name)).value;
    return value === undefined ? row() : number(value);
  };
}

/**
 * A constant operand, where a form has a slot for it: an array, with what formulas call it, or a
 * number.
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @returns {{math?: Formula, value?: Quantity}}
 */
function constantOperand(trace, user, k) {
  return trace.constantArrays.get(user)?.[k] ?? { value: trace.constants.get(user)?.[k] };
}
