// @ts-check
/** The call at the head of the player, f(x₁ = 3, x₂ = −4) = −17.0986, whose inputs are fields. */
import { barriersTo, barrierTo } from "./barriers.js";
import { html } from "./dom.js";
import { createDragScale } from "./dragScale.js";
import { mathml } from "./math.js";
import { arrayEntries } from "./matrices.js";
import { formatNumber } from "./number.js";
import { readComplex, stepped, stepSize } from "./numberEntry.js";
import { createNumberField } from "./numberField.js";
import { functionName, noComplexText, noNumberText, stopText } from "./reasons.js";
import { speak } from "./speech.js";
import { stopBetween } from "./stops.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Site} Site
 * @typedef {import("./trace.js").ArrayValue} ArrayValue
 * @typedef {import("./playhead.js").Playhead} Playhead
 * @typedef {import("./math.js").Formula} Formula
 * @typedef {import("./note.js").Note} Note
 * @typedef {import("./numberField.js").NumberField} NumberField
 * @typedef {(values: (number | [number, number] | null)[]) => void} OnInputs  gets all inputs: the
 *   two parts of a complex number that was typed, null for one that is an array
 */

const MOST_FIELDS = 8;
const FIELDS_BEFORE_CHOICE = 6;
const MOST_CHOICES = 1000;
const MOST_OUTPUTS = 4;
const SURVEY_MILLISECONDS = 6;
const FEWEST_CHARACTERS_OF_RESULT = 9;

/**
 * @param {Trace} trace
 * @param {Playhead} playhead
 * @param {Note} note
 * @param {object} reader
 * @param {(inputs: number[]) => void} reader.setInputs
 * @param {(site: Site | null) => void} reader.markTest
 * @param {() => Element | null} reader.markedTest
 * @param {(text: string) => void} reader.say
 * @param {OnInputs} [onInputs]  a kernel, which traces what the page cannot compute
 */
