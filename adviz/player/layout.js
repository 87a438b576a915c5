// @ts-check
/** How the panes of the player lie beside and below one another. */
import { focusedFrom, html } from "./dom.js";

/** The part of the screen that the formula and the controls may cover while a reader scrolls. */
const LARGEST_FOOT = 0.45;
/** What a table has at its right edge, in pixels: a line and a bar to scroll with. */
const EDGE = 13;

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
    element.style.setProperty("--adviz-table", `${tableWidth + EDGE}px`);
    const around = frame.offsetHeight - main.offsetHeight;
    if (around > 0) element.style.setProperty("--adviz-around", `${around}px`);
    const [step, controls] = [panes.step.offsetHeight, panes.transport.offsetHeight];
    const isTall = step + controls > LARGEST_FOOT * innerHeight;
    foot.toggleAttribute("data-tall", isTall);
    element.style.setProperty("--adviz-stuck", `${isTall ? controls : step + controls}px`);
  }

  /**
   * Scrolls the page where the foot covers the row that a reader has just stepped to.
   * @param {HTMLElement | null} row
   */
  function keepInSight(row) {
    if (!row || !element.contains(focusedFrom(element))) return;
    const covering = foot.hasAttribute("data-tall") ? panes.transport : foot;
    if (row.getBoundingClientRect().bottom <= covering.getBoundingClientRect().top + 1) return;
    panes.table.style.scrollMarginBottom = `${covering.offsetHeight}px`;
    panes.table.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const observer = new ResizeObserver(() => schedule());
  let frameRequest = 0;
  let size = "";
  let onResize = () => {};
  const paper = matchMedia("print");
  let onPrint = (/** @type {boolean} */ _isPrinting) => {};

  /** @param {Event} event */
  function print(event) {
    onPrint(event.type === "beforeprint" || (event.type === "change" && paper.matches));
  }

  /** Everything is laid out anew at the next frame, when some size has changed. */
  function schedule() {
    frameRequest ||= requestAnimationFrame(() => {
      frameRequest = 0;
      if (size === sizes()) return;
      onResize();
      size = sizes();
    });
  }

  function sizes() {
    const around = frame.offsetHeight - main.offsetHeight;
    return [
      element.clientWidth,
      panes.table.clientWidth,
      main.clientHeight,
      around,
      innerHeight,
    ].join();
  }

  return {
    element,
    fit,
    keepInSight,
    /**
     * @param {() => void} resized  called whenever there is another width or height to fill
     * @param {(isPrinting: boolean) => void} printed  called before and after the page is printed
     */
    watch(resized, printed) {
      onResize = resized;
      onPrint = printed;
      size = sizes();
      for (const pane of [element, panes.header, panes.table, main, foot]) observer.observe(pane);
      window.addEventListener("resize", schedule);
      document.fonts.addEventListener("loadingdone", resized);
      paper.addEventListener("change", print);
      // Not all browsers tell of paper in time.
      window.addEventListener("beforeprint", print);
      window.addEventListener("afterprint", print);
    },
    stop() {
      observer.disconnect();
      cancelAnimationFrame(frameRequest);
      window.removeEventListener("resize", schedule);
      document.fonts.removeEventListener("loadingdone", onResize);
      paper.removeEventListener("change", print);
      window.removeEventListener("beforeprint", print);
      window.removeEventListener("afterprint", print);
    },
  };
}
