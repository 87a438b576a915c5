// @ts-check
/**
 * Reads a trace document (application/vnd.adviz.trace+json). Documents are untrusted: everything the player relies on is
 * checked here, once, and what it shows of the rest is text.
 */
import { indexed, mathText } from "./math.js";

/**
 * @typedef {import("./math.js").Formula} Formula
 * @typedef {{name: string, math: unknown, text: string}} Input  text is `math` in Unicode: "x₁"
 * @typedef {{name: string, math: unknown, text: string, row: number}} Output
 * @typedef {{negative: boolean, body: unknown}} Term
 * @typedef {{symbol: string, value: unknown, terms: (Term | null)[]}} Form
 * @typedef {{source: number, line: number, column: number | null, endLine: number, endColumn: number | null, name: string}} Site
 * @typedef {{title: string, firstLine: number, lines: string[]}} Source
 * @typedef {{function: string, parent: number | null, site: Site | null}} Call
 * @typedef {{before: number, text: string, left: number, operator: string, right: number, outcome: boolean, site: Site | null}} Decision
 * @typedef {[x: number, y: number]} Point
 * @typedef {{row: number, x: number, y: number, width: number, height: number}} GraphNode
 * @typedef {{from: number, to: number, operand: number, points: Point[]}} GraphEdge
 * @typedef {{width: number, height: number, nodes: GraphNode[], edges: GraphEdge[]}} Graph
 * @typedef {"primal" | "forward" | "reverse"} Pass
 */

/**
 * An evaluation trace, its rows in slots 0 … count − 1, the inputs first.
 * @typedef {object} Trace
 * @property {string} function
 * @property {number} digits
 * @property {{pass: Pass, input: number, output: number}} view
 * @property {Input[]} inputs
 * @property {Output[]} outputs
 * @property {number} count
 * @property {(Form | null)[]} forms  by slot
 * @property {(number | null)[][]} operands  slots; null where a constant stands
 * @property {Float64Array} values
 * @property {number[][]} partials  aligned with operands; NaN where a constant stands
 * @property {(Site | null)[]} sites  by slot
 * @property {Call[]} calls
 * @property {number[]} call  by slot
 * @property {Source[]} sources
 * @property {Decision[]} decisions  in the order they were taken
 * @property {string[]} notes
 * @property {Map<number, string>} remarks  by slot
 * @property {Graph | null} graph
 * @property {string} graphNote
 */

const VERSION = 1;
const MAX_ROWS = 500_000;
const MAX_NODES = 2000;
const MAX_EXTENT = 1e6;
const MAX_NAME = 120;
const MAX_SENTENCE = 600;
const MAX_LINE = 2000;
const MAX_LINES = 5000;

/** What is wrong with a document, in a sentence for the person who looks at it. */
export class DocumentError extends Error {}

/**
 * @param {unknown} document
 * @returns {Trace}
 * @throws {DocumentError}
 */
