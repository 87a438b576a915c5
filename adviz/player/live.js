// @ts-check
/** The player with a kernel behind it: inputs typed here are traced afresh there. */
import { html } from "./dom.js";
import { focusAt, focusIn } from "./focus.js";
import { mount } from "./player.js";

/**
 * The part of anywidget's model that is used here.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, listen: () => void) => void} on
 * @property {(event: string, listen: () => void) => void} off
 */

/**
 * Called by anywidget for each place the widget is shown in.
 * @param {{model: Model, el: HTMLElement}} host
 * @returns {() => void} what ends it
 */
export function render({ model, el }) {
  const stage = html("div");
  const problem = html("p", { class: "adviz-live-problem", role: "alert" });
  el.append(stage, problem);
  let player = open({});

  /** @param {import("./player.js").Options} at */
  function open(at) {
    return mount(stage, model.get("document"), { ...at, onInputs });
  }

  /** @param {(number | null)[]} values */
  function onInputs(values) {
    model.set("inputs", values);
    model.save_changes();
  }

  function reopen() {
    // The inputs are those of the new document.
    const { inputs: _, ...at } = player.position();
    const focus = focusIn(stage);
    player.destroy();
    player = open(at);
    focusAt(stage, focus);
  }

  function showProblem() {
    problem.textContent = model.get("problem");
  }

  model.on("change:document", reopen);
  model.on("change:problem", showProblem);
  return () => {
    model.off("change:document", reopen);
    model.off("change:problem", showProblem);
    player.destroy();
  };
}
