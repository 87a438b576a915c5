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
 * @typedef {{op: string, symbol: string, value: unknown, terms: (Term | null)[], isMap: boolean}} Form  isMap: an operation on arrays,
 *   which is no multiplication by a partial
 * @typedef {{shape: number[], text: string, entries: string, picture: string[] | null}} ArrayValue  in short; entries: all of
 *   its numbers, "" where they are many; picture: see picture.py
 * @typedef {number | ArrayValue} Quantity
 * @typedef {{amount: Quantity, after: Quantity, product: ArrayValue | null}} Addition  what a step of the return sweep adds;
 *   product: before it was summed to the shape of what it is added to, where that is another one
 * @typedef {{forward: {tangent: Quantity[], terms: Quantity[][]}[], reverse: Addition[][]}} Sweeps  by input, by output; terms of
 *   rows that have several
 * @typedef {{source: number, line: number, column: number | null, endLine: number, endColumn: number | null, name: string}} Site
 * @typedef {{title: string, numbers: number[], lines: string[]}} Source  numbers: of its lines, some of which are left out
 * @typedef {{function: string, parent: number | null, site: Site | null}} Call
 * @typedef {{before: number, text: string, left: Quantity, operator: string, right: Quantity, outcome: string, site: Site | null}} Decision
 * @typedef {[x: number, y: number]} Point
 * @typedef {{row: number, x: number, y: number, width: number, height: number}} GraphNode
 * @typedef {{from: number, to: number, operand: number, points: Point[]}} GraphEdge
 * @typedef {{width: number, height: number, nodes: GraphNode[], edges: GraphEdge[]}} Graph  its nodes and the ends of its edges
 *   are boxes: rows by their slots, and ~k where group k is drawn folded
 * @typedef {{title: string, call: Call, start: number, stop: number, depth: number, folds: boolean}} Group  the rows from start
 *   to stop − 1, which one call made; folds: whether it is one of those that are folded where calls are
 * @typedef {"primal" | "forward" | "reverse"} Pass
 */

/**
 * An evaluation trace, its rows in slots 0 … count − 1, the inputs first.
 * @typedef {object} Trace
 * @property {string} function
 * @property {number} digits
 * @property {{pass: Pass, input: number, output: number, folded: boolean}} view
 * @property {Input[]} inputs
 * @property {Output[]} outputs
 * @property {number} count
 * @property {(Form | null)[]} forms  by slot
 * @property {(number | null)[][]} operands  slots; null where a constant stands
 * @property {ArrayLike<Quantity>} values
 * @property {number[][]} partials  aligned with operands; NaN where a constant stands, and where the partial is an array
 * @property {Sweeps | null} sweeps  the sweeps of a trace that holds arrays, which are computed where it was made
 * @property {(Site | null)[]} sites  by slot
 * @property {Call[]} calls
 * @property {number[]} call  by slot
 * @property {Source[]} sources
 * @property {Decision[]} decisions  in the order they were taken
 * @property {string[]} notes
 * @property {Map<number, string>} remarks  by slot
 * @property {Graph | null} graph
 * @property {string} graphNote
 * @property {Group[]} groups  each before those inside it
 * @property {Graph | null} foldedGraph
 */

