// @ts-check
/** The picture of a matrix in which cells light up, and can be pointed at. */
import { picture, transposed } from "./arrays.js";
import { arrayOf, pictureOf } from "./arrayText.js";
import { svg } from "./dom.js";
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./grids.js").Grid} Grid
 * @typedef {{row: number, column: number}} Place
 */

/** The most cells along an axis; a longer axis is drawn in blocks. */
const MOST_CELLS = 64;
/** Pixels. */
const THINNEST = 12;
const LEAST_INSIDE = 5;
const MOST_APART = 64;

/**
 * @param {Grid} grid
 * @param {{width: number, height: number, cell: number}} most  its size and that of a cell, in pixels
 * @param {number} digits  significant digits of its text
 * @returns  null where there is no picture
 */
export function drawMatrix(grid, most, digits) {
  const { rows, columns } = grid;
  const width = Math.min(most.width, Math.max(THINNEST, most.cell * columns));
  const height = Math.min(most.height, Math.max(THINNEST, most.cell * rows));
  const numbers = numbersOf(grid);
  const drawn = linesOf(grid, numbers);
  if (!drawn) return null;
  const shape = [rows, columns];
  const text = numbers ? arrayOf(shape, numbers, digits).text : formatNumber(grid.quantity, digits);
  const described = { shape, numbers: null, dtype: "", text, entries: "", picture: drawn };
  const element = /** @type {Element} */ (picture(described, Math.max(width, height)));
  element.setAttribute("width", String(width));
  element.setAttribute("height", String(height));
  const [wide, high] = [drawn[0].length, drawn.length];
  const [across, down] = [wide / columns, high / rows];
  const marks = svg("g", {});
  element.append(marks);

  /** @param {Box} box @param {string} kind */
  function frame({ top, left, bottom, right }, kind) {
    const [x, w] = widened(left * across, right * across, width / wide);
    const [y, h] = widened(top * down, bottom * down, height / high);
    return svg("rect", { x, y, width: w, height: h, class: kind });
  }

  return {
    element,
    /** What its entries lie between: "−5.38 to 5.5"; "" where that is not known. */
    range: text.split(", ").slice(1).join(", "),
    /** @param {Place[]} used @param {Place | null} chosen */
    mark(used, chosen) {
      marks.replaceChildren(
        ...boxesOf(used).map((box) => frame(box, "adviz-used")),
        ...(chosen ? boxesOf([chosen]).map((box) => frame(box, "adviz-chosen")) : []),
      );
    },
    /** The cell under a pointer. @param {{clientX: number, clientY: number}} event @returns {Place} */
    placeAt({ clientX, clientY }) {
      const box = element.getBoundingClientRect();
      /** @param {number} share @param {number} count */
      const nearest = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
      return {
        row: nearest((clientY - box.top) / box.height, rows),
        column: nearest((clientX - box.left) / box.width, columns),
      };
    },
  };
}

/** Row by row; null where they are not known. @param {Grid} grid */
function numbersOf({ rows, columns, at }) {
  return (
    at &&
    Float64Array.from({ length: rows * columns }, (_, i) =>
      at(Math.floor(i / columns), i % columns),
    )
  );
}

/**
 * The lines of the picture, a character a cell.
 * @param {Grid} grid
 * @param {Float64Array | null} numbers
 */
function linesOf({ rows, columns, isTurned, quantity }, numbers) {
  if (!numbers) {
    const lines = typeof quantity === "number" ? null : quantity.picture;
    return lines && isTurned ? transposed(lines) : lines;
  }
  const lines = pictureOf([rows, columns], numbers, MOST_CELLS);
  if (lines) return lines;
  const level = numbers[0] > 0 ? "9" : numbers[0] < 0 ? "i" : numbers[0] === 0 ? "0" : "x";
  return Array.from({ length: Math.min(rows, MOST_CELLS) }, () =>
    level.repeat(Math.min(columns, MOST_CELLS)),
  );
}

/** @typedef {{top: number, left: number, bottom: number, right: number}} Box */

/**
 * The rectangle that cells make, or each of them where they make none.
 * @param {Place[]} cells
 * @returns {Box[]}
 */
function boxesOf(cells) {
  if (cells.length === 0) return [];
  const distinct = new Set(cells.map(({ row, column }) => `${row} ${column}`)).size;
  let [top, left, bottom, right] = [Infinity, Infinity, 0, 0];
  for (const { row, column } of cells) {
    [top, left] = [Math.min(top, row), Math.min(left, column)];
    [bottom, right] = [Math.max(bottom, row + 1), Math.max(right, column + 1)];
  }
  if (distinct === (bottom - top) * (right - left)) return [{ top, left, bottom, right }];
  return cells
    .slice(0, MOST_APART)
    .map(({ row, column }) => ({ top: row, left: column, bottom: row + 1, right: column + 1 }));
}

/**
 * A stretch that is wide enough to be seen.
 * @param {number} from
 * @param {number} to
 * @param {number} scale  pixels
 */
function widened(from, to, scale) {
  const missing = Math.max(0, LEAST_INSIDE / scale - (to - from));
  return [from - missing / 2, to - from + missing];
}