export function createCall(trace, playhead, note, reader, onInputs) {
  /** @type {Map<number, NumberField>} */
  const fields = new Map();
  /** Where a kernel computes: what has been dragged to, and is asked for when it comes to rest. */
  /** @type {Map<number, number>} */
  const asked = new Map();
  /** @type {{slot: number, isUpward: boolean} | null} */
  let held = null;
  const canChange = trace.isLive || onInputs !== undefined;
  const result = html("b", { class: "adviz-result" });
  const parts = inputParts();
  const element = html(
    "span",
    { class: "adviz-call" },
    html("b", {}, `${trace.function}(`),
    ...parts,
    html("span", { class: "adviz-equals" }, "=", result),
  );

  function inputParts() {
    const shown = trace.inputs.length <= MOST_FIELDS ? MOST_FIELDS : FIELDS_BEFORE_CHOICE;
    const first = trace.inputs.slice(0, shown).map((_, slot) => inputPart(slot));
    const parts = trace.inputs.length > shown ? [...first, choicePart(shown)] : first;
    parts.forEach((part, k) => {
      part.append(html("span", { class: "adviz-comma" }, k < parts.length - 1 ? "," : ")"));
    });
    return parts;
  }

  /** One input: its name and its value. @param {number} slot */
  function inputPart(slot) {
    const name = mathml(/** @type {Formula} */ (trace.inputs[slot].math));
    return html("span", { class: "adviz-input" }, name, "=", valuePart(slot));
  }

  /** A choice among the inputs that have no field of their own. @param {number} first */
  function choicePart(first) {
    const select = /** @type {HTMLSelectElement} */ (
      html("select", { "aria-label": "Other inputs" })
    );
    const others = trace.inputs.slice(first, first + MOST_CHOICES);
    others.forEach(({ text }, i) => {
      select.append(html("option", { value: first + i }, text));
    });
    const place = html("span", {}, valuePart(first));
    select.addEventListener("change", () => {
      for (const slot of fields.keys()) if (slot >= first) fields.delete(slot);
      place.replaceChildren(valuePart(Number(select.value)));
    });
    const count = html("span", { class: "adviz-soft" }, `… ${trace.inputs.length - first} more: `);
    return html("span", { class: "adviz-input" }, count, select, "=", place);
  }

  /** @param {number} slot */
  function valuePart(slot) {
    const value = trace.values[slot];
    if (typeof value === "object") return arrayPart(slot, value);
    const number = asked.get(slot) ?? value;
    if (!canChange) return html("span", { class: "adviz-recorded" }, written(number));
    const field = createNumberField(number, {
      name: `${speak(trace.inputs[slot].text)}, input`,
      digits: trace.digits,
      turn: (wanted, step) => turn(slot, wanted, step, false),
      enter: (typed) => {
        turn(slot, typed, stepSize(playhead.inputs[slot]), true);
        settle(slot);
      },
      settle: () => settle(slot),
      puzzle: (text) => puzzle(slot, text),
      scale: trace.isLive ? scaleOf(slot) : undefined,
    });
    fields.set(slot, field);
    return field.element;
  }

  /** @param {number} slot @param {ArrayValue} value */
  function arrayPart(slot, value) {
    if (value.shape.length === 0) {
      return onInputs && value.pairs
        ? complexPart(slot, value.text)
        : html("span", { class: "adviz-recorded" }, value.text);
    }
    const shape = value.shape.join("×");
    const name = `Entries of ${trace.inputs[slot].text}`;
    const button = html("button", { type: "button", class: "adviz-shape" }, shape);
    button.setAttribute("aria-label", `${name}, ${speak(shape)}`);
    button.addEventListener("click", () => note.open(button, { text: [arrayEntries(value)] }));
    return button;
  }

  /** A complex number to type, at which a kernel traces. @param {number} slot @param {string} text */
  function complexPart(slot, text) {
    const name = `${speak(trace.inputs[slot].text)}, input, complex number`;
    const field = /** @type {HTMLInputElement} */ (
      html("input", { type: "text", class: "adviz-complex", "aria-label": name, value: text })
    );
    field.size = Math.max(4, text.length);
    field.addEventListener("change", () => {
      const typed = readComplex(field.value);
      if (typed) {
        onInputs?.(trace.inputs.map((_, k) => (k === slot ? typed : presentInput(k))));
        return;
      }
      const sentence = noComplexText(field.value);
      note.open(field, { text: [sentence] });
      reader.say(sentence);
    });
    return field;
  }

  /** An input as a kernel is told of it; null for an array, which it knows. @param {number} slot */
  function presentInput(slot) {
    const value = trace.values[slot];
    return typeof value === "object" ? null : value;
  }

  /** @param {number} slot @param {number} value @returns {number[]} all inputs, one exchanged */
  function inputsWith(slot, value) {
    return playhead.inputs.map((input, k) => (k === slot ? value : input));
  }

  // Turning an input

  /** @param {number} slot @param {number} wanted @param {number} step @param {boolean} isTyped */
  function turn(slot, wanted, step, isTyped) {
    if (!trace.isLive) {
      asked.set(slot, wanted);
      fields.get(slot)?.show(wanted);
      return;
    }
    const inputs = inputsWith(slot, wanted);
    const barrier = barrierTo(trace, playhead.inputs, inputs);
    if (!barrier) {
      held = null;
      note.close();
      reader.setInputs(inputs);
      return;
    }
    const present = playhead.inputs[slot];
    const isUpward = wanted > present;
    const isHeld = held?.slot === slot && held.isUpward === isUpward;
    if (!isHeld || isTyped) stopAt(slot, wanted, step, isTyped, barrier);
    else fields.get(slot)?.show(present);
  }

  /**
   * Goes as far as can be gone, and says why no further.
   * @param {number} slot
   * @param {number} wanted
   * @param {number} step
   * @param {boolean} isTyped
   * @param {import("./barriers.js").Barrier} barrier  what stands before the wanted value
   */
  function stopAt(slot, wanted, step, isTyped, barrier) {
    const present = playhead.inputs[slot];
    const isUpward = wanted > present;
    let last = barrier;
    /** @param {number} x */
    const holds = (x) => {
      const found = barrierTo(trace, playhead.inputs, inputsWith(slot, x));
      // ln 0 is an infinity, and yet it is because of the NaN below it that a drag ends here.
      if (found && ("decision" in found || found.isNaN)) last = found;
      return !found;
    };
    const stop = stopBetween(holds, present, wanted, step);
    reader.setInputs(inputsWith(slot, stop.value));
    held = { slot, isUpward };
    const words = stopText(trace, slot, stop, isUpward, last);
    const here = written(stop.value);
    const actions = [{ label: `Stay at ${here}`, act: () => {} }];
    const site = "decision" in last ? last.decision.site : null;
    if (onInputs && "decision" in last) {
      const beyond = stepped(stop.boundary, stop.reached ? (isUpward ? 1 : -1) : 0, step);
      const other = isTyped ? wanted : beyond;
      const label = `Run ${functionName(trace, null)} at ${written(other)}`;
      actions.push({ label, act: () => ask(inputsWith(slot, other)) });
    }
    const field = fields.get(slot);
    if (field) {
      reader.markTest(site);
      const closed = () => {
        held = null;
        reader.markTest(null);
      };
      const text = words.map((part) =>
        typeof part === "string" ? part : html("code", {}, part.code),
      );
      note.open(field.element, { text, actions, closed, about: reader.markedTest });
      const spoken = words.map((part) => (typeof part === "string" ? speak(part) : part.code));
      reader.say(`${speak(trace.inputs[slot].text)} stops at ${speak(here)}. ${spoken.join("")}`);
    }
  }

  /** @param {number} slot */
  function settle(slot) {
    const wanted = asked.get(slot);
    if (wanted !== undefined) {
      ask(trace.inputs.map((_, k) => asked.get(k) ?? Number(trace.values[k])));
    } else if (!held) {
      const input = `${trace.inputs[slot].text} is ${written(playhead.inputs[slot])}`;
      reader.say([speak(input), ...(isHidden ? [] : spokenResults())].join(", "));
    }
  }

  /** Has a kernel trace the function. @param {number[]} inputs */
  function ask(inputs) {
    onInputs?.(inputs.map((input, k) => (typeof trace.values[k] === "object" ? null : input)));
  }

  /** @param {number} slot @param {string} text */
  function puzzle(slot, text) {
    const sentence = noNumberText(text);
    const field = fields.get(slot);
    if (field) note.open(field.element, { text: [sentence] });
    reader.say(sentence);
  }

  /** @param {number} slot */
  function scaleOf(slot) {
    return createDragScale(trace.digits, (values) => {
      const wanted = values.map((value) => inputsWith(slot, value));
      const found = barriersTo(trace, playhead.inputs, wanted, SURVEY_MILLISECONDS);
      return found.map((barrier) =>
        barrier === null ? "free" : "row" in barrier ? "undefined" : "other branch",
      );
    });
  }

  // What is shown

  /** @param {number} x */
  function written(x) {
    return formatNumber(x, trace.digits);
  }

  function spokenResults() {
    const { outputs, values } = trace;
    return outputs.slice(0, MOST_OUTPUTS).map(({ text, row }) => {
      const name = outputs.length === 1 ? trace.function : speak(text);
      return `${name} is ${speak(formatNumber(values[row], trace.digits))}`;
    });
  }

  /** −17.0986, or each output by its name: (y₁ 2, y₂ 3). @returns {(Node | string)[]} */
  function resultParts() {
    const { outputs, values } = trace;
    if (isHidden) return ["?"];
    const numbers = outputs
      .slice(0, MOST_OUTPUTS)
      .map(({ row }) => formatNumber(values[row], trace.digits));
    if (outputs.length === 1) return numbers;
    const named = numbers.flatMap((number, k) => [
      k > 0 ? ", " : "",
      mathml(/** @type {Formula} */ (outputs[k].math)),
      ` ${number}`,
    ]);
    const hidden = outputs.length - numbers.length;
    return ["(", ...named, hidden > 0 ? `, … ${hidden} more)` : ")"];
  }

  let widest = FEWEST_CHARACTERS_OF_RESULT;
  let isHidden = false;

  /** Shows the inputs and the result as they are now. */
  function show() {
    for (const [slot, field] of fields) field.show(asked.get(slot) ?? playhead.inputs[slot]);
    result.replaceChildren(...resultParts());
    // It never shrinks, so that what stands beside it keeps its place.
    widest = Math.max(widest, result.textContent.length);
    result.style.minWidth = `min(${widest}ch, 100%)`;
  }

  return {
    element,
    show,
    /** Keeps the result back, from who is to find it. @param {boolean} hidden */
    hideResult(hidden) {
      if (hidden === isHidden) return;
      isHidden = hidden;
      show();
    },
  };
}
