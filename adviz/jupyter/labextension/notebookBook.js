// @ts-check
/** What was answered in a notebook, for a summary in one of its outputs. */
import { notesOf, pageBook } from "../../player/answered.js";
import { EXERCISE } from "../../player/mimeTypes.js";
import { forgetEntries } from "./exerciseOutput.js";

/**
 * @typedef {import("./exerciseOutput.js").MimeModel} MimeModel
 * @typedef {{length: number, get(i: number): {outputs?: {length: number, get(i: number): MimeModel}}}} Cells
 *
 * An output, which calls `attached` when it is put in its notebook.
 * @typedef {{node: HTMLElement, attached: () => void}} Output
 */

/**
 * What was answered in the notebook in which an output stands. It is read from the notebook itself:
 * JupyterLab shows only those cells that are in sight.
 * @param {Output} output
 * @returns {import("../../player/answered.js").Book}
 */
export function notebookBook(output) {
  function exercises() {
    /** @type {any} */
    let around = output;
    while (around && !around.model?.cells) around = around.parent;
    /** @type {Cells | undefined} */
    const cells = around?.model.cells;
    const found = [];
    for (let i = 0; i < (cells?.length ?? 0); i++) {
      const outputs = cells?.get(i).outputs;
      for (let j = 0; j < (outputs?.length ?? 0); j++) {
        const model = outputs?.get(j);
        if (model && EXERCISE in model.data) found.push(model);
      }
    }
    return found;
  }

  const inSight = () => pageBook(() => [output.node.closest(".jp-Notebook") ?? document]);
  return {
    notes: () =>
      exercises().flatMap(({ data, metadata }) => notesOf(data[EXERCISE], metadata[EXERCISE])),
    clear() {
      inSight().clear();
      forgetEntries();
      for (const model of exercises()) {
        const { [EXERCISE]: entered, ...rest } = model.metadata;
        if (entered) model.setData({ metadata: rest });
      }
    },
    watch(changed) {
      // An output is made before it is put in its notebook, and may be out of sight for a while.
      output.attached = changed;
      return pageBook().watch(changed);
    },
  };
}
