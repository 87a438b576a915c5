// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNumber, subscript, superscript } from "../../adviz/player/number.js";
import { numbers } from "./documents.js";

for (const { digits, values, texts } of numbers) {
  test(`numbers with ${digits} digits are written as in Python`, () => {
    const shown = values.map((value) => formatNumber(Number(value), digits));
    assert.deepEqual(shown, texts);
  });
}

test("an array is written as the text that comes with it", () => {
  const array = {
    shape: [2, 3],
    text: "2×3, 0 to 5",
    entries: "",
    picture: null,
    numbers: null,
    dtype: "",
  };
  assert.equal(formatNumber(array, 6), "2×3, 0 to 5");
});

test("indices and exponents are raised and lowered, their sign too", () => {
  assert.equal(superscript(-120), "⁻¹²⁰");
  assert.equal(subscript(-34), "₋₃₄");
});
