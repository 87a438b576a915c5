// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { complexText, formatNumber, subscript, superscript } from "../../adviz/player/number.js";
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

test("a complex number is written one way, without parts that are 0", () => {
  const numbers = [
    [1, 2],
    [1, -1],
    [0, 1],
    [0, -2.5],
    [-3, 0],
    [0, 0],
    [2.5e-7, 1e9],
    [Number.NaN, Number.POSITIVE_INFINITY],
    [0, Number.NaN],
  ];
  assert.deepEqual(
    numbers.map(([real, imaginary]) => complexText(real, imaginary, 6)),
    ["1 + 2i", "1 − i", "i", "−2.5i", "−3", "0", "2.5×10⁻⁷ + 1×10⁹i", "NaN + ∞i", "NaN i"],
  );
});

test("indices and exponents are raised and lowered, their sign too", () => {
  assert.equal(superscript(-120), "⁻¹²⁰");
  assert.equal(subscript(-34), "₋₃₄");
});
