// @ts-check
/**
 * What a step does with arrays, entry by entry: which arrays it reads, which entries of them make an
 * entry of the result, and how that is written out.
 */
import { namedSymbol } from "./arrayNames.js";
import { shapeOf } from "./arrays.js";
import { contractionOf } from "./contraction.js";
import { ACCENTS, forwardTerms, symbols, term } from "./formulas.js";
import {
  cellsOf,
  counted,
  entrySymbol,
  equationOf,
  gridOf,
  isArray,
  largestNote,
  negated,
  placeText,
  productText,
  short,
  subscripted,
  sumOfMany,
  turned,
} from "./grids.js";
import { filled, mathText, mo, row, sum } from "./math.js";

/**
 * @typedef {import("./math.js").Formula} Formula
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./grids.js").Grid} Grid
 * @typedef {import("./grids.js").Cell} Cell
 * @typedef {import("./grids.js").Entry} Entry
 */

/**
 * @typedef {object} Working
 * @property {"product" | "beside"} layout  a product as on paper, or all grids side by side
 * @property {Grid[]} grids  what is read
 * @property {Grid} result
 * @property {((row: number, column: number) => Entry) | null} entry  null where the numbers are not
 *   known
 * @property {Formula | null} rule  how any entry comes about, for where they are not
 */

const MOST_GRIDS = 3;
/** Larger arrays are in a document with five digits. */
const ROUNDING = 1e-4;

/**
 * The working of a step that computes an array; null where there is none to show.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @returns {Working | null}
 */
export function workingOf(trace, sweep, step) {
  if (!trace.sweeps || sweep.output(step) >= 0) return null;
  const [user, k] = [sweep.user(step), sweep.operand(step)];
  const form = trace.forms[user];
  if (!form || user < trace.inputs.length || trace.operands[user].length === 0) return null;
  const accent = ACCENTS[sweep.pass];
  const terms =
    sweep.pass === "primal"
      ? [{ k: 0, negative: false, body: form.value }]
      : (sweep.pass === "reverse" ? [k] : forwardTerms(trace, user)).map((operand) => ({
          k: operand,
          ...term(trace, user, operand, accent),
        }));
  const result = sweep.amount(step);
  const name = namedSymbol(trace, sweep.row(step), accent);

  /** @param {number} operand @returns {(slot: string) => Quantity | undefined} */
  const quantities = (operand) => (slot) => {
    if (slot === "v") return trace.values[user];
    if (slot === "carrier") {
      return sweep.derivative(
        sweep.pass === "reverse" ? user : Number(trace.operands[user][operand]),
      );
    }
    const used = trace.operands[user][Number(slot)];
    return typeof used === "number"
      ? trace.values[used]
      : trace.constantArrays.get(user)?.[Number(slot)]?.value;
  };
  /** @param {number} operand @param {unknown} tree */
  const written = (operand, tree) =>
    filled(tree, symbols(trace, user, operand, accent, namedSymbol), "·");

  const [only] = terms;
  if (terms.length === 1 && !only.negative) {
    const factors = factorsOf(only.body);
    if (factors) {
      const [left, right] = factors.map(({ slot, isTurned, tree }) => {
        const quantity = quantities(only.k)(slot);
        return quantity === undefined
          ? null
          : gridOf(written(only.k, tree), quantity, { isTurned, isColumn: true });
      });
      const made = left && right && productOf(left, right, result, name);
      if (made) return made;
    }
  }
  if (terms.length === 1 && !only.negative && form.subscripts.length > 0) {
    const made = contraction();
    if (made) return made;
  }
  const product = sweep.pass === "reverse" ? sweep.product(step) : null;
  if (product && !form.isMap) {
    const grid = gridOf(written(only.k, summand(only.body)), product);
    const given = gridOf(name, result);
    if (!grid || !given || !isArray(product)) return null;
    return sumOf(only.negative ? negated(grid) : grid, given);
  }
  const grids = distinctGrids(
    terms.map((part) => part.body),
    (slot, i) => {
      const quantity = quantities(terms[i].k)(slot);
      return quantity === undefined
        ? null
        : gridOf(written(terms[i].k, ["slot", slot, false]), quantity);
    },
  );
  const given = gridOf(name, result);
  if (!grids || !given || ![...grids.map((g) => g.quantity), result].some(isArray)) return null;
  if (form.isMap) return terms.length === 1 ? movedOf(grids, given) : null;
  return entrywiseOf(grids, given, (at) =>
    sum(
      terms.map(({ k: operand, negative, body }) => ({
        negative,
        body: (signed) => filled(timesOf(body), at(quantities(operand)), "×", signed),
      })),
    ),
  );

  /** The working of a contraction: in the return sweep its adjoint stands for the operand. */
  function contraction() {
    const letters = /** @type {import("./trace.js").Form} */ (form).subscripts;
    const last = letters.length - 1;
    const isReverse = sweep.pass === "reverse";
    const slots = trace.operands[user].map((_, operand) => ({
      slot: sweep.pass === "forward" && operand === only.k ? "carrier" : String(operand),
      letters: letters[operand],
    }));
    const used = isReverse
      ? [{ slot: "carrier", letters: letters[last] }, ...slots.filter((_, k) => k !== only.k)]
      : slots;
    const factors = used.flatMap((factor) => {
      const quantity = quantities(only.k)(factor.slot);
      const grid =
        quantity !== undefined && gridOf(written(only.k, ["slot", factor.slot, false]), quantity);
      return grid ? [{ grid, letters: factor.letters }] : [];
    });
    const grid = gridOf(name, result);
    if (!grid || factors.length < used.length) return null;
    return contractionOf(factors, { grid, letters: letters[isReverse ? only.k : last] });
  }
}

