// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { isCombinable, unknownIn } from "../../adviz/player/arraySweeps.js";
import { fixedSeedsText } from "../../adviz/player/reasons.js";
import { sweepOf } from "../../adviz/player/sweeps.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import { combined, edited, traceOf, traces } from "./documents.js";

/** @param {import("../../adviz/player/trace.js").Quantity} quantity */
function numbersOf(quantity) {
  return typeof quantity === "number" ? [quantity] : Array.from(quantity.numbers ?? []);
}

/**
 * @param {import("../../adviz/player/trace.js").Quantity} quantity
 * @param {number[]} expected
 */
function assertClose(quantity, expected) {
  const numbers = numbersOf(quantity);
  // What nothing reaches is 0 as a whole.
  const filled = numbers.length === 1 ? expected.map(() => numbers[0]) : numbers;
  assert.equal(filled.length, expected.length);
  for (const [i, x] of expected.entries()) {
    assert.ok(Math.abs(filled[i] - x) <= 1e-12 * (1 + Math.abs(x)), `${filled[i]} is not ${x}`);
  }
}

for (const [name, { direction, tangents, terms, weights, adjoints }] of Object.entries(combined)) {
  test(`${name}: a direction of several inputs combines the recorded sweeps`, () => {
    const trace = traceOf(name);
    assert.ok(isCombinable(trace, "forward"));
    const sweep = sweepOf(trace, "forward", direction);
    assert.deepEqual(sweep.seeds, direction);
    for (const [slot, expected] of tangents.entries()) {
      assertClose(sweep.derivative(slot), expected);
      if (terms[slot].length < 2) continue;
      assert.equal(sweep.terms(slot).length, terms[slot].length);
      for (const [k, term] of sweep.terms(slot).entries()) assertClose(term, terms[slot][k]);
    }
  });

  test(`${name}: weights of outputs combine the recorded sweeps, and the sums add up`, () => {
    const trace = traceOf(name);
    const sweep = sweepOf(trace, "reverse", weights);
    for (const [slot, expected] of Object.entries(adjoints)) {
      assertClose(sweep.derivative(Number(slot)), expected);
    }
    for (let step = 0; step < sweep.length; step++) {
      const { value } = sweep.at(sweep.row(step), step);
      const [before, amount] = [sweep.before(step), sweep.amount(step)].map(numbersOf);
      const isFirst = sweep.stepsTo(sweep.row(step))[0] === step;
      assertClose(
        value,
        amount.map((x, i) => (isFirst ? x : x + before[i])),
      );
    }
  });
}

test("why a seed is fixed depends on what the page lacks", () => {
  const trace = traceOf("shapes");
  assert.equal(unknownIn(trace, "forward"), null);
  const large = { shape: [100, 50], text: "100×50, 0 to 1" };
  const path = ["sweeps", "forward", 0, "tangent", 3];
  const unknown = unknownIn(readTrace(edited(traces.shapes.document, path, large)), "forward");
  assert.deepEqual(unknown?.shape, [100, 50]);
  const said = fixedSeedsText("forward", unknown ?? assert.fail());
  assert.match(said, /too many numbers in these tangents .*smaller arrays, or use ad\.jvp /);
  const complex = fixedSeedsText("reverse", { ...unknown, shape: [2] });
  assert.match(complex, /real numbers only\. In Python, ad\.vjp /);
});

test("where the numbers are not in the document, the seeds stay as recorded", () => {
  const large = { shape: [65], text: "65 entries, 0 to 1" };
  const path = ["sweeps", "reverse", 0, 1, 0];
  const trace = readTrace(edited(traces.shapes.document, path, large));
  assert.ok(!isCombinable(trace, "reverse"));
  assert.ok(isCombinable(trace, "forward"));
  assert.deepEqual(sweepOf(trace, "reverse", [2, 3]).seeds, [1, 0]);
  assert.deepEqual(sweepOf(trace, "reverse", [0, 1]).seeds, [0, 1]);
});
