// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, remarkOn } from "../../adviz/player/evaluation.js";
import { notesOf } from "../../adviz/player/notes.js";
import { traceOf, traces } from "./documents.js";

for (const name of ["eq5", "unused", "not_finite", "kinks", "polar"]) {
  test(`${name}: a live page notes what Python notes`, () => {
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
