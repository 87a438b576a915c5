// @ts-check
/** Says why an input cannot be turned any further, or not at all. */
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Decision} Decision
 * @typedef {import("./trace.js").Site} Site
 * @typedef {import("./barriers.js").Barrier} Barrier
 * @typedef {import("./stops.js").Stop} Stop
 * @typedef {string | {code: string}} Words  of a sentence, some of them source
 */

/**
 * @param {Trace} trace
 * @param {number} slot  the input
 * @param {Stop} stop
 * @param {boolean} isUpward  whether the input was being made larger
 * @param {Barrier} barrier
 * @returns {Words[]}
 */
export function stopText(trace, slot, stop, isUpward, barrier) {
  const { boundary, reached, isPoint } = stop;
  const name = trace.inputs[slot].text;
  const written = (/** @type {number} */ x) => formatNumber(x, trace.digits);
  const edge = written(boundary);
  const others = trace.inputs.length > 1 ? "With the other inputs as they are, these" : "These";
  if ("row" in barrier) {
    const beyond = isPoint ? "=" : relation(isUpward, !reached);
    const lacks = barrier.isNaN ? "is not defined" : "has no finite value";
    return [operationName(trace, barrier.row), ` ${lacks}: ${name} ${beyond} ${edge}.`];
  }
  const { decision } = barrier;
  const where = reached ? (isUpward ? "Beyond" : "Below") : "At";
  return [
    `${where} ${edge} the test `,
    { code: sourceText(trace, decision.site) || decision.text },
    ` ${turns(decision)} and ${functionName(trace, decision.site)} runs other lines. `,
    `${others} steps hold for ${range(name, written(stop.from), edge, isUpward, reached)}.`,
  ];
}

/**
 * Why a trace stays as it was recorded.
 * @param {NonNullable<Trace["recording"]>} recording
 * @returns {string}
 */
export function recordingText({ code, name }) {
  return `This is a recording. ${lack(code, name)}`;
}

/** @param {string} code @param {string} name */
function lack(code, name) {
  switch (code) {
    case "arrays":
      return "The page computes with single numbers, and this trace holds arrays.";
    case "complex":
      return "The page computes with real numbers, and this trace holds complex ones.";
    case "precision":
      return "The page computes with 64-bit floats, and this trace holds numbers of another kind.";
    case "operation":
      return `The page has no way to compute ${name}.`;
    case "decision":
      return `The page cannot check a comparison made with ${name}.`;
    case "version":
      return "It was saved by an earlier version of adviz, without what the page needs to compute it.";
    default:
      return "The page cannot compute it at other inputs.";
  }
}

/** The most entries of an array that has all its numbers in a document, if they are real. */
const MOST_SMALL = 64;

/**
 * Why a pass has the seeds that were recorded, and no others.
 * @param {import("./trace.js").Pass} pass
 * @param {import("./trace.js").ArrayValue} unknown  an array whose numbers the page does not have
 */
export function fixedSeedsText(pass, { shape }) {
  const size = shape.reduce((product, length) => product * length, 1);
  const python = pass === "forward" ? "ad.jvp" : "ad.vjp";
  if (size <= MOST_SMALL) {
    return `The seed is fixed: the page computes with real numbers only. In Python, ${python} takes any seed.`;
  }
  const noun = pass === "forward" ? "tangents" : "adjoints";
  return `The seed is fixed: there are too many numbers in these ${noun} to keep them all in the page, which would need them for another seed. Trace it anew with smaller arrays, or use ${python} in Python.`;
}

/** @param {string} text  that was typed */
export function noNumberText(text) {
  return `“${text}” is no number. Numbers are typed like −4, 2.5, 1e-3 or 1/3.`;
}

/** @param {string} text  that was typed */
export function noComplexText(text) {
  return `“${text}” is no complex number. They are typed like 1 + 2i, −2.5i or 3.`;
}

/** The function in whose source a place is. @param {Trace} trace @param {Site | null} site */
export function functionName(trace, site) {
  return (site && trace.sources[site.source].title) || trace.function;
}

/**
 * What has been found out: nothing is known of what lies on the other side of where it began.
 * @param {string} name
 * @param {string} from
 * @param {string} edge
 * @param {boolean} isUpward
 * @param {boolean} reached
 */
function range(name, from, edge, isUpward, reached) {
  if (from === edge) return `${name} = ${edge}`;
  const order = reached ? "≤" : "<";
  return isUpward ? `${from} ≤ ${name} ${order} ${edge}` : `${edge} ${order} ${name} ≤ ${from}`;
}

/** @param {boolean} isAbove @param {boolean} orEqual */
function relation(isAbove, orEqual) {
  return isAbove ? (orEqual ? "≥" : ">") : orEqual ? "≤" : "<";
}

/** @param {Decision} decision */
function turns({ outcome }) {
  if (outcome === "true") return "turns false";
  if (outcome === "false") return "turns true";
  return "comes out otherwise";
}

/**
 * ln; or what stands in the program, where an operation has a sign in place of a name.
 * @param {Trace} trace
 * @param {number} slot
 * @returns {Words}
 */
function operationName(trace, slot) {
  const symbol = trace.forms[slot]?.symbol ?? "";
  const code = sourceText(trace, trace.sites[slot]);
  return /^\p{L}+$/u.test(symbol) || !code ? symbol : { code };
}

/**
 * The source at a place within one line; "" where there is none.
 * @param {Trace} trace
 * @param {Site | null} site
 */
function sourceText(trace, site) {
  if (!site || site.line !== site.endLine || site.column === null || site.endColumn === null) {
    return "";
  }
  const points = [...trace.sources[site.source].lines[site.line]];
  return points.slice(site.column, site.endColumn).join("");
}
