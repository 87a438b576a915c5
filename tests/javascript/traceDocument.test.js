// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DocumentError } from "../../adviz/player/documentChecks.js";
import { evaluate } from "../../adviz/player/evaluation.js";
import { boundary } from "../../adviz/player/folding.js";
import { derivativeTerms, equation, groupEquation } from "../../adviz/player/formulas.js";
import { mathText } from "../../adviz/player/math.js";
import { notesOf } from "../../adviz/player/notes.js";
import { createPlayhead } from "../../adviz/player/playhead.js";
import { explain, explainGroup } from "../../adviz/player/prose.js";
import { announce } from "../../adviz/player/speech.js";
import { usesOf } from "../../adviz/player/sweeps.js";
import { callPath, comparedNumbers, rowIndex } from "../../adviz/player/trace.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import {
  allNames,
  assertClose,
  batch,
  edited,
  passOf,
  traceOf,
  traces,
  written,
} from "./documents.js";

/** @typedef {(string | number)[]} Path */

test("pairs that do not fit the shape are refused", () => {
  const { document } = traces.complex_numbers;
  const copy = structuredClone(document);
  copy.rows.value[0].pairs = [1, 2, 3];
  assert.throws(() => readTrace(copy), /rows\.value\.pairs does not fit/);
});

const ARRAY = { shape: [2], dtype: "float64", text: "[1, 2]" };

for (const name of allNames) {
  test(`${name}: what Python wrote is read as it is`, () => {
    const { document, partials: known } = traces[name];
    const trace = traceOf(name);
    assert.equal(trace.function, document.function);
    assert.equal(trace.count, document.rows.value.length);
    assert.deepEqual(
      trace.operands,
      document.rows.operands.map((/** @type {number[]} */ operands) =>
        operands.map((operand) => (operand < 0 ? null : operand)),
      ),
    );
    assert.deepEqual(
      trace.inputs.map((input) => input.name),
      document.inputs.map((/** @type {{name: string}} */ input) => input.name),
    );
    for (const [slot, value] of document.rows.value.entries()) {
      const read = trace.values[slot];
      if (typeof value !== "object") assert.deepEqual(written(read), value);
      else if (value.pairs) {
        assert.deepEqual(typeof read === "object" && read.pairs, value.pairs.map(Number));
      } else if (value.packed) assert.equal(sizeOf(read), value.packed.length / 4);
      else assert.deepEqual(typeof read === "object" && read.numbers, value.numbers?.map(Number));
    }
    for (const [slot, partials] of known.entries()) {
      for (const [k, partial] of partials.entries()) {
        if (partial !== null) assertClose(written(trace.partials[slot][k]), partial);
      }
    }
  });
}

/** @param {import("../../adviz/player/trace.js").Quantity} read */
function sizeOf(read) {
  return typeof read === "object" ? read.numbers?.length : 1;
}

test("rows are numbered after Griewank and Walther", () => {
  const trace = traceOf("eq5");
  const indices = Array.from({ length: 4 }, (_, slot) => rowIndex(trace, slot));
  assert.deepEqual(indices, [-1, 0, 1, 2]);
});

test("a row knows the functions that were being called", () => {
  const trace = traceOf("calls");
  const { start } = trace.groups[2];
  assert.deepEqual(callPath(trace, start), ["calls", "scaled_cube", "cube"]);
  assert.deepEqual(callPath(trace, trace.count - 1), ["calls"]);
});

test("keys that it does not know are passed over", () => {
  const document = { ...traces.eq5.document, more: { later: true } };
  const plain = (/** @type {unknown} */ trace) => JSON.stringify(trace);
  assert.equal(plain(readTrace(document)), plain(traceOf("eq5")));
});

test("a newer document asks for a newer adviz", () => {
  const document = edited(traces.eq5.document, ["version"], 3);
  assert.throws(() => readTrace(document), {
    message:
      "This trace was made by a newer adviz (document version 3; this player reads version 2). " +
      "Update adviz where you look at it.",
  });
});

/** @type {[unknown, string][]} */
const NO_DOCUMENTS = [
  [null, "the document is not an object"],
  [undefined, "the document is not an object"],
  [3, "the document is not an object"],
  ["trace", "the document is not an object"],
  [[], "the document is not an object"],
  [[[]], "the document is not an object"],
  [{}, "its version is not 2"],
  [{ version: -1 }, "its version is not 2"],
  [{ version: "1" }, "its version is not 2"],
  [{ version: 1 }, "rows is not an object"],
];

