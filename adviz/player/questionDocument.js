// @ts-check
/** Reads the exercise documents of the kind "question", which need not be trusted. */
import {
  asIndex,
  asList,
  asNumber,
  asObject,
  asText,
  check,
  MAX_NAME,
  MAX_SENTENCE,
} from "./documentChecks.js";

/**
 * What is asked for: a number, or numbers in a table; a formula; one choice, or several; an order.
 * An answer is compared as a list of numbers: those entered, a formula's values, or the places of
 * choices.
 * @typedef {object} Question
 * @property {"number" | "numbers" | "formula" | "choice" | "choices" | "order"} expects
 * @property {string} title  "" for none
 * @property {unknown} question  rich text, as are the others
 * @property {unknown[]} hints
 * @property {unknown[]} choices
 * @property {number[]} shape  of a table of numbers
 * @property {number | null} tolerance
 * @property {string[]} names  that a formula may have in it
 * @property {number[][]} points  what they stand for where formulas are compared
 * @property {number[] | null} right  null where the document does not hold the answer
 * @property {string} solution  of a formula, as it can be typed
 * @property {{answer: number[], text: unknown}[]} foreseen
 * @property {unknown} feedback  what is said of any wrong answer; null for nothing
 * @property {unknown[]} explanation  parts, see parts.js
 */

const KINDS = /** @type {const} */ (["number", "numbers", "formula", "choice", "choices", "order"]);
const MOST = {
  choices: 40,
  hints: 20,
  numbers: 400,
  names: 20,
  points: 20,
  foreseen: 100,
  parts: 40,
};

/** @param {unknown} document @returns {Question} */
export function readQuestion(document) {
  const given = asObject(document, "the document");
  check(given.version === 1, "its document has a version that this page does not read");
  const expects = KINDS.find((kind) => kind === given.expects);
  if (!expects) {
    check(false, "it does not say what it asks for");
    throw new Error("unreachable");
  }
  const choices = few(given.choices, MOST.choices, "its choices");
  const shape = few(given.shape, 2, "its shape").map((n) => asIndex(n, MOST.numbers, "its shape"));
  const names = few(given.names, MOST.names, "its names").map((n) => asText(n, MAX_NAME, "a name"));
  const points = few(given.points, MOST.points, "its points").map((point) => {
    const numbers = few(point, MOST.names, "a point").map((x) => asNumber(x, "a point"));
    check(numbers.length === names.length, "a point does not give each name a number");
    return numbers;
  });
  const isOfChoices = expects === "choice" || expects === "choices" || expects === "order";
  const count = shape.reduce((product, n) => product * n, 1);
  check(count > 0 && count <= MOST.numbers, "it asks for too many numbers");
  const sizes = { number: 1, numbers: count, formula: points.length, choice: 1, choices: -1 };
  const size = expects === "order" ? choices.length : sizes[expects];

  /** @param {unknown} answer */
  function readAnswer(answer) {
    const numbers = few(answer, MOST.numbers, "an answer").map((x) =>
      isOfChoices
        ? asIndex(x, choices.length, "an answer")
        : x === null
          ? NaN
          : asNumber(x, "an answer"),
    );
    check(size < 0 || numbers.length === size, "an answer is of another kind");
    return numbers;
  }

  return {
    expects,
    title: asText(given.title ?? "", MAX_NAME, "its title"),
    question: given.question,
    hints: few(given.hints, MOST.hints, "its hints"),
    choices,
    shape,
    tolerance: typeof given.tolerance === "number" ? given.tolerance : null,
    names,
    points,
    right: given.right === undefined ? null : readAnswer(given.right),
    solution: asText(given.solution ?? "", MAX_SENTENCE, "its answer"),
    foreseen: few(given.foreseen, MOST.foreseen, "its feedback").map((pair) => {
      const [answer, text] = asList(pair, "its feedback");
      return { answer: readAnswer(answer), text };
    }),
    feedback: given.feedback ?? null,
    explanation: few(given.explanation, MOST.parts, "its explanation"),
  };
}

/** @param {unknown} value @param {number} most @param {string} what */
function few(value, most, what) {
  const items = asList(value ?? [], what);
  check(items.length <= most, `${what} are too many`);
  return items;
}