export function readTrace(document) {
  const doc = record(document, "the document");
  if (Number.isInteger(doc.version) && Number(doc.version) > VERSION) {
    throw new DocumentError(
      `This trace was made by a newer adviz (document version ${doc.version}; this player reads version ${VERSION}). ` +
        "Update adviz where you look at it.",
    );
  }
  check(doc.version === VERSION, `its version is not ${VERSION}`);

  const columns = record(doc.rows, "rows");
  const values = Float64Array.from(list(columns.value, "rows.value"), (x) => number(x, "rows.value"));
  const count = values.length;
  check(count <= MAX_ROWS, `it has ${count} rows, more than the ${MAX_ROWS} that can be played`);
  /** @param {string} name */
  const column = (name) => {
    const entries = list(columns[name], `rows.${name}`);
    check(entries.length === count, `rows.${name} has ${entries.length} entries for ${count} rows`);
    return entries;
  };

  const inputs = list(doc.inputs, "inputs").map((entry) => variable(entry, "inputs"));
  const outputs = list(doc.outputs, "outputs").map((entry) => ({
    ...variable(entry, "outputs"),
    row: index(record(entry, "outputs").row, count, "outputs.row"),
  }));
  check(inputs.length > 0 && inputs.length <= count, "its inputs do not fit its rows");
  check(outputs.length > 0, "it has no output");

  const operands = column("operands").map((entry, slot) =>
    list(entry, "rows.operands").map((o) => (o === null ? null : index(o, slot, `rows.operands[${slot}]`))),
  );
  check(
    operands.every((entry, slot) => slot >= inputs.length || entry.length === 0),
    "an input has operands",
  );
  const partials = column("partials").map((entry, slot) => {
    const entries = list(entry, "rows.partials");
    check(entries.length === operands[slot].length, `rows.partials[${slot}] does not match its operands`);
    return entries.map((p, k) => (operands[slot][k] === null ? NaN : number(p, `rows.partials[${slot}]`)));
  });

  const forms = list(doc.forms, "forms").map(form);
  const sources = list(doc.sources, "sources").map(source);
  const sites = list(doc.sites, "sites").map((entry) => site(entry, sources));
  const calls = list(doc.calls, "calls").map((entry, i) => {
    const fields = record(entry, "calls");
    return {
      function: text(fields.function, MAX_NAME, "calls.function"),
      parent: fields.parent === null ? null : index(fields.parent, i, "calls.parent"),
      site: fields.site === null ? null : sites[index(fields.site, sites.length, "calls.site")],
    };
  });

  return {
    function: text(doc.function, MAX_NAME, "function"),
    digits: Math.min(17, Math.max(1, Number.isInteger(doc.digits) ? Number(doc.digits) : 6)),
    view: view(doc.view, inputs.length, outputs.length),
    inputs,
    outputs,
    count,
    forms: column("form").map((f) => (f === null ? null : forms[index(f, forms.length, "rows.form")])),
    operands,
    values,
    partials,
    sites: column("site").map((s) => (s === null ? null : sites[index(s, sites.length, "rows.site")])),
    calls,
    call: column("call").map((c) => index(c, calls.length, "rows.call")),
    sources,
    decisions: list(doc.decisions, "decisions")
      .map((entry) => decision(entry, count, sites))
      .sort((a, b) => a.before - b.before),
    notes: list(doc.notes, "notes").map((note) => text(note, MAX_SENTENCE, "notes")),
    remarks: new Map(
      list(doc.remarks ?? [], "remarks").map((entry) => {
        const [slot, sentence] = list(entry, "remarks");
        return [index(slot, count, "remarks"), text(sentence, MAX_SENTENCE, "remarks")];
      }),
    ),
    graph: doc.graph === null ? null : graph(doc.graph, operands),
    graphNote: doc.graph_note === null ? "" : text(doc.graph_note, MAX_SENTENCE, "graph_note"),
  };
}

/** Griewank and Walther's number of a row: −1, 0 | 1, 2, … for two inputs. @param {Trace} trace @param {number} slot */
export function rowIndex(trace, slot) {
  return slot - trace.inputs.length + 1;
}

/** vᵢ, or v̄ᵢ, v̇ᵢ with an accent. @param {Trace} trace @param {number} slot @param {string} [accent] @returns {Formula} */
export function symbol(trace, slot, accent) {
  return indexed(accent ? ["mover", ["mi", "v"], ["mo", accent]] : ["mi", "v"], rowIndex(trace, slot));
}

/** The functions that were being called at a row, outermost first. @param {Trace} trace @param {number} slot */
export function callPath(trace, slot) {
  const path = [];
  for (let c = /** @type {number | null} */ (trace.call[slot]); c !== null; c = trace.calls[c].parent) {
    path.push(trace.calls[c].function);
  }
  return path.reverse();
}

/** @param {boolean} holds @param {string} wrong @returns {asserts holds} */
function check(holds, wrong) {
  if (!holds) throw new DocumentError(`This trace cannot be shown: ${wrong}.`);
}

