// @ts-check
/** What a pass is seeded with: a direction of the inputs, or a weight for each output. */
import { unknownIn } from "./arraySweeps.js";
import { html } from "./dom.js";
import { ACCENTS } from "./formulas.js";
import { accented, mathml, mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { createNumberField } from "./numberField.js";
import { fixedSeedsText, noNumberText } from "./reasons.js";
import { onlySeed } from "./seeds.js";
import { speak } from "./speech.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Input} Input
 * @typedef {import("./numberField.js").NumberField} NumberField
 */

const MOST_FIELDS = 8;
const MOST_CHOICES = 1000;

/**
 * The seeds of the forward pass, or of the reverse pass.
 * @typedef {object} Kind
 * @property {"forward" | "reverse"} pass
 * @property {Input[]} variables  what can be seeded
 * @property {() => number[]} present  one number each
 * @property {(seeds: number[]) => void} set
 * @property {(text: string) => void} say
 */

/**
 * @param {Trace} trace
 * @param {import("./note.js").Note} note
 * @param {Kind} kind
 */
export function createSeedFields(trace, note, kind) {
  const { pass, variables, present, set, say } = kind;
  const verb = pass === "forward" ? "push" : "pull back";
  const noun = pass === "forward" ? "tangent" : "adjoint";
  // Where the page cannot compute the pass for other seeds, one of those recorded is chosen.
  const unknown = trace.sweeps ? unknownIn(trace, pass) : null;
  const isFixed = unknown !== null;
  const isChosen = isFixed || variables.length > MOST_FIELDS;
  /** @type {NumberField[]} */
  const fields = isChosen ? [] : variables.map((_, k) => seedField(k));
  const other = /** @type {HTMLOptionElement} */ (html("option", { value: -1 }, "other seeds"));
  const select = /** @type {HTMLSelectElement | null} */ (isChosen ? choice() : null);
  const element = html(
    "span",
    { class: "adviz-seeds", role: "group", "aria-label": `${verb}: the seed` },
    verb,
    ...(select ? [select] : fieldParts()),
    ...(unknown ? [fixedPart(fixedSeedsText(pass, unknown))] : []),
  );

  /** A quiet word that tells, where it is pressed, why no seed can be typed. @param {string} why */
  function fixedPart(why) {
    const button = html("button", { type: "button", class: "adviz-recording" }, "fixed");
    button.addEventListener("click", () => {
      note.open(button, { text: [why] });
      say(why);
    });
    return button;
  }

  /** @param {number} k */
  function seedField(k) {
    const name = `${noun} of ${speak(variables[k].text)}`;
    const settle = () => say(`${name} is ${speak(formatNumber(present()[k], trace.digits))}`);
    const field = createNumberField(present()[k], {
      name: `${name}, seed`,
      digits: trace.digits,
      turn: (wanted) => take(k, wanted, field),
      enter(typed) {
        if (take(k, typed, field)) settle();
      },
      settle,
      puzzle: (text) => object(noNumberText(text), field),
    });
    return field;
  }

  /** @param {number} k @param {number} wanted @param {NumberField} field @returns {boolean} */
  function take(k, wanted, field) {
    const seeds = present().map((seed, i) => (i === k ? wanted : seed));
    const isPossible = pass === "forward" || seeds.some((seed) => seed !== 0);
    if (isPossible) {
      note.close();
      set(seeds);
    } else {
      object("One output at least needs a weight other than 0.", field);
    }
    return isPossible;
  }

  /** @param {string} text @param {NumberField} field */
  function object(text, field) {
    note.open(field.element, { text: [text] });
    say(text);
  }

  /** ẋ = (1, 0) where all are called x; ṙ = 1, θ̇ = 0 otherwise. */
  function fieldParts() {
    const letter = commonLetter(variables);
    if (letter && !variables.some((_, k) => isArray(k))) {
      const listed = fields.map(({ element: field }, k) =>
        html("span", { class: "adviz-seed" }, field, k < fields.length - 1 ? "," : ")"),
      );
      return [mathml(accented(letter, ACCENTS[pass])), "= (", ...listed];
    }
    return fields.map(({ element: field }, k) => {
      const name = mathml(accented(variables[k].math, ACCENTS[pass]));
      const entries = isArray(k) ? [" in every entry"] : [];
      const comma = k < fields.length - 1 ? [","] : [];
      return html("span", { class: "adviz-seed" }, name, "=", field, ...entries, ...comma);
    });
  }

  function choice() {
    const made = html("select", { "aria-label": noun === "tangent" ? "seed" : "pull back" });
    variables.slice(0, MOST_CHOICES).forEach((variable, k) => {
      const one = isArray(k) ? "ones" : "1";
      // An accent does not cover a longer name.
      const isShort = /^.[₀-₉]*$/u.test(variable.text);
      const name = isShort
        ? mathText(accented(variable.math, ACCENTS[pass]))
        : `${noun} of ${variable.text}`;
      made.append(html("option", { value: k }, `${name} = ${one}`));
    });
    other.disabled = true;
    made.append(other);
    made.addEventListener("change", () => {
      const chosen = Number(/** @type {HTMLSelectElement} */ (made).value);
      set(variables.map((_, k) => (k === chosen ? 1 : 0)));
    });
    return made;
  }

  /** @param {number} k */
  function isArray(k) {
    return typeof trace.values[pass === "forward" ? k : trace.outputs[k].row] === "object";
  }

  return {
    element,
    show() {
      const seeds = present();
      fields.forEach((field, k) => {
        field.show(seeds[k]);
      });
      if (!select) return;
      // Such as come with an address.
      const isOther = !isFixed && onlySeed(seeds) < 0;
      other.hidden = !isOther;
      if (isOther) other.selected = true;
      else select.selectedIndex = seeds.findIndex((seed) => seed !== 0);
    },
  };
}

/**
 * The letter of x₁, x₂, …; null where they have no letter in common, or there is but one.
 * @param {Input[]} variables
 * @returns {unknown}
 */
function commonLetter(variables) {
  const letters = variables.map(({ math }) =>
    Array.isArray(math) && math[0] === "msub" ? mathText(math[1]) : null,
  );
  const isCommon = letters.every((letter) => letter !== null && letter === letters[0]);
  const [first] = variables;
  return isCommon && letters.length > 1 && Array.isArray(first.math) ? first.math[1] : null;
}
