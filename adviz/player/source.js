// @ts-check
/** The source of the traced functions, with the sub-expression of the current step marked. */
import { focusableIfScrolling, html, reveal } from "./dom.js";
import { createPieces, stretchesOf } from "./sourcePieces.js";
import { callPath } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Site} Site
 * @typedef {{start: number, end: number, className: string}} Range  code points of one line
 */

const DEEPEST_INDENT = 24;
/** How high a line is, in pixels: the listing scrolls by whole lines. */
const LINE = 22;

/** @param {Trace} trace */
export function createSource(trace) {
  const path = html("span", { class: "adviz-path" });
  const pieces = createPieces(trace);
  const several = trace.sources.length > 1;
  /** @type {HTMLElement[][]} */
  const lines = [];
  const listing = html("div", {
    class: "adviz-scroll adviz-listing",
    role: "group",
    "aria-label": "Source",
  });
  for (const [source, { title, numbers, lines: texts }] of trace.sources.entries()) {
    const width = `${String(numbers.at(-1) ?? 0).length}ch`;
    const codes = texts.map((_, line) => html("code", {}, ...markedLine(pieces, source, line, [])));
    lines.push(codes);
    const block = html("div", { class: "adviz-function" });
    if (several) block.append(html("div", { class: "adviz-title" }, title));
    block.append(
      ...codes.map((code, i) => {
        const number = html(
          "span",
          { class: "adviz-lineno", "aria-hidden": true },
          String(numbers[i]),
        );
        number.style.minWidth = width;
        // What does not fit goes on in another line, a little further in than its beginning.
        const indent = texts[i].length - texts[i].trimStart().length;
        code.style.setProperty("--adviz-indent", `${Math.min(indent, DEEPEST_INDENT) + 2}ch`);
        return html("div", { class: "adviz-line" }, number, code);
      }),
    );
    listing.append(block);
  }
  if (lines.length === 0) {
    listing.append(html("p", { class: "adviz-empty" }, "The source of this trace is not known."));
  }
  const deep = trace.calls.some((call) => call.parent !== null);
  const element = html(
    "div",
    { class: "adviz-panel adviz-source" },
    ...(deep ? [path] : []),
    listing,
  );

  /** @type {[number, number][]} */
  let marked = [];
  /** @type {Site | null} */
  let asked = null;

  return {
    element,
    /** The element of a line. @param {number} source @param {number} line */
    lineOf: (source, line) => lines[source]?.[line]?.parentElement ?? null,
    /** Marks a test that stands in the reader's way, from the next step shown. @param {Site | null} site */
    ask(site) {
      asked = site;
    },
    /**
     * @param {number} slot  the row whose expression is marked
     * @param {boolean} withDecisions  whether the decisions before it are marked, too
     * @param {import("./trace.js").Group | null} group  the call that is marked instead, where one
     *   is passed as a whole
     */
    show(slot, withDecisions, group) {
      for (const [s, l] of marked) lines[s][l].replaceChildren(...markedLine(pieces, s, l, []));
      marked = [];
      const site = group ? group.call.site : trace.sites[slot];
      const sites =
        withDecisions && !group
          ? trace.decisions
              .filter((d) => d.before === slot && d.site)
              .slice(-5)
              .map((d) => d.site)
          : [];
      /** @type {Map<string, {place: [number, number], ranges: Range[]}>} */
      const ranges = new Map();
      if (site) addRanges(ranges, trace, site, "adviz-mark");
      for (const other of [asked, ...sites])
        if (other) addRanges(ranges, trace, other, "adviz-asked");
      for (const { place, ranges: found } of ranges.values()) {
        const [s, l] = place;
        lines[s][l].replaceChildren(...markedLine(pieces, s, l, found));
        marked.push(place);
      }
      path.textContent = pathText(callPath(trace, slot));
    },
    /** Scrolls to what is marked. */
    follow() {
      const first = listing.querySelector(".adviz-mark")?.closest(".adviz-line");
      if (first) reveal(listing, first, { top: several ? LINE : 0, room: LINE });
      focusableIfScrolling(listing);
    },
  };
}

/**
 * Adds the part of each line that a site covers, unless something there is marked already.
 * @param {Map<string, {place: [number, number], ranges: Range[]}>} ranges
 * @param {Trace} trace
 * @param {Site} site
 * @param {string} className
 */
function addRanges(ranges, trace, site, className) {
  for (const { line, start, end } of stretchesOf(trace, site)) {
    const key = `${site.source}:${line}`;
    const entry = ranges.get(key) ?? { place: [site.source, line], ranges: [] };
    const isFree = !entry.ranges.some((range) => range.start < end && start < range.end);
    if (isFree) entry.ranges.push({ start, end, className });
    ranges.set(key, entry);
  }
}

/**
 * A line with its ranges marked.
 * @param {import("./sourcePieces.js").Pieces} pieces
 * @param {number} source
 * @param {number} line
 * @param {Range[]} ranges
 */
function markedLine(pieces, source, line, ranges) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let done = 0;
  for (const { start, end, className } of ranges.sort((a, b) => a.start - b.start)) {
    parts.push(
      ...pieces.cut(source, line, { start: done, end: start }),
      html("mark", { class: className }, ...pieces.cut(source, line, { start, end })),
    );
    done = end;
  }
  return [...parts, ...pieces.cut(source, line, { start: done, end: Infinity })];
}

/** f › g › h, shortened where it is long. @param {string[]} path */
function pathText(path) {
  if (path.length <= 5) return path.join(" › ");
  return `${path[0]} › … › ${path.slice(-3).join(" › ")} (${path.length} deep)`;
}
