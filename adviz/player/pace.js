// @ts-check
/** A choice of how far the controls step: by row, by pass of a loop, or by call. */
import { html } from "./dom.js";

/** @typedef {"row" | "pass" | "call"} Unit */

/**
 * @param {import("./trace.js").Trace} trace
 * @param {() => void} changed
 * @returns {{element: HTMLElement | null, readonly unit: Unit}}  no element where there are only rows
 */
export function createPace({ groups }, changed) {
  /** @type {Unit[]} */
  const units = ["row"];
  if (groups.some(({ loop }) => loop !== null)) units.push("pass");
  if (groups.some(({ loop }) => loop === null)) units.push("call");
  if (units.length === 1) return { element: null, unit: "row" };
  const select = /** @type {HTMLSelectElement} */ (
    html(
      "select",
      { class: "adviz-pace", "aria-label": "Step by" },
      ...units.map((unit) => html("option", { value: unit }, `by ${unit}`)),
    )
  );
  select.addEventListener("change", changed);
  return {
    element: select,
    get unit() {
      return /** @type {Unit} */ (select.value);
    },
  };
}
