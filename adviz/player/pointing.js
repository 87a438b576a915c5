// @ts-check
/**
 * Marks the same thing in all panes while the reader points at it in one of them, by pointer or by
 * focus. Elements say what they show: a row by `data-row`, one use of a row as an operand, which is
 * an edge of the graph and a term of a formula, by the row that uses it and `data-operand` as well,
 * a group by `data-group`, a piece of source by the numbers of its `data-sites`.
 */

import { numberedSites } from "./sourcePieces.js";

/**
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {{row: number, operand: number, group: number}} Target  operand: −1 for the row itself;
 *   group: −1 where a row is meant
 * @typedef {ReturnType<typeof createPointing>} Pointing
 */

const POINTED = "adviz-pointed";

/**
 * @param {Trace} trace
 * @param {Folding} folding
 * @param {() => number} slotNow  the row whose formula the step uses
 */
export function createPointing(trace, folding, slotNow) {
  const sites = numberedSites(trace);
  /** The rows that come from each of the sites. @type {number[][]} */
  const rowsOf = Array.from(sites, () => []);
  trace.sites.forEach((site, slot) => {
    if (site) rowsOf[Number(sites.get(site))].push(slot);
  });
  /** @type {Element | null} */
  let root = null;
  /** @type {Target | null} */
  let target = null;
  /** @type {Element[]} */
  let marked = [];

  /** Marks what is pointed at wherever it is shown now. */
  function mark() {
    for (const element of marked) element.classList.remove(POINTED);
    marked = target && root ? [...root.querySelectorAll(selectorOf(target))] : [];
    for (const element of marked) element.classList.add(POINTED);
  }

  /** @param {Target} target */
  function selectorOf({ row, operand, group }) {
    if (group >= 0) return `[data-group="${group}"]`;
    const site = trace.sites[row];
    const piece = site ? `, [data-sites~="${sites.get(site)}"]` : "";
    if (operand >= 0) return `[data-row="${row}"][data-operand="${operand}"]${piece}`;
    const around = folding.groupOf(row);
    return around < 0
      ? `[data-row="${row}"]:not([data-operand])${piece}`
      : `[data-group="${around}"]${piece}`;
  }

  /**
   * What an element shows, or one around it. A piece of source means the row that comes from it
   * last, up to the step.
   * @param {EventTarget | null} element
   * @returns {Target | null}
   */
  function targetOf(element) {
    if (!(element instanceof Element)) return null;
    const shown = element.closest("[data-row], [data-group], [data-sites]");
    if (!shown) return null;
    const number = (/** @type {string} */ name) => Number(shown.getAttribute(name) ?? -1);
    const site = shown.getAttribute("data-sites")?.split(" ")[0];
    if (site === undefined) {
      return {
        row: number("data-row"),
        operand: number("data-operand"),
        group: number("data-group"),
      };
    }
    const rows = rowsOf[Number(site)];
    const row = rows.findLast((slot) => slot <= slotNow()) ?? rows[0];
    return { row, operand: -1, group: -1 };
  }

  /** @param {Target | null} next */
  function point(next) {
    if (String(keyOf(next)) === String(keyOf(target))) return;
    target = next;
    mark();
  }

  return {
    targetOf,
    /** Marks what is pointed at in what has been drawn anew. */
    refresh: mark,
    /** @param {HTMLElement} element  the player */
    watch(element) {
      root = element;
      element.addEventListener("pointerover", (event) => {
        // A finger points by touching, which goes to the step.
        if (event.pointerType !== "touch") point(targetOf(event.target));
      });
      element.addEventListener("pointerleave", () => point(null));
      element.addEventListener("focusin", ({ target: focused }) => {
        if (focused instanceof Element && focused.matches(":focus-visible")) {
          point(targetOf(focused));
        }
      });
      element.addEventListener("focusout", () => point(null));
    },
  };
}

/** @param {Target | null} target */
function keyOf(target) {
  return target ? [target.row, target.operand, target.group] : [];
}
