// @ts-check
/** The fields of an exercise, one for each blank, with what is said beside it; and the keys in them. */
import { focusedFrom, html } from "./dom.js";
import { mathText } from "./math.js";
import { speak } from "./speech.js";

/**
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseAnswers.js").Mark} Mark
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
 *
 * Where the cursor is.
 * @typedef {{place: number, start: number, end: number}} Cursor
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

/** @param {Exercise} exercise @param {Reader} reader */
export function createFields({ cells, blanks }, reader) {
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  /** @type {Map<number, Field>} */
  const fields = new Map(blanks.map((place) => [place, createField(place)]));

  /** @param {number} place @returns {Field} */
  function createField(place) {
    const cell = cells[place];
    const remark = html("p", { id: `${id}-${place}` });
    const attributes = {
      "aria-label": speak(mathText(cell.label)),
      "aria-describedby": remark.id,
      tabindex: place === blanks[0] ? 0 : -1,
    };
    const options = ["", ...cell.choices].map((choice) =>
      html("option", { value: choice }, choice),
    );
    const typing = {
      maxlength: 200,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
    };
    const control = /** @type {Control} */ (
      cell.kind === "choice"
        ? html("select", attributes, ...options)
        : html("input", { type: "text", ...typing, ...attributes })
    );
    const sign = html("span", { class: "adviz-entry-sign", "aria-hidden": true });
    const box = html("span", { class: "adviz-entry", "data-kind": cell.kind }, control, sign);
    control.addEventListener("input", () => reader.type(place, control.value));
    control.addEventListener("change", () => reader.settle(place));
    control.addEventListener("focus", () => {
      makeStop(control);
      reader.enter(place);
    });
    return { control, box, sign, remark };
  }

  /** All fields are one stop of the keyboard, at the blank where the reader was. @param {Control} control */
  function makeStop(control) {
    for (const field of fields.values()) {
      field.control.tabIndex = field.control === control ? 0 : -1;
    }
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

  return {
    /** @param {number} place @returns {Field | undefined} */
    of: (place) => fields.get(place),
    moveByKey,

    /**
     * Shows an entry with what is said of it.
     * @param {number} place
     * @param {string} text
     * @param {Mark} mark
     * @param {Remark} remark
     * @param {boolean} isStale  what is said is of the entry before
     */
    show(place, text, mark, { first, rest }, isStale) {
      const { control, box, sign, remark } = /** @type {Field} */ (fields.get(place));
      // What is being typed is left alone: the cursor would move.
      if (control.value !== text) control.value = text;
      if (control instanceof HTMLInputElement) control.readOnly = mark === "shown";
      else control.disabled = mark === "shown";
      box.dataset.mark = mark;
      sign.textContent = SIGNS[mark];
      if (mark === "wrong" || mark === "unread") control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      remark.dataset.mark = mark;
      remark.classList.toggle("adviz-stale", isStale);
      const said = [
        ...(first ? [html("b", {}, ...withCode(first))] : []),
        ...withCode(first && rest ? ` ${rest}` : rest),
      ];
      const { name } = remark.dataset;
      remark.replaceChildren(...(name && said.length > 0 ? [`${name}: `, ...said] : said));
    },

    /** The blank where the reader is, or was. */
    here: () => blanks.find((place) => fields.get(place)?.control.tabIndex === 0) ?? blanks[0],

    /** @param {number} place */
    focus(place) {
      fields.get(place)?.control.focus({ preventScroll: true });
    },

    /** @param {Cursor} cursor */
    setCursor({ place, start, end }) {
      const control = fields.get(place)?.control;
      control?.focus({ preventScroll: true });
      if (control instanceof HTMLInputElement) control.setSelectionRange(start, end);
    },

    /** @returns {Cursor | null} */
    cursor() {
      for (const [place, { control }] of fields) {
        if (control !== focusedFrom(control)) continue;
        const isText = control instanceof HTMLInputElement;
        const [start, end] = isText ? [control.selectionStart, control.selectionEnd] : [0, 0];
        return { place, start: start ?? 0, end: end ?? 0 };
      }
      return null;
    },
  };
}

/** A sentence in which source code stands between backticks. @param {string} text */
function withCode(text) {
  return text
    .split("`")
    .map((part, i) => (i % 2 === 1 ? html("code", {}, part) : part))
    .filter((part) => part !== "");
}
