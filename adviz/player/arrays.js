// @ts-check
/**
 * Arrays in short: a few words, and a small picture in which colour and a minus sign show which
 * entries are negative.
 */
import { html, svg, unseen } from "./dom.js";
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./trace.js").Quantity} Quantity
 */

const LONGEST_WRITTEN_OUT = 28;
const LONGEST_LINE = 20;
const SMALLEST_CELL = 2;
const LARGEST_CELL = 10;
const THINNEST = 8;
const ROOM_FOR_A_SIGN = 5;

/**
 * Whether there is room for it in a formula, and in a box of the graph.
 * @param {Quantity} quantity
 */
export function isShort(quantity) {
  if (typeof quantity === "number") return true;
  const isWrittenOut = quantity.shape.length === 0 || quantity.text.includes("[");
  return isWrittenOut && quantity.text.length <= LONGEST_WRITTEN_OUT;
}

/**
 * What fits into a box of the graph: an array's numbers, or else its shape.
 * @param {Quantity} quantity
 * @param {number} digits
 */
export function briefText(quantity, digits) {
  if (typeof quantity === "number" || isShort(quantity)) return formatNumber(quantity, digits);
  const { shape } = quantity;
  return shape.length === 1 ? `${shape[0]} entries` : shape.join("×");
}

/**
 * The same for a tangent or an adjoint. Its shape is that of its row, so that there is room for an
 * entry that all of it repeats.
 * @param {Quantity} quantity
 * @param {number} digits
 */
export function gist(quantity, digits) {
  const same = typeof quantity === "object" && /^[^[]*, (\S+)$/.exec(quantity.text);
  return same ? `all ${same[1]}` : briefText(quantity, digits);
}

/** @param {Quantity} quantity @returns {number[]} */
export function shapeOf(quantity) {
  return typeof quantity === "number" ? [] : quantity.shape;
}

/** A shape as Python writes it. @param {number[]} shape */
export function tuple(shape) {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

/**
 * The axes over which one shape is summed to give another.
 * @param {number[]} from
 * @param {number[]} to
 */
export function summedAxes(from, to) {
  const lead = from.length - to.length;
  return from.flatMap((length, axis) => (axis < lead || to[axis - lead] !== length ? [axis] : []));
}

/**
 * A number as text; an array as text and picture.
 * @param {Quantity} quantity
 * @param {number} digits
 * @param {number} largest  the size of its picture, in pixels
 * @returns {Node[]}
 */
export function shown(quantity, digits, largest) {
  if (typeof quantity === "number") {
    return [document.createTextNode(formatNumber(quantity, digits))];
  }
  const isWrittenOut = quantity.text.includes("[");
  const texts = isWrittenOut
    ? halves(quantity.text).map((half) => html("span", {}, half))
    : quantity.text
        .split(", ")
        .map((part, i) => html("span", {}, ...(i > 0 ? [unseen(", ")] : []), part));
  const drawn = isWrittenOut ? null : picture(quantity, largest);
  return [
    html(
      "span",
      { class: "adviz-array" },
      html("span", { class: "adviz-lines" }, ...texts),
      ...(drawn ? [drawn] : []),
    ),
  ];
}

/**
 * The picture of an array; null where there is none.
 * @param {Quantity} quantity
 * @param {number} largest  its width or its height, whichever is more, in pixels
 */
export function picture(quantity, largest) {
  if (typeof quantity === "number" || !quantity.picture) return null;
  const rows = quantity.picture;
  const [width, height] = [rows[0].length, rows.length];
  const cell = Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, largest / Math.max(width, height)));
  /** @type {Map<string, string>} */
  const cells = new Map();
  let signs = "";
  for (const [y, row] of rows.entries()) {
    for (const [x, level] of [...row].entries()) {
      cells.set(level, `${cells.get(level) ?? ""}M${x} ${y}h1v1h-1z`);
      if (level >= "a" && level <= "i") signs += `M${x + 0.25} ${y + 0.5}h.5`;
    }
  }
  const gaps = cells.get(".");
  cells.delete("0");
  cells.delete(".");
  const paths = [...cells].map(([level, d]) => {
    const size = /\d/.test(level) ? Number(level) : level.charCodeAt(0) - 96;
    const kind = level === "x" ? "broken" : /\d/.test(level) ? "above" : "below";
    return svg("path", {
      d,
      class: `adviz-${kind}`,
      "fill-opacity": kind === "broken" ? 1 : size / 9,
    });
  });
  if (signs && cell >= ROOM_FOR_A_SIGN) paths.push(svg("path", { d: signs, class: "adviz-minus" }));
  return svg(
    "svg",
    {
      class: "adviz-picture",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      width: Math.max(THINNEST, cell * width),
      height: Math.max(THINNEST, cell * height),
      role: quantity.entries ? "img" : false,
      "aria-hidden": !quantity.entries,
    },
    svg("title", {}, quantity.entries || quantity.text),
    svg("path", { d: `M0 0h${width}v${height}h${-width}z`, class: "adviz-ground" }),
    ...paths,
    ...(gaps ? [svg("path", { d: gaps, class: "adviz-gap" })] : []),
  );
}

/** @param {string[]} rows */
export function transposed(rows) {
  return Array.from(rows[0], (_, c) => rows.map((row) => row[c]).join(""));
}

/** A long list of numbers in two lines. @param {string} text */
function halves(text) {
  if (text.length <= LONGEST_LINE) return [text];
  const middle = text.indexOf(" ", text.indexOf(", ", text.length / 3)) + 1;
  return [text.slice(0, middle), text.slice(middle)];
}
