// @ts-check
/** An exercise with a table to fill in: what the reader does changes the answers, and all is shown anew. */
import { capital, enumerate } from "./english.js";
import { createAnswers } from "./exerciseAnswers.js";
import { createFields } from "./exerciseFields.js";
import { createFrame } from "./exerciseFrame.js";
import { hintsFor } from "./exerciseHints.js";
import { remarkBeside } from "./exerciseRemarks.js";
import { createExerciseTable } from "./exerciseTable.js";
import { createTask, headingOf } from "./exerciseTask.js";
import { mathText } from "./math.js";

/**
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseMemory.js").Memory} Memory
 * @typedef {import("./exerciseProse.js").Remark} Remark
 */

const NOTHING = { first: "", rest: "" };

/**
 * @param {Exercise} exercise
 * @param {Memory} memory
 * @param {() => void} [renew]  shows the exercise with other numbers, where there are some
 */
export function createExerciseCard(exercise, memory, renew) {
  const { cells, blanks } = exercise;
  const answers = createAnswers(exercise, memory.read());
  const fields = createFields(exercise, {
    type,
    settle,
    check: (place) => check([place]),
    enter: () => offerHint(),
  });
  const table = createExerciseTable(exercise, fields);
  const frame = createFrame(headingOf(exercise), [createTask(exercise), table.element], {
    check: exercise.holdsAnswers ? () => check(blanks) : null,
    hint: openHint,
    show: showSolution,
    again: startAgain,
    renew,
  });
  /** What was said of a wrong entry stays in sight while it is corrected. @type {Map<number, Remark>} */
  const before = new Map();
  /** The sizes of the card that its rows were measured for. @type {ResizeObserver | undefined} */
  let sizes;
  let stopWatching = () => {};
  /** The blank that the hints are about. */
  let hinted = blanks[0];

  /** @param {number} place @param {string} text */
  function type(place, text) {
    if (answers.mark(place) === "wrong") before.set(place, remarkBeside(exercise, answers, place));
    answers.type(place, text);
    showEntry(place);
    showMarks();
    frame.say("", "");
  }

  function settle() {
    if (exercise.holdsAnswers) answers.settle();
    show();
    keep();
    if (!exercise.holdsAnswers) frame.say(howFull(), "");
  }

  /** @param {number[]} places */
  function check(places) {
    if (!exercise.holdsAnswers) return settle();
    for (const place of places) before.delete(place);
    answers.check(places);
    show();
    keep();
    if (places.length !== 1) frame.say(standing());
    else frame.say(standing(), `${name(places[0])}: ${spokenRemark(places[0])}`);
  }

  function openHint() {
    hinted = fields.here();
    const hints = hintsFor(exercise, hinted);
    if (answers.hints(hinted) < hints.length) answers.openHint(hinted);
    show();
    keep();
    const number = Math.min(answers.hints(hinted), hints.length);
    if (number > 0) frame.say("", `Hint ${number} of ${hints.length}: ${hints[number - 1]}`);
  }

  /** The next hint is one to the blank where the reader is. */
  function offerHint() {
    const place = fields.here();
    frame.offerHint(answers.hints(place), hintsFor(exercise, place).length);
  }

  function showSolution() {
    answers.show();
    before.clear();
    show();
    keep();
    frame.say(standing());
  }

  function startAgain() {
    answers.clear();
    before.clear();
    show();
    keep();
    fields.focus(blanks[0]);
    frame.say("Cleared.");
  }

  /** @param {number} place */
  function name(place) {
    return mathText(cells[place].label);
  }

  /** @param {number} place */
  function spokenRemark(place) {
    const { first, rest } = remarkBeside(exercise, answers, place);
    const mark = answers.mark(place);
    const verdict = mark === "wrong" && first !== "Not yet." ? "wrong. " : "";
    const said = `${verdict}${first} ${rest}`.replaceAll("`", "").trim();
    return said || "nothing is entered.";
  }

  function howFull() {
    const full = blanks.filter((place) => answers.text(place).trim() !== "").length;
    return full > 0 ? `${full} of ${blanks.length} filled in.` : "";
  }

  /** How things stand, in a sentence. */
  function standing() {
    const { first, later, shown } = answers.tally();
    const right = blanks.filter(answers.isRight);
    const toCorrect = blanks.filter((place) => /wrong|coarse|unread/.test(answers.mark(place)));
    if (right.length + shown === blanks.length) {
      if (blanks.length === 1) {
        if (shown) return "The answer is shown.";
        return first ? "Right, at the first check." : "Right, at a later check.";
      }
      const parts = [
        first ? `${first} at the first check` : "",
        later ? `${later} later` : "",
        shown ? `${shown} shown` : "",
      ].filter(Boolean);
      return `${shown ? "Done" : `All ${blanks.length} are right`}: ${parts.join(", ")}.`;
    }
    const open = blanks.length - right.length - shown - toCorrect.length;
    const names = toCorrect.map(name);
    const isShort = names.length <= 3 && !names.some((each) => each.includes(" "));
    const few = isShort ? enumerate(names) : String(names.length);
    const parts = [
      `${right.length} right`,
      ...(toCorrect.length > 0 ? [`${few} to correct`] : []),
      ...(open > 0 ? [`${open} open`] : []),
    ];
    return capital(`${parts.join(", ")}.`);
  }

  function show() {
    for (const place of blanks) showEntry(place);
    showMarks();
    table.fit();
    const hints = hintsFor(exercise, hinted);
    frame.showHints(hints.slice(0, answers.hints(hinted)), hints.length);
    offerHint();
  }

  /** @param {number} place */
  function showEntry(place) {
    const mark = answers.mark(place);
    const stale = mark === "" ? before.get(place) : undefined;
    const remark = stale ?? (mark === "" ? NOTHING : remarkBeside(exercise, answers, place));
    fields.show(place, answers.text(place), mark, remark, stale !== undefined);
  }

  function showMarks() {
    table.showMarks();
    frame.showMarks(blanks.map(boxOf));
    frame.offer(
      blanks.some((place) => !answers.isRight(place) && !answers.isShown(place)),
      !answers.isEmpty(),
    );
  }

  /** @param {number} place */
  function boxOf(place) {
    const mark = answers.mark(place);
    return mark === "right" || mark === "follows" || mark === "wrong" || mark === "shown"
      ? mark
      : "";
  }

  function keep() {
    memory.write(answers.isEmpty() ? null : answers.kept());
  }

  return {
    element: frame.element,
    start() {
      show();
      if (!answers.isEmpty()) frame.say(exercise.holdsAnswers ? standing() : howFull(), "");
      sizes = new ResizeObserver(table.fit);
      sizes.observe(table.element);
      // Another tab with this page has written: what is being typed here goes before that.
      stopWatching =
        memory.watch?.(() => {
          if (fields.cursor()) return;
          answers.restore(memory.read());
          before.clear();
          show();
        }) ?? stopWatching;
    },
    stop() {
      sizes?.disconnect();
      stopWatching();
    },
    keep,
    cursor: fields.cursor,
    /** @param {ReturnType<typeof fields.cursor>} cursor */
    setCursor: (cursor) => cursor && fields.setCursor(cursor),
  };
}
