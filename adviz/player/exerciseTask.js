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
]);
const MOST_INPUTS = 8;

/** A label apart: "Exercise 3.2: Your turn". @param {Exercise} exercise */
export function headingOf({ ask, title }) {
  const [, label = "", rest = title] = /^(\w+ \d[\d.]*): +(.+)$/.exec(title) ?? [];
  return { ask, label, title: rest || (TASKS.get(ask)?.[0] ?? "Fill in what is missing") };
}

/** @param {Exercise} exercise */
export function createTask({ ask, inputs, source, digits, cells, blanks }) {
  const numbers = inputs.slice(0, MOST_INPUTS).map(({ number }) => formatNumber(number, digits));
  if (inputs.length > numbers.length) numbers.push("…");
  const at = numbers.length > 0 ? `at (${numbers.join(", ")}). ` : "";
  const task = TASKS.get(ask)?.[1] ?? "Fill in what is missing.";
  const isNumber = blanks.some((place) => cells[place].kind === "number");
  const fractions = isNumber ? " A fraction such as 1/3 may stay one." : "";
  return html(
    "div",
    { class: "adviz-task" },
    ...(source ? [html("pre", { class: "adviz-scroll" }, html("code", {}, source))] : []),
    html("p", {}, `${at}${task}${fractions}`),
  );
}
