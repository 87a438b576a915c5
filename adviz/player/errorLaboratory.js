// @ts-check
/**
 * The laboratory of numerical differentiation in a page: h is dragged along the measured curve, and
 * the close-up and the digits follow from what the document holds.
 */
import { html, svg } from "./dom.js";
import { numberParts } from "./number.js";
import { linear, logAxes, pathOf } from "./plot.js";

/** @typedef {import("./laboratoryDocument.js").ErrorLaboratory} ErrorLaboratory */

const WIDTH = 440;
const HEIGHT = 292;
const FRAME = { left: 46, top: 26, right: 350, bottom: 250 };
const CLOSE = { left: 14, top: 26, right: 426, bottom: 250 };
const LABEL_HEIGHT = 15;

/** @param {ErrorLaboratory} laboratory */
export function createErrorLaboratory(laboratory) {
  const { readings } = laboratory;
  const closeup = createCloseup(laboratory);
  const curves = createCurves(laboratory, (index) => show(index));
  const slider = /** @type {HTMLInputElement} */ (
    html("input", { type: "range", min: 0, max: readings.length - 1, "aria-label": "h" })
  );
  const chosen = html("output", { "aria-live": "off" });
  const title = html("p", { class: "adviz-reading" });
  const digits = html("div", { class: "adviz-digits", role: "group", "aria-label": "Digits" });
  slider.addEventListener("input", () => show(Number(slider.value)));

  /** @param {number} index */
  function show(index) {
    const reading = readings[index];
    slider.value = String(index);
    chosen.textContent = scientific(reading.h);
    slider.setAttribute(
      "aria-valuetext",
      `h = ${reading.h.toExponential(1)}, ${laboratory.measure} ${reading.error.toExponential(1)}`,
    );
    title.textContent = reading.title;
    digits.replaceChildren(...digitLines(reading), html("p", {}, reading.summary));
    closeup.show(index);
    curves.show(index);
  }

  show(laboratory.at);
  return html(
    "div",
    { class: "adviz-laboratory-body" },
    html("label", { class: "adviz-control" }, html("span", {}, "h"), slider, chosen),
    html(
      "div",
      { class: "adviz-plots" },
      html("figure", {}, html("figcaption", {}, "Close up: secant and tangent"), closeup.element),
      html("figure", {}, html("figcaption", {}, "Error over h: drag along it"), curves.element),
    ),
    title,
    digits,
    ...laboratory.notes.map((note) => html("p", { class: "adviz-laboratory-note" }, note)),
  );
}

/** @param {ErrorLaboratory} laboratory */
function createCloseup({ readings, reach, truth }) {
  const x = linear(-reach, reach, CLOSE.left, CLOSE.right);
  const f = svg("path", { class: "adviz-f" });
  const tangent = svg("path", { class: "adviz-tangent" });
  const secant = svg("path", { class: "adviz-secant" });
  const nodes = svg("g");
  const clip = `adviz-closeup-${Math.random().toString(36).slice(2)}`;
  const size = {
    x: CLOSE.left,
    y: CLOSE.top,
    width: CLOSE.right - CLOSE.left,
    height: CLOSE.bottom - CLOSE.top,
  };
  const element = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Secant and tangent" },
    svg("clipPath", { id: clip }, svg("rect", size)),
    svg("rect", { class: "adviz-ground", ...size }),
    svg("g", { "clip-path": `url(#${clip})` }, f, tangent, secant, nodes),
    legend("f", "adviz-f", 0),
    legend("tangent", "adviz-tangent", 1),
    legend("secant", "adviz-secant", 2),
    svg("text", { x: CLOSE.right, y: HEIGHT - 12, "text-anchor": "end" }, "(x − x₀) / h"),
    svg("text", { x: CLOSE.left, y: CLOSE.top - 8 }, "(f(x) − f(x₀)) / h"),
  );

  /** @param {number} index */
  function show(index) {
    const { heights, slope, top, nodes: at } = readings[index];
    const y = linear(-top, top, CLOSE.bottom, CLOSE.top);
    const places = linear(0, heights.length - 1, -reach, reach);
    const ends = [-reach, reach];
    // With two nodes the secant passes through both; with more, only its slope is known.
    const [place, height] = at.length === 2 ? at[0] : [0, 0];
    f.setAttribute("d", pathOf(heights.map((h, k) => [x(places(k)), y(h)])));
    tangent.setAttribute("d", pathOf(ends.map((p) => [x(p), y(truth * p)])));
    const line = at.length > 0 ? ends : [];
    secant.setAttribute("d", pathOf(line.map((p) => [x(p), y(height + slope * (p - place))])));
    const points = at.filter(([, h]) => Number.isFinite(h));
    nodes.replaceChildren(
      ...points.map(([p, h]) => svg("circle", { cx: x(p), cy: y(h), r: 5, class: "adviz-point" })),
    );
  }

  return { element, show };
}