// Products of matrices

/**
 * The two factors of a formula that is a product of matrices; null where it is none.
 * @param {unknown} tree
 */
function factorsOf(tree) {
  if (!Array.isArray(tree) || tree[0] !== "mrow" || tree.length !== 4) return null;
  if (!Array.isArray(tree[2]) || tree[2][0] !== "mspace") return null;
  const [left, right] = [factorOf(tree[1]), factorOf(tree[3])];
  return left && right ? [left, right] : null;
}

/** @param {unknown} tree */
function factorOf(tree) {
  if (!Array.isArray(tree)) return null;
  const isTurned = tree[0] === "msup" && String(tree[2]) === "mtext,T";
  const slot = isTurned ? tree[1] : tree;
  return Array.isArray(slot) && slot[0] === "slot"
    ? { slot: String(slot[1]), isTurned, tree }
    : null;
}

/**
 * @param {Grid} a
 * @param {Grid} b
 * @param {Quantity} quantity
 * @param {Formula} name
 * @returns {Working | null}
 */
function productOf(a, b, quantity, name) {
  // A vector on the left of a matrix is a row, unless it is one of the two that make a matrix.
  const isRow = a.columns === 1 && b.rows !== 1 && a.rows === b.rows;
  const left = isRow ? turned(a) : a;
  const isColumn = !isRow;
  const result = gridOf(name, quantity, { isColumn });
  if (!result || left.columns !== b.rows || !isArray(a.quantity) || !isArray(b.quantity))
    return null;
  if (result.rows !== left.rows || result.columns !== b.columns) return null;
  const [at, bt, rt] = [left.at, b.at, result.at];
  const rule = row(
    subscripted(name, row(["mi", "i"], mo(","), ["mi", "j"])),
    mo("="),
    summedOver(
      subscripted(left.name, row(["mi", "i"], mo(","), ["mi", "n"])),
      subscripted(b.name, row(["mi", "n"], mo(","), ["mi", "j"])),
    ),
  );
  if (!at || !bt || !rt) return { layout: "product", grids: [left, b], result, entry: null, rule };
  return {
    layout: "product",
    grids: [left, b],
    result,
    rule,
    entry(r, c) {
      const pairs = Array.from({ length: b.rows }, (_, n) => [at(r, n), bt(n, c)]);
      const value = rt(r, c);
      const products = pairs.map(([x, y]) => ({
        negative: false,
        body: (/** @type {boolean} */ signed) => row(short(x, signed), mo("×"), short(y, true)),
      }));
      return {
        equation: equationOf(entrySymbol(name, result, r, c), [sumOfMany(products)], value),
        place: placeText(result, r, c),
        from: counted(pairs.length, "product"),
        value,
        note: largestNote(
          "products",
          pairs.map(([x, y]) => x * y),
          (n) => productText(pairs[n]),
        ),
        cells: pairs.flatMap((_, n) => [
          { grid: 0, row: r, column: n },
          { grid: 1, row: n, column: c },
        ]),
      };
    },
  };
}

