// @ts-check
/** How the panes of the player lie beside and below one another. */
import { html } from "./dom.js";

const MOST_NOTES = 20;

/**
 * @param {import("./trace.js").Trace} trace
 * @param {string} name  of the player, for screen readers
 * @param {{header: Element, source: Element, table: Element, graph: Element, step: Element,
 *   transport: Element, announcements: Element}} panes
 */
export function layOut(trace, name, panes) {
  const tablePanel = html(
    "div",
    { class: "adviz-panel" },
    html("div", { class: "adviz-heading" }, "Trace"),
    panes.table,
  );
  const main = html(
    "div",
    { class: "adviz-main" },
    html("div", { class: "adviz-left" }, panes.source, tablePanel),
    panes.graph,
  );
  const notes = trace.notes.slice(0, MOST_NOTES).map((note) => html("p", {}, note));
  return html(
    "div",
    {
      class: "adviz",
      role: "group",
      "aria-label": name,
      tabindex: -1,
      "data-arrays": trace.sweeps !== null,
    },
    html(
      "div",
      { class: "adviz-frame" },
      panes.header,
      main,
      panes.step,
      ...(notes.length > 0 ? [html("div", { class: "adviz-notes" }, ...notes)] : []),
      panes.transport,
      panes.announcements,
    ),
  );
}

/**
 * Calls `onChange` when an element gets another width.
 * @param {Element} element
 * @param {() => void} onChange
 * @returns {{start: () => void, stop: () => void}}
 */
export function watchWidth(element, onChange) {
  let width = 0;
  const observer = new ResizeObserver(([entry]) => {
    if (entry.contentRect.width === width) return;
    width = entry.contentRect.width;
    onChange();
  });
  return { start: () => observer.observe(element), stop: () => observer.disconnect() };
}