/** @param {unknown} value @param {string} what @returns {Record<string, unknown>} */
function record(value, what) {
  check(typeof value === "object" && value !== null && !Array.isArray(value), `${what} is not an object`);
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @param {string} what @returns {unknown[]} */
function list(value, what) {
  check(Array.isArray(value), `${what} is not a list`);
  return value;
}

/** @param {unknown} value @param {number} length @param {string} what @returns {number} */
function index(value, length, what) {
  check(Number.isInteger(value) && Number(value) >= 0 && Number(value) < length, `${what} points nowhere`);
  return Number(value);
}

/** @param {unknown} value @param {string} what @returns {number} */
function number(value, what) {
  if (typeof value === "number") return value;
  check(value === "NaN" || value === "Infinity" || value === "-Infinity", `${what} holds something that is no number`);
  return Number(value);
}

/** @param {unknown} value @param {number} most @param {string} what */
function text(value, most, what) {
  check(typeof value === "string", `${what} is not text`);
  return value.length > most ? `${value.slice(0, most)}…` : value;
}

/** @param {unknown} entry @param {string} what @returns {Input} */
function variable(entry, what) {
  const { name, math } = record(entry, what);
  const plain = text(name, MAX_NAME, `${what}.name`);
  return { name: plain, math, text: mathText(math).slice(0, MAX_NAME) || plain };
}

/** @param {unknown} entry @returns {Form} */
function form(entry) {
  const fields = record(entry, "forms");
  return {
    symbol: text(fields.symbol, MAX_NAME, "forms.symbol"),
    value: fields.value,
    terms: list(fields.terms, "forms.terms").map((term) => {
      if (term === null) return null;
      const { negative, body } = record(term, "forms.terms");
      return { negative: negative === true, body };
    }),
  };
}

/** @param {unknown} entry @returns {Source} */
function source(entry) {
  const fields = record(entry, "sources");
  const lines = list(fields.lines, "sources.lines");
  return {
    title: text(fields.title, MAX_NAME, "sources.title"),
    firstLine: Number.isInteger(fields.first_line) ? Number(fields.first_line) : 1,
    lines: lines.slice(0, MAX_LINES).map((line) => text(line, MAX_LINE, "sources.lines")),
  };
}

/** @param {unknown} entry @param {Source[]} sources @returns {Site} */
function site(entry, sources) {
  const fields = record(entry, "sites");
  /** @param {unknown} value */
  const whole = (value) => (value === null ? null : index(value, 1e7, "sites"));
  return {
    source: index(fields.source, sources.length, "sites.source"),
    line: index(fields.line, 1e7, "sites.line"),
    column: whole(fields.column),
    endLine: index(fields.end_line, 1e7, "sites.end_line"),
    endColumn: whole(fields.end_column),
    name: fields.name === null ? "" : text(fields.name, MAX_NAME, "sites.name"),
  };
}

/** @param {unknown} entry @param {number} count @param {Site[]} sites @returns {Decision} */
function decision(entry, count, sites) {
  const fields = record(entry, "decisions");
  return {
    before: index(fields.before, count + 1, "decisions.before"),
    text: text(fields.text, MAX_NAME, "decisions.text"),
    left: number(fields.left, "decisions.left"),
    operator: text(fields.operator, 10, "decisions.operator"),
    right: number(fields.right, "decisions.right"),
    outcome: fields.outcome === true,
    site: fields.site === null ? null : sites[index(fields.site, sites.length, "decisions.site")],
  };
}

/** @param {unknown} value @param {number} inputs @param {number} outputs @returns {Trace["view"]} */
function view(value, inputs, outputs) {
  const { pass, input, output } = record(value, "view");
  check(pass === "primal" || pass === "forward" || pass === "reverse", "view.pass is not a pass");
  return { pass: /** @type {Pass} */ (pass), input: index(input, inputs, "view.input"), output: index(output, outputs, "view.output") };
}

/** @param {unknown} value @param {(number | null)[][]} operands @returns {Graph} */
function graph(value, operands) {
  const fields = record(value, "graph");
  /** @param {unknown} x */
  const extent = (x) => {
    const length = number(x, "graph");
    check(Math.abs(length) <= MAX_EXTENT, "graph reaches out of bounds");
    return length;
  };
  const nodes = list(fields.nodes, "graph.nodes");
  const edges = list(fields.edges, "graph.edges");
  check(nodes.length <= MAX_NODES && edges.length <= 10 * MAX_NODES, "graph is too large to draw");
  return {
    width: extent(fields.width),
    height: extent(fields.height),
    nodes: nodes.map((node) => {
      const [row, x, y, width, height] = list(node, "graph.nodes");
      return {
        row: index(row, operands.length, "graph.nodes"),
        x: extent(x),
        y: extent(y),
        width: Math.abs(extent(width)),
        height: Math.abs(extent(height)),
      };
    }),
    edges: edges.map((edge) => {
      const [from, to, operand, points] = list(edge, "graph.edges");
      const target = index(to, operands.length, "graph.edges");
      const place = index(operand, operands[target].length, "graph.edges");
      check(operands[target][place] === from, "graph has an edge that is not in the trace");
      const curve = list(points, "graph.edges");
      check(curve.length >= 4 && curve.length <= 400 && curve.length % 3 === 1, "graph has a broken edge");
      return {
        from: Number(from),
        to: target,
        operand: place,
        points: curve.map((point) => {
          const [x, y] = list(point, "graph.edges");
          return /** @type {Point} */ ([extent(x), extent(y)]);
        }),
      };
    }),
  };
}
