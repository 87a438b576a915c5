// @ts-check
/** The table of an exercise: its rows with what is given, a field for each blank, and what is said of it. */
import { html, unseen } from "./dom.js";
import { aloud } from "./exerciseSpeech.js";
import { mathml, mathText } from "./math.js";
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseDocument.js").Cell} Cell
 * @typedef {import("./exerciseDocument.js").Shown} Shown
 * @typedef {import("./exerciseAnswers.js").Mark} Mark
 *
 * @typedef {import("./exerciseProse.js").Remark} Remark
 *
 * What the reader does with a field.
 * @typedef {object} Reader
 * @property {(place: number, text: string) => void} type
 * @property {(place: number) => void} settle  the field is done with, for now
 * @property {(place: number) => void} check
 * @property {(place: number) => void} enter
 *
 * @typedef {HTMLInputElement | HTMLSelectElement} Control
 * @typedef {object} Field
 * @property {Control} control
 * @property {HTMLElement} box
 * @property {HTMLElement} sign
 * @property {HTMLElement} remark
 * @property {HTMLElement} line  the row of the table
 */

/** @type {Record<Mark, string>} */
const SIGNS = {
  right: "✓",
  follows: "✓",
  coarse: "✓",
  wrong: "✗",
  unread: "?",
  moved: "",
  shown: "shown",
  "": "",
};
const HEADINGS = new Map([["value", "value"]]);
const ARROWS = new Map([
  ["adjoint", " ↑"],
  ["tangent", " ↓"],
]);

/** What is said of a line in place of numbers. @type {Record<string, string>} */
const NOTES = { unreached: "no path leads from here to the output" };

/**
 * The cells of a column in a line: one, or those of an array. @param {Shown} shown
 * @returns {number[]}
 */
function placesIn(shown) {
  return typeof shown === "number" ? [shown] : shown.flatMap(placesIn);
}

/**
 * A number, or an array laid out as it is printed: its last axis from left to right.
 * @param {Shown} shown
 * @param {(place: number) => HTMLElement} create
 * @returns {HTMLElement}
 */
function entriesOf(shown, create) {
  if (typeof shown === "number") return create(shown);
  const isVector = typeof shown[0] === "number";
  return html(
    "div",
    { class: isVector ? "adviz-entries" : "adviz-entry-lines" },
    ...shown.map((part) => entriesOf(part, create)),
  );
}

