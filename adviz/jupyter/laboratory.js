// @ts-check
/** The frame of a laboratory's controls: arrow keys move a control, not the notebook's cells. */

/**
 * Called by anywidget for each place the widget is shown in.
 * @param {{el: HTMLElement}} host
 * @returns {() => void} what ends it
 */
function render({ el }) {
  /** @param {KeyboardEvent} event */
  function keep(event) {
    const focused = /** @type {Element} */ (event.target);
    const typed = !(event.ctrlKey || event.metaKey || event.altKey);
    // Jupyter reads keys on their way in, but not where the focused element itself says so.
    if (el.closest(".adviz-laboratory")?.contains(focused)) {
      focused.toggleAttribute("data-lm-suppress-shortcuts", typed);
    }
  }
  window.addEventListener("keydown", keep, { capture: true });
  return () => window.removeEventListener("keydown", keep, { capture: true });
}

export default { render };
