// @ts-check
/** Axes with logarithmic scales, and lines in them, as SVG. */
import { svg } from "./dom.js";
import { superscript } from "./number.js";

/**
 * @typedef {object} Frame  the rectangle inside the axes, in the units of the drawing
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 */

/**
 * A scale from numbers to places in the drawing.
 * @typedef {(value: number) => number} Scale
 */

/**
 * @param {number} low
 * @param {number} high
 * @param {number} from
 * @param {number} to
 * @returns {Scale}
 */
export function linear(low, high, from, to) {
  return (value) => from + ((value - low) / (high - low || 1)) * (to - from);
}

/** A line through the points whose places are numbers; it is broken where they are not. @param {[number, number][]} points */
export function pathOf(points) {
  let path = "";
  let pen = "M";
  for (const [x, y] of points) {
    if (Number.isFinite(x) && Number.isFinite(y)) {
      path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
    } else {
      pen = "M";
    }
  }
  return path;
}

/**
 * Axes whose scales are powers of ten.
 * @param {Frame} frame
 * @param {[number, number]} across  the exponents at the left and the right
 * @param {[number, number]} up  those at the bottom and the top
 * @param {{x: string, y: string}} titles
 */
export function logAxes(frame, across, up, titles) {
  const x = linear(across[0], across[1], frame.left, frame.right);
  const y = linear(up[0], up[1], frame.bottom, frame.top);
  const group = svg("g", { class: "adviz-axes" });
  for (const exponent of ticks(across)) {
    const at = x(exponent);
    group.append(
      svg("line", { x1: at, x2: at, y1: frame.top, y2: frame.bottom }),
      svg("text", { x: at, y: frame.bottom + 15, "text-anchor": "middle" }, power(exponent)),
    );
  }
  for (const exponent of ticks(up)) {
    const at = y(exponent);
    group.append(
      svg("line", { x1: frame.left, x2: frame.right, y1: at, y2: at }),
      svg("text", { x: frame.left - 6, y: at + 4, "text-anchor": "end" }, power(exponent)),
    );
  }
  group.append(
    svg("text", { x: frame.right, y: frame.bottom + 30, "text-anchor": "end" }, titles.x),
    svg("text", { x: frame.left, y: frame.top - 8 }, titles.y),
  );
  return { group, x, y };
}

/** About six exponents, evenly spaced. @param {[number, number]} range */
function ticks([low, high]) {
  const step = [1, 2, 4, 5, 10, 20, 50, 100].find((s) => (high - low) / s <= 6) ?? 500;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) found.push(at);
  return found;
}

/** @param {number} exponent */
function power(exponent) {
  return exponent === 0 ? "1" : `10${superscript(exponent)}`;
}
