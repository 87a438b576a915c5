// @ts-check
/** Steps in words that can be read aloud. */
import { ACCENTS } from "./formulas.js";
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
  const user = label(trace, sweep.user(step));
  const before = sweep.stepsTo(slot)[0] === step ? "" : `, now ${number(value)}`;
  return speak(`${target} gains ${number(sweep.amount(step))} through ${user}${before}`);
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

/** @param {number} stop  from 0 @param {number} stopCount */
export function placeText(stop, stopCount) {
  return `step ${stop + 1} of ${stopCount}`;
}

/**
 * The pass, and whether steps are left out of it.
 * @param {import("./playhead.js").Playhead} playhead
 */
export function modeText({ pass, sweep, stopCount }) {
  return stopCount < sweep.length ? `${pass}, folded` : pass;
}

/** Mathematical signs in words: "v-bar minus 1". @param {string} text */
export function speak(text) {
  return text
    .normalize("NFD")
    .replace(/\u0304/g, "-bar")
    .replace(/\u0307/g, "-dot")
    .replace(/×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, power) => ` times 10 to the ${plainDigits(power)}`)
    .replace(/(?<=\d)×(?=\d)/g, " by ")
    .replace(/[₋₀-₉]+/g, (digits) => ` ${plainDigits(digits)}`)
    .replace(/∂([^/\s]+)\/∂(\S+?)(?=[.,]?(\s|$))/g, "the derivative of $1 with respect to $2")
    .replace(/−/g, "minus ")
    .replace(/∞/g, "infinity")
    .replace(/[·×]/g, " times ");
}

/** @param {string} digits */
function plainDigits(digits) {
  return digits.replace(/./g, (c) =>
    c === "⁻" || c === "₋" ? "minus " : String("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉".indexOf(c) % 10),
  );
}
