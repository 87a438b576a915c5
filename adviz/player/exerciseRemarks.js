// @ts-check
/** What is said beside an entry. */
import { mathText } from "./math.js";
import { SENTENCES } from "./mistakeSentences.js";

/**
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {ReturnType<typeof import("./exerciseAnswers.js").createAnswers>} Answers
 */

/**
 * @param {Exercise} exercise
 * @param {Answers} answers
 * @param {number} place
 * @returns {import("./exerciseTable.js").Remark}
 */
export function remarkOn({ cells }, answers, place) {
  const finding = answers.finding(place);
  switch (answers.mark(place)) {
    case "right":
      return { first: "Right", rest: "" };
    case "follows": {
      const earlier = finding?.earlier ?? [];
      const names = earlier.map((j) => mathText(cells[j].label));
      const entries = earlier.map((j, i) => `${names[i]} = ${answers.text(j).trim()}`);
      return {
        first: `Right, given your ${entries.join(" and ")}.`,
        rest: `It will move when ${names.join(" and ")} ${names.length > 1 ? "do" : "does"}.`,
      };
    }
    case "coarse":
      return { first: "Right so far.", rest: "Give at least three digits." };
    case "wrong": {
      const [reason] = finding?.reasons ?? [];
      if (!reason) return { first: "Wrong.", rest: "" };
      const sentences = reason.mistakes.flatMap((name) => SENTENCES[name] ?? []);
      const [first = "Wrong.", ...rest] = sentences.map((sentence) =>
        sentence.replace(/\{(\w+)\}/g, (_, word) => reason.words[word] ?? ""),
      );
      return { first, rest: rest.join(" ") };
    }
    case "unread":
      return {
        first: "This is not understood.",
        rest: "Type a number; arithmetic is welcome: −1/3, 2*-4, ln(3).",
      };
    case "moved":
      return { first: "", rest: "This went with another earlier entry. Work it out anew." };
    case "shown":
      return { first: "", rest: "shown" };
    default:
      return { first: "", rest: "" };
  }
}
