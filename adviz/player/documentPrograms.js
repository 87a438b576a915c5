// @ts-check
/** Reads what a trace document brings for evaluating the trace at other inputs. */
import { OPERATIONS } from "./arithmetic.js";
import {
  asIndex,
  asList,
  asNumber,
  asObject,
  asText,
  check,
  MAX_NAME,
  MAX_SENTENCE,
} from "./documentChecks.js";
import { compiled } from "./evaluation.js";

/**
 * @typedef {import("./evaluation.js").Program} Program
 * @typedef {import("./trace.js").Form} Form
 */

const MAX_LINES = 1000;
const MAX_ARITY = 2;
const MAX_OPERANDS = 10_000;

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
 * The operands of all rows.
 * @param {unknown[]} entries  by slot
 * @param {number[]} numbers  the document's constants
 * @param {number} inputs  how many rows are inputs, which have none
 * @returns {{operands: (number | null)[][], constants: Map<number, number[]>}}  by slot: null where a
 *   constant stands; and of the rows that have constants all operands, NaN where a row stands
 */
export function readOperands(entries, numbers, inputs) {
  /** @type {Map<number, number[]>} */
  const constants = new Map();
  const operands = entries.map((entry, slot) => {
    const list = asList(entry, "rows.operands");
    check(list.length <= MAX_OPERANDS, "a row has too many operands");
    if (list.every((o) => Number.isInteger(o) && Number(o) >= 0 && Number(o) < slot)) {
      check(slot >= inputs || list.length === 0, "an input has operands");
      return /** @type {number[]} */ (list);
    }
    const read = list.map((o) => readOperand(o, slot, numbers, `rows.operands[${slot}]`));
    check(slot >= inputs, "an input has operands");
    constants.set(
      slot,
      read.map((o) => (typeof o === "number" ? NaN : o[0])),
    );
    return read.map((o) => (typeof o === "number" ? o : null));
  });
  return { operands, constants };
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
  const { value: code, partials, kink } = asObject(entry, "programs");
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
  const program = {
    value: readOne(code),
    partials: asList(partials, "programs.partials").map(readOne),
    kink: kink === undefined ? null : readKink(kink, readOne),
  };
  return { program, arity, length };
}

/**
 * @param {unknown} value
 * @param {(lines: unknown) => Program["value"]} readOne
 * @returns {Program["kink"]}
 */
function readKink(value, readOne) {
  const { at, choice } = asObject(value, "programs.kink");
  return { at: readOne(at), choice: asText(choice, MAX_SENTENCE, "programs.kink") };
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
  const lines = readLines(code.slice(0, -1), arity + 1);
  return compiled(lines, readResult(code[code.length - 1], arity + 1 + lines.length), arity);
}

/**
 * Lines of arithmetic with so many numbers.
 * @param {unknown[]} code
 * @param {number} count
 */
export function readLines(code, count) {
  return code.map((entry, line) => {
    const [name, ...operands] = asList(entry, "programs");
    const operation = asText(name, MAX_NAME, "programs");
    check(
      Object.hasOwn(OPERATIONS, operation) && OPERATIONS[operation].length === operands.length,
      `a program has an operation that this player cannot evaluate: ${operation}`,
    );
    return /** @type {[string, (number | [number])[]]} */ ([
      operation,
      operands.map((operand) => readResult(operand, count + line)),
    ]);
  });
}

/**
 * One of so many numbers, or a constant.
 * @param {unknown} operand
 * @param {number} count
 * @returns {number | [number]}
 */
export function readResult(operand, count) {
  return Array.isArray(operand)
    ? [asNumber(operand[0], "programs")]
    : asIndex(operand, count, "programs");
}
