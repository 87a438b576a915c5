// @ts-check
/**
 * The trace as a table, its rows grouped by call. Only those near what is in view are in the page,
 * so that long traces stay fast.
 */
import { html, reveal, unseen } from "./dom.js";
import { COLUMNS } from "./groupLines.js";
import { createLines, itemsOf } from "./tableLines.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {import("./tableLines.js").Line} Line
 * @typedef {import("./tableLines.js").Reader} Reader
 */

/** Lines above and below what is in view that are in the page as well. */
const OVERSCAN = 12;

/** @param {Trace} trace @param {Folding} folding @param {Reader} reader */
export function createTable(trace, folding, reader) {
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
  const lines = createLines(trace, folding, reader);
  // What each line is of, where it begins, and on which line each row is: its own, or that of the
  // closed group that it is in.
  let items = new Int32Array(0);
  let tops = new Float64Array(1);
  const places = new Int32Array(trace.count);

  /** @type {Sweep} */
  let sweep;
  let step = 0;
  // The lines that are in the page, by their places; they are those from `from` to `to` − 1.
  /** @type {Map<number, Line>} */
  const rendered = new Map();
  let [from, to] = [0, 0];

  /** Lists what is shown: all but what is hidden in closed groups. */
  function list() {
    items = itemsOf(trace, folding);
    tops = new Float64Array(items.length + 1);
    table.setAttribute("aria-rowcount", String(1 + items.length));
    items.forEach((item, i) => {
      if (item >= trace.count && folding.isClosed(item - trace.count)) {
        const { start, stop } = trace.groups[item - trace.count];
        places.fill(i, start, stop);
      } else if (item >= 0 && item < trace.count) places[item] = i;
    });
  }

  /** Computes where each line begins; the style sheet says how high each sort of line is. */
  function measure() {
    const style = getComputedStyle(element);
    const [rowHeight, decisionHeight, headingHeight] = [
      "--adviz-row",
      "--adviz-thin",
      "--adviz-heading",
    ].map((name) => parseFloat(style.getPropertyValue(name)) || 40);
    items.forEach((item, i) => {
      const isOpen = item >= trace.count && !folding.isClosed(item - trace.count);
      tops[i + 1] = tops[i] + (item < 0 ? decisionHeight : isOpen ? headingHeight : rowHeight);
    });
  }

  /** Puts the lines around what is in view into the page, and takes the others out. */
  function renderWindow() {
    const height = element.clientHeight || 400;
    const first = Math.max(0, placeAt(element.scrollTop) - OVERSCAN);
    const last = Math.min(items.length, placeAt(element.scrollTop + height) + 1 + OVERSCAN);
    for (const [i, { element: old }] of rendered) {
      if (i >= first && i < last) continue;
      if (old.contains(document.activeElement)) element.focus({ preventScroll: true });
      old.remove();
      rendered.delete(i);
    }
    let next = below.isConnected ? below : null;
    for (let i = last - 1; i >= first; i--) {
      let line = rendered.get(i);
      if (!line) {
        line = lines.create(items[i], i, sweep);
        rendered.set(i, line);
        body.insertBefore(line.element, next);
        lines.update(items[i], line, sweep, step);
      }
      next = line.element;
    }
    [from, to] = [first, last];
    above.style.height = `${tops[from]}px`;
    below.style.height = `${tops[items.length] - tops[to]}px`;
    if (from > 0) body.prepend(above);
    else above.remove();
    if (to < items.length) body.append(below);
    else below.remove();
  }

  /** The place of the line at a height. @param {number} y */
  function placeAt(y) {
    let [low, high] = [0, items.length];
    while (low < high - 1) {
      const middle = (low + high) >> 1;
      if (tops[middle] <= y) low = middle;
      else high = middle;
    }
    return low;
  }

  function updateLines() {
    for (const [i, line] of rendered) lines.update(items[i], line, sweep, step);
    moveTabStop();
  }

  /** One row's button can be tabbed to; the arrow keys go on from there. */
  function moveTabStop() {
    const current = currentPlace();
    let stop = null;
    for (const [i, { button }] of rendered) {
      if (!button) continue;
      button.tabIndex = -1;
      if (i === current || !stop) stop = button;
    }
    if (stop) stop.tabIndex = 0;
  }

  /** The place of the line that has the focus, or something in it. */
  function focusedPlace() {
    const focused = [...rendered].find(([, line]) => line.element.contains(document.activeElement));
    return focused?.[0];
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
    const line = rendered.get(i);
    const [heading, result] = [line?.element.firstElementChild, line?.element.lastElementChild];
    const covered = { top: head.firstElementChild?.clientHeight, left: heading?.clientWidth };
    if (result) reveal(element, result, covered);
    return line;
  }

  /** The last column throws a shadow where formulas go on below it. */
  function shade() {
    element.toggleAttribute(
      "data-more",
      element.scrollWidth - element.clientWidth - element.scrollLeft > 1,
    );
  }

  element.tabIndex = -1;
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
    const focused = focusedPlace();
    if (focused === undefined) return;
    event.preventDefault();
    let i = focused + move;
    while (items[i] < 0) i += move;
    if (i >= 0 && i < items.length) bringIntoView(i)?.button?.focus({ preventScroll: true });
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
      const focused = focusedPlace();
      const item = focused === undefined ? -1 : items[focused];
      for (const { element: old } of rendered.values()) old.remove();
      rendered.clear();
      list();
      measure();
      renderWindow();
      if (item < trace.count) {
        this.show(at);
        return;
      }
      // Who has just used the heading of a group goes on from there.
      updateLines();
      bringIntoView(items.indexOf(item))?.button?.focus({ preventScroll: true });
    },
    /** @param {number} next */
    show(next) {
      step = next;
      bringIntoView(currentPlace());
      updateLines();
      shade();
    },
    /** Shows the numbers of another sweep over the same rows. @param {Sweep} next @param {number} at */
    showNumbers(next, at) {
      sweep = next;
      step = at;
      updateLines();
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
