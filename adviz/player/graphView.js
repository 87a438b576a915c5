// @ts-check
/**
 * The window onto the graph. At first it shows the whole if that can be read, or else follows the
 * step; the reader zooms, pans, and goes back.
 */
import { html } from "./dom.js";
import {
  COMFORTABLE,
  fittingScale,
  following,
  LARGEST,
  LEGIBLE,
  seen,
  within,
  zoomed,
} from "./viewport.js";

/**
 * @typedef {import("./trace.js").Point} Point
 * @typedef {import("./viewport.js").Area} Area
 * @typedef {import("./labelPlacement.js").Box} Box
 * @typedef {"step" | "whole" | "free"} Mode  whether the view follows the step, shows all there is, or
 *   is the reader's own
 * @typedef {{area: Area, boxes: Box[], isPart: boolean}} Scene  what there is to see; isPart: of a
 *   graph of which more is not drawn
 */

/** The map stands beside the drawing; of a wide graph below it, on the left of the buttons. */
const MAP = { width: 52, height: 72 };
const CONTROLS = { width: 130, height: 40 };
const CONTROLS_BESIDE_MAP = 190;
const ZOOM_STEP = 1.25;
const DRAG_THRESHOLD = 4;

/**
 * @param {HTMLElement} canvas  which the graph is drawn on
 * @param {HTMLElement} map
 * @param {{moved: () => void, chosen: () => void}} listener  moved: the view has changed; chosen: the
 *   reader wants the whole or the step
 */
