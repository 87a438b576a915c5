// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { entryText } from "../../adviz/player/grids.js";
import { mathText } from "../../adviz/player/math.js";
import { sweepOf, unit } from "../../adviz/player/sweeps.js";
import { workingOf } from "../../adviz/player/workings.js";
import { traceOf } from "./documents.js";

const X = [
  [1, 2],
  [0, -1],
  [2, 1],
];

/**
 * @param {string} name
 * @param {import("../../adviz/player/trace.js").Pass} pass
 */
function sweptOf(name, pass) {
  const trace = traceOf(name);
  const seeds = pass === "reverse" ? trace.outputs : trace.inputs;
  return { trace, sweep: sweepOf(trace, pass, unit(0, seeds.length)) };
}

/** The last step that gives to a row. @param {string} name @param {number} row */
function pulledTo(name, row) {
  const { trace, sweep } = sweptOf(name, "reverse");
  const working = workingOf(trace, sweep, sweep.stepOf(row));
  assert.ok(working?.entry, "it has no working");
  return { trace, sweep, working, entry: working.entry };
}

/** @param {import("../../adviz/player/trace.js").Quantity} quantity */
function numbersOf(quantity) {
  return typeof quantity === "number" ? [quantity] : Array.from(quantity.numbers ?? []);
}

test("the adjoint of a weight is a row of Xᵀ times a column of Z̄", () => {
  const { sweep, working, entry } = pulledTo("layer", 0);
  assert.equal(working.layout, "product");
  assert.deepEqual(
    [...working.grids, working.result].map(({ name, rows, columns }) => [
      mathText(name),
      rows,
      columns,
    ]),
    [
      ["Xᵀ", 2, 3],
      ["Z̄", 3, 2],
      ["W̄", 2, 2],
    ],
  );
  const z = numbersOf(sweep.derivative(1));
  for (const i of [0, 1]) {
    for (const j of [0, 1]) {
      const { value, from, place, cells, equation } = entry(i, j);
      const products = X.map((row, n) => row[i] * z[2 * n + j]);
      const sum = products.reduce((a, b) => a + b);
      assert.ok(Math.abs(value - sum) < 1e-14);
      assert.equal(from, "3 products");
      assert.equal(place, `row ${i + 1}, column ${j + 1}`);
      assert.equal(cells.filter(({ grid, row }) => grid === 0 && row === i).length, 3);
      assert.equal(cells.filter(({ grid, column }) => grid === 1 && column === j).length, 3);
      // Its equation adds up, as it is written.
      const [left, written, result] = mathText(equation).split(" = ");
      assert.equal(left, `W̄${"₁₂"[i]}${"₁₂"[j]}`);
      const added = written
        .replaceAll("−", "-")
        .split(" + ")
        .map((term) => term.replace(/[()]/g, "").split("×").map(Number))
        .reduce((total, [a, b]) => total + a * b, 0);
      assert.ok(Math.abs(added - Number(result.replace("−", "-"))) < 2e-3, mathText(equation));
    }
  }
});

test("what an entry is is told in words", () => {
  const { entry } = pulledTo("layer", 0);
  assert.match(entryText(entry(1, 1)), /^row 2, column 2: −?[\d.]+, from 3 products$/);
});

test("an operation entry by entry is written out for each", () => {
  const { trace, working, entry } = pulledTo("layer", 1);
  assert.equal(working.layout, "beside");
  assert.deepEqual(
    working.grids.map(({ name }) => mathText(name)),
    ["Ā", "A"],
  );
  const { equation, cells } = entry(2, 0);
  assert.match(mathText(equation), /^Z̄₃₁ = −?[\d.]+×\(1 − 0\.[\d]+²\) = −?[\d.]+$/);
  assert.deepEqual(
    cells.map(({ row, column }) => [row, column]),
    [
      [2, 0],
      [2, 0],
    ],
  );
  assert.equal(trace.forms[2]?.op, "tanh");
});

test("where a broadcast is undone, the column that is summed lights up", () => {
  const { working, entry } = pulledTo("shapes", 1);
  assert.deepEqual([working.result.rows, working.result.columns], [1, 3]);
  const { cells, value, from } = entry(0, 2);
  assert.deepEqual(
    cells.map(({ row, column }) => [row, column]),
    [
      [0, 2],
      [1, 2],
    ],
  );
  assert.equal(from, "2 numbers");
  const [grid] = working.grids;
  assert.ok(
    Math.abs(value - cells.reduce((sum, c) => sum + Number(grid.at?.(c.row, c.column)), 0)) < 1e-14,
  );
});

test("a sum along an axis lights up what it adds, whatever the axis", () => {
  const { trace, sweep } = sweptOf("shapes", "primal");
  const slot = trace.forms.findIndex((form) => form?.op === "sum");
  const working = workingOf(trace, sweep, slot);
  assert.deepEqual([working?.result.rows, working?.result.columns], [2, 1]);
  assert.deepEqual(
    working?.entry?.(1, 0).cells.map(({ row, column }) => [row, column]),
    [0, 1, 2].map((column) => [1, column]),
  );
});