for (const [document, wrong] of NO_DOCUMENTS) {
  test(`${JSON.stringify(document)} is refused: ${wrong}`, () => {
    assert.throws(() => readTrace(document), refusal(wrong));
  });
}

/** @type {[Path, unknown, string][]} */
const BROKEN = [
  [["function"], null, "function is not text"],
  [["rows"], "rows", "rows is not an object"],
  [["rows", "value"], [1], "outputs.row points nowhere"],
  [["rows", "operands"], [[]], "rows.operands has 1 entries for 6 rows"],
  [["rows", "value"], { length: 1e9 }, "rows.value is not a list"],
  [["rows", "value", 1], "4", "rows.value holds something that is no number"],
  [["rows", "value", 0], ARRAY, "rows.value holds something that is no number"],
  [["rows", "operands", 2], [0, 2], "rows.operands[2] points nowhere"],
  [["rows", "operands", 2], [0, -1], "rows.operands[2] points nowhere"],
  [["rows", "operands", 2], [0, 1e15], "rows.operands[2] points nowhere"],
  [["rows", "operands", 2], ["__proto__", 1], "rows.operands[2] points nowhere"],
  [["rows", "operands", 0], [0], "rows.operands[0] points nowhere"],
  [["rows", "operands", 1], [0], "an input has operands"],
  [
    ["programs", "mul", "value"],
    [["constructor", 0], 3],
    "a program has an operation that this player cannot evaluate: constructor",
  ],
  [["programs", "mul", "value"], [["mul", 0, 9], 3], "programs points nowhere"],
  [["programs", "mul", "value"], [], "a program has no result"],
  [["programs", "mul", "partials"], [], "a program has no operand or too many"],
  [["programs"], {}, "an operation has no program that fits it"],
  [
    ["programs", "mul", "value"],
    [["mul", 0], 3],
    "a program has an operation that this player cannot evaluate: mul",
  ],
  [["programs", "mul", "value"], [["mul", 0, []], 3], "programs holds something that is no number"],
  [["programs", "mul", "value"], [[["mul"], 0, 1], 3], "programs is not text"],
  [["programs", "mul", "value"], Array(2000).fill(["mul", 0, 1]), "a program is too long"],
  [["programs", "mul", "kink"], null, "programs.kink is not an object"],
  [["programs", "mul", "kink"], { at: [0], choice: 3 }, "programs.kink is not text"],
  [["rows", "operands", 2], Array(300_000).fill(0), "a row has too many operands"],
  [["constants"], [{}], "constants.math is not a list"],
  [["notes"], [{ code: "other" }], "notes has a code that this player does not know"],
  [["sources"], Array(6000).fill({}), "it has too many sources"],
  [["mistakes"], 5, "mistakes is not an object"],
  [["mistakes", "uses"], [["a", []]], "a program has no result"],
  [
    ["mistakes", "uses"],
    [["a", [["eval", 0], 5]]],
    "a program has an operation that this player cannot evaluate: eval",
  ],
  [["mistakes", "uses"], [["a", [5]]], "programs points nowhere"],
  [["mistakes", "slopes", "mul"], [[], [], []], "a mistake has too many operands"],
  [["mistakes", "values", "mul"], Array(41).fill(["a", [0]]), "it has too many mistakes"],
  [["rows", "form", 3], "constructor", "rows.form points nowhere"],
  [["rows", "form", 3], 99, "rows.form points nowhere"],
  [["rows", "site", 3], -1, "rows.site points nowhere"],
  [["rows", "call", 3], 5, "rows.call points nowhere"],
  [["calls", 0, "parent"], 0, "calls.parent points nowhere"],
  [["inputs"], [], "its inputs do not fit its rows"],
  [["outputs"], [], "it has no output"],
  [["outputs", 0, "row"], 6, "outputs.row points nowhere"],
  [["view", "pass"], "__proto__", "view.pass is not a pass"],
  [["view", "input"], 2, "view.input points nowhere"],
  [["sites", 0, "source"], "toString", "sites.source points nowhere"],
  [["forms", 0, "terms"], 3, "forms.terms is not a list"],
  [["graph", "nodes", 0], [0, "NaN", 0, 1, 1], "graph reaches out of bounds"],
  [["graph", "nodes", 0], [0, 1e300, 0, 1, 1], "graph reaches out of bounds"],
  [["graph", "nodes", 0], [99, 0, 0, 1, 1], "graph has a box of nothing"],
  [["graph", "edges", 0, 1], 0, "graph has an edge that is not in the trace"],
  [["graph", "edges", 0, 3], [[0, 0]], "graph has a broken edge"],
];