export function createView(canvas, map, { moved, chosen }) {
  const panel = html("div", { class: "adviz-drawing", role: "group" }, canvas);
  const [smaller, larger, toStep, fit] = [
    control("−", "Zoom out (−)", () => zoomBy(1 / ZOOM_STEP)),
    control("+", "Zoom in (+)", () => zoomBy(ZOOM_STEP)),
    control("Step", "Back to the step (S)", () => choose("step")),
    control("Fit", "Show the whole graph (F)", () => choose("whole")),
  ];
  const controls = html(
    "div",
    { class: "adviz-zoom", role: "group", "aria-label": "View of the graph" },
    ...[smaller, larger, toStep, fit],
  );
  const element = html("div", { class: "adviz-panel adviz-graph" }, panel, map, controls);

  /** @type {Mode} */
  let mode = "step";
  let view = { scale: 1, x: 0, y: 0 };
  /** @type {Scene} */
  let scene = { area: { left: 0, top: 0, right: 1, bottom: 1 }, boxes: [], isPart: false };
  /** What the reader wants to see: the last matters most. @type {Box[]} */
  let wanted = [];
  /** How large all of it is, the map and the buttons included. */
  let outer = { width: 0, height: 0 };
  /** What was in view before it was printed. @type {{mode: Mode, view: typeof view}} */
  let before = { mode, view };
  let hasMap = false;
  let isMapBelow = false;
  /** Whether the buttons stand below the drawing, and not on it. */
  let hasFoot = false;

  function room() {
    const foot = isMapBelow ? MAP.height : hasFoot ? CONTROLS.height : 0;
    return {
      width: Math.max(1, outer.width - (hasMap && !isMapBelow ? MAP.width : 0)),
      height: Math.max(1, outer.height - foot),
    };
  }

  const beside = () => ({ width: MAP.width, height: outer.height });
  const below = () => ({ width: outer.width - CONTROLS_BESIDE_MAP, height: MAP.height });

  /** @param {"step" | "whole"} next */
  function choose(next) {
    mode = next;
    chosen();
  }

  /** Decides what stands beside and below the drawing, and how large it is; then looks at what is wanted. */
  function settle() {
    const { area, isPart } = scene;
    [hasMap, isMapBelow, hasFoot] = [false, false, false];
    const whole = within({ scale: fittingScale(area, room()), x: 0, y: 0 }, area, room());
    const isOnPaper = element.classList.contains("adviz-onpaper");
    hasMap = !isOnPaper && (isPart || whole.scale < LEGIBLE);
    isMapBelow =
      hasMap && !isPart && fittingScale(area, below()) > 1.5 * fittingScale(area, beside());
    hasFoot = hasMap || scene.boxes.some((box) => isUnderControls(box, whole));
    map.hidden = !hasMap;
    if (!hasMap) toStep.remove();
    else if (!toStep.isConnected) controls.insertBefore(toStep, fit);
    element.classList.toggle("adviz-hasmap", hasMap);
    element.classList.toggle("adviz-mapbelow", isMapBelow);
    element.classList.toggle("adviz-hasfoot", hasFoot);
    const fitting = fittingScale(area, room());
    // A part of the graph is shown as large as its width allows.
    const wide = fittingScale({ ...area, top: 0, bottom: 1 }, room());
    const readable = hasMap ? Math.min(COMFORTABLE, Math.max(LEGIBLE, wide)) : fitting;
    const scale = { step: readable, whole: fitting, free: view.scale }[mode];
    let next = within({ ...view, scale }, area, room());
    if (mode !== "whole") for (const box of wanted) next = following(next, areaOf(box), room());
    moveTo(next);
  }

  /** @param {import("./viewport.js").View} next */
  function moveTo(next) {
    view = within(next, scene.area, room());
    canvas.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    smaller.setAttribute("aria-disabled", String(view.scale <= smallest() + 1e-6));
    larger.setAttribute("aria-disabled", String(view.scale >= LARGEST));
    moved();
  }

  /** The least scale to which the reader may zoom. */
  function smallest() {
    return Math.min(LEGIBLE, fittingScale(scene.area, room()));
  }

  /** @param {number} factor @param {Point} [about]  a point of the panel; the step, where none is given */
  function zoomBy(factor, about) {
    const size = room();
    const step = wanted.at(-1);
    const scale = Math.min(LARGEST, Math.max(smallest(), view.scale * factor));
    mode = "free";
    /** @type {Point} */
    const center = step
      ? [view.scale * step.x + view.x, view.scale * step.y + view.y]
      : [size.width / 2, size.height / 2];
    moveTo(zoomed(view, scale, about ?? center));
  }

  /** Whether a box would lie under the buttons. @param {Box} box @param {import("./viewport.js").View} shown */
  function isUnderControls({ x, y, width, height }, shown) {
    const right = shown.scale * (x + width / 2) + shown.x;
    const bottom = shown.scale * (y + height / 2) + shown.y;
    return right > outer.width - CONTROLS.width && bottom > outer.height - CONTROLS.height;
  }

  panel.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      const { left, top } = panel.getBoundingClientRect();
      zoomBy(Math.exp(-event.deltaY / 300), [event.clientX - left, event.clientY - top]);
    },
    { passive: false },
  );

  /** Where a drag began. @type {{x: number, y: number, view: typeof view} | null} */
  let grip = null;
  let wasDragged = false;
  panel.addEventListener("pointerdown", ({ button, clientX, clientY }) => {
    if (button === 0) grip = { x: clientX, y: clientY, view };
    wasDragged = false;
  });
  panel.addEventListener("pointermove", ({ buttons, clientX, clientY, pointerId }) => {
    if (!grip || buttons === 0) return;
    const [dx, dy] = [clientX - grip.x, clientY - grip.y];
    if (!wasDragged && Math.hypot(dx, dy) < DRAG_THRESHOLD) return;
    if (!wasDragged) panel.setPointerCapture(pointerId);
    wasDragged = true;
    mode = "free";
    moveTo({ scale: view.scale, x: grip.view.x + dx, y: grip.view.y + dy });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    panel.addEventListener(end, () => {
      grip = null;
    });
  }
  // Letting go of the drawing is no click on what is under the pointer.
  panel.addEventListener("click", (event) => wasDragged && event.stopPropagation(), {
    capture: true,
  });
  // A click goes to a step, and leaves the keys to the player.
  panel.addEventListener("mousedown", (event) => {
    event.preventDefault();
    /** @type {HTMLElement | null} */ (panel.closest(".adviz"))?.focus({ preventScroll: true });
  });
  panel.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      "+": () => zoomBy(ZOOM_STEP),
      "=": () => zoomBy(ZOOM_STEP),
      "-": () => zoomBy(1 / ZOOM_STEP),
      s: () => choose("step"),
    }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });

  return {
    element,
    panel,
    /** Another drawing. @param {Scene} next */
    setScene(next) {
      scene = next;
    },
    /** Shows some boxes where the view follows them: the last matters most. @param {Box[]} boxes */
    show(boxes) {
      wanted = boxes;
      settle();
    },
    /** Takes the size that it has now. */
    measure() {
      outer = { width: element.clientWidth, height: element.clientHeight };
    },
    /** How large the map is. */
    get mapSize() {
      return isMapBelow ? below() : beside();
    },
    /** Moves the view no further than it takes to see a box. @param {Box} box */
    reveal: (box) => moveTo(following(view, areaOf(box), room())),
    /** Moves a point of the drawing into the middle of the view. @param {Point} point */
    lookAt([x, y]) {
      const { width, height } = room();
      mode = "free";
      moveTo({ ...view, x: width / 2 - view.scale * x, y: height / 2 - view.scale * y });
    },
    fit: () => choose("whole"),
    /** Shows the whole on paper, and afterwards what was in view before. @param {boolean} isOnPaper */
    print(isOnPaper) {
      if (isOnPaper) before = { mode, view };
      else ({ mode, view } = before);
      if (isOnPaper) mode = "whole";
      element.classList.toggle("adviz-onpaper", isOnPaper);
    },
    /** The part of the drawing that is in view. */
    seen: () => seen(view, room()),
    /** What the buttons hide of it. @returns {Box[]} */
    hidden() {
      if (hasFoot) return [];
      const { right, bottom } = seen(view, room());
      const [width, height] = [CONTROLS.width / view.scale, CONTROLS.height / view.scale];
      return [{ x: right - width / 2, y: bottom - height / 2, width, height }];
    },
    get hasMap() {
      return hasMap;
    },
  };
}

/** @param {Box} box @returns {Area} */
export function areaOf({ x, y, width, height }) {
  const [w, h] = [width / 2, height / 2];
  return { left: x - w, right: x + w, top: y - h, bottom: y + h };
}

/** @param {string} text @param {string} title @param {() => void} act */
function control(text, title, act) {
  const button = html("button", { type: "button", tabindex: -1, "aria-label": title }, text);
  button.title = title;
  button.addEventListener("click", act);
  return button;
}
