// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeLabel, pointAt, textWidth } from "../../adviz/player/labelPlacement.js";
import { allNames, traceOf } from "./documents.js";

/** @typedef {import("../../adviz/player/labelPlacement.js").Box} Box */

/** @param {Box} a @param {Box} b */
function meet(a, b) {
  return (
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2
  );
}

/**
 * A straight edge.
 * @param {import("../../adviz/player/trace.js").Point} start
 * @param {import("../../adviz/player/trace.js").Point} end
 */
function straight([x1, y1], [x2, y2]) {
  /** @param {number} t @returns {import("../../adviz/player/trace.js").Point} */
  const at = (t) => [x1 + t * (x2 - x1), y1 + t * (y2 - y1)];
  return { from: 0, to: 1, operand: 0, points: [0, 1 / 3, 2 / 3, 1].map(at) };
}

for (const name of allNames.filter((name) => traceOf(name).graph)) {
  test(`${name}: labels lie inside the picture`, () => {
    const graph = /** @type {import("../../adviz/player/trace.js").Graph} */ (traceOf(name).graph);
    const picture = { left: -18, top: -18, right: graph.width + 18, bottom: graph.height + 18 };
    for (const edge of graph.edges) {
      const box = placeLabel(edge, "v̄₁·v₀ = −4", graph.nodes, [], picture);
      assert.ok(box.x - box.width / 2 >= picture.left && box.x + box.width / 2 <= picture.right);
      assert.ok(box.y - box.height / 2 >= picture.top && box.y + box.height / 2 <= picture.bottom);
    }
  });
}

for (const [direction, end] of /** @type {const} */ ([
  ["down", [150, 250]],
  ["across", [350, 50]],
  ["aslant", [350, 250]],
])) {
  test(`where there is room, the label of an edge that goes ${direction} hides nothing`, () => {
    const picture = { left: 0, top: 0, right: 500, bottom: 300 };
    const start = /** @type {const} */ ([150, 50]);
    const nodes = [start, end].map(([x, y], row) => ({ row, x, y, width: 80, height: 40 }));
    const edge = straight([...start], [...end]);
    /** @type {Box[]} */
    const placed = [];
    for (const text of ["v̄₁·v₀ = −4", "v̄₁ = 1"]) {
      const box = placeLabel(edge, text, nodes, placed, picture);
      assert.ok(![...nodes, ...placed].some((other) => meet(box, other)));
      placed.push(box);
    }
  });
}

test("a curve is followed from its beginning to its end", () => {
  /** @type {import("../../adviz/player/trace.js").Point[]} */
  const curve = [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [3, 1],
    [3, 2],
    [3, 3],
  ];
  assert.deepEqual(pointAt(curve, 0), { point: [0, 0], slope: [1, 0] });
  assert.deepEqual(pointAt(curve, 0.25), { point: [1.5, 0], slope: [1, 0] });
  assert.deepEqual(pointAt(curve, 1), { point: [3, 3], slope: [0, 1] });
});

test("accents make no text wider", () => {
  assert.equal(textWidth("v̄₁"), textWidth("v₁"));
});
