// @ts-check
/** The live region, where screen readers hear what has changed. */
import { html } from "./dom.js";

export function createAnnouncer() {
  const element = html("div", { class: "adviz-unseen", role: "status" });
  return {
    element,
    /** @param {string} text */
    say(text) {
      element.textContent = text;
    },
  };
}
