// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose, readAnswer } from "../../adviz/player/exerciseCheck.js";
import { numbersOf, readExercise } from "../../adviz/player/exerciseDocument.js";
import { edited, exercises } from "./documents.js";

/** What Python wrote for the sweep of a function. */
const { document } = /** @type {import("./documents.js").Answered} */ (
  exercises.find(({ document }) => document.ask === "reverse" && document.blanks.length > 3)
);

test("an exercise can be tried at other inputs", () => {
  const exercise = readExercise(document);
  const inputs = exercise.inputs.map(({ number }) => number * 1.25);
  const numbers = numbersOf(exercise, inputs);
  assert.deepEqual([...numbers.slice(0, inputs.length)], inputs);
  const place = exercise.blanks[exercise.blanks.length - 1];
  assert.notEqual(numbers[place], numbersOf(exercise)[place]);
  const entry = readAnswer(exercise, place, String(numbers[place]));
  assert.ok(entry);
  assert.equal(diagnose(exercise, new Map([[place, entry]]), inputs).get(place)?.status, "right");
});

test("what is no exercise is refused", () => {
  const { cells, code, words, mistakes } = document;
  const count = cells.length;
  const blank = document.blanks[0];
  /** @type {[(string | number)[], unknown][]} */
  const changes = [
    [["version"], 2],
    [["kind"], "laboratory"],
    [["cells"], {}],
    [["cells"], Array(3000).fill(cells[0])],
    [["blanks"], [count]],
    [["blanks"], [-1]],
    [["lines", 0, "shown"], [count]],
    [["lines", 0, "shown"], [[[[[[[[[[[0]]]]]]]]]]]],
    [["cells", 0, "kind"], "essay"],
    [["cells", 0, "label"], "v"],
    [["cells", blank, "rule"], count + code.length],
    [["cells", blank, "rule"], ["x"]],
    [["cells", blank, "reads"], [blank]],
    [["cells", blank, "words"], words.length],
    [["cells", blank, "wrong", 0, 0], mistakes.length],
    [["cells", blank, "wrong", 0, 3], words.length],
    [["cells", blank, "wrong", 0, 2], 1e9],
    [
      ["code", 0],
      ["constructor", 0],
    ],
    [
      ["code", 0],
      ["mul", 0],
    ],
    [
      ["code", 0],
      ["mul", 0, count],
    ], // a line that comes later
    [["code"], Array(1e5).fill(["neg", 0])],
    [["words", 0], { row: 1 }],
  ];
  for (const [path, value] of changes) {
    assert.throws(
      () => readExercise(edited(document, path, value)),
      { name: "Error", message: /cannot be shown/ },
      path.join("."),
    );
  }
  for (const nothing of [null, undefined, 1, "", [], {}]) {
    assert.throws(() => readExercise(nothing), { name: "Error" });
  }
});

test("rules that are long together are refused before they run", () => {
  const lines = Array.from({ length: 5000 }, (_, i) => ["neg", document.cells.length + i - 1]);
  const last = document.cells.length + lines.length - 1;
  const wrong = Array(1000).fill([0, last, 0, 0]);
  const hostile = edited(document, ["code"], lines);
  hostile.cells = hostile.cells.map((/** @type {any} */ cell) => ({
    ...cell,
    rule: last,
    terms: [],
    wrong,
  }));
  assert.throws(() => readExercise(hostile), /too long/);
});

test("keys that are not known are passed over, and long texts cut", () => {
  const exercise = readExercise({ ...document, more: 1, title: "x".repeat(1e5) });
  assert.ok(exercise.title.length < 200);
  assert.equal(exercise.blanks.length, document.blanks.length);
});

test("a document without answers is shown, and says that it holds none", () => {
  const { code, words, mistakes, points, ...rest } = document;
  const cells = rest.cells.map(
    (/** @type {any} */ { key, label, number }, /** @type {number} */ place) => ({
      key,
      label,
      number: rest.blanks.includes(place) ? null : number,
    }),
  );
  const exercise = readExercise({ ...rest, cells });
  assert.equal(exercise.holdsAnswers, false);
  assert.equal(exercise.cells[rest.blanks[0]].number, null);
});
