// @ts-check
/** Answers as a person types them: −4.333, 4,3, -13/3, 1*-4, 2·ln(3). */
import { OPERATIONS } from "./arithmetic.js";

/**
 * A number that was typed, or arithmetic with numbers.
 * @typedef {object} Entry
 * @property {number} value
 * @property {number} places  decimal places of a number typed as such; Infinity for arithmetic, which is
 *   as exact as can be
 * @property {number} figures  significant digits, likewise
 * @property {number[]} others  what a formula gives at the other points at which formulas are compared
 */

const MOST_CHARACTERS = 100;
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i;
const NAME = /^[a-z]\w*/i;
/** What people write for what the table of operations calls otherwise. */
const ALIASES = new Map([
  ["ln", "log"],
  ["asin", "arcsin"],
  ["acos", "arccos"],
  ["atan", "arctan"],
]);

/**
 * @param {string} text
 * @returns {Entry | null}  null where it is not understood, or not finite
 */
export function readEntry(text) {
  if (text.length > MOST_CHARACTERS) return null;
  const plain = text
    .trim()
    .replace(/×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, power) => `e${plainPower(power)}`)
    .replace(/[−–]/g, "-")
    .replace(/[×·⋅]/g, "*")
    .replace(/[÷⁄:]/g, "/")
    .replace(/²/g, "^2")
    .replace(/\*\*/g, "^")
    .replace(/√/g, "sqrt ")
    .replace(/(\d),(\d)/g, "$1.$2");
  const value = createReader(plain).read();
  if (value === null || !Number.isFinite(value)) return null;
  const typed = /^[+-]?\s*(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(plain);
  if (!typed) return { value, places: Infinity, figures: Infinity, others: [] };
  const [, whole, fraction, power] = typed;
  return {
    value,
    places: fraction.length - Number(power ?? 0),
    figures: (whole + fraction).replace(/^0+/, "").length,
    others: [],
  };
}

/** @param {string} power */
function plainPower(power) {
  return power.replace(/./g, (c) => (c === "⁻" ? "-" : String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c))));
}

/** Reads arithmetic by the usual precedence: sums of products of signed powers. @param {string} text */
function createReader(text) {
  let rest = text;

  /** @param {string} sign @returns {boolean} whether it came next, and was read */
  function took(sign) {
    rest = rest.trimStart();
    if (!rest.startsWith(sign)) return false;
    rest = rest.slice(sign.length);
    return true;
  }

  /** @returns {number} NaN where it is not understood */
  function sum() {
    let total = product();
    for (;;) {
      if (took("+")) total += product();
      else if (took("-")) total -= product();
      else return total;
    }
  }

  /** @returns {number} */
  function product() {
    let total = signed();
    for (;;) {
      if (took("*")) total *= signed();
      else if (took("/")) total /= signed();
      else return total;
    }
  }

  /** @returns {number} */
  function signed() {
    if (took("-")) return -signed();
    if (took("+")) return signed();
    const base = atom();
    return took("^") ? OPERATIONS.pow(base, signed()) : base;
  }

  /** @returns {number} */
  function atom() {
    if (took("(")) {
      const inside = sum();
      return took(")") ? inside : NaN;
    }
    const [name] = NAME.exec(rest) ?? [];
    if (name !== undefined) {
      rest = rest.slice(name.length);
      return call(name.toLowerCase());
    }
    const [number] = NUMBER.exec(rest) ?? [];
    if (number === undefined) return NaN;
    rest = rest.slice(number.length);
    return Number(number);
  }

  /** @param {string} name */
  function call(name) {
    const operation = ALIASES.get(name) ?? name;
    if (!Object.hasOwn(OPERATIONS, operation) || OPERATIONS[operation].length !== 1) return NaN;
    const operand = atom();
    return OPERATIONS[operation](operand);
  }

  return {
    /** @returns {number | null} */
    read() {
      const total = sum();
      return rest.trim() === "" && !Number.isNaN(total) ? total : null;
    },
  };
}
