// @ts-check
/** What a reader should know of a whole trace at its inputs as they are now. */
import { html } from "./dom.js";
import { enumerate } from "./english.js";
import { formatNumber } from "./number.js";
import { sweepOf, unit } from "./sweeps.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./documentNotes.js").Note} Note
 * @typedef {import("./documentNotes.js").Slope} Slope
 */

const MOST_NOTES = 20;
/** A longer trace is not searched for the place where a gradient becomes NaN. */
const MOST_ROWS_SWEPT = 20_000;
const MOST_OUTPUTS = 20;

/** A pane with a paragraph for each note. @param {Trace} trace */
export function createNotes(trace) {
  const element = html("div", { class: "adviz-notes" });
  let shown = "";
  return {
    element,
    show() {
      const notes = notesOf(trace).slice(0, MOST_NOTES);
      if (notes.join("\n") === shown) return;
      shown = notes.join("\n");
      element.replaceChildren(...notes.map((note) => html("p", {}, note)));
    },
  };
}

/** @param {Trace} trace @returns {string[]} */
export function notesOf(trace) {
  const notes = trace.isLive ? liveNotes(trace) : trace.notes;
  return notes.map((note) => sentenceOf(trace, note));
}

/** What the numbers of a live trace say now. @param {Trace} trace @returns {Note[]} */
function liveNotes(trace) {
  const nonfinite = firstNonfinite(trace);
  return [
    ...independence(trace),
    ...trace.notes,
    ...(nonfinite ? [nonfinite] : lostGradients(trace)),
  ];
}

/**
 * Outputs that do not depend on inputs.
 * @param {Trace} trace
 * @returns {Note[]}
 */
function independence(trace) {
  return trace.outputs.slice(0, MOST_NOTES).flatMap(({ row }, output) => {
    const reached = new Uint8Array(row + 1);
    reached[row] = 1;
    for (let slot = row; slot >= trace.inputs.length; slot--) {
      if (reached[slot]) for (const o of trace.operands[slot]) if (o !== null) reached[o] = 1;
    }
    const inputs = trace.inputs.flatMap((_, slot) => (reached[slot] ? [] : [slot]));
    return inputs.length > 0 ? [{ code: "independent", output, inputs }] : [];
  });
}

/** The row where trouble began. @param {Trace} trace @returns {Note | null} */
function firstNonfinite(trace) {
  for (let row = 0; row < trace.count; row++) {
    const value = Number(trace.values[row]);
    if (!Number.isFinite(value)) return { code: "nonfinite", row, nan: Number.isNaN(value) };
  }
  return null;
}

/**
 * Gradients that are NaN although the values are finite, and where that begins.
 * @param {Trace} trace
 * @returns {Note[]}
 */
function lostGradients(trace) {
  if (trace.count > MOST_ROWS_SWEPT) return [];
  return trace.outputs.slice(0, MOST_OUTPUTS).flatMap((_, output) => {
    const sweep = sweepOf(trace, "reverse", unit(output, trace.outputs.length));
    if (!trace.inputs.some((__, slot) => Number.isNaN(sweep.derivative(slot)))) return [];
    const found = whereNaNBegins(trace, sweep);
    return found ? [{ code: "nan_gradient", output, adjoint: NaN, origin: null, ...found }] : [];
  });
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @returns {{cause: string, row: number, slope: Slope | null, adjoint?: number} | null}
 */
function whereNaNBegins(trace, sweep) {
  for (let step = 0; step < sweep.length; step++) {
    const [operand, row] = [sweep.row(step), sweep.user(step)];
    if (Number.isNaN(Number(sweep.amount(step))) && sweep.output(step) < 0) {
      const number = trace.partials[row][sweep.operand(step)];
      const at = Number(trace.values[operand]);
      const slope = { row, operand, number, at, entry: [] };
      if (Number.isNaN(number)) return { cause: "slope", row, slope };
      return { cause: "product", row, slope, adjoint: Number(sweep.derivative(row)) };
    }
    if (Number.isNaN(sweep.at(operand, step).value)) {
      return { cause: "sum", row: operand, slope: null };
    }
  }
  return null;
}

// In words

/** @param {Trace} trace @param {Note} note @returns {string} */
function sentenceOf(trace, note) {
  switch (note.code) {
    case "sentence":
      return note.text;
    case "changed":
      return `${note.file} has changed since it was imported. Start Python again, or reload.`;
    case "independent": {
      const { text } = trace.outputs[note.output];
      if (note.inputs.length === trace.inputs.length) {
        return `${text} does not depend on the inputs: its derivatives are zero.`;
      }
      const names = enumerate(note.inputs.map((slot) => trace.inputs[slot].text));
      return `${text} does not depend on ${names}: the derivative is zero.`;
    }
    case "nonfinite": {
      const what = note.nan ? "NaN" : "infinity";
      const is =
        typeof trace.values[note.row] === "object" ? `not finite, with ${what} in it` : what;
      return `${label(trace, note.row)} is the first row that is ${is}${placeText(trace, note.row)}.`;
    }
    default: {
      const { text } = trace.outputs[note.output];
      return `The gradient of ${text} is NaN: ${causeText(trace, note)}`;
    }
  }
}

/** @param {Trace} trace @param {import("./documentNotes.js").NanGradient} note */
function causeText(trace, { cause, row, slope, adjoint, origin }) {
  const where = `${label(trace, row)}${placeText(trace, row)}`;
  /** @param {number | null} x */
  const number = (x) => formatNumber(x ?? Infinity, trace.digits);
  if (cause === "sum" || !slope) return `at ${where} ∞ and −∞ are added up.`;
  if (cause === "slope") {
    return `${where} has no slope ${operandText(trace, slope)}, where it is 0/0 or ∞ − ∞.`;
  }
  if (cause === "product") {
    return `${where} has the slope ${number(slope.number)} ${operandText(trace, slope)}, and its adjoint is ${number(adjoint)}: their product is NaN.`;
  }
  const here =
    slope.number === null
      ? `${where} pulls its adjoint back to NaN`
      : `${where} multiplies ∞ by its own slope ${number(slope.number)}: that is NaN`;
  if (!origin) return `${here}.`;
  const first = `${label(trace, origin.row)}${placeText(trace, origin.row)}`;
  return `${first} has the slope ${number(origin.number)} ${operandText(trace, origin)}, and ${here}.`;
}

/** Where a slope was taken: "at 0". @param {Trace} trace @param {Slope} slope */
function operandText(trace, { operand, at, entry }) {
  const name = label(trace, operand);
  if (at === null) return `at an entry of ${name}`;
  const number = formatNumber(at, trace.digits);
  return entry.length > 0 ? `at ${name}[${entry.join(", ")}] = ${number}` : `at ${number}`;
}

/** Where in the source a row was made: " (line 3, in f)". @param {Trace} trace @param {number} slot */
function placeText(trace, slot) {
  const site = trace.sites[slot];
  if (!site) return "";
  const { title, numbers } = trace.sources[site.source];
  return ` (line ${numbers[site.line]}, in ${title})`;
}
