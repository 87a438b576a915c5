// @ts-check
/**
 * Sums of products of entries whose indices are letters, as np.einsum has them: each entry of the
 * result, with its products named by their indices.
 */
import {
  counted,
  entrySymbol,
  equationOf,
  largestNote,
  placeText,
  productText,
  short,
  sumOfMany,
} from "./grids.js";
import { mathText, mo, row } from "./math.js";

/**
 * @typedef {import("./grids.js").Grid} Grid
 * @typedef {import("./workings.js").Working} Working
 * @typedef {{grid: Grid, letters: string}} Factor
 */

/** Longer sums are not written out. */
const MOST_TERMS = 10_000;

/**
 * @param {Factor[]} factors
 * @param {Factor} result
 * @returns {Working | null}  null where the letters do not fit the grids
 */
export function contractionOf(factors, result) {
  /** @type {Map<string, number>} */
  const lengths = new Map();
  for (const factor of [...factors, result]) {
    const axes = axesOf(factor);
    if (axes.length !== factor.letters.length) return null;
    for (const [i, letter] of [...factor.letters].entries()) {
      if ((lengths.get(letter) ?? axes[i]) !== axes[i]) return null;
      lengths.set(letter, axes[i]);
    }
  }
  const summed = [...new Set(factors.map(({ letters }) => letters).join(""))].filter(
    (letter) => !result.letters.includes(letter),
  );
  const count = summed.reduce((product, letter) => product * Number(lengths.get(letter)), 1);
  const grids = factors.map(({ grid }) => grid);
  const isKnown = [...grids, result.grid].every(({ at }) => at) && count <= MOST_TERMS;
  const what = factors.length > 1 ? "product" : "number";

  /** @param {number} r @param {number} c */
  function entry(r, c) {
    const value = Number(result.grid.at?.(r, c));
    const place = indicesOf(result, r, c);
    // Off the diagonal of "ii" there is nothing to add up.
    const terms = place ? placesOf(place, summed, lengths) : [];
    const cells = terms.map((indices) => factors.map((factor) => cellOf(factor, indices)));
    const numbers = cells.map((used) =>
      used.map((cell, k) => Number(grids[k].at?.(cell.row, cell.column))),
    );
    const named = cells.map((used) => ({
      negative: false,
      body: () =>
        row(...used.map((cell, k) => entrySymbol(grids[k].name, grids[k], cell.row, cell.column))),
    }));
    const written = numbers.map((factorsOfOne) => ({
      negative: false,
      body: (/** @type {boolean} */ signed) =>
        row(
          ...factorsOfOne.flatMap((x, i) => [
            ...(i > 0 ? [mo("×")] : []),
            short(x, signed || i > 0),
          ]),
        ),
    }));
    const products = numbers.map((all) => all.reduce((a, b) => a * b, 1));
    return {
      equation: equationOf(
        entrySymbol(result.grid.name, result.grid, r, c),
        terms.length > 0 ? [sumOfMany(named), sumOfMany(written)] : [],
        value,
      ),
      place: placeText(result.grid, r, c),
      from: terms.length > 0 ? counted(terms.length, what) : "",
      value,
      note: largestNote(`${what}s`, products, (n) =>
        factors.length > 1 ? productText(numbers[n]) : mathText(short(products[n])),
      ),
      cells: cells.flatMap((used) => used.map((cell, grid) => ({ grid, ...cell }))),
    };
  }

  return {
    layout: "beside",
    grids,
    result: result.grid,
    rule: null,
    entry: isKnown ? entry : null,
  };
}

/** The lengths of what its letters stand for. @param {Factor} factor */
function axesOf({ grid, letters }) {
  if (letters.length === 2) return [grid.rows, grid.columns];
  if (letters.length === 1) return grid.rows === 1 ? [grid.columns] : [];
  return letters.length === 0 && grid.rows * grid.columns === 1 ? [] : [0];
}

/**
 * What the letters of the result stand for at one of its entries; null where a letter would stand for
 * two numbers.
 * @param {Factor} result
 * @param {number} r
 * @param {number} c
 */
function indicesOf({ letters }, r, c) {
  /** @type {Map<string, number>} */
  const indices = new Map();
  const place = letters.length === 2 ? [r, c] : [c];
  for (const [i, letter] of [...letters].entries()) {
    if ((indices.get(letter) ?? place[i]) !== place[i]) return null;
    indices.set(letter, place[i]);
  }
  return indices;
}

/**
 * The same for each term of the sum.
 * @param {Map<string, number>} place
 * @param {string[]} summed
 * @param {Map<string, number>} lengths
 */
function placesOf(place, summed, lengths) {
  let places = [place];
  for (const letter of summed) {
    places = places.flatMap((indices) =>
      Array.from({ length: Number(lengths.get(letter)) }, (_, i) =>
        new Map(indices).set(letter, i),
      ),
    );
  }
  return places;
}

/** @param {Factor} factor @param {Map<string, number>} indices */
function cellOf({ letters }, indices) {
  const [first, second] = [...letters].map((letter) => Number(indices.get(letter)));
  return letters.length === 2 ? { row: first, column: second } : { row: 0, column: first ?? 0 };
}
