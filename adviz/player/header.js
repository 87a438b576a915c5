// @ts-check
/** The bar above the player: the call, the pass, what it is seeded with, the menu. */
import { createCall } from "./call.js";
import { html } from "./dom.js";
import { createMenu } from "./menu.js";
import { createNote } from "./note.js";
import { recordingText } from "./reasons.js";
import { createSeedFields } from "./seedFields.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./trace.js").Site} Site
 * @typedef {import("./playhead.js").Playhead} Playhead
 * @typedef {import("./call.js").OnInputs} OnInputs
 */

const MOST_NAMES = 8;

/**
 * What the reader may do in the header.
 * @typedef {object} Reader
 * @property {(pass: Pass) => void} choose
 * @property {(inputs: number[]) => void} setInputs
 * @property {(direction: number[]) => void} setDirection
 * @property {(weights: number[]) => void} setWeights
 * @property {() => void} reset  inputs and seeds as they were
 * @property {(site: Site | null) => void} markTest  in the source, while a note tells of it
 * @property {() => Element | null} markedTest
 * @property {(text: string) => void} say  to who listens
 * @property {(() => string) | null} link  to this step; null where the page has no address for it
 */

/**
 * @param {Trace} trace
 * @param {Playhead} playhead
 * @param {Reader} reader
 * @param {OnInputs} [onInputs]  a kernel, which traces what the page cannot compute
 */
export function createHeader(trace, playhead, reader, onInputs) {
  const element = html("div", { class: "adviz-bar" });
  const note = createNote(element);
  const call = createCall(trace, playhead, note, reader, onInputs);
  const passes = passChoice(trace.view.passes, reader.choose);
  const direction = createSeedFields(trace, note, {
    pass: "forward",
    variables: trace.inputs,
    present: () => playhead.direction,
    set: reader.setDirection,
    say: reader.say,
  });
  const weights = createSeedFields(trace, note, {
    pass: "reverse",
    variables: trace.outputs,
    present: () => playhead.weights,
    set: reader.setWeights,
    say: reader.say,
  });
  const menu = createMenu(reader);
  const end = html("span", { class: "adviz-end" });
  const parts = html(
    "div",
    { class: "adviz-parts" },
    call.element,
    ...(trace.recording && !onInputs ? [recordingPart(recordingText(trace.recording))] : []),
    ...(trace.view.passes.length > 1 ? [passes.element] : []),
    direction.element,
    weights.element,
  );
  element.append(parts, html("span", { class: "adviz-ends" }, end, menu.element));

  /** A quiet word that tells, where it is pressed, why nothing can be changed. @param {string} why */
  function recordingPart(why) {
    const button = html("button", { type: "button", class: "adviz-recording" }, "recording");
    button.addEventListener("click", () => {
      note.open(button, { text: [why] });
      reader.say(why);
    });
    return button;
  }

  return {
    element,
    /** A place for what else the header may hold, such as a switch. */
    end,
    /** A place in the menu. */
    menuItems: menu.items,
    hideResult: call.hideResult,
    place: note.place,
    /** Shows the inputs, the pass and its seeds as they are now. */
    show() {
      call.show();
      passes.show(playhead.pass);
      direction.element.hidden = playhead.pass !== "forward";
      weights.element.hidden = playhead.pass !== "reverse";
      direction.show();
      weights.show();
    },
  };
}

/** The function as it is called: f(x₁, x₂). @param {Trace} trace */
export function signature(trace) {
  const names = trace.inputs.slice(0, MOST_NAMES).map(({ text }) => text);
  if (trace.inputs.length > names.length) names.push("…");
  return `${trace.function}(${names.join(", ")})`;
}

/** @param {Pass[]} offered @param {(pass: Pass) => void} choose */
function passChoice(offered, choose) {
  // Counting would not do: a page can hold several copies of this module, one for each live player.
  const name = `adviz-${Math.random().toString(36).slice(2)}`;
  const radios = offered.map((pass) => {
    const radio = /** @type {HTMLInputElement} */ (
      html("input", { type: "radio", name, value: pass })
    );
    radio.addEventListener("change", () => choose(pass));
    return radio;
  });
  const labels = radios.map((radio) => {
    const text = radio.value.charAt(0).toUpperCase() + radio.value.slice(1);
    return html("label", {}, radio, html("span", {}, text));
  });
  return {
    element: html(
      "div",
      { class: "adviz-passes", role: "radiogroup", "aria-label": "Pass" },
      ...labels,
    ),
    /** @param {Pass} pass */
    show(pass) {
      for (const radio of radios) radio.checked = radio.value === pass;
    },
  };
}
