// @ts-check
/**
 * The container that JupyterLite loads, in the shape webpack's module federation gives it, written
 * by hand as that of ../../adviz/jupyter/labextension is.
 */
{
  const jupyterlab = /** @type {{_JUPYTERLAB?: Record<string, unknown>}} */ (
    /** @type {unknown} */ (window)
  );
  const address = /** @type {HTMLScriptElement} */ (document.currentScript).src;

  jupyterlab._JUPYTERLAB ??= {};
  jupyterlab._JUPYTERLAB["adviz-lite"] = {
    init() {},

    /** @param {string} module */
    async get(module) {
      const { kernelOnDemand } = /** @type {typeof import("./kernelOnDemand.js")} */ (
        await import(new URL(`${module}.js`, address).href)
      );
      return () => ({ __esModule: true, default: kernelOnDemand });
    },
  };
}
