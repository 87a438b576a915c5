// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../../adviz/player/answerCheck.js";
import { readEntry, readFormula } from "../../adviz/player/answerEntry.js";

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
    ["2⁻¹", 0.5],
    ["2π", 2 * Math.PI],
    ["3(4)", 12],
    ["e^2", exp(2)],
    ["-4 1/3", -13 / 3],
    ["−4⅓", -13 / 3],
    ["⅓", 1 / 3],
    ["33%", 0.33],
    ["1e3", 1000],
    ["−1\u2009000", -1000],
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

test("what is hostile is refused at once", () => {
  const texts = [
    "(".repeat(1e5),
    "-".repeat(1e5),
    `${"(".repeat(60)}1${")".repeat(60)}`,
    "9^9^9^9^9",
    "%",
    "1e3%",
    "4 1/3 2/3",
    "１",
    "٣",
    "\ud800",
    "\u202e1",
    "1\u0000",
    "1e5e5",
    "2 // 3",
    "toString",
    "__proto__",
    "isnan(1)",
    "1/0*0",
  ];
  const began = performance.now();
  for (const text of texts) {
    assert.equal(readEntry(text), null, text);
    assert.equal(readFormula(text, [new Map([["v1", 1]])]), null, text);
  }
  assert.ok(performance.now() - began < 500);
});

test("formulas are read with the names of rows, however they are written", () => {
  const worlds = [2, 3].map(
    (x) =>
      new Map([
        ["v-1", x],
        ["v1", 10 * x],
        ["v10", 7],
        ["v̄₂", 5],
        ["θ", 4],
      ]),
  );
  /** @type {[string, (x: number) => number][]} */
  const cases = [
    ["v1*v-1", (x) => 10 * x * x],
    ["v₁·v₋₁", (x) => 10 * x * x],
    ["v_1 v_{-1}", (x) => 10 * x * x],
    ["v10 - v1", (x) => 7 - 10 * x],
    ["-1/v-1^2", (x) => -1 / x ** 2],
    ["v₋₁²", (x) => x * x],
    ["v-1 - 1", (x) => x - 1],
    ["cos(v-1)", Math.cos],
    ["2 v̄₂ + vbar2", () => 15],
    ["θ v-1", (x) => 4 * x],
    ["7", () => 7],
  ];
  for (const [text, value] of cases) {
    const entry = readFormula(text, worlds);
    assert.ok(entry, text);
    for (const [i, x] of [2, 3].entries()) {
      const found = [entry.value, ...entry.others][i];
      assert.ok(Math.abs(found - value(x)) < 1e-12 * Math.abs(value(x)), text);
    }
  }
  for (const text of ["v2", "v", "v12", "v1v1", "v - 1", "x1", "θ1"]) {
    assert.equal(readFormula(text, worlds), null, text);
  }
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
