// @ts-check
/** A number that is dragged sideways, stepped by arrow keys, or typed. */
import { html } from "./dom.js";
import { PIXELS_A_STEP } from "./dragScale.js";
import { formatNumber } from "./number.js";
import { entryText, readNumber, scaledStep, stepped, stepSize } from "./numberEntry.js";
import { speak } from "./speech.js";

/**
 * What a field asks of what it belongs to.
 * @typedef {object} Owner
 * @property {string} name  of the field, as it is read aloud
 * @property {number} digits  significant digits that are shown
 * @property {(wanted: number, step: number) => void} turn  a number was dragged or stepped to, in
 *   steps of a size
 * @property {(typed: number) => void} enter  a number was typed
 * @property {() => void} settle  what was dragged or stepped has come to rest
 * @property {(text: string) => void} puzzle  what was typed is no number
 * @property {import("./dragScale.js").Scale} [scale]  shown while the field is dragged
 */

/**
 * @typedef {object} NumberField
 * @property {HTMLElement} element
 * @property {HTMLInputElement} input
 * @property {(value: number) => void} show
 */

const PIXELS_TO_BEGIN = 3;
const FEWEST_CHARACTERS = 4;

/**
 * @param {number} value
 * @param {Owner} owner
 * @returns {NumberField}
 */
