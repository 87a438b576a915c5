// @ts-check
/**
 * Reads a trace document (application/vnd.adviz.trace+json). Documents are untrusted: everything
 * that the player relies on is checked here, once; the rest is only ever shown as text.
 */
import { OPERATIONS } from "./arithmetic.js";
import { readConstantArray, readingArrays, readQuantity, readSweeps } from "./documentArrays.js";
import {
  asIndex,
  asItem,
  asItemOrNull,
  asList,
  asNumber,
  asObject,
  asText,
  check,
  DocumentError,
  MAX_NAME,
  MAX_SENTENCE,
  visibleColumn,
} from "./documentChecks.js";
import { readGraph } from "./documentGraph.js";
import { readGroups } from "./documentGroups.js";
import { readMistakes } from "./documentMistakes.js";
import { readNotes } from "./documentNotes.js";
import { readOperand, readOperands, readPrograms } from "./documentPrograms.js";
import { evaluatePartials } from "./evaluation.js";
import { mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Call} Call
 * @typedef {import("./trace.js").Decision} Decision
 * @typedef {import("./trace.js").Form} Form
 * @typedef {import("./trace.js").Input} Input
 * @typedef {import("./trace.js").Output} Output
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./trace.js").Site} Site
 * @typedef {import("./trace.js").Source} Source
 * @typedef {import("./trace.js").Trace} Trace
 */

const VERSION = 2;
const DIGITS = 6;
/** @type {Pass[]} */
const PASSES = ["primal", "forward", "reverse"];
const MAX_DIGITS = 17;
const MAX_ROWS = 500_000;
const MAX_LINE = 2000;
/** Lines of source in all. */
const MAX_LINES = 5000;
const MAX_SOURCES = 5000;
/** Line numbers and columns are below this. */
const MAX_PLACE = 1e7;

/**
 * @param {unknown} document
 * @returns {Trace}
 * @throws {DocumentError}
 */
