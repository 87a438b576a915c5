// @ts-check
/** The current step: its formula, what it does in words, and the numbers that are added up. */
import { shapeOf, shown, summedAxes } from "./arrays.js";
import { focusableIfScrolling, focusedFrom, html } from "./dom.js";
import { boundary } from "./folding.js";
import { ACCENTS, equation, forwardTerms, groupEquation } from "./formulas.js";
import { mathml, pieces } from "./math.js";
import { createMatrices } from "./matrices.js";
import { pairOf, plane, reachOf } from "./plane.js";
import { explain, explainGroup } from "./prose.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./trace.js").Quantity} Quantity
 */

const PICTURE = 48;
const SMALL_PICTURE = 28;
const MOST_BOXES = 4;
const MOST_TRIED = 32;
const MOST_SEARCHED = 500;
const SMALLEST_FORMULA = 14;
const SMALLEST_PIECE = 10;

/**
 * @param {Trace} trace
 * @param {(slot: number) => number[]} uses
 * @param {(text: string) => void} say  tells those who listen
 */
export function createStep(trace, uses, say) {
  const pane = createPane(trace, say);

  /**
   * @param {Pane} where
   * @param {Sweep} sweep
   * @param {number} step
   * @param {number} group
   */
  function fill({ element, working, formula, words, sum, matrices }, sweep, step, group) {
    const around = group < 0 ? null : boundary(trace, uses, group);
    const equations = around
      ? groupEquation(trace, sweep, group, around)
      : equation(trace, sweep, step);
    formula.replaceChildren(...equations.flatMap(pieces).map((part) => mathml(part)));
    words.textContent = around
      ? explainGroup(trace, sweep, group, around)
      : explain(trace, sweep, uses, step);
    const isDrawn = matrices.show(sweep, around ? -1 : step);
    working.classList.toggle("adviz-drawn", isDrawn);
    // Beside arrays the words stand under the formula: below the arrays they would make the pane high.
    const place = isDrawn ? working : element;
    if (words.parentNode !== place) {
      // What is moved loses the focus; the player's keys must not.
      if (words.contains(focusedFrom(words))) {
        /** @type {HTMLElement | null} */ (words.closest(".adviz"))?.focus({ preventScroll: true });
      }
      place.append(words);
    }
    if (!isDrawn) matrices.choice.remove();
    else if (!matrices.choice.parentNode) working.append(matrices.choice);
    const isSum = sweep.stepsTo(sweep.row(step)).length > 1;
    sum.replaceChildren(
      ...(isDrawn ? [matrices.drawing] : []),
      ...(around ? groupBoxes(trace, sweep, step, around) : []),
      ...(around || (isDrawn && !isSum)
        ? []
        : boxes(trace, sweep, step, isDrawn ? SMALL_PICTURE : PICTURE)),
    );
  }

  return {
    element: pane.element,
    /**
     * Makes the panel as high as the steps of a pass need, so that it stays as it is from step to
     * step. Of long passes some steps are tried; what a step needs beyond that scrolls.
     * @param {import("./playhead.js").Playhead} playhead
     * @param {boolean} [onlyMore]  whether it keeps at least the height that it has
     */
    reserve({ sweep, steps, groupAt }, onlyMore = false) {
      if (!pane.element.isConnected) return;
      const trial = html("div", { class: "adviz-trial", "aria-hidden": true });
      const panes = typical(trace, sweep, steps).map((step) => {
        const tried = createPane(trace, () => {});
        fill(tried, sweep, step, groupAt(step));
        trial.append(tried.element);
        return tried;
      });
      pane.element.before(trial);
      fitFormulas(panes);
      const drawn = panes.filter(({ working }) => working.classList.contains("adviz-drawn"));
      const written = panes.filter((tried) => !drawn.includes(tried));
      const { style } = pane.element;
      const needed = {
        "--adviz-working": highest(written.map(({ working }) => working)),
        "--adviz-words": highest(written.map(({ words }) => words)),
        "--adviz-drawing": highest(drawn.map(({ working }) => working)),
      };
      trial.remove();
      for (const [name, height] of Object.entries(needed)) {
        const least = onlyMore ? parseFloat(style.getPropertyValue(name)) || 0 : 0;
        style.setProperty(name, `${Math.max(height, least)}px`);
      }
    },
    /**
     * @param {Sweep} sweep
     * @param {number} step
     * @param {number} group  the folded call it passes; −1 for none
     */
    show(sweep, step, group) {
      fill(pane, sweep, step, group);
    },
    /** Makes what is shown fit, and the keyboard reach what has to scroll. */
    fit() {
      fitFormulas([pane]);
      focusableIfScrolling(pane.formula);
      focusableIfScrolling(pane.words);
      focusableIfScrolling(pane.matrices.drawing);
    },
  };
}

