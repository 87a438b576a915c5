// @ts-check
/**
 * The controls under the player: five buttons, a choice of how far they step, a slider, the number
 * of the step; and playing by itself.
 */
import { html, svg, unseen } from "./dom.js";
import { createPace } from "./pace.js";
import { createRuler } from "./ruler.js";
import { placeText } from "./speech.js";

/**
 * @typedef {import("./playhead.js").Playhead} Playhead
 */

const SECONDS_A_STEP = 1;
const FOLDED = ", folded";
const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  previous: "M12 3v10L4 8z",
  play: "M4 2.5v11L13.5 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4 3v10l8-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
};

/**
 * @param {import("./trace.js").Trace} trace
 * @param {Playhead} playhead
 * @param {object} reader  what the reader may do
 * @param {(stop: number) => void} reader.goTo
 * @param {() => void} reader.paused  called when playing has ended
 * @param {() => boolean} reader.isHeld  whether a question is open, which playing would pass over
 */
export function createTransport(trace, playhead, { goTo, paused, isHeld }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const first = button("First", "first", () => goTo(0));
  const previous = button("Previous", "previous", () => move(-1));
  const playButton = button("Play", "play", togglePlaying);
  const next = button("Next", "next", () => move(1));
  const last = button("Last", "last", () => goTo(playhead.stopCount - 1));
  playButton.classList.add("adviz-play");
  const pace = createPace(trace, nameButtons);
  const ruler = createRuler(trace, playhead, goTo);
  // Announcing is the live region's part: an output element would be a second one.
  const place = html("output", { role: "none" });
  // Where there are passes their line is kept free, so that nothing moves when one is entered.
  const pass = html("b", { "data-kept": trace.groups.some(({ values }) => values !== "") });
  const element = html(
    "div",
    { class: "adviz-transport", role: "group", "aria-label": "Step through the trace" },
    html("span", { class: "adviz-buttons" }, first, previous, playButton, next, last),
    ...(pace.element ? [pace.element] : []),
    ruler.element,
    html("span", { class: "adviz-position" }, pass, place),
  );

  /** On or back, as far as was chosen. @param {1 | -1} direction */
  function move(direction) {
    const { unit } = pace;
    goTo(
      unit === "row"
        ? playhead.stop + direction
        : playhead.stopOfGroupAfter(direction, unit === "pass"),
    );
  }

  function nameButtons() {
    const what = pace.unit === "row" ? "" : ` ${pace.unit}`;
    previous.setAttribute("aria-label", `Previous${what}`);
    next.setAttribute("aria-label", `Next${what}`);
  }

  function togglePlaying() {
    if (timer === undefined) play();
    else pause();
  }

  function play() {
    if (isHeld()) return;
    if (playhead.isLast) goTo(0);
    setPlayButton("Pause", "pause");
    playNext();
  }

  /** Goes on after a second. An interval would hurry after a step that took long to draw. */
  function playNext() {
    timer = setTimeout(() => {
      playNext();
      if (!playhead.isLast) move(1);
      if (playhead.isLast) pause();
    }, 1000 * SECONDS_A_STEP);
  }

  function pause() {
    if (timer === undefined) return;
    stop();
    setPlayButton("Play", "play");
    paused();
  }

  function stop() {
    clearTimeout(timer);
    timer = undefined;
  }

  /** @param {string} name @param {"play" | "pause"} icon */
  function setPlayButton(name, icon) {
    playButton.setAttribute("aria-label", name);
    playButton.replaceChildren(iconOf(icon));
  }

  return {
    element,
    slider: ruler.slider,
    showMarks: ruler.showMarks,
    move,
    isPlaying: () => timer !== undefined,
    togglePlaying,
    pause,
    /** Stops playing and leaves everything as it is, for good. */
    stop() {
      stop();
      ruler.stop();
    },
    /** Makes room for another number of steps. */
    setLength() {
      const { stopCount } = playhead;
      ruler.layOut();
      const folded = playhead.stopCount < playhead.sweep.length ? FOLDED.length : 0;
      place.style.minWidth = `${placeText(stopCount - 1, stopCount).length + folded}ch`;
    },
    /**
     * @param {string} spoken  the step, to be read aloud
     * @param {string} [values]  of the variables of the loop: "k = 7"
     */
    show(spoken, values = "") {
      const { stop: at, stopCount, isFirst, isLast, sweep } = playhead;
      const where = placeText(at, stopCount);
      const folded = stopCount < sweep.length ? FOLDED : "";
      ruler.show(`${where}, ${sweep.pass}${folded}: ${spoken}`);
      pass.textContent = values;
      // Eyes see the pass in the header.
      place.replaceChildren(where, unseen(` · ${sweep.pass}`), folded);
      for (const control of [first, previous]) {
        control.setAttribute("aria-disabled", String(isFirst));
      }
      for (const control of [next, last]) control.setAttribute("aria-disabled", String(isLast));
    },
  };
}

/** @param {string} name @param {keyof typeof ICONS} icon @param {() => void} act */
function button(name, icon, act) {
  const element = html("button", { type: "button", "aria-label": name }, iconOf(icon));
  element.addEventListener("click", act);
  return element;
}

/** @param {keyof typeof ICONS} icon */
function iconOf(icon) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": true },
    svg("path", { d: ICONS[icon] }),
  );
}
