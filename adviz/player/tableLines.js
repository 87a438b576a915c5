// @ts-check
/** The lines of the table: rows, decisions between them, headings of calls. */
import { shown } from "./arrays.js";
import { html, unseen } from "./dom.js";
import { ACCENTS, derivativeTerms, primalFormula } from "./formulas.js";
import { COLUMNS, groupLine, indent } from "./groupLines.js";
import { mathml, row as mathRow, mo } from "./math.js";
import { formatNumber } from "./number.js";
import { weightedOutputs } from "./seeds.js";
import { comparedNumbers, label, symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 */

/**
 * @typedef {object} Line
 * @property {HTMLElement} element
 * @property {HTMLElement | null} button  null in the line of a decision
 * @property {HTMLElement | null} value  where the value stands
 * @property {HTMLElement | null} derivative  where the tangent or the adjoint stands
 * @property {{element: HTMLElement, step: number}[]} [terms]  of the tangent or adjoint, each with
 *   the step at which it arrives
 * @property {number} [slot]  of a group: its last row
 * @property {number} [from]  of passes: the row that is carried into them; −1 where none is shown
 * @property {string} look  what it shows now, so that what does not change is left alone
 * @property {Sweep | null} sweep  whose numbers it shows
 */

/**
 * What is read at a step: the rows whose values, and those whose tangents or adjoints, it takes.
 * @typedef {{values: Set<number>, derivatives: Set<number>}} Readings
 */

/**
 * What the reader may do.
 * @typedef {object} Reader
 * @property {(group: number) => void} toggle  opens or closes a group
 */

const PICTURE = 28;
/** Of the number that goes into passes, which shares its place with their name. */
const FEWER_DIGITS = 4;

/**
 * What the lines are of: items, a row by its slot, the decision d as ~d, the heading of the group g
 * as trace.count + g. They come in the order of the program, and each heading comes before what
 * lies in its group. What is hidden in closed groups is left out.
 * @param {Trace} trace
 * @param {Folding} folding
 */
export function itemsOf(trace, folding) {
  const { groups, decisions, count } = trace;
  const items = [];
  let [slot, d, g] = [0, 0, 0];
  while (slot <= count) {
    const closed = slot < count ? folding.groupOf(slot) : -1;
    for (; d < decisions.length && decisions[d].before === slot; d++) items.push(~d);
    for (; g < groups.length && groups[g].start === slot; g++) {
      if (closed < 0 || g <= closed) items.push(count + g);
    }
    if (closed < 0) {
      if (slot < count) items.push(slot);
      slot += 1;
      continue;
    }
    // What was decided between two rows of a closed group was decided in it.
    slot = groups[folding.runOf(closed).last].stop;
    while (d < decisions.length && decisions[d].before < slot) d++;
    while (g < groups.length && groups[g].start < slot) g++;
  }
  return Int32Array.from(items);
}

/** @param {Trace} trace @param {Folding} folding @param {Reader} reader */
export function createLines(trace, folding, reader) {
  const depths = new Int16Array(trace.count); // how many groups each row is in
  for (const { start, stop, depth } of trace.groups) depths.fill(depth + 1, start, stop);

  /**
   * The line of a row.
   * @param {number} slot
   * @param {number} place
   * @param {Sweep} sweep
   * @returns {Line}
   */
  function rowLine(slot, place, sweep) {
    const parts = [symbol(trace, slot)];
    for (const { row, math } of trace.outputs) {
      if (row === slot) parts.push(mo("="), mathRow(/** @type {unknown[]} */ (math)));
    }
    const nameInProgram = trace.sites[slot]?.name;
    const button = html(
      "button",
      { type: "button", tabindex: -1, "aria-label": `Go to ${label(trace, slot)}` },
      mathml(...parts),
    );
    const heading = html("th", { scope: "row" }, button);
    if (nameInProgram && slot >= trace.inputs.length && parts.length === 1) {
      const called = html("span", { class: "adviz-called" }, `= ${nameInProgram}`);
      called.title = nameInProgram;
      heading.append(called);
    }
    const value = html("td", { class: "adviz-number" });
    const cells = [heading, html("td", {}, mathml(primalFormula(trace, slot))), value];
    let derivative = null;
    /** @type {{element: HTMLElement, step: number}[]} */
    let terms = [];
    if (sweep.pass !== "primal") {
      terms = derivativeTerms(trace, sweep, slot).map(({ formula, step }) => ({
        element: html("span", {}, mathml(formula)),
        step,
      }));
      derivative = html("td", { class: "adviz-number adviz-derivative" });
      // What the formula is of is written before it where it stands on a line of its own.
      const of = html("span", { class: "adviz-of", "aria-hidden": true });
      of.append(mathml(symbol(trace, slot, ACCENTS[sweep.pass])));
      const formula =
        terms.length > 0 ? terms.map((term) => term.element) : [noTerms(trace, sweep)];
      cells.push(html("td", { class: "adviz-derivative adviz-terms" }, of, ...formula), derivative);
    }
    const element = html("tr", { "aria-rowindex": place + 2, "data-row": slot }, ...cells);
    indent(element, depths[slot]);
    return { element, button, value, derivative, terms, look: "", sweep: null };
  }

  /**
   * The line of a decision.
   * @param {number} index
   * @param {number} place
   * @param {Sweep} sweep
   * @returns {Line}
   */
  function decisionLine(index, place, sweep) {
    const { text, outcome } = trace.decisions[index];
    const value = html("span", { class: "adviz-aside" });
    const element = html(
      "tr",
      { class: "adviz-decision", "aria-rowindex": place + 2 },
      html(
        "td",
        { colspan: COLUMNS[sweep.pass].length },
        html("span", { class: "adviz-question" }, `${text} → ${outcome}`, value),
      ),
    );
    return { element, button: null, value, derivative: null, look: "", sweep: null };
  }

  /** Shows the numbers that a decision compared. @param {number} index @param {Line} line */
  function updateDecision(index, line) {
    const { text, operator } = trace.decisions[index];
    const [a, b] = comparedNumbers(trace, trace.decisions[index]).map((number) =>
      formatNumber(number, trace.digits),
    );
    const numbers = /\w/.test(operator) ? `${operator}(${a})` : `${a} ${operator} ${b}`;
    if (line.value) line.value.textContent = text === numbers ? "" : numbers;
  }

  /**
   * Shows in a line what is known of it after a step.
   * @param {number} item
   * @param {Line} line
   * @param {Sweep} sweep
   * @param {number} step
   * @param {Readings} read
   */
  function update(item, line, sweep, step, read) {
    if (item < 0) {
      // What the program will ask tells of numbers to come.
      const isAhead =
        sweep.isPredicted === true &&
        sweep.pass !== "reverse" &&
        trace.decisions[~item].before > step + Number(!sweep.isAsked(step));
      const look = String(isAhead);
      if (look === line.look && sweep === line.sweep) return;
      line.look = look;
      line.sweep = sweep;
      line.element.toggleAttribute("data-ahead", isAhead);
      if (!isAhead) updateDecision(~item, line);
      else if (line.value) line.value.textContent = "";
      return;
    }
    const group = item - trace.count;
    const passed = folding.groupAt(sweep, step);
    // The result of a call or a pass is its last row.
    const slot = line.slot ?? item;
    const from = line.from ?? -1;
    const before = from < 0 ? null : sweep.at(from, step);
    const { state, value, part, parts, isAsked = false } = sweep.at(slot, step);
    // A seed is no call's; where its row is in a folded one, that call is marked all the same.
    const marked = passed < 0 ? folding.groupOf(sweep.row(step)) : passed;
    const current = group < 0 ? marked < 0 && sweep.row(step) === slot : marked === group;
    const never = parts === 0 && step === sweep.length - 1;
    const badge =
      from < 0 && !isAsked && parts > 1 && part > 0 && (part < parts || (current && group < 0))
        ? `${part} of ${parts}`
        : "";
    const ringed = [read.values.has(slot), read.derivatives.has(slot)];
    const look = `${state}|${current}|${never}|${badge}|${part}|${isAsked}|${ringed}|${before?.state}`;
    if (look === line.look && sweep === line.sweep) return;
    line.look = look;
    line.sweep = sweep;
    const known = group < 0 || line.value ? state : "open";
    const classes = [...(group < 0 ? [] : ["adviz-group"]), `adviz-${current ? "current" : known}`];
    line.element.className = classes.join(" ");
    if (current) line.element.setAttribute("aria-current", "step");
    else line.element.removeAttribute("aria-current");
    const primalKnown = sweep.pass === "reverse" || state !== "pending" || isAsked;
    const isValueAsked = isAsked && sweep.pass === "primal";
    line.value?.replaceChildren(
      through(
        from < 0 || isValueAsked || !primalKnown
          ? null
          : html("span", { class: "adviz-carried" }, carried(trace.values[from]), " → "),
        "",
        isValueAsked ? blank() : primalKnown ? number(trace.values[slot], ringed[0]) : notReached(),
      ),
    );
    if (from >= 0) {
      const characters = carried(trace.values[from]).length + 2;
      line.element.style.setProperty("--adviz-overhang", `${characters}ch`);
    }
    if (!line.derivative) return;
    line.terms?.forEach(({ element, step: arrival }, i, terms) => {
      // The last one may stand for several.
      const until = i + 1 < terms.length ? arrival : sweep.stepOf(slot);
      const isNow = current && group < 0 && sweep.pass === "reverse";
      const place =
        isNow && arrival <= step && step <= until
          ? "arriving"
          : arrival <= step
            ? "arrived"
            : "awaited";
      const isOpen = isAsked && (sweep.pass === "forward" || place === "arriving");
      element.className = `adviz-${isOpen ? "unknown" : place}`;
    });
    if (isAsked) {
      const before = state === "pending" ? [] : [number(value, false), " → "];
      line.derivative.replaceChildren(...before, blank());
      return;
    }
    const arrow = sweep.pass === "reverse" ? " ← " : " → ";
    const entry = before && (before.state === "pending" ? "…" : number(before.value, false));
    line.derivative.replaceChildren(
      through(
        never || state === "pending" ? null : entry,
        arrow,
        never ? number(0, false) : state === "pending" ? notReached() : number(value, ringed[1]),
      ),
      ...(badge ? [html("span", { class: "adviz-badge" }, badge)] : []),
    );
  }

  /**
   * A number, with what it was before some passes; that goes out of the cell on the left.
   * @param {Node | string | null} before
   * @param {string} arrow
   * @param {Node} now
   */
  function through(before, arrow, now) {
    return before === null ? now : html("span", { class: "adviz-through" }, before, arrow, now);
  }

  /** @param {Quantity} quantity */
  function carried(quantity) {
    return formatNumber(quantity, Math.min(FEWER_DIGITS, trace.digits));
  }

  /** @param {Quantity} quantity @param {boolean} isRead  whether the step reads it */
  function number(quantity, isRead) {
    return html(
      "span",
      { class: isRead ? "adviz-quantity adviz-ring" : "adviz-quantity" },
      ...shown(quantity, trace.digits, PICTURE),
    );
  }

  return {
    /**
     * @param {number} item
     * @param {number} place  among the lines, from 0
     * @param {Sweep} sweep
     * @returns {Line}
     */
    create(item, place, sweep) {
      if (item < 0) return decisionLine(~item, place, sweep);
      if (item < trace.count) return rowLine(item, place, sweep);
      return groupLine(trace, folding, reader, item - trace.count, place, sweep);
    },
    update,
  };
}

/** Where the reader predicts what comes. */
function blank() {
  return html(
    "span",
    { class: "adviz-blank" },
    html("span", { "aria-hidden": true }, "?"),
    unseen("to be predicted"),
  );
}

/** Why a row's tangent or adjoint has no terms. @param {Trace} trace @param {Sweep} sweep */
function noTerms(trace, sweep) {
  const why =
    sweep.pass === "forward" ? "a constant" : `no path to ${weightedOutputs(trace, sweep.seeds)}`;
  return html("span", { class: "adviz-nopath" }, why);
}

function notReached() {
  return html(
    "span",
    { class: "adviz-notyet" },
    html("span", { "aria-hidden": true }, "·"),
    unseen("not reached yet"),
  );
}
