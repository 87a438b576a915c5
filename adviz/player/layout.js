// @ts-check
/** How the panes of the player lie beside and below one another. */
import { html } from "./dom.js";

/** The part of the screen that the formula and the controls may cover while a reader scrolls. */
const LARGEST_FOOT = 0.45;

/**
 * Lays the panes out: source above table on the left, graph on the right, and below them, at the
 * bottom of the screen where the player is higher than that, the step and the controls.
 * @param {import("./trace.js").Trace} trace
 * @param {string} name  of the player, for screen readers
 * @param {{header: HTMLElement, source: HTMLElement, table: HTMLElement, graph: HTMLElement,
 *   notes: HTMLElement, step: HTMLElement, transport: HTMLElement, announcements: HTMLElement}} panes
 */
export function layOut(trace, name, panes) {
  const left = html("div", { class: "adviz-left" }, panes.source, panes.table);
  const main = html("div", { class: "adviz-main" }, left, panes.graph);
  const foot = html("div", { class: "adviz-foot" }, panes.step, panes.transport);
  const frame = html(
    "div",
    { class: "adviz-frame" },
    panes.header,
    main,
    panes.notes,
    foot,
    panes.announcements,
  );
  const element = html(
    "div",
    {
      class: "adviz",
      role: "group",
      "aria-label": name,
      tabindex: -1,
      "data-arrays": trace.sweeps !== null,
    },
    frame,
  );

  /**
   * Tells the style sheet what it cannot know: how much room the panes take, and would like to have.
   * @param {number} tableWidth
   */
  function fit(tableWidth) {
    element.style.setProperty("--adviz-table", `${tableWidth}px`);
    const around = frame.offsetHeight - main.offsetHeight;
    if (around > 0) element.style.setProperty("--adviz-around", `${around}px`);
    const [step, controls] = [panes.step.offsetHeight, panes.transport.offsetHeight];
    const isTall = step + controls > LARGEST_FOOT * innerHeight;
    foot.toggleAttribute("data-tall", isTall);
    element.style.setProperty("--adviz-stuck", `${isTall ? controls : step + controls}px`);
  }

  const observer = new ResizeObserver(() => schedule());
  let frameRequest = 0;
  let size = "";
  let onResize = () => {};

  /** Everything is laid out anew at the next frame, when some size has changed. */
  function schedule() {
    frameRequest ||= requestAnimationFrame(() => {
      frameRequest = 0;
      const now = [element.clientWidth, panes.table.clientWidth, main.clientHeight, innerHeight];
      if (size === now.join()) return;
      onResize();
      size = [element.clientWidth, panes.table.clientWidth, main.clientHeight, innerHeight].join();
    });
  }

  return {
    element,
    fit,
    /** Calls `resized` whenever there is another width or height to fill. @param {() => void} resized */
    watch(resized) {
      onResize = resized;
      for (const pane of [element, panes.header, panes.table, main]) observer.observe(pane);
      window.addEventListener("resize", schedule);
      document.fonts.addEventListener("loadingdone", resized);
    },
    stop() {
      observer.disconnect();
      cancelAnimationFrame(frameRequest);
      window.removeEventListener("resize", schedule);
      document.fonts.removeEventListener("loadingdone", onResize);
    },
  };
}