export function readTrace(document) {
  const doc = asObject(document, "the document");
  checkVersion(doc.version);

  const digits = readDigits(doc.digits);
  const reading = readingArrays(digits);
  const columns = asObject(doc.rows, "rows");
  const holdsArrays = doc.sweeps !== undefined;
  const numbers = asList(columns.value, "rows.value");
  const values = holdsArrays
    ? numbers.map((x) => readQuantity(x, "rows.value", reading))
    : Float64Array.from(numbers, (x) => asNumber(x, "rows.value"));
  const count = values.length;
  check(count <= MAX_ROWS, `it has ${count} rows, more than the ${MAX_ROWS} that can be played`);
  /** @param {string} name */
  const column = (name) => {
    const entries = asList(columns[name], `rows.${name}`);
    check(entries.length === count, `rows.${name} has ${entries.length} entries for ${count} rows`);
    return entries;
  };

  const inputs = asList(doc.inputs, "inputs").map((entry) => readVariable(entry, "inputs"));
  const outputs = asList(doc.outputs, "outputs").map((entry) => readOutput(entry, count));
  check(inputs.length > 0 && inputs.length <= count, "its inputs do not fit its rows");
  check(outputs.length > 0, "it has no output");

  const constantsUsed = asList(doc.constants ?? [], "constants");
  const arraysUsed = constantsUsed.map((x) => readConstantArray(x, reading));
  const numbersUsed = constantsUsed.map((x) =>
    x === null || typeof x === "object" ? NaN : asNumber(x, "constants"),
  );
  const { operands, constants } = readOperands(column("operands"), numbersUsed, inputs.length);
  /** @type {Map<number, (import("./trace.js").ConstantArray | null)[]>} */
  const constantArrays = new Map();
  if (holdsArrays) {
    column("operands").forEach((entry, slot) => {
      const used = asList(entry, "rows.operands").map((o) => arraysUsed[-1 - Number(o)] ?? null);
      if (used.some(Boolean)) constantArrays.set(slot, used);
    });
  }
  const isLive = doc.programs !== undefined && !holdsArrays;
  const partials = isLive
    ? operands.map((entry) => entry.map(() => NaN))
    : column("partials").map((entry, slot) =>
        readPartials(entry, slot, operands[slot], holdsArrays),
      );

  const forms = asList(doc.forms, "forms").map(readForm);
  const listings = asList(doc.sources, "sources");
  const sources = readSources(listings);
  const sites = asList(doc.sites, "sites").map((entry) => readSite(entry, listings));
  const calls = asList(doc.calls, "calls").map((entry, call) => readCall(entry, call, sites));
  const groups = readGroups(doc.groups, count, calls, sites);

  const rowForms = column("form").map((form) => asItemOrNull(form, forms, "rows.form"));
  const evaluated = isLive
    ? readPrograms(doc.programs, rowForms, operands)
    : { programs: [], longestProgram: 0 };
  const decisions = asList(doc.decisions, "decisions")
    .map((entry) => readDecision(entry, count, sites, numbersUsed, reading))
    .sort((a, b) => a.before - b.before);
  check(
    !isLive ||
      decisions.every(
        ({ operator, operands }) =>
          Object.hasOwn(OPERATIONS, operator) && OPERATIONS[operator].length === operands.length,
      ),
    "a decision cannot be evaluated",
  );

  /** @type {Trace} */
  const trace = {
    function: asText(doc.function, MAX_NAME, "function"),
    digits,
    view: readView(doc.view, inputs.length, outputs.length),
    inputs,
    outputs,
    count,
    forms: rowForms,
    operands,
    values,
    partials,
    constants,
    constantArrays,
    ...evaluated,
    mistakes: readMistakes(doc.mistakes),
    isLive,
    recording: isLive ? null : readRecording(doc.recording),
    sweeps: holdsArrays ? readSweeps(doc.sweeps, operands, inputs.length, outputs, reading) : null,
    sites: column("site").map((site) => asItemOrNull(site, sites, "rows.site")),
    calls,
    call: column("call").map((call) => asIndex(call, calls.length, "rows.call")),
    sources,
    decisions,
    notes: readNotes(doc.notes, {
      rows: count,
      inputs: inputs.length,
      outputs: outputs.length,
    }),
    remarks: new Map(
      asList(doc.remarks ?? [], "remarks").map((entry) => {
        const [slot, choice] = asList(entry, "remarks");
        return [asIndex(slot, count, "remarks"), asText(choice, MAX_SENTENCE, "remarks")];
      }),
    ),
    // The graphs of version 1 lie on their sides.
    graph:
      (doc.graph ?? null) === null || doc.version === 1 ? null : readGraph(doc.graph, operands),
    groups,
  };
  for (const decision of decisions) decision.text ||= comparison(trace, decision);
  if (isLive) evaluatePartials(trace);
  return trace;
}

/** v₀ > 1: a test whose source was not at hand. @param {Trace} trace @param {Decision} decision */
function comparison(trace, { operator, operands, recorded }) {
  const sides =
    operands.length > 0
      ? operands.map((operand) =>
          typeof operand === "number"
            ? label(trace, operand)
            : formatNumber(operand[0], trace.digits),
        )
      : recorded.map((quantity) => formatNumber(quantity, trace.digits));
  return /\w/.test(operator) || sides.length !== 2
    ? `${operator}(${sides.join(", ")})`
    : `${sides[0]} ${operator} ${sides[1]}`;
}

/** @param {unknown} version */
function checkVersion(version) {
  if (Number.isInteger(version) && Number(version) > VERSION) {
    throw new DocumentError(
      `This trace was made by a newer adviz (document version ${version}; this player reads ` +
        `version ${VERSION}). Update adviz where you look at it.`,
    );
  }
  check(version === 1 || version === VERSION, `its version is not ${VERSION}`);
}

/** Significant digits: those asked for, within what a float has. @param {unknown} value */
function readDigits(value) {
  return Math.min(MAX_DIGITS, Math.max(1, Number.isInteger(value) ? Number(value) : DIGITS));
}

