// @ts-check
/** The bar above the player: the function, the pass, what is seeded, the inputs. */
import { html } from "./dom.js";
import { accented, mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { onlySeed } from "./seeds.js";
import { unit } from "./sweeps.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./playhead.js").Playhead} Playhead
 * @typedef {(values: (number | null)[]) => void} OnInputs  gets all inputs, null for one that is an
 *   array
 */

const MOST_INPUTS_SHOWN = 8;
const MOST_CHOICES = 1000;
/** @type {Pass[]} */
const PASSES = ["primal", "forward", "reverse"];

/**
 * @param {Trace} trace
 * @param {Playhead} playhead
 * @param {(pass: Pass, direction?: number[], weights?: number[]) => void} choose
 * @param {OnInputs} [onInputs]  where it is left out, inputs cannot be typed
 */
export function createHeader(trace, playhead, choose, onInputs) {
  const seeds = choice(
    "seed",
    trace.inputs.map((input, slot) => seedText(input, "˙", "tangent", trace.values[slot])),
    Math.max(0, onlySeed(playhead.direction)),
    (input) => choose(playhead.pass, unit(input, trace.inputs.length)),
  );
  const pulls = choice(
    "pull back",
    trace.outputs.map((output) => seedText(output, "¯", "adjoint", trace.values[output.row])),
    Math.max(0, onlySeed(playhead.weights)),
    (output) => choose(playhead.pass, playhead.direction, unit(output, trace.outputs.length)),
  );
  const fields = trace.inputs
    .slice(0, MOST_INPUTS_SHOWN)
    .map(({ text }, slot) => inputField(trace, text, slot, onInputs));
  const hidden = trace.inputs.length - fields.length;
  if (hidden > 0) fields.push(html("span", { class: "adviz-field" }, `… ${hidden} more`));
  const element = html(
    "div",
    { class: "adviz-bar" },
    html("span", { class: "adviz-name" }, signature(trace)),
    passChoice(playhead.pass, (pass) => choose(pass)),
    seeds,
    pulls,
    ...fields,
  );

  return {
    element,
    /** Offers what the pass can be seeded with. */
    show() {
      seeds.hidden = playhead.pass !== "forward";
      pulls.hidden = playhead.pass !== "reverse";
    },
  };
}

/** The function as it is called: f(x₁, x₂). @param {Trace} trace */
export function signature(trace) {
  const names = trace.inputs.slice(0, MOST_INPUTS_SHOWN).map(({ text }) => text);
  if (trace.inputs.length > names.length) names.push("…");
  return `${trace.function}(${names.join(", ")})`;
}

/** @param {Pass} chosen @param {(pass: Pass) => void} pick */
function passChoice(chosen, pick) {
  // Counting would not do: a page can hold several copies of this module, one for each live player.
  const name = `adviz-${Math.random().toString(36).slice(2)}`;
  const labels = PASSES.map((pass) => {
    const radio = html("input", { type: "radio", name, value: pass, checked: pass === chosen });
    radio.addEventListener("change", () => pick(pass));
    return html("label", {}, radio, html("span", {}, pass.charAt(0).toUpperCase() + pass.slice(1)));
  });
  return html(
    "div",
    { class: "adviz-passes", role: "radiogroup", "aria-label": "Pass" },
    ...labels,
  );
}

/**
 * The value of an input: a field where other values can be typed, a text where they cannot.
 * @param {Trace} trace
 * @param {string} text
 * @param {number} slot
 * @param {OnInputs} [onInputs]
 */
function inputField(trace, text, slot, onInputs) {
  const present = trace.values[slot];
  if (!onInputs || typeof present === "object") {
    return html(
      "span",
      { class: "adviz-field" },
      `${text} `,
      html("b", {}, formatNumber(present, trace.digits)),
    );
  }
  const numbers = trace.inputs.map((_, k) =>
    typeof trace.values[k] === "number" ? Number(trace.values[k]) : null,
  );
  const field = /** @type {HTMLInputElement} */ (
    html("input", { type: "number", step: "any", value: present })
  );
  field.addEventListener("change", () => {
    const value = field.valueAsNumber;
    if (Number.isFinite(value)) onInputs(numbers.map((number, k) => (k === slot ? value : number)));
    else field.value = String(present);
  });
  return html("label", { class: "adviz-field" }, `${text} `, field);
}

/**
 * A choice among seeds; a text where there is only one.
 * @param {string} name
 * @param {string[]} texts
 * @param {number} chosen
 * @param {(i: number) => void} pick
 */
function choice(name, texts, chosen, pick) {
  if (texts.length === 1) {
    return html("span", { class: "adviz-field" }, `${name} `, html("b", {}, texts[0]));
  }
  const select = /** @type {HTMLSelectElement} */ (html("select"));
  for (const [i, text] of texts.slice(0, MOST_CHOICES).entries()) {
    select.append(html("option", { value: i }, text));
  }
  select.selectedIndex = chosen;
  select.addEventListener("change", () => pick(select.selectedIndex));
  return html("label", { class: "adviz-field" }, `${name} `, select);
}

/**
 * ẋ₁ = 1, or in words where an accent would not cover the name: tangent of rate = 1.
 * @param {{math: unknown, text: string}} variable
 * @param {string} accent
 * @param {string} word
 * @param {Quantity} value
 */
function seedText({ math, text }, accent, word, value) {
  const short = /^.[₀-₉]*$/u.test(text);
  const one = typeof value === "number" ? "1" : "ones";
  return short ? `${mathText(accented(math, accent))} = ${one}` : `${word} of ${text} = ${one}`;
}
