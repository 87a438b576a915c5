// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { fittingScale, following, seen, within, zoomed } from "../../adviz/player/viewport.js";

const panel = { width: 400, height: 300 };
/** @param {number} width @param {number} height */
const drawing = (width, height) => ({
  left: -20,
  top: -10,
  right: width - 20,
  bottom: height - 10,
});

test("a drawing is shrunk until it fits, and never enlarged", () => {
  assert.equal(fittingScale(drawing(800, 300), panel), 0.5);
  assert.equal(fittingScale(drawing(400, 1200), panel), 0.25);
  assert.equal(fittingScale(drawing(40, 30), panel), 1);
});

test("what is smaller than the panel stands at its top, in the middle", () => {
  const view = within({ scale: 1, x: 999, y: 999 }, drawing(200, 100), panel);
  const { left, right, top } = seen(view, panel);
  assert.equal(left - -20, 180 - right); // as much room on the left as on the right
  assert.equal(top, -10);
});

test("no view leaves blank space beyond a drawing that is larger than the panel", () => {
  const large = drawing(1000, 900);
  for (const [x, y] of [
    [500, 500],
    [-5000, 0],
    [-100, -5000],
  ]) {
    const { left, top, right, bottom } = seen(within({ scale: 2, x, y }, large, panel), panel);
    assert.ok(left >= large.left && right <= large.right);
    assert.ok(top >= large.top && bottom <= large.bottom);
  }
});

test("what is under the pointer stays there while zooming", () => {
  const view = { scale: 0.8, x: -30, y: 12 };
  const next = zoomed(view, 1.6, [150, 90]);
  for (const { scale, x, y } of [view, next]) {
    const point = [(150 - x) / scale, (90 - y) / scale];
    assert.ok(Math.abs(point[0] - 225) < 1e-9 && Math.abs(point[1] - 97.5) < 1e-9);
  }
});

test("the view follows no further than it must", () => {
  const view = { scale: 1, x: 0, y: 0 };
  const inView = { left: 100, right: 224, top: 100, bottom: 144 };
  assert.deepEqual(following(view, inView, panel), view);
  const below = following(view, { ...inView, top: 500, bottom: 544 }, panel);
  assert.equal(below.x, 0);
  const { top, bottom } = seen(below, panel);
  assert.ok(top < 500 && bottom >= 544 && bottom < 565);
  const above = following(below, { ...inView, top: 40, bottom: 84 }, panel);
  assert.ok(seen(above, panel).top <= 40 && seen(above, panel).top > 20);
});

test("of what is larger than the panel, the view follows the beginning", () => {
  const view = following(
    { scale: 1, x: 0, y: 0 },
    { left: 50, right: 900, top: 0, bottom: 44 },
    panel,
  );
  assert.ok(seen(view, panel).left <= 50 && seen(view, panel).left > 30);
});
