// @ts-check
/** Reads what a trace document brings for evaluating the trace at other inputs. */
import { OPERATIONS } from "./arithmetic.js";
import { asIndex, asList, asNumber, asObject, asText, check, MAX_NAME } from "./documentChecks.js";
import { compiled } from "./evaluation.js";

/**
 * @typedef {import("./evaluation.js").Program} Program
 * @typedef {import("./trace.js").Form} Form
 */

const MAX_LINES = 1000;
const MAX_ARITY = 2;

/**
 * An operand as a document has it: a slot, or −1 − k for the k-th constant. Documents of version 1
 * have null for a constant.
 * @param {unknown} value
 * @param {number} slot  of the row that uses it, which is above those it uses
 * @param {number[]} constants
 * @param {string} what
 * @returns {number | [number]}  a slot, or a constant in a list of its own
 */
export function readOperand(value, slot, constants, what) {
  if (value === null) return [NaN];
  if (Number.isInteger(value) && Number(value) < 0) {
    return [constants[asIndex(-1 - Number(value), constants.length, what)]];
  }
  return asIndex(value, slot, what);
}

/**
 * @param {unknown} value
 * @param {(Form | null)[]} forms  by slot
 * @param {(number | null)[][]} operands  by slot
 * @returns {{programs: (Program | null)[], longestProgram: number}}
 */
export function readPrograms(value, forms, operands) {
  const fields = asObject(value, "programs");
  let longestProgram = 1;
  /** @type {Map<string, {program: Program, arity: number}>} */
  const read = new Map();
  for (const [name, entry] of Object.entries(fields)) {
    const found = readProgram(entry);
    longestProgram = Math.max(longestProgram, found.length);
    read.set(name, found);
  }
  const programs = forms.map((form, slot) => {
    if (!form || operands[slot].length === 0) return null;
    const found = read.get(form.op);
    check(found?.arity === operands[slot].length, "an operation has no program that fits it");
    return found.program;
  });
  return { programs, longestProgram };
}

/**
 * @param {unknown} entry
 * @returns {{program: Program, arity: number, length: number}}  `length`: how many numbers it needs
 */
export function readProgram(entry) {
  const { value: code, partials } = asObject(entry, "programs");
  const arity = asList(partials, "programs.partials").length;
  check(arity > 0 && arity <= MAX_ARITY, "a program has no operand or too many");
  let length = 1;
  /** @param {unknown} lines */
  const readOne = (lines) => {
    const count = asList(lines, "programs").length + arity;
    check(count <= MAX_LINES, "a program is too long");
    length = Math.max(length, count);
    return readCode(lines, arity);
  };
  const program = { value: readOne(code), partials: asList(partials, "").map(readOne) };
  return { program, arity, length };
}

/**
 * Arithmetic with `arity` numbers and one more.
 * @param {unknown} value
 * @param {number} arity
 */
export function readCode(value, arity) {
  const code = asList(value, "programs");
  check(code.length > 0, "a program has no result");
  check(code.length <= MAX_LINES, "a program is too long");
  /** @param {unknown} operand @param {number} line @returns {number | [number]} */
  const operandOf = (operand, line) =>
    Array.isArray(operand)
      ? [asNumber(operand[0], "programs")]
      : asIndex(operand, arity + 1 + line, "programs");
  const lines = code.slice(0, -1).map((entry, line) => {
    const [name, ...operands] = asList(entry, "programs");
    const operation = asText(name, MAX_NAME, "programs");
    check(
      Object.hasOwn(OPERATIONS, operation) && OPERATIONS[operation].length === operands.length,
      `a program has an operation that this player cannot evaluate: ${operation}`,
    );
    return /** @type {[string, (number | [number])[]]} */ ([
      operation,
      operands.map((operand) => operandOf(operand, line)),
    ]);
  });
  return compiled(lines, operandOf(code[code.length - 1], lines.length), arity);
}
