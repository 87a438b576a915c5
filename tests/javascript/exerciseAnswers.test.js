// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswers } from "../../adviz/player/exerciseAnswers.js";
import { readExercise } from "../../adviz/player/exerciseDocument.js";
import { exercises } from "./documents.js";

/** Exercises that ask for numbers, with a sheet of answers to each. */
const sheets = exercises.slice(0, 30).map(({ document, cases }) => {
  const exercise = readExercise(structuredClone(document));
  return { exercise, answers: createAnswers(exercise), cases };
});

/** @param {import("../../adviz/player/exerciseDocument.js").Exercise} exercise @param {number} place */
function right({ cells }, place) {
  const { kind, number } = cells[place];
  return kind === "number" && Number.isFinite(number) ? String(number) : null;
}

/** @param {ReturnType<typeof createAnswers>} answers @param {[number, string][]} entries */
function enter(answers, entries) {
  for (const [place, text] of entries) answers.type(place, text);
  answers.settle();
  answers.check(entries.map(([place]) => place));
}

test("a blank that is right at once is told from one that is right later, or shown", () => {
  let tried = 0;
  for (const { exercise, answers } of sheets) {
    const [first, later] = exercise.blanks.filter((place) => right(exercise, place) !== null);
    if (later === undefined) continue;
    const [a, b] = [right(exercise, first) ?? "", right(exercise, later) ?? ""];
    answers.clear();
    enter(answers, [
      [first, a],
      [later, "12345.67"],
    ]);
    if (answers.mark(later) !== "wrong") continue;
    tried += 1;
    assert.deepEqual(answers.tally(), { first: 1, later: 0, shown: 0 });
    answers.type(later, b);
    assert.equal(answers.mark(later), "", "changing an entry takes its mark away");
    assert.equal(answers.mark(first), "right");
    answers.check(exercise.blanks);
    assert.deepEqual(answers.tally(), { first: 1, later: 1, shown: 0 });
    answers.show();
    assert.deepEqual(answers.tally(), { first: 1, later: 1, shown: exercise.blanks.length - 2 });
  }
  assert.ok(tried > 10);
});

test("what is kept is shown again with the same marks", () => {
  const seen = new Set();
  for (const { exercise, answers, cases } of sheets) {
    for (const { answers: entries } of cases) {
      answers.clear();
      enter(answers, entries);
      const kept = JSON.parse(JSON.stringify(answers.kept()));
      const again = createAnswers(exercise, kept);
      for (const place of exercise.blanks) {
        assert.equal(again.text(place), answers.text(place));
        assert.equal(again.mark(place), answers.mark(place));
        seen.add(answers.mark(place));
      }
      assert.deepEqual(again.kept(), answers.kept());
      assert.equal(again.isEmpty(), entries.length === 0);
    }
  }
  for (const mark of ["", "right", "wrong", "follows", "unread"]) assert.ok(seen.has(mark), mark);
});

test("an entry that went with a wrong one is open again when that is another", () => {
  let moved = 0;
  for (const { exercise, answers, cases } of sheets) {
    for (const { answers: entries, findings } of cases) {
      answers.clear();
      enter(answers, entries);
      const follower = exercise.blanks.find((place) => answers.mark(place) === "follows");
      if (follower === undefined) continue;
      const [earlier] = findings.find(({ place }) => place === follower).earlier;
      const corrected = right(exercise, earlier);
      if (corrected === null) continue;
      answers.type(earlier, corrected);
      assert.equal(answers.mark(follower), "follows", "nothing is said while it is typed");
      answers.settle();
      assert.notEqual(answers.mark(follower), "wrong");
      if (answers.mark(follower) === "moved") moved += 1;
      answers.type(follower, "1");
      assert.equal(answers.mark(follower), "");
    }
  }
  assert.ok(moved > 5);
});

test("what somebody else wrote is left out", () => {
  const [{ exercise }] = sheets;
  const [place] = exercise.blanks;
  const { key } = exercise.cells[place];
  const strange = [null, 3, "text", [], { entries: [] }, { entries: { [key]: {} }, checked: 3 }];
  for (const kept of strange) assert.ok(createAnswers(exercise, kept).isEmpty());
  const long = createAnswers(exercise, {
    entries: { [key]: "1".repeat(1e5) },
    solved: { [key]: "x" },
  });
  assert.equal(long.text(place).length, 200);
  assert.deepEqual(long.kept().solved, {});
});
