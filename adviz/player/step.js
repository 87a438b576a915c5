// @ts-check
/** The current step: its formula, what it does in words, and the numbers that are added up. */
import { shapeOf, shown, summedAxes } from "./arrays.js";
import { focusableIfScrolling, html } from "./dom.js";
import { boundary } from "./folding.js";
import { ACCENTS, equation, forwardTerms, groupEquation } from "./formulas.js";
import { mathml } from "./math.js";
import { createMatrices } from "./matrices.js";
import { explain, explainGroup } from "./prose.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./trace.js").Quantity} Quantity
 */

const PICTURE = 88;
const SMALL_PICTURE = 28;
const MOST_BOXES = 4;

/**
 * @param {Trace} trace
 * @param {(slot: number) => number[]} uses
 * @param {(text: string) => void} say  tells those who listen
 */
export function createStep(trace, uses, say) {
  const matrices = createMatrices(trace, say);
  const formula = html("div", {
    class: "adviz-scroll adviz-equation",
    role: "group",
    "aria-label": "Formula",
  });
  const words = html("p", { class: "adviz-words" });
  const sum = html("div", { class: "adviz-sum" });
  const element = html(
    "div",
    { class: "adviz-step", role: "group", "aria-label": "Current step" },
    html("div", { class: "adviz-saying" }, formula, words, matrices.choice),
    sum,
  );
  let reserved = 0;

  return {
    element,
    /** Lets the panel be as low as its step again. */
    release() {
      reserved = 0;
      element.style.minHeight = "";
    },
    /**
     * @param {Sweep} sweep
     * @param {number} step
     * @param {number} group  the folded call it passes; −1 for none
     * @returns {string} the explanation shown
     */
    show(sweep, step, group) {
      const around = group < 0 ? null : boundary(trace, uses, group);
      const equations = around
        ? groupEquation(trace, sweep, group, around)
        : equation(trace, sweep, step);
      formula.replaceChildren(...equations.map((part) => mathml(part)));
      focusableIfScrolling(formula);
      const explanation = around
        ? explainGroup(trace, sweep, group, around)
        : explain(trace, sweep, uses, step);
      words.textContent = explanation;
      const isDrawn = matrices.show(sweep, around ? 0 : step) && !around;
      matrices.choice.hidden ||= !isDrawn;
      const isSum = sweep.stepsTo(sweep.row(step)).length > 1;
      sum.replaceChildren(
        ...(isDrawn ? [matrices.drawing] : []),
        ...(around ? groupBoxes(trace, sweep, step, around) : []),
        ...(around || (isDrawn && !isSum)
          ? []
          : boxes(trace, sweep, step, isDrawn ? SMALL_PICTURE : PICTURE)),
      );
      // What is below must not move from step to step: the panel stays as high as it has been.
      if (element.offsetHeight > reserved) {
        reserved = element.offsetHeight;
        element.style.minHeight = `${reserved}px`;
      }
      return explanation;
    },
  };
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
  if (sweep.pass === "primal") return [box("value", number(trace.values[slot]), "adviz-after")];
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
  const added = box("this use", number(sweep.amount(step)));
  const first = sweep.stepsTo(slot)[0] === step;
  return [
    box("before", first ? ["not reached"] : number(before), first ? "adviz-none" : ""),
    sign("+"),
    product
      ? undone(number(product), summedAxes(product.shape, shapeOf(trace.values[slot])), added)
      : added,
    sign("="),
    box("after", number(sweep.at(slot, step).value), "adviz-after"),
  ];
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