/**
 * @param {unknown} entry
 * @param {number} slot
 * @param {(number | null)[]} operands  the row's
 * @param {boolean} holdsArrays  whether a partial may be missing, since it is an array
 * @returns {number[]}
 */
function readPartials(entry, slot, operands, holdsArrays) {
  const what = `rows.partials[${slot}]`;
  const partials = asList(entry, "rows.partials");
  check(partials.length === operands.length, `${what} does not match its operands`);
  return partials.map((partial, k) =>
    operands[k] === null || (holdsArrays && partial === null) ? NaN : asNumber(partial, what),
  );
}

/** @param {unknown} entry @param {number} count @returns {Output} */
function readOutput(entry, count) {
  const { row } = asObject(entry, "outputs");
  return { ...readVariable(entry, "outputs"), row: asIndex(row, count, "outputs.row") };
}

/** @param {unknown} entry @param {number} call @param {Site[]} sites @returns {Call} */
function readCall(entry, call, sites) {
  const fields = asObject(entry, "calls");
  return {
    function: asText(fields.function, MAX_NAME, "calls.function"),
    parent: fields.parent === null ? null : asIndex(fields.parent, call, "calls.parent"),
    site: asItemOrNull(fields.site, sites, "calls.site"),
  };
}

/** @param {unknown} entry @param {string} what @returns {Input} */
function readVariable(entry, what) {
  const { name, math } = asObject(entry, what);
  const plain = asText(name, MAX_NAME, `${what}.name`);
  return { name: plain, math, text: mathText(math).slice(0, MAX_NAME) || plain };
}

/** @param {unknown} entry @returns {Form} */
function readForm(entry) {
  const fields = asObject(entry, "forms");
  const terms = asList(fields.terms, "forms.terms").map(readTerm);
  return {
    op: asText(fields.op, MAX_NAME, "forms.op"),
    symbol: asText(fields.symbol, MAX_NAME, "forms.symbol"),
    value: fields.value,
    isMap: fields.map === true,
    subscripts: readSubscripts(fields.subscripts, terms.length),
    terms,
    tangents:
      fields.tangents === undefined
        ? terms
        : asList(fields.tangents, "forms.tangents").map(readTerm),
  };
}

/** The letters of a contraction. @param {unknown} value @param {number} operands  how many */
function readSubscripts(value, operands) {
  if (value === undefined) return [];
  const letters = asList(value, "forms.subscripts").map((entry) =>
    asText(entry, MAX_NAME, "forms.subscripts"),
  );
  check(letters.length === operands + 1, "forms.subscripts does not match its operands");
  return letters;
}

/** @param {unknown} term @returns {Form["terms"][number]} */
function readTerm(term) {
  if (term === null) return null;
  const { negative, body, partial, partial_negative } = asObject(term, "forms.terms");
  return {
    negative: negative === true,
    body,
    partial: partial ?? null,
    partialNegative: partial_negative === true,
  };
}

/** @param {unknown[]} entries @returns {Source[]} */
function readSources(entries) {
  check(entries.length <= MAX_SOURCES, "it has too many sources");
  let left = MAX_LINES;
  return entries.map((entry) => {
    const source = readSource(entry, left);
    left -= source.lines.length;
    return source;
  });
}

/** @param {unknown} entry @param {number} most  lines @returns {Source} */
function readSource(entry, most) {
  const fields = asObject(entry, "sources");
  const lines = asList(fields.lines, "sources.lines").slice(0, most);
  const gaps = asList(fields.gaps ?? [], "sources.gaps").map((gap) =>
    asList(gap, "sources.gaps").map((n) => asIndex(n, MAX_PLACE, "sources.gaps")),
  );
  const leftOut = new Map(gaps.map(([before, count]) => [before, count ?? 0]));
  let first = Number.isInteger(fields.first_line) ? Number(fields.first_line) : 1;
  return {
    title: asText(fields.title, MAX_NAME, "sources.title"),
    numbers: lines.map((_, i) => {
      first += leftOut.get(i) ?? 0;
      return first + i;
    }),
    lines: lines.map((line) => asText(line, MAX_LINE, "sources.lines")),
  };
}

