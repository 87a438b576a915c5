// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { derivativeTerms, equation, primalFormula, readings } from "../../adviz/player/formulas.js";
import { mathText, numberMath, pieces, sum } from "../../adviz/player/math.js";
import { formatNumber } from "../../adviz/player/number.js";
import { passOf, scalarNames, traceOf, traces } from "./documents.js";

// The tables that Python prints have these columns.
const [PRIMAL, PRIMAL_NUMBERS, DERIVATIVE, DERIVATIVE_NUMBERS] = [1, 2, 4, 5];
/** The player writes no more terms than this, and says how many are left out. */
const MOST_TERMS = 4;

/**
 * A formula in one line, so that it does not matter in how many rows within rows it is written.
 * @param {unknown} tree
 * @returns {string}
 */
function written(tree) {
  if (!Array.isArray(tree)) return String(tree);
  const [tag, ...parts] = tree;
  if (tag === "mo") return String(parts[0]);
  if (tag === "marked") return written(parts[1]);
  if (tag === "use") return written(parts[2]); // what a term is of is not written
  const inside = parts.map(written);
  if (["mi", "mn", "mtext", "mrow"].includes(tag)) return inside.join("");
  return tag === "mspace" ? "" : `${tag}(${inside.join(", ")})`;
}

/**
 * Whether the sides of an equation are those of Python's table: numbers put in, then the result.
 * @param {unknown[][]} sides
 * @param {unknown} numbers
 * @param {import("../../adviz/player/trace.js").Quantity} result
 * @param {number} digits
 */
function checkNumbers(sides, numbers, result, digits) {
  const found = sides.map(written);
  const value = written(numberMath(result, digits));
  assert.equal(found.at(-1), `=${value}`);
  if (written(numbers) !== value) assert.equal(found.at(-2), `=${written(numbers)}`);
}

/**
 * The terms of a row's tangent or adjoint as one formula.
 * @param {import("../../adviz/player/trace.js").Trace} trace
 * @param {import("../../adviz/player/sweeps.js").Sweep} sweep
 * @param {number} slot
 */
function derivativeFormula(trace, sweep, slot) {
  const terms = derivativeTerms(trace, sweep, slot);
  if (terms.length === 0) return null;
  return ["mrow", ...terms.flatMap(({ formula }) => formula.slice(1))];
}

/** @param {unknown[][]} formulas */
function texts(formulas) {
  return formulas.map((formula) => mathText(formula));
}

for (const name of scalarNames) {
  const { tables } = traces[name];
  const trace = traceOf(name);
  const computed = trace.operands.flatMap((operands, slot) => (operands.length > 0 ? [slot] : []));

  test(`${name}: rows are written as in Python's table`, () => {
    for (let slot = 0; slot < trace.count; slot++) {
      assert.equal(written(primalFormula(trace, slot)), written(tables.primal[slot][PRIMAL]));
    }
    const sweep = passOf(trace, "primal", 0);
    for (const slot of computed) {
      const numbers = tables.primal[slot][PRIMAL_NUMBERS];
      checkNumbers(equation(trace, sweep, slot), numbers, trace.values[slot], trace.digits);
    }
  });

  for (const [input, table] of tables.forward.entries()) {
    test(`${name}: tangents from input ${input} are written as in Python's table`, () => {
      const sweep = passOf(trace, "forward", input);
      for (let slot = 0; slot < trace.count; slot++) {
        const formula = derivativeFormula(trace, sweep, slot);
        assert.equal(written(formula), written(table[slot][DERIVATIVE]));
      }
      for (const slot of computed) {
        const numbers = table[slot][DERIVATIVE_NUMBERS];
        checkNumbers(equation(trace, sweep, slot), numbers, sweep.derivative(slot), trace.digits);
      }
    });
  }
}

for (const name of scalarNames.filter((name) => traces[name].document.outputs.length === 1)) {
  test(`${name}: adjoints are the sums that Python's table writes`, () => {
    const trace = traceOf(name);
    const sweep = passOf(trace, "reverse", 0);
    for (let slot = 0; slot < trace.count; slot++) {
      const formula = derivativeFormula(trace, sweep, slot);
      const terms = sweep.stepsTo(slot).length;
      if (terms === 0) {
        assert.equal(formula, null);
      } else if (terms <= MOST_TERMS) {
        assert.equal(written(formula), written(traces[name].tables.reverse[0][slot][DERIVATIVE]));
      } else {
        assert.ok(mathText(formula).endsWith(`${terms - MOST_TERMS + 1} more`));
      }
    }
  });
}

