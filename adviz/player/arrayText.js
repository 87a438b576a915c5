// @ts-check
/**
 * The text and the picture of an array of numbers: the same that adviz/render/number.py and
 * adviz/render/picture.py make of it.
 */
import { complexText, formatNumber } from "./number.js";

/**
 * @typedef {import("./trace.js").ArrayValue} ArrayValue
 */

/** The most significant digits of an array that is shown in little space. */
const ARRAY_DIGITS = 3;
const MOST_WRITTEN_OUT = 4;
const MOST_ENTRIES = 64;
const MOST_CELLS = 16;
const MOST_MATRICES = 4;
const LEVELS = "ihgfedcba0123456789";

/**
 * An array of which all numbers are known. Its text and its picture are made when they are shown.
 * @param {number[]} shape
 * @param {ArrayLike<number>} numbers  row by row
 * @param {number} digits  significant digits shown
 * @param {string} [dtype]  as NumPy names it
 * @returns {ArrayValue}
 */
export function arrayOf(shape, numbers, digits, dtype = "float64") {
  /** @type {{text?: string, entries?: string, picture?: string[] | null}} */
  const made = {};
  return {
    shape,
    numbers,
    dtype,
    get text() {
      made.text ??= summary(shape, numbers, Math.min(digits, ARRAY_DIGITS), dtype);
      return made.text;
    },
    get entries() {
      made.entries ??= numbers.length > MOST_ENTRIES ? "" : entriesOf(shape, numbers, digits);
      return made.entries;
    },
    get picture() {
      if (made.picture === undefined) made.picture = pictureOf(shape, numbers);
      return made.picture;
    },
  };
}

/**
 * A complex number, or an array of them, of which all parts are known.
 * @param {number[]} shape  empty for one number
 * @param {number[]} pairs  the real and the imaginary part of each
 * @param {number} digits  significant digits shown
 * @param {string} dtype
 * @returns {ArrayValue}
 */
export function complexOf(shape, pairs, digits, dtype) {
  const size = pairs.length / 2;
  /** @param {number} most  digits */
  const all = (most) =>
    entries(shape, size, (i) => complexText(pairs[2 * i], pairs[2 * i + 1], most));
  const type = dtype === "complex128" ? "" : `${dtype} `;
  const isWrittenOut = shape.length === 1 && size <= MOST_WRITTEN_OUT;
  const brief =
    shape.length === 0
      ? all(digits)
      : isWrittenOut
        ? type + all(Math.min(digits, ARRAY_DIGITS))
        : `${dtype} ${sizeText(shape)}`;
  return { shape, numbers: null, pairs, dtype, text: brief, entries: all(digits), picture: null };
}

/** @param {number[]} shape */
function sizeText(shape) {
  return shape.join("×") + (shape.length === 1 ? " entries" : "");
}

/**
 * An array in brief: its few entries, or its shape and range.
 * @param {number[]} shape
 * @param {ArrayLike<number>} numbers
 * @param {number} digits
 * @param {string} dtype
 */
function summary(shape, numbers, digits, dtype) {
  const type = dtype === "float64" ? "" : `${dtype} `;
  if (shape.length === 1 && numbers.length <= MOST_WRITTEN_OUT) {
    return type + entriesOf(shape, numbers, digits);
  }
  const size = type + sizeText(shape);
  const all = Array.from(numbers);
  const [low, high] = [Math.min(...all), Math.max(...all)].map((x) => formatNumber(x, digits));
  return `${size}, ${low}${low === high ? "" : ` to ${high}`}`;
}

/** @param {number[]} shape @param {ArrayLike<number>} numbers @param {number} digits */
function entriesOf(shape, numbers, digits) {
  return entries(shape, numbers.length, (i) => formatNumber(numbers[i], digits));
}

/**
 * All numbers, row by row, in brackets.
 * @param {number[]} shape
 * @param {number} count
 * @param {(i: number) => string} written  entry i
 * @returns {string}
 */
function entries(shape, count, written, axis = 0, start = 0) {
  if (axis === shape.length) return written(start);
  const part = count / shape[axis];
  const parts = Array.from({ length: shape[axis] }, (_, i) =>
    entries(shape, part, written, axis + 1, start + i * part),
  );
  return `[${parts.join(", ")}]`;
}

/**
 * The rows of a picture, one character a cell; null where all numbers are the same.
 * @param {number[]} shape
 * @param {ArrayLike<number>} numbers
 * @param {number} [cells]  the most along an axis
 * @returns {string[] | null}
 */
export function pictureOf(shape, numbers, cells = MOST_CELLS) {
  const all = Array.from(numbers);
  if (all.length < 2 || all.every((x) => x === all[0])) return null;
  const [height, width] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
  const count = Math.min(MOST_MATRICES, all.length / (height * width));
  const most = shape.length > 2 ? Math.floor(cells / count) : cells;
  const matrices = Array.from({ length: count }, (_, k) =>
    inBlocks(
      Array.from({ length: height }, (_, row) => {
        const start = (k * height + row) * width;
        return all.slice(start, start + width);
      }),
      most,
    ),
  );
  const largest = matrices
    .flat(2)
    .reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);
  return matrices[0].map((_, row) =>
    matrices.map((matrix) => matrix[row].map((x) => level(x / (largest || 1))).join("")).join("."),
  );
}

/** @param {number} share  of the largest number */
function level(share) {
  return Number.isFinite(share) ? LEVELS[9 + roundedToEven(9 * share)] : "x";
}

/** As NumPy rounds: halves to the even number. @param {number} x */
function roundedToEven(x) {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/**
 * A matrix with at most so many rows and columns, each block replaced by its mean.
 * @param {number[][]} matrix
 * @param {number} most
 */
function inBlocks(matrix, most) {
  const columns = transposed(meanOfBlocks(matrix, most));
  return transposed(meanOfBlocks(columns, most));
}

/** @param {number[][]} rows @param {number} most */
function meanOfBlocks(rows, most) {
  if (rows.length <= most) return rows;
  return Array.from({ length: most }, (_, k) => {
    const [start, stop] = [k, k + 1].map((edge) => Math.floor((edge * rows.length) / most));
    const block = rows.slice(start, stop);
    return rows[0].map((_, c) => block.reduce((sum, row) => sum + row[c], 0) / block.length);
  });
}

/** @param {number[][]} matrix */
function transposed(matrix) {
  return matrix[0].map((_, c) => matrix.map((row) => row[c]));
}
