// @ts-check
/**
 * The ruler: where in the sweep the reader is, among all its steps or among the passes of its loop.
 * For assistive technology and the keyboard it is a slider; a pointer clicks or drags its cells.
 */
import { html } from "./dom.js";
import { ACCENTS } from "./formulas.js";
import { mathml } from "./math.js";
import { longestLoop, sharedName } from "./passes.js";
import { barHeights, cellsOf } from "./rulerCells.js";
import { symbol } from "./trace.js";

/**
 * @typedef {import("./playhead.js").Playhead} Playhead
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./predictions.js").Mark} Mark
 */

const MOST_CELLS = 24;
/** In pixels: the narrowest cell, and a character in it. */
const [CELL, CHARACTER] = [24, 7.5];
/** How predictions went: the worse of those in a cell counts. @type {Mark[]} */
const MARKS = ["first", "later", "shown"];
const MARK_TEXTS = ["✓", "2nd", "shown"];
const SHORT_MARK_TEXTS = ["✓", "2", "–"];
const MOST_CELLS_WITH_TEXTS = 12;

/**
 * @param {Trace} trace
 * @param {Playhead} playhead
 * @param {(stop: number) => void} goTo
 */
export function createRuler(trace, playhead, goTo) {
  const slider = /** @type {HTMLInputElement} */ (
    html("input", { type: "range", min: 1, max: 1, step: 1, "aria-label": "Step" })
  );
  slider.addEventListener("input", () => goTo(Number(slider.value) - 1));
  const strip = html("span", { class: "adviz-cells", "aria-hidden": true });
  const names = html("span", { class: "adviz-ruler-names", "aria-hidden": true });
  const element = html("span", { class: "adviz-ruler" }, names, strip, slider);

  let ruler = cellsOf(trace, playhead.sweep, playhead.steps, MOST_CELLS);
  /** @type {HTMLElement[]} */
  let cells = [];
  /** @type {((step: number) => Mark) | null} */
  let markOf = null;
  let most = MOST_CELLS;
  let shownSweep = playhead.sweep;
  let shownStops = playhead.steps;

  const loop = longestLoop(trace);
  if (loop) {
    const [first, last] = [loop.passes[0], loop.passes[loop.passes.length - 1]].map(
      (pass) => trace.groups[pass],
    );
    const [one, other] = [first, last].map(({ stop }) => trace.sites[stop - 1]?.name ?? "");
    const name = first.variables[0]?.name ?? "";
    names.append(html("span", {}, sharedName(one, other)), html("span", {}, name));
  }

  /** How many cells there is room for, so that what stands in each can be read. */
  function mostCells() {
    const longest = Math.max(...ruler.cells.map(({ text }) => text.length));
    const fitting = Math.floor(strip.clientWidth / Math.max(CELL, 5 + CHARACTER * longest));
    return strip.clientWidth > 0 ? Math.max(2, Math.min(MOST_CELLS, fitting)) : MOST_CELLS;
  }

  function layOut() {
    ruler = cellsOf(trace, playhead.sweep, playhead.steps, MOST_CELLS);
    most = mostCells();
    ruler = cellsOf(trace, playhead.sweep, playhead.steps, most);
    [shownSweep, shownStops] = [playhead.sweep, playhead.steps];
    element.toggleAttribute("data-passes", ruler.isOfPasses);
    const accent = ACCENTS[playhead.pass];
    cells = ruler.cells.map(({ text, name, slot }) => {
      const inside = text ? html("span", {}, text) : mathml(symbol(trace, slot, accent));
      const cell = html("span", { class: "adviz-cell" }, inside);
      cell.title = name;
      if (ruler.isOfPasses) cell.prepend(html("i", { class: "adviz-column" }));
      return cell;
    });
    strip.replaceChildren(...cells);
    showBars();
    showMarks();
    showPlace();
  }

  /** Values that are still to be predicted have no bar, nor a say in how high the others are. */
  function showBars() {
    if (!ruler.isOfPasses) return;
    const isKept = (/** @type {number} */ slot) =>
      playhead.pass === "primal" && markOf?.(slot) === "";
    const heights = barHeights(
      ruler.cells.map(({ slot }) => (isKept(slot) ? NaN : Number(trace.values[slot]))),
    );
    cells.forEach((cell, c) => {
      cell.style.setProperty("--adviz-bar", `${Math.round(100 * heights[c])}%`);
    });
  }

  function showMarks() {
    const worst = cells.map(() => -1);
    if (markOf) {
      for (const [stop, step] of playhead.steps.entries()) {
        const cell = ruler.cellOf[stop];
        worst[cell] = Math.max(worst[cell], MARKS.indexOf(markOf(step)));
      }
    }
    const texts = cells.length > MOST_CELLS_WITH_TEXTS ? SHORT_MARK_TEXTS : MARK_TEXTS;
    cells.forEach((cell, c) => {
      if (worst[c] < 0) delete cell.dataset.mark;
      else cell.dataset.mark = texts[worst[c]];
    });
  }

  function showPlace() {
    const now = ruler.cellOf[playhead.stop];
    const isBack = ruler.isOfPasses && playhead.pass === "reverse";
    cells.forEach((cell, c) => {
      const state = c === now ? "now" : c < now !== isBack ? "done" : "ahead";
      if (cell.dataset.state !== state) cell.dataset.state = state;
    });
  }

  /** Goes to the cell under the pointer. @param {PointerEvent} event */
  function follow(event) {
    const { left, width } = strip.getBoundingClientRect();
    const c = Math.floor(((event.clientX - left) / width) * cells.length);
    const cell = ruler.cells[Math.max(0, Math.min(cells.length - 1, c))];
    if (cell.first >= 0 && ruler.cellOf[playhead.stop] !== ruler.cells.indexOf(cell)) {
      goTo(cell.first);
    }
  }

  strip.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    slider.focus({ preventScroll: true });
    strip.setPointerCapture(event.pointerId);
    follow(event);
  });
  strip.addEventListener("pointermove", (event) => {
    if (strip.hasPointerCapture(event.pointerId)) follow(event);
  });
  const watch = new ResizeObserver(() => {
    if (mostCells() !== most) layOut();
  });
  watch.observe(strip);

  return {
    element,
    slider,
    layOut,
    /** @param {string} spoken  the step, to be read aloud */
    show(spoken) {
      if (shownStops !== playhead.steps) layOut();
      else if (shownSweep !== playhead.sweep) {
        shownSweep = playhead.sweep;
        showBars();
      }
      slider.max = String(playhead.stopCount);
      slider.value = String(playhead.stop + 1);
      slider.setAttribute("aria-valuetext", spoken);
      showPlace();
    },
    /** Shows how predictions went. @param {((step: number) => Mark) | null} next  null for not at all */
    showMarks(next) {
      if (!next && !markOf) return;
      markOf = next;
      showMarks();
      showBars();
    },
    stop: () => watch.disconnect(),
  };
}
