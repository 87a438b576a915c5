// @ts-check
/** What is written beside the edges that a step goes along: the product, v̄₁·v₀ = −4. */
import { isShort } from "./arrays.js";
import { html } from "./dom.js";
import { ACCENTS, forwardTerms, termFormula } from "./formulas.js";
import { headBox, placeLabel } from "./labelPlacement.js";
import { mathml, mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { symbol } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./graphEdges.js").Edge} Edge
 * @typedef {import("./labelPlacement.js").Box} Box
 * @typedef {import("./labelPlacement.js").Size} Size
 */

const LONGEST_PRODUCT = 26;
const MOST_LABELS = 4;

/** @param {Trace} trace */
export function createLabels(trace) {
  const element = html("div", { class: "adviz-labels", "aria-hidden": true });
  /**
   * What is to be placed beside each edge: one of its labels, and rather an earlier one.
   * @type {{curve: Edge["curve"], labels: HTMLElement[]}[]}
   */
  let written = [];

  function clear() {
    written = [];
    element.replaceChildren();
  }

  return {
    element,
    /** Removes all labels. */
    clear,
    /**
     * Writes what may stand beside the edges of a step; place() chooses where.
     * @param {Sweep} sweep
     * @param {number} step
     * @param {Edge[]} active  the edges that the step goes along
     */
    write(sweep, step, active) {
      clear();
      const user = sweep.user(step);
      if (active.length > MOST_LABELS || forwardTerms(trace, user).length > MOST_LABELS) return;
      for (const { link, curve } of active) {
        const use = link.uses.find(
          ({ row, operand }) =>
            row === user && (sweep.pass !== "reverse" || operand === sweep.operand(step)),
        );
        if (!use) continue;
        const choices = contribution(trace, sweep, user, use.operand, step);
        written.push({ curve, labels: choices.map((content) => html("div", {}, ...content)) });
      }
      element.append(...written.flatMap(({ labels }) => labels));
    },
    /**
     * Keeps of the labels of each edge the first one that there is room for.
     * @param {Edge[]} edges  all that are drawn
     * @param {Box[]} taken  what must not be covered, but for arrowheads
     * @param {import("./viewport.js").Area} picture
     */
    place(edges, taken, picture) {
      const covered = [...taken, ...edges.map((edge) => headBox(edge.directed))];
      const sizes = new Map(
        written.flatMap(({ labels }) => labels).map((label) => [label, sizeOf(label)]),
      );
      for (const { curve, labels } of written) {
        const others = edges.filter((edge) => edge.curve !== curve).map((edge) => edge.curve);
        let isPlaced = false;
        for (const label of labels) {
          const size = /** @type {Size} */ (sizes.get(label));
          const box = isPlaced ? null : placeLabel(curve, size, covered, others, picture);
          if (!box) {
            label.remove();
            continue;
          }
          label.style.left = `${box.x - box.width / 2}px`;
          label.style.top = `${box.y - box.height / 2}px`;
          covered.push(box);
          isPlaced = true;
        }
      }
      written = [];
    },
  };
}

/** @param {HTMLElement} label @returns {Size} */
function sizeOf(label) {
  return { width: label.offsetWidth, height: label.offsetHeight };
}

/**
 * What goes along an edge, as it may be written: the product with its result, or the result alone.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} user
 * @param {number} operand
 * @param {number} step
 * @returns {(Node | string)[][]}
 */
function contribution(trace, sweep, user, operand, step) {
  if (sweep.isAsked(step)) {
    const carrier = sweep.pass === "reverse" ? user : Number(trace.operands[user][operand]);
    return [[mathml(symbol(trace, carrier, ACCENTS[sweep.pass])), " · ?"]];
  }
  const amount =
    sweep.pass === "reverse"
      ? sweep.amount(step)
      : sweep.terms(user)[forwardTerms(trace, user).indexOf(operand)];
  const product = termFormula(trace, user, operand, ACCENTS[sweep.pass]);
  const isBrief = mathText(product).length <= LONGEST_PRODUCT;
  if (!isShort(amount)) return isBrief ? [[mathml(product)]] : [];
  const number = formatNumber(amount, trace.digits);
  return [...(isBrief ? [[mathml(product), ` = ${number}`]] : []), [number]];
}
