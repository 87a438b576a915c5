// @ts-check
/**
 * An evaluation trace as the player holds it, once its document has been read (traceDocument.js).
 */
import { indexed, mathText } from "./math.js";

/**
 * @typedef {import("./math.js").Formula} Formula
 * @typedef {"primal" | "forward" | "reverse"} Pass
 */

/**
 * An array. Where it is small its numbers are known; where it is large, Python has described it.
 * @typedef {object} ArrayValue
 * @property {number[]} shape
 * @property {ArrayLike<number> | null} numbers  row by row; null where there are many, or they are
 *   complex
 * @property {number[]} [pairs]  of complex numbers the real and the imaginary part of each, where
 *   there are not many
 * @property {string} dtype  as NumPy names it
 * @property {string} text  "[1, −0.5]", or its shape and what lies in it: "2×3, 0 to 5"
 * @property {string} entries  all its numbers; "" where there are many
 * @property {string[] | null} picture  its rows, one character a cell (see adviz/render/picture.py)
 */

/**
 * @typedef {number | ArrayValue} Quantity
 */

/**
 * An array that an operation uses as it is.
 * @typedef {object} ConstantArray
 * @property {Formula} math  its name in the program, or its shape
 * @property {ArrayValue} value
 */

/**
 * @typedef {object} Input
 * @property {string} name
 * @property {unknown} math  the name as a formula
 * @property {string} text  the same in Unicode: "x₁"
 */

/**
 * @typedef {Input & {row: number}} Output
 */

/**
 * How the value and the derivative terms of a row are written, with slots where its operands stand.
 * @typedef {object} Form
 * @property {string} op
 * @property {string} symbol
 * @property {unknown} value
 * @property {(Term | null)[]} terms  one for each operand
 * @property {(Term | null)[]} tangents  the same as they are written in the forward pass
 * @property {string[]} subscripts  of a contraction: the letters of the indices of each operand and
 *   of the result; none otherwise
 * @property {boolean} isMap  whether it is an operation on arrays that is no product with a partial
 * @typedef {{negative: boolean, body: unknown, partialNegative: boolean, partial: unknown}} Term  its
 *   partial is null where the document has none
 */

/**
 * A stretch of source. Lines count from 0 in its source, columns in code points.
 * @typedef {object} Site
 * @property {number} source
 * @property {number} line
 * @property {number | null} column
 * @property {number} endLine
 * @property {number | null} endColumn
 * @property {string} name  what the program calls the result; "" where it gives it no name
 */

/**
 * The source of one function.
 * @typedef {object} Source
 * @property {string} title
 * @property {number[]} numbers  the lines' numbers in their file; those left out are skipped
 * @property {string[]} lines
 */

/**
 * @typedef {{function: string, parent: number | null, site: Site | null}} Call
 */

/**
 * A comparison that the program made.
 * @typedef {object} Decision
 * @property {number} before  the row that came next
 * @property {string} text
 * @property {(number | [number])[]} operands  a slot, or a constant in a list of its own
 * @property {string} operator
 * @property {Quantity[]} recorded  the two sides, or the one, where the page does not know them
 * @property {string} outcome
 * @property {Site | null} site
 */

/**
 * The rows from `start` to `stop` − 1, which one call of a helper function made, or one pass of a
 * loop.
 * @typedef {object} Group
 * @property {string} title
 * @property {Call} call  of a pass, the call that it is part of
 * @property {number} start
 * @property {number} stop
 * @property {number} depth  how many groups it lies in
 * @property {boolean} folds  whether it is closed where the document opens with groups folded
 * @property {Loop | null} loop  of a pass
 * @property {number} number  of a pass, from 1; 0 where it is not known
 * @property {{name: string, value: string}[]} variables  of the loop, those that are known
 * @property {string} values  the same as text, "k = 7"; "" where none is known
 */

/**
 * The passes that a loop made from when it was entered until it was left.
 * @typedef {object} Loop
 * @property {Site | null} site  its header
 * @property {number[]} passes  the groups, in order
 * @property {number} total  the number of the last pass; 0 where it is not known
 */

/**
 * What Python computed of a trace that holds arrays: forward by input, reverse by output.
 * @typedef {object} Sweeps
 * @property {{tangent: Quantity[], terms: Quantity[][]}[]} forward  terms: of rows that have
 *   several
 * @property {Addition[][]} reverse  by step
 */

