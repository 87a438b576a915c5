// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { cardSize } from "../../adviz/player/graphCards.js";
import { layOutGraph } from "../../adviz/player/graphLayout.js";
import { headBox, placeLabel, pointAt, textWidth } from "../../adviz/player/labelPlacement.js";
import { allNames, traceOf } from "./documents.js";

/**
 * @typedef {import("../../adviz/player/labelPlacement.js").Box} Box
 * @typedef {import("../../adviz/player/trace.js").Trace} Trace
 * @typedef {import("../../adviz/player/trace.js").Point} Point
 */

const LABELS = ["v̄₁·v₀ = −4", "v̄₂₄·v₂₂ = 0.183372", "−0.333333"].map((text) => ({
  width: textWidth(text),
  height: 17,
}));
const CLEAR_OF_TIP = 16;

/** @param {Box} a @param {Box} b */
function meet(a, b) {
  return (
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2
  );
}

/** A graph as the document lays it out. @param {Trace} trace */
function byGraphviz(trace) {
  const graph = /** @type {import("../../adviz/player/trace.js").Graph} */ (trace.graph);
  return {
    size: graph,
    cards: graph.nodes,
    edges: graph.edges.map(({ to, points }) => ({ to, curve: points })),
  };
}

/** A graph as the player lays it out. @param {Trace} trace */
function byPlayer(trace) {
  const sizes = Array.from({ length: trace.count }, (_, slot) => cardSize(trace, slot));
  const links = trace.operands.flatMap((operands, to) =>
    operands.flatMap((from) => (from === null ? [] : [{ from, to }])),
  );
  const placed = layOutGraph(sizes, links);
  return {
    size: placed,
    cards: placed.centers.map(([x, y], slot) => ({ x, y, ...sizes[slot] })),
    edges: links.map(({ to }, i) => ({ to, curve: placed.curves[i] })),
  };
}

for (const name of allNames) {
  const trace = traceOf(name);
  for (const [engine, layOut] of Object.entries({ byGraphviz, byPlayer })) {
    test(`${name}, laid out ${engine}: at no step does a label cover anything`, () => {
      const { size, cards, edges } = layOut(trace);
      const picture = { left: -120, top: -12, right: size.width + 120, bottom: size.height + 12 };
      for (const isReverse of [true, false]) {
        const curves = edges.map(({ curve }) => (isReverse ? curve.slice().reverse() : curve));
        const heads = curves.map(headBox);
        // A step of the reverse pass goes along one edge, one of the forward pass along all those
        // into a row.
        const steps = isReverse
          ? edges.map((_, i) => [i])
          : cards.map((_, row) => edges.flatMap(({ to }, i) => (to === row ? [i] : [])));
        for (const active of steps.filter((step) => step.length <= 4)) {
          for (const label of LABELS) {
            /** @type {Box[]} */
            const labels = [];
            for (const i of active) {
              const others = curves.filter((_, k) => k !== i);
              const box = placeLabel(
                curves[i],
                label,
                [...cards, ...heads, ...labels],
                others,
                picture,
              );
              if (!box) continue;
              assert.ok(!cards.some((card) => meet(box, card)), "a label covers a card");
              assert.ok(!labels.some((other) => meet(box, other)), "two labels meet");
              for (const curve of curves) {
                const [x, y] = curve[curve.length - 1];
                const tip = { x, y, width: 1, height: 1 };
                assert.ok(!meet(box, tip), "a label covers the tip of an arrow");
              }
              assert.ok(
                !nearTip(curves[i]).some((p) => meet(box, p)),
                "a label covers its arrowhead",
              );
              labels.push(box);
            }
            const isShort = label === LABELS[2];
            if (isReverse && isShort)
              assert.equal(labels.length, 1, "there is no room for a label");
          }
        }
      }
    });
  }
}

/** The last stretch of a curve. @param {Point[]} curve @returns {Box[]} */
function nearTip(curve) {
  const [endX, endY] = curve[curve.length - 1];
  const boxes = [];
  for (let t = 0; t <= 1; t += 0.005) {
    const [x, y] = pointAt(curve, t).point;
    if (Math.hypot(x - endX, y - endY) < CLEAR_OF_TIP) boxes.push({ x, y, width: 1, height: 1 });
  }
  return boxes;
}

for (const [direction, end] of /** @type {const} */ ([
  ["down", [150, 250]],
  ["across", [350, 50]],
  ["aslant", [350, 250]],
])) {
  test(`where there is room, labels of an edge that goes ${direction} stand beside its middle`, () => {
    const picture = { left: 0, top: 0, right: 500, bottom: 300 };
    const [x, y] = /** @type {const} */ ([150, 50]);
    /** @type {Point[]} */
    const curve = [0, 1 / 3, 2 / 3, 1].map((t) => [x + t * (end[0] - x), y + t * (end[1] - y)]);
    /** @type {Box[]} */
    const placed = [[x, y], end].map(([cx, cy]) => ({ x: cx, y: cy, width: 80, height: 40 }));
    for (const text of ["v̄₁·v₀ = −4", "v̄₁ = 1"]) {
      const box = placeLabel(curve, { width: textWidth(text), height: 17 }, placed, [], picture);
      assert.ok(box && !placed.some((other) => meet(box, other)));
      const [middleX, middleY] = [(x + end[0]) / 2, (y + end[1]) / 2];
      assert.ok(Math.hypot(box.x - middleX, box.y - middleY) < 75);
      placed.push(box);
    }
  });
}

test("where there is no room at all, there is no label", () => {
  const everything = { x: 0, y: 0, width: 900, height: 900 };
  const picture = { left: -400, top: -400, right: 400, bottom: 400 };
  /** @type {Point[]} */
  const curve = [
    [0, 0],
    [0, 30],
    [0, 60],
    [0, 90],
  ];
  assert.equal(placeLabel(curve, LABELS[0], [everything], [], picture), null);
});

test("a curve is followed from its beginning to its end", () => {
  /** @type {Point[]} */
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
