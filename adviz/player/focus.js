// @ts-check
/** Puts the focus back where it was in a part of a page that has been made anew. */

import { focusedFrom } from "./dom.js";

const CAN_HAVE_FOCUS = "a[href], button, input, select, textarea, summary, [tabindex]";

/**
 * Where in an element the focus is: a number for `focusAt`; −1 if it is elsewhere.
 * @param {Element} element
 */
export function focusIn(element) {
  const focused = focusedFrom(element);
  return focused ? candidates(element).indexOf(focused) : -1;
}

/**
 * @param {Element} element  made like the one that was asked
 * @param {number} place
 */
export function focusAt(element, place) {
  const target = candidates(element)[place];
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/** @param {Element} element */
function candidates(element) {
  return [...element.querySelectorAll(CAN_HAVE_FOCUS)];
}
