// @ts-check
/** The scale under a number that is being dragged, with what cannot be had marked on it. */
import { html, svg } from "./dom.js";
import { formatNumber } from "./number.js";
import { stepped } from "./numberEntry.js";

export const PIXELS_A_STEP = 4;
const STEPS = 32; // on either side of where the drag began
const STEPS_BETWEEN_LABELS = 10;
const [MARGIN, AXIS, HEIGHT] = [10, 10, 34];

/**
 * @typedef {"free" | "undefined" | "other branch"} State  of a value that the number could have
 * @typedef {object} Scale
 * @property {HTMLElement} element
 * @property {(start: number, step: number, present: number) => void} show
 * @property {() => void} hide
 */

/**
 * @param {number} digits
 * @param {(values: number[]) => State[]} survey  may leave out the last ones, for want of time
 * @returns {Scale}
 */
export function createDragScale(digits, survey) {
  const width = 2 * (STEPS * PIXELS_A_STEP + MARGIN);
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT });
  const element = html("div", { class: "adviz-scale", "aria-hidden": true, hidden: true }, drawing);
  /** @type {Map<number, State>} */
  const states = new Map();

  return {
    element,
    show(start, step, present) {
      element.hidden = false;
      const at = (present - start) / step;
      const first = Math.round(at < -STEPS ? at : at > STEPS ? at - 2 * STEPS : -STEPS);
      const marks = Array.from({ length: 2 * STEPS + 1 }, (_, i) => first + i);
      const unknown = marks.filter((mark) => !states.has(mark));
      const found = survey(unknown.map((mark) => stepped(start, mark, step)));
      found.forEach((state, i) => {
        states.set(unknown[i], state);
      });

      /** @param {number} mark */
      const x = (mark) => MARGIN + (mark - first) * PIXELS_A_STEP;
      const end = first + 2 * STEPS;
      const labels = apart([0, -start / step, first + 2, end - 2], first, end);
      drawing.replaceChildren(
        svg("line", { class: "adviz-axis", x1: x(first), x2: x(end), y1: AXIS, y2: AXIS }),
        ...runs(marks, states).flatMap(({ state, from, to }) => closed(state, x(from), x(to))),
        ...labels.flatMap((mark) => [
          svg("line", {
            class: "adviz-axis",
            x1: x(mark),
            x2: x(mark),
            y1: AXIS - 4,
            y2: AXIS + 4,
          }),
          svg(
            "text",
            { x: x(mark), y: HEIGHT - 6, "text-anchor": "middle" },
            formatNumber(stepped(start, mark, step), Math.min(digits, 4)),
          ),
        ]),
        svg("circle", { cx: x(at), cy: AXIS, r: 6 }),
      );
      keepInside(element);
    },
    hide() {
      element.hidden = true;
      states.clear();
    },
  };
}

/**
 * The first of some marks that lie between two others and are not too near to one another.
 * @param {number[]} marks
 * @param {number} first
 * @param {number} end
 */
function apart(marks, first, end) {
  /** @type {number[]} */
  const kept = [];
  for (const mark of marks) {
    const isFree = kept.every((other) => Math.abs(other - mark) >= STEPS_BETWEEN_LABELS);
    if (first <= mark && mark <= end && isFree) kept.push(mark);
  }
  return kept;
}

/**
 * Neighbouring values that cannot be had for the same reason.
 * @param {number[]} marks
 * @param {Map<number, State>} states
 */
function runs(marks, states) {
  /** @type {{state: State, from: number, to: number}[]} */
  const found = [];
  for (const mark of marks) {
    const state = states.get(mark) ?? "free";
    const last = found.at(-1);
    if (last?.state === state && last.to === mark - 1) last.to = mark;
    else found.push({ state, from: mark, to: mark });
  }
  return found.filter(({ state }) => state !== "free");
}

/** @param {State} state @param {number} from @param {number} to */
function closed(state, from, to) {
  if (state === "other branch") {
    return [svg("line", { class: "adviz-barred", x1: from, x2: to, y1: AXIS, y2: AXIS })];
  }
  const strokes = [];
  for (let x = from; x <= to; x += 6) {
    strokes.push(
      svg("line", { class: "adviz-hatch", x1: x - 5, x2: x, y1: AXIS + 1, y2: AXIS - 7 }),
    );
  }
  return strokes;
}

/** Moves the scale sideways until all of it can be seen. @param {HTMLElement} element */
function keepInside(element) {
  element.style.setProperty("--adviz-shift", "0px");
  const [bar, scale] = [element.closest(".adviz-bar"), element.getBoundingClientRect()];
  if (!bar) return;
  const { left, right } = bar.getBoundingClientRect();
  const shift = Math.max(left + 4 - scale.left, Math.min(0, right - 4 - scale.right));
  element.style.setProperty("--adviz-shift", `${shift}px`);
}
