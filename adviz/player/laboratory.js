// @ts-check
/**
 * Shows a laboratory document: the laboratory answers in the page, from what the document holds.
 * What a document says is shown as text only, so that documents need not be trusted.
 */
import { DocumentError } from "./documentChecks.js";
import { html } from "./dom.js";
import { createErrorLaboratory } from "./errorLaboratory.js";
import { readLaboratory } from "./laboratoryDocument.js";
import { createSwellLaboratory } from "./swellLaboratory.js";

const ABOUT =
  "This laboratory answers from what was measured when its cell ran. To change more than is offered here, run the cell.";

/**
 * Shows a laboratory in `element`. Never throws: what is wrong with a document is said in its
 * place.
 * @param {Element} element
 * @param {unknown} document
 * @returns {{destroy(): void}}
 */
export function mount(element, document) {
  /** @type {HTMLElement} */
  let shown;
  try {
    const laboratory = readLaboratory(document);
    const title = laboratory.kind === "error" ? "Numerical differentiation" : "Expression swell";
    shown = html(
      "section",
      { class: "adviz adviz-laboratory-page", "aria-label": title },
      html("p", { class: "adviz-laboratory-title" }, `${title}: ${laboratory.title}`),
      laboratory.kind === "error"
        ? createErrorLaboratory(laboratory)
        : createSwellLaboratory(laboratory),
      html("p", { class: "adviz-laboratory-note" }, ABOUT),
    );
  } catch (error) {
    const sentence =
      error instanceof DocumentError
        ? error.message
        : "This laboratory cannot be shown: it is not a laboratory document.";
    shown = html("div", { class: "adviz" }, html("p", { class: "adviz-problem" }, sentence));
  }
  element.replaceChildren(shown);
  return { destroy: () => element.replaceChildren() };
}
