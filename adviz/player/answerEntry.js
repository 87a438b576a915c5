// @ts-check
/**
 * Answers as a person types them: −4.333, 4,3, -13/3, -4 1/3, ⅓, 33%, 1*-4, 2·ln(3); and formulas, which have names
 * in them: v₋₁·v₀, −1/x1^2. adviz/tutor/entries.py reads the same.
 */
import { OPERATIONS } from "./arithmetic.js";

/**
 * A number that was typed, arithmetic with numbers, or a formula.
 * @typedef {object} Entry
 * @property {number} value
 * @property {number} places  decimal places of a number typed as such; Infinity for arithmetic, which is
 *   as exact as can be
 * @property {number} figures  significant digits, likewise
 * @property {number[]} others  what a formula gives at the other points at which formulas are compared
 * @property {number} unit  what the last decimal place of the numbers in it is worth, of the coarsest
 *   one; 0 where all are whole
 */

const MOST_CHARACTERS = 200;
const DEEPEST = 20;
const MOST_PLACES = 300;
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i;
const WORD = /^[a-z]\w*/i;
/** What people write for what the table of operations calls otherwise. */
const ALIASES = new Map([
  ["ln", "log"],
  ["asin", "arcsin"],
  ["acos", "arccos"],
  ["atan", "arctan"],
]);
const CONSTANTS = new Map([
  ["pi", Math.PI],
  ["π", Math.PI],
  ["e", Math.E],
]);

/**
 * @param {string} text
 * @returns {Entry | null}  null where it is not understood, or not finite
 */
export function readEntry(text) {
  const value = arithmetic(text, new Map());
  if (value === null) return null;
  const plain = plainText(text);
  const decimals = [...plain.matchAll(/\.(\d+)/g)].map(([, digits]) => digits.length);
  const unit = decimals.length > 0 ? 10 ** -Math.min(...decimals) : 0;
  const typed = /^[+-]? *(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(plain);
  if (!typed) return { ...exactly(value), unit };
  const [, whole, fraction, power] = typed;
  const places = Math.max(fraction.length - Number(power ?? 0), -MOST_PLACES);
  const figures = (whole + fraction).replace(/^0+/, "").length;
  return { value, places, figures, others: [], unit: 10 ** -places };
}

/** A number that is not rounded. @param {number} value @returns {Entry} */
export function exactly(value) {
  return { value, places: Infinity, figures: Infinity, others: [], unit: 0 };
}

/**
 * @param {string} text
 * @param {Map<string, number>[]} worlds  what names stand for: at the inputs, and at other points
 * @returns {Entry | null}  null where it is not understood, or not finite at the inputs
 */
export function readFormula(text, [here, ...points]) {
  const value = arithmetic(text, here);
  if (value === null) return null;
  const others = points.map((names) => arithmetic(text, names) ?? NaN);
  return { ...exactly(value), others };
}

/**
 * What arithmetic gives that a person has written.
 * @param {string} text
 * @param {Map<string, number>} names  what they stand for
 * @returns {number | null}  null where it is not understood, or something in it is not finite
 */
export function arithmetic(text, names) {
  if (text.length > MOST_CHARACTERS) return null;
  const known = [...CONSTANTS, ...names].map(
    ([name, x]) => /** @type {const} */ ([plainText(name), x]),
  );
  const value = createReader(plainText(text), new Map(known)).read();
  return Number.isFinite(value) ? value : null;
}

/** A text, or a name, with plain signs for those that people write. @param {string} text */
export function plainText(text) {
  return text
    .normalize("NFD")
    .replace(/(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))/g, "")
    .replace(/[\t\n\u00a0\u2002-\u200a\u202f\u205f]/g, " ")
    .replace(/^ +| +$/g, "")
    .replace(/(?:(?<![\d_a-z.,])(\d+) *)?([¼-¾⅐-⅞])/gi, vulgar)
    .replace(/×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, power) => `e${digitsOf(power)}`)
    .replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (power) => `^(${digitsOf(power)})`)
    .replace(/[₋₀₁₂₃₄₅₆₇₈₉]/g, (digit) => "-0123456789"["₋₀₁₂₃₄₅₆₇₈₉".indexOf(digit)])
    .replace(/[−–‐‑‒－]/g, "-")
    .replace(/(?<!\d)_\{(-?\d+)\}/g, "$1")
    .replace(/(?<!\d)_(-?\d)/g, "$1")
    .replace(/\u0304/g, "bar")
    .replace(/\u0307/g, "dot")
    .replace(/[×·⋅]/g, "*")
    .replace(/[÷⁄∕:]/g, "/")
    .replace(/\*\*/g, "^")
    .replace(/√/g, "sqrt ")
    .replace(/(\d),(\d)/g, "$1.$2")
    .replace(/(?<![\d_a-z.])(?<!e[-+])(\d+\.?\d*|\.\d+) *%/gi, "$1e-2")
    .replace(/(?<![\d_a-z.])(\d+) +(\d+) *\/ *(\d+)(?![\d.])/gi, "($1+$2/$3)");
}

