// @ts-check
/** Reads the notes in a trace document: codes with their parameters. */
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

/**
 * A slope, and where it was taken.
 * @typedef {object} Slope
 * @property {number} row  whose slope it is
 * @property {number} operand
 * @property {number | null} number  null for an operation on arrays, whose derivative is a map
 * @property {number | null} at  the operand there; null where it is not known which entry it was
 * @property {number[]} entry  which entry that is, of an array
 */

/**
 * A note on the whole trace.
 * @typedef {{code: "sentence", text: string}} Sentence  in documents that were saved with sentences
 * @typedef {{code: "changed", file: string}} Changed  a file since it was imported
 * @typedef {{code: "independent", output: number, inputs: number[]}} Independent
 * @typedef {{code: "nonfinite", row: number, nan: boolean}} Nonfinite  the first such row
 * @typedef {object} NanGradient  where a gradient becomes NaN; see adviz/calculus/nan_gradients.py
 * @property {"nan_gradient"} code
 * @property {number} output
 * @property {string} cause  "sum", "slope", "product" or "infinity"
 * @property {number} row
 * @property {Slope | null} slope  its slope
 * @property {number} adjoint
 * @property {Slope | null} origin  the slope by which the adjoint became infinite
 * @typedef {Sentence | Changed | Independent | Nonfinite | NanGradient} Note
 */

const MOST_NOTES = 1000;
const MOST_AXES = 64;

/**
 * @param {unknown} value
 * @param {{rows: number, inputs: number, outputs: number}} counts
 * @returns {Note[]}
 */
export function readNotes(value, { rows, inputs, outputs }) {
  /** @param {unknown} entry @returns {Note} */
  function readNote(entry) {
    if (typeof entry === "string") {
      return { code: "sentence", text: asText(entry, MAX_SENTENCE, "notes") };
    }
    const { code, ...fields } = asObject(entry, "notes");
    switch (code) {
      case "changed":
        return { code, file: asText(fields.file, MAX_NAME, "notes.file") };
      case "independent":
        return {
          code,
          output: asIndex(fields.output, outputs, "notes.output"),
          inputs: asList(fields.inputs, "notes.inputs").map((k) =>
            asIndex(k, inputs, "notes.inputs"),
          ),
        };
      case "nonfinite":
        return { code, row: asIndex(fields.row, rows, "notes.row"), nan: fields.nan === true };
      default: {
        check(code === "nan_gradient", "notes has a code that this player does not know");
        const slope = readSlope(fields.slope);
        const cause = asText(fields.cause, MAX_NAME, "notes.cause");
        check(cause === "sum" || slope !== null, "notes.slope is missing");
        return {
          code: "nan_gradient",
          output: asIndex(fields.output, outputs, "notes.output"),
          cause,
          row: asIndex(fields.row, rows, "notes.row"),
          slope,
          adjoint: fields.adjoint === undefined ? NaN : asNumber(fields.adjoint, "notes.adjoint"),
          origin: readSlope(fields.origin),
        };
      }
    }
  }

  /** @param {unknown} entry @returns {Slope | null} */
  function readSlope(entry) {
    if (entry === undefined) return null;
    const what = "notes.slope";
    const { row, operand, number, at, entry: place } = asObject(entry, what);
    return {
      row: asIndex(row, rows, what),
      operand: asIndex(operand, rows, what),
      number: number === null ? null : asNumber(number, what),
      at: at === null ? null : asNumber(at, what),
      entry: asList(place ?? [], what)
        .slice(0, MOST_AXES)
        .map((k) => asNumber(k, what)),
    };
  }

  return asList(value ?? [], "notes")
    .slice(0, MOST_NOTES)
    .map(readNote);
}
