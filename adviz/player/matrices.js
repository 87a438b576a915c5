// @ts-check
/**
 * The arrays of a step side by side, or as a product is written on paper. Small ones are written out:
 * the reader chooses an entry of the result, and sees what it is made of. Large ones are pictures.
 */
import { picture, shapeOf } from "./arrays.js";
import { html, reveal } from "./dom.js";
import { mathml } from "./math.js";
import { formatNumber } from "./number.js";
import { speak } from "./speech.js";
import { entryText, gridOf, workingOf } from "./workings.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./workings.js").Grid} Grid
 * @typedef {import("./workings.js").Working} Working
 */

const MOST_WRITTEN_OUT = 8;
const DIGITS = 4;
const FEWER_DIGITS = 3;
const PICTURE = 84;
/** Of a product in pictures: how wide and how high one may be, and its cells. */
const [WIDEST, HIGHEST, LARGEST_CELL] = [170, 76, 8];
const MOST_HIGH_ROWS = 7;

/**
 * @param {Trace} trace
 * @param {(text: string) => void} say  tells those who listen
 */
export function createMatrices(trace, say) {
  const drawing = html("div", { role: "group", "aria-label": "Arrays of this step" });
  const equation = html("div", { class: "adviz-entry adviz-scroll" });
  const note = html("p", { class: "adviz-entry-note" });
  const place = html("span", { class: "adviz-place", role: "spinbutton", tabindex: 0 });
  place.setAttribute("aria-label", "Entry of the result");
  const previous = html("button", { type: "button", "aria-label": "One entry back" }, "‹");
  const next = html("button", { type: "button", "aria-label": "One entry on" }, "›");
  const chooser = html("div", { class: "adviz-chooser" }, previous, place, next);
  const choice = html("div", { class: "adviz-choice" }, equation, note, chooser);
  /** @type {Working | null} */
  let working = null;
  /** @type {HTMLElement[][][]} */
  let cells = [];
  let chosen = 0;
  let digits = DIGITS;

  /**
   * @param {number} i
   * @param {boolean} aloud
   * @param {boolean} [byKey]  so that it may be out of sight
   */
  function choose(i, aloud, byKey = false) {
    if (!working?.entry) return;
    const { result, grids } = working;
    const count = result.rows * result.columns;
    chosen = Math.min(count - 1, Math.max(0, i));
    const [row, column] = [Math.floor(chosen / result.columns), chosen % result.columns];
    const entry = working.entry(row, column);
    for (const cell of cells.flat(2)) cell.className = "";
    for (const used of entry.cells)
      cells[used.grid]?.[used.row]?.[used.column]?.classList.add("adviz-used");
    const cell = cells[grids.length]?.[row]?.[column];
    cell?.classList.add("adviz-chosen");
    if (cell && byKey) reveal(drawing, cell, { side: 8 });
    equation.replaceChildren(mathml(entry.equation));
    note.textContent = entry.note;
    note.hidden = entry.note === "";
    place.textContent = `entry ${chosen + 1} of ${count}${
      entry.place.startsWith("row") ? `: ${entry.place}` : ""
    }`;
    place.setAttribute("aria-valuemin", "1");
    place.setAttribute("aria-valuemax", String(count));
    place.setAttribute("aria-valuenow", String(chosen + 1));
    const spoken = speak(entryText(entry));
    place.setAttribute("aria-valuetext", spoken);
    for (const [button, isOff] of /** @type {[HTMLElement, boolean][]} */ ([
      [previous, chosen === 0],
      [next, chosen === count - 1],
    ])) {
      button.setAttribute("aria-disabled", String(isOff));
    }
    if (aloud) say(spoken);
  }

  previous.addEventListener("click", () => choose(chosen - 1, true, true));
  next.addEventListener("click", () => choose(chosen + 1, true, true));
  place.addEventListener("keydown", (event) => {
    if (!working || event.altKey || event.ctrlKey || event.metaKey) return;
    const { rows, columns } = working.result;
    const move = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      Home: -chosen,
      End: rows * columns - 1 - chosen,
    }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const target = chosen + move;
    if (target >= 0 && target < rows * columns) choose(target, false, true);
  });

  return {
    drawing,
    choice,
    /**
     * @param {Sweep} sweep
     * @param {number} step  −1 for none
     * @returns {boolean} whether there is something to see
     */
    show(sweep, step) {
      working = step < 0 ? null : workingOf(trace, sweep, step);
      if (working && !isWorthShowing(working)) working = null;
      choice.hidden = true;
      if (!working) return false;
      const { grids, result, layout, rule } = working;
      if (!fits(working)) working.entry = null;
      const heights = [...grids, result].map(({ rows }) => rows);
      const height = layout === "product" ? heights[1] + heights[2] : Math.max(...heights);
      const isTight = height > MOST_HIGH_ROWS;
      digits = isTight ? FEWER_DIGITS : DIGITS;
      const widths = layout === "product" ? columnWidths(digits, grids[1], result) : [];
      const made = [...grids, result].map((grid, g) =>
        drawGrid(grid, g === grids.length, g > 0 ? widths : []),
      );
      if (layout === "product")
        alignPictures(
          made.map((one) => one.element),
          working,
        );
      cells = made.map((one) => one.cells);
      const parts = made.map((one) => one.element);
      drawing.className = `adviz-matrices adviz-scroll adviz-${layout}`;
      drawing.classList.toggle("adviz-tight", isTight);
      drawing.replaceChildren(
        ...(layout === "product"
          ? [html("span"), parts[1], parts[0], parts[2]]
          : parts.flatMap((part, i) =>
              i === grids.length ? [html("span", { class: "adviz-sign" }, "→"), part] : [part],
            )),
      );
      choice.hidden = !working.entry && !rule;
      chooser.hidden = !working.entry;
      note.hidden = true;
      if (working.entry) choose(0, false);
      else if (rule) equation.replaceChildren(mathml(rule));
      return true;
    },
  };

  /** @param {Grid} grid @param {boolean} isResult @param {number[]} widths  of columns, in digits */
  function drawGrid(grid, isResult, widths) {
    const { rows, columns, at } = grid;
    const shape = shapeOf(grid.quantity);
    const size =
      shape.length === 0 ? "" : shape.length === 1 ? `${shape[0]}` : `${rows}×${columns}`;
    const caption = html(
      "figcaption",
      {},
      mathml(grid.name),
      ...(size ? [html("small", {}, ` ${size}`)] : []),
    );
    const kind = isResult ? "adviz-result" : "adviz-operand";
    if (!at || !isSmall(grid)) {
      const image = picture(grid.quantity, PICTURE, grid.isTurned);
      const body = image ?? html("span", {}, formatNumber(grid.quantity, trace.digits));
      return { element: html("figure", { class: kind }, caption, body), cells: [] };
    }
    /** @type {HTMLElement[][]} */
    const made = Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_, c) => {
        const cell = html("td", {}, formatNumber(at(r, c), digits));
        if (widths[c]) cell.style.minWidth = `calc(${widths[c]}ch + 2 * var(--adviz-cell))`;
        if (isResult) {
          const choosing = () => choose(r * columns + c, false);
          cell.addEventListener("pointerenter", choosing);
          cell.addEventListener("click", () => choose(r * columns + c, true));
        }
        return cell;
      }),
    );
    const lines = made.map((row) => html("tr", {}, ...row));
    const table = html("table", { class: "adviz-matrix" }, html("tbody", {}, ...lines));
    return { element: html("figure", { class: kind }, caption, table), cells: made };
  }
}

