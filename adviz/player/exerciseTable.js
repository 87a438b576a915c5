// @ts-check
/** The table of an exercise: its rows with what is given, the fields, and what is said of the entries. */
import { html, unseen } from "./dom.js";
import { mathml, mathText } from "./math.js";
import { formatNumber } from "./number.js";

/**
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseDocument.js").Cell} Cell
 * @typedef {import("./exerciseDocument.js").Line} Line
 * @typedef {import("./exerciseDocument.js").Shown} Shown
 * @typedef {ReturnType<typeof import("./exerciseFields.js").createFields>} Fields
 */

/** Which way a pass goes through the rows. */
const ARROWS = new Map([
  ["adjoint", " ↑"],
  ["tangent", " ↓"],
]);
/** What is said of a line in place of numbers. @type {Record<string, string>} */
const NOTES = { unreached: "no path leads from here to the output" };
const NARROW = 640;
const MOST_NAMED = 4;

/** @param {Exercise} exercise @param {Fields} fields */
export function createExerciseTable(exercise, fields) {
  const { ask, cells, columns, lines } = exercise;
  const asked = new Set(exercise.blanks);
  const hasFields = columns.map((_, column) =>
    lines.some(({ shown }) => placesIn(shown[column]).some((place) => asked.has(place))),
  );
  const hasFormulas = lines.some(({ formula }) => formula.length > 0);
  const rows = lines.map(bodyLine);
  const table = html(
    "table",
    {},
    html("thead", {}, html("tr", {}, ...headings())),
    html("tbody", {}, ...rows),
  );
  const element = html("div", { class: "adviz-scroll adviz-sheet" }, table);
  element.addEventListener("keydown", fields.moveByKey);
  let width = 0;

  function headings() {
    const named = columns.map((name, column) => {
      const text = hasFields[column] ? name + (ARROWS.get(name) ?? "") : name;
      return html("th", { scope: "col", class: classOf(column) }, text);
    });
    return [
      html("th", { scope: "col" }, "row"),
      ...(hasFormulas
        ? [html("th", { scope: "col" }, ask === "paper" ? "printed" : "primal")]
        : []),
      ...named,
      html("th", { scope: "col" }, unseen("remarks")),
    ];
  }

  /** @param {number} column */
  function classOf(column) {
    return hasFields[column] ? "adviz-asked-for" : "adviz-number";
  }

  /** @param {Line} line */
  function bodyLine({ label, formula, shown, note }) {
    const places = columns.map((_, column) => placesIn(shown[column]));
    const blanks = places.flat().filter((place) => asked.has(place));
    const row = html("tr");
    const name = html("th", { scope: "row" });
    row.append(name);
    name.append(written(label));
    let first = 0;
    if (hasFormulas && formula.length > 0) {
      const primal = html("td", { class: "adviz-formula" });
      primal.append(written(formula));
      row.append(primal);
    } else {
      // A label that stands alone has the room of what is not there.
      while (first < columns.length && places[first].length === 0 && !hasFields[first]) first += 1;
      const span = 1 + Number(hasFormulas) + first;
      if (span > 1) name.setAttribute("colspan", String(span));
    }
    const inColumns = columns.map((heading, column) => {
      const attributes = { class: classOf(column), "data-heading": heading };
      return html("td", attributes, ...parts(shown[column], column));
    });
    row.append(...inColumns.slice(first));
    const remarks = html("td", { class: "adviz-remarks" });
    for (const place of blanks) {
      const field = fields.of(place);
      if (!field) continue;
      const column = places.findIndex((inColumn) => inColumn.includes(place));
      const isAlone = places[column].length === 1;
      if (blanks.length > 1) {
        field.remark.dataset.name = isAlone ? columns[column] : mathText(cells[place].label);
      }
      remarks.append(field.remark);
    }
    const isGiven = places.some((inColumn, i) => hasFields[i] && inColumn.length > 0);
    if (blanks.length === 0 && isGiven) remarks.append(html("p", {}, "given"));
    if (Object.hasOwn(NOTES, note)) remarks.append(html("p", {}, NOTES[note]));
    row.toggleAttribute("data-blank", blanks.length > 0);
    row.toggleAttribute("data-several", blanks.length > 1);
    row.append(remarks);
    return row;
  }

  /** @param {Shown | undefined} shown @param {number} column @returns {Node[]} */
  function parts(shown, column) {
    if (!Array.isArray(shown)) return shown === undefined || shown < 0 ? [] : [part(shown)];
    const attributes = { role: "group", "aria-label": `${columns[column]}, entry by entry` };
    const grid = html("span", { class: "adviz-grid", ...attributes });
    grid.append(...placesIn(shown).map(part));
    grid.style.gridTemplateColumns = `repeat(${lengthOfLines(shown)}, auto)`;
    return [grid];
  }

  /** A field, or what is given. @param {number} place */
  function part(place) {
    const field = asked.has(place) ? fields.of(place) : undefined;
    if (field) return field.box;
    return html("span", { class: "adviz-fixed" }, place < 0 ? "" : given(cells[place]));
  }

  /** @param {Cell} cell */
  function given(cell) {
    if (cell.kind === "choice") return cell.choices[Number(cell.number)] ?? "";
    if (cell.formula !== null) return mathText(cell.formula);
    return cell.number === null ? "" : formatNumber(cell.number, exercise.digits);
  }

  /** Lays the table out for its width; what is below must not move from check to check after that. */
  function fit() {
    const isOther = element.clientWidth !== width;
    width = element.clientWidth;
    if (isOther) {
      for (const row of rows) row.style.removeProperty("--adviz-kept");
      element.removeAttribute("data-stacked");
      const isStacked = width < NARROW || table.offsetWidth > width;
      element.toggleAttribute("data-stacked", isStacked);
    }
    const heights = rows.map((row) => row.offsetHeight);
    rows.forEach((row, i) => {
      if (heights[i] > 0) row.style.setProperty("--adviz-kept", `${heights[i]}px`);
    });
  }

  return {
    element,
    fit,
    /** Marks the rows in which an entry is wrong. */
    showMarks() {
      for (const row of rows) {
        row.toggleAttribute("data-wrong", row.querySelector("[data-mark=wrong]") !== null);
        sayOnce(row);
      }
    },
  };
}

