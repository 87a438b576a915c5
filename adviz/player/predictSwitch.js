// @ts-check
/** The switch in the header, and the tally beside the controls. */
import { html } from "./dom.js";

/** @param {(on: boolean) => void} turn */
export function createPredictSwitch(turn) {
  const knob = html("span", { class: "adviz-knob", "aria-hidden": true });
  const element = html(
    "button",
    { type: "button", role: "switch", class: "adviz-switch", title: "Predict each step (P)" },
    html("span", {}, "Predict"),
    knob,
  );
  element.addEventListener("click", () => turn(element.getAttribute("aria-checked") !== "true"));
  const tally = html("span", { class: "adviz-tally" });
  return {
    element,
    tally,
    /** @param {boolean} isOn @param {import("./predictions.js").Tally} counts */
    show(isOn, { first, later, shown }) {
      element.setAttribute("aria-checked", String(isOn));
      const all = first + later + shown;
      tally.textContent = isOn && all > 0 ? `${first} of ${all} first try` : "";
    },
  };
}
