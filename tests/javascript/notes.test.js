// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../adviz/player/evaluation.js";
import { notesOf } from "../../adviz/player/notes.js";
import { remarkOn } from "../../adviz/player/prose.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import { edited, traceOf, traces } from "./documents.js";

for (const name of [
  "eq5",
  "unused",
  "not_finite",
  "kinks",
  "polar",
  "no_norm",
  "no_distances",
  "broken_arrays",
]) {
  test(`${name}: the page notes what Python notes`, () => {
    const [found, known] = [notesOf(traceOf(name)), traces[name].notes];
    assert.equal(found.length, known.length, `${found} | ${known}`);
    for (const [i, note] of known.entries()) {
      const said = note.split(/[:(,]/)[0];
      assert.ok(
        found[i].normalize("NFKC").startsWith(said.trimEnd().normalize("NFKC")),
        `${found[i]} | ${said}`,
      );
    }
  });
}

test("notes are of the inputs as they are now", () => {
  const trace = traceOf("not_finite");
  assert.equal(notesOf(trace).length, 1);
  evaluate(trace, [4]);
  assert.deepEqual(notesOf(trace), []);
  evaluate(trace, [0.5]);
  assert.match(
    notesOf(trace)[0],
    /^v₄ is the first row that is NaN \(line \d+, in not_finite\)\.$/,
  );
});

test("a gradient that becomes NaN is noted with the product that is NaN", () => {
  const trace = traceOf("kinks");
  const lost = () => notesOf(trace).filter((note) => note.includes("NaN"));
  assert.match(
    lost()[0],
    /^The gradient of z₁ is NaN: v₂ .* has the slope 0 at 0, and its adjoint is ∞/,
  );
  evaluate(trace, [2, 1]);
  assert.deepEqual(lost(), []);
});

test("a kink is remarked on only where the operands lie there now", () => {
  const trace = traceOf("kinks");
  const rowOf = (/** @type {string} */ op) => trace.forms.findIndex((form) => form?.op === op);
  const [absolute, maximum] = [rowOf("abs"), rowOf("maximum")];
  assert.match(remarkOn(trace, absolute), /kink at 0/);
  assert.equal(remarkOn(trace, maximum), "");
  evaluate(trace, [1, 1]);
  assert.equal(remarkOn(trace, absolute), "");
  assert.match(remarkOn(trace, maximum), /one half/);
  evaluate(trace, [Number.NaN, 1]);
  assert.equal(remarkOn(trace, absolute), "");
});

test("a recording has its notes as codes, and words them", () => {
  const { notes } = traces.no_distances.document;
  assert.deepEqual(
    notes.map((/** @type {{code: string}} */ { code }) => code),
    ["independent", "nan_gradient"],
  );
  const [independent, lost] = notesOf(traceOf("no_distances"));
  assert.equal(independent, "z does not depend on y: the derivative is zero.");
  assert.match(
    lost,
    /^The gradient of z is NaN: v₄ \(line \d+, in no_distances\) has the slope ∞ at v₃\[0, 0\] = 0, and v₃ .*multiplies ∞ by its own slope 0: that is NaN\.$/,
  );
  assert.match(notesOf(traceOf("broken_arrays"))[0], /is not finite, with infinity in it \(line/);
});

test("documents that were saved with sentences still say them", () => {
  const said = "y does not depend on x2: the derivative is zero.";
  assert.deepEqual(notesOf(readTrace(edited(traces.layer.document, ["notes"], [said]))), [said]);
  const old = edited(traces.layer.document, ["remarks"], [[2, "|v| has a kink at 0."]]);
  assert.equal(remarkOn(readTrace(old), 2), "|v| has a kink at 0.");
  const coded = edited(traces.layer.document, ["remarks"], [[2, "kink"]]);
  assert.match(remarkOn(readTrace(coded), 2), /^tanh has a kink at 0, /);
});

for (const [note, wrong] of /** @type {[unknown, string][]} */ ([
  [{ code: "later" }, "notes has a code that this player does not know"],
  [{ code: "independent", output: 9, inputs: [] }, "notes.output points nowhere"],
  [{ code: "independent", output: 0, inputs: ["x"] }, "notes.inputs points nowhere"],
  [{ code: "nonfinite", row: -1 }, "notes.row points nowhere"],
  [{ code: "nan_gradient", output: 0, row: 0, cause: "product" }, "notes.slope is missing"],
  [
    { code: "nan_gradient", output: 0, row: 0, cause: "sum", slope: 1 },
    "notes.slope is not an object",
  ],
])) {
  test(`the note ${JSON.stringify(note)} is refused: ${wrong}`, () => {
    assert.throws(() => readTrace(edited(traces.layer.document, ["notes"], [note])), {
      message: `This trace cannot be shown: ${wrong}.`,
    });
  });
}
