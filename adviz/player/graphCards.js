// @ts-check
/** The cards of the graph: a row's or a closed group's name, its value and its derivative. */
import { gist, isShort, picture, shapeOf } from "./arrays.js";
import { html } from "./dom.js";
import { boundary } from "./folding.js";
import { ACCENTS, primalFormula } from "./formulas.js";
import { mathml, mathText, mo } from "./math.js";
import { formatNumber } from "./number.js";
import { label, symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./graphBoxes.js").Use} Use
 * @typedef {{element: HTMLElement, update: (sweep: Sweep, step: number, isCurrent: boolean) => void}}
 *   Card
 */

const HEIGHT = 44;
/** Of a card that holds no numbers. */
const LOW = 26;
const [NARROWEST, WIDEST] = [124, 200];
const TITLE_CHARACTER = 7.4;
const NUMBER_CHARACTER = 6.65;
const CELL_PADDING = 8;
const PICTURE = 14;
const FEWER_DIGITS = [4, 3, 2];
/** How much of a card the value may take, beside a derivative. */
const [LEAST_SHARE, MOST_SHARE] = [0.3, 0.53];

/**
 * How large a card is: fixed, so that nothing moves while the reader steps.
 * @param {Trace} trace
 * @param {number} box
 * @param {Use | null} [constant]  the use that it is the constant of
 */
export function cardSize(trace, box, constant = null) {
  if (constant) {
    const title = constantTitle(trace, constant)
      .map((part) => mathText(part))
      .join(" ");
    return { width: Math.max(70, TITLE_CHARACTER * [...title].length + 22), height: LOW };
  }
  const title =
    box < 0
      ? trace.groups[~box].title
      : rowTitle(trace, box)
          .map((part) => mathText(part))
          .join(" ");
  const width = TITLE_CHARACTER * [...title].length + 22;
  const least = box < 0 ? NARROWEST + 30 : NARROWEST;
  return { width: Math.min(WIDEST, Math.max(least, width)), height: HEIGHT };
}

/**
 * The title of a row's card: v₋₁ = x₁, v₁ ×, v₁ = Z @ 3×2.
 * @param {Trace} trace
 * @param {number} slot
 */
function rowTitle(trace, slot) {
  const input = trace.inputs[slot];
  const output = trace.outputs.find(({ row }) => row === slot);
  const name = (input ?? output)?.math ?? nameInProgram(trace, slot);
  const parts = [symbol(trace, slot)];
  if (name) parts.push(mo("="), /** @type {import("./math.js").Formula} */ (name));
  const operation = trace.forms[slot]?.symbol;
  if (operation) parts.push(["mtext", operation]);
  const shape = shapeOf(trace.values[slot]);
  if (shape.length > 0) parts.push(["mtext", shapeTitle(shape)]);
  return parts;
}

/** The title of a constant array: X 3×2. @param {Trace} trace @param {Use} use */
function constantTitle(trace, { row, operand }) {
  const array = trace.constantArrays.get(row)?.[operand];
  const shape = array ? shapeOf(array.value) : [];
  const name = /** @type {import("./math.js").Formula} */ (array?.math ?? ["mtext", "constant"]);
  return [name, /** @type {import("./math.js").Formula} */ (["mtext", shapeTitle(shape)])];
}

/** @param {number[]} shape */
function shapeTitle(shape) {
  return shape.length > 1 ? shape.join("×") : `(${shape[0]})`;
}

/** @param {Trace} trace @param {number} slot */
function nameInProgram(trace, slot) {
  const name = trace.sites[slot]?.name;
  return name ? ["mi", name] : null;
}

/**
 * @param {Trace} trace
 * @param {number} box
 * @param {(slot: number) => number[]} uses
 * @param {number} width
 * @param {Use | null} [constant]
 * @returns {Card}
 */
export function createCard(trace, box, uses, width, constant = null) {
  if (constant) return constantCard(trace, constant);
  return box < 0 ? groupCard(trace, ~box, uses, width) : rowCard(trace, box, width);
}

/** @param {Trace} trace @param {number} slot @param {number} width @returns {Card} */
function rowCard(trace, slot, width) {
  const title = titleElement(rowTitle(trace, slot));
  const element = html("button", { type: "button", tabindex: -1, "data-row": slot }, title);
  const what = `${label(trace, slot)} = ${mathText(primalFormula(trace, slot))}`;
  return updating(trace, element, what, slot, width, (digits) =>
    trace.values[slot] === undefined ? "" : numberText(trace.values[slot], digits),
  );
}

/** A constant, dotted: no sweep reaches it. @param {Trace} trace @param {Use} use @returns {Card} */
function constantCard(trace, use) {
  const title = titleElement(constantTitle(trace, use));
  const element = html("div", { class: "adviz-node adviz-constant" }, title);
  return { element, update() {} };
}

/** @param {import("./math.js").Formula[]} parts */
function titleElement(parts) {
  const title = html("span", { class: "adviz-cardtitle" });
  /** @type {import("./math.js").Formula[]} */
  let math = [];
  for (const part of parts) {
    if (part[0] !== "mtext") math.push(part);
    else {
      if (math.length > 0) title.append(mathml(...math));
      math = [];
      title.append(html("span", {}, String(part[1])));
    }
  }
  if (math.length > 0) title.append(mathml(...math));
  return title;
}

/**
 * A closed group, with what goes in and what comes out.
 * @param {Trace} trace
 * @param {number} group
 * @param {(slot: number) => number[]} uses
 * @param {number} width
 * @returns {Card}
 */
function groupCard(trace, group, uses, width) {
  const { title, start, stop } = trace.groups[group];
  const element = html(
    "button",
    { type: "button", tabindex: -1, "data-group": group, class: "adviz-groupcard" },
    html("span", { class: "adviz-cardtitle" }, title),
  );
  const { sources } = boundary(trace, uses, group);
  const source = sources.length === 1 && isShort(trace.values[sources[0]]) ? sources[0] : -1;
  const what = `${title}, ${label(trace, start)} to ${label(trace, stop - 1)}`;
  return updating(trace, element, what, stop - 1, width, (digits) => {
    const after = numberText(trace.values[stop - 1], Math.min(4, digits));
    return source < 0
      ? after
      : `${numberText(trace.values[source], Math.min(4, digits))} → ${after}`;
  });
}

/**
 * What keeps a card up to date with the row that it shows.
 * @param {Trace} trace
 * @param {HTMLElement} element
 * @param {string} what  is on the card, for screen readers
 * @param {number} slot
 * @param {number} width
 * @param {(digits: number) => string} textOfValue
 * @returns {Card}
 */
function updating(trace, element, what, slot, width, textOfValue) {
  const kind = element.className;
  const value = html("span", { class: "adviz-cardvalue" });
  const derivative = html("span", { class: "adviz-cardderivative" });
  const numbers = html("span", { class: "adviz-cardnumbers" }, value, derivative);
  element.append(numbers);
  let look = "";
  /** @type {unknown[]} */
  let shown = [];

  /** @param {Sweep} sweep @param {number} step @param {boolean} isCurrent */
  function update(sweep, step, isCurrent) {
    const { state, value: known, isAsked = false } = sweep.at(slot, step);
    const never = sweep.pass === "reverse" && sweep.stepOf(slot) < 0;
    const primal = trace.values[slot];
    const next = `${sweep.pass}|${state}|${isCurrent}|${never}|${isAsked}`;
    if (look === next && Object.is(shown[0], primal) && Object.is(shown[1], known)) return;
    look = next;
    shown = [primal, known];
    element.className = `adviz-node ${kind} adviz-${isCurrent ? "current" : state}`;

    const isAlone = sweep.pass === "primal";
    // A tangent is asked for where the value is known.
    const isKnown = sweep.pass === "reverse" || (isAsked ? !isAlone : state !== "pending");
    const whole = isKnown ? fitted(textOfValue, trace.digits, width - CELL_PADDING) : "·";
    const wanted = (textWidth(whole) + CELL_PADDING) / width;
    const share = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, wanted));
    const part = (isAlone ? 1 : share) * width - CELL_PADDING;
    const text = isAlone ? whole : fitted(textOfValue, trace.digits, part);
    const unknown = isAsked ? "?" : "·";
    value.replaceChildren(isKnown ? fittedPicture(primal, text, part) : unknown);
    numbers.style.gridTemplateColumns = isAlone ? "1fr" : `${(100 * share).toFixed(1)}% 1fr`;
    derivative.hidden = isAlone;
    let spoken = isKnown
      ? `value ${formatNumber(primal, trace.digits)}`
      : isAsked
        ? "to be predicted"
        : "not reached yet";
    if (isAsked && !isAlone) {
      derivative.replaceChildren("?");
      spoken += `, ${label(trace, slot, ACCENTS[sweep.pass])} to be predicted`;
    } else if (!isAlone) {
      const isReached = state !== "pending";
      const more = state === "partial" ? " …" : "";
      const room = (1 - share) * width - CELL_PADDING - textWidth(more);
      const amount = never ? 0 : known;
      const number = fitted((digits) => numberText(amount, digits), trace.digits, room);
      derivative.replaceChildren(
        isReached || never ? fittedPicture(amount, number, room) : "…",
        ...(more ? [html("small", {}, more)] : []),
      );
      const accent = label(trace, slot, ACCENTS[sweep.pass]);
      spoken += isReached
        ? `, ${accent} ${formatNumber(known, trace.digits)}${more && ", more to come"}`
        : `, ${accent} ${never ? "0" : "not reached yet"}`;
    }
    element.setAttribute("aria-label", `${what}: ${spoken}`);
  }

  return { element, update };
}

