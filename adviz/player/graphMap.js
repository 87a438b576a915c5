// @ts-check
/**
 * A small map of the whole graph, at the side of a view that shows a part of it. Its frame is the
 * view: it is dragged, or moved by the arrow keys.
 */
import { html, svg } from "./dom.js";

/**
 * @typedef {import("./viewport.js").Area} Area
 * @typedef {import("./trace.js").Point} Point
 * @typedef {{center: Point, state: string}} Dot
 */

const SMALLEST_FRAME = 10;
const EDGE = 6;

/** @param {(point: Point) => void} onMove  called with the point that the view should be around */
export function createMap(onMove) {
  const ground = svg("path", { class: "adviz-mapedges" });
  const dots = {
    pending: svg("path", { class: "adviz-mapdots adviz-pending" }),
    done: svg("path", { class: "adviz-mapdots adviz-done" }),
    current: svg("path", { class: "adviz-mapdots adviz-current" }),
  };
  const frame = svg("rect", { class: "adviz-mapframe", rx: 3 });
  const picture = svg("svg", { "aria-hidden": true }, ground, ...Object.values(dots), frame);
  const element = html(
    "div",
    {
      class: "adviz-map",
      role: "scrollbar",
      tabindex: 0,
      "aria-orientation": "vertical",
      "aria-label": "Part of the graph that is in view",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": 0,
    },
    picture,
  );
  element.title = "The whole graph; drag the frame to look around";
  let scale = 1;
  let isLying = false;
  /** @type {Point} */
  let origin = [0, 0];
  /** @type {Area} */
  let area = { left: 0, top: 0, right: 1, bottom: 1 };
  /** @type {Area} */
  let view = area;

  /** @param {PointerEvent} event */
  function drag(event) {
    const { left, top } = picture.getBoundingClientRect();
    onMove([(event.clientX - left - origin[0]) / scale, (event.clientY - top - origin[1]) / scale]);
  }
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    drag(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) drag(event);
  });
  element.addEventListener("keydown", (event) => {
    const [x, y] = [(view.left + view.right) / 2, (view.top + view.bottom) / 2];
    const [dx, dy] = [(view.right - view.left) / 2, (view.bottom - view.top) / 2];
    /** @type {Record<string, Point>} */
    const moves = {
      ArrowUp: [x, y - dy],
      ArrowDown: [x, y + dy],
      ArrowLeft: [x - dx, y],
      ArrowRight: [x + dx, y],
      PageUp: [x, y - 2 * dy],
      PageDown: [x, y + 2 * dy],
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) return;
    event.preventDefault();
    onMove(moves[event.key]);
  });

  return {
    element,
    /**
     * Draws the whole into a strip of a given size.
     * @param {Area} whole
     * @param {{width: number, height: number}} size
     * @param {[Point, Point][]} lines
     */
    draw(whole, size, lines) {
      area = whole;
      isLying = size.width > size.height;
      element.setAttribute("aria-orientation", isLying ? "horizontal" : "vertical");
      const [width, height] = [whole.right - whole.left, whole.bottom - whole.top];
      const room = { width: size.width - 2 * EDGE, height: size.height - 2 * EDGE };
      scale = Math.min(room.width / width, room.height / height);
      origin = [
        EDGE + (room.width - scale * width) / 2 - scale * whole.left,
        EDGE + (room.height - scale * height) / 2 - scale * whole.top,
      ];
      picture.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      picture.setAttribute("width", String(size.width));
      picture.setAttribute("height", String(size.height));
      ground.setAttribute("d", lines.map(([a, b]) => `M${at(a)}L${at(b)}`).join(""));
    },
    /** Shows how far the sweep has come. @param {Dot[]} all */
    mark(all) {
      const paths = { pending: "", done: "", current: "" };
      for (const { center, state } of all) {
        const kind = state === "current" ? "current" : state === "pending" ? "pending" : "done";
        const half = kind === "current" ? 2.5 : 1.5;
        const [x, y] = place(center);
        paths[kind] += `M${x - half} ${y - half}h${2 * half}v${2 * half}h${-2 * half}z`;
      }
      dots.pending.setAttribute("d", paths.pending);
      dots.done.setAttribute("d", paths.done);
      dots.current.setAttribute("d", paths.current);
    },
    /** Puts the frame around what is in view. @param {Area} seen */
    frame(seen) {
      view = {
        left: Math.max(seen.left, area.left),
        top: Math.max(seen.top, area.top),
        right: Math.min(seen.right, area.right),
        bottom: Math.min(seen.bottom, area.bottom),
      };
      const [x, y] = place([view.left, view.top]);
      const [right, bottom] = place([view.right, view.bottom]);
      const [width, height] = [
        Math.max(SMALLEST_FRAME, right - x),
        Math.max(SMALLEST_FRAME, bottom - y),
      ];
      frame.setAttribute("x", String((x + right - width) / 2));
      frame.setAttribute("y", String((y + bottom - height) / 2));
      frame.setAttribute("width", String(width));
      frame.setAttribute("height", String(height));
      const [room, whole, start] = isLying
        ? [view.right - view.left, area.right - area.left, view.left - area.left]
        : [view.bottom - view.top, area.bottom - area.top, view.top - area.top];
      const share = whole > room ? start / (whole - room) : 0;
      element.setAttribute("aria-valuenow", String(Math.round(100 * Math.min(1, share))));
    },
  };

  /** @param {Point} point @returns {Point} */
  function place([x, y]) {
    return [round(origin[0] + scale * x), round(origin[1] + scale * y)];
  }

  /** @param {Point} point */
  function at(point) {
    return place(point).join(" ");
  }
}

/** @param {number} x */
function round(x) {
  return Math.round(10 * x) / 10;
}
