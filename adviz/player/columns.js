// @ts-check
/**
 * How wide the columns of the table are. That is settled once for a pass and a width, from the lines
 * that look longest, so that no column moves from step to step. Where a row does not fit into one
 * line, every row gets two: its value, and below it its tangent or adjoint.
 */
import { html } from "./dom.js";

/** The columns that take the room that is left: the formulas, by how many columns there are. */
const FORMULAS = new Map([
  [3, [1]],
  [5, [1, 3]],
]);

/** The part of the room that the names of rows may take where each row has two lines. */
const SHARE_OF_NAMES = 0.2;

/**
 * @param {HTMLElement} panel  what the table scrolls in
 * @param {HTMLElement} table
 * @param {HTMLElement} head  the row of headings
 */
export function createColumns(panel, table, head) {
  const group = html("colgroup");
  table.prepend(group);
  /** What the columns need: with formulas in one line, and with formulas that wrap. */
  let [whole, wrapped] = /** @type {[number[], number[]]} */ ([[], []]);
  /** What the names of rows need where each row has two lines. */
  let name = 0;

  /** @param {string} way  how the style sheet lays the table out meanwhile */
  function widths(way) {
    panel.dataset.measured = way;
    const found = [...head.children].map((cell) => cell.getBoundingClientRect().width);
    delete panel.dataset.measured;
    return found.map(Math.ceil);
  }

  return {
    /**
     * Measures the lines that are now in the table.
     * @param {boolean} onlyMore  whether every column keeps at least the width that it has
     */
    measure(onlyMore) {
      delete panel.dataset.stacked;
      group.replaceChildren();
      const before = onlyMore ? { whole, wrapped } : { whole: [], wrapped: [] };
      whole = widths("whole").map((width, c) => Math.max(width, before.whole[c] ?? 0));
      wrapped = widths("wrapped").map((width, c) => Math.max(width, before.wrapped[c] ?? 0));
      const buttons = [...table.querySelectorAll("tbody tr:not(.adviz-group) button")];
      name = Math.max(0, ...buttons.map((button) => button.getBoundingClientRect().width));
    },
    /** The width at which all formulas stand in one line. */
    wanted: () => total(whole),
    /** Gives every column its width; or each row two lines. */
    fit() {
      const room = table.parentElement?.clientWidth ?? 0;
      if (room === 0 || whole.length === 0) return;
      const formulas = FORMULAS.get(whole.length) ?? [];
      const wanted = whole.map((width, c) => (formulas.includes(c) ? width : wrapped[c]));
      const least = total(wrapped);
      panel.toggleAttribute("data-stacked", least > room);
      // There is room for the name in the program, too, where that takes no more than its share.
      const names = Math.max(name + 8, Math.min(whole[0], SHARE_OF_NAMES * room));
      panel.style.setProperty("--adviz-name", `${Math.ceil(names)}px`);
      if (least > room) return group.replaceChildren();
      const spare = room - total(wanted);
      // Formulas that wrap share what there is by what they lack.
      const lack = total(wanted) - least;
      const given = wanted.map((width, c) => {
        if (!formulas.includes(c)) return width;
        if (spare >= 0) return width + spare / formulas.length;
        return wrapped[c] + ((room - least) * (width - wrapped[c])) / lack;
      });
      group.replaceChildren(
        ...given.map((width) => {
          const column = html("col");
          column.style.width = `${width}px`;
          return column;
        }),
      );
    },
    /**
     * Makes room for cells that need more than they have.
     * @param {Iterable<HTMLElement>} lines
     * @returns {boolean} whether there were any
     */
    widen(lines) {
      let more = false;
      if ("stacked" in panel.dataset) return more;
      for (const line of lines) {
        if (line.children.length !== whole.length) continue;
        for (const [c, cell] of [...line.children].entries()) {
          if (cell.scrollWidth <= cell.clientWidth) continue;
          wrapped[c] = Math.max(wrapped[c], cell.scrollWidth + 1);
          whole[c] = Math.max(whole[c], wrapped[c]);
          more = true;
        }
      }
      if (more) this.fit();
      return more;
    },
  };
}

/** @param {number[]} numbers */
function total(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}
