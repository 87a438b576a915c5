// @ts-check
/**
 * The trace as a table, its rows grouped by call. Only those near what is in view are in the page,
 * so that long traces stay fast.
 */
import { shown } from "./arrays.js";
import { html, reveal, svg, unseen } from "./dom.js";
import { derivativeFormula, primalFormula } from "./formulas.js";
import { mathml, row as mathRow, mo } from "./math.js";
import { formatNumber } from "./number.js";
import { label } from "./prose.js";
import { symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {{row: HTMLElement, button: HTMLElement, value: HTMLElement | null, derivative:
 *   HTMLElement | null, look: string}} Line
 */

const OVERSCAN = 12;
const DEEPEST = 5;
const PICTURE = 32;
const COLUMNS = {
  primal: ["row", "primal", "value"],
  forward: ["row", "primal", "value", "tangent", "value"],
  reverse: ["row", "primal", "value", "adjoint", "value"],
};

/**
 * Its lines are items: a row by its slot, a decision d as ~d, the heading of group g as trace.count
 * + g.
 * @param {Trace} trace
 * @param {Folding} folding
 * @param {object} reader  what the reader may do: choose a row, or a closed group; open or close a
 *   group
 * @param {(slot: number) => void} reader.pickRow
 * @param {(group: number) => void} reader.pickGroup
 * @param {(group: number) => void} reader.toggle
 */
export function createTable(trace, folding, { pickRow, pickGroup, toggle }) {
  const body = html("tbody");
  const caption = html("caption", { class: "adviz-unseen" });
  const head = html("tr");
  const table = html("table", {}, caption, html("thead", {}, head), body);
  const element = html(
    "div",
    { class: "adviz-scroll adviz-trace", role: "group", "aria-label": "Trace" },
    table,
  );
  const above = html("tr", { "aria-hidden": true, class: "adviz-space" }, html("td"));
  const below = html("tr", { "aria-hidden": true, class: "adviz-space" }, html("td"));
  let items = new Int32Array(0);
  const places = new Int32Array(trace.count); // where each row is listed, or the closed group it is in
  const depths = new Int16Array(trace.count); // how many groups it is in
  for (const { start, stop, depth } of trace.groups) depths.fill(depth + 1, start, stop);

  /** @type {Sweep} */
  let sweep;
  let step = 0;
  let tops = new Float64Array(1);
  let [from, to] = [0, 0];
  /** @type {Map<number, {element: HTMLElement, line: Line | null}>} */
  const rendered = new Map();

  /** Lists what is shown: all but what is hidden in closed groups. */
  function list() {
    items = listed(trace, folding);
    tops = new Float64Array(items.length + 1);
    table.setAttribute("aria-rowcount", String(1 + items.length));
    items.forEach((item, i) => {
      if (item >= trace.count && folding.isClosed(item - trace.count)) {
        const { start, stop } = trace.groups[item - trace.count];
        places.fill(i, start, stop);
      } else if (item >= 0 && item < trace.count) places[item] = i;
    });
  }

  /** Measures a row of each kind and lays all items out. */
  function measure() {
    const [rowHeight, decisionHeight, headingHeight] = [
      "--adviz-row",
      "--adviz-thin",
      "--adviz-heading",
    ].map((name) => {
      return parseFloat(getComputedStyle(element).getPropertyValue(name)) || 40;
    });
    items.forEach((item, i) => {
      const isOpen = item >= trace.count && !folding.isClosed(item - trace.count);
      tops[i + 1] = tops[i] + (item < 0 ? decisionHeight : isOpen ? headingHeight : rowHeight);
    });
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
        entry =
          items[i] < 0
            ? { element: decisionRow(~items[i], i), line: null }
            : items[i] < trace.count
              ? traceRow(items[i], i)
              : groupRow(items[i] - trace.count, i);
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
    for (const output of trace.outputs)
      if (output.row === slot) parts.push(mo("="), mathRow(/** @type {unknown[]} */ (output.math)));
    const called = trace.sites[slot]?.name;
    const button = html(
      "button",
      { type: "button", tabindex: -1, "aria-label": `Go to ${label(trace, slot)}` },
      mathml(...parts),
    );
    const heading = html("th", { scope: "row" }, button);
    if (called && slot >= trace.inputs.length && parts.length === 1)
      heading.append(html("span", { class: "adviz-called" }, `= ${called}`));
    const value = html("td", { class: "adviz-number" });
    const cells = [heading, html("td", {}, mathml(primalFormula(trace, slot))), value];
    let derivative = null;
    if (sweep.pass !== "primal") {
      const formula = derivativeFormula(trace, sweep, slot);
      derivative = html("td", { class: "adviz-number adviz-derivative" });
      cells.push(
        html("td", { class: "adviz-derivative" }, formula ? mathml(formula) : noPath()),
        derivative,
      );
    }
    const element = html("tr", { "aria-rowindex": i + 2 }, ...cells);
    indent(element, depths[slot]);
    element.addEventListener("click", () => pickRow(slot));
    return { element, line: { row: element, button, value, derivative, look: "" } };
  }

  /**
   * The heading of a group; of a closed one, with what came out of the call.
   * @param {number} group
   * @param {number} i
   */
  function groupRow(group, i) {
    const { title, start, stop, depth } = trace.groups[group];
    const isClosed = folding.isClosed(group);
    const turn = svg(
      "svg",
      { viewBox: "0 0 16 16", width: 11, height: 11, "aria-hidden": true },
      svg("path", { d: "M4 2l9 6-9 6z" }),
    );
    const button = html(
      "button",
      { type: "button", tabindex: -1, "aria-expanded": !isClosed || "false" },
      turn,
      title,
    );
    button.title = isClosed
      ? "Open this call (Enter, while it is marked)"
      : "Fold this call (Esc, while inside it)";
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      toggle(group);
    });
    const rows = `${label(trace, start)} … ${label(trace, stop - 1)}`;
    const columns = COLUMNS[sweep.pass].length;
    const inside = html(
      "span",
      { class: "adviz-stay" },
      button,
      html("span", { class: "adviz-aside" }, rows),
    );
    const heading = html("th", { scope: "row", colspan: isClosed ? 2 : columns }, inside);
    const value = isClosed ? html("td", { class: "adviz-number" }) : null;
    const derivative =
      isClosed && sweep.pass !== "primal"
        ? html("td", { class: "adviz-number adviz-derivative" })
        : null;
    const element = html("tr", { "aria-rowindex": i + 2 }, heading);
    if (value) element.append(value);
    if (derivative) element.append(html("td"), derivative);
    indent(element, depth);
    if (isClosed) element.addEventListener("click", () => pickGroup(group));
    return { element, line: { row: element, button, value, derivative, look: "" } };
  }

  /** @param {HTMLElement} element @param {number} depth */
  function indent(element, depth) {
    if (depth > 0) element.style.setProperty("--adviz-depth", String(Math.min(depth, DEEPEST)));
  }

  function noPath() {
    return html(
      "span",
      { class: "adviz-nopath" },
      `no path to ${trace.outputs[sweep.choice].text}`,
    );
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
    const group = item - trace.count;
    const passed = folding.groupAt(sweep, step);
    const slot = group < 0 ? item : trace.groups[group].stop - 1; // what a call comes to is its last row
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
    line.row.className = `${group < 0 ? "" : "adviz-group "}${current ? "adviz-current" : `adviz-${known}`}`;
    if (current) line.row.setAttribute("aria-current", "step");
    else line.row.removeAttribute("aria-current");
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

  /** One row's button can be tabbed to; the arrow keys go on from there. */
  function moveTabStop() {
    const current = currentPlace();
    let stop = null;
    for (const [i, { line }] of rendered) {
      if (!line) continue;
      line.button.tabIndex = -1;
      if (i === current || !stop) stop = line.button;
    }
    if (stop) stop.tabIndex = 0;
  }

  /** The place of the line that the step is about: a row, or the closed group that it passes. */
  function currentPlace() {
    const passed = folding.groupAt(sweep, step);
    return places[passed < 0 ? sweep.row(step) : trace.groups[passed].start];
  }

  /** Scrolls a line into view and makes sure it is there. @param {number} i */
  function bringIntoView(i) {
    if (i < from || i >= to) {
      element.scrollTop = tops[i] - element.clientHeight / 2;
      renderWindow();
    }
    const entry = rendered.get(i);
    if (entry) {
      const [corner, heading, result] = [
        head.firstElementChild,
        entry.element.firstElementChild,
        entry.element.lastElementChild,
      ];
      const covered = { top: corner?.clientHeight, left: heading?.clientWidth };
      if (result) reveal(element, result, covered);
    }
    return entry;
  }

  element.tabIndex = -1;
  /** The last column throws a shadow where formulas go on below it. */
  function shade() {
    element.toggleAttribute(
      "data-more",
      element.scrollWidth - element.clientWidth - element.scrollLeft > 1,
    );
  }

  element.addEventListener("scroll", () => {
    shade();
    const height = element.clientHeight;
    if (
      (from > 0 && element.scrollTop < tops[from] + height / 4) ||
      (to < items.length && element.scrollTop + height > tops[to] - height / 4)
    ) {
      renderWindow();
      moveTabStop();
    }
  });
  element.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    const focused = [...rendered].find(([, { element: line }]) =>
      line.contains(document.activeElement),
    )?.[0];
    if (focused === undefined) return;
    event.preventDefault();
    let i = focused + move;
    while (items[i] < 0) i += move;
    if (i >= 0 && i < items.length) bringIntoView(i)?.line?.button.focus({ preventScroll: true });
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
          const title =
            name === "value" && c > 2 ? [unseen(`${COLUMNS[sweep.pass][3]} `), name] : [name];
          return html(
            "th",
            { scope: "col", class: name === "value" ? "adviz-number" : "" },
            ...title,
          );
        }),
      );
      this.fold(at);
    },
    /** Shows the lines that the groups now leave. @param {number} at */
    fold(at) {
      step = at;
      const focused = [...rendered].find(([, { element: old }]) =>
        old.contains(document.activeElement),
      )?.[0];
      const item = focused === undefined ? -1 : items[focused];
      for (const { element: old } of rendered.values()) old.remove();
      rendered.clear();
      list();
      measure();
      renderWindow();
      if (item < trace.count) return this.show(at);
      for (const [i, { line }] of rendered) update(items[i], line);
      moveTabStop();
      bringIntoView(items.indexOf(item))?.line?.button.focus({ preventScroll: true });
    },
    /** @param {number} next */
    show(next) {
      step = next;
      bringIntoView(currentPlace());
      for (const [i, { line }] of rendered) update(items[i], line);
      moveTabStop();
      shade();
    },
    /** Lays the rows out anew, when the panel has another size. */
    resize() {
      measure();
      renderWindow();
      bringIntoView(currentPlace());
      shade();
    },
  };
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

/**
 * What is shown of rows and decisions in the order they happened, each group's heading before what
 * lies in it.
 * @param {Trace} trace
 * @param {Folding} folding
 */
function listed(trace, folding) {
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
