// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlayhead } from "../../adviz/player/playhead.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import { assertClose, traceOf, traces } from "./documents.js";

// Of the function `calls`: its groups, in the order in which they begin.
const [CUBE, SCALED_CUBE, INNER_CUBE] = [0, 1, 2];

/** @param {import("../../adviz/player/playhead.js").Position} [wanted] */
function callsPlayhead(wanted = {}) {
  return createPlayhead(traceOf("calls"), { pass: "primal", ...wanted });
}

test("it opens where it is told to", () => {
  const playhead = createPlayhead(traceOf("polar"), { pass: "reverse", output: 2, step: 2 });
  assert.deepEqual(playhead.position(), {
    pass: "reverse",
    step: 2,
    closed: [],
    inputs: [1.5, 0.5, 2],
    direction: [1, 0, 0],
    weights: [0, 0, 1],
  });
  assert.equal(playhead.sweep.pass, "reverse");
  assert.deepEqual(playhead.sweep.seeds, [0, 0, 1]);
});

test("what is out of bounds is brought within", () => {
  const trace = traceOf("eq5");
  for (const step of [-5, 0, Number.NaN, 1]) assert.equal(createPlayhead(trace, { step }).stop, 0);
  for (const step of [99, Number.POSITIVE_INFINITY]) {
    const playhead = createPlayhead(trace, { step });
    assert.equal(playhead.step, playhead.sweep.length - 1);
  }
  const wanted = /** @type {any} */ ({ pass: "sideways", input: 9, output: "x", closed: [7] });
  assert.deepEqual(createPlayhead(trace, wanted).position(), {
    pass: trace.view.pass,
    step: 1,
    closed: [],
    inputs: [3, -4],
    direction: [0, 1],
    weights: [1],
  });
});

test("what a host says of folded groups and is not understood is left out", () => {
  const [usual, none] = [callsPlayhead(), callsPlayhead({ closed: [] })];
  for (const closed of /** @type {any[]} */ (["q", 7, { 0: 1 }, true])) {
    assert.deepEqual(callsPlayhead({ closed }).position(), usual.position());
  }
  const closed = /** @type {any} */ (["length", "0", null, 0.5, -1]);
  assert.deepEqual(callsPlayhead({ closed }).position(), none.position());
});

test("it goes from the first stop to the last and not beyond", () => {
  const playhead = createPlayhead(traceOf("eq5"), { pass: "reverse" });
  assert.ok(playhead.isFirst && !playhead.isLast);
  playhead.goTo(-1);
  assert.equal(playhead.stop, 0);
  playhead.goTo(playhead.stopCount);
  assert.equal(playhead.stop, playhead.stopCount - 1);
  assert.ok(playhead.isLast && !playhead.isFirst);
});

test("another pass begins at its first step", () => {
  const playhead = createPlayhead(traceOf("polar"), { pass: "primal", step: 4 });
  playhead.setWeights([0, 1, 0]);
  playhead.choose("reverse");
  assert.deepEqual([playhead.pass, playhead.stop], ["reverse", 0]);
  assert.deepEqual(playhead.sweep.seeds, [0, 1, 0]);
});

test("a row is found where it is finished, or not at all", () => {
  const playhead = createPlayhead(traceOf("unused"), { pass: "reverse" });
  const last = playhead.sweep.length - 1;
  assert.equal(playhead.stopOfRow(0), last);
  assert.equal(playhead.stopOfRow(1), -1);
});

test("a folded call is one stop, at its last step", () => {
  const trace = traceOf("calls");
  const playhead = callsPlayhead({ closed: [CUBE] });
  const { start, stop } = trace.groups[CUBE];
  assert.equal(playhead.stopCount, trace.count - (stop - start) + 1);
  const at = playhead.stopOfGroup(CUBE);
  playhead.goTo(at);
  assert.equal(playhead.step, stop - 1);
  assert.equal(playhead.group, CUBE);
  assert.equal(playhead.groupToOpen(), CUBE);
  assert.equal(playhead.stopOfRow(start), at);
  assert.equal(playhead.stopOfGroup(SCALED_CUBE), -1);
});

test("opening the call that is being passed leads to its beginning", () => {
  const { start } = traceOf("calls").groups[CUBE];
  const playhead = callsPlayhead({ closed: [CUBE] });
  playhead.goTo(playhead.stopOfGroup(CUBE));
  playhead.toggle(CUBE);
  assert.equal(playhead.step, start);
  assert.equal(playhead.groupToOpen(), -1);
});

