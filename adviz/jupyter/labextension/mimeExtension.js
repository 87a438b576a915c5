// @ts-check
/** Plays trace documents as cell outputs, in JupyterLab 4 and Notebook 7. */
import { mount as mountLaboratory } from "../../player/laboratory.js";
import { mount } from "../../player/player.js";

const MIME_TYPE = "application/vnd.adviz.trace+json";
const LABORATORY = "application/vnd.adviz.laboratory+json";

/**
 * What this module uses of Lumino's Widget and of JupyterLab's rendermime interfaces.
 * @typedef {{node: HTMLElement, isDisposed: boolean, dispose(): void}} Widget
 * @typedef {new () => Widget} WidgetClass
 * @typedef {{data: Record<string, any>}} MimeModel
 */

/** @type {Promise<void> | undefined} */
let styles;

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
    /** @type {{destroy(): void} | undefined} */
    player;

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
    };

    constructor() {
      super();
      window.addEventListener("keydown", this.#guardKeys, { capture: true });
    }

    /** @param {MimeModel} model */
    async renderModel(model) {
      styles ??= Promise.all([loadStyle("player"), loadStyle("laboratory")]).then(() => {});
      await styles;
      if (this.isDisposed) return;
      this.player?.destroy();
      this.player =
        LABORATORY in model.data
          ? mountLaboratory(this.node, model.data[LABORATORY])
          : mount(this.node, model.data[MIME_TYPE], {});
    }

    dispose() {
      window.removeEventListener("keydown", this.#guardKeys, { capture: true });
      this.player?.destroy();
      this.player = undefined;
      super.dispose();
    }
  }

  return {
    id: "adviz-autodiff:trace",
    dataType: "json",
    rendererFactory: {
      safe: true, // the player never lets a document write markup, so it may play in notebooks nobody trusted yet
      mimeTypes: [MIME_TYPE, LABORATORY],
      createRenderer: () => new TraceOutput(),
    },
    rank: 10, // ahead of text/html, the static table beside it; behind a laboratory's widgets
  };
}
