// @ts-check
/** The complex plane, small: a number as an arrow from 0, beside those that it was made from. */
import { svg } from "./dom.js";

/**
 * @typedef {import("./trace.js").Quantity} Quantity
 */

const HEAD = 0.22;
const HEAD_TURN = Math.PI * 0.85;
const SMALLEST_CIRCLE = 0.15;

/**
 * The two parts of a complex number; null for anything else.
 * @param {Quantity | null} quantity
 * @returns {number[] | null}
 */
export function pairOf(quantity) {
  if (quantity === null || typeof quantity !== "object" || quantity.shape.length > 0) return null;
  return quantity.pairs ?? null;
}

/**
 * How far a plane has to reach to hold these numbers.
 * @param {number[][]} pairs
 */
export function reachOf(pairs) {
  return Math.max(...pairs.map(([real, imaginary]) => Math.hypot(real, imaginary)));
}

/**
 * @param {number[]} pair  the number
 * @param {number[][]} others  drawn paler
 * @param {number} reach  the distance from 0 to the edge
 * @param {number} size  in pixels
 * @returns {SVGElement | null}  null where a number is not finite, or all are 0
 */
export function plane(pair, others, reach, size) {
  if (!(reach > 0) || !Number.isFinite(reach)) return null;
  const unit = 1 / reach;
  const circle =
    unit >= SMALLEST_CIRCLE && unit <= 1 ? [svg("circle", { r: unit, class: "adviz-unit" })] : [];
  return svg(
    "svg",
    {
      class: "adviz-plane",
      viewBox: "-1.2 -1.2 2.4 2.4",
      width: size,
      height: size,
      "aria-hidden": true,
    },
    svg("title", {}, "In the complex plane: real numbers to the right, i upwards"),
    svg("path", { d: "M-1.2 0H1.2M0 -1.2V1.2", class: "adviz-axes" }),
    ...circle,
    ...others.map((other) => arrow(other, reach, "adviz-other")),
    arrow(pair, reach, "adviz-arrow"),
  );
}

/** @param {number[]} pair @param {number} reach @param {string} kind */
function arrow([real, imaginary], reach, kind) {
  const [x, y] = [real / reach, -imaginary / reach];
  const length = Math.hypot(x, y);
  if (length === 0) return svg("circle", { r: 0.08, class: kind });
  const angle = Math.atan2(y, x);
  const head = Math.min(HEAD, length / 2);
  const sides = [HEAD_TURN, -HEAD_TURN].map((turn) => {
    const [dx, dy] = [head * Math.cos(angle + turn), head * Math.sin(angle + turn)];
    return `M${x} ${y}l${dx} ${dy}`;
  });
  return svg("path", { d: `M0 0L${x} ${y}${sides.join("")}`, class: kind });
}
