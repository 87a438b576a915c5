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
  if (!trace.isLive) return trace.notes;
  const nonFinite = firstNonFinite(trace);
  return [
    ...independence(trace),
    ...trace.notes,
    ...(nonFinite ? [nonFinite] : lostGradients(trace)),
  ];
}

/**
 * Outputs that do not depend on inputs.
 * @param {Trace} trace
 */
function independence(trace) {
  return trace.outputs.slice(0, MOST_NOTES).flatMap(({ text, row }) => {
    const reached = new Uint8Array(row + 1);
    reached[row] = 1;
    for (let slot = row; slot >= trace.inputs.length; slot--) {
      if (reached[slot]) for (const o of trace.operands[slot]) if (o !== null) reached[o] = 1;
    }
    const missing = trace.inputs.filter((_, slot) => !reached[slot]);
    if (missing.length === 0) return [];
    return missing.length === trace.inputs.length
      ? [`${text} does not depend on the inputs: its derivatives are zero.`]
      : [
          `${text} does not depend on ${enumerate(missing.map((i) => i.text))}: the derivative is zero.`,
        ];
  });
}

/**
 * The row where trouble began.
 * @param {Trace} trace
 * @returns {string | null}
 */
function firstNonFinite(trace) {
  for (let slot = 0; slot < trace.count; slot++) {
    const value = Number(trace.values[slot]);
    if (Number.isFinite(value)) continue;
    const what = Number.isNaN(value) ? "NaN" : "infinity";
    return `${label(trace, slot)} is the first row that is ${what}${placeText(trace, slot)}.`;
  }
  return null;
}

/**
 * Gradients that are NaN although the values are finite, and where that begins.
 * @param {Trace} trace
 */
function lostGradients(trace) {
  if (trace.count > MOST_ROWS_SWEPT) return [];
  return trace.outputs.slice(0, MOST_OUTPUTS).flatMap(({ text }, output) => {
    const sweep = sweepOf(trace, "reverse", unit(output, trace.outputs.length));
    if (!trace.inputs.some((_, slot) => Number.isNaN(sweep.derivative(slot)))) return [];
    return [`The gradient of ${text} is NaN: ${whereNaNBegins(trace, sweep)}`];
  });
}

/** @param {Trace} trace @param {Sweep} sweep */
function whereNaNBegins(trace, sweep) {
  for (let step = 0; step < sweep.length; step++) {
    const [amount, user] = [Number(sweep.amount(step)), sweep.user(step)];
    if (Number.isNaN(amount) && sweep.output(step) < 0) {
      const slope = trace.partials[user][sweep.operand(step)];
      const at = `at ${formatNumber(trace.values[sweep.row(step)], trace.digits)}`;
      const where = `${label(trace, user)}${placeText(trace, user)}`;
      if (Number.isNaN(slope)) return `${where} has no slope ${at}, where it is 0/0 or ∞ − ∞.`;
      const adjoint = formatNumber(sweep.derivative(user), trace.digits);
      return `${where} has the slope ${formatNumber(slope, trace.digits)} ${at}, and its adjoint is ${adjoint}: their product is NaN.`;
    }
    const { value } = sweep.at(sweep.row(step), step);
    if (Number.isNaN(value)) return `at ${label(trace, sweep.row(step))} ∞ and −∞ are added up.`;
  }
  return "";
}

/** Where in the source a row was made: " (line 3, in f)". @param {Trace} trace @param {number} slot */
function placeText(trace, slot) {
  const site = trace.sites[slot];
  if (!site) return "";
  const { title, numbers } = trace.sources[site.source];
  return ` (line ${numbers[site.line]}, in ${title})`;
}
