// @ts-check
/** Steps in words that can be read aloud. */
import { ACCENTS, termFormula } from "./formulas.js";
import { mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

/**
 * What a step does.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 */
export function announce(trace, sweep, step) {
  const slot = sweep.row(step);
  const target = label(trace, slot, ACCENTS[sweep.pass]);
  /** @param {Quantity} x */
  const number = (x) => formatNumber(x, trace.digits);
  if (sweep.pass !== "reverse" || sweep.output(step) >= 0) {
    return speak(`${target} is ${number(sweep.amount(step))}`);
  }
  const { value } = sweep.at(slot, step);
  const user = sweep.user(step);
  const [amount, now] = [number(sweep.amount(step)), `, now ${number(value)}`];
  const product = mathText(termFormula(trace, user, sweep.operand(step), ACCENTS.reverse));
  const gain = trace.forms[user]?.isMap
    ? `${amount} through ${label(trace, user)}`
    : `${product}, ${amount}`;
  return speak(`${target} gains ${gain}${sweep.stepsTo(slot)[0] === step ? "" : now}`);
}

/**
 * The same of a folded call that is passed in one step.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} group
 */
export function announceGroup(trace, sweep, group) {
  const { title, start, stop } = trace.groups[group];
  const way = sweep.pass === "reverse" ? "back through" : "through";
  return speak(`${way} ${title}, ${label(trace, start)} to ${label(trace, stop - 1)}`);
}

/** "k equals 7, pass 8 of 20". @param {Trace} trace @param {number} group */
export function announcePass(trace, group) {
  const { title } = trace.groups[group];
  return title.replaceAll(" = ", " equals ").replace(/(?<![\w.])-(?=\d)/g, "minus ");
}

/** @param {number} stop  from 0 @param {number} stopCount */
export function placeText(stop, stopCount) {
  return `step ${stop + 1} of ${stopCount}`;
}

/** Mathematical signs in words: "v minus 1 bar". @param {string} text */
export function speak(text) {
  return text
    .normalize("NFD")
    .replace(/\u0304([₋₀-₉]*)/g, "$1 bar")
    .replace(/\u0307([₋₀-₉]*)/g, "$1 dot")
    .replace(/×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, power) => ` times 10 to the ${plainDigits(power)}`)
    .replace(/(?<=\d)×(?=\d)/g, " by ")
    .replace(/[₋₀-₉]+/g, (digits) => ` ${plainDigits(digits)}`)
    .replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (power) => POWERS.get(power) ?? ` to the ${plainDigits(power)}`)
    .replace(/∂([^/\s]+)\/∂(\S+?)(?=[.,]?(\s|$))/g, "the derivative of $1 with respect to $2")
    .replace(/(?<=[\w)])\/(?=[\w√(])/g, " over ")
    .replace(/√/g, "the square root of ")
    .replace(/−/g, "minus ")
    .replace(/∞/g, "infinity")
    .replace(/[·×⊙]/g, " times ")
    .replace(/ {2,}/g, " ");
}

const POWERS = new Map([
  ["²", " squared"],
  ["³", " cubed"],
]);

/** @param {string} digits */
function plainDigits(digits) {
  return digits.replace(/./g, (c) =>
    c === "⁻" || c === "₋" ? "minus " : String("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉".indexOf(c) % 10),
  );
}
