// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../../adviz/player/answerCheck.js";
import { exactly, readEntry } from "../../adviz/player/answerEntry.js";
import { SENTENCES } from "../../adviz/player/mistakeSentences.js";
import { createPlayhead } from "../../adviz/player/playhead.js";
import { explainWrong } from "../../adviz/player/predictionProse.js";
import { createPredictions, expected } from "../../adviz/player/predictions.js";
import { candidatesOf } from "../../adviz/player/stepMistakes.js";
import { usesOf } from "../../adviz/player/sweeps.js";
import { allNames, traceOf } from "./documents.js";

/** @typedef {import("../../adviz/player/trace.js").Pass} Pass */

/** @type {Pass[]} */
const PASSES = ["primal", "forward", "reverse"];

/**
 * The reader at the first question of a pass.
 * @param {string} name
 * @param {Pass} pass
 * @param {number[]} [closed]  groups that are folded
 */
function reader(name, pass, closed = []) {
  const trace = traceOf(name);
  const playhead = createPlayhead(trace, { pass, closed });
  const predictions = createPredictions(trace, playhead, true);
  const goTo = (/** @type {number} */ stop) => {
    playhead.goTo(stop);
    predictions.follow();
  };
  /** @param {string} text */
  const answer = (text) => {
    const entry = readEntry(text);
    assert.ok(entry);
    return predictions.answer(entry);
  };
  /** What is said of a wrong answer, from its first words. @param {string} text */
  const said = (text) => {
    const { verdict, reasons } = answer(text);
    assert.equal(verdict, "wrong", text);
    const uses = usesOf(trace);
    return explainWrong(trace, playhead.sweep, uses, playhead.step, reasons).map(
      ({ first, rest }) => `${first} ${rest}`,
    );
  };
  return { trace, playhead, predictions, goTo, answer, said };
}

test("the return sweep of Equation 5: every planted mistake is named", () => {
  const { goTo, said } = reader("eq5", "reverse");
  goTo(2); // v̄₃ += v̄₄·∂v₄/∂v₃
  assert.deepEqual(said("1"), [
    "The factor that comes back is right: v̄₄ = 1.",
    "You lost the minus sign of the difference. When v₃ grows, v₄ falls: ∂v₄/∂v₃ = −1.",
  ]);
  goTo(3); // v̄₋₁ += v̄₃·∂v₃/∂v₋₁
  assert.deepEqual(said("-3"), [
    "You divided by the slope. v̄₃ = −1 is multiplied by ∂v₃/∂v₋₁ = 1/v₋₁ = 0.333333.",
    "Or: You took the operand for the slope. The slope is ∂v₃/∂v₋₁ = 1/v₋₁ = 0.333333.",
  ]);
  assert.match(said("-1.09861")[0], /^You took the value of v₃ for its slope\./);
  assert.match(said("0.333333")[0], /^A sign is wrong\./);
  goTo(6); // v̄₋₁ += v̄₁·∂v₁/∂v₋₁
  assert.deepEqual(said("-4"), [
    "The product is right: this use sends back v̄₁·v₀ = 1×(−4) = −4.",
    "You used only the last use. v₋₁ is read twice, by v₁ and v₃; v̄₋₁ is the sum over all: −0.333333 + (−4).",
  ]);
  assert.deepEqual(said("-1/3 + 3"), [
    "The factor that comes back is right: v̄₁ = 1.",
    "You took the factor itself. The slope of a product in one factor is the other factor: ∂v₁/∂v₋₁ = v₀ = −4.",
  ]);
  assert.match(said("-1/3")[0], /^You left out the use in v₁\./);
  assert.match(said("4/3")[1], /^You multiplied the uses\./);
  // Two mistakes at once.
  assert.deepEqual(
    said("4").map((text) => text.split(".")[0]),
    ["A sign is wrong", "You used only the last use"],
  );
});

test("the other passes name their mistakes", () => {
  const values = reader("griewank", "primal");
  values.goTo(2); // v₁ = v₋₁/v₀ = 3
  assert.match(
    values.said("1/3")[0],
    /^You swapped the operands\. The order counts in v₁ = v₋₁\/v₀/,
  );
  values.goTo(5); // v₄ = sin(v₁)
  assert.match(values.said("0.0523")[0], /^You calculated in degrees\./);

  const tangents = reader("griewank", "forward");
  tangents.goTo(7); // v₆ = v₅ × v₃
  const { playhead } = tangents;
  const [v5, v3] = [6, 4].map((slot) => Number(playhead.sweep.derivative(slot)));
  assert.match(tangents.said(String(v5 * v3))[0], /^You multiplied the tangents\./);
});