/**
 * All entries of an array, as rows and columns where it has no more than two axes.
 * @param {import("./trace.js").ArrayValue} array
 */
export function arrayEntries(array) {
  const grid = gridOf([], array);
  if (!grid?.at) return html("span", {}, array.entries || array.text);
  const { rows, columns, at } = grid;
  const lines = Array.from({ length: rows }, (_, r) =>
    html(
      "tr",
      {},
      ...Array.from({ length: columns }, (_, c) => html("td", {}, formatNumber(at(r, c), DIGITS))),
    ),
  );
  return html("table", { class: "adviz-matrix" }, html("tbody", {}, ...lines));
}

/**
 * Pictures of a product fit one another: those beside each other are as high, those above each other
 * as wide.
 * @param {HTMLElement[]} figures
 * @param {Working} working
 */
function alignPictures(figures, { grids, result }) {
  for (const [i, { rows, columns }] of [...grids, result].entries()) {
    const image = figures[i].querySelector("svg");
    image?.setAttribute("width", String(Math.min(WIDEST, Math.max(12, LARGEST_CELL * columns))));
    image?.setAttribute("height", String(Math.min(HIGHEST, Math.max(12, LARGEST_CELL * rows))));
  }
}

/** @param {Grid} grid */
function isSmall({ rows, columns }) {
  return rows <= MOST_WRITTEN_OUT && columns <= MOST_WRITTEN_OUT;
}

/**
 * How wide the columns of two grids are, one above the other.
 * @param {number} digits
 * @param {...Grid} grids
 */
function columnWidths(digits, ...grids) {
  if (!grids.every((grid) => grid.at && isSmall(grid))) return [];
  return Array.from({ length: grids[0].columns }, (_, c) =>
    Math.max(
      ...grids.flatMap(({ at, rows }) =>
        Array.from({ length: rows }, (_, r) => (at ? formatNumber(at(r, c), digits).length : 0)),
      ),
    ),
  );
}

/** @param {Working} working */
function fits({ grids, result }) {
  return [...grids, result].every((grid) => grid.at !== null && isSmall(grid));
}

/**
 * Large arrays are drawn only where the drawing says more than the pictures in the table.
 * @param {Working} working
 */
function isWorthShowing(working) {
  return fits(working) || working.layout === "product";
}