test("a step of the return sweep is written as rule, product, numbers, result", () => {
  const trace = traceOf("eq5");
  const sweep = passOf(trace, "reverse", 0);
  const [x1, x2] = [0, 1];
  /** @param {import("../../adviz/player/trace.js").Quantity} x */
  const number = (x) => formatNumber(x, trace.digits);
  const [byLog, byProduct] = sweep.stepsTo(x1);
  const [v3, v1] = [byLog, byProduct].map((step) => number(sweep.derivative(sweep.user(step))));
  assert.deepEqual(texts(equation(trace, sweep, byLog)), [
    "v̄₋₁ += v̄₃·∂v₃/∂v₋₁",
    "=v̄₃·1/v₋₁",
    `=${v3}×1/${number(trace.values[x1])}`,
    `=${number(sweep.amount(byLog))}`,
  ]);
  assert.deepEqual(texts(equation(trace, sweep, byProduct)), [
    "v̄₋₁ += v̄₁·∂v₁/∂v₋₁",
    "=v̄₁·v₀",
    `=${v1}×(${number(trace.values[x2])})`,
    `=${number(sweep.amount(byProduct))}`,
  ]);
});

test("each term is told by its step, and a step by the numbers that stand in its formula", () => {
  const trace = traceOf("eq5");
  const sweep = passOf(trace, "reverse", 0);
  const [x1, x2] = [0, 1];
  const steps = Array.from(sweep.stepsTo(x1));
  assert.deepEqual(
    derivativeTerms(trace, sweep, x1).map(({ step }) => step),
    steps,
  );
  for (const step of steps) {
    const user = sweep.user(step);
    const { values, derivatives } = readings(trace, sweep, step);
    assert.deepEqual([...derivatives], [user]);
    assert.deepEqual([...values], [trace.forms[user]?.op === "log" ? x1 : x2]);
  }
  const seed = readings(trace, sweep, 0);
  assert.equal(seed.values.size + seed.derivatives.size, 0);
  const product = trace.forms.findIndex((form) => form?.op === "mul");
  const forward = readings(trace, passOf(trace, "forward", 0), product);
  assert.deepEqual([...forward.derivatives].sort(), [x1, x2]);
  assert.deepEqual([...readings(trace, passOf(trace, "primal", 0), product).values], [x1, x2]);
});

test("of a step through an array, only what is short is written with numbers", () => {
  const trace = traceOf("perceptron");
  const sweep = passOf(trace, "reverse", 0);
  for (let step = 0; step < sweep.length; step++) {
    const sides = texts(equation(trace, sweep, step));
    const { length } = sides.join("");
    assert.ok(length < 200, `${length} characters`);
    const amount = sweep.amount(step);
    if (typeof amount === "number") assert.equal(sides.at(-1), `=${formatNumber(amount, 6)}`);
  }
});

test("no equation says of a name that it is itself", () => {
  for (const pass of /** @type {const} */ (["primal", "forward", "reverse"])) {
    const trace = traceOf("perceptron");
    const sweep = passOf(trace, pass, 0);
    for (let step = 0; step < sweep.length; step++) {
      const [left, right] = texts(equation(trace, sweep, step))[0].split("=");
      assert.notEqual(left.trim(), right.trim());
    }
  }
});

test("a sum of many terms is cut short and says by how many", () => {
  const terms = ["a", "b", "c", "d", "e", "f"].map((letter) => ({
    negative: letter === "b",
    body: () => ["mi", letter],
  }));
  assert.equal(mathText(sum(terms.slice(0, 4))), "a − b + c + d");
  assert.equal(mathText(sum(terms)), "a − b + c + ⋯ + 3 more");
});

test("a formula may go on in another line before the signs of its sums, and nowhere else", () => {
  const trace = traceOf("eq5");
  const product = trace.forms.findIndex((form) => form?.op === "mul");
  const [rule] = equation(trace, passOf(trace, "forward", 0), product);
  const split = pieces(rule);
  assert.deepEqual(texts(split), ["v̇₁ = v̇₋₁·∂v₁/∂v₋₁", "+v̇₀·∂v₁/∂v₀"]);
  const whole = equation(trace, passOf(trace, "primal", 0), product);
  assert.deepEqual(whole.flatMap(pieces).map(written), whole.map(written));
});

test("a formula that is no tree, or too deep, is written as nothing", () => {
  let deep = ["mi", "x"];
  for (let i = 0; i < 10_000; i++) deep = /** @type {any} */ (["mrow", deep]);
  for (const tree of [null, 3, "x", {}, deep, ["script", "alert(1)"]]) {
    assert.equal(mathText(tree), "");
  }
});
