// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPERATIONS } from "../../adviz/player/arithmetic.js";
import { readProgram } from "../../adviz/player/documentPrograms.js";
import { evaluate } from "../../adviz/player/evaluation.js";
import { sweepOf } from "../../adviz/player/sweeps.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import { agreement, specials } from "./documents.js";

/** @typedef {import("./documents.js").Slackened} Slackened */

/** How many numbers were compared, and how many of them needed slack. */
const tally = { compared: 0, slackened: 0 };
const FEWEST_COMPARED = 5000;
const MOST_SLACKENED = 0.02;

/**
 * @param {number} found
 * @param {Slackened[number]} expected
 * @param {number} tolerance  relative
 * @param {string} what
 */
function assertAgrees(found, expected, tolerance, what) {
  if (!expected) return;
  const [number, slack] = expected.map(Number);
  tally.compared += 1;
  if (Object.is(found, number) || Math.abs(found - number) <= tolerance * Math.abs(number)) return;
  tally.slackened += 1;
  assert.ok(
    Math.abs(found - number) <= slack || Number.isNaN(slack),
    `${what}: ${found} in the page, ${number} in Python, slack ${slack}`,
  );
}

test("a page computes what Python computes: values, tangents and adjoints at other inputs", () => {
  for (const [seed, { document, cases }] of agreement.entries()) {
    for (const { inputs, obstacle, direction, weights, values, tangents, adjoints } of cases) {
      const trace = readTrace(document);
      assert.ok(trace.isLive);
      const found = evaluate(trace, inputs);
      const what = `random trace ${seed} at ${inputs}`;
      if (obstacle !== undefined) {
        assert.equal(found && trace.decisions.indexOf(found.decision), obstacle, what);
        continue;
      }
      assert.equal(found, null, what);
      const forward = sweepOf(trace, "forward", direction);
      const reverse = sweepOf(trace, "reverse", weights);
      for (let slot = 0; slot < trace.count; slot++) {
        const where = `${what}, row ${slot} (${trace.forms[slot]?.op})`;
        assertAgrees(Number(trace.values[slot]), values[slot], 1e-12, `${where}: value`);
        const tangent = Number(forward.derivative(slot));
        assertAgrees(tangent, tangents[slot], 1e-10, `${where}: tangent`);
        assert.equal(reverse.stepOf(slot) >= 0, adjoints[slot] !== null, `${where}: reached`);
        const adjoint = Number(reverse.derivative(slot));
        assertAgrees(adjoint, adjoints[slot], 1e-10, `${where}: adjoint`);
      }
    }
  }
  assert.ok(tally.compared > FEWEST_COMPARED);
  assert.ok(tally.slackened < MOST_SLACKENED * tally.compared, JSON.stringify(tally));
});

/** Operations whose results are exact, or rounded once. */
const EXACT = new Set(
  "add sub mul div neg abs sqrt square reciprocal sign maximum minimum relu".split(" "),
);

for (const { name, program: entry, cases } of specials) {
  test(`${name} and its partials are Python's for zeros, ties, infinities and NaN`, () => {
    const { program, arity, length } = readProgram(entry);
    assert.equal(program.partials.length, arity);
    const numbers = new Float64Array(length);
    for (const [operands, [value], partials] of cases) {
      const what = `${name}(${operands.map(String)})`;
      operands.forEach((operand, k) => {
        numbers[k] = Number(operand);
      });
      assertSame(program.value(numbers), Number(value), EXACT.has(name), what);
      numbers[arity] = Number(value);
      for (const [k, partial] of partials.entries()) {
        const found = program.partials[k](numbers);
        assertSame(found, Number(partial), EXACT.has(name), `partial ${k} of ${what}`);
      }
    }
  });
}

test("every operation of the table is among those compared", () => {
  const names = new Set(specials.map(({ name }) => name));
  for (const { name, program } of specials) assert.ok(program, `${name} has no program`);
  const others = ["choose", "<", "<=", "==", "!=", ">", ">=", "isnan", "isinf", "isfinite"];
  for (const name of Object.keys(OPERATIONS)) assert.ok(names.has(name) || others.includes(name));
});

/** @param {number} found @param {number} expected @param {boolean} isExact @param {string} what */
function assertSame(found, expected, isExact, what) {
  if (Object.is(found, expected)) return;
  // Which of 0 and −0 NumPy takes for the larger depends on the machine.
  if (/^(max|min)imum\(-?0,-?0\)$/.test(what) && found === expected) return;
  const isClose = Math.abs(found - expected) <= 1e-14 * Math.abs(expected);
  assert.ok(!isExact && isClose && found !== 0, `${what} is ${found} and not ${expected}`);
}
