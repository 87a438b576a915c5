// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { stopBetween } from "../../adviz/player/stops.js";

test("a boundary that can be reached is the stop", () => {
  const stop = stopBetween((x) => !(x > 0.5), 0.25, 0.7, 0.01);
  assert.deepEqual(stop, { from: 0.25, value: 0.5, boundary: 0.5, reached: true, isPoint: false });
});

test("before a boundary that cannot be reached the last whole step is the stop", () => {
  const stop = stopBetween((x) => x < 0.5, 0.25, 3, 0.01);
  assert.deepEqual(stop, {
    from: 0.25,
    value: 0.49,
    boundary: 0.5,
    reached: false,
    isPoint: false,
  });
});

test("stops lie below as well as above", () => {
  assert.deepEqual(
    stopBetween((x) => x > 0, 3, -2, 0.1),
    { from: 3, value: 0.1, boundary: 0, reached: false, isPoint: false },
  );
  assert.deepEqual(
    stopBetween((x) => x >= -2, 3, -200, 0.1),
    { from: 3, value: -2, boundary: -2, reached: true, isPoint: false },
  );
});

test("a boundary between the steps is given to six digits, and holds", () => {
  for (const square of [2, 3, 5]) {
    const stop = stopBetween((x) => x * x <= square, 1, 20, 0.1);
    assert.equal(stop.boundary, Number(Math.sqrt(square).toPrecision(6)));
    assert.ok(stop.value * stop.value <= square);
  }
});

test("the stop holds wherever the boundary lies", () => {
  for (let k = 1; k < 200; k++) {
    const edge = Math.sin(k) * 10 ** ((k % 9) - 4);
    const holds = (/** @type {number} */ x) => (k % 2 ? x < edge : x <= edge);
    const from = edge - Math.abs(edge) * (1 + (k % 5));
    const stop = stopBetween(holds, from, edge + Math.abs(edge), Math.abs(edge) / 10);
    assert.ok(holds(stop.value), `${edge}`);
    assert.ok(stop.value >= from);
    assert.ok(Math.abs(stop.boundary - edge) <= 1e-5 * Math.abs(edge), `${edge}`);
  }
});

test("a single number in the way is told from the end of a domain", () => {
  const isPoint = (/** @type {(x: number) => number} */ f) =>
    stopBetween((x) => Number.isFinite(f(x)), 1, 0, 0.1).isPoint;
  assert.deepEqual([(/** @type {number} */ x) => 1 / x, Math.log].map(isPoint), [true, false]);
});

test("a value right beside the boundary stays", () => {
  const stop = stopBetween((x) => x < 0.5, 0.49999, 0.6, 0.1);
  assert.equal(stop.value, 0.49999);
});