/** How high the highest of some elements is, in whole pixels. @param {HTMLElement[]} elements */
function highest(elements) {
  const heights = elements.map((element) => element.getBoundingClientRect().height);
  return Math.ceil(Math.max(0, ...heights));
}

/** @typedef {ReturnType<typeof createPane>} Pane */

/** @param {Trace} trace @param {(text: string) => void} say */
function createPane(trace, say) {
  const matrices = createMatrices(trace, say);
  const formula = html("div", {
    class: "adviz-scroll adviz-equation",
    role: "group",
    "aria-label": "Formula",
  });
  const words = html("p", { class: "adviz-scroll adviz-words" });
  const sum = html("div", { class: "adviz-sum" });
  const working = html("div", { class: "adviz-working" }, formula, sum);
  const element = html(
    "div",
    { class: "adviz-step", role: "group", "aria-label": "Current step" },
    working,
    words,
  );
  return { element, working, formula, words, sum, matrices };
}

/**
 * Makes long formulas smaller, down to a limit, rather than let them wrap or push the sum below them.
 * @param {Pane[]} panes
 */
function fitFormulas(panes) {
  for (const { formula } of panes) formula.removeAttribute("style");
  const wanted = panes.map(({ formula }) => {
    const widths = [...formula.children].map((part) => part.getBoundingClientRect().width);
    return {
      size: parseFloat(getComputedStyle(formula).fontSize),
      width: widths.reduce((sum, width) => sum + width, 1),
      widest: Math.max(1, ...widths),
      room: formula.clientWidth,
    };
  });
  if (wanted.every(({ width, room }) => width <= room)) return;
  panes.forEach(({ formula }, i) => {
    const least = Math.ceil((wanted[i].width * SMALLEST_FORMULA) / wanted[i].size);
    formula.style.minWidth = `min(100%, ${least}px)`;
  });
  const rooms = panes.map(({ formula }) => formula.clientWidth);
  panes.forEach(({ formula }, i) => {
    const { size, width, widest } = wanted[i];
    if (width <= rooms[i] || rooms[i] === 0) return;
    const wrapped = Math.max(SMALLEST_FORMULA, Math.floor((size * rooms[i]) / width));
    // What cannot wrap is made smaller still, before it has to scroll.
    const fitting = Math.max(SMALLEST_PIECE, Math.floor((size * rooms[i]) / widest));
    formula.style.fontSize = `${Math.min(wrapped, fitting)}px`;
  });
}

/**
 * The steps that may need the most room: all of a short pass; of a long one the first and the last,
 * and of each operation the latest, whose numbers are long.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {Int32Array} steps  at which the reader stops
 */
