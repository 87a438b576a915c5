// @ts-check
/** The menu at the end of the header: what is needed less often, and the keys. */
import { focusedFrom, html } from "./dom.js";

const LINK = "Copy link to this step";
const KEYS = [
  ["← →", "step back, step on"],
  ["Shift ← →", "to the next pass of a loop, or call"],
  ["Home End", "first step, last step"],
  ["Space", "play, pause"],
  ["[ ]", "pass before, next pass"],
  ["Enter Esc", "open a call, fold it"],
  ["P", "predict"],
  ["F", "fit the graph"],
];
const FIELD_KEYS = [
  ["↑ ↓", "one step; Shift ten, Alt a tenth"],
  ["Enter", "type, and take what was typed"],
  ["Esc", "the old value back"],
];

/**
 * @param {object} reader
 * @param {() => void} reader.reset  inputs and seeds as they were
 * @param {(() => string) | null} reader.link  to this step; null where the page has no address for it
 * @param {(text: string) => void} reader.say
 */
export function createMenu({ reset, link, say }) {
  const summary = html("summary", { "aria-label": "Menu", title: "Menu" }, "⋯");
  const resetButton = button("Reset inputs and seeds", () => {
    close();
    reset();
    say("Inputs and seeds are as they were.");
  });
  const linkButton = button(LINK, copyLink);
  const items = html("div", { class: "adviz-items" }, resetButton, ...(link ? [linkButton] : []));
  const panel = html(
    "div",
    { class: "adviz-menu-panel", tabindex: -1 },
    items,
    keyList("Keys", KEYS),
    keyList("In a number", FIELD_KEYS),
  );
  const element = /** @type {HTMLDetailsElement} */ (
    html("details", { class: "adviz-menu" }, summary, panel)
  );

  async function copyLink() {
    if (!link) return;
    try {
      await navigator.clipboard.writeText(link());
      linkButton.textContent = "Link copied";
    } catch {
      linkButton.textContent = "Copy the page's address: it leads here";
    }
    say(linkButton.textContent);
  }

  function close() {
    if (panel.contains(focusedFrom(panel))) summary.focus();
    element.open = false;
    linkButton.textContent = LINK;
  }

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    close();
    event.preventDefault();
    event.stopPropagation();
  });
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && element.contains(relatedTarget))) close();
  });

  return {
    element,
    /** For what others put into the menu. */
    items,
    close,
  };
}

/** @param {string} text @param {() => void} act */
function button(text, act) {
  const made = html("button", { type: "button" }, text);
  made.addEventListener("click", act);
  return made;
}

/** @param {string} title @param {string[][]} keys */
function keyList(title, keys) {
  const entries = keys.flatMap(([names, meaning]) => [
    html("dt", {}, ...names.split(" ").map((name) => html("kbd", {}, name))),
    html("dd", {}, meaning),
  ]);
  return html("div", {}, html("h3", {}, title), html("dl", {}, ...entries));
}
