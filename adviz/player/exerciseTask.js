// @ts-check
/** What an exercise asks for, in words: its title, the function, where it is evaluated, what is to be done. */
import { html } from "./dom.js";
import { formatNumber } from "./number.js";

/** @typedef {import("./exerciseDocument.js").Exercise} Exercise */

/** By what is asked for: the title, and what is to be done. @type {Map<string, [string, string]>} */
const TASKS = new Map([
  ["values", ["Fill in the values", "From the inputs down, one value at a time."]],
  ["forward", ["Fill in the forward sweep", "From the inputs down, one tangent at a time."]],
  ["reverse", ["Fill in the return sweep", "From y up to the inputs, one adjoint at a time."]],
  [
    "operations",
    ["Write the evaluation trace", "One operation a row, of the rows above it: v1*v0."],
  ],
  [
    "order",
    ["Put the trace in order", "Which row of the trace is each operation? Python's order counts."],
  ],
  ["contributions", ["What does each row send back?", "From y up, one product for each operand."]],
  ["partials", ["Fill in the local partials", "One for each operand of each row, as a number."]],
  ["formulas", ["Write the local partials", "As formulas of rows and inputs: 1/v0, cos(x1)."]],
  ["jacobian", ["Fill in the Jacobian", "The derivative of each output in each input."]],
  [
    "jvp",
    ["Multiply the Jacobian by a vector", "J r: the vector is given as tangents of the inputs."],
  ],
  [
    "vjp",
    ["Multiply a vector by the Jacobian", "rᵀ J: the vector is given as adjoints of the outputs."],
  ],
  ["counts", ["Count the work", "In operations, and in passes."]],
  ["mode", ["Choose the mode", "Which needs fewer passes for the whole Jacobian, and why?"]],
  ["unreached", ["Find what does not count", "Which row does no output depend on?"]],
  ["step", ["Choose the step", "The power of h in each error, and the best step of these."]],
  ["paper", ["Mark this paper", "Somebody's solution: say of each line what is wrong with it."]],
]);
const MOST_INPUTS = 8;

/** A label apart: "Exercise 3.2: Your turn". @param {{ask: string, title: string}} exercise */
export function headingOf({ ask, title }) {
  const { label, rest } = withoutLabel(title);
  return { ask, label, title: rest || (TASKS.get(ask)?.[0] ?? "Fill in what is missing") };
}

/** A title without the label in front of it, as in "Problem 1: shapes". @param {string} title */
export function withoutLabel(title) {
  const [, label = "", rest = title] = /^(\w+ \d[\d.]*): +(.+)$/.exec(title) ?? [];
  return { label, rest };
}

/** @param {Exercise} exercise */
export function createTask({ ask, inputs, source, digits, cells, blanks, holdsAnswers }) {
  const numbers = inputs.slice(0, MOST_INPUTS).map(({ number }) => formatNumber(number, digits));
  if (inputs.length > numbers.length) numbers.push("…");
  // Arrays stand in the table.
  const isArray = inputs.some(({ name }) => name.includes("["));
  const at = numbers.length > 0 && !isArray ? `at (${numbers.join(", ")}). ` : "";
  const task = TASKS.get(ask)?.[1] ?? "Fill in what is missing.";
  const isNumber = blanks.some((place) => cells[place].kind === "number");
  const fractions = isNumber ? " A fraction such as 1/3 may stay one." : "";
  const graded = holdsAnswers ? "" : " Answers are checked where they are handed in.";
  return html(
    "div",
    { class: "adviz-task" },
    ...(source ? [html("pre", { class: "adviz-scroll" }, html("code", {}, source))] : []),
    html("p", {}, `${at}${task}${fractions}${graded}`),
  );
}
