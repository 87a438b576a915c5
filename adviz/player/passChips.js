// @ts-check
/** Beside the header of each loop in the source: the pass that the reader is in, and steps by pass. */
import { html } from "./dom.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Loop} Loop
 * @typedef {{element: HTMLElement, text: HTMLElement, buttons: HTMLElement[], loop: Loop | null, pass: number}} Chip
 */

/**
 * @param {Trace} trace
 * @param {(source: number, line: number) => HTMLElement | null} lineOf  where a chip stands
 * @param {(pass: number) => void} goToPass
 */
export function createPassChips(trace, lineOf, goToPass) {
  /** By the place of the header. @type {Map<string, Chip>} */
  const chips = new Map();
  for (const { loop } of trace.groups) {
    if (loop?.site && !chips.has(keyOf(loop))) {
      const chip = createChip();
      chip.text.textContent = trace.groups[loop.passes[loop.passes.length - 1]].title;
      chips.set(keyOf(loop), chip);
      lineOf(loop.site.source, loop.site.endLine)?.append(chip.element);
    }
  }

  /** @returns {Chip} */
  function createChip() {
    const text = html("span");
    const buttons = [
      html("button", { type: "button", "aria-label": "Earlier pass of the loop" }, "‹"),
      html("button", { type: "button", "aria-label": "Later pass of the loop" }, "›"),
    ];
    const element = html(
      "span",
      { class: "adviz-chip", "data-away": true },
      buttons[0],
      text,
      buttons[1],
    );
    /** @type {Chip} */
    const chip = { element, text, buttons, loop: null, pass: 0 };
    buttons.forEach((button, b) => {
      button.addEventListener("click", (event) => {
        event.stopPropagation();
        const next = chip.loop?.passes[chip.pass + 2 * b - 1];
        if (next !== undefined) goToPass(next);
      });
    });
    return chip;
  }

  return {
    /** @param {number[]} groups  that the reader is in */
    show(groups) {
      const away = new Set(chips.values());
      for (const group of groups) {
        const { loop, title } = trace.groups[group];
        const chip = loop?.site ? chips.get(keyOf(loop)) : undefined;
        if (!loop || !chip || !away.delete(chip)) continue;
        chip.loop = loop;
        chip.pass = loop.passes.indexOf(group);
        chip.text.textContent = title;
        delete chip.element.dataset.away;
        chip.buttons[0].setAttribute("aria-disabled", String(chip.pass === 0));
        chip.buttons[1].setAttribute("aria-disabled", String(chip.pass === loop.passes.length - 1));
      }
      for (const { element } of away) {
        if (element.dataset.away === undefined) element.dataset.away = "";
      }
    },
  };
}

/** @param {Loop} loop */
function keyOf({ site }) {
  return `${site?.source}:${site?.line}:${site?.column}`;
}
