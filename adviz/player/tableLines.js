// @ts-check
/** The lines of the table: rows, decisions between them, headings of calls. */
import { shown } from "./arrays.js";
import { html, unseen } from "./dom.js";
import { derivativeFormula, primalFormula } from "./formulas.js";
import { COLUMNS, groupLine, indent } from "./groupLines.js";
import { mathml, row as mathRow, mo } from "./math.js";
import { formatNumber } from "./number.js";
import { weightedOutputs } from "./seeds.js";
import { label, symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 */

/**
 * @typedef {object} Line
 * @property {HTMLElement} element
 * @property {HTMLElement | null} button  null in the line of a decision
 * @property {HTMLElement | null} value  where the value stands
 * @property {HTMLElement | null} derivative  where the tangent or the adjoint stands
 * @property {string} look  what it shows now, so that what does not change is left alone
 */

/**
 * What the reader may do.
 * @typedef {object} Reader
 * @property {(group: number) => void} toggle  opens or closes a group
 */

const PICTURE = 32;
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
  let [d, g] = [0, 0];
  for (let slot = 0; slot <= count; slot++) {
    const isShown = slot === count || folding.groupOf(slot) < 0;
    // A decision between two rows of a folded call was made in it.
    const isInside =
      slot < count &&
      !isShown &&
      folding.groupOf(slot - 1) === folding.groupOf(slot) &&
      trace.groups[folding.groupOf(slot)].start < slot;
    for (; d < decisions.length && decisions[d].before === slot; d++) if (!isInside) items.push(~d);
    for (; g < groups.length && groups[g].start === slot; g++) {
      const around = folding.groupOf(slot);
      if (around < 0 || g <= around) items.push(count + g);
    }
    if (slot < count && isShown) items.push(slot);
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
      heading.append(html("span", { class: "adviz-called" }, `= ${nameInProgram}`));
    }
    const value = html("td", { class: "adviz-number" });
    const cells = [heading, html("td", {}, mathml(primalFormula(trace, slot))), value];
    let derivative = null;
    if (sweep.pass !== "primal") {
      const formula = derivativeFormula(trace, sweep, slot);
      derivative = html("td", { class: "adviz-number adviz-derivative" });
      cells.push(
        html("td", { class: "adviz-derivative" }, formula ? mathml(formula) : noPath(trace, sweep)),
        derivative,
      );
    }
    const element = html("tr", { "aria-rowindex": place + 2, "data-row": slot }, ...cells);
    indent(element, depths[slot]);
    return { element, button, value, derivative, look: "" };
  }

  /**
   * The line of a decision.
   * @param {number} index
   * @param {number} place
   * @param {Sweep} sweep
   * @returns {Line}
   */
  function decisionLine(index, place, sweep) {
    const { text, outcome, left, operator, right } = trace.decisions[index];
    const [a, b] = [formatNumber(left, trace.digits), formatNumber(right, trace.digits)];
    const numbers = /\w/.test(operator) ? `${operator}(${a})` : `${a} ${operator} ${b}`;
    const element = html(
      "tr",
      { class: "adviz-decision", "aria-rowindex": place + 2 },
      html(
        "td",
        { colspan: COLUMNS[sweep.pass].length },
        html(
          "span",
          { class: "adviz-question" },
          `${text} → ${outcome}`,
          ...(text === numbers ? [] : [html("span", { class: "adviz-aside" }, numbers)]),
        ),
      ),
    );
    return { element, button: null, value: null, derivative: null, look: "" };
  }

  /**
   * Shows in a line what is known of it after a step.
   * @param {number} item
   * @param {Line} line
   * @param {Sweep} sweep
   * @param {number} step
   */
  function update(item, line, sweep, step) {
    if (item < 0) return;
    const group = item - trace.count;
    const passed = folding.groupAt(sweep, step);
    // The result of a call is its last row.
    const slot = group < 0 ? item : trace.groups[group].stop - 1;
    const { state, value, part, parts } = sweep.at(slot, step);
    const current = group < 0 ? passed < 0 && sweep.row(step) === slot : passed === group;
    const never = parts === 0 && step === sweep.length - 1;
    const badge =
      parts > 1 && part > 0 && (part < parts || (current && group < 0))
        ? `${part} of ${parts}`
        : "";
    const look = `${state}|${current}|${never}|${badge}|${part}`;
    if (look === line.look) return;
    line.look = look;
    const known = group < 0 || line.value ? state : "open";
    const classes = [...(group < 0 ? [] : ["adviz-group"]), `adviz-${current ? "current" : known}`];
    line.element.className = classes.join(" ");
    if (current) line.element.setAttribute("aria-current", "step");
    else line.element.removeAttribute("aria-current");
    const primalKnown = sweep.pass === "reverse" || state !== "pending";
    const unknown = [notReached("not reached yet")];
    line.value?.replaceChildren(
      ...(primalKnown ? shown(trace.values[slot], trace.digits, PICTURE) : unknown),
    );
    if (!line.derivative) return;
    line.derivative.replaceChildren(
      ...(never
        ? shown(0, trace.digits, PICTURE)
        : state === "pending"
          ? unknown
          : shown(value, trace.digits, PICTURE)),
      ...(badge ? [html("span", { class: "adviz-badge" }, badge)] : []),
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

/** @param {Trace} trace @param {Sweep} sweep */
function noPath(trace, sweep) {
  const text = weightedOutputs(trace, sweep.seeds);
  return html("span", { class: "adviz-nopath" }, `no path to ${text}`);
}

/** @param {string} text */
function notReached(text) {
  return html(
    "span",
    { class: "adviz-notyet" },
    html("span", { "aria-hidden": true }, "·"),
    unseen(text),
  );
}