/** Has what holds for several entries of a row said once, of all of them. @param {HTMLElement} row */
function sayOnce(row) {
  /** @type {Map<string, {name: ChildNode, names: string[]}>} */
  const said = new Map();
  for (const remark of /** @type {NodeListOf<HTMLElement>} */ (
    row.querySelectorAll(".adviz-remarks p[data-name]")
  )) {
    const [name, ...rest] = remark.childNodes;
    if (!name) continue;
    const key = [remark.className, ...rest.map((node) => node.textContent)].join(" ");
    const before = said.get(key);
    remark.hidden = before !== undefined;
    name.textContent = `${remark.dataset.name}: `;
    const one = before ?? { name, names: [] };
    one.names.push(remark.dataset.name ?? "");
    const more = one.names.length - MOST_NAMED;
    const names = one.names.slice(0, MOST_NAMED).join(", ");
    one.name.textContent = `${names}${more > 0 ? ` and ${more} more` : ""}: `;
    said.set(key, one);
  }
}

/** A formula; or words, which go on in another line where there is no room. @param {import("./math.js").Formula} tree */
function written(tree) {
  return tree[0] === "mtext" ? html("span", { class: "adviz-said" }, mathText(tree)) : mathml(tree);
}

/** @param {Shown | undefined} shown @returns {number[]} */
function placesIn(shown) {
  if (Array.isArray(shown)) return shown.flatMap(placesIn);
  return shown === undefined || shown < 0 ? [] : [shown];
}

/** An array is laid out as it is printed: its last axis from left to right. @param {Shown[]} shown @returns {number} */
function lengthOfLines(shown) {
  const [first] = shown;
  return Array.isArray(first) ? lengthOfLines(first) : Math.max(1, shown.length);
}
