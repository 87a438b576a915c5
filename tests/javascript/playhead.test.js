// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlayhead } from "../../adviz/player/playhead.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import { traceOf, traces } from "./documents.js";

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
    input: 0,
    output: 2,
    step: 2,
    closed: [],
  });
  assert.equal(playhead.sweep.pass, "reverse");
  assert.equal(playhead.sweep.choice, 2);
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
    input: trace.inputs.length - 1,
    output: 0,
    step: 1,
    closed: [],
  });
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

test("another pass or seed begins at its first step", () => {
  const playhead = createPlayhead(traceOf("polar"), { pass: "primal", step: 4 });
  playhead.choose("reverse", 0, 1);
  assert.deepEqual([playhead.pass, playhead.output, playhead.stop], ["reverse", 1, 0]);
  assert.equal(playhead.sweep.choice, 1);
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
