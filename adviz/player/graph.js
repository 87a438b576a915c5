// @ts-check
/**
 * The computational graph as SVG, in the layouts that the document brings: every row a box, or
 * every folded call one.
 */
import { briefText, gist, isShort, picture } from "./arrays.js";
import { focusableIfScrolling, html, reveal, svg } from "./dom.js";
import { ACCENTS, forwardTerms, primalFormula, termFormula } from "./formulas.js";
import { placeLabel, textWidth } from "./labelPlacement.js";
import { mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Point} Point
 * @typedef {import("./trace.js").GraphEdge} GraphEdge
 * @typedef {import("./trace.js").GraphNode} GraphNode
 * @typedef {import("./trace.js").Graph} Graph
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {{pickRow: (slot: number) => void, pickGroup: (group: number) => void}} Reader  what the
 *   reader may do
 * @typedef {import("./labelPlacement.js").Box} Box
 */

const MARGIN = 18;
const LONGEST_LABEL = 26;
const SMALLEST_SCALE = 0.8;
const PICTURE = 24;

/**
 * @param {Trace} trace
 * @param {Folding} folding
 * @param {Reader} reader
 */
export function createGraph(trace, folding, reader) {
  const heading = html("div", { class: "adviz-heading" }, "Graph");
  const element = html("div", { class: "adviz-panel adviz-graph" }, heading);
  const { graph, foldedGraph } = trace;
  if (!graph && !foldedGraph) {
    element.append(
      html("p", { class: "adviz-empty" }, trace.graphNote || "This trace has no graph."),
    );
    return { element, show() {} };
  }
  /** @type {Map<Graph, ReturnType<typeof createDrawing>>} */
  const drawings = new Map();
  return {
    element,
    /** @param {Sweep} sweep @param {number} step */
    show(sweep, step) {
      const wanted = /** @type {Graph} */ (
        graph && foldedGraph ? (folding.isFolded() ? foldedGraph : graph) : (graph ?? foldedGraph)
      );
      const drawing = drawings.get(wanted) ?? createDrawing(trace, wanted, folding, reader);
      drawings.set(wanted, drawing);
      if (element.lastElementChild !== drawing.element) {
        element.replaceChildren(heading, drawing.element);
      }
      drawing.show(sweep, step);
    },
  };
}

