// @ts-check
/**
 * The player with a kernel behind it. The page computes other inputs as long as the trace holds at
 * them, and tells the kernel where it has come to rest; beyond, the kernel traces the function.
 */
import { html } from "./dom.js";
import { focusAt, focusIn } from "./focus.js";
import { mount } from "./player.js";

const REST_MILLISECONDS = 200;

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
  let rest = 0; // the timer of what follows once the page rests
  let player = open({});

  /** @param {import("./player.js").Options} at */
  function open(at) {
    const inputs = model.get("inputs");
    return mount(stage, model.get("document"), { ...at, inputs, onInputs, onMove: follow });
  }

  /** Lets the kernel's trace follow what the page has computed, once that rests. */
  function follow() {
    clearTimeout(rest);
    rest = setTimeout(() => {
      const { inputs } = player.position();
      if (!inputs || String(inputs) === String(model.get("inputs"))) return;
      model.set("computed", inputs);
      model.save_changes();
    }, REST_MILLISECONDS);
  }

  /** @param {(number | [number, number] | null)[]} values */
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
    clearTimeout(rest);
    model.off("change:document", reopen);
    model.off("change:problem", showProblem);
    player.destroy();
  };
}
