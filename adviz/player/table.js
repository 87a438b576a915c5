// @ts-check
/**
 * The trace as a table, its rows grouped by call. Only those near what is in view are in the page,
 * so that long traces stay fast.
 */
import { createColumns } from "./columns.js";
import { focusedFrom, html, unseen } from "./dom.js";
import { createFolding } from "./folding.js";
import { readings } from "./formulas.js";
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
/** Traces with more rows than this have lower ones, and so have those that would not fit otherwise. */
const MOST_HIGH_ROWS = 7;
/** How many lines go to a printer; and how many are measured to find how wide the columns are. */
const MOST_PRINTED = 4000;
const MOST_MEASURED = 48;

/** @param {Trace} trace @param {Folding} onScreen @param {Reader} reader */
export function createTable(trace, onScreen, reader) {
  const body = html("tbody");
  const caption = html("caption", { class: "adviz-unseen" });
  const head = html("tr");
  const table = html("table", {}, caption, html("thead", {}, head), body);
  const element = html(
    "div",
    {
      class: "adviz-scroll adviz-trace",
      role: "group",
      "aria-label": "Trace",
    },
    table,
  );
  const columns = createColumns(element, table, head);
  // Room for a sign, a point and a zero beside the digits.
  if (!trace.sweeps) element.style.setProperty("--adviz-digits", `${trace.digits + 3}ch`);
  const above = html("tr", { "aria-hidden": true, class: "adviz-space" }, html("td"));
  const below = html("tr", { "aria-hidden": true, class: "adviz-space" }, html("td"));
  const unprinted = html("p", { class: "adviz-empty" });
  let folding = onScreen; // on paper nothing is folded
  let lines = createLines(trace, folding, reader);
  // What each line is of, where it begins, and on which line each row is: its own, or that of the
  // closed group that it is in.
  let items = new Int32Array(0);
  let tops = new Float64Array(1);
  const places = new Int32Array(trace.count);

  const folds = trace.groups.length > 0;
  /** @type {Sweep} */
  let sweep;
  let step = 0;
  // The lines that are in the page, by their places; they are those from `from` to `to` − 1.
  /** @type {Map<number, Line>} */
  const rendered = new Map();
  let [from, to] = [0, 0];
  let isPrinting = false;

  /** Takes all lines out of the page, and lists those that there are now. */
  function listAnew() {
    for (const { element: old } of rendered.values()) old.remove();
    rendered.clear();
    list();
  }

  /** Lists what is shown: all but what is hidden in closed groups. */
  function list() {
    items = itemsOf(trace, folding);
    tops = new Float64Array(items.length + 1);
    table.setAttribute("aria-rowcount", String(1 + items.length));
    items.forEach((item, i) => {
      if (item >= trace.count && folding.isClosed(item - trace.count)) {
        const { first, last } = folding.runOf(item - trace.count);
        places.fill(i, trace.groups[first].start, trace.groups[last].stop);
      } else if (item >= 0 && item < trace.count) places[item] = i;
    });
  }

  /** How high the style sheet makes a sort of line, at least. @param {"row" | "thin" | "heading" | "edges"} sort */
  function heightOf(sort) {
    return parseFloat(getComputedStyle(element).getPropertyValue(`--adviz-${sort}`)) || 40;
  }

  function rowHeight() {
    if (!("stacked" in element.dataset)) return heightOf("row");
    return heightOf("edges") + (sweep.pass === "primal" ? 1 : 2) * heightOf("row");
  }

  /** Estimates where each line begins. */
  function estimate() {
    const [row, decision, heading] = [rowHeight(), heightOf("thin"), heightOf("heading")];
    items.forEach((item, i) => {
      const isOpen = item >= trace.count && !folding.isClosed(item - trace.count);
      tops[i + 1] = tops[i] + (item < 0 ? decision : isOpen ? heading : row);
    });
  }

  /** Corrects the estimate by the lines that are in the page, some of which have become higher. */
  function correct() {
    let [added, at] = [0, from];
    const corrected = Array.from({ length: to - from }, (_, k) => {
      const before = tops[from + k + 1] - tops[from + k];
      const height = rendered.get(from + k)?.element.getBoundingClientRect().height || before;
      return [height, height - before];
    });
    if (corrected.every(([, more]) => Math.abs(more) < 0.5)) return;
    for (const [height, more] of corrected) {
      tops[at + 1] = tops[at] + height;
      added += more;
      at += 1;
    }
    for (let i = to; i < items.length; i++) tops[i + 1] += added;
  }

  /** Leaves so much room below the last line that the first one in view can be whole at the end, too. */
  function padEnd() {
    table.style.marginBottom = "";
    if (element.scrollHeight <= element.clientHeight + 1) return;
    const height = element.clientHeight - head.offsetHeight;
    let first = items.length - 1;
    while (first > 0 && tops[items.length] - tops[first - 1] <= height) first -= 1;
    const rest = height - (tops[items.length] - tops[first]);
    if (rest >= 1) table.style.marginBottom = `${rest}px`;
  }

  /** Where the name of passes leaves no room for the number that goes into them, that is left out. */
  function trimHeadings() {
    for (const { element: line, button, from: carried = -1 } of rendered.values()) {
      const heading = button?.closest("th");
      if (!button || !heading || carried < 0) continue;
      line.removeAttribute("data-brief");
      const end = heading.getBoundingClientRect().right;
      const room = end - parseFloat(getComputedStyle(heading).paddingRight);
      line.toggleAttribute("data-brief", button.getBoundingClientRect().right > room + 1);
    }
  }

  function lineElements() {
    return [...rendered.values()].map((line) => line.element);
  }

  /**
   * Puts the lines around what is in view into the page, and takes the others out.
   * @param {number} [wanted]  a line that is needed as well
   */
  function renderWindow(wanted = placeAt(element.scrollTop)) {
    const height = element.clientHeight || 400;
    let [first, last] = [0, Math.min(items.length, MOST_PRINTED)];
    if (!isPrinting) {
      const bottom = placeAt(element.scrollTop + height);
      first = Math.max(0, Math.min(placeAt(element.scrollTop), wanted) - OVERSCAN);
      last = Math.min(items.length, Math.max(bottom, wanted) + 1 + OVERSCAN);
    }
    render(first, last);
    if (columns.widen(lineElements())) fitRows();
    trimHeadings();
    correct();
    if (to === items.length) padEnd();
  }

  /** @param {number} first @param {number} last  the place after the last one */
  function render(first, last) {
    for (const [i, { element: old }] of rendered) {
      if (i >= first && i < last) continue;
      if (old.contains(focusedFrom(old))) element.focus({ preventScroll: true });
      old.remove();
      rendered.delete(i);
    }
    const read = readings(trace, sweep, step);
    let next = below.isConnected ? below : null;
    for (let i = last - 1; i >= first; i--) {
      let line = rendered.get(i);
      if (!line) {
        line = lines.create(items[i], i, sweep);
        rendered.set(i, line);
        body.insertBefore(line.element, next);
        lines.update(items[i], line, sweep, step, read);
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

  /**
   * Settles the widths of the columns, for the lines of this pass.
   * @param {boolean} [onlyMore]  whether every column keeps at least the width that it has
   */
  function measureColumns(onlyMore = false) {
    const last = sweep.length - 1;
    const read = readings(trace, sweep, last);
    const samples = longest().map((slot) => {
      const line = lines.create(slot, 0, sweep);
      lines.update(slot, line, sweep, sweep.stepOf(slot) < 0 ? last : sweep.stepOf(slot), read);
      return line.element;
    });
    const sampled = html("tbody", {}, ...samples);
    table.append(sampled);
    columns.measure(onlyMore);
    sampled.remove();
  }

  /** The rows that may be the longest: of each formula, the last ones, whose numbers are long. */
  function longest() {
    /** @type {Map<unknown, number>} */
    const seen = new Map();
    const found = [];
    for (let slot = trace.count - 1; slot >= 0 && found.length < MOST_MEASURED; slot--) {
      const form = trace.forms[slot];
      const times = seen.get(form) ?? 0;
      if (times >= 3 && trace.count > MOST_MEASURED) continue;
      seen.set(form, times + 1);
      found.push(slot);
    }
    return found;
  }

  /** Makes the panel as high as whole lines, where it has to scroll. */
  function fitRows() {
    element.style.maxHeight = "";
    if (!folds && element.scrollHeight <= element.clientHeight + 1) return;
    const heading = head.getBoundingClientRect().height;
    const whole = Math.max(2, Math.floor((element.clientHeight - heading) / rowHeight()));
    element.style.maxHeight = `${heading + whole * rowHeight()}px`;
  }

  /** Makes the rows lower, or as high as they like to be. Those of arrays need their height. */
  function setDense(/** @type {boolean} */ isDense) {
    element.toggleAttribute("data-dense", isDense && !trace.sweeps);
    element.style.removeProperty("--adviz-row");
    element.style.maxHeight = "";
    element.style.height = "";
    estimate();
    renderWindow();
  }

  /** Gives low rows what is left, where all of them are in sight. @param {number} room */
  function shareOut(room) {
    const share = Math.floor(room / trace.count);
    if (share <= heightOf("row") || trace.sweeps) return;
    element.style.setProperty("--adviz-row", `${share}px`);
    estimate();
    renderWindow();
  }

  /** Lays out everything for the panel's present width and height. */
  function fit() {
    columns.fit();
    setDense(trace.count > MOST_HIGH_ROWS);
    // Where stepping opens and folds groups, the panel is as high as for all of them open.
    const all = trace.count + trace.decisions.length + trace.groups.length;
    const height = folds ? `${head.offsetHeight + all * rowHeight()}px` : "";
    element.style.height = height;
    const isTooHigh = !folds && element.scrollHeight > element.clientHeight + 1;
    if (isTooHigh && !("stacked" in element.dataset)) {
      const room = element.clientHeight - head.offsetHeight;
      setDense(true);
      shareOut(room - trace.decisions.length * heightOf("thin"));
    }
    fitRows();
    padEnd();
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
    const read = readings(trace, sweep, step);
    for (const [i, line] of rendered) lines.update(items[i], line, sweep, step, read);
    moveTabStop();
  }

  /** One row's button can be tabbed to; the arrow keys go on from there. */
  function moveTabStop() {
    const current = currentPlace();
    let stop = null;
    for (const [i, { button }] of rendered) if (button && (i === current || !stop)) stop = button;
    for (const { button } of rendered.values()) {
      const index = button === stop ? 0 : -1;
      if (button && button.tabIndex !== index) button.tabIndex = index;
    }
  }

  /** The place of the line that has the focus, or something in it. */
  function focusedPlace() {
    const focused = [...rendered].find(([, line]) =>
      line.element.contains(focusedFrom(line.element)),
    );
    return focused?.[0];
  }

  /** The place of the line that the step is about: a row, or the closed group that it passes. */
  function currentPlace() {
    const passed = folding.groupAt(sweep, step);
    return places[passed < 0 ? sweep.row(step) : trace.groups[passed].start];
  }

  /**
   * Scrolls by whole lines until a line is in view, with the one before it and the one after it.
   * @param {number} i
   */
  function bringIntoView(i) {
    const [first, last] = [Math.max(0, i - 1), Math.min(items.length, i + 2)];
    if (first < from || last > to) {
      const isFar = i < from - OVERSCAN || i > to + OVERSCAN;
      if (isFar) element.scrollTop = tops[i] - element.clientHeight / 2;
      renderWindow(i);
    }
    const height = element.clientHeight - head.offsetHeight;
    const top = element.scrollTop;
    if (tops[last] > top + height + 1) {
      let lowest = first;
      while (lowest > 0 && tops[last] - tops[lowest - 1] <= height) lowest -= 1;
      while (lowest < first && tops[last] - tops[lowest] > height) lowest += 1;
      element.scrollTop = tops[tops[i + 1] - tops[lowest] > height ? i : lowest];
    } else if (tops[first] < top - 1) element.scrollTop = tops[first];
    else {
      const nearest = placeAt(top + heightOf("row") / 2);
      if (Math.abs(tops[nearest] - top) > 1) element.scrollTop = tops[nearest];
    }
    return rendered.get(i);
  }

  element.tabIndex = -1;
  element.addEventListener("scroll", () => {
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
    /** Takes another sweep; fold() shows it. @param {Sweep} next @param {number} at */
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
      step = at;
      list();
      measureColumns();
    },
    /** The width that the table would like to have. */
    wantedWidth: columns.wanted,
    /**
     * Shows the lines that the groups now leave. Their columns stay as they are.
     * @param {number} at
     * @param {boolean} [isFirst]  whether the columns and the height are still those of another sweep
     */
    fold(at, isFirst = false) {
      step = at;
      const focused = focusedPlace();
      const item = focused === undefined ? -1 : items[focused];
      listAnew();
      if (isFirst) fit();
      else {
        estimate();
        renderWindow();
      }
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
    },
    /** Puts all lines into the page, to be printed; and takes them out again. @param {boolean} isOn */
    print(isOn) {
      isPrinting = isOn;
      const open = isOn ? createFolding(trace, []) : onScreen;
      folding = itemsOf(trace, open).length > MOST_PRINTED ? onScreen : open;
      lines = createLines(trace, folding, reader);
      listAnew();
      estimate();
      unprinted.remove();
      if (isOn && items.length > MOST_PRINTED) {
        unprinted.textContent = `… and ${items.length - MOST_PRINTED} more lines`;
        element.append(unprinted);
      }
      renderWindow();
      updateLines();
      if (!isOn) bringIntoView(currentPlace());
    },
    /** Shows the numbers of another sweep over the same rows. @param {Sweep} next @param {number} at */
    showNumbers(next, at) {
      sweep = next;
      step = at;
      updateLines();
    },
    /** Makes room for numbers that have become longer. */
    widen() {
      if (columns.widen(lineElements())) fitRows();
    },
    /** Lays the rows out anew, when the panel has another size. */
    resize() {
      // What has been answered since is shorter than the question was.
      measureColumns(sweep.isPredicted);
      fit();
      bringIntoView(currentPlace());
      moveTabStop();
    },
  };
}
