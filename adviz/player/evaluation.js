// @ts-check
/**
 * Evaluates a trace at other inputs: its values, and its partials, by the programs that the document
 * brings. A program is made of lines [operation, operands …] and a result. An operand is a number:
 * that of an operand of the row, from 0; then that of the row's value; then that of a line. A
 * constant is a number in a list of its own.
 */
import { OPERATIONS } from "./arithmetic.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Decision} Decision
 */

/**
 * What is known of an operation: its value of its operands, and the partial with respect to each.
 * @typedef {object} Program
 * @property {Code} value
 * @property {Code[]} partials
 * @property {{at: Code, choice: string} | null} kink  whether operands lie where there is no
 *   derivative, and what was chosen there
 * @typedef {(numbers: Float64Array) => number} Code  `numbers` holds the operands and then the value;
 *   what comes after them is overwritten
 */

/**
 * Why a trace does not hold at other inputs.
 * @typedef {object} Obstacle
 * @property {Decision} decision  a comparison that turns out otherwise
 * @property {number} left
 * @property {number} right
 */

/**
 * @param {[string, (number | [number])[]][]} lines  operations that are in OPERATIONS
 * @param {number | [number]} result
 * @param {number} arity  of the operation that the code belongs to
 * @returns {Code}
 */
export function compiled(lines, result, arity) {
  const steps = compiledLines(lines, arity + 1);
  const last = reading(result);
  return (numbers) => {
    for (const step of steps) step(numbers);
    return last(numbers);
  };
}

/**
 * @param {[string, (number | [number])[]][]} lines
 * @param {number} first  the place of the first line's number
 * @returns {((numbers: Float64Array) => void)[]}
 */
export function compiledLines(lines, first) {
  return lines.map(([name, operands], i) => {
    const [operation, [a, b, c]] = [OPERATIONS[name], operands.map(reading)];
    const place = first + i;
    return (numbers) => {
      numbers[place] = operation(a(numbers), b?.(numbers), c?.(numbers));
    };
  });
}

/** What an operand of a line, or a result, is. @param {number | [number]} operand @returns {Code} */
export function reading(operand) {
  if (typeof operand === "number") return (numbers) => numbers[operand];
  const [constant] = operand;
  return () => constant;
}

/**
 * Sets the values and the partials of a trace to those at other inputs; where a decision turns out
 * otherwise there, it changes nothing.
 * @param {Trace} trace  a live one
 * @param {number[]} inputs
 * @returns {Obstacle | null}  the first such decision; null where there is none
 */
export function evaluate(trace, inputs) {
  const values = new Float64Array(trace.count);
  const numbers = new Float64Array(trace.longestProgram);
  let d = 0;
  for (let slot = 0; slot <= trace.count; slot++) {
    for (; d < trace.decisions.length && trace.decisions[d].before === slot; d++) {
      const obstacle = checked(trace.decisions[d], values);
      if (obstacle) return obstacle;
    }
    if (slot === trace.count) break;
    const program = trace.programs[slot];
    if (slot < inputs.length) values[slot] = inputs[slot];
    else if (!program) values[slot] = Number(trace.values[slot]);
    else {
      readOperands(trace, slot, values, numbers);
      values[slot] = program.value(numbers);
    }
  }
  /** @type {Float64Array} */ (trace.values).set(values);
  evaluatePartials(trace);
  return null;
}

/**
 * Sets the partials of a trace to those of its values.
 * @param {Trace} trace
 */
export function evaluatePartials(trace) {
  const values = /** @type {Float64Array} */ (trace.values);
  const numbers = new Float64Array(trace.longestProgram);
  for (let slot = trace.inputs.length; slot < trace.count; slot++) {
    const program = trace.programs[slot];
    if (!program) continue;
    const operands = trace.operands[slot];
    const partials = trace.partials[slot];
    readOperands(trace, slot, values, numbers);
    numbers[operands.length] = values[slot];
    for (let k = 0; k < operands.length; k++) {
      if (operands[k] !== null) partials[k] = program.partials[k](numbers);
    }
  }
}

/**
 * The choice made where a row has a kink at its operands as they are now, as a code; "" elsewhere.
 * @param {Trace} trace
 * @param {number} slot
 */
export function choiceAt(trace, slot) {
  if (!trace.isLive) return trace.remarks.get(slot) ?? "";
  const kink = trace.programs[slot]?.kink;
  if (!kink) return "";
  const numbers = new Float64Array(trace.longestProgram);
  readOperands(trace, slot, /** @type {Float64Array} */ (trace.values), numbers);
  return kink.at(numbers) === 0 ? "" : kink.choice;
}

/**
 * @param {Trace} trace
 * @param {number} slot
 * @param {Float64Array} values
 * @param {Float64Array} numbers
 */
function readOperands(trace, slot, values, numbers) {
  const operands = trace.operands[slot];
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k];
    numbers[k] =
      operand === null ? /** @type {number[]} */ (trace.constants.get(slot))[k] : values[operand];
  }
}

/** @param {Decision} decision @param {Float64Array} values @returns {Obstacle | null} */
function checked(decision, values) {
  const [left, right] = decision.operands.map((operand) =>
    Array.isArray(operand) ? operand[0] : values[operand],
  );
  const outcome = OPERATIONS[decision.operator](left, right) === 1;
  return String(outcome) === decision.outcome ? null : { decision, left, right };
}
