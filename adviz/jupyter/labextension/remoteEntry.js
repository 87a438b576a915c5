// @ts-check
/**
 * The container that JupyterLab loads, in the shape webpack's module federation gives it, written
 * by hand so that no build step is needed. The contract is not a documented Jupyter interface:
 * tests/browser holds it.
 *
 * @typedef {{get: () => Promise<() => unknown>}} SharedModule
 * @typedef {Record<string, Record<string, SharedModule>>} ShareScope  modules by name, then by
 *   version
 * @typedef {{init: (scope: ShareScope) => void, get: (module: string) => Promise<() => unknown>}}
 *   Container
 */
{
  const jupyterlab = /** @type {{_JUPYTERLAB?: Record<string, Container>}} */ (
    /** @type {unknown} */ (window)
  );
  const address = /** @type {HTMLScriptElement} */ (document.currentScript).src;

  /** @type {ShareScope} */
  let shared;

  jupyterlab._JUPYTERLAB ??= {};
  jupyterlab._JUPYTERLAB["adviz-autodiff"] = {
    init(scope) {
      shared = scope;
    },

    async get(module) {
      const lumino = Object.values(shared["@lumino/widgets"] ?? {})[0];
      if (!lumino) throw new Error("adviz: JupyterLab shares no @lumino/widgets");
      const { Widget } = /** @type {{Widget: import("./mimeExtension.js").WidgetClass}} */ (
        (await lumino.get())()
      );
      const { mimeExtension } = /** @type {typeof import("./mimeExtension.js")} */ (
        await import(new URL(`${module}.js`, address).href)
      );
      const extension = mimeExtension(Widget);
      return () => ({ __esModule: true, default: extension });
    },
  };
}
