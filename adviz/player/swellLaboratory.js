// @ts-check
/**
 * The laboratory of expression swell in a page: a formula grows with n, written out or with every
 * subexpression once, beside the operations of its derivative.
 */
import { html, svg, unseen } from "./dom.js";
import { mathml } from "./math.js";
import { logAxes, pathOf } from "./plot.js";

/** @typedef {import("./laboratoryDocument.js").SwellLaboratory} SwellLaboratory */

const FRAME = { left: 46, top: 26, right: 350, bottom: 196 };

/** @param {SwellLaboratory} laboratory */
export function createSwellLaboratory({ frames, representations, at }) {
  const slider = /** @type {HTMLInputElement} */ (
    html("input", { type: "range", min: 0, max: frames.length - 1, value: at, "aria-label": "n" })
  );
  const chosen = html("output", { "aria-live": "off" });
  const which = /** @type {HTMLSelectElement} */ (
    html("select", {}, html("option", {}, "derivative"), html("option", {}, "function"))
  );
  const share = /** @type {HTMLInputElement} */ (html("input", { type: "checkbox" }));
  const formula = html("div", { class: "adviz-growing adviz-scroll", tabindex: 0, role: "group" });
  const cells = representations.map(() => html("td", { class: "adviz-number" }));
  const growth = createGrowth(frames, representations);
  for (const control of [slider, which, share]) control.addEventListener("input", show);

  function show() {
    const index = Number(slider.value);
    const frame = frames[index];
    const shown = which.value === "function" ? frame.function : frame.derivative;
    chosen.textContent = String(frame.n);
    slider.setAttribute("aria-valuetext", `n = ${frame.n}, ${frame.counts[0]} operations`);
    formula.setAttribute("aria-label", `The ${which.value} at n = ${frame.n}`);
    formula.replaceChildren(...(share.checked ? sharedLines(shown) : writtenOut(shown)));
    cells.forEach((cell, k) => {
      cell.textContent = frame.counts[k];
    });
    growth.show(index);
  }

  show();
  const rows = representations.map((name, k) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, html("span", { class: `adviz-key adviz-series-${k}` }), name),
      cells[k],
    ),
  );
  const head = html(
    "tr",
    {},
    html("th", { scope: "col" }, "derivative as"),
    html("th", { scope: "col", class: "adviz-number" }, "operations"),
  );
  return html(
    "div",
    { class: "adviz-laboratory-body" },
    html(
      "div",
      { class: "adviz-controls" },
      html("label", { class: "adviz-control" }, html("span", {}, "n"), slider, chosen),
      html("label", { class: "adviz-control" }, html("span", {}, "show"), which),
      html("label", { class: "adviz-control" }, share, html("span", {}, "share subexpressions")),
    ),
    formula,
    html(
      "div",
      { class: "adviz-plots" },
      html("table", {}, html("thead", {}, head), html("tbody", {}, ...rows)),
      html("figure", {}, html("figcaption", {}, "Operations over n"), growth.element),
    ),
  );
}

/** @param {import("./laboratoryDocument.js").Shown} shown */
function writtenOut({ written, text, more }) {
  const lines = written.map((tree) => {
    const math = mathml(/** @type {unknown[]} */ (tree));
    math.setAttribute("aria-hidden", "true");
    return html("p", {}, math);
  });
  return [unseen(text), ...lines, ...(more ? [html("p", {}, more)] : [])];
}

/** @param {import("./laboratoryDocument.js").Shown} shown */
function sharedLines({ shared }) {
  return shared.map((line) =>
    html("p", {}, ...line.map((tree) => mathml(/** @type {unknown[]} */ (tree)))),
  );
}

/**
 * @param {import("./laboratoryDocument.js").Frame[]} frames
 * @param {string[]} names
 */
function createGrowth(frames, names) {
  const ns = frames.map(({ n }) => Math.log10(Math.max(1, n)));
  const most = Math.max(1, ...frames.flatMap(({ logs }) => logs.filter(Number.isFinite)));
  const { group, x, y } = logAxes(
    FRAME,
    [0, Math.max(1, ...ns.map(Math.ceil))],
    [0, Math.ceil(most)],
    { x: "n", y: "operations" },
  );
  const line = svg("line", { class: "adviz-now", y1: FRAME.top, y2: FRAME.bottom });
  const marks = names.map(() => svg("circle", { class: "adviz-point", r: 4.5 }));
  const curves = names.map((_, k) =>
    svg("path", {
      class: `adviz-series-${k}`,
      d: pathOf(frames.map(({ logs }, i) => [x(ns[i]), y(logs[k])])),
    }),
  );
  const element = svg(
    "svg",
    { viewBox: "0 0 366 238", role: "img", "aria-label": `Operations of ${names.join(", ")}` },
    group,
    ...curves,
    line,
    ...marks,
  );

  /** @param {number} index */
  function show(index) {
    const at = String(x(ns[index]));
    line.setAttribute("x1", at);
    line.setAttribute("x2", at);
    marks.forEach((mark, k) => {
      mark.setAttribute("cx", at);
      mark.setAttribute("cy", String(y(frames[index].logs[k])));
    });
  }

  return { element, show };
}
