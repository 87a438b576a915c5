// @ts-check
/** Numbers, vectors and matrices as rows and columns, their entries, and how these are written. */
import { shapeOf } from "./arrays.js";
import { between, mathText, mo, numberMath, row, sumParts } from "./math.js";
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./math.js").Formula} Formula
 * @typedef {import("./trace.js").Quantity} Quantity
 */

/**
 * A number, a vector or a matrix as rows and columns.
 * @typedef {object} Grid
 * @property {Formula} name
 * @property {Quantity} quantity
 * @property {number} rows
 * @property {number} columns
 * @property {boolean} isTurned  whether it is the transpose of the quantity
 * @property {((row: number, column: number) => number) | null} at  null where the numbers are not
 *   known
 */

/**
 * A cell of one of the grids, by its place among them.
 * @typedef {{grid: number, row: number, column: number}} Cell
 */

/**
 * How an entry of the result comes about.
 * @typedef {object} Entry
 * @property {Formula} equation
 * @property {string} place  "row 2, column 1"
 * @property {string} from  "3 products"; "" where it is no sum
 * @property {number} value
 * @property {string} note  more of a long sum; "" for none
 * @property {Cell[]} cells  what it is made of
 */

export const DIGITS = 4;
export const MOST_SUMMANDS = 4;
const FIRST_SUMMANDS = 2;

/**
 * @param {Formula} name
 * @param {Quantity} quantity
 * @param {{isTurned?: boolean, isColumn?: boolean}} [options]  isColumn: whether a vector is a column
 * @returns {Grid | null}  null where it has more than two axes
 */
export function gridOf(name, quantity, { isTurned = false, isColumn = false } = {}) {
  const shape = shapeOf(quantity);
  if (shape.length > 2) return null;
  const [height, width] =
    shape.length === 2
      ? shape
      : shape.length === 0
        ? [1, 1]
        : isColumn
          ? [shape[0], 1]
          : [1, shape[0]];
  const numbers = typeof quantity === "number" ? [quantity] : quantity.numbers;
  return {
    name,
    quantity,
    rows: isTurned ? width : height,
    columns: isTurned ? height : width,
    isTurned,
    at: numbers && ((r, c) => numbers[isTurned ? c * width + r : r * width + c]),
  };
}

/** @param {Quantity} quantity */
export function isArray(quantity) {
  return typeof quantity === "object" && quantity.shape.length > 0;
}

/** @param {Grid} grid @returns {Grid} */
export function turned(grid) {
  const { at } = grid;
  return {
    ...grid,
    rows: grid.columns,
    columns: grid.rows,
    isTurned: !grid.isTurned,
    at: at && ((r, c) => at(c, r)),
  };
}

/** @param {Grid} grid @returns {Grid} */
export function negated(grid) {
  const { at } = grid;
  return { ...grid, name: row(mo("−"), grid.name), at: at && ((r, c) => -at(r, c)) };
}

/** @param {Grid} grid @param {number} place @returns {Cell[]} */
export function cellsOf(grid, place) {
  return Array.from({ length: grid.rows * grid.columns }, (_, i) => ({
    grid: place,
    row: Math.floor(i / grid.columns),
    column: i % grid.columns,
  }));
}

/** @param {number} x @param {boolean} [group] */
export function short(x, group = false) {
  return numberMath(x, DIGITS, group);
}

/** @param {number} i  from 0 @returns {Formula} */
export function index(i) {
  return ["mn", String(i + 1)];
}

/** W̄₂₁, or (v̄₃)₂ @param {Formula} name @param {Grid} grid @param {number} r @param {number} c */
export function entrySymbol(name, grid, r, c) {
  if (grid.rows === 1 && grid.columns === 1) return name;
  if (grid.rows === 1) return subscripted(name, index(c));
  if (grid.columns === 1) return subscripted(name, index(r));
  const comma = grid.rows > 9 || grid.columns > 9 ? [mo(",")] : [];
  return subscripted(name, row(index(r), ...comma, index(c)));
}

/** @param {Formula} name @param {Formula} below @returns {Formula} */
export function subscripted(name, below) {
  const isPlain = name[0] === "mi" || (name[0] === "mover" && String(name[1]).startsWith("mi,"));
  return ["msub", isPlain ? name : row(mo("("), name, mo(")")), below];
}

/** @param {Grid} grid @param {number} r @param {number} c */
export function placeText(grid, r, c) {
  if (grid.rows === 1 && grid.columns === 1) return "the one number";
  if (grid.rows === 1) return `entry ${c + 1}`;
  if (grid.columns === 1) return `entry ${r + 1}`;
  return `row ${r + 1}, column ${c + 1}`;
}

/**
 * W̄₂₁ = 1×2 + 3×4 = 14; what is as long as the result is written once.
 * @param {Formula} entry
 * @param {(Formula | null)[]} middle
 * @param {number} value
 */
export function equationOf(entry, middle, value) {
  const last = short(value);
  const written = middle.filter((side) => side !== null && mathText(side) !== mathText(last));
  return row(
    entry,
    ...[...written, last].flatMap((side) => [between("="), /** @type {Formula} */ (side)]),
  );
}

/**
 * A sum of a few terms, or the first and the last of many.
 * @param {{negative: boolean, body: (signed: boolean) => Formula}[]} terms
 */
export function sumOfMany(terms) {
  if (terms.length <= MOST_SUMMANDS) return row(...sumParts(terms).flat());
  const { negative, body } = terms[terms.length - 1];
  return row(
    ...sumParts(terms.slice(0, FIRST_SUMMANDS)).flat(),
    between("+"),
    mo("⋯"),
    between(negative ? "−" : "+"),
    body(true),
  );
}

/**
 * What there is to say of a long sum: "64 products. The largest is number 13: 2 × 3 = 6."
 * @param {string} what
 * @param {number[]} terms
 * @param {(n: number) => string} write
 */
export function largestNote(what, terms, write) {
  if (terms.length <= MOST_SUMMANDS) return "";
  const sizes = terms.map(Math.abs);
  const n = sizes.reduce((best, size, i) => (size > sizes[best] ? i : best), 0);
  return `${terms.length} ${what}. The largest is number ${n + 1}: ${write(n)}.`;
}

/** "2 × (−3) = −6" @param {number[]} factors */
export function productText(factors) {
  const written = factors.map((x, i) => {
    const text = formatNumber(x, DIGITS);
    return i > 0 && x < 0 ? `(${text})` : text;
  });
  const product = factors.reduce((a, b) => a * b, 1);
  return `${written.join(" × ")} = ${formatNumber(product, DIGITS)}`;
}

/** "64 products", "1 number" @param {number} count @param {string} what */
export function counted(count, what) {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** "row 2, column 2: −2.406, from 3 products" @param {Entry} entry */
export function entryText({ place, value, from }) {
  return `${place}: ${formatNumber(value, DIGITS)}${from && `, from ${from}`}`;
}
