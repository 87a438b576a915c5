// @ts-check
/** The frame of a laboratory's controls: arrow keys move a control and not the notebook. */

/**
 * anywidget calls this for each place where the widget is shown.
 * @param {{el: HTMLElement}} host
 * @returns {() => void} removes the listeners
 */
function render({ el }) {
  /** @param {KeyboardEvent} event */
  function suppressShortcuts(event) {
    const focused = /** @type {Element} */ (event.target);
    const isPlainKey = !(event.ctrlKey || event.metaKey || event.altKey);
    // Jupyter handles keys in the capture phase, unless the focused element has this attribute.
    if (el.closest(".adviz-laboratory")?.contains(focused)) {
      focused.toggleAttribute("data-lm-suppress-shortcuts", isPlainKey);
    }
  }
  window.addEventListener("keydown", suppressShortcuts, { capture: true });
  return () => window.removeEventListener("keydown", suppressShortcuts, { capture: true });
}

export default { render };
