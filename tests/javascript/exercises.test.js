// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose, readAnswer } from "../../adviz/player/exerciseCheck.js";
import { atInputs, numbersOf, readExercise } from "../../adviz/player/exerciseDocument.js";
import { hintsFor } from "../../adviz/player/exerciseHints.js";
import { remarkOn } from "../../adviz/player/exerciseProse.js";
import { exercises, numberOf } from "./documents.js";

test("the page gives the hints that Python does", () => {
  for (const { document, hints } of exercises) {
    const exercise = readExercise(structuredClone(document));
    for (const [place, texts] of hints) assert.deepEqual(hintsFor(exercise, place), texts);
  }
});

test("an exercise at other inputs has the numbers that Python finds there", () => {
  const others = exercises.filter(({ elsewhere }) => elsewhere !== null);
  assert.ok(others.length > 5);
  for (const { document, elsewhere } of others) {
    const [inputs, numbers] = elsewhere ?? [[], []];
    const exercise = atInputs(readExercise(structuredClone(document)), inputs);
    assert.deepEqual(
      exercise.inputs.map(({ number }) => number),
      inputs,
    );
    exercise.cells.forEach(({ number }, place) => {
      assert.ok(isClose(Number(number), numberOf(numbers[place])), `cell ${place}: ${number}`);
    });
  }
});

test("the page finds and says of answers what Python does", () => {
  for (const { document, numbers, cases } of exercises) {
    const exercise = readExercise(structuredClone(document));
    numbersOf(exercise)
      .slice(0, numbers.length)
      .forEach((number, place) => {
        const expected = numberOf(numbers[place]);
        assert.ok(isClose(number, expected), `cell ${place}: ${number}, ${expected}`);
      });
    for (const { answers, unread, findings } of cases) {
      const entries = new Map();
      const refused = [];
      for (const [place, text] of answers) {
        const entry = readAnswer(exercise, place, text);
        if (entry) entries.set(place, entry);
        else refused.push(place);
      }
      assert.deepEqual(refused, unread, JSON.stringify(answers));
      const found = [...diagnose(exercise, entries)].map(([place, finding]) => {
        const { first, rest } = remarkOn(exercise, entries, place, finding);
        const { status, reasons, isOpen, isGuess, earlier, credit } = finding;
        const mistakes = reasons.map((reason) => reason.mistakes);
        return { place, status, mistakes, isOpen, isGuess, earlier, credit, said: [first, rest] };
      });
      assert.deepEqual(found, findings, JSON.stringify(answers));
    }
  }
});

/** @param {number} number @param {number} expected */
function isClose(number, expected) {
  return Object.is(number, expected) || Math.abs(number - expected) <= 1e-9 * Math.abs(expected);
}