test("an entry that is only moved lights up where it comes from", () => {
  const { trace, sweep } = sweptOf("shapes", "primal");
  const slot = trace.forms.findIndex((form) => form?.op === "transpose");
  const { equation, cells } = workingOf(trace, sweep, slot)?.entry?.(2, 1) ?? assert.fail();
  assert.deepEqual(cells, [{ grid: 0, row: 1, column: 2 }]);
  assert.match(mathText(equation), /₃₂ = c₂₃ = /);
});

test("an entry of a reshape keeps its place in the order, whatever its number", () => {
  const { trace, sweep } = sweptOf("reshaped", "reverse");
  const slot = trace.forms.findIndex((form) => form?.op === "reshape");
  const step = Array.from({ length: sweep.length }, (_, i) => i).find(
    (i) => sweep.user(i) === slot && sweep.output(i) < 0,
  );
  const working = workingOf(trace, sweep, Number(step));
  // All its entries are 1 or 2.
  assert.deepEqual(working?.entry?.(1, 1).cells, [{ grid: 0, row: 2, column: 0 }]);
  assert.match(mathText(working?.entry?.(1, 1).equation), /₂₂ = .*₃₁ = 1$/);
});

test("an entry of a large product is its first and its last products, and names the largest", () => {
  const { working, entry } = pulledTo("batch", 0);
  assert.equal(working.layout, "product");
  const [left, right] = working.grids;
  assert.deepEqual([left.rows, left.columns, right.columns], [12, 64, 8]);
  const { equation, cells, note, value } = entry(4, 2);
  const products = Array.from({ length: 64 }, (_, n) => {
    const factors = [left.at?.(4, n), right.at?.(n, 2)].map(Number);
    return { factors, product: factors[0] * factors[1] };
  });
  const sum = products.reduce((total, { product }) => total + product, 0);
  // Packed numbers have five digits.
  assert.ok(Math.abs(value - sum) < 1e-4 * products.length);
  assert.equal(entryText(entry(4, 2)).split(":")[0], "row 5, column 3");
  assert.match(entryText(entry(4, 2)), /, from 64 products$/);
  const [name, written] = mathText(equation).split(" = ");
  assert.equal(name, "W̄_5,3");
  assert.equal(written.split(/ [+−] /).length, 4);
  assert.ok(written.includes("⋯"));
  const largest = products.reduce((a, b) => (Math.abs(b.product) > Math.abs(a.product) ? b : a));
  const number = 1 + products.indexOf(largest);
  assert.ok(note.startsWith(`64 products. The largest is number ${number}: `), note);
  assert.deepEqual(
    cells.filter(({ grid }) => grid === 0),
    products.map((_, column) => ({ grid: 0, row: 4, column })),
  );
});

test("the entries of a contraction name their products by their indices", () => {
  for (const pass of /** @type {const} */ (["primal", "reverse"])) {
    const { trace, sweep } = sweptOf("contraction", pass);
    const slot = trace.forms.findIndex((form) => form?.op === "einsum");
    const step = pass === "primal" ? slot : sweep.stepOf(1);
    const working = workingOf(trace, sweep, step);
    const entry = working?.entry?.(2 - Number(pass === "primal"), 3);
    assert.ok(working && entry);
    const [name, named, written, result] = mathText(entry.equation).split(" = ");
    if (pass === "primal") {
      assert.deepEqual([name, named], ["C₂₄", "A₂₁B₁₄ + A₂₂B₂₄ + A₂₃B₃₄"]);
    } else {
      assert.deepEqual([name, named], ["B̄₃₄", "C̄₁₄A₁₃ + C̄₂₄A₂₃"]);
    }
    const sum = written
      .replaceAll("−", "-")
      .split(" + ")
      .map((term) => term.replace(/[()]/g, "").split("×").map(Number))
      .reduce((total, [a, b]) => total + a * b, 0);
    assert.ok(Math.abs(sum - Number(result.replace("−", "-"))) < 1e-3, mathText(entry.equation));
    assert.equal(entry.from, pass === "primal" ? "3 products" : "2 products");
    assert.equal(entry.cells.length, pass === "primal" ? 6 : 4);
  }
});

test("what is contracted to a number is the sum of all products", () => {
  const { trace, sweep } = sweptOf("contraction", "primal");
  const slot = trace.forms.findLastIndex((form) => form?.op === "einsum");
  const entry = workingOf(trace, sweep, slot)?.entry?.(0, 0) ?? assert.fail();
  assert.equal(entry.from, "8 products");
  assert.ok(mathText(entry.equation).includes(" = C₁₁C₁₁ + C₁₂C₁₂ + ⋯ + C₂₄C₂₄ = "));
});

test("large matrices without their numbers have a rule and no entries", () => {
  const trace = traceOf("perceptron");
  const { sweep } = sweptOf("perceptron", "primal");
  const slot = trace.forms.findIndex((form) => form?.op === "matmul");
  const large = { shape: [4, 3], numbers: null, dtype: "", text: "", entries: "", picture: null };
  /** @type {import("../../adviz/player/trace.js").Quantity[]} */ (trace.values)[0] = large;
  const working = workingOf(trace, sweep, slot);
  assert.equal(working?.entry, null);
  assert.match(mathText(working?.rule), /= ∑_n /);
});

test("steps on numbers have no working", () => {
  for (const name of ["eq5", "calls"]) {
    const { trace, sweep } = sweptOf(name, "reverse");
    for (let step = 0; step < sweep.length; step++) {
      assert.equal(workingOf(trace, sweep, step), null);
    }
  }
});