/** @param {Exercise} exercise @param {Reader} reader */
export function createExerciseTable(exercise, reader) {
  const { cells, blanks, columns, lines } = exercise;
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  const asked = new Set(blanks);
  /** @type {Map<number, Field>} */
  const fields = new Map();
  const hasFields = columns.map((_, column) =>
    lines.some(({ shown }) => placesIn(shown[column] ?? -1).some((place) => asked.has(place))),
  );
  const rows = lines.map(bodyLine);
  const table = html(
    "table",
    {},
    html("thead", {}, html("tr", {}, ...headings())),
    html("tbody", {}, ...rows),
  );
  const element = html("div", { class: "adviz-scroll adviz-sheet" }, table);
  element.addEventListener("keydown", moveByKey);
  let width = 0;

  function headings() {
    const named = columns.map((name, column) =>
      html(
        "th",
        { scope: "col", class: hasFields[column] ? "adviz-asked-for" : "adviz-number" },
        `${HEADINGS.get(name) ?? name}${hasFields[column] ? (ARROWS.get(name) ?? "") : ""}`,
      ),
    );
    return [
      html("th", { scope: "col" }, "row"),
      html("th", { scope: "col" }, "primal"),
      ...named,
      html("th", { scope: "col" }, unseen("remarks")),
    ];
  }

  /** @param {import("./exerciseDocument.js").Line} line */
  function bodyLine({ label, formula, shown, note }) {
    const remarks = html("td", { class: "adviz-remarks" });
    const row = html("tr");
    const name = html("th", { scope: "row" });
    name.append(mathml(label));
    const primal = html("td", { class: "adviz-formula" });
    primal.append(mathml(formula));
    const several = shown.flatMap(placesIn).filter((place) => asked.has(place)).length > 1;
    const numbers = columns.map((_, column) => {
      const places = shown[column] ?? -1;
      const cell = html("td", { class: hasFields[column] ? "adviz-asked-for" : "adviz-number" });
      if (places === -1) return cell;
      cell.append(entriesOf(places, createEntry));
      const isGiven = !placesIn(places).some((place) => asked.has(place));
      if (isGiven && hasFields[column]) remarks.append(html("p", {}, "given"));
      return cell;
    });
    if (note in NOTES) remarks.append(html("p", {}, NOTES[note]));

    /** @param {number} place */
    function createEntry(place) {
      if (!asked.has(place)) {
        return html("span", { class: "adviz-fixed" }, given(cells[place]));
      }
      row.dataset.blank = "";
      const field = createField(place, row);
      fields.set(place, field);
      if (several) field.remark.dataset.name = `${mathText(cells[place].label)}: `;
      remarks.append(field.remark);
      return field.box;
    }
    row.append(name, primal, ...numbers, remarks);
    return row;
  }

  /** @param {Cell} cell */
  function given(cell) {
    if (cell.kind === "choice") return cell.choices[Number(cell.number)] ?? "";
    if (cell.formula !== null) return mathText(cell.formula);
    return cell.number === null ? "" : formatNumber(cell.number, exercise.digits);
  }

  /** @param {number} place @param {HTMLElement} line @returns {Field} */
  function createField(place, line) {
    const cell = cells[place];
    const remark = html("p", { id: `${id}-${place}` });
    const attributes = {
      "aria-label": aloud(mathText(cell.label)),
      "aria-describedby": remark.id,
      tabindex: place === blanks[0] ? 0 : -1,
    };
    const control = /** @type {Control} */ (
      cell.kind === "choice"
        ? html(
            "select",
            attributes,
            ...["", ...cell.choices].map((choice) => html("option", { value: choice }, choice)),
          )
        : html("input", {
            type: "text",
            autocomplete: "off",
            autocapitalize: "off",
            spellcheck: "false",
            ...attributes,
          })
    );
    const sign = html("span", { class: "adviz-entry-sign", "aria-hidden": true });
    const box = html("span", { class: "adviz-entry", "data-kind": cell.kind }, control, sign);
    control.addEventListener("input", () => reader.type(place, control.value));
    control.addEventListener("change", () => reader.settle(place));
    control.addEventListener("focus", () => {
      makeStop(control);
      reader.enter(place);
    });
    return { control, box, sign, remark, line };
  }

  /** The table is one stop of the keyboard, at the blank where the reader was. @param {Control} control */
  function makeStop(control) {
    for (const field of fields.values())
      field.control.tabIndex = field.control === control ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  function moveByKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = blanks.findIndex((place) => fields.get(place)?.control === event.target);
    if (here < 0) return;
    const { control } = /** @type {Field} */ (fields.get(blanks[here]));
    if (event.key === "Enter") {
      event.preventDefault();
      reader.check(blanks[here]);
      return;
    }
    const isChoice = control instanceof HTMLSelectElement;
    /** @type {Control | undefined} */
    let next;
    if (event.key === "Tab") next = fields.get(blanks[here + (event.shiftKey ? -1 : 1)])?.control;
    else if (event.key === "ArrowUp" && !isChoice) next = nearest(control, -1);
    else if (event.key === "ArrowDown" && !isChoice) next = nearest(control, 1);
    else return;
    if (!next && event.key === "Tab") return;
    event.preventDefault();
    next?.focus();
    if (next instanceof HTMLInputElement) next.select();
  }

  /** The next field above or below. @param {Control} from @param {1 | -1} way */
  function nearest(from, way) {
    const start = from.getBoundingClientRect();
    let [best, least] = [/** @type {Control | undefined} */ (undefined), Infinity];
    for (const { control } of fields.values()) {
      const { top, left, height } = control.getBoundingClientRect();
      const far = way * (top - start.top);
      // A line away counts more than any place within a line.
      const distance = far * 1e4 + Math.abs(left - start.left);
      if (far > height / 2 && distance < least) [best, least] = [control, distance];
    }
    return best;
  }

  /** What is below must not move from check to check: rows stay as high as they have been. */
  function reserve() {
    const isOther = element.clientWidth !== width;
    width = element.clientWidth;
    if (isOther) for (const row of rows) row.style.removeProperty("--adviz-kept");
    const heights = rows.map((row) => row.offsetHeight);
    rows.forEach((row, i) => {
      if (heights[i] > 0) row.style.setProperty("--adviz-kept", `${heights[i]}px`);
    });
  }

  return {
    element,

    /**
     * Shows an entry with what is said of it.
     * @param {number} place
     * @param {string} text
     * @param {Mark} mark
     * @param {Remark} remark
     * @param {boolean} isStale  what is said is of the entry before
     */
    show(place, text, mark, remark, isStale) {
      const field = fields.get(place);
      if (!field) return;
      const { control, box, sign, line } = field;
      // What is being typed is left alone: the cursor would move.
      if (control.value !== text) control.value = text;
      if (control instanceof HTMLInputElement) control.readOnly = mark === "shown";
      else control.disabled = mark === "shown";
      box.dataset.mark = mark;
      sign.textContent = SIGNS[mark];
      if (mark === "wrong" || mark === "unread") control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      const { name = "" } = field.remark.dataset;
      const { first, rest } = remark;
      field.remark.dataset.mark = mark;
      field.remark.classList.toggle("adviz-stale", isStale);
      field.remark.replaceChildren(
        ...(first || rest
          ? [name, html("b", {}, first), rest ? ` ${rest}` : ""].filter((part) => part !== "")
          : []),
      );
      const marks = [...line.querySelectorAll(".adviz-entry")].map(
        (each) => /** @type {HTMLElement} */ (each).dataset.mark,
      );
      line.toggleAttribute("data-wrong", marks.includes("wrong"));
    },
    reserve,

    /** The blank where the reader is, or was. */
    here: () => blanks.find((place) => fields.get(place)?.control.tabIndex === 0) ?? blanks[0],

    /** @param {number} place */
    focus(place) {
      fields.get(place)?.control.focus({ preventScroll: true });
    },

    /** @param {{place: number, start: number, end: number}} cursor */
    setCursor({ place, start, end }) {
      const control = fields.get(place)?.control;
      control?.focus({ preventScroll: true });
      if (control instanceof HTMLInputElement) control.setSelectionRange(start, end);
    },

    /** The cursor's place. @returns {{place: number, start: number, end: number} | null} */
    cursor() {
      for (const [place, { control }] of fields) {
        if (control !== document.activeElement) continue;
        const [start, end] =
          control instanceof HTMLInputElement
            ? [control.selectionStart ?? 0, control.selectionEnd ?? 0]
            : [0, 0];
        return { place, start, end };
      }
      return null;
    },
  };
}
