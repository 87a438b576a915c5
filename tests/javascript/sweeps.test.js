// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { usesOf } from "../../adviz/player/sweeps.js";
import { allNames, assertClose, passOf, traceOf, traces, written } from "./documents.js";

for (const name of allNames) {
  const { forward, reverse } = traces[name];
  const trace = traceOf(name);

  for (const [input, steps] of forward.entries()) {
    test(`${name}: the forward sweep from input ${input} is Python's`, () => {
      const sweep = passOf(trace, "forward", input);
      assert.equal(sweep.length, steps.length);
      for (const [slot, { tangent, terms }] of steps.entries()) {
        assertClose(written(sweep.derivative(slot)), tangent, `tangent of row ${slot}`);
        assertClose(written(sweep.amount(slot)), tangent);
        if (terms.length > 1) {
          assertClose(sweep.terms(slot).map(written), terms, `terms of row ${slot}`);
        }
      }
    });
  }

  for (const [output, contributions] of reverse.entries()) {
    test(`${name}: the return sweep from output ${output} is Python's`, () => {
      const sweep = passOf(trace, "reverse", output);
      assert.equal(sweep.row(0), trace.outputs[output].row);
      const steps = Array.from({ length: sweep.length - 1 }, (_, i) => i + 1).map((step) => {
        const row = sweep.row(step);
        const isFirst = sweep.stepsTo(row)[0] === step;
        return {
          row,
          user: sweep.user(step),
          operand: sweep.operand(step),
          before: isFirst ? null : written(sweep.before(step)),
          amount: written(sweep.amount(step)),
          after: written(sweep.at(row, step).value),
        };
      });
      assertClose(steps, contributions);
    });

    test(`${name}: what is known of each row during the return sweep from output ${output}`, () => {
      const sweep = passOf(trace, "reverse", output);
      for (let slot = 0; slot < trace.count; slot++) {
        const steps = [...sweep.stepsTo(slot)];
        assert.equal(sweep.stepOf(slot), steps.at(-1) ?? -1);
        for (let step = 0; step < sweep.length; step++) {
          const { state, part, parts } = sweep.at(slot, step);
          assert.equal(part, steps.filter((s) => s <= step).length);
          assert.equal(parts, steps.length);
          const expected = part === 0 ? "pending" : part < parts ? "partial" : "done";
          assert.equal(state, expected);
        }
      }
    });
  }

  test(`${name}: the primal pass takes the rows one by one`, () => {
    const sweep = passOf(trace, "primal", 0);
    assert.equal(sweep.length, trace.count);
    for (let slot = 0; slot < trace.count; slot++) {
      assert.equal(sweep.row(slot), slot);
      assert.equal(sweep.derivative(slot), trace.values[slot]);
      assert.equal(sweep.at(slot, slot).state, "done");
      if (slot > 0) assert.equal(sweep.at(slot, slot - 1).state, "pending");
    }
  });

  test(`${name}: the uses of a row are the rows that have it as an operand`, () => {
    const uses = usesOf(trace);
    for (let slot = 0; slot < trace.count; slot++) {
      const expected = trace.operands.flatMap((operands, user) =>
        operands.filter((operand) => operand === slot).map(() => user),
      );
      assert.deepEqual(uses(slot), expected);
    }
  });
}

test("a row that the output does not depend on is not reached", () => {
  const trace = traceOf("unused");
  const sweep = passOf(trace, "reverse", 0);
  const unreached = trace.inputs.findIndex(({ text }) => text === "y");
  assert.equal(sweep.stepOf(unreached), -1);
  assert.equal(sweep.at(unreached, sweep.length - 1).state, "pending");
});
