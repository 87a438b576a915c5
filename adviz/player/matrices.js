// @ts-check
/**
 * The arrays of a step side by side, or as a product is written on paper. The reader chooses an entry
 * of the result, and sees what it is made of. Small arrays are written out, large ones are pictures.
 */
import { shapeOf } from "./arrays.js";
import { html, reveal, unseen } from "./dom.js";
import { enumerate } from "./english.js";
import { DIGITS, entryText, gridOf } from "./grids.js";
import { mathml, mathText, pieces } from "./math.js";
import { drawMatrix } from "./matrixPicture.js";
import { formatNumber } from "./number.js";
import { speak } from "./speech.js";
import { workingOf } from "./workings.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./grids.js").Grid} Grid
 * @typedef {import("./workings.js").Working} Working
 */

const MOST_WRITTEN_OUT = 8;
const MOST_IN_LIST = 64;
const FEWER_DIGITS = 3;
/** How large a picture may be, and its cells, in pixels. */
const SIZE = { width: 170, height: 84, cell: 8 };
const MOST_HIGH_ROWS = 7;
const MOST_COLUMNS = 8;

/**
 * @param {Trace} trace
 * @param {(text: string) => void} say  tells those who listen
 */
export function createMatrices(trace, say) {
  const drawing = html("div", { role: "group", "aria-label": "Arrays of this step" });
  const equation = html("div", { class: "adviz-sumline adviz-scroll" });
  const note = html("p", { class: "adviz-sumnote" });
  const place = html("span", { class: "adviz-place", role: "spinbutton", tabindex: 0 });
  place.setAttribute("aria-label", "Entry of the result");
  const previous = html("button", { type: "button", "aria-label": "One entry back" }, "‹");
  const next = html("button", { type: "button", "aria-label": "One entry on" }, "›");
  const chooser = html("div", { class: "adviz-chooser" }, previous, place, next);
  const choice = html("div", { class: "adviz-choice" }, equation, note, chooser);
  /** @type {Working | null} */
  let working = null;
  /** @type {Drawn[]} */
  let drawn = [];
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
    drawn.forEach(({ mark }, g) => {
      mark(
        entry.cells.filter(({ grid }) => grid === g),
        g === grids.length ? { row, column } : null,
      );
    });
    const cell = drawing.querySelector("td.adviz-chosen");
    if (cell instanceof HTMLElement && byKey) reveal(drawing, cell, { side: 8 });
    equation.replaceChildren(...pieces(entry.equation).map((part) => mathml(part)));
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
      const high = [...grids, result].map((grid) => (isWritten(grid) ? grid.rows : 0));
      const height = layout === "product" ? high[1] + high[2] : Math.max(...high);
      const wide = [...grids, result].reduce((sum, grid) => sum + widthOf(grid), 0);
      const isTight = height > MOST_HIGH_ROWS || (layout === "beside" && wide > MOST_COLUMNS);
      digits = isTight ? FEWER_DIGITS : DIGITS;
      const widths = layout === "product" ? columnWidths(digits, grids[1], result) : [];
      drawn = [...grids, result].map((grid, g) =>
        drawGrid(grid, g === grids.length, g > 0 ? widths : []),
      );
      const parts = drawn.map((one) => one.element);
      drawing.className = `adviz-matrices adviz-scroll adviz-${layout}`;
      drawing.classList.toggle("adviz-tight", isTight);
      drawing.replaceChildren(
        ...(layout === "product"
          ? [html("span"), parts[1], parts[0], parts[2]]
          : parts.map((part, i) =>
              i === grids.length
                ? html("span", { class: "adviz-given" }, html("span", {}, "→"), part)
                : part,
            )),
      );
      choice.hidden = !working.entry && !rule;
      chooser.hidden = !working.entry;
      if (working.entry) choose(0, false);
      else if (rule) {
        equation.replaceChildren(mathml(rule));
        note.textContent = missingText([...grids, result]);
        note.hidden = false;
      }
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
    /** @param {Node} body @param {Drawn["mark"]} [mark] @returns {Drawn} */
    const figure = (body, mark = () => {}) => ({
      element: html("figure", { class: kind }, caption, body),
      mark,
    });
    if (!at || !isWritten(grid)) {
      const image = drawMatrix(grid, SIZE, trace.digits);
      if (!image) return figure(html("span", {}, formatNumber(grid.quantity, trace.digits)));
      if (image.range) {
        caption.append(html("small", { class: "adviz-range" }, unseen(", "), image.range));
      }
      if (isResult) {
        /** @param {Event} event @param {boolean} aloud */
        const choosing = (event, aloud) => {
          const { row, column } = image.placeAt(/** @type {PointerEvent} */ (event));
          if (aloud || row * columns + column !== chosen) choose(row * columns + column, aloud);
        };
        image.element.addEventListener("pointermove", (event) => choosing(event, false));
        image.element.addEventListener("click", (event) => choosing(event, true));
      }
      return figure(image.element, image.mark);
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
    return figure(table, (used, chosenCell) => {
      for (const cell of made.flat()) cell.className = "";
      for (const { row, column } of used) made[row]?.[column]?.classList.add("adviz-used");
      if (chosenCell) made[chosenCell.row]?.[chosenCell.column]?.classList.add("adviz-chosen");
    });
  }
}

/**
 * All entries of an array, as rows and columns where it has no more than two axes.
 * @param {import("./trace.js").ArrayValue} array
 */
export function arrayEntries(array) {
  const grid = gridOf([], array);
  const isLong = (array.numbers?.length ?? 0) > MOST_IN_LIST;
  if (!grid?.at || isLong) return html("span", {}, array.entries || array.text);
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
 * A drawn grid: `mark` lights up the cells that are used and the one that is chosen.
 * @typedef {object} Drawn
 * @property {HTMLElement} element
 * @property {(used: Place[], chosen: Place | null) => void} mark
 * @typedef {{row: number, column: number}} Place
 */

/** Whether its numbers are written out. @param {Grid} grid */
function isWritten({ at, rows, columns }) {
  return at !== null && rows <= MOST_WRITTEN_OUT && columns <= MOST_WRITTEN_OUT;
}

/** How many columns are written out. @param {Grid} grid */
function widthOf(grid) {
  return isWritten(grid) ? grid.columns : 0;
}

/** Why no entry can be chosen. @param {Grid[]} grids */
function missingText(grids) {
  const missing = grids.filter(({ at }) => !at).map(({ name }) => mathText(name));
  const [is, their] = missing.length === 1 ? ["is", "its"] : ["are", "their"];
  return `${enumerate(missing)} ${is} too large for ${their} entries to be kept here. Trace a smaller case to choose one.`;
}

/**
 * How wide the columns of two grids are, one above the other.
 * @param {number} digits
 * @param {...Grid} grids
 */
function columnWidths(digits, ...grids) {
  if (!grids.every(isWritten)) return [];
  return Array.from({ length: grids[0].columns }, (_, c) =>
    Math.max(
      ...grids.flatMap(({ at, rows }) =>
        Array.from({ length: rows }, (_, r) => (at ? formatNumber(at(r, c), digits).length : 0)),
      ),
    ),
  );
}

/**
 * Arrays whose numbers are not known are drawn only where the drawing says more than the pictures in
 * the table.
 * @param {Working} working
 */
function isWorthShowing({ entry, layout }) {
  return entry !== null || layout === "product";
}