/** @param {Formula} a @param {Formula} b */
function summedOver(a, b) {
  return row(["msub", mo("∑"), ["mi", "n"]], ["mspace"], a, ["mspace"], b);
}

// Sums along axes

/** The formula behind the sign of a sum. @param {unknown} tree @returns {unknown} */
function summand(tree) {
  return Array.isArray(tree) && String(tree[1]).startsWith("msub,mo,∑") ? tree.at(-1) : tree;
}

/**
 * @param {Grid} grid
 * @param {Grid} result  one row or one column of sums, or a single one
 * @returns {Working}
 */
function sumOf(grid, result) {
  const [at, rt] = [grid.at, result.at];
  if (!at || !rt) return { layout: "beside", grids: [grid], result, entry: null, rule: null };
  return {
    layout: "beside",
    grids: [grid],
    result,
    rule: null,
    entry(r, c) {
      const cells = cellsOf(grid, 0).filter(
        (cell) =>
          (result.rows === 1 || cell.row === r) && (result.columns === 1 || cell.column === c),
      );
      const summands = cells.map((cell) => at(cell.row, cell.column));
      const value = rt(r, c);
      const parts = summands.map((x) => ({
        negative: x < 0,
        body: () => short(Math.abs(x)),
      }));
      return {
        equation: equationOf(entrySymbol(result.name, result, r, c), [sumOfMany(parts)], value),
        place: placeText(result, r, c),
        from: counted(summands.length, "number"),
        value,
        note: largestNote("numbers", summands, (n) => mathText(short(summands[n]))),
        cells,
      };
    },
  };
}

/**
 * The result as the sums of a matrix along one of its axes or both; null where it is none of these.
 * @param {Grid} grid
 * @param {Grid} result
 */
function asSums(grid, result) {
  const [at, numbers] = [grid.at, numbersOf(result)];
  if (!at || !numbers || (grid.rows === 1 && grid.columns === 1)) return null;
  for (const [rows, columns] of [
    [1, 1],
    [1, grid.columns],
    [grid.rows, 1],
  ]) {
    if (rows * columns !== numbers.length || rows * columns === grid.rows * grid.columns) continue;
    const sums = new Array(numbers.length).fill(0);
    let size = 0;
    for (const { row: r, column: c } of cellsOf(grid, 0)) {
      sums[(rows === 1 ? 0 : r) * columns + (columns === 1 ? 0 : c)] += at(r, c);
      size += Math.abs(at(r, c));
    }
    if (sums.every((x, i) => Math.abs(x - numbers[i]) <= ROUNDING * size)) {
      const laidOut = { ...result, rows, columns };
      return {
        ...laidOut,
        at: (/** @type {number} */ r, /** @type {number} */ c) => numbers[r * columns + c],
      };
    }
  }
  return null;
}

// Entries that are moved

/** @param {Grid[]} grids @param {Grid} result @returns {Working | null} */
function movedOf(grids, result) {
  const [source] = grids;
  if (grids.length === 1) {
    const sums = asSums(source, result);
    if (sums) return sumOf(source, sums);
  }
  const shown = grids.map((grid) => alongside(grid, result));
  const rt = result.at;
  const origins = shown.length === 1 ? originsOf(shown[0], result) : null;
  if (!rt) return { layout: "beside", grids: shown, result, entry: null, rule: null };
  return {
    layout: "beside",
    grids: shown,
    result,
    rule: null,
    entry(r, c) {
      const value = rt(r, c);
      const same = origins
        ? [origins(r, c)]
        : shown.flatMap((grid, g) =>
            cellsOf(grid, g).filter(({ row: i, column: j }) => grid.at?.(i, j) === value),
          );
      const inPlace = same.filter(
        ({ grid, row: i, column: j }) => i === r && j === c && hasShapeOf(shown[grid], result),
      );
      const [cell] = same.length === 1 ? same : inPlace.length === 1 ? inPlace : [];
      const origin = cell && shown[cell.grid];
      return {
        equation: equationOf(
          entrySymbol(result.name, result, r, c),
          [origin ? entrySymbol(origin.name, origin, cell.row, cell.column) : null],
          value,
        ),
        place: placeText(result, r, c),
        from: "",
        value,
        note: "",
        cells: cell ? [cell] : [],
      };
    },
  };
}

/** @param {Grid} a @param {Grid} b */
function hasShapeOf(a, b) {
  return a.rows === b.rows && a.columns === b.columns;
}