/**
 * A fraction of one character, and what is in front of it, as 4⅓, as a sum.
 * @param {string} _
 * @param {string | undefined} whole
 * @param {string} fraction
 */
function vulgar(_, whole, fraction) {
  const written = fraction.normalize("NFKC");
  return whole ? `(${whole}+${written})` : `(${written})`;
}

/** @param {string} power  in superscripts */
function digitsOf(power) {
  return power.replace(/./g, (c) => "-0123456789"["⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)]);
}

/**
 * Reads arithmetic by the usual precedence: sums of products of signed powers.
 * @param {string} text
 * @param {Map<string, number>} known
 */
function createReader(text, known) {
  let rest = text;
  let depth = 0;
  let isRefused = false;
  // Of v1 and v10 the longer comes first.
  const names = [...known.keys()].sort((a, b) => b.length - a.length);

  /** @param {string} sign @returns {boolean} whether it came next, and was read */
  function took(sign) {
    rest = rest.replace(/^ +/, "");
    if (!rest.startsWith(sign)) return false;
    rest = rest.slice(sign.length);
    return true;
  }

  /** Gives up what is not understood, or not finite. */
  function refuse() {
    isRefused = true;
    rest = "";
    return NaN;
  }

  /** @param {string} operation @param {...number} operands */
  function run(operation, ...operands) {
    const result = OPERATIONS[operation](...operands);
    return Number.isFinite(result) ? result : refuse();
  }

  /** @returns {number} */
  function sum() {
    let total = product();
    for (;;) {
      if (took("+")) total = run("add", total, product());
      else if (took("-")) total = run("sub", total, product());
      else return total;
    }
  }

  /** @returns {number} */
  function product() {
    let total = signed();
    for (;;) {
      if (took("*")) total = run("mul", total, signed());
      else if (took("/")) total = run("div", total, signed());
      else if (/^ *[a-z(\u0080-\uffff]/i.test(rest)) total = run("mul", total, power());
      else return total;
    }
  }

  /** @returns {number} */
  function signed() {
    if (took("-")) return -signed();
    return took("+") ? signed() : power();
  }

  /** @returns {number} */
  function power() {
    const base = atom();
    return took("^") ? run("pow", base, signed()) : base;
  }

  /** @returns {number} */
  function atom() {
    if (took("(")) {
      depth++;
      const inside = depth > DEEPEST ? refuse() : sum();
      depth--;
      return took(")") ? inside : refuse();
    }
    const name = names.find((known) => rest.startsWith(known) && isEnd(rest.slice(known.length)));
    if (name !== undefined) {
      rest = rest.slice(name.length);
      return Number(known.get(name));
    }
    const [word] = WORD.exec(rest) ?? [];
    if (word !== undefined) {
      // A product of names of one letter, as in 2xy.
      if (!isFunction(operationOf(word)) && [...word].every((letter) => known.has(letter))) {
        rest = rest.slice(1);
        return Number(known.get(word[0]));
      }
      rest = rest.slice(word.length);
      return call(operationOf(word));
    }
    const [number] = NUMBER.exec(rest) ?? [];
    if (number === undefined) return refuse();
    rest = rest.slice(number.length);
    return Number(number);
  }

  /** @param {string} operation */
  function call(operation) {
    if (!isFunction(operation)) return refuse();
    const operand = atom();
    return run(operation, operand);
  }

  return {
    /** @returns {number} NaN where it is not understood, or something in it is not finite */
    read() {
      const total = sum();
      return /^ *$/.test(rest) && !isRefused ? total : NaN;
    },
  };
}

/** Whether a name ends where this follows. @param {string} after */
function isEnd(after) {
  return !/^[\w\u0080-\uffff]/.test(after);
}

/** @param {string} word */
function operationOf(word) {
  const name = word.toLowerCase();
  return ALIASES.get(name) ?? name;
}

/** @param {string} name */
function isFunction(name) {
  return (
    Object.hasOwn(OPERATIONS, name) && OPERATIONS[name].length === 1 && !/^(is|cbrt)/.test(name)
  );
}
