// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFolding } from "../../adviz/player/folding.js";
import { createBoxes } from "../../adviz/player/graphBoxes.js";
import { usesOf } from "../../adviz/player/sweeps.js";
import { allNames, traceOf } from "./documents.js";

/** @param {string} name @param {number[]} closed */
function boxesOf(name, closed) {
  const trace = traceOf(name);
  const folding = createFolding(trace, closed);
  return { trace, folding, boxes: createBoxes(trace, folding, usesOf(trace)) };
}

for (const name of allNames) {
  test(`${name}: every use is a link, and each box comes after those it has links from`, () => {
    const { trace, boxes } = boxesOf(name, []);
    const all = boxes.all(Infinity) ?? [];
    const rows = all.filter((box) => !boxes.constantAt(box));
    assert.deepEqual(
      rows,
      Array.from({ length: trace.count }, (_, slot) => slot),
    );
    const links = boxes.between(all);
    const uses = links.flatMap((link) => link.uses);
    const count = trace.operands.flat().filter((operand) => operand !== null).length;
    assert.equal(new Set(uses.map(({ row, operand }) => `${row} ${operand}`)).size, count);
    for (const { from, to, uses: through } of links) {
      assert.ok(all.indexOf(from) < all.indexOf(to));
      for (const { row, operand } of through) {
        assert.deepEqual([trace.operands[row][operand], row], [from, to]);
      }
    }
  });

  test(`${name}: what is around a row holds its operands and its users`, () => {
    const { trace, boxes } = boxesOf(name, []);
    const uses = usesOf(trace);
    for (let slot = 0; slot < trace.count; slot++) {
      const near = boxes.around([slot], 16);
      assert.ok(near.length <= 16 && near.includes(slot));
      const operands = trace.operands[slot].flatMap((operand) => operand ?? []);
      for (const row of operands.slice(0, 3)) assert.ok(near.includes(row));
      const users = uses(slot);
      assert.ok(users.length === 0 || users.some((user) => near.includes(user)));
      const { above, below } = boxes.cutOff(slot, new Set(near));
      assert.equal(
        above,
        operands.some((row) => !near.includes(row)),
      );
      assert.equal(
        below,
        users.some((row) => !near.includes(row)),
      );
    }
  });
}

test("a closed group is one box, whose links are those that cross its border", () => {
  const { trace, folding, boxes } = boxesOf("calls", [0]);
  const { start, stop } = trace.groups[0];
  const all = boxes.all(Infinity) ?? [];
  assert.ok(all.includes(~0));
  assert.ok(!all.some((box) => box >= start && box < stop));
  assert.equal(all.length, trace.count - (stop - start) + 1);
  const links = boxes.between(all);
  const pairs = links.map(({ from, to }) => `${from} ${to}`);
  const crossing = new Set();
  trace.operands.forEach((operands, row) => {
    for (const operand of operands) {
      const isInside = row >= start && row < stop;
      const isFrom = operand !== null && operand >= start && operand < stop;
      if (operand !== null && isInside !== isFrom) {
        crossing.add(`${isFrom ? ~0 : operand} ${isInside ? ~0 : row}`);
      }
    }
  });
  for (const pair of crossing) assert.equal(pairs.filter((p) => p === pair).length, 1);
  folding.toggle(0);
  assert.equal(boxesOf("calls", []).boxes.all(Infinity)?.length, trace.count);
});

test("more boxes than are wanted are not listed", () => {
  const { trace, boxes } = boxesOf("many_operations", []);
  assert.equal(boxes.all(trace.count - 1), null);
});
