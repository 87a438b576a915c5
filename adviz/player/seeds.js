// @ts-check
/** What a pass is seeded with, in words and as text. */
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 */

/**
 * The place of the only seed that is not 0, where it is 1; −1 for any other seeds.
 * @param {number[]} seeds
 */
export function onlySeed(seeds) {
  const places = seeds.flatMap((seed, k) => (seed === 0 ? [] : [k]));
  return places.length === 1 && seeds[places[0]] === 1 ? places[0] : -1;
}

/**
 * What a return sweep differentiates: y₁, or 2·y₁ − y₂.
 * @param {Trace} trace
 * @param {number[]} weights
 */
export function weightedOutputs(trace, weights) {
  let text = "";
  for (const [output, weight] of weights.entries()) {
    if (weight === 0) continue;
    const size = Math.abs(weight);
    const factor = size === 1 ? "" : `${formatNumber(size, trace.digits)}·`;
    const sign = weight < 0 ? (text ? " − " : "−") : text ? " + " : "";
    text += `${sign}${factor}${trace.outputs[output].text}`;
  }
  return text;
}
