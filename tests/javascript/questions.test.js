// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { arithmetic, readEntry } from "../../adviz/player/answerEntry.js";
import { noteOf, notesOf } from "../../adviz/player/answered.js";
import { judge } from "../../adviz/player/questionCheck.js";
import { readQuestion } from "../../adviz/player/questionDocument.js";
import { plainText } from "../../adviz/player/richText.js";
import { questions } from "./documents.js";

const EXERCISE = "application/vnd.adviz.exercise+json";

/**
 * @param {import("../../adviz/player/questionDocument.js").Question} question
 * @param {any[]} entered
 */
function read({ expects, names, points }, entered) {
  if (expects === "formula") {
    const values = points.map(
      (point) =>
        arithmetic(entered[0], new Map(names.map((name, i) => [name, point[i]]))) ?? Number.NaN,
    );
    return values.every(Number.isNaN) ? null : values;
  }
  if (expects !== "number" && expects !== "numbers") return entered;
  const entries = entered.map(readEntry);
  return entries.includes(null) ? null : entries;
}

test("the page says of answers to questions what Python says", () => {
  let count = 0;
  for (const { document, cases } of questions) {
    const question = readQuestion(document);
    for (const [entered, status, text] of cases) {
      const answer = read(question, entered);
      const found = answer && judge(question, /** @type {number[]} */ (answer));
      const said = found && found.foreseen >= 0 ? question.foreseen[found.foreseen].text : "";
      assert.deepEqual(
        [found?.status ?? null, plainText(said).trim()],
        [status, text],
        `${question.expects}: ${JSON.stringify(entered)}`,
      );
      count += 1;
    }
  }
  assert.ok(count > 150);
});

test("a question whose answer does not fit what it asks for is refused", () => {
  const good = { version: 1, kind: "question", expects: "choice", choices: ["a", "b"], right: [1] };
  assert.deepEqual(readQuestion(good).right, [1]);
  const kinds = [
    { right: [2] },
    { right: [0, 1] },
    { right: "1" },
    { expects: "riddle" },
    { expects: "numbers", shape: [2, 2], right: [1] },
    { expects: "numbers", shape: [400, 400], right: [1] },
    { expects: "formula", names: ["x"], points: [[1, 2]], right: [1] },
    { choices: Array(1000).fill("a") },
    { version: 2 },
  ];
  for (const wrong of kinds) {
    assert.throws(() => readQuestion({ ...good, ...wrong }), /cannot be shown/);
  }
});

test("what was answered is read from what is kept, in parts as well", () => {
  const question = { kind: "question", question: ["div", ["p", "How ", ["em", "many"], "?"]] };
  const kept = { entries: { 0: "2" }, solved: { answer: "later" } };
  assert.deepEqual(noteOf(question, kept), { title: "How many?", courses: ["later"] });
  const folded = { kind: "reveal", parts: [{ text: [] }, { [EXERCISE]: question }] };
  assert.deepEqual(notesOf(folded, { parts: { 1: kept } }), [noteOf(question, kept)]);
  assert.deepEqual(notesOf(folded, null), [{ title: "How many?", courses: [""] }]);
  const table = {
    kind: "table",
    ask: "reverse",
    cells: [{ key: "v1" }, { key: "v2" }],
    blanks: [1, 0],
  };
  const solved = { solved: { v2: "first", v1: "nonsense", constructor: "first" } };
  assert.deepEqual(noteOf(table, solved), {
    title: "Fill in the return sweep",
    courses: ["first", ""],
  });
  for (const odd of [null, 3, "x", [], { kind: "answered" }])
    assert.deepEqual(notesOf(odd, odd), []);
});
