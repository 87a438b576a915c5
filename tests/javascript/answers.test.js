// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../../adviz/player/answerCheck.js";
import { readEntry } from "../../adviz/player/answerEntry.js";

/** @param {string} text */
function entryOf(text) {
  const entry = readEntry(text);
  assert.ok(entry, `${text} is not understood`);
  return entry;
}

test("numbers and small arithmetic are read as people write them", () => {
  const { cos, exp, log, sqrt } = Math;
  /** @type {[string, number][]} */
  const cases = [
    ["-4", -4],
    ["−4.333", -4.333],
    [" + 4 ", 4],
    ["4,3", 4.3],
    [".5", 0.5],
    ["1e-3", 1e-3],
    ["1.5×10⁻⁷", 1.5e-7],
    ["1/3", 1 / 3],
    ["-13/3", -13 / 3],
    ["1*-4", -4],
    ["1 × (−4)", -4],
    ["-1/3 + 1·(-4)", -1 / 3 - 4],
    ["2 - 3 - 4", -5],
    ["12/3/2", 2],
    ["-2^2", -4],
    ["2**-1", 0.5],
    ["2^3^2", 512],
    ["3²", 9],
    ["ln(3)", log(3)],
    ["2·cos 0.5 * 3", 2 * cos(0.5) * 3],
    ["exp(-1) / √2", exp(-1) / sqrt(2)],
  ];
  for (const [text, value] of cases) {
    assert.ok(Math.abs(entryOf(text).value - value) < 1e-15 * Math.max(1, Math.abs(value)), text);
  }
});

test("what is no number is not taken for one", () => {
  for (const text of ["", " ", "four", "1 2", "1/0", "(1", "1)", "--", "1..2", "x1*x2", "ln"]) {
    assert.equal(readEntry(text), null, text);
  }
  assert.equal(readEntry("constructor(1)"), null);
  assert.equal(readEntry("(".repeat(1e5)), null);
});

test("an answer may be rounded as people round, to three digits or more", () => {
  const x = -13 / 3;
  /** @type {[string, string][]} */
  const cases = [
    ["-13/3", "right"],
    ["-4.33333", "right"],
    ["-4.333", "right"],
    ["-4.33", "right"],
    ["-4.3", "coarse"],
    ["-4", "wrong"],
    ["-4.4", "wrong"],
    ["-4.25", "wrong"],
    ["4.333", "wrong"],
  ];
  for (const [text, verdict] of cases) {
    assert.equal(check(entryOf(text), x, [], 1e-5).verdict, verdict, text);
  }
  // Rounding to three digits can be off by half a percent.
  for (const [text, number] of /** @type {[string, number][]} */ ([
    ["1.01e-7", 1.006e-7],
    ["10.5", 10.538],
    ["-1.86", -1.8562],
  ])) {
    assert.equal(check(entryOf(text), number, [], 0).verdict, "right", text);
    assert.equal(check(entryOf(text), number * 1.01, [], 0).verdict, "wrong", text);
  }
  assert.equal(check(entryOf("0.3"), 1 / 3, [], 0).verdict, "coarse");
  assert.equal(check(entryOf("0"), 0, [], 0).verdict, "right");
  assert.equal(check(entryOf("1e-9"), 0, [], 0).verdict, "wrong");
  // What is left of two numbers that cancel is as exact as they are shown.
  assert.equal(check(entryOf("0.00001"), 1.2e-5, [], 1e-5).verdict, "right");
});

test("of the mistakes that give the number, the likelier are named, two at most", () => {
  const candidates = [
    [
      { value: 5, reason: "a" },
      { value: 7, reason: "b" },
    ],
    [
      { value: 5, reason: "c" },
      { value: 8.333333, reason: "d" },
      { value: 8.333333, reason: "e" },
      { value: 8.333333, reason: "f" },
      { value: NaN, reason: "g" },
    ],
  ];
  /** @param {string} text */
  const reasons = (text) => check(entryOf(text), 2, candidates, 0).reasons;
  assert.deepEqual(reasons("5"), ["a"]);
  assert.deepEqual(reasons("8.333"), ["d", "e"]);
  assert.deepEqual(reasons("8.3"), ["d", "e"]);
  assert.deepEqual(reasons("9"), []);
});

test("a mistake that gives no finite number explains nothing", () => {
  const infinite = [[{ value: -Infinity, reason: "a" }]];
  assert.deepEqual(check(entryOf("3"), 2, infinite, 0), { verdict: "wrong", reasons: [] });
});

test("a mistake that gives the right number is none, and one that is exact outdoes a coarse answer", () => {
  assert.deepEqual(check(entryOf("2"), 2, [[{ value: 2, reason: "a" }]], 0), {
    verdict: "right",
    reasons: [],
  });
  const found = check(entryOf("4.0"), 4.04, [[{ value: 4, reason: "a" }]], 0);
  assert.deepEqual(found, { verdict: "wrong", reasons: ["a"] });
});