for (const name of allNames) {
  test(`${name}: whatever a wrong rule gives is told, and what is right is never called wrong`, () => {
    for (const pass of PASSES) {
      const { trace, playhead, predictions, goTo } = reader(name, pass);
      const uses = usesOf(trace);
      for (let stop = 0; stop < playhead.stopCount; stop++) {
        goTo(stop);
        const { sweep, step } = playhead;
        if (!predictions.isAsked(step)) continue;
        const right = expected(sweep, step);
        const groups = candidatesOf(trace, sweep, step, () => 0.123);
        for (const { value, reason } of groups.flat()) {
          assert.ok(
            reason.names.every((known) => known in SENTENCES),
            reason.names.join(),
          );
          const entry = exactly(value);
          const { verdict, reasons } = check(entry, right, groups, 0);
          if (!Number.isFinite(value) || verdict === "right") continue;
          assert.ok(reasons.length > 0);
          const text = explainWrong(trace, sweep, uses, step, [reason])
            .map(({ first, rest }) => `${first} ${rest}`)
            .join(" ");
          assert.doesNotMatch(text, /undefined|NaN|\{|\}|= $/, text);
        }
        const typed = readEntry(right.toPrecision(6));
        assert.ok(typed);
        assert.equal(check(typed, right, groups, 0).verdict, "right");
      }
    }
  });
}

test("an answer at the first try, at a later one, given away, and passed over are counted apart", () => {
  const { playhead, predictions, goTo, answer } = reader("eq5", "reverse");
  assert.equal(predictions.isAsked(0), false, "the seed is given");
  goTo(1);
  assert.equal(answer("1").verdict, "right");
  goTo(2);
  assert.equal(answer("1").verdict, "wrong");
  goTo(1);
  goTo(2);
  assert.equal(answer("-1").verdict, "right", "going back takes no try away");
  goTo(3);
  predictions.tell();
  goTo(4);
  goTo(6);
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(predictions.markOf), [
    "given",
    "first",
    "later",
    "shown",
    "shown",
    "shown",
    "",
  ]);
  assert.deepEqual(predictions.tally(), { first: 1, later: 1, shown: 3 });
  goTo(2);
  assert.equal(predictions.isAsked(2), false, "going back is free");
  goTo(6);
  assert.equal(predictions.isAsked(6), true);
  assert.deepEqual(predictions.tally(), { first: 1, later: 1, shown: 3 });
  playhead.choose("primal");
  predictions.begin();
  assert.deepEqual(predictions.tally(), { first: 0, later: 0, shown: 0 });
  playhead.choose("reverse");
  predictions.begin();
  assert.deepEqual(predictions.tally(), { first: 1, later: 1, shown: 3 });
});

test("an answer may be as far off as the numbers on the screen are rounded", () => {
  const trace = traceOf("eq5");
  trace.digits = 3;
  const playhead = createPlayhead(trace, { pass: "primal" });
  const predictions = createPredictions(trace, playhead, true);
  playhead.goTo(5); // v₄ = v₂ − v₃, of −16 and 1.10 where it is shown to three digits
  predictions.follow();
  const entry = readEntry("-17.1");
  assert.ok(entry);
  assert.equal(predictions.answer(entry).verdict, "right");
});

test("what is asked is kept back from the panes until it is answered", () => {
  for (const pass of PASSES) {
    const { playhead, predictions, goTo } = reader("eq5", pass);
    goTo(pass === "reverse" ? 6 : 2);
    const { step } = playhead;
    const slot = playhead.sweep.row(step);
    const right = expected(playhead.sweep, step);
    const kept = predictions.sweep.at(slot, step);
    assert.equal(kept.isAsked, true);
    assert.deepEqual([kept.state, kept.part], pass === "reverse" ? ["partial", 1] : ["pending", 1]);
    assert.ok(Number.isNaN(predictions.sweep.amount(step)));
    predictions.tell();
    assert.equal(predictions.sweep.at(slot, step).value, right);
  }
});

test("seen steps, arrays and folded calls are not asked", () => {
  const late = reader("eq5", "primal");
  late.predictions.turn(false);
  late.goTo(3);
  late.predictions.turn(true);
  assert.equal(late.predictions.isAsked(3), false);
  late.goTo(4);
  assert.equal(late.predictions.isAsked(4), true);

  const { trace, playhead, predictions } = reader("perceptron", "primal");
  for (let step = 0; step < playhead.sweep.length; step++) {
    const isArray = [step, ...trace.operands[step]].some(
      (slot) => slot !== null && typeof trace.values[slot] === "object",
    );
    if (isArray) assert.equal(predictions.isAsked(step), false);
  }

  const folded = reader("calls", "primal", [0]);
  const { start, stop } = folded.trace.groups[0];
  folded.goTo(folded.playhead.stopOfGroup(0));
  assert.equal(folded.predictions.isAsked(folded.playhead.step), false);
  folded.goTo(folded.playhead.stop + 1);
  for (let slot = start; slot < stop; slot++) {
    assert.equal(folded.predictions.markOf(slot), "given");
  }
});

test("other inputs put the question anew, with mistakes of their own", () => {
  const { playhead, predictions, goTo, answer } = reader("eq5", "primal");
  goTo(2);
  assert.equal(answer("-12").verdict, "right");
  assert.equal(playhead.setInputs([2, 5]), null);
  predictions.begin();
  assert.equal(predictions.isAsked(2), true);
  assert.deepEqual(answer("7").reasons[0].names, ["added"]);
  assert.equal(answer("10").verdict, "right");
});