/**
 * What a step of the return sweep adds to an adjoint.
 * @typedef {object} Addition
 * @property {Quantity} amount
 * @property {Quantity | null} after  the adjoint then; null where it is to be added up
 * @property {ArrayValue | null} product  what was summed over axes to give the amount, if it was
 */

/**
 * Where the rows and the edges of a graph lie.
 * @typedef {{width: number, height: number, nodes: GraphNode[], edges: GraphEdge[]}} Graph
 * @typedef {{row: number, x: number, y: number, width: number, height: number}} GraphNode
 * @typedef {{from: number, to: number, operand: number, points: Point[]}} GraphEdge
 * @typedef {[x: number, y: number]} Point
 */

/**
 * An evaluation trace, its rows in slots 0 … count − 1, the inputs first. Its values and partials are
 * those of the inputs as they are now: evaluation.js changes them.
 * @typedef {object} Trace
 * @property {string} function
 * @property {number} digits  significant digits shown
 * @property {{pass: Pass, input: number, output: number, folded: boolean, step: number,
 *   predict: boolean, passes: Pass[]}} view  where and how it opens; `passes` are those that it offers
 * @property {Input[]} inputs
 * @property {Output[]} outputs
 * @property {number} count  of rows
 * @property {(Form | null)[]} forms  by slot
 * @property {(number | null)[][]} operands  by slot: other slots; null where a constant stands
 * @property {ArrayLike<Quantity>} values  by slot
 * @property {number[][]} partials  by slot and operand; NaN where a constant stands, and where the
 *   partial is an array
 * @property {Map<number, number[]>} constants  by slot, of the rows that have any: its operands, NaN
 *   where a row stands or an array
 * @property {Map<number, (ConstantArray | null)[]>} constantArrays  by slot, of the rows that have
 *   any: null where its operand is something else
 * @property {(import("./evaluation.js").Program | null)[]} programs  by slot; null for inputs and for
 *   outputs that no input reaches
 * @property {number} longestProgram  how many numbers the longest program needs
 * @property {import("./documentMistakes.js").Mistakes} mistakes  the wrong rules that answers are
 *   compared with
 * @property {boolean} isLive  whether it can be evaluated at other inputs
 * @property {{code: string, name: string} | null} recording  why it cannot
 * @property {Sweeps | null} sweeps  of a trace that holds arrays; others are computed in sweeps.js
 * @property {(Site | null)[]} sites  by slot
 * @property {number[]} call  by slot, an index into calls
 * @property {Call[]} calls
 * @property {Source[]} sources
 * @property {Decision[]} decisions  in the order in which the program made them
 * @property {import("./documentNotes.js").Note[]} notes  about the whole trace, whatever its inputs
 * @property {Map<number, string>} remarks  of a recording, the choice made at the kink of a row, by slot
 * @property {Graph | null} graph  null where the player lays it out
 * @property {Group[]} groups  each before those inside it
 */

/**
 * Griewank and Walther's number of a row: −1, 0 | 1, 2, … for two inputs.
 * @param {Trace} trace
 * @param {number} slot
 */
export function rowIndex(trace, slot) {
  return slot - trace.inputs.length + 1;
}

/**
 * vᵢ, or v̄ᵢ, v̇ᵢ with an accent.
 * @param {Trace} trace
 * @param {number} slot
 * @param {string} [accent]
 * @returns {Formula}
 */
export function symbol(trace, slot, accent) {
  return indexed(
    accent ? ["mover", ["mi", "v"], ["mo", accent]] : ["mi", "v"],
    rowIndex(trace, slot),
  );
}

/**
 * The same as text: v₋₁, v̄₋₁.
 * @param {Trace} trace
 * @param {number} slot
 * @param {string} [accent]
 */
export function label(trace, slot, accent) {
  return mathText(symbol(trace, slot, accent));
}

/**
 * The numbers that a decision compares, as they are now: two, or one.
 * @param {Trace} trace
 * @param {Decision} decision
 * @returns {Quantity[]}
 */
export function comparedNumbers(trace, { operands, recorded }) {
  if (recorded.length > 0) return recorded;
  return operands.map((operand) =>
    typeof operand === "number" ? trace.values[operand] : operand[0],
  );
}

/**
 * The functions that were being called at a row, outermost first.
 * @param {Trace} trace
 * @param {number} slot
 */
export function callPath(trace, slot) {
  const path = [];
  for (
    let c = /** @type {number | null} */ (trace.call[slot]);
    c !== null;
    c = trace.calls[c].parent
  ) {
    path.push(trace.calls[c].function);
  }
  return path.reverse();
}
