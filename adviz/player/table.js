// @ts-check
/** The trace as a table. Only the rows near what is in view are in the page, so that long traces stay fast. */
import { shown } from "./arrays.js";
import { html, reveal, unseen } from "./dom.js";
import { derivativeFormula, primalFormula } from "./formulas.js";
import { mathml, mo, row as mathRow } from "./math.js";
import { formatNumber } from "./number.js";
import { label } from "./prose.js";
import { symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {{row: HTMLElement, button: HTMLElement, value: HTMLElement, derivative: HTMLElement | null, look: string}} Line
 */

const OVERSCAN = 12;
const PICTURE = 32;
const COLUMNS = {
  primal: ["row", "primal", "value"],
  forward: ["row", "primal", "value", "tangent", "value"],
  reverse: ["row", "primal", "value", "adjoint", "value"],
};

/**
 * @param {Trace} trace
 * @param {(slot: number) => void} pick  called when the reader chooses a row
 */
export function createTable(trace, pick) {
  const body = html("tbody");
  const caption = html("caption", { class: "adviz-unseen" });
  const head = html("tr");
  const table = html("table", { "aria-rowcount": 1 + trace.count + trace.decisions.length }, caption, html("thead", {}, head), body);
  const element = html("div", { class: "adviz-scroll adviz-trace", role: "group", "aria-label": "Trace" }, table);
  const above = html("tr", { "aria-hidden": true, class: "adviz-space" }, html("td"));
  const below = html("tr", { "aria-hidden": true, class: "adviz-space" }, html("td"));
  const items = mergeDecisions(trace);
  const places = new Int32Array(trace.count);
  items.forEach((item, i) => {
    if (item >= 0) places[item] = i;
  });

  /** @type {Sweep} */
  let sweep;
  let step = 0;
  let tops = new Float64Array(items.length + 1);
  let [from, to] = [0, 0];
  /** @type {Map<number, {element: HTMLElement, line: Line | null}>} */
  const rendered = new Map();

  /** Measures a row of each kind and lays all items out. */
  function measure() {
    const [rowHeight, thinHeight] = ["--adviz-row", "--adviz-thin"].map((name) => {
      return parseFloat(getComputedStyle(element).getPropertyValue(name)) || 40;
    });
    for (let i = 0; i < items.length; i++) tops[i + 1] = tops[i] + (items[i] < 0 ? thinHeight : rowHeight);
  }

  /** Puts the rows around what is in view into the page, and takes the others out. */
  function renderWindow() {
    const height = element.clientHeight || 400;
    const first = Math.max(0, itemAt(element.scrollTop) - OVERSCAN);
    const last = Math.min(items.length, itemAt(element.scrollTop + height) + 1 + OVERSCAN);
    for (const [i, { element: old }] of rendered) {
      if (i >= first && i < last) continue;
      if (old.contains(document.activeElement)) element.focus({ preventScroll: true });
      old.remove();
      rendered.delete(i);
    }
    let next = below.isConnected ? below : null;
    for (let i = last - 1; i >= first; i--) {
      let entry = rendered.get(i);
      if (!entry) {
        entry = items[i] < 0 ? { element: decisionRow(~items[i], i), line: null } : traceRow(items[i], i);
        rendered.set(i, entry);
        body.insertBefore(entry.element, next);
        update(items[i], entry.line);
      }
      next = entry.element;
    }
    [from, to] = [first, last];
    above.style.height = `${tops[from]}px`;
    below.style.height = `${tops[items.length] - tops[to]}px`;
    if (from > 0) body.prepend(above);
    else above.remove();
    if (to < items.length) body.append(below);
    else below.remove();
  }

  /** @param {number} y */
  function itemAt(y) {
    let [low, high] = [0, items.length];
    while (low < high - 1) {
      const middle = (low + high) >> 1;
      if (tops[middle] <= y) low = middle;
      else high = middle;
    }
    return low;
  }

  /** @param {number} slot @param {number} i */
  function traceRow(slot, i) {
    const parts = [symbol(trace, slot)];
    for (const output of trace.outputs) if (output.row === slot) parts.push(mo("="), mathRow(/** @type {unknown[]} */ (output.math)));
    const called = trace.sites[slot]?.name;
    const button = html("button", { type: "button", tabindex: -1, "aria-label": `Go to ${label(trace, slot)}` }, mathml(...parts));
    const heading = html("th", { scope: "row" }, button);
    if (called && slot >= trace.inputs.length && parts.length === 1) heading.append(html("span", { class: "adviz-called" }, `= ${called}`));
    const value = html("td", { class: "adviz-number" });
    const cells = [heading, html("td", {}, mathml(primalFormula(trace, slot))), value];
    let derivative = null;
    if (sweep.pass !== "primal") {
      const formula = derivativeFormula(trace, sweep, slot);
      derivative = html("td", { class: "adviz-number adviz-derivative" });
      cells.push(html("td", { class: "adviz-derivative" }, formula ? mathml(formula) : noPath()), derivative);
    }
    const element = html("tr", { "aria-rowindex": i + 2 }, ...cells);
    element.addEventListener("click", () => pick(slot));
    return { element, line: { row: element, button, value, derivative, look: "" } };
  }

  function noPath() {
    return html("span", { class: "adviz-nopath" }, `no path to ${trace.outputs[sweep.choice].text}`);
  }

  /** @param {number} d @param {number} i */
  function decisionRow(d, i) {
    const { text, outcome, left, operator, right } = trace.decisions[d];
    const [a, b] = [formatNumber(left, trace.digits), formatNumber(right, trace.digits)];
    const numbers = /\w/.test(operator) ? `${operator}(${a})` : `${a} ${operator} ${b}`;
    return html(
      "tr",
      { class: "adviz-decision", "aria-rowindex": i + 2 },
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
  }

  /** @param {number} item @param {Line | null} line */
  function update(item, line) {
    if (!line) return;
    const slot = item;
    const { state, value, part, parts } = sweep.at(slot, step);
    const current = sweep.row(step) === slot;
    const never = parts === 0 && step === sweep.length - 1;
    const badge = parts > 1 && part > 0 && (part < parts || current) ? `${part} of ${parts}` : "";
    const look = `${state}|${current}|${never}|${badge}|${part}`;
    if (look === line.look) return;
    line.look = look;
    line.row.className = current ? "adviz-current" : `adviz-${state}`;
    if (current) line.row.setAttribute("aria-current", "step");
    else line.row.removeAttribute("aria-current");
    const primalKnown = sweep.pass === "reverse" || state !== "pending";
    const unknown = [notReached("not reached yet")];
    line.value.replaceChildren(...(primalKnown ? shown(trace.values[slot], trace.digits, PICTURE) : unknown));
    if (!line.derivative) return;
    line.derivative.replaceChildren(
      ...(never ? shown(0, trace.digits, PICTURE) : state === "pending" ? unknown : shown(value, trace.digits, PICTURE)),
      ...(badge ? [html("span", { class: "adviz-badge" }, badge)] : []),
    );
  }

  /** One row's button can be tabbed to; the arrow keys go on from there. */
  function moveTabStop() {
    const current = sweep.row(step);
    let stop = null;
    for (const [i, { line }] of rendered) {
      if (!line) continue;
      line.button.tabIndex = -1;
      if (items[i] === current || !stop) stop = line.button;
    }
    if (stop) stop.tabIndex = 0;
  }

  /** Scrolls a row into view and makes sure it is there. @param {number} slot */
  function bringIntoView(slot) {
    const i = places[slot];
    if (i < from || i >= to) {
      element.scrollTop = tops[i] - element.clientHeight / 2;
      renderWindow();
    }
    const entry = rendered.get(i);
    if (entry) {
      const [corner, heading, result] = [head.firstElementChild, entry.element.firstElementChild, entry.element.lastElementChild];
      const covered = { top: corner?.clientHeight, left: heading?.clientWidth };
      if (result) reveal(element, result, covered);
    }
    return entry;
  }

  element.tabIndex = -1;
  element.addEventListener("scroll", () => {
    const height = element.clientHeight;
    if ((from > 0 && element.scrollTop < tops[from] + height / 4) || (to < items.length && element.scrollTop + height > tops[to] - height / 4)) {
      renderWindow();
      moveTabStop();
    }
  });
  element.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    const focused = [...rendered].find(([, { element: line }]) => line.contains(document.activeElement))?.[0];
    if (focused === undefined) return;
    event.preventDefault();
    let i = focused + move;
    while (items[i] < 0) i += move;
    if (i >= 0 && i < items.length) bringIntoView(items[i])?.line?.button.focus({ preventScroll: true });
  });
  return {
    element,
    /** @param {Sweep} next @param {number} at */
    setSweep(next, at) {
      sweep = next;
      step = at;
      caption.textContent = `Evaluation trace of ${trace.function}, ${sweep.pass} pass`;
      head.replaceChildren(
        ...COLUMNS[sweep.pass].map((name, c) => {
          const title = name === "value" && c > 2 ? [unseen(`${COLUMNS[sweep.pass][3]} `), name] : [name];
          return html("th", { scope: "col", class: name === "value" ? "adviz-number" : "" }, ...title);
        }),
      );
      for (const { element: old } of rendered.values()) old.remove();
      rendered.clear();
      measure();
      renderWindow();
      this.show(at);
    },
    /** @param {number} next */
    show(next) {
      step = next;
      bringIntoView(sweep.row(step));
      for (const [i, { line }] of rendered) update(items[i], line);
      moveTabStop();
    },
    /** Lays the rows out anew, when the panel has another size. */
    resize() {
      measure();
      renderWindow();
      bringIntoView(sweep.row(step));
    },
  };
}

/** @param {string} text */
function notReached(text) {
  return html("span", { class: "adviz-notyet" }, html("span", { "aria-hidden": true }, "·"), unseen(text));
}

/**
 * Rows and decisions in the order they happened: a row by its slot, a decision by the complement of its number.
 * @param {Trace} trace
 */
function mergeDecisions(trace) {
  const items = new Int32Array(trace.count + trace.decisions.length);
  let [i, d] = [0, 0];
  for (let slot = 0; slot <= trace.count; slot++) {
    while (d < trace.decisions.length && trace.decisions[d].before === slot) items[i++] = ~d++;
    if (slot < trace.count) items[i++] = slot;
  }
  return items;
}
