// @ts-check
/** What an exercise asks for, in words: its title, the function, where it is evaluated, what is to be done. */
import { html } from "./dom.js";
import { formatNumber } from "./number.js";

/** @typedef {import("./exerciseDocument.js").Exercise} Exercise */

/** By what is asked for: the title, and what is to be done. @type {Map<string, [string, string]>} */
const TASKS = new Map([
  [
    "operations",
    ["Write the trace", "From the inputs down, one operation on earlier rows in each."],
  ],
  ["values", ["Fill in the values", "From the inputs down, one value at a time."]],
  ["forward", ["Fill in the forward sweep", "From the inputs down, one tangent at a time."]],
  ["reverse", ["Fill in the return sweep", "From y up to the inputs, one adjoint at a time."]],
  [
    "contributions",
    ["Fill in the contributions", "From y up: what each use sends back, one product at a time."],
  ],
  [
    "partials",
    ["Fill in the local partials", "Each is the slope of one operation in one operand."],
  ],
  [
    "formulas",
    ["Write the local partials", "Each is a formula in the names of rows, such as v2*cos(v1)."],
  ],
  [
    "jacobian",
    ["Fill in the Jacobian", "Each entry is the derivative of one output by one input."],
  ],
  ["jvp", ["Multiply by the Jacobian", "Each output's tangent, from the tangents of the inputs."]],
  ["vjp", ["Multiply the Jacobian", "Each input's adjoint, from the adjoints of the outputs."]],
  ["counts", ["Count the work", "Operations and passes, as whole numbers."]],
  ["mode", ["Choose a mode", "Which mode is cheaper for the whole Jacobian, and why?"]],
  ["unreached", ["Find what is not reached", "Through which row does the derivative not go?"]],
  ["step", ["Choose a step", "The order of each error, and the step that is near the best."]],
]);
const MOST_INPUTS = 8;

/** A label apart: "Exercise 3.2: Your turn". @param {Exercise} exercise */
export function headingOf({ ask, title }) {
  const [, label = "", rest = title] = /^(\w+ \d[\d.]*): +(.+)$/.exec(title) ?? [];
  return { ask, label, title: rest || (TASKS.get(ask)?.[0] ?? "Fill in what is missing") };
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