/** @param {string} text @param {string} line @param {number} k */
function legend(text, line, k) {
  const y = CLOSE.top + 18 + 18 * k;
  return svg(
    "g",
    {},
    svg("path", { class: line, d: `M${CLOSE.left + 10} ${y - 4}h26` }),
    svg("text", { x: CLOSE.left + 42, y }, text),
  );
}

/**
 * @param {ErrorLaboratory} laboratory
 * @param {(index: number) => void} choose  called with the reading that the pointer drags to
 */
function createCurves({ readings, steps, curves, scheme, measure }, choose) {
  const errors = curves.flatMap((curve) => curve.errors.filter((e) => e > 0));
  const hs = readings.map(({ h }) => Math.log10(h));
  const across = rangeOf([...steps, ...readings.map(({ h }) => h)]);
  const up = rangeOf(errors);
  const { group, x, y } = logAxes(FRAME, across, up, { x: "h", y: measure });
  const within = (/** @type {number} */ error) =>
    y(Math.min(up[1], Math.max(up[0], Math.log10(error))));
  const line = svg("line", { class: "adviz-now", y1: FRAME.top, y2: FRAME.bottom });
  const mark = svg("circle", { class: "adviz-point", r: 6 });
  const element = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "adviz-drag", role: "img", "aria-label": "Errors" },
    group,
  );
  const ends = [];
  for (const [k, curve] of curves.entries()) {
    const points = /** @type {[number, number][]} */ (
      steps.map((h, i) => [x(Math.log10(h)), curve.errors[i] > 0 ? within(curve.errors[i]) : NaN])
    );
    const kind = `adviz-series-${k % 7}${curve.name === scheme ? " adviz-chosen" : ""}`;
    element.append(svg("path", { class: kind, d: pathOf(points) }));
    const last = points.filter(([, height]) => Number.isFinite(height)).at(-1);
    ends.push({ name: curve.name, kind, height: last ? last[1] : FRAME.bottom });
  }
  element.append(...labels(ends), line, mark);

  /** @param {number} index */
  function show(index) {
    const at = x(hs[index]);
    line.setAttribute("x1", String(at));
    line.setAttribute("x2", String(at));
    const { error } = readings[index];
    const isShown = Number.isFinite(error);
    mark.setAttribute("cx", String(at));
    mark.setAttribute("cy", String(isShown ? within(error || 10 ** up[0]) : FRAME.bottom));
    mark.setAttribute("visibility", isShown ? "visible" : "hidden");
  }

  /** @param {PointerEvent} event */
  function drag(event) {
    const box = element.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * WIDTH;
    let nearest = 0;
    for (const [k, h] of hs.entries()) {
      if (Math.abs(x(h) - place) < Math.abs(x(hs[nearest]) - place)) nearest = k;
    }
    choose(nearest);
  }

  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    drag(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) drag(event);
  });
  return { element, show };
}

/** The exponents that hold all these numbers. @param {number[]} numbers @returns {[number, number]} */
function rangeOf(numbers) {
  let [low, high] = [Infinity, -Infinity];
  for (const number of numbers) {
    const exponent = Math.log10(number);
    if (!Number.isFinite(exponent)) continue;
    low = Math.min(low, exponent);
    high = Math.max(high, exponent);
  }
  return low < high ? [Math.floor(low), Math.ceil(high)] : [-16, 0];
}

/** Names at the ends of the curves, moved apart. @param {{name: string, kind: string, height: number}[]} ends */
function labels(ends) {
  let lowest = FRAME.top - LABEL_HEIGHT;
  return [...ends]
    .sort((a, b) => a.height - b.height)
    .map(({ name, kind, height }) => {
      lowest = Math.max(height + 4, lowest + LABEL_HEIGHT);
      const text = name.length > 13 ? `${name.slice(0, 12)}…` : name;
      return svg("text", { class: kind, x: FRAME.right + 6, y: lowest }, text);
    });
}

/** @param {import("./laboratoryDocument.js").Reading} reading */
function digitLines({ digits, marks }) {
  const width = Math.max(0, ...digits.map(([name]) => name.length));
  const lines = digits.map(([name, text]) => `${name.padStart(width)} = ${text}`);
  if (marks) lines.push(" ".repeat(width + 3) + marks);
  const pre = html("pre", { class: "adviz-scroll" });
  lines.forEach((text, k) => {
    const isMarked = marks !== "" && k >= digits.length - 1;
    if (k > 0) pre.append("\n");
    if (!isMarked) {
      pre.append(text);
      return;
    }
    pre.append(text.slice(0, width + 3));
    for (const [i, letter] of [...text.slice(width + 3)].entries()) {
      const kind = { "✓": "right", "×": "lost", "·": "cancelled" }[marks[i]];
      pre.append(kind ? html("span", { class: `adviz-${kind}` }, letter) : letter);
    }
  });
  return lines.length > 0 ? [pre] : [];
}

/** @param {number} h */
function scientific(h) {
  const { digits, exponent } = numberParts(h, 2);
  return exponent === null ? digits : `${digits}e${exponent}`;
}
