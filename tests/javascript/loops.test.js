// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { carriedInto, longestLoop, namesOf, sharedName } from "../../adviz/player/passes.js";
import { createPlayhead } from "../../adviz/player/playhead.js";
import { barHeights, cellsOf } from "../../adviz/player/rulerCells.js";
import { announcePass } from "../../adviz/player/speech.js";
import { itemsOf } from "../../adviz/player/tableLines.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import { traceOf, traces } from "./documents.js";

const PASSES = 20;

/** @param {"primal" | "forward" | "reverse"} pass */
function opened(pass) {
  const trace = traceOf("logistic");
  return { trace, playhead: createPlayhead(trace, { ...trace.view, pass }) };
}

test("a loop's passes are read, each with its values and its number", () => {
  const { groups, count } = traceOf("logistic");
  assert.equal(groups.length, PASSES);
  assert.equal(groups[7].title, `k = 7, pass 8 of ${PASSES}`);
  assert.equal(groups[0].start, 1);
  assert.equal(groups[PASSES - 1].stop, count);
  assert.ok(groups.every(({ loop }) => loop === groups[0].loop && loop?.passes.length === PASSES));
});

test("a variable that is called _ names no pass", () => {
  const { document } = traces.logistic;
  const groups = document.groups.map((/** @type {any} */ group) => ({
    ...group,
    variables: { _: group.variables.k },
  }));
  assert.equal(readTrace({ ...document, groups }).groups[7].title, `pass 8 of ${PASSES}`);
});

test("a variable's value may look like several variables", () => {
  const { document } = traces.logistic;
  const names = Array.from({ length: PASSES }, (_, k) => `'a${k}, b = c'`);
  const groups = document.groups.map((/** @type {any} */ group) => ({
    ...group,
    variables: { s: names },
  }));
  const trace = readTrace({ ...document, groups });
  const { sweep, steps } = createPlayhead(trace, { ...trace.view, pass: "primal" });
  const { cells } = cellsOf(trace, sweep, steps, PASSES);
  assert.deepEqual(
    cells.map(({ text }) => text),
    names,
  );
  const { values } = namesOf(trace.groups[0], trace.groups[3]);
  assert.equal(values, `s = ${names[0]} … ${names[3]}`);
});

for (const pass of /** @type {const} */ (["primal", "forward", "reverse"])) {
  test(`stepping opens the pass that it enters, and no other: ${pass}`, () => {
    const { trace, playhead } = opened(pass);
    const { folding, sweep } = playhead;
    assert.equal(playhead.stopCount, sweep.length);
    for (let stop = 0; stop < playhead.stopCount; stop++) {
      playhead.goTo(stop);
      const around = folding.groupsAround(sweep.row(playhead.step));
      const open = trace.groups.flatMap((_, group) => (folding.isClosed(group) ? [] : [group]));
      assert.deepEqual(open, around);
      assert.equal(folding.groupOf(sweep.row(playhead.step)), -1);
      assert.equal(playhead.group, -1);
    }
    assert.equal(folding.closed().length, PASSES); // what is folded is remembered
  });
}

test("folded passes one after the other are one line", () => {
  const { trace, playhead } = opened("primal");
  playhead.goTo(playhead.stopOfPass(7));
  const { start } = trace.groups[7];
  assert.deepEqual(
    [...itemsOf(trace, playhead.folding)],
    [0, trace.count, trace.count + 7, start, start + 1, start + 2, trace.count + 8],
  );
  assert.deepEqual(playhead.folding.runOf(3), { first: 0, last: 6 });
  assert.deepEqual(playhead.folding.runOf(19), { first: 8, last: 19 });
});

test("a pass that is folded while the step is in it is passed as a whole", () => {
  for (const pass of /** @type {const} */ (["primal", "reverse"])) {
    const { playhead } = opened(pass);
    playhead.goTo(playhead.stopOfPass(7));
    playhead.toggle(7);
    assert.equal(playhead.folding.isClosed(7), true);
    assert.equal(playhead.group, 7);
    playhead.goTo(playhead.stop + 1);
    assert.equal(playhead.group, -1);
    assert.equal(playhead.folding.isClosed(pass === "primal" ? 8 : 6), false);
  }
});

test("going by pass leads from the beginning of one to that of the next", () => {
  for (const pass of /** @type {const} */ (["primal", "forward", "reverse"])) {
    const { playhead } = opened(pass);
    const begin = playhead.stopOfPass(7);
    playhead.goTo(begin + 1);
    playhead.goTo(playhead.stopOfGroupAfter(1));
    assert.equal(playhead.stop, playhead.stopOfPass(pass === "reverse" ? 6 : 8));
    playhead.goTo(playhead.stopOfGroupAfter(-1));
    assert.equal(playhead.stop, begin);
  }
});

test("passes in words", () => {
  const trace = traceOf("logistic");
  const { groups } = trace;
  assert.deepEqual(namesOf(groups[7], groups[7]), { values: "k = 7", place: "pass 8 of 20" });
  assert.deepEqual(namesOf(groups[0], groups[5]), { values: "k = 0 … 5", place: "passes 1–6" });
  assert.equal(announcePass(trace, 7), "k equals 7, pass 8 of 20");
  assert.equal(carriedInto(trace, groups[7]), groups[6].stop - 1);
});

for (const pass of /** @type {const} */ (["primal", "reverse"])) {
  test(`the ruler has a cell for each pass, in the order of the program: ${pass}`, () => {
    const { trace, playhead } = opened(pass);
    const { cells, cellOf } = cellsOf(trace, playhead.sweep, playhead.steps, 24);
    assert.deepEqual(
      cells.map(({ text }) => text),
      Array.from({ length: PASSES }, (_, k) => String(k)),
    );
    cells.forEach(({ first }, k) => {
      assert.equal(first, playhead.stopOfPass(k));
      assert.equal(cellOf[first], k);
    });
    const order = [...cellOf].map((cell) => (pass === "reverse" ? -cell : cell));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });
}

test("where there is no room for all, a cell stands for several", () => {
  const { trace, playhead } = opened("primal");
  const { cells } = cellsOf(trace, playhead.sweep, playhead.steps, 7);
  assert.equal(cells.length, 7);
  assert.equal(cells[1].name, "k = 3 … 5, passes 4–6");
  const eq = traceOf("eq5");
  const head = createPlayhead(eq, eq.view);
  assert.equal(longestLoop(eq), null);
  const steps = cellsOf(eq, head.sweep, head.steps, 4);
  assert.equal(steps.cells.length, Math.ceil(head.stopCount / Math.ceil(head.stopCount / 4)));
  assert.equal(cellsOf(eq, head.sweep, head.steps, 24).cells.length, head.stopCount);
});

test("bars stand on zero, and each can be seen", () => {
  assert.deepEqual(barHeights([1, 2, 4]), [0.25, 0.5, 1]);
  assert.deepEqual(barHeights([0, NaN, 5]), [0.08, 0, 1]);
});

test("entries of one array share a name, other rows keep theirs", () => {
  assert.equal(sharedName("out[0]", "out[9]"), "out[…]");
  assert.equal(sharedName("H[0, 1]", "H[3, 1]"), "H[…]");
  assert.equal(sharedName("out[i]", "out[i]"), "out[i]");
  assert.equal(sharedName("out[0]", "other[1]"), "out[0]");
  assert.equal(sharedName("y", "y[1]"), "y");
  assert.equal(sharedName("", "out[1]"), "");
});
