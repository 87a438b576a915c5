// @ts-check
/**
 * An exercise as the output of a cell. What is entered is kept in the output's metadata, so that a
 * save writes it into the notebook, with a kernel or without.
 */
import { mount } from "../../player/exercise.js";
import { MOUNTS } from "../../player/exercisePage.js";
import { EXERCISE } from "../../player/mimeTypes.js";

const SECONDS_TO_RUN = 300;

/**
 * @typedef {{data: Record<string, any>, metadata: Record<string, any>,
 *   setData(options: {metadata: Record<string, any>}): void}} MimeModel
 */

/**
 * Entries whose output was taken away: its cell may be running once more. By the text of the document.
 * @type {Map<string, {entered: unknown, time: number}>}
 */
const left = new Map();

/**
 * @param {HTMLElement} node  of the output
 * @param {import("../../player/answered.js").Book} book  what was answered in its notebook
 */
export function createExerciseOutput(node, book) {
  /** @type {import("../../player/exercise.js").Shown | undefined} */
  let exercise;
  let text = ""; // of the document
  let written = "null"; // what the metadata hold, as text

  /** @param {MimeModel} model */
  function show(model) {
    const document = model.data[EXERCISE];
    const kept = model.metadata[EXERCISE] ?? null;
    // Jupyter shows an output anew when its metadata change, also where we have changed them: the
    // fields are left as they are then, with the cursor in them.
    const isOwn = JSON.stringify(kept) === written && JSON.stringify(document) === text;
    if (exercise && isOwn) return;
    const cursor = exercise?.cursor() ?? null;
    exercise?.destroy();
    text = JSON.stringify(document);
    written = JSON.stringify(kept);
    const before = kept === null ? entriesLeft(text) : null;
    let current = kept ?? before;
    /** @type {import("../../player/exerciseMemory.js").Memory} */
    const memory = {
      read: () => current,
      write(entered) {
        current = entered;
        if (JSON.stringify(entered) === written) return;
        written = JSON.stringify(entered);
        const { [EXERCISE]: _, ...others } = model.metadata;
        model.setData({ metadata: entered ? { ...others, [EXERCISE]: entered } : others });
      },
    };
    exercise = mount(node, document, { memory, book, mounts: MOUNTS });
    exercise.setCursor(cursor);
    if (before) exercise.keep();
  }

  return {
    show,
    /** Writes down what is being typed. */
    keep: () => exercise?.keep(),
    destroy() {
      if (written !== "null")
        left.set(text, { entered: JSON.parse(written), time: performance.now() });
      exercise?.destroy();
    },
  };
}

/** @param {string} text */
function entriesLeft(text) {
  const entries = left.get(text);
  left.delete(text);
  return entries && performance.now() - entries.time < 1000 * SECONDS_TO_RUN
    ? entries.entered
    : null;
}

/** All is to begin again: no output takes up what was entered before. */
export function forgetEntries() {
  left.clear();
}
