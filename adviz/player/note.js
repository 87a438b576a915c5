// @ts-check
/** A note that opens under a control, over what is below it, so that nothing moves. */
import { focusedFrom, html } from "./dom.js";

/**
 * @typedef {object} Content
 * @property {(Node | string)[]} text
 * @property {{label: string, act: () => void}[]} [actions]  each closes the note as well
 * @property {() => void} [closed]  called when the note closes
 * @property {() => Element | null} [about]  what must not be covered, because the note tells of it
 *
 * @typedef {object} Note
 * @property {(anchor: HTMLElement, content: Content) => void} open  in place of the note before
 * @property {() => boolean} close  returns whether a note was open
 * @property {() => void} place  under its control again, where that has moved
 */

const ARROW = 24; // pixels from the note's left edge to its arrow, where there is room
const MARGIN = 8;

/**
 * @param {HTMLElement} bar  what the notes are placed in
 * @returns {Note}
 */
export function createNote(bar) {
  /** @type {{element: HTMLElement, anchor: HTMLElement, closed: () => void,
   *   about: () => Element | null} | null} */
  let shown = null;

  bar.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !shown) return;
      const { element, anchor } = shown;
      if (element.contains(focusedFrom(element))) focusIn(anchor);
      close();
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
  bar.addEventListener("focusout", ({ relatedTarget }) => {
    // Where the focus goes to nothing that can have it, a reader has only clicked beside the note.
    if (relatedTarget instanceof Node && !bar.contains(relatedTarget)) close();
  });

  function place() {
    if (!shown) return;
    const { element, anchor, about } = shown;
    const [outer, inner] = [bar.getBoundingClientRect(), anchor.getBoundingClientRect()];
    // The scale of a number that is being dragged stays in sight.
    const scale = anchor.querySelector(".adviz-scale:not([hidden])");
    const middle = inner.left + inner.width / 2 - outer.left;
    const most = outer.width - element.offsetWidth - MARGIN;
    let left = Math.max(MARGIN, Math.min(middle - ARROW, most));
    let top = (scale?.getBoundingClientRect().bottom ?? inner.bottom) - outer.top + MARGIN;
    const told = about()?.getBoundingClientRect();
    const covers =
      told &&
      told.top - outer.top < top + element.offsetHeight &&
      told.bottom - outer.top > top &&
      told.left - outer.left < left + element.offsetWidth &&
      told.right - outer.left > left;
    if (covers) {
      const beside = told.right - outer.left + 2 * MARGIN;
      if (beside <= most) left = beside;
      else top = told.bottom - outer.top + MARGIN;
    }
    element.classList.toggle("adviz-beside", Boolean(covers));
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
    element.style.setProperty("--adviz-arrow", `${middle - left}px`);
  }

  function close() {
    if (!shown) return false;
    const { element, closed } = shown;
    shown = null;
    element.remove();
    closed();
    return true;
  }

  return {
    open(anchor, { text, actions = [], closed = () => {}, about = () => null }) {
      close();
      const buttons = actions.map(({ label, act }) => {
        const button = html("button", { type: "button" }, label);
        button.addEventListener("click", () => {
          focusIn(anchor);
          close();
          act();
        });
        return button;
      });
      const element = html(
        "div",
        { class: "adviz-note", role: "group", "aria-label": "Note", tabindex: -1 },
        html("p", {}, ...text),
        ...(buttons.length > 0 ? [html("div", { class: "adviz-actions" }, ...buttons)] : []),
      );
      anchor.after(element);
      shown = { element, anchor, closed, about };
      place();
    },
    close,
    place,
  };
}

/** @param {HTMLElement} anchor */
function focusIn(anchor) {
  const control = anchor.matches("button, input") ? anchor : anchor.querySelector("input, button");
  if (control instanceof HTMLElement) control.focus();
}
