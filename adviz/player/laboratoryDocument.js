// @ts-check
/**
 * Reads a laboratory document, which need not be trusted: everything in it is checked, or cut to a
 * size that a page can show. Keys that are not known are ignored.
 */
import {
  asIndex,
  asList,
  asNumber,
  asObject,
  asText,
  check,
  MAX_SENTENCE,
} from "./documentChecks.js";

const MOST = { readings: 400, points: 1000, curves: 12, frames: 40, lines: 60, notes: 20 };
const MAX_LINE = 200;

/**
 * What is read at one step h.
 * @typedef {object} Reading
 * @property {number} h
 * @property {number} error
 * @property {number} slope  the scheme's result
 * @property {string} title  the reading in words
 * @property {[string, string][]} digits  the operands and the difference: names and digits
 * @property {string} marks  a mark under each digit of the difference
 * @property {string} summary  the counts of these marks in words
 * @property {number[]} heights  (f(x) − f(x₀)) / h at evenly spaced places from −reach to reach
 * @property {[number, number][]} nodes  the scheme's nodes and the heights there
 * @property {number} top  how high the close-up goes
 */

/**
 * @typedef {object} ErrorLaboratory
 * @property {"error"} kind
 * @property {string} title
 * @property {string} scheme  the one that is looked at
 * @property {string} measure
 * @property {number} truth  the true slope
 * @property {number} reach
 * @property {number[]} steps  the steps h of the curves
 * @property {{name: string, errors: number[]}[]} curves
 * @property {Reading[]} readings
 * @property {number} at  the reading at first
 * @property {string[]} notes
 */

/**
 * Formulas, written out and with every subexpression once.
 * @typedef {object} Shown
 * @property {unknown[]} written  formula trees
 * @property {string} text  the same for a screen reader
 * @property {string} more  how many are not written
 * @property {unknown[][]} shared  lines of formula trees
 */

/**
 * @typedef {object} Frame
 * @property {number} n
 * @property {string[]} counts  operations in each representation
 * @property {number[]} logs  their logarithms to base 10
 * @property {Shown} function
 * @property {Shown} derivative
 */

/**
 * @typedef {object} SwellLaboratory
 * @property {"swell"} kind
 * @property {string} title
 * @property {string[]} representations
 * @property {Frame[]} frames
 * @property {number} at
 */

/**
 * @param {unknown} document  or its text, which is how notebooks hold it
 * @returns {ErrorLaboratory | SwellLaboratory}
 */
export function readLaboratory(document) {
  const content = typeof document === "string" ? JSON.parse(document) : document;
  const given = asObject(content, "the document");
  check(
    given.version === 1,
    `its document has version ${String(given.version).slice(0, 20)}, and this player reads version 1`,
  );
  check(given.kind === "error" || given.kind === "swell", "its laboratory is not known");
  return given.kind === "error" ? readError(given) : readSwell(given);
}

/** @param {Record<string, unknown>} given @returns {ErrorLaboratory} */
function readError(given) {
  const steps = numbers(given.steps, "its steps");
  const readings = few(given.readings, MOST.readings, "its readings").map(readReading);
  check(readings.length > 0, "it has no readings");
  return {
    kind: "error",
    title: asText(given.title, MAX_LINE, "its title"),
    scheme: asText(given.scheme, MAX_LINE, "its scheme"),
    measure: asText(given.measure, MAX_LINE, "its measure"),
    truth: asNumber(given.truth, "its truth"),
    reach: Math.max(asNumber(given.reach, "its reach"), 1e-9) || 1,
    steps,
    curves: few(given.curves, MOST.curves, "its curves").map((item) => {
      const curve = asObject(item, "a curve");
      const errors = numbers(curve.errors, "a curve");
      check(errors.length === steps.length, "a curve is not as long as its steps");
      return { name: asText(curve.name, MAX_LINE, "a curve's name"), errors };
    }),
    readings,
    at: asIndex(given.at, readings.length, "its first reading"),
    notes: few(given.notes, MOST.notes, "its notes").map((n) => asText(n, MAX_SENTENCE, "a note")),
  };
}

/** @param {unknown} item @returns {Reading} */
function readReading(item) {
  const given = asObject(item, "a reading");
  const h = asNumber(given.h, "a reading");
  check(h > 0 && Number.isFinite(h), "a step is not positive");
  return {
    h,
    error: asNumber(given.error, "a reading"),
    slope: asNumber(given.slope, "a reading"),
    title: asText(given.title, MAX_SENTENCE, "a reading"),
    digits: few(given.digits, 6, "the digits").map((line) => {
      const [name, digits] = asList(line, "a line of digits");
      return [asText(name, 40, "a name"), asText(digits, MAX_LINE, "digits")];
    }),
    marks: asText(given.marks, MAX_LINE, "the marks"),
    summary: asText(given.summary, MAX_SENTENCE, "a summary"),
    heights: numbers(given.heights, "the heights"),
    nodes: few(given.nodes, 40, "the nodes").map((node) => {
      const [place, height] = numbers(node, "a node");
      return [place, height];
    }),
    top: asNumber(given.top, "a reading") || 1,
  };
}

/** @param {Record<string, unknown>} given @returns {SwellLaboratory} */
function readSwell(given) {
  const names = few(given.representations, 8, "its representations");
  const representations = names.map((name) => asText(name, MAX_LINE, "a representation"));
  const frames = few(given.frames, MOST.frames, "its sizes").map((item) => {
    const frame = asObject(item, "a size");
    const counts = few(frame.counts, 8, "the counts").map((c) => asText(c, 60, "a count"));
    const logs = numbers(frame.logs, "the counts");
    const count = representations.length;
    check(counts.length === count && logs.length === count, "a size lacks counts");
    return {
      n: asNumber(frame.n, "a size"),
      counts,
      logs,
      function: readShown(frame.function),
      derivative: readShown(frame.derivative),
    };
  });
  check(frames.length > 0, "it has no sizes");
  return {
    kind: "swell",
    title: asText(given.title, MAX_LINE, "its title"),
    representations,
    frames,
    at: asIndex(given.at, frames.length, "its first size"),
  };
}

/** @param {unknown} item @returns {Shown} */
function readShown(item) {
  const given = asObject(item, "a formula");
  return {
    written: few(given.written, 8, "the formulas"),
    text: asText(given.text, 4000, "a formula"),
    more: asText(given.more, MAX_LINE, "a note"),
    shared: few(given.shared, MOST.lines, "the lines").map((line) => few(line, 4, "a line")),
  };
}

/** A list with at most so many items; others are left out. @param {unknown} value @param {number} most @param {string} what */
function few(value, most, what) {
  return asList(value, what).slice(0, most);
}

/** @param {unknown} value @param {string} what */
function numbers(value, what) {
  return few(value, MOST.points, what).map((number) => asNumber(number, what));
}
