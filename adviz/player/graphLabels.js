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
 */

const LONGEST_PRODUCT = 26;
const MOST_LABELS = 4;

/** @param {Trace} trace */
export function createLabels(trace) {
  const element = html("div", { class: "adviz-labels", "aria-hidden": true });
  return {
    element,
    /** Removes all labels. */
    clear: () => element.replaceChildren(),
    /**
     * Labels the edges of a step, where there is room.
     * @param {Sweep} sweep
     * @param {number} step
     * @param {Edge[]} edges  all that are drawn
     * @param {Edge[]} active  those that the step goes along
     * @param {Box[]} taken  what must not be covered, but for arrowheads
     * @param {import("./viewport.js").Area} picture
     */
    show(sweep, step, edges, active, taken, picture) {
      element.replaceChildren();
      const user = sweep.user(step);
      if (active.length > MOST_LABELS || forwardTerms(trace, user).length > MOST_LABELS) return;
      const covered = [...taken, ...edges.map((edge) => headBox(edge.directed))];
      for (const { link, curve } of active) {
        const use = link.uses.find(
          ({ row, operand }) =>
            row === user && (sweep.pass !== "reverse" || operand === sweep.operand(step)),
        );
        if (!use) continue;
        const others = edges.filter((edge) => edge.curve !== curve).map((edge) => edge.curve);
        for (const content of contribution(trace, sweep, user, use.operand, step)) {
          const label = html("div", {}, ...content);
          element.append(label);
          const size = { width: label.offsetWidth, height: label.offsetHeight };
          const box = placeLabel(curve, size, covered, others, picture);
          if (box) {
            label.style.left = `${box.x - box.width / 2}px`;
            label.style.top = `${box.y - box.height / 2}px`;
            covered.push(box);
            break;
          }
          label.remove();
        }
      }
    },
  };
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
