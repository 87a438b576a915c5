// @ts-check
/** What is said beside an entry: what the check found, or how the entry stands otherwise. */
import { remarkOn } from "./exerciseProse.js";

/**
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseProse.js").Remark} Remark
 * @typedef {ReturnType<typeof import("./exerciseAnswers.js").createAnswers>} Answers
 */

const HOW_TO_ANSWER = {
  number: "Type a number; arithmetic is welcome: −1/3, 0.25, 2*ln(3).",
  count: "Type a whole number.",
  formula: "Type a formula with the names of rows: v2*cos(v1), 1/x1.",
  choice: "Choose one.",
};

/**
 * @param {Exercise} exercise
 * @param {Answers} answers
 * @param {number} place
 * @returns {Remark}
 */
export function remarkBeside(exercise, answers, place) {
  const mark = answers.mark(place);
  if (mark === "") return { first: "", rest: "" };
  if (mark === "unread") {
    return { first: "This is not understood.", rest: HOW_TO_ANSWER[exercise.cells[place].kind] };
  }
  if (mark === "moved") {
    return { first: "", rest: "This went with another earlier entry. Work it out anew." };
  }
  const finding = answers.finding(place);
  if (mark === "shown" || !finding) return { first: "", rest: mark };
  return remarkOn(exercise, answers.entries(), place, finding);
}
