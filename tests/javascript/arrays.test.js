// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { briefText, gist, isShort, summedAxes, tuple } from "../../adviz/player/arrays.js";
import { arrayOf } from "../../adviz/player/arrayText.js";
import { arrays, numberOf } from "./documents.js";

/** @param {number[]} shape @param {string} text */
function array(shape, text) {
  return { shape, text, entries: "", picture: null, numbers: null, dtype: "float64" };
}

test("a vector of few numbers is written out, a matrix by its shape", () => {
  const [vector, matrix] = [array([2], "[1, −0.5]"), array([2, 3], "2×3, 0 to 5")];
  assert.ok(isShort(4) && isShort(vector) && !isShort(matrix));
  assert.equal(briefText(0.5, 6), "0.5");
  assert.equal(briefText(vector, 6), "[1, −0.5]");
  assert.equal(briefText(matrix, 6), "2×3");
  assert.equal(briefText(array([8], "8 entries, 0 to 5"), 6), "8 entries");
});

test("an array of one number all over is written as that number", () => {
  assert.equal(gist(array([4, 3], "4×3, 1"), 6), "all 1");
  assert.equal(gist(array([4, 3], "4×3, 0 to 5"), 6), "4×3");
});

test("a shape is written as in Python", () => {
  assert.deepEqual([[], [4], [4, 2]].map(tuple), ["()", "(4,)", "(4, 2)"]);
});

test("a broadcast is undone over the axes that it added or stretched", () => {
  assert.deepEqual(summedAxes([4, 2], [2]), [0]);
  assert.deepEqual(summedAxes([4, 2], [4, 1]), [1]);
  assert.deepEqual(summedAxes([4, 2], []), [0, 1]);
});

test("text, entries and picture of an array of numbers are Python's", () => {
  assert.ok(arrays.length > 300);
  for (const { shape, dtype, numbers, digits, ...written } of arrays) {
    const { text, entries, picture } = arrayOf(shape, numbers.map(numberOf), digits, dtype);
    assert.deepEqual({ text, entries, picture }, written);
  }
});