/**
 * Where each entry comes from if all keep their place, change rows for columns, or keep their order in
 * another shape; null otherwise. Equal numbers do not tell.
 * @param {Grid} grid
 * @param {Grid} result
 * @returns {((row: number, column: number) => Cell) | null}
 */
function originsOf(grid, result) {
  const [at, rt] = [grid.at, result.at];
  if (!at || !rt || grid.rows * grid.columns !== result.rows * result.columns) return null;
  const isTransposed = grid.rows === result.columns && grid.columns === result.rows;
  /** @type {((row: number, column: number) => Cell)[]} */
  const ways = [
    (r, c) => {
      const place = r * result.columns + c;
      return { grid: 0, row: Math.floor(place / grid.columns), column: place % grid.columns };
    },
    ...(isTransposed
      ? [(/** @type {number} */ r, /** @type {number} */ c) => ({ grid: 0, row: c, column: r })]
      : []),
  ];
  const fitting = ways.filter((way) =>
    cellsOf(result, 0).every(({ row: r, column: c }) => {
      const from = way(r, c);
      return Object.is(at(from.row, from.column), rt(r, c));
    }),
  );
  // Of a symmetric matrix both ways give the same numbers.
  return fitting.length === 1 ? fitting[0] : null;
}

/**
 * A vector as the row or the column of the result that it goes along.
 * @param {Grid} grid
 * @param {Grid} result
 */
function alongside(grid, result) {
  const [at, rt] = [grid.at, result.at];
  if (shapeOf(grid.quantity).length !== 1 || !at || !rt) return grid;
  const isColumn =
    grid.columns === result.rows &&
    result.columns > 1 &&
    cellsOf(result, 0).every(({ row: r, column: c }) => rt(r, c) === at(0, r));
  return isColumn ? turned(grid) : grid;
}

// Operations entry by entry

/**
 * @param {Grid[]} grids
 * @param {Grid} result
 * @param {(at: (quantities: (slot: string) => Quantity | undefined) => import("./math.js").Put)
 *   => Formula} write
 * @returns {Working}
 */
function entrywiseOf(grids, result, write) {
  const rt = result.at;
  if (!rt || grids.some(({ at }) => !at))
    return { layout: "beside", grids, result, entry: null, rule: null };
  return {
    layout: "beside",
    grids,
    result,
    rule: null,
    entry(r, c) {
      const middle = write((quantities) => (slot, group) => {
        const quantity = quantities(slot);
        const grid = quantity === undefined ? null : gridOf(row(), quantity);
        return grid?.at
          ? short(grid.at(Math.min(r, grid.rows - 1), Math.min(c, grid.columns - 1)), group)
          : row();
      });
      const value = rt(r, c);
      return {
        equation: equationOf(entrySymbol(result.name, result, r, c), [middle], value),
        place: placeText(result, r, c),
        from: "",
        value,
        note: "",
        cells: grids.flatMap((grid, g) =>
          isArray(grid.quantity)
            ? [{ grid: g, row: Math.min(r, grid.rows - 1), column: Math.min(c, grid.columns - 1) }]
            : [],
        ),
      };
    },
  };
}

/** A formula of numbers, where ⊙ is ×. @param {unknown} tree @returns {unknown} */
function timesOf(tree) {
  if (!Array.isArray(tree)) return tree;
  return tree[0] === "mo" && tree[1] === "⊙" ? ["times"] : tree.map(timesOf);
}

// What they share

/**
 * The grids of the slots in formulas, each once; null where there are too many, or one has more than
 * two axes.
 * @param {unknown[]} trees
 * @param {(slot: string, i: number) => Grid | null} make
 */
function distinctGrids(trees, make) {
  /** @type {Map<string, Grid>} */
  const grids = new Map();
  for (const [i, tree] of trees.entries()) {
    for (const slot of slotsOf(tree)) {
      const grid = make(slot, i);
      if (!grid) return null;
      grids.set(JSON.stringify(grid.name), grid);
    }
  }
  return grids.size <= MOST_GRIDS ? [...grids.values()] : null;
}

/** @param {unknown} tree @returns {string[]} */
function slotsOf(tree) {
  if (!Array.isArray(tree)) return [];
  return tree[0] === "slot" ? [String(tree[1])] : tree.flatMap(slotsOf);
}

/** @param {Grid} grid */
function numbersOf({ quantity }) {
  return typeof quantity === "number" ? [quantity] : quantity.numbers;
}