/** @param {unknown} entry @param {unknown[]} listings  the sources as they are written @returns {Site} */
function readSite(entry, listings) {
  const fields = asObject(entry, "sites");
  const { lines } = asObject(asItem(fields.source, listings, "sites.source"), "sources");
  /** @param {unknown} value @param {unknown} line */
  const place = (value, line) => {
    if (value === null) return null;
    const text = asList(lines, "sources.lines")[Number(line)];
    const column = asIndex(value, MAX_PLACE, "sites");
    return typeof text === "string" && text.length <= MAX_LINE
      ? visibleColumn(text, column)
      : column;
  };
  return {
    source: Number(fields.source),
    line: asIndex(fields.line, MAX_PLACE, "sites.line"),
    column: place(fields.column, fields.line),
    endLine: asIndex(fields.end_line, MAX_PLACE, "sites.end_line"),
    endColumn: place(fields.end_column, fields.end_line),
    name: fields.name === null ? "" : asText(fields.name, MAX_NAME, "sites.name"),
  };
}

/**
 * How a decision turned out: "true", "true for 3 of 5", 2.
 * @param {unknown} value
 * @param {import("./documentArrays.js").Reading} reading
 */
function readOutcome(value, reading) {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return asText(value, MAX_NAME, "decisions.outcome");
  if (Array.isArray(value)) return `true for ${Number(value[0])} of ${Number(value[1])}`;
  return value === null
    ? "done"
    : formatNumber(readQuantity(value, "decisions.outcome", reading), reading.digits);
}

/** Why a trace is a recording. @param {unknown} value @returns {Trace["recording"]} */
function readRecording(value) {
  if (value === undefined) return { code: "version", name: "" };
  const { code, name } = asObject(value, "recording");
  return {
    code: asText(code, MAX_NAME, "recording.code"),
    name: name === undefined ? "" : asText(name, MAX_NAME, "recording.name"),
  };
}

/**
 * @param {unknown} entry
 * @param {number} count
 * @param {Site[]} sites
 * @param {number[]} constants
 * @param {import("./documentArrays.js").Reading} reading
 * @returns {Decision}
 */
function readDecision(entry, count, sites, constants, reading) {
  const fields = asObject(entry, "decisions");
  const before = asIndex(fields.before, count + 1, "decisions.before");
  return {
    before,
    operands: asList(fields.operands ?? [], "decisions.operands").map((operand) =>
      readOperand(operand, before, constants, "decisions.operands"),
    ),
    text: asText(fields.text, MAX_NAME, "decisions.text"),
    operator: asText(fields.operator, MAX_NAME, "decisions.operator"),
    recorded: ["left", "right"].flatMap((side) =>
      fields[side] === undefined ? [] : [readQuantity(fields[side], `decisions.${side}`, reading)],
    ),
    outcome: readOutcome(fields.outcome, reading),
    site: asItemOrNull(fields.site, sites, "decisions.site"),
  };
}

/**
 * @param {unknown} value
 * @param {number} inputs
 * @param {number} outputs
 * @returns {Trace["view"]}
 */
function readView(value, inputs, outputs) {
  const { pass, input, output, folded, step, predict, passes } = asObject(value, "view");
  check(PASSES.includes(/** @type {Pass} */ (pass)), "view.pass is not a pass");
  return {
    pass: /** @type {Pass} */ (pass),
    input: asIndex(input, inputs, "view.input"),
    output: asIndex(output, outputs, "view.output"),
    folded: folded === true,
    step: Number.isInteger(step) ? Number(step) : 1,
    predict: predict === true,
    passes: PASSES.filter(
      (name) => name === pass || !Array.isArray(passes) || passes.includes(name),
    ),
  };
}