for (const [path, value, wrong] of BROKEN) {
  test(`${path.join(".")} = ${JSON.stringify(value)} is refused: ${wrong}`, () => {
    assert.throws(() => readTrace(edited(traces.eq5.document, path, value)), refusal(wrong));
  });
}

/** @type {[Path, unknown, string][]} */
const BROKEN_ARRAYS = [
  [["sweeps"], null, "sweeps is not an object"],
  [["sweeps"], [], "sweeps is not an object"],
  [["sweeps", "forward"], [], "its sweeps do not fit its inputs and outputs"],
  [["sweeps", "forward", 0, "tangent"], [0], "sweeps.forward does not fit its rows"],
  [["sweeps", "forward", 0, "tangent", 0], "1", "sweeps.forward holds something that is no number"],
  [["sweeps", "forward", 0, "terms", 4], [1], "sweeps.forward does not fit the operands"],
  [
    ["sweeps", "forward", 0, "terms", 0],
    Array(10_000).fill(1),
    "sweeps.forward does not fit the operands",
  ],
  [["sweeps", "reverse", 0], [], "sweeps.reverse does not fit its rows"],
  [["sweeps", "reverse", 0, 1], [1], "sweeps.reverse holds something that is no number"],
  [["sweeps", "reverse", 0, 1], [1, null, 3], "sweeps.reverse is not an object"],
  [["sweeps", "reverse", 0, 1, 0], null, "sweeps.reverse is not an object"],
  [["rows", "value", 0], null, "rows.value is not an object"],
  [["rows", "value", 0], [1], "rows.value is not an object"],
  [["rows", "value", 0], { text: "[1]" }, "rows.value.shape is not a list"],
  [["rows", "value", 0], { ...ARRAY, shape: [-1] }, "rows.value.shape points nowhere"],
  [["rows", "value", 0], { ...ARRAY, shape: ["__proto__"] }, "rows.value.shape points nowhere"],
  [
    ["rows", "value", 0],
    { ...ARRAY, shape: Array(100).fill(1) },
    "rows.value.shape has too many axes",
  ],
  [["rows", "value", 0], { ...ARRAY, text: 3 }, "rows.value.text is not text"],
  [["rows", "value", 0], { ...ARRAY, entries: [] }, "rows.value.entries is not text"],
  [["rows", "value", 0], { ...ARRAY, numbers: [1] }, "rows.value.numbers does not fit its shape"],
  [["rows", "value", 0], { ...ARRAY, numbers: null }, "rows.value.numbers is not a list"],
  [
    ["rows", "value", 0],
    { ...ARRAY, numbers: [1, null] },
    "rows.value.numbers holds something that is no number",
  ],
  [
    ["rows", "value", 0],
    { shape: [1e5], numbers: Array(1e5).fill(1) },
    "rows.value.numbers does not fit its shape",
  ],
  [
    ["rows", "value", 0],
    { shape: [0, 1e9], numbers: [] },
    "rows.value.numbers does not fit its shape",
  ],
  [["rows", "value", 0], { shape: [2], packed: 3 }, "rows.value.packed is not packed"],
  [["rows", "value", 0], { shape: [1], packed: "AIA=" }, "rows.value.packed is not packed"],
  [
    ["rows", "value", 0],
    { shape: [2], packed: "AIA/" },
    "rows.value.numbers does not fit its shape",
  ],
  [
    ["rows", "value", 0],
    { shape: [1e5], packed: "AIA/".repeat(1e5) },
    "rows.value.packed is not packed",
  ],
  [["rows", "value", 0], { shape: [1e9], every: 1 }, "rows.value.numbers does not fit its shape"],
  [["rows", "value", 0], { shape: [], every: 1 }, "rows.value.numbers does not fit its shape"],
  [
    ["rows", "value", 0],
    { shape: [2], every: [] },
    "rows.value.every holds something that is no number",
  ],
  [
    ["rows", "value"],
    Array.from({ length: 500 }, () => ({ shape: [4096], every: 1 })),
    "its arrays have too many numbers",
  ],
  [["forms", 0, "subscripts"], ["ij"], "forms.subscripts does not match its operands"],
  [["rows", "value", 0], { ...ARRAY, dtype: 3 }, "rows.value.dtype is not text"],
  [["rows", "value", 0], { ...ARRAY, picture: [] }, "rows.value.picture is no picture"],
  [["rows", "value", 0], { ...ARRAY, picture: ["12", "1"] }, "rows.value.picture is no picture"],
  [["rows", "value", 0], { ...ARRAY, picture: ["1z"] }, "rows.value.picture is no picture"],
  [["rows", "value", 0], { ...ARRAY, picture: [""] }, "rows.value.picture is no picture"],
  [
    ["rows", "value", 0],
    { ...ARRAY, picture: ["1".repeat(25)] },
    "rows.value.picture is no picture",
  ],
  [
    ["rows", "value", 0],
    { ...ARRAY, picture: Array(17).fill("1") },
    "rows.value.picture is no picture",
  ],
  [["rows", "value", 0], { ...ARRAY, picture: [null] }, "rows.value.picture is not text"],
  [["rows", "partials", 4], [1, 2, 3], "rows.partials[4] does not match its operands"],
  [["rows", "partials", 4, 0], "x", "rows.partials[4] holds something that is no number"],
];

