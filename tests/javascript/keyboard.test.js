// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf } from "../../adviz/player/keyboard.js";

/**
 * As much of an element as keys depend on.
 * @param {string} tag
 * @param {boolean} [scrolls]  whether it is a panel wider than its place
 */
function element(tag, scrolls = false) {
  return /** @type {HTMLElement} */ (
    /** @type {unknown} */ ({
      matches: (/** @type {string} */ selector) => selector.split(", ").includes(tag),
      classList: { contains: (/** @type {string} */ name) => scrolls && name === "adviz-scroll" },
      scrollWidth: scrolls ? 500 : 100,
      clientWidth: 100,
    })
  );
}

const KEYS = ["ArrowLeft", "ArrowRight", "Home", "End", " ", "Enter", "Escape", "x", "constructor"];

/** @param {HTMLElement} target @param {HTMLElement} [slider] */
function commands(target, slider = element("input")) {
  return KEYS.map((key) => commandOf(key, target, slider));
}

test("keys step, play, and go into and out of calls", () => {
  assert.deepEqual(commands(element("div")), [
    "previous",
    "next",
    "first",
    "last",
    "play",
    "open",
    "close",
    null,
    null,
  ]);
});

test("fields keep their keys", () => {
  for (const tag of ["input", "select"]) {
    assert.deepEqual(
      commands(element(tag)),
      KEYS.map(() => null),
    );
  }
});

test("the slider of the steps keeps its keys, but has no use for Enter and Escape", () => {
  const slider = element("input");
  assert.deepEqual(
    commands(slider, slider).filter((command) => command),
    ["open", "close"],
  );
});

test("a button keeps the keys that press it", () => {
  const kept = KEYS.filter((_, i) => commands(element("button"))[i] === null);
  assert.deepEqual(kept, [" ", "Enter", "x", "constructor"]);
});

test("a panel that scrolls sideways keeps the arrow keys", () => {
  const kept = KEYS.filter((_, i) => commands(element("div", true))[i] === null);
  assert.deepEqual(kept, ["ArrowLeft", "ArrowRight", "x", "constructor"]);
});
