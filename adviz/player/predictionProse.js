// @ts-check
/** What is asked of the learner, and what is said of an answer. */
import { count, enumerate, times } from "./english.js";
import { ACCENTS, equation, forwardTerms, primalFormula, slopeFormula } from "./formulas.js";
import { mathText } from "./math.js";
import { SENTENCES } from "./mistakeSentences.js";
import { formatNumber } from "./number.js";
import { label, symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./stepMistakes.js").Reason} Reason
 */

/**
 * A sentence that begins with what counts most.
 * @typedef {object} Remark
 * @property {"right" | "wrong" | "told"} mark
 * @property {string} first  "" for none
 * @property {string} rest
 */

const NAMES = { primal: "value", forward: "tangent", reverse: "adjoint" };

/** What a step computes: v̄₋₁. @param {Trace} trace @param {Sweep} sweep @param {number} step */
export function asked(trace, sweep, step) {
  return symbol(trace, sweep.row(step), ACCENTS[sweep.pass]);
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} step */
export function question(trace, sweep, step) {
  const target = mathText(asked(trace, sweep, step));
  if (sweep.pass !== "reverse") return `What is ${target}?`;
  const steps = sweep.stepsTo(sweep.row(step));
  if (steps.length === 1) return `What is ${target}?`;
  const before = steps[0] === step ? "" : `, ${written(trace, sweep.before(step))} so far`;
  return `What is ${target} after this step${before}?`;
}

/**
 * How the right answer comes about.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 */
export function derivation(trace, sweep, step) {
  const product = productText(trace, sweep, step);
  const slot = sweep.row(step);
  if (sweep.pass !== "reverse" || sweep.stepsTo(slot)[0] === step) {
    return `${mathText(asked(trace, sweep, step))} = ${product}.`;
  }
  return `${written(trace, sweep.before(step))} was there, this use adds ${product}: together ${written(trace, sweep.at(slot, step).value)}.`;
}

/** The sides of a step's formula after the rule: v̄₁·v₀ = 1 × (−4) = −4. @param {Trace} trace @param {Sweep} sweep @param {number} step */
function productText(trace, sweep, step) {
  const sides = equation(trace, sweep, step).map((side) => mathText(side).trim());
  const from = sweep.pass === "primal" ? 0 : 1;
  const texts = sides.slice(from).map((side) => side.slice(side.indexOf("=") + 1).trim());
  return texts.join(" = ") || written(trace, sweep.amount(step));
}

/**
 * What is right in a wrong answer, and what is wrong in it.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {(slot: number) => number[]} uses
 * @param {number} step
 * @param {Reason[]} reasons
 * @returns {Remark[]}
 */
export function explainWrong(trace, sweep, uses, step, reasons) {
  if (reasons.length === 0) {
    return [{ mark: "wrong", first: "Not yet.", rest: hint(trace, sweep, step) }];
  }
  const [first, second] = reasons;
  const remarks = [...rightPart(trace, sweep, step, first), ...mistakes(first)];
  if (second) {
    const [done, right] = sentences(second.names[0], second);
    const isSaid = remarks.some(({ first: said, rest }) => said === done && rest === right);
    if (!isSaid) remarks.push({ mark: "wrong", first: "Or:", rest: `${done} ${right}` });
  }
  return remarks;

  /** @param {Reason} reason @returns {Remark[]} */
  function mistakes(reason) {
    return reason.names.map((name) => {
      const [done, right] = sentences(name, reason);
      return { mark: "wrong", first: done, rest: right };
    });
  }

  /** @param {string} name @param {Reason} reason */
  function sentences(name, reason) {
    const words = wordsFor(trace, sweep, uses, step, reason);
    /** @param {string} text */
    const filledIn = (text) => text.replace(/\{(\w+)\}/g, (_, word) => words[word]?.() ?? "");
    const known = Object.hasOwn(SENTENCES, name) ? SENTENCES[name] : ["Another rule was used.", ""];
    return known.map(filledIn);
  }
}

/** Where no mistake is found that gives the number. @param {Trace} trace @param {Sweep} sweep @param {number} step */
function hint(trace, sweep, step) {
  if (sweep.pass === "primal") {
    return `Put the numbers into ${label(trace, step)} = ${mathText(primalFormula(trace, step))}.`;
  }
  if (sweep.pass === "forward") {
    const terms = forwardTerms(trace, sweep.row(step)).length;
    return terms > 1
      ? `There are ${count(terms)} terms, each a tangent times a slope.`
      : "It is the operand's tangent times the slope.";
  }
  const isFirst = sweep.stepsTo(sweep.row(step))[0] === step;
  const user = label(trace, sweep.user(step), ACCENTS.reverse);
  const product = `${user} times the slope`;
  return isFirst
    ? `It is ${product}.`
    : `To ${written(trace, sweep.before(step))} this use adds ${product}.`;
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} step @param {Reason} reason @returns {Remark[]} */
function rightPart(trace, sweep, step, { where, names, operand }) {
  if (sweep.pass !== "reverse" || names.includes("use_forgotten")) return [];
  const slot = sweep.row(step);
  const isFirst = sweep.stepsTo(slot)[0] === step;
  if (where === "sum") {
    if (isFirst || !/^(last|uses)_/.test(names[0])) return [];
    const rest = `this use sends back ${productText(trace, sweep, step)}.`;
    return [{ mark: "right", first: "The product is right:", rest }];
  }
  if (where === "slope") {
    const carrier = carrierText(trace, sweep, sweep.user(step), operand);
    return [{ mark: "right", first: "The factor that comes back is right:", rest: `${carrier}.` }];
  }
  if (isFirst || names.includes("last_use_only")) return [];
  const before = written(trace, sweep.before(step));
  return [{ mark: "right", first: "The sum is right:", rest: `you added to ${before}.` }];
}

/**
 * What stands in braces in the sentences about mistakes.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {(slot: number) => number[]} uses
 * @param {number} step
 * @param {Reason} reason
 * @returns {Record<string, () => string>}
 */
function wordsFor(trace, sweep, uses, step, { operand: k }) {
  const [slot, user] = [sweep.row(step), sweep.user(step)];
  const target = mathText(asked(trace, sweep, step));
  const isReverse = sweep.pass === "reverse";
  return {
    target: () => target,
    name: () => label(trace, slot),
    user: () => label(trace, user),
    operand: () => label(trace, trace.operands[user][k] ?? slot),
    row: () => `${label(trace, user)} = ${mathText(primalFormula(trace, user))}`,
    slope: () => slopeText(trace, user, k),
    carrier: () => carrierText(trace, sweep, user, k),
    derivative: () => (isReverse ? "adjoint" : "tangent"),
    asked: () => NAMES[sweep.pass],
    unasked: () => (isReverse ? "tangent" : "adjoint"),
    uses: () => {
      const users = uses(slot);
      const names = [...new Set(users)].slice(0, 4).map((u) => label(trace, u));
      return `${label(trace, slot)} is read ${times(users.length)}, by ${enumerate(names)}`;
    },
    sum: () =>
      `${written(trace, sweep.before(step))} + ${inParentheses(written(trace, sweep.amount(step)))}`,
    part: () => {
      const place = forwardTerms(trace, slot).indexOf(k);
      return written(trace, isReverse ? sweep.amount(step) : (sweep.terms(slot)[place] ?? NaN));
    },
  };
}

/** ∂v₁/∂v₋₁ = v₀ = −4 @param {Trace} trace @param {number} user @param {number} k */
function slopeText(trace, user, k) {
  const value = written(trace, trace.partials[user][k]);
  const formula = mathText(slopeFormula(trace, user, k));
  const ratio = `∂${label(trace, user)}/∂${label(trace, Number(trace.operands[user][k]))}`;
  return [...new Set([ratio, formula, value])].filter(Boolean).join(" = ");
}

/** v̄₁ = 1 @param {Trace} trace @param {Sweep} sweep @param {number} user @param {number} k */
function carrierText(trace, sweep, user, k) {
  const slot = sweep.pass === "reverse" ? user : Number(trace.operands[user][k]);
  return `${label(trace, slot, ACCENTS[sweep.pass])} = ${written(trace, sweep.derivative(slot))}`;
}

/** @param {Trace} trace @param {import("./trace.js").Quantity} x */
function written(trace, x) {
  return formatNumber(x, trace.digits);
}

/** @param {string} text */
function inParentheses(text) {
  return text.startsWith("−") ? `(${text})` : text;
}