test("folding the call that the step is inside leads to where it is left", () => {
  const { start, stop } = traceOf("calls").groups[CUBE];
  const playhead = callsPlayhead({ step: start + 1 });
  playhead.toggle(CUBE);
  assert.equal(playhead.step, stop - 1);
  assert.equal(playhead.group, CUBE);
});

test("folding another call leaves the step where it is", () => {
  const playhead = callsPlayhead({ step: 1 });
  playhead.toggle(SCALED_CUBE);
  assert.equal(playhead.step, 0);
  assert.deepEqual(playhead.position().closed, [SCALED_CUBE]);
});

test("calls are closed from the inside out", () => {
  const { start } = traceOf("calls").groups[INNER_CUBE];
  const playhead = callsPlayhead({ step: start + 1 });
  assert.equal(playhead.groupToClose(), INNER_CUBE);
  playhead.toggle(INNER_CUBE);
  assert.equal(playhead.groupToClose(), SCALED_CUBE);
  playhead.toggle(SCALED_CUBE);
  assert.equal(playhead.group, SCALED_CUBE);
  assert.equal(playhead.groupToClose(), -1);
});

test("the seed of a return sweep is passed by no call", () => {
  const playhead = callsPlayhead({ pass: "reverse", closed: [CUBE, SCALED_CUBE] });
  assert.equal(playhead.group, -1);
});

test("a document can say that calls begin folded, and a position that they do not", () => {
  const trace = readTrace(traces.calls.folded);
  const folds = trace.groups.flatMap(({ folds: does }, group) => (does ? [group] : []));
  assert.deepEqual(createPlayhead(trace, trace.view).position().closed, folds);
  assert.deepEqual(createPlayhead(trace, { ...trace.view, closed: [] }).position().closed, []);
});

test("a position that was kept leads back to the same step", () => {
  const trace = traceOf("calls");
  for (const closed of [[], [CUBE], [CUBE, INNER_CUBE]]) {
    const playhead = createPlayhead(trace, { pass: "reverse", closed });
    for (let stop = 0; stop < playhead.stopCount; stop++) {
      playhead.goTo(stop);
      const again = createPlayhead(trace, playhead.position());
      assert.deepEqual(again.position(), playhead.position());
      assert.equal(again.stop, stop);
    }
  }
});

test("other inputs change the numbers, and the reader stays at the same step", () => {
  const trace = traceOf("eq5");
  const playhead = createPlayhead(trace, { pass: "reverse", step: 4 });
  assert.equal(playhead.setInputs([2, 5]), null);
  assert.equal(playhead.step, 3);
  assert.deepEqual(Array.from(trace.values).slice(0, 4), [2, 5, 10, 15]);
  assert.equal(playhead.sweep.derivative(0), 5 - 1 / 2);
  assert.equal(playhead.sweep.derivative(1), 3);
});

test("where a decision would turn out otherwise nothing changes", () => {
  const trace = traceOf("branching");
  const playhead = createPlayhead(trace, {});
  const obstacle = playhead.setInputs([9]);
  assert.equal(obstacle?.decision.text, "x > 1");
  assert.deepEqual([obstacle?.left, obstacle?.right], [2.25, 1]);
  assert.deepEqual(playhead.inputs, [3]);
  assert.equal(trace.values[0], 3);
});

test("several outputs are weighted, and a direction leads along several inputs", () => {
  const trace = traceOf("polar");
  const gradients = [0, 1, 2].map((output) => {
    const { sweep } = createPlayhead(trace, { pass: "reverse", output });
    return [0, 1, 2].map((slot) => (sweep.stepOf(slot) < 0 ? 0 : Number(sweep.derivative(slot))));
  });
  const weights = [2, -1, 0.5];
  const { sweep: reverse } = createPlayhead(trace, { pass: "reverse", weights });
  const direction = [1, 2, -3];
  const { sweep: forward } = createPlayhead(trace, { pass: "forward", direction });
  for (const slot of [0, 1, 2]) {
    const expected = gradients.reduce((sum, row, k) => sum + weights[k] * row[slot], 0);
    assertClose(reverse.derivative(slot), expected, `the weighted gradient's entry ${slot}`);
  }
  for (const [k, { row }] of trace.outputs.entries()) {
    const expected = gradients[k].reduce((sum, entry, slot) => sum + entry * direction[slot], 0);
    assertClose(forward.derivative(row), expected, `the tangent of output ${k}`);
  }
});

test("a direction of zeros is one, and weights of zeros are none", () => {
  const { direction, weights } = createPlayhead(traceOf("polar"), {
    direction: [0, 0, 0],
    weights: [0, 0, 0],
  });
  assert.deepEqual(
    [direction, weights],
    [
      [0, 0, 0],
      [1, 0, 0],
    ],
  );
});
