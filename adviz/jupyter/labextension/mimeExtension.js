// @ts-check
/** Plays traces, laboratories and exercises as cell outputs, in JupyterLab 4 and Notebook 7. */
import { focusAt, focusIn } from "../../player/focus.js";
import { mount as mountLaboratory } from "../../player/laboratory.js";
import { EXERCISE, LABORATORY, TRACE } from "../../player/mimeTypes.js";
import { mount } from "../../player/player.js";
import { createExerciseOutput } from "./exerciseOutput.js";
import { notebookBook } from "./notebookBook.js";

/**
 * What this module uses of Lumino's Widget and of JupyterLab's rendermime interfaces.
 * @typedef {{node: HTMLElement, isDisposed: boolean, dispose(): void}} Widget
 * @typedef {new () => Widget} WidgetClass
 * @typedef {import("./exerciseOutput.js").MimeModel} MimeModel
 */

/**
 * A player whose output was taken away: JupyterLab may be about to show the same output anew.
 * @typedef {{data: unknown, options: import("../../player/player.js").Options, focus: number,
 *   time: number}} Left
 */

const SECONDS_TO_COME_BACK = 2;
const SHEETS = ["font", "player", "cards", "laboratory"];

/** @type {Left[]} */
let left = [];

/** @type {Promise<void> | undefined} */
let styles;

/**
 * Where the reader was in an output that is shown anew.
 * @param {unknown} data
 * @returns {Left | undefined}
 */
function comeBack(data) {
  left = left.filter(({ time }) => performance.now() - time < 1000 * SECONDS_TO_COME_BACK);
  if (left.length === 0) return undefined;
  const text = JSON.stringify(data);
  const place = left.findIndex((player) => JSON.stringify(player.data) === text);
  return place < 0 ? undefined : left.splice(place, 1)[0];
}

/**
 * Loads a style sheet; resolves when it is in force, or failed to load.
 * @param {string} name
 * @returns {Promise<void>}
 */
function loadStyle(name) {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(`../../player/${name}.css`, import.meta.url).href;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}

/**
 * @param {WidgetClass} Widget  Lumino's base class, which belongs to the JupyterLab that is running
 */
export function mimeExtension(Widget) {
  loadStyle("reveal"); // at once: answers are folded in notebooks that hold no trace, too

  class TraceOutput extends Widget {
    /** @type {ReturnType<typeof mount> | undefined} */
    player;
    /** @type {{destroy(): void} | undefined} */
    laboratory;
    /** @type {ReturnType<typeof createExerciseOutput> | undefined} */
    exercise;
    /** @type {unknown} */
    data;
    focusBefore = -1;
    /** Is called when the output is put in its notebook. */
    attached = () => {};

    /**
     * Keeps keys typed in the player from being notebook shortcuts, some of which delete cells;
     * Ctrl+S still saves. Notebook 7 reads keys on their way in, before the player could stop them,
     * but respects this attribute.
     * @param {KeyboardEvent} event
     */
    #guardKeys = (event) => {
      const focused = /** @type {Element} */ (event.target);
      if (!this.node.contains(focused)) return;
      const typed = !(event.ctrlKey || event.metaKey || event.altKey);
      focused.toggleAttribute("data-lm-suppress-shortcuts", typed);
      if (!typed) this.exercise?.keep(); // it may be the key that saves
    };

    constructor() {
      super();
      window.addEventListener("keydown", this.#guardKeys, { capture: true });
    }

    /** @param {MimeModel} model */
    async renderModel(model) {
      styles ??= Promise.all(SHEETS.map(loadStyle)).then(() => {});
      await styles;
      if (this.isDisposed) return;
      this.#leave();
      if (LABORATORY in model.data) {
        this.laboratory?.destroy();
        this.laboratory = mountLaboratory(this.node, model.data[LABORATORY]);
        return;
      }
      if (EXERCISE in model.data) {
        this.exercise ??= createExerciseOutput(this.node, notebookBook(this));
        this.exercise.show(model);
        return;
      }
      this.data = model.data[TRACE];
      const before = comeBack(this.data);
      this.player = mount(this.node, this.data, before?.options ?? {});
      const isNowhere = document.activeElement === document.body;
      if (before && isNowhere) focusAt(this.node, before.focus);
    }

    /** Called by Lumino: the output is in its notebook. */
    onAfterAttach() {
      this.attached();
    }

    /** Called by Lumino: once the node is taken out of the page, the focus is lost. */
    onBeforeDetach() {
      this.focusBefore = focusIn(this.node);
    }

    /** Takes the player away, and keeps in mind where it was. */
    #leave() {
      if (!this.player) return;
      const focus = Math.max(this.focusBefore, focusIn(this.node));
      const options = this.player.position();
      left.push({ data: this.data, options, focus, time: performance.now() });
      this.player.destroy();
      this.player = undefined;
    }

    dispose() {
      window.removeEventListener("keydown", this.#guardKeys, { capture: true });
      this.#leave();
      this.laboratory?.destroy();
      this.exercise?.destroy();
      super.dispose();
    }
  }

  return {
    id: "adviz-autodiff:trace",
    dataType: "json",
    rendererFactory: {
      safe: true, // the player never lets a document write markup, so it may play in notebooks nobody trusted yet
      mimeTypes: [TRACE, LABORATORY, EXERCISE],
      createRenderer: () => new TraceOutput(),
    },
    rank: 10, // ahead of text/html, the static table beside it; behind a laboratory's widgets
  };
}
