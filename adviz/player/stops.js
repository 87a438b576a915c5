// @ts-check
/** Where a number that a person turns like a dial has to stop. */
import { stepped } from "./numberEntry.js";

const HALVINGS = 60;
const DIGITS = 6;

/**
 * @typedef {object} Stop
 * @property {number} from  where the turning began
 * @property {number} value  the last value that can be had
 * @property {number} boundary  what lies beyond it cannot
 * @property {boolean} reached  whether the boundary itself can
 * @property {boolean} isPoint  whether only the boundary cannot, and what lies close behind it can
 */

/**
 * The stop between a value that can be had and one that cannot, found by bisection. Between two
 * values of which one can be had and the other cannot there may be several: this is one of them.
 * @param {(x: number) => boolean} holds  whether a value can be had
 * @param {number} from  one that can
 * @param {number} to  one that cannot
 * @param {number} step  a value is left this far from a boundary that cannot be reached
 * @returns {Stop}
 */
export function stopBetween(holds, from, to, step) {
  let [good, bad] = [from, to];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = good + (bad - good) / 2;
    // Six digits are shown; two more decide how the sixth is rounded.
    const isClose = Math.abs(bad - good) <= 1e-8 * Math.max(Math.abs(good), Math.abs(bad));
    if (middle === good || middle === bad || isClose) break;
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  const boundary = rounded(bad, Math.abs(to - from));
  const isPassable = holds(boundary + 1e-6 * (to - from));
  const isBetween = (boundary - from) * (to - boundary) >= 0;
  if (isBetween && holds(boundary)) {
    return { from, value: boundary, boundary, reached: true, isPoint: false };
  }
  const before = lastStepBefore(from, boundary, step);
  const value = holds(before) ? before : good;
  return { from, value, boundary, reached: false, isPoint: isPassable };
}

/**
 * To the digits that are shown; what is nothing beside the way that was searched is zero.
 * @param {number} x
 * @param {number} way
 */
function rounded(x, way) {
  return Math.abs(x) < 1e-12 * way ? 0 : Number(x.toPrecision(DIGITS));
}

/** @param {number} from @param {number} boundary @param {number} step */
function lastStepBefore(from, boundary, step) {
  const direction = Math.sign(boundary - from);
  const steps = Math.ceil(Math.abs(boundary - from) / step - 1e-6) - 1;
  return stepped(from, direction * Math.max(0, steps), step);
}
