// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { barriersTo, barrierTo } from "../../adviz/player/barriers.js";
import { evaluate } from "../../adviz/player/evaluation.js";
import { recordingText, stopText } from "../../adviz/player/reasons.js";
import { stopBetween } from "../../adviz/player/stops.js";
import { traceOf } from "./documents.js";

/** @param {import("../../adviz/player/trace.js").Trace} trace */
function inputsOf(trace) {
  return trace.inputs.map((_, slot) => Number(trace.values[slot]));
}

/** @param {import("../../adviz/player/reasons.js").Words[]} words */
function text(words) {
  return words.map((part) => (typeof part === "string" ? part : `\`${part.code}\``)).join("");
}

/**
 * Turns the first input to a value that cannot be had.
 * @param {string} name  of a trace
 * @param {number} wanted
 * @param {number} step
 */
function turned(name, wanted, step) {
  const trace = traceOf(name);
  const present = inputsOf(trace);
  const withFirst = (/** @type {number} */ x) => [x, ...present.slice(1)];
  const barrier = barrierTo(trace, present, withFirst(wanted));
  assert.ok(barrier);
  const holds = (/** @type {number} */ x) => !barrierTo(trace, present, withFirst(x));
  const stop = stopBetween(holds, present[0], wanted, step);
  return { value: stop.value, said: text(stopText(trace, 0, stop, wanted > present[0], barrier)) };
}

test("a logarithm is in the way of numbers below zero", () => {
  const { value, said } = turned("eq5", -2, 0.1);
  assert.equal(value, 0.1);
  assert.equal(said, "ln is not defined: x₁ ≤ 0.");
});

test("a comparison that would turn out otherwise is in the way", () => {
  // `while x > 1: x = x / 2` halves 3 twice.
  const upward = turned("branching", 10, 0.1);
  assert.equal(upward.value, 4);
  assert.match(upward.said, /^Beyond 4 the test `x > 1` turns true and .* hold for 3 ≤ x ≤ 4\.$/);
  const downward = turned("branching", 1.5, 0.1);
  assert.equal(downward.value, 2.1);
  assert.match(downward.said, /^At 2 the test `x > 1` turns false and .* hold for 2 < x ≤ 3\.$/);
});

test("a trace is as it was where something is in the way, and after a survey", () => {
  const trace = traceOf("eq5");
  evaluate(trace, inputsOf(trace)); // a page's logarithm may differ from Python's in the last bit
  const [values, partials] = [Array.from(trace.values), structuredClone(trace.partials)];
  const present = inputsOf(trace);
  assert.ok(barrierTo(trace, present, [-1, 7]));
  const states = barriersTo(trace, present, [
    [2, 7],
    [-1, 7],
    [4, 7],
  ]);
  assert.deepEqual(
    states.map((barrier) => barrier === null),
    [true, false, true],
  );
  assert.deepEqual(Array.from(trace.values), values);
  assert.deepEqual(trace.partials, partials);
  assert.equal(barrierTo(trace, present, [2, 7]), null);
});

test("what was not finite before is in nobody's way", () => {
  const trace = traceOf("not_finite");
  assert.equal(barrierTo(trace, inputsOf(trace), [-1]), null);
});

test("each reason for a recording has a sentence of its own", () => {
  const codes = ["arrays", "precision", "operation", "decision", "version", "of a later version"];
  const sentences = codes.map((code) => recordingText({ code, name: "gammaln" }));
  assert.equal(new Set(sentences).size, codes.length);
  assert.match(recordingText({ code: "operation", name: "gammaln" }), /compute gammaln\.$/);
});