for (const [path, value, wrong] of BROKEN_ARRAYS) {
  test(`${path.join(".")} = ${JSON.stringify(value).slice(0, 60)} is refused: ${wrong}`, () => {
    assert.throws(() => readTrace(edited(traces.perceptron.document, path, value)), refusal(wrong));
  });
}

test("packed numbers are those that Python has, to five digits", () => {
  const { constantArrays } = traceOf("batch");
  const [array] = [...constantArrays.values()].flat();
  const numbers = Array.from(array?.value.numbers ?? []);
  assert.equal(numbers.length, batch.length);
  for (const [i, x] of batch.entries()) {
    assert.ok(Math.abs(numbers[i] - x) <= 2 ** -16 * Math.abs(x), `${numbers[i]} is not ${x}`);
  }
});

/** @type {[Path, unknown, string][]} */
const BROKEN_GROUPS = [
  [["groups", 0, "start"], -1, "groups.start points nowhere"],
  [["groups", 0, "stop"], 99, "groups.stop points nowhere"],
  [["groups", 0, "stop"], 0, "a group holds no row"],
  [["groups", 0, "stop"], 4, "its groups overlap"],
  [["groups", 1, "depth"], 1, "its groups overlap"],
  [["groups", 0, "call"], 99, "groups.call points nowhere"],
];

for (const [path, value, wrong] of BROKEN_GROUPS) {
  test(`${path.join(".")} = ${JSON.stringify(value)} is refused: ${wrong}`, () => {
    assert.throws(() => readTrace(edited(traces.calls.document, path, value)), refusal(wrong));
  });
}

/** @type {[string, Path, (trace: import("../../adviz/player/trace.js").Trace) => string[]][]} */
const TEXTS = [
  ["the name of the function", ["function"], (trace) => [trace.function]],
  ["a note", ["notes"], (trace) => [notesOf(trace).find((note) => note.startsWith("xx")) ?? ""]],
  ["a line of source", ["sources", 0, "lines", 0], (trace) => [trace.sources[0].lines[0]]],
  ["the name of an input", ["inputs", 0, "name"], (trace) => [trace.inputs[0].name]],
];

for (const [what, path, read] of TEXTS) {
  test(`${what} is cut short where it is long`, () => {
    const long = "x".repeat(1e6);
    const value = path[0] === "notes" ? [long] : long;
    const [text] = read(readTrace(edited(traces.eq5.document, path, value)));
    assert.ok(text.length > 100 && text.length < 3000 && text.endsWith("…"));
  });
}

test("digits are brought within what a number has", () => {
  for (const [digits, expected] of [
    [0, 1],
    [9, 9],
    [1e9, 17],
    ["9", 6],
  ]) {
    assert.equal(readTrace(edited(traces.eq5.document, ["digits"], digits)).digits, expected);
  }
});

test("characters that turn the direction of text are seen, and places stay where they are", () => {
  const { document } = traces.eq5;
  const lines = ["def f(x1, x2):", "    return '\u202e' + x1 * x2"];
  const turned = edited(document, ["sources", 0, "lines"], lines);
  turned.sites[0] = { ...turned.sites[0], line: 1, column: 17, end_line: 1, end_column: 24 };
  const { sources, sites } = readTrace({ ...turned, function: "f\u2066" });
  const [, text] = sources[0].lines;
  assert.equal(text, "    return '⟨U+202E⟩' + x1 * x2");
  const site = sites.find(Boolean);
  const marked = [...text].slice(Number(site?.column), Number(site?.endColumn)).join("");
  assert.equal(marked, "x1 * x2");
  assert.equal(readTrace(edited(document, ["function"], "f\u2066")).function, "f⟨U+2066⟩");
});