function typical(trace, sweep, steps) {
  if (steps.length <= MOST_TRIED) return Array.from(steps);
  const found = new Map([["first", steps[0]]]);
  for (let i = steps.length - 1; i > 0 && found.size < MOST_TRIED; i--) {
    const [user, operand] = [sweep.user(steps[i]), sweep.operand(steps[i])];
    const kind = `${trace.forms[user]?.op} ${operand} ${sweep.row(steps[i]) < trace.inputs.length}`;
    if (!found.has(kind)) found.set(kind, steps[i]);
    if (i > MOST_SEARCHED) i -= Math.floor(i / MOST_SEARCHED);
  }
  return [...found.values()];
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @param {number} size  of pictures
 * @returns {(Node | string)[]}
 */
function boxes(trace, sweep, step, size) {
  const slot = sweep.row(step);
  /** @param {Quantity} x */
  const number = (x) => shown(x, trace.digits, size);
  if (sweep.pass === "primal") {
    const operands = (trace.operands[slot] ?? []).map((o) => (o === null ? null : trace.values[o]));
    const value = trace.values[slot];
    return [box("value", [...number(value), ...inPlane(value, operands)], "adviz-after")];
  }
  if (sweep.pass === "forward") {
    const result = box(
      slot < trace.inputs.length && sweep.seeds[slot] !== 0 ? "seed" : "tangent",
      number(sweep.amount(step)),
      "adviz-after",
    );
    const terms = forwardTerms(trace, slot);
    if (terms.length < 2) return [result];
    const products = sweep.terms(slot);
    const parts = terms
      .slice(0, terms.length > 3 ? 2 : 3)
      .map((k, i) =>
        box(`from ${label(trace, Number(trace.operands[slot][k]))}`, number(products[i])),
      );
    if (parts.length < terms.length) {
      parts.push(html("span", {}, `… ${terms.length - parts.length} more`));
    }
    return [...parts.flatMap((part, i) => (i > 0 ? [sign("+"), part] : [part])), sign("="), result];
  }
  if (sweep.output(step) >= 0) return [box("seed", number(sweep.amount(step)), "adviz-after")];
  const before = sweep.before(step);
  const product = sweep.product(step);
  const amount = sweep.amount(step);
  const added = box("this use", number(amount));
  const [earliest, ...later] = sweep.stepsTo(slot);
  const first = earliest === step;
  const sum = sweep.at(slot, step).value;
  const summands = first ? [] : [before, amount];
  const after = box("after", [...number(sum), ...inPlane(sum, summands)], "adviz-after");
  // Of a single product there is nothing to add up.
  if (later.length === 0 && !product) return [after];
  return [
    box("before", first ? ["not reached"] : number(before), first ? "adviz-none" : ""),
    sign("+"),
    product
      ? undone(number(product), summedAxes(product.shape, shapeOf(trace.values[slot])), added)
      : added,
    sign("="),
    after,
  ];
}

/**
 * A complex number in the plane, with those that it was made from; nothing for any other.
 * @param {Quantity} value
 * @param {(Quantity | null)[]} sources
 * @returns {Node[]}
 */
function inPlane(value, sources) {
  const pair = pairOf(value);
  if (!pair) return [];
  const others = sources.map(pairOf).filter((other) => other !== null);
  const drawn = plane(pair, others, reachOf([pair, ...others]), PICTURE);
  return drawn ? [drawn] : [];
}

/**
 * What a folded call gives: its values, its tangents, or the adjoints that it has given to.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @param {{sources: number[], results: number[]}} boundary
 */
function groupBoxes(trace, sweep, step, { sources, results }) {
  const given =
    sweep.pass === "reverse" ? sources.filter((slot) => sweep.at(slot, step).part > 0) : results;
  const parts = given.slice(0, MOST_BOXES).map((slot) => {
    const value = sweep.pass === "primal" ? trace.values[slot] : sweep.at(slot, step).value;
    return box(
      label(trace, slot, ACCENTS[sweep.pass]),
      shown(value, trace.digits, PICTURE / 2),
      "adviz-after",
    );
  });
  if (given.length > parts.length) {
    parts.push(html("span", {}, `… ${given.length - parts.length} more`));
  }
  return parts;
}

/** @param {string} caption @param {(Node | string)[]} content @param {string} [className] */
function box(caption, content, className = "") {
  return html(
    "span",
    { class: `adviz-box ${className}` },
    html("small", {}, `${caption} `),
    ...content,
  );
}

/**
 * A contribution in its two parts: the product, and the sum that undoes a broadcast.
 * @param {Node[]} product
 * @param {number[]} axes
 * @param {HTMLElement} added
 */
function undone(product, axes, added) {
  const over = html(
    "span",
    { class: "adviz-sign" },
    `→ sum, ${axes.length === 1 ? "axis" : "axes"} ${axes.join(", ")} →`,
  );
  return html("span", { class: "adviz-undone" }, box("product", product), over, added);
}

/** @param {string} text */
function sign(text) {
  return html("span", { class: "adviz-sign" }, text);
}
