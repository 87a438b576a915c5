// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { layOutGraph } from "../../adviz/player/graphLayout.js";
import { pointAt } from "../../adviz/player/labelPlacement.js";

/**
 * A graph of boxes of several widths, each with links from one to three of those before it.
 * @param {number} count
 * @param {number} seed
 */
function randomGraph(count, seed) {
  let state = seed;
  const draw = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const sizes = Array.from({ length: count }, () => ({
    width: 124 + Math.floor(80 * draw()),
    height: 44,
  }));
  const links = [];
  for (let to = 2; to < count; to++) {
    for (let k = Math.floor(3 * draw()); k >= 0; k--) {
      const back = 1 + Math.floor(Math.min(to - 1, -6 * Math.log(1 - draw())));
      links.push({ from: Math.max(0, to - back), to });
    }
  }
  return { sizes, links };
}

for (const [count, seed] of [
  [1, 1],
  [2, 2],
  [7, 3],
  [30, 4],
  [30, 5],
  [120, 6],
]) {
  test(`${count} boxes: none overlap, edges go down and pass beside the others`, () => {
    const { sizes, links } = randomGraph(count, seed);
    const { width, height, centers, curves } = layOutGraph(sizes, links);
    const boxes = centers.map(([x, y], i) => ({
      left: x - sizes[i].width / 2,
      right: x + sizes[i].width / 2,
      top: y - sizes[i].height / 2,
      bottom: y + sizes[i].height / 2,
    }));
    const near = 1e-6;
    boxes.forEach((a, i) => {
      assert.ok(a.left >= -near && a.right <= width + near && a.top >= 0 && a.bottom <= height);
      for (const b of boxes.slice(i + 1)) {
        const areApart =
          a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
        assert.ok(areApart, "two boxes overlap");
      }
    });
    links.forEach(({ from, to }, i) => {
      const points = Array.from({ length: 101 }, (_, k) => pointAt(curves[i], k / 100).point);
      const [start, end] = [points[0], points[100]];
      assert.ok(Math.abs(start[1] - boxes[from].bottom) < near);
      assert.ok(start[0] > boxes[from].left && start[0] < boxes[from].right);
      assert.ok(Math.abs(end[1] - boxes[to].top) < near);
      assert.ok(end[0] > boxes[to].left && end[0] < boxes[to].right);
      points.slice(1).forEach(([x, y], k) => {
        assert.ok(y >= points[k][1] - near, "an edge goes up");
        const hit = boxes.findIndex(
          (box) =>
            x > box.left + near &&
            x < box.right - near &&
            y > box.top + near &&
            y < box.bottom - near,
        );
        assert.equal(hit, -1, "an edge runs through a box");
      });
    });
  });
}

test("links between the same two boxes lie side by side", () => {
  const sizes = [1, 2].map(() => ({ width: 124, height: 44 }));
  const links = [1, 2, 3].map(() => ({ from: 0, to: 1 }));
  const starts = layOutGraph(sizes, links).curves.map(([[x]]) => x);
  assert.ok(starts[1] - starts[0] >= 14 && starts[2] - starts[1] >= 14);
});

test("a diamond is symmetric", () => {
  const sizes = [0, 1, 2, 3].map(() => ({ width: 124, height: 44 }));
  const links = [
    { from: 0, to: 1 },
    { from: 0, to: 2 },
    { from: 1, to: 3 },
    { from: 2, to: 3 },
  ];
  const [[top], [left], [right], [bottom]] = layOutGraph(sizes, links).centers;
  assert.ok(Math.abs(top - bottom) < 1 && Math.abs(left + right - 2 * top) < 1);
});

test("ten times the boxes take far less than a hundred times the time", () => {
  /** @param {number} count  of boxes @returns {number} the least processor time of some turns */
  const timeOf = (count) => {
    const { sizes, links } = randomGraph(count, 7);
    const times = [1, 2, 3].map(() => {
      const start = process.cpuUsage();
      assert.equal(layOutGraph(sizes, links).centers.length, count);
      return process.cpuUsage(start).user;
    });
    return Math.min(...times);
  };
  timeOf(300); // compiles it
  // About 15 here; compared with itself, so that a slow or busy machine does not matter.
  assert.ok(timeOf(3000) < 50 * timeOf(300));
});

test("a graph of nothing has no extent", () => {
  const { width, height, centers } = layOutGraph([], []);
  assert.deepEqual([width, height, centers], [0, 0, []]);
});
