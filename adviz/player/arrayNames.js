// @ts-check
/** What arrays are called in formulas: the names that the program gives them, where these are short. */
import { accented, indexed } from "./math.js";
import { symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./math.js").Formula} Formula
 */

const SHORT = /^(\p{L})([1-9]\d?|0)?$/u;
/** @type {WeakMap<Trace, Map<number, Formula>>} */
const known = new WeakMap();

/**
 * W̄ or, where the program has no short name for the row or gives the name to another row as well, v̄₀.
 * @param {Trace} trace
 * @param {number} slot
 * @param {string} [accent]
 * @returns {Formula}
 */
export function namedSymbol(trace, slot, accent) {
  const name = names(trace).get(slot);
  if (!name) return symbol(trace, slot, accent);
  return accent ? accented(name, accent) : name;
}

/** The names of a trace that holds arrays. @param {Trace} trace */
function names(trace) {
  const found = known.get(trace);
  if (found) return found;
  /** @type {Map<string, number[]>} */
  const slots = new Map();
  if (trace.sweeps) {
    trace.sites.forEach((site, slot) => {
      const name = slot < trace.inputs.length ? trace.inputs[slot].name : (site?.name ?? "");
      if (SHORT.test(name)) slots.set(name, [...(slots.get(name) ?? []), slot]);
    });
  }
  /** @type {Map<number, Formula>} */
  const made = new Map();
  for (const [name, [slot, another]] of slots) {
    if (another === undefined) made.set(slot, nameMath(name));
  }
  known.set(trace, made);
  return made;
}

/** @param {string} name @returns {Formula} */
function nameMath(name) {
  const [, letter, index] = /** @type {RegExpExecArray} */ (SHORT.exec(name));
  return index === undefined ? ["mi", letter] : indexed(["mi", letter], Number(index));
}
