// @ts-check
/** The keys of the player, wherever in it the focus is. */

/**
 * @typedef {"previous" | "next" | "first" | "last" | "play" | "open" | "close" | "previousGroup" |
 *   "nextGroup"} Command
 */

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
    const command = commandOf(
      event.key,
      /** @type {HTMLElement} */ (event.target),
      slider,
      event.shiftKey,
    );
    if (command && perform(command)) event.preventDefault();
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
  const isField = target.matches("input, select");
  const scrolls =
    target.scrollWidth > target.clientWidth && target.classList.contains("adviz-scroll");
  if (isShifted && (!isField || target === slider)) {
    if (key === "ArrowLeft") return "previousGroup";
    if (key === "ArrowRight") return "nextGroup";
  }
  switch (key) {
    case "ArrowLeft":
      return isField || scrolls ? null : "previous";
    case "ArrowRight":
      return isField || scrolls ? null : "next";
    case "Home":
      return isField ? null : "first";
    case "End":
      return isField ? null : "last";
    case " ":
      return isField || target.matches("button") ? null : "play";
    // No slider has a use for these two, so that they work on it as well.
    case "Enter":
      return (isField && target !== slider) || target.matches("button, a, summary") ? null : "open";
    case "Escape":
      return isField && target !== slider ? null : "close";
    default:
      return null;
  }
}