const VERSION = 1;
const MAX_ROWS = 500_000;
const MAX_NODES = 2000;
const MAX_EXTENT = 1e6;
const MAX_NAME = 120;
const MAX_SENTENCE = 600;
const MAX_LINE = 2000;
const MAX_LINES = 5000;
const MAX_AXES = 64;
const MAX_DEPTH = 1000;
const PICTURE_ROW = /^[0-9a-ix.]{1,24}$/;

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
  const holdsArrays = doc.sweeps !== undefined;
  const numbers = list(columns.value, "rows.value");
  const values = holdsArrays
    ? numbers.map((x) => quantity(x, "rows.value"))
    : Float64Array.from(numbers, (x) => number(x, "rows.value"));
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
    list(entry, "rows.operands").map((o) =>
      o === null ? null : index(o, slot, `rows.operands[${slot}]`),
    ),
  );
  check(
    operands.every((entry, slot) => slot >= inputs.length || entry.length === 0),
    "an input has operands",
  );
  const partials = column("partials").map((entry, slot) => {
    const entries = list(entry, "rows.partials");
    check(
      entries.length === operands[slot].length,
      `rows.partials[${slot}] does not match its operands`,
    );
    return entries.map((p, k) =>
      operands[slot][k] === null || (holdsArrays && p === null)
        ? NaN
        : number(p, `rows.partials[${slot}]`),
    );
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

  const groups = list(doc.groups ?? [], "groups").map((entry) => group(entry, count, calls));
  checkNesting(groups);

  return {
    function: text(doc.function, MAX_NAME, "function"),
    digits: Math.min(17, Math.max(1, Number.isInteger(doc.digits) ? Number(doc.digits) : 6)),
    view: view(doc.view, inputs.length, outputs.length),
    inputs,
    outputs,
    count,
    forms: column("form").map((f) =>
      f === null ? null : forms[index(f, forms.length, "rows.form")],
    ),
    operands,
    values,
    partials,
    sweeps: holdsArrays ? sweeps(doc.sweeps, operands, inputs.length, outputs) : null,
    sites: column("site").map((s) =>
      s === null ? null : sites[index(s, sites.length, "rows.site")],
    ),
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
    graph: doc.graph === null ? null : graph(doc.graph, operands, []),
    graphNote: doc.graph_note === null ? "" : text(doc.graph_note, MAX_SENTENCE, "graph_note"),
    groups,
    foldedGraph:
      (doc.folded_graph ?? null) === null ? null : graph(doc.folded_graph, operands, groups),
  };
}

/** Griewank and Walther's number of a row: −1, 0 | 1, 2, … for two inputs. @param {Trace} trace @param {number} slot */
export function rowIndex(trace, slot) {
  return slot - trace.inputs.length + 1;
}

/** vᵢ, or v̄ᵢ, v̇ᵢ with an accent. @param {Trace} trace @param {number} slot @param {string} [accent] @returns {Formula} */
export function symbol(trace, slot, accent) {
  return indexed(
    accent ? ["mover", ["mi", "v"], ["mo", accent]] : ["mi", "v"],
    rowIndex(trace, slot),
  );
}

/** The functions that were being called at a row, outermost first. @param {Trace} trace @param {number} slot */
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

/** @param {boolean} holds @param {string} wrong @returns {asserts holds} */
function check(holds, wrong) {
  if (!holds) throw new DocumentError(`This trace cannot be shown: ${wrong}.`);
}

/** @param {unknown} value @param {string} what @returns {Record<string, unknown>} */
function record(value, what) {
  check(
    typeof value === "object" && value !== null && !Array.isArray(value),
    `${what} is not an object`,
  );
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @param {string} what @returns {unknown[]} */
function list(value, what) {
  check(Array.isArray(value), `${what} is not a list`);
  return value;
}

/** @param {unknown} value @param {number} length @param {string} what @returns {number} */
function index(value, length, what) {
  check(
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < length,
    `${what} points nowhere`,
  );
  return Number(value);
}

/** @param {unknown} value @param {string} what @returns {number} */
function number(value, what) {
  if (typeof value === "number") return value;
  check(
    value === "NaN" || value === "Infinity" || value === "-Infinity",
    `${what} holds something that is no number`,
  );
  return Number(value);
}

/** @param {unknown} value @param {string} what @returns {Quantity} */
function quantity(value, what) {
  return typeof value === "object" ? array(value, what) : number(value, what);
}

/** @param {unknown} value @param {string} what @returns {ArrayValue} */
function array(value, what) {
  const fields = record(value, what);
  const shape = list(fields.shape, `${what}.shape`).map((length) =>
    index(length, 2 ** 53, `${what}.shape`),
  );
  check(shape.length <= MAX_AXES, `${what}.shape has too many axes`);
  const picture = fields.picture === undefined ? null : list(fields.picture, `${what}.picture`);
  const width = picture && String(picture[0]).length;
  const drawn = picture?.map((row) => text(row, 24, `${what}.picture`)) ?? null;
  check(
    !drawn ||
      (drawn.length > 0 &&
        drawn.length <= 16 &&
        drawn.every((row) => row.length === width && PICTURE_ROW.test(row))),
    `${what}.picture is no picture`,
  );
  return {
    shape,
    text: text(fields.text, MAX_NAME, `${what}.text`),
    entries:
      fields.entries === undefined ? "" : text(fields.entries, MAX_SENTENCE, `${what}.entries`),
    picture: drawn,
  };
}

/**
 * @param {unknown} value
 * @param {(number | null)[][]} operands
 * @param {number} inputs
 * @param {Output[]} outputs
 * @returns {Sweeps}
 */
function sweeps(value, operands, inputs, outputs) {
  const fields = record(value, "sweeps");
  const forward = list(fields.forward, "sweeps.forward");
  const reverse = list(fields.reverse, "sweeps.reverse");
  check(
    forward.length === inputs && reverse.length === outputs.length,
    "its sweeps do not fit its inputs and outputs",
  );
  return {
    forward: forward.map((entry) => {
      const swept = record(entry, "sweeps.forward");
      const tangent = list(swept.tangent, "sweeps.forward").map((dot) =>
        quantity(dot, "sweeps.forward"),
      );
      const terms = list(swept.terms, "sweeps.forward").map((entries) =>
        list(entries, "sweeps.forward").map((term) => quantity(term, "sweeps.forward")),
      );
      check(
        tangent.length === operands.length && terms.length === operands.length,
        "sweeps.forward does not fit its rows",
      );
      check(
        terms.every(
          ({ length }, slot) =>
            length === (termCount(operands[slot]) > 1 ? termCount(operands[slot]) : 0),
        ),
        "sweeps.forward does not fit the operands",
      );
      return { tangent, terms };
    }),
    reverse: reverse.map((entry, output) => {
      const additions = list(entry, "sweeps.reverse").map((parts) => {
        const [amount, after, product] = list(parts, "sweeps.reverse");
        const added = quantity(amount, "sweeps.reverse");
        return {
          amount: added,
          after: after === null ? added : quantity(after, "sweeps.reverse"),
          product: product === null ? null : array(product, "sweeps.reverse"),
        };
      });
      check(
        additions.length === stepCount(operands, inputs, outputs[output].row),
        "sweeps.reverse does not fit its rows",
      );
      return additions;
    }),
  };
}

/** @param {(number | null)[]} operands  of a row */
function termCount(operands) {
  return operands.filter((operand) => operand !== null).length;
}

/** How many steps a return sweep has, its seed being one. @param {(number | null)[][]} operands @param {number} inputs @param {number} seeded */
function stepCount(operands, inputs, seeded) {
  const reached = new Uint8Array(operands.length);
  reached[seeded] = 1;
  let count = 1;
  for (let slot = seeded; slot >= inputs; slot--) {
    if (!reached[slot]) continue;
    for (const operand of operands[slot]) {
      if (operand === null) continue;
      reached[operand] = 1;
      count += 1;
    }
  }
  return count;
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
    op: text(fields.op, MAX_NAME, "forms.op"),
    symbol: text(fields.symbol, MAX_NAME, "forms.symbol"),
    value: fields.value,
    isMap: fields.map === true,
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
  const lines = list(fields.lines, "sources.lines").slice(0, MAX_LINES);
  const gaps = list(fields.gaps ?? [], "sources.gaps").map((gap) =>
    list(gap, "sources.gaps").map((n) => index(n, 1e7, "sources.gaps")),
  );
  const leftOut = new Map(gaps.map(([at, count]) => [at, count ?? 0]));
  let first = Number.isInteger(fields.first_line) ? Number(fields.first_line) : 1;
  return {
    title: text(fields.title, MAX_NAME, "sources.title"),
    numbers: lines.map((_, i) => {
      first += leftOut.get(i) ?? 0;
      return first + i;
    }),
    lines: lines.map((line) => text(line, MAX_LINE, "sources.lines")),
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
    left: quantity(fields.left, "decisions.left"),
    operator: text(fields.operator, 10, "decisions.operator"),
    right: quantity(fields.right, "decisions.right"),
    outcome:
      typeof fields.outcome === "string"
        ? text(fields.outcome, MAX_NAME, "decisions.outcome")
        : String(fields.outcome === true),
    site: fields.site === null ? null : sites[index(fields.site, sites.length, "decisions.site")],
  };
}

/** @param {unknown} value @param {number} inputs @param {number} outputs @returns {Trace["view"]} */
function view(value, inputs, outputs) {
  const { pass, input, output, folded } = record(value, "view");
  check(pass === "primal" || pass === "forward" || pass === "reverse", "view.pass is not a pass");
  return {
    pass: /** @type {Pass} */ (pass),
    input: index(input, inputs, "view.input"),
    output: index(output, outputs, "view.output"),
    folded: folded === true,
  };
}

/** @param {unknown} entry @param {number} count @param {Call[]} calls @returns {Group} */
function group(entry, count, calls) {
  const fields = record(entry, "groups");
  const start = index(fields.start, count, "groups.start");
  const stop = index(fields.stop, count + 1, "groups.stop");
  check(start < stop, "a group holds no row");
  return {
    title: text(fields.title, MAX_NAME, "groups.title"),
    call: calls[index(fields.call, calls.length, "groups.call")],
    start,
    stop,
    depth: index(fields.depth, MAX_DEPTH, "groups.depth"),
    folds: fields.folds === true,
  };
}

/** Groups lie one after the other or one in another, each before those inside it. @param {Group[]} groups */
function checkNesting(groups) {
  /** @type {Group[]} */
  const open = [];
  let start = 0;
  for (const next of groups) {
    while (open.length > 0 && open[open.length - 1].stop <= next.start) open.pop();
    const around = open.at(-1);
    check(
      next.start >= start && (!around || next.stop <= around.stop) && next.depth === open.length,
      "its groups overlap",
    );
    start = next.start;
    open.push(next);
  }
}

/** @param {unknown} value @param {(number | null)[][]} operands @param {Group[]} groups @returns {Graph} */
function graph(value, operands, groups) {
  const fields = record(value, "graph");
  /** @param {unknown} number */
  const box = (number) => {
    check(
      Number.isInteger(number) &&
        Number(number) >= -groups.length &&
        Number(number) < operands.length,
      "graph has a box of nothing",
    );
    return Number(number);
  };
  /** @param {number} slot @param {number} number */
  const isIn = (slot, number) =>
    number < 0 ? slot >= groups[~number].start && slot < groups[~number].stop : slot === number;
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
        row: box(row),
        x: extent(x),
        y: extent(y),
        width: Math.abs(extent(width)),
        height: Math.abs(extent(height)),
      };
    }),
    edges: edges.map((edge) => {
      const [from, to, operand, points] = list(edge, "graph.edges");
      const [tail, head] = [box(from), box(to)];
      const isUse =
        head < 0 ||
        (Number.isInteger(operand) && isIn(operands[head][Number(operand)] ?? -1, tail));
      check(isUse, "graph has an edge that is not in the trace");
      const curve = list(points, "graph.edges");
      check(
        curve.length >= 4 && curve.length <= 400 && curve.length % 3 === 1,
        "graph has a broken edge",
      );
      return {
        from: tail,
        to: head,
        operand: Number(operand),
        points: curve.map((point) => {
          const [x, y] = list(point, "graph.edges");
          return /** @type {Point} */ ([extent(x), extent(y)]);
        }),
      };
    }),
  };
}