/** @param {Trace} trace @param {Graph} graph @param {Folding} folding @param {Reader} reader */
function createDrawing(trace, graph, folding, reader) {
  const [width, height] = [graph.width + 2 * MARGIN, graph.height + 2 * MARGIN];
  const frame = { left: -MARGIN, top: -MARGIN, right: width - MARGIN, bottom: height - MARGIN };
  const nodes = new Map(
    graph.nodes.map((node) => [
      node.row,
      (node.row < 0 ? drawGroup : drawNode)(trace, node, reader),
    ]),
  );
  const edges = graph.edges.map((edge) => drawEdge(edge));
  const edgeLayer = svg("g", {}, ...edges.map((edge) => edge.element));
  const labels = svg("g", { class: "adviz-labels" });
  const drawing = svg(
    "svg",
    { viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}`, role: "img" },
    edgeLayer,
    svg("g", {}, ...[...nodes.values()].map((node) => node.element)),
    labels,
  );
  // Never larger than drawn; a large graph scrolls rather than shrink beyond reading.
  drawing.style.width = `clamp(${SMALLEST_SCALE * width}px, 100%, ${width}px)`;
  const panel = html(
    "div",
    { class: "adviz-scroll adviz-drawing", role: "group", "aria-label": "Graph" },
    drawing,
  );
  // The box that each row is drawn in.
  const boxes = Int32Array.from({ length: trace.count }, (_, slot) => slot);
  for (const box of nodes.keys()) {
    if (box < 0) boxes.fill(box, trace.groups[~box].start, trace.groups[~box].stop);
  }

  /** The edges that a step goes along. @param {Sweep} sweep @param {number} step */
  function activeEdges(sweep, step) {
    const [user, operand] = [sweep.user(step), sweep.operand(step)];
    const head = boxes[user];
    const into = edges.filter(({ edge }) => edge.to === head);
    if (folding.groupAt(sweep, step) >= 0) return into;
    if (head < 0) {
      const tails =
        operand < 0 ? trace.operands[user].map((o) => boxes[o ?? user]) : [boxes[sweep.row(step)]];
      return into.filter(({ edge }) => tails.includes(edge.from));
    }
    return into.filter(({ edge }) => sweep.pass !== "reverse" || edge.operand === operand);
  }

  return {
    element: panel,
    /** @param {Sweep} sweep @param {number} step */
    show(sweep, step) {
      const user = sweep.user(step);
      const passed = folding.groupAt(sweep, step) >= 0;
      const current = boxes[passed ? user : sweep.row(step)];
      for (const [box, node] of nodes) node.update(sweep, step, box === current);

      const active = activeEdges(sweep, step);
      const direction = sweep.pass === "reverse" ? "back" : "ahead";
      for (const edge of edges) edge.update(active.includes(edge) ? direction : "idle");
      edgeLayer.append(...active.map((edge) => edge.element));

      /** @type {Box[]} */
      const placed = [];
      labels.replaceChildren();
      if (sweep.pass !== "primal" && user >= trace.inputs.length && boxes[user] >= 0) {
        const terms = forwardTerms(trace, user).length;
        for (const { edge } of terms > 4 ? [] : active) {
          const text = contribution(trace, sweep, edge, step);
          const box = placeLabel(edge, text, graph.nodes, placed, frame);
          placed.push(box);
          labels.append(svg("text", { x: box.x, y: box.y + 4 }, text));
        }
      }
      drawing.setAttribute("aria-label", describe(trace, sweep, step, active.length, boxes));
      const node = nodes.get(current);
      if (labels.lastElementChild) reveal(panel, labels.lastElementChild, { side: 14 });
      if (node) reveal(panel, node.element, { side: 14 });
      focusableIfScrolling(panel);
    },
  };
}

/** @param {Trace} trace @param {GraphNode} node @param {Reader} reader */
function drawNode(trace, { row, x, y, width, height }, { pickRow }) {
  const name = label(trace, row);
  const input = trace.inputs[row];
  const output = trace.outputs.find((o) => o.row === row);
  const operation = trace.forms[row]?.symbol ?? "";
  const title = [
    input ? `${name} = ${input.text}` : output ? `${name} = ${output.text}` : name,
    operation,
  ]
    .filter(Boolean)
    .join(" ");
  const value = svg("text", { class: "adviz-nodevalue", x, y: y + 14 });
  const element = svg(
    "g",
    { class: "adviz-node" },
    svg("title", {}, `${name} = ${mathText(primalFormula(trace, row))}`),
    svg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 9 }),
    fitted(svg("text", { x, y: y - 4 }, title), title, 14, width),
    value,
  );
  element.addEventListener("click", () => pickRow(row));
  return { element, update: updating(trace, row, element, value, { x, y, width, height }) };
}

/**
 * A folded call, with what comes out of it: the last of its rows.
 * @param {Trace} trace
 * @param {GraphNode} node
 * @param {Reader} reader
 */
function drawGroup(trace, { row, x, y, width, height }, { pickGroup }) {
  const { title, start, stop } = trace.groups[~row];
  const rows = `${label(trace, start)} … ${label(trace, stop - 1)}`;
  const value = svg("text", { class: "adviz-nodevalue", x, y: y + 22 });
  const element = svg(
    "g",
    { class: "adviz-node" },
    svg("title", {}, `${title}, ${rows}`),
    svg("rect", {
      class: "adviz-behind",
      x: x - width / 2 + 4,
      y: y - height / 2 + 4,
      width,
      height,
      rx: 9,
    }),
    svg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 9 }),
    fitted(svg("text", { x, y: y - 14 }, title), title, 14, width),
    fitted(svg("text", { class: "adviz-nodevalue", x, y: y + 4 }, rows), rows, 12, width),
    value,
  );
  element.addEventListener("click", () => pickGroup(~row));
  return { element, update: updating(trace, stop - 1, element, value, { x, y, width, height }) };
}

/**
 * What keeps a box up to date with the row that it shows.
 * @param {Trace} trace
 * @param {number} row
 * @param {SVGElement} element
 * @param {SVGElement} value  where its value is written
 * @param {Box} box
 */
function updating(trace, row, element, value, { x, y, width, height }) {
  const derivative = svg("text", { class: "adviz-nodederivative", x, y: y + height / 2 + 12 });
  element.append(derivative);
  let shown = "";
  /** @type {Sweep | null} */
  let shownSweep = null;
  /** @type {unknown} */
  let shownValue;
  /** @type {SVGElement | null} */
  let drawn = null;
  /** @param {Sweep} sweep @param {number} step @param {boolean} current */
  return (sweep, step, current) => {
    const { state, value: known, isAsked = false } = sweep.at(row, step);
    const look = `${sweep.pass}|${state}|${current}|${isAsked}`;
    if (look === shown && sweep === shownSweep && Object.is(known, shownValue)) return;
    [shown, shownSweep, shownValue] = [look, sweep, known];
    element.setAttribute("class", `adviz-node adviz-${current ? "current" : state}`);
    const isOpen = isAsked && sweep.pass === "primal";
    const primal = isOpen
      ? "?"
      : sweep.pass === "reverse" || state !== "pending"
        ? briefText(trace.values[row], trace.digits)
        : "·";
    value.textContent = primal;
    fitted(value, primal, 12, width);
    drawn?.remove();
    drawn = null;
    derivative.textContent = "";
    if (sweep.pass === "primal" || (state === "pending" && !isAsked)) return;
    const symbol = `${label(trace, row, ACCENTS[sweep.pass])} =`;
    if (isAsked) {
      derivative.textContent = `${symbol} ?`;
      return;
    }
    drawn = isShort(known) ? null : picture(known, PICTURE);
    derivative.textContent = drawn ? symbol : `${symbol} ${gist(known, trace.digits)}`;
    if (drawn) {
      drawn.setAttribute("x", String(x + textWidth(symbol) / 2 + 2));
      drawn.setAttribute("y", String(y + height / 2 + 3));
      element.append(drawn);
    }
  };
}

/**
 * Makes text small enough for its node.
 * @param {SVGElement} element
 * @param {string} text
 * @param {number} size
 * @param {number} width
 */
function fitted(element, text, size, width) {
  const wanted = 0.6 * size * [...text].length;
  element.style.fontSize = `${Math.max(8, Math.min(size, (size * (width - 8)) / wanted))}px`;
  return element;
}

/** @param {GraphEdge} edge */
function drawEdge(edge) {
  const line = svg("path", { class: "adviz-edgeline" });
  const head = svg("path", { class: "adviz-edgehead" });
  const element = svg("g", {}, line, head);
  let state = "";
  return {
    edge,
    element,
    /** @param {"idle" | "ahead" | "back"} next */
    update(next) {
      if (next === state) return;
      state = next;
      element.setAttribute("class", `adviz-edge adviz-${next}`);
      const size = next === "idle" ? 8 : 13;
      const curve = next === "back" ? edge.points.slice().reverse() : edge.points.slice();
      const tip = curve[curve.length - 1];
      const [ux, uy] = direction(curve);
      const base = /** @type {Point} */ ([tip[0] - ux * size, tip[1] - uy * size]);
      const half = size * 0.48;
      // The line ends where its arrowhead begins, so that a thick one does not blunt the tip.
      curve[curve.length - 1] = base;
      curve[curve.length - 2] = [
        curve[curve.length - 2][0] - ux * size * 0.7,
        curve[curve.length - 2][1] - uy * size * 0.7,
      ];
      line.setAttribute(
        "d",
        `M${curve[0].join(" ")}C${curve
          .slice(1)
          .map((p) => p.join(" "))
          .join(" ")}`,
      );
      const corner = (/** @type {number} */ side) =>
        `${base[0] - side * uy * half} ${base[1] + side * ux * half}`;
      head.setAttribute("d", `M${tip.join(" ")}L${corner(1)}L${corner(-1)}Z`);
    },
  };
}

/** The direction in which a curve ends. @param {Point[]} curve @returns {Point} */
function direction(curve) {
  const [x, y] = curve[curve.length - 1];
  for (let i = curve.length - 2; i >= 0; i--) {
    const [dx, dy] = [x - curve[i][0], y - curve[i][1]];
    const length = Math.hypot(dx, dy);
    if (length > 0.5) return [dx / length, dy / length];
  }
  return [1, 0];
}

/**
 * What goes along an edge: v̄₁·v₀ = −4.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {GraphEdge} edge
 * @param {number} step
 */
function contribution(trace, sweep, { to, operand }, step) {
  if (sweep.isAsked(step)) {
    const carrier = sweep.pass === "reverse" ? to : Number(trace.operands[to][operand]);
    return `${label(trace, carrier, ACCENTS[sweep.pass])} · ?`;
  }
  const amount =
    sweep.pass === "reverse"
      ? sweep.amount(step)
      : sweep.terms(to)[forwardTerms(trace, to).indexOf(operand)];
  const product = mathText(termFormula(trace, to, operand, ACCENTS[sweep.pass]));
  if (!isShort(amount)) {
    return product.length <= LONGEST_LABEL ? product : briefText(amount, trace.digits);
  }
  const number = formatNumber(amount, trace.digits);
  return product.length <= LONGEST_LABEL ? `${product} = ${number}` : number;
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @param {number} active
 * @param {Int32Array} boxes
 */
function describe(trace, sweep, step, active, boxes) {
  /** @param {number} slot */
  const name = (slot) => (boxes[slot] < 0 ? trace.groups[~boxes[slot]].title : label(trace, slot));
  const row = name(sweep.row(step));
  if (active === 0) return `Computational graph; ${row} is active`;
  if (sweep.pass === "reverse") {
    return `Computational graph; the edge from ${name(sweep.user(step))} back to ${row} is active`;
  }
  return `Computational graph; the edges into ${row} are active`;
}
