// @ts-check
/** The keys of the player, wherever in it the focus is. */
import { focusedFrom } from "./dom.js";

/**
 * @typedef {"previous" | "next" | "first" | "last" | "play" | "open" | "close" | "pass before" |
 *   "next pass" | "group before" | "next group" | "predict" | "fit"} Command
 */

/** @type {Map<string, Command>} */
const COMMANDS = new Map([
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
  ["f", "fit"],
]);

/**
 * @param {HTMLElement} element  the player
 * @param {HTMLElement} slider  of the steps
 * @param {(command: Command) => boolean} perform  returns whether there was anything to do
 */
export function listenToKeys(element, slider, perform) {
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Some keys of a notebook around the player delete cells: keys typed in here do not get there.
    event.stopPropagation();
    if (event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const command = commandOf(event.key, target, slider, event.shiftKey);
    const isDone = command !== null && perform(command);
    const leaves = event.key === "Escape" && !isDone;
    if (leaves) leave(element);
    if (isDone || leaves) event.preventDefault();
  });
}

/**
 * What a key means; null where it is left to the element that has the focus.
 * @param {string} key
 * @param {HTMLElement} target  what has the focus
 * @param {HTMLElement} slider
 * @param {boolean} [isShifted]  with the arrows: by pass of a loop, or by call
 * @returns {Command | null}
 */
export function commandOf(key, target, slider, isShifted = false) {
  if (isShifted && (target === slider || !isKept(key, target, slider))) {
    if (key === "ArrowLeft") return "group before";
    if (key === "ArrowRight") return "next group";
  }
  const name = key.length === 1 ? key.toLowerCase() : key;
  return isKept(name, target, slider) ? null : (COMMANDS.get(name) ?? null);
}

/**
 * Whether an element has a use of its own for a key.
 * @param {string} key
 * @param {HTMLElement} target
 * @param {HTMLElement} slider
 */
function isKept(key, target, slider) {
  const isArrow = key === "ArrowLeft" || key === "ArrowRight";
  const presses = key === " " || key === "Enter";
  if (target === slider) return isArrow || key === "Home" || key === "End";
  if (target.matches("input[type=radio]")) return isArrow || key === " ";
  if (target.matches("input[type=checkbox]")) return key === " ";
  if (target.matches("input, select, textarea")) return true;
  if (target.matches("button, a, summary")) return presses;
  const isWide = target.scrollWidth > target.clientWidth;
  return isArrow && isWide && target.classList.contains("adviz-scroll");
}

/** Hands the focus back to what the player stands in. @param {HTMLElement} element */
export function leave(element) {
  const root = element.getRootNode();
  const outside = root instanceof ShadowRoot ? root.host : element.parentElement;
  const around = outside?.closest("[tabindex]");
  if (around instanceof HTMLElement) return around.focus();
  const focused = focusedFrom(element);
  if (focused instanceof HTMLElement) focused.blur();
}
