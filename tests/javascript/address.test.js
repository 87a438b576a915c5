// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, positionIn } from "../../adviz/player/address.js";

const OPENING = { inputs: [3, -4], direction: [1, 0], weights: [1], closed: [] };

/** @type {import("../../adviz/player/playhead.js").Position} */
const POSITION = { ...OPENING, pass: "reverse", step: 5 };

test("an address says the pass and the step", () => {
  assert.equal(addressOf(POSITION, OPENING), "#pass=reverse&step=5");
  assert.deepEqual(positionIn("#pass=reverse&step=5"), { pass: "reverse", step: 5 });
});

test("inputs, seeds and folded calls are in it where they have been changed", () => {
  const changed = { ...POSITION, inputs: [2, 1e-300], weights: [-0.5], closed: [0, 2] };
  const address = addressOf(changed, OPENING);
  assert.equal(address, "#pass=reverse&step=5&inputs=2,1e-300&weights=-0.5&closed=0,2");
  const { direction: _, ...rest } = changed;
  assert.deepEqual(positionIn(address), rest);
});

test("that all calls are open can be told from that nothing was changed", () => {
  const folded = { ...OPENING, closed: [0] };
  const address = addressOf({ ...POSITION, closed: [] }, folded);
  assert.deepEqual(positionIn(address).closed, []);
  assert.ok(!("closed" in positionIn(addressOf({ ...POSITION, closed: [0] }, folded))));
});

test("what cannot be understood in an address is left out", () => {
  for (const hash of ["", "#", "#chapter-2", "#pass=backwards&step=x", "#inputs=1,two&step=1.5"]) {
    assert.deepEqual(positionIn(hash), {}, hash);
  }
});

test("an address stays short", () => {
  const many = { ...POSITION, inputs: Array.from({ length: 5000 }, (_, k) => k) };
  assert.ok(addressOf(many, OPENING).length < 2000);
});