/** @param {Quantity} quantity @param {number} digits */
function numberText(quantity, digits) {
  return typeof quantity === "number" ? formatNumber(quantity, digits) : gist(quantity, digits);
}

/**
 * A number with all its digits; with fewer where there is no room for them.
 * @param {(digits: number) => string} text
 * @param {number} digits
 * @param {number} room
 */
export function fitted(text, digits, room) {
  const choices = [digits, ...FEWER_DIGITS.filter((fewer) => fewer < digits)].map(text);
  choices.push(...choices.slice(-1).flatMap(brief));
  return choices.find((choice) => textWidth(choice) <= room) ?? choices[choices.length - 1];
}

/**
 * A number with a power of ten, or a very small one, as computers write it, with two digits and
 * with one: −1.2e−7, −1e−7. An exponent must not be cut off.
 * @param {string} text
 */
function brief(text) {
  const parts = /^(−?)([\d.]+)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$/.exec(text);
  if (!parts) return [];
  const [, sign, figures, raised = ""] = parts;
  const power = [...raised].map((c) => (c === "⁻" ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c))).join("");
  const number = Number(`${figures}e${power || 0}`);
  return [1, 0].map((places) =>
    (sign + number.toExponential(places)).replace("e+", "e").replace("-", "−"),
  );
}

/**
 * An array whose entries have no room is a picture; its shape, where there is none.
 * @param {Quantity} quantity
 * @param {string} text
 * @param {number} room
 */
function fittedPicture(quantity, text, room) {
  if (typeof quantity === "number") return text;
  const fits = textWidth(text) <= room;
  if (isShort(quantity) && fits) return text;
  return picture(quantity, PICTURE) ?? (fits ? text : quantity.shape.join("×"));
}

/** The width of a number on a card. @param {string} text */
function textWidth(text) {
  return NUMBER_CHARACTER * [...text].length;
}
