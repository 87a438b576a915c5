// @ts-check
/** The live region, where screen readers hear what has changed. */
import { html } from "./dom.js";

const SECONDS_BETWEEN_ANNOUNCEMENTS = 3;

export function createAnnouncer() {
  const element = html("div", { class: "adviz-unseen", role: "status" });
  let last = 0;
  return {
    element,
    /**
     * @param {string} text
     * @param {boolean} isPlaying  while it plays, not every step is announced
     */
    say(text, isPlaying) {
      const now = Date.now();
      if (isPlaying && now - last < 1000 * SECONDS_BETWEEN_ANNOUNCEMENTS) return;
      last = now;
      element.textContent = text;
    },
  };
}