export function createNumberField(value, owner) {
  const input = /** @type {HTMLInputElement} */ (
    html("input", {
      type: "text",
      role: "spinbutton",
      "aria-label": owner.name,
      autocomplete: "off",
      spellcheck: "false",
      size: 1,
    })
  );
  const grip = html("span", { class: "adviz-grip", "aria-hidden": true }, "↔");
  const element = html("span", { class: "adviz-number-field" }, grip, input);
  if (owner.scale) element.append(owner.scale.element);
  let present = value;
  let isTyping = false;
  /** What Escape gives back, and the size of a step, both since the field got the focus. */
  let [before, step] = [value, stepSize(value)];
  let widest = FEWEST_CHARACTERS;
  /** @type {{pointer: number, x: number, value: number, step: number, hasMoved: boolean} | null} */
  let drag = null;
  /** @type {number | null} */
  let wanted = null;
  let frame = 0;

  /** @param {number} next */
  function show(next) {
    present = next;
    const text = formatNumber(next, owner.digits);
    input.setAttribute("aria-valuenow", String(next));
    input.setAttribute("aria-valuetext", speak(text));
    if (!isTyping) write(text);
    if (drag?.hasMoved) owner.scale?.show(drag.value, drag.step, present);
  }

  /** @param {string} text */
  function write(text) {
    input.value = text;
    // It never shrinks: what stands beside it would move to and fro under the pointer.
    widest = Math.max(widest, text.length + 1);
    input.style.width = `${widest}ch`;
  }

  function beginTyping() {
    setTyping(true);
    write(entryText(present));
    input.focus();
    input.select();
  }

  /** @param {boolean} typing */
  function setTyping(typing) {
    isTyping = typing;
    element.classList.toggle("adviz-typing", typing);
    input.removeAttribute("aria-invalid");
  }

  /** Takes what was typed. @returns {boolean} whether it was a number */
  function take() {
    const typed = readNumber(input.value);
    if (typed === null) return false;
    setTyping(false);
    show(present);
    if (typed !== present) owner.enter(typed);
    return true;
  }

  function giveUp() {
    setTyping(false);
    show(present);
  }

  /** @param {number} steps @param {number} times  as large as they are without a modifier key */
  function turnBy(steps, times) {
    if (isTyping && !take()) giveUp();
    const size = scaledStep(step, times);
    owner.turn(stepped(present, steps, size), size);
  }

  // Keys

  input.addEventListener("focus", () => {
    [before, step] = [present, stepSize(present)];
  });
  input.addEventListener("input", () => setTyping(true));
  input.addEventListener("blur", () => {
    if (isTyping && !take()) giveUp();
  });
  input.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const direction = { ArrowUp: 1, PageUp: 10, ArrowDown: -1, PageDown: -10 }[event.key];
    if (direction !== undefined) {
      turnBy(direction, timesOf(event));
    } else if (event.key === "Enter") {
      pressEnter();
    } else if (event.key !== "Escape" || !goBackOnce()) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("keyup", ({ key }) => {
    if (["ArrowUp", "ArrowDown", "PageUp", "PageDown"].includes(key)) owner.settle();
  });

  function pressEnter() {
    if (!isTyping) {
      beginTyping();
    } else if (take()) {
      [before, step] = [present, stepSize(present)];
    } else {
      input.setAttribute("aria-invalid", "true");
      owner.puzzle(input.value);
    }
  }

  /** @returns {boolean} whether there was anything to give up */
  function goBackOnce() {
    if (drag?.hasMoved) endDrag(drag.value);
    else if (isTyping) giveUp();
    else if (present !== before) goBack(before);
    else return false;
    return true;
  }

  /** @param {number} value */
  function goBack(value) {
    owner.turn(value, step);
    owner.settle();
  }

  // The pointer

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || isTyping || drag) return;
    // Before it has moved: a quick hand leaves the field with its first movement.
    element.setPointerCapture(event.pointerId);
    drag = { pointer: event.pointerId, x: event.clientX, value: present, step, hasMoved: false };
  });
  // Otherwise the text would be selected while it is dragged.
  element.addEventListener("mousedown", (event) => {
    if (!isTyping) event.preventDefault();
  });
  element.addEventListener("pointermove", (event) => {
    if (drag?.pointer !== event.pointerId) return;
    const way = event.clientX - drag.x;
    if (!drag.hasMoved) {
      if (Math.abs(way) <= PIXELS_TO_BEGIN) return;
      beginDrag(drag, event.pointerType);
    }
    const size = scaledStep(drag.step, timesOf(event));
    wanted = stepped(drag.value, Math.round(way / PIXELS_A_STEP), size);
    frame ||= requestAnimationFrame(turnAsWanted);
  });
  element.addEventListener("pointerup", (event) => {
    if (drag?.pointer !== event.pointerId) return;
    if (drag.hasMoved) {
      turnAsWanted();
      endDrag(null);
    } else {
      drag = null;
      beginTyping();
    }
  });
  // Where the page is scrolled instead, as a finger can.
  element.addEventListener("pointercancel", () => {
    if (drag) endDrag(drag.value);
  });

  /** @param {NonNullable<typeof drag>} begun @param {string} pointerType */
  function beginDrag(begun, pointerType) {
    begun.hasMoved = true;
    begun.step = stepSize(present);
    element.classList.add("adviz-dragged");
    // A finger would call up the keys on the screen.
    if (pointerType !== "touch") input.focus({ preventScroll: true });
    before = begun.value;
  }

  function turnAsWanted() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (wanted !== null && wanted !== present) owner.turn(wanted, drag?.step ?? step);
    else if (drag) owner.scale?.show(drag.value, drag.step, present);
    wanted = null;
  }

  /** @param {number | null} back  the value that is given back, if the drag is called off */
  function endDrag(back) {
    if (!drag) return;
    const { pointer, hasMoved } = drag;
    drag = wanted = null;
    if (element.hasPointerCapture(pointer)) element.releasePointerCapture(pointer);
    if (!hasMoved) return;
    element.classList.remove("adviz-dragged");
    owner.scale?.hide();
    if (back === null) owner.settle();
    else goBack(back);
  }

  show(value);
  return { element, input, show };
}

/**
 * How large a step is: Shift makes it ten times as large, Alt a tenth.
 * @param {KeyboardEvent | PointerEvent} event
 */
function timesOf({ shiftKey, altKey }) {
  return shiftKey ? 10 : altKey ? 0.1 : 1;
}
