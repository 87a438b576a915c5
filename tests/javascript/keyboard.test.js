// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf } from "../../adviz/player/keyboard.js";

/**
 * As much of an element as keys depend on.
 * @param {string} tag
 * @param {{type?: string, isWide?: boolean}} [properties]  isWide: whether it is a panel wider than
 *   its place
 */
function element(tag, { type = "", isWide = false } = {}) {
  const names = [tag, `${tag}[type=${type}]`];
  return /** @type {HTMLElement} */ (
    /** @type {unknown} */ ({
      matches: (/** @type {string} */ selectors) =>
        selectors.split(", ").some((selector) => names.includes(selector)),
      classList: { contains: (/** @type {string} */ name) => isWide && name === "adviz-scroll" },
      scrollWidth: isWide ? 500 : 100,
      clientWidth: 100,
    })
  );
}

/** @type {[string, import("../../adviz/player/keyboard.js").Command | null][]} */
const MEANINGS = [
  ["ArrowLeft", "previous"],
  ["ArrowRight", "next"],
  ["Home", "first"],
  ["End", "last"],
  [" ", "play"],
  ["Enter", "open"],
  ["Escape", "close"],
  ["[", "pass before"],
  ["]", "next pass"],
  ["p", "predict"],
  ["P", "predict"],
  ["f", "fit"],
  ["x", null],
  ["constructor", null],
];

/**
 * Checks that a target keeps some keys, and leaves all others to the player.
 * @param {HTMLElement} target
 * @param {string[]} kept
 * @param {HTMLElement} [slider]
 */
function assertKeeps(target, kept, slider = element("input", { type: "range" })) {
  for (const [key, meaning] of MEANINGS) {
    const expected = kept.includes(key) ? null : meaning;
    assert.equal(commandOf(key, target, slider), expected, key);
  }
}

test("keys step, play, change the pass, and go into and out of calls", () => {
  assertKeeps(element("div"), []);
});

test("fields keep their keys", () => {
  const all = MEANINGS.map(([key]) => key);
  assertKeeps(element("input", { type: "text" }), all);
  assertKeeps(element("select"), all);
});

test("a choice of one keeps the arrows, and what can be switched keeps the space bar", () => {
  assertKeeps(element("input", { type: "radio" }), ["ArrowLeft", "ArrowRight", " "]);
  assertKeeps(element("input", { type: "checkbox" }), [" "]);
});

test("the slider of the steps keeps the keys that move it", () => {
  const slider = element("input", { type: "range" });
  assertKeeps(slider, ["ArrowLeft", "ArrowRight", "Home", "End"], slider);
});

test("a button keeps the keys that press it", () => {
  assertKeeps(element("button"), [" ", "Enter"]);
  assertKeeps(element("summary"), [" ", "Enter"]);
});

test("a panel that scrolls sideways keeps the arrow keys", () => {
  assertKeeps(element("div", { isWide: true }), ["ArrowLeft", "ArrowRight"]);
});
