// @ts-check
/** The edges of the graph: lines that turn round once a reverse sweep has used them. */
import { svg } from "./dom.js";

/**
 * @typedef {import("./trace.js").Point} Point
 * @typedef {import("./graphBoxes.js").Link} Link
 * @typedef {ReturnType<typeof createEdge>} Edge
 * @typedef {"idle" | "ahead" | "back"} Course  not used yet; used by a pass that goes on; used by
 *   the reverse pass
 */

const HEAD = 8;
const ACTIVE_HEAD = 13;

/** @param {Link} link @param {Point[]} curve  from the operand to the row that uses it */
export function createEdge(link, curve) {
  const line = svg("path", { class: "adviz-edgeline" });
  const head = svg("path", { class: "adviz-edgehead" });
  // A wide line that is not seen is easier to point at.
  const hit = svg("path", { class: "adviz-edgehit", d: pathOf(curve) });
  const [use] = link.uses;
  const isOneUse = use && link.from >= 0 && link.to >= 0;
  const element = svg(
    "g",
    isOneUse ? { "data-row": use.row, "data-operand": use.operand } : {},
    hit,
    line,
    head,
  );
  let look = "";
  /** @type {Point[]} */
  let directed = curve;
  return {
    link,
    curve,
    element,
    /** The curve in the direction in which it points. */
    get directed() {
      return directed;
    },
    /** @param {Course} course @param {boolean} isActive  whether the step goes along it */
    update(course, isActive) {
      if (look === `${course} ${isActive}`) return;
      look = `${course} ${isActive}`;
      element.setAttribute("class", `adviz-edge adviz-${course}${isActive ? " adviz-active" : ""}`);
      directed = course === "back" ? curve.slice().reverse() : curve;
      const size = isActive ? ACTIVE_HEAD : HEAD;
      const [tip, [ux, uy]] = [directed[directed.length - 1], direction(directed)];
      const base = /** @type {Point} */ ([tip[0] - ux * size, tip[1] - uy * size]);
      const half = size * 0.48;
      // The line ends where its arrowhead begins, so that a thick one does not blunt the tip.
      const drawn = directed.slice();
      drawn[drawn.length - 1] = base;
      const [cx, cy] = drawn[drawn.length - 2];
      drawn[drawn.length - 2] = [cx - ux * size * 0.7, cy - uy * size * 0.7];
      line.setAttribute("d", pathOf(drawn));
      const corner = (/** @type {number} */ side) =>
        `${base[0] - side * uy * half} ${base[1] + side * ux * half}`;
      head.setAttribute("d", `M${tip.join(" ")}L${corner(1)}L${corner(-1)}Z`);
    },
  };
}

/** @param {Point[]} curve */
export function pathOf(curve) {
  const [start, ...rest] = curve;
  return `M${start.join(" ")}C${rest.map((point) => point.join(" ")).join(" ")}`;
}

/** The direction in which a curve ends. @param {Point[]} curve @returns {Point} */
function direction(curve) {
  const [x, y] = curve[curve.length - 1];
  for (let i = curve.length - 2; i >= 0; i--) {
    const [dx, dy] = [x - curve[i][0], y - curve[i][1]];
    const length = Math.hypot(dx, dy);
    if (length > 0.5) return [dx / length, dy / length];
  }
  return [0, 1];
}
