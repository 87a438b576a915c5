// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  entryText,
  readComplex,
  readNumber,
  scaledStep,
  stepped,
  stepSize,
} from "../../adviz/player/numberEntry.js";

test("numbers and fractions are read as a person types them", () => {
  /** @type {[string, number][]} */
  const typed = [
    ["-4", -4],
    ["−4", -4],
    [" 2.5 ", 2.5],
    [".5", 0.5],
    ["3.", 3],
    ["+7", 7],
    ["1e-3", 0.001],
    ["2E6", 2e6],
    ["1/3", 1 / 3],
    ["− 13 / 3", -13 / 3],
    ["1⁄4", 0.25],
    ["−1.5×10⁻¹²", -1.5e-12],
  ];
  for (const [text, number] of typed) assert.equal(readNumber(text), number, text);
});

test("what is no finite number is not read", () => {
  for (const text of ["", "x", "1,5", "--4", "1/0", "0/0", "1/2/3", "1e999", "Infinity", "0x10"]) {
    assert.equal(readNumber(text), null, text);
  }
});

test("what is written in a field can be typed again", () => {
  for (const x of [0, -4, 1 / 3, -1e-7, 5e-324, -1.7976931348623157e308]) {
    assert.equal(readNumber(entryText(x)), x);
  }
});

test("steps suit the size of the number", () => {
  /** @type {[number, number][]} */
  const sizes = [
    [3, 0.1],
    [-4, 0.1],
    [0.5, 0.01],
    [250, 10],
    [0, 0.1],
    [1e-3, 1e-4],
    [9.99, 0.1],
  ];
  for (const [x, size] of sizes) assert.equal(stepSize(x), size);
  for (const x of [5e-324, 1.7e308]) assert.ok(stepSize(x) > 0 && Number.isFinite(stepSize(x)));
});

test("steps are made larger and smaller without new digits", () => {
  assert.equal(scaledStep(0.1, 0.1), 0.01);
  assert.equal(scaledStep(1e-5, 0.1), 1e-6);
  assert.equal(scaledStep(0.1, 10), 1);
});

test("steps add no digits of their own", () => {
  assert.equal(stepped(0.1, 2, 0.1), 0.3);
  assert.equal(stepped(3, -4, 0.1), 2.6);
  assert.equal(stepped(2.345, 1, 0.1), 2.445);
  assert.equal(stepped(1e-7, 1, 1e-8), 1.1e-7);
  assert.equal(stepped(1e300, 1, 1e299), 1.1e300);
  assert.ok(Object.is(stepped(0.1, -1, 0.1), 0), "never minus zero");
  let x = 0.5;
  for (let n = 0; n < 100; n++) x = stepped(x, 1, 0.01);
  assert.equal(x, 1.5);
});

test("complex numbers are typed as people and as Python write them", () => {
  const typed = {
    "1 + 2i": [1, 2],
    "(1-2j)": [1, -2],
    "−2.5j": [0, -2.5],
    i: [0, 1],
    "-i": [0, -1],
    3: [3, 0],
    "1e-3 − 2.5×10⁻⁷i": [0.001, -2.5e-7],
    "2*i": [0, 2],
  };
  for (const [text, parts] of Object.entries(typed)) assert.deepEqual(readComplex(text), parts);
  for (const text of ["", "1 + 2", "2i + 1", "abc", "1 + i2", "1e999i"]) {
    assert.equal(readComplex(text), null, text);
  }
});
