// @ts-check
/**
 * Starts the kernel of a notebook when its first cell is run. JupyterLite starts it when a notebook
 * is opened, which fetches Python over the network although saved outputs play without it.
 */

/**
 * What this module uses of JupyterLab's interfaces.
 * @typedef {object} SessionContext
 * @property {{shouldStart?: boolean}} kernelPreference
 * @property {Promise<void>} ready
 * @property {{connect(slot: (sender: unknown, change: {newValue: unknown}) => void): void}}
 *   kernelChanged
 * @typedef {{createNew(panel: unknown, context: {sessionContext: SessionContext}): void}} Extension
 * @typedef {{docRegistry: {addWidgetExtension(factory: string, extension: Extension): unknown}}}
 *   Application
 */

export const kernelOnDemand = {
  id: "adviz-lite:kernel-on-demand",
  autoStart: true,
  /** @param {Application} application */
  activate({ docRegistry }) {
    docRegistry.addWidgetExtension("Notebook", {
      createNew(_panel, { sessionContext }) {
        /** @param {boolean} shouldStart */
        const prefer = (shouldStart) => {
          const others = sessionContext.kernelPreference;
          sessionContext.kernelPreference = { ...others, shouldStart };
        };
        prefer(false);
        // Once it is ready, a cell that is run starts the kernel without asking which.
        sessionContext.ready.then(() => prefer(true));
        // ipywidgets reads the kernel of a session that is ready: it has to wait for one.
        const withKernel = new Promise((resolve) => {
          sessionContext.kernelChanged.connect((_sender, { newValue }) => {
            if (newValue) resolve(undefined);
          });
        });
        Object.defineProperty(sessionContext, "ready", { get: () => withKernel });
      },
    });
  },
};