test("a constant that is NaN is one, and a program that makes nothing else plays", () => {
  const document = edited(traces.eq5.document, ["programs", "mul", "value"], [["NaN"]]);
  const trace = readTrace(document);
  assert.equal(evaluate(trace, [3, -4]), null);
  assert.ok(Number.isNaN(trace.values[2]));
  play(document);
});

/** Documents that the version before this one wrote. */
const VERSION1 = JSON.parse(readFileSync(new URL("./version1.json", import.meta.url), "utf8"));

for (const [name, document] of Object.entries(VERSION1)) {
  test(`version 1, ${name}: it plays as the recording it is`, () => {
    const trace = readTrace(document);
    assert.equal(trace.isLive, false);
    assert.deepEqual(trace.recording, { code: "version", name: "" });
    assert.equal(trace.count, document.rows.value.length);
    play(document);
  });
}

test("version 1: numbers, decisions and groups are what they were", () => {
  const trace = readTrace(VERSION1.halved);
  assert.deepEqual(Array.from(trace.values), VERSION1.halved.rows.value);
  assert.deepEqual(comparedNumbers(trace, trace.decisions[0]), [3, 1]);
  const gradient = passOf(trace, "reverse", 0);
  assert.deepEqual([gradient.derivative(0), gradient.derivative(1)], [-0.25, 0.75]);
});

test("lines that are left out of the source are counted", () => {
  const source = { ...traces.eq5.document.sources[0], first_line: 10, gaps: [[1, 5]] };
  const { sources } = readTrace(edited(traces.eq5.document, ["sources", 0], source));
  assert.deepEqual(sources[0].numbers.slice(0, 2), [10, 16]);
});

for (const name of ["eq5", "calls", "perceptron"]) {
  test(`${name}: with any one thing in it exchanged it is refused in words, or plays`, () => {
    const document = structuredClone(traces[name].document);
    const hostile = [null, -1, 1e9, 0.5, "NaN", "__proto__", [], {}, [["mi", "x"]], true];
    let [refused, played] = [0, 0];
    for (const [n, [part, key, place]] of places(document).entries()) {
      const original = part[key];
      // Every third value at each place, so that it takes a second.
      for (const value of hostile.filter((_, i) => (i + n) % 3 === 0)) {
        part[key] = value;
        try {
          play(document);
          played += 1;
        } catch (error) {
          assert.ok(
            error instanceof DocumentError,
            `${place} = ${JSON.stringify(value)}: ${error}`,
          );
          refused += 1;
        }
      }
      part[key] = original;
    }
    assert.ok(refused > 100 && played > 100);
  });
}

/**
 * The parts of a document, each as what holds it, its key there, and its name; of a long list only
 * the first three.
 * @param {any} whole
 * @param {string} [name]
 * @returns {[part: any, key: string, name: string][]}
 */
function places(whole, name = "document") {
  const keys = Object.keys(whole).slice(0, Array.isArray(whole) ? 3 : undefined);
  return keys.flatMap((key) => {
    const part = whole[key];
    const inside = `${name}.${key}`;
    const deeper = typeof part === "object" && part !== null ? places(part, inside) : [];
    return [[whole, key, inside], ...deeper];
  });
}

/** Reads a document and says what there is to say of it. @param {unknown} document */
function play(document) {
  const trace = readTrace(document);
  const uses = usesOf(trace);
  for (const pass of /** @type {const} */ (["primal", "forward", "reverse"])) {
    const sweep = passOf(trace, pass, 0);
    for (let step = 0; step < sweep.length; step++) {
      explain(trace, sweep, uses, step);
      announce(trace, sweep, step);
      for (const side of equation(trace, sweep, step)) mathText(side);
    }
    for (let slot = 0; slot < trace.count; slot++) {
      for (const { formula } of derivativeTerms(trace, sweep, slot)) mathText(formula);
      callPath(trace, slot);
    }
    for (const group of trace.groups.keys()) {
      const around = boundary(trace, uses, group);
      explainGroup(trace, sweep, group, around);
      groupEquation(trace, sweep, group, around);
    }
  }
  createPlayhead(trace, trace.view);
}

/** @param {string} wrong */
function refusal(wrong) {
  return (/** @type {unknown} */ error) => {
    assert.ok(error instanceof DocumentError);
    assert.equal(error.message, `This trace cannot be shown: ${wrong}.`);
    return true;
  };
}
