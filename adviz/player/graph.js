// @ts-check
/**
 * The computational graph as SVG, in the layouts that the document brings: every row a box, or
 * every folded call one.
 */
import { briefText, gist, isShort, picture } from "./arrays.js";
import { focusableIfScrolling, html, reveal, svg } from "./dom.js";
import { ACCENTS, forwardTerms, primalFormula, termFormula } from "./formulas.js";
import { mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { label } from "./prose.js";

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
 * @typedef {{x: number, y: number, width: number, height: number}} Box  x, y: the centre
 */

const MARGIN = 18;
const LABEL_HEIGHT = 16;
const LABEL_CHARACTER = 6.7;
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
      if (element.lastElementChild !== drawing.element)
        element.replaceChildren(heading, drawing.element);
      drawing.show(sweep, step);
    },
  };
}

/** @param {Trace} trace @param {Graph} graph @param {Folding} folding @param {Reader} reader */
function createDrawing(trace, graph, folding, reader) {
  const [width, height] = [graph.width + 2 * MARGIN, graph.height + 2 * MARGIN];
  const nodes = new Map(
    graph.nodes.map((node) => [
      node.row,
      (node.row < 0 ? drawGroup : drawNode)(trace, node, reader),
    ]),
  );
  const edges = graph.edges.map((edge) => drawEdge(edge));
  const edgeLayer = svg("g", {}, ...edges.map((edge) => edge.element));
  const labels = svg("g", { class: "adviz-labels" });
  const picture = svg(
    "svg",
    { viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}`, role: "img" },
    edgeLayer,
    svg("g", {}, ...[...nodes.values()].map((node) => node.element)),
    labels,
  );
  // Never larger than drawn; a large graph scrolls rather than shrink beyond reading.
  picture.style.width = `clamp(${SMALLEST_SCALE * width}px, 100%, ${width}px)`;
  const panel = html(
    "div",
    { class: "adviz-scroll adviz-drawing", role: "group", "aria-label": "Graph" },
    picture,
  );
  const boxes = Int32Array.from({ length: trace.count }, (_, slot) => slot);
  for (const box of nodes.keys())
    if (box < 0) boxes.fill(box, trace.groups[~box].start, trace.groups[~box].stop);

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

      const back = sweep.pass === "reverse";
      const active = activeEdges(sweep, step);
      for (const edge of edges)
        edge.update(active.includes(edge) ? (back ? "back" : "ahead") : "idle");
      edgeLayer.append(...active.map((edge) => edge.element));

      /** @type {Box[]} */
      const placed = [];
      labels.replaceChildren();
      if (sweep.pass !== "primal" && user >= trace.inputs.length && boxes[user] >= 0) {
        const terms = forwardTerms(trace, user).length;
        for (const { edge } of terms > 4 ? [] : active) {
          const text = contribution(trace, sweep, edge, step);
          const box = placeLabel(edge, text, graph.nodes, placed, width, height);
          placed.push(box);
          labels.append(svg("text", { x: box.x, y: box.y + 4 }, text));
        }
      }
      picture.setAttribute("aria-label", describe(trace, sweep, step, active.length, boxes));
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
  /** @type {unknown} */
  let shownValue;
  /** @type {SVGElement | null} */
  let drawn = null;
  /** @param {Sweep} sweep @param {number} step @param {boolean} current */
  return (sweep, step, current) => {
    const { state, value: known } = sweep.at(row, step);
    const look = `${sweep.pass}|${state}|${current}`;
    if (look === shown && Object.is(known, shownValue)) return;
    [shown, shownValue] = [look, known];
    element.setAttribute("class", `adviz-node adviz-${current ? "current" : state}`);
    const primal =
      sweep.pass === "reverse" || state !== "pending"
        ? briefText(trace.values[row], trace.digits)
        : "·";
    value.textContent = primal;
    fitted(value, primal, 12, width);
    drawn?.remove();
    drawn = null;
    derivative.textContent = "";
    if (sweep.pass === "primal" || state === "pending") return;
    const symbol = `${label(trace, row, ACCENTS[sweep.pass])} =`;
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
  const amount =
    sweep.pass === "reverse"
      ? sweep.amount(step)
      : sweep.terms(to)[forwardTerms(trace, to).indexOf(operand)];
  const product = mathText(termFormula(trace, to, operand, ACCENTS[sweep.pass]));
  if (!isShort(amount))
    return product.length <= LONGEST_LABEL ? product : briefText(amount, trace.digits);
  const number = formatNumber(amount, trace.digits);
  return product.length <= LONGEST_LABEL ? `${product} = ${number}` : number;
}

/**
 * Looks for room beside an edge: off the nodes, off other labels, inside the picture.
 * @param {GraphEdge} edge
 * @param {string} text
 * @param {GraphNode[]} nodes
 * @param {Box[]} placed
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
function placeLabel(edge, text, nodes, placed, width, height) {
  const size = { width: textWidth(text) + 6, height: LABEL_HEIGHT };
  /** @type {Box} */
  let best = { x: 0, y: 0, ...size };
  let least = Infinity;
  for (const t of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.15, 0.85]) {
    const { point, slope } = pointAt(edge.points, t);
    for (const away of [11, -11, 20, -20, 32, -32, 0]) {
      // A label is wide: beside a steep edge it goes left or right, beside a flat one above or below.
      const [nx, ny] = [-slope[1], slope[0]];
      const reach = away + Math.sign(away) * Math.abs(nx) * (size.width / 2 - 4);
      const box = {
        ...size,
        x: clamp(point[0] + nx * reach, size.width / 2 - MARGIN, width - MARGIN - size.width / 2),
        y: clamp(point[1] + ny * away, size.height / 2 - MARGIN, height - MARGIN - size.height / 2),
      };
      let cost = Math.abs(t - 0.5) * 20 + Math.abs(away) * 0.5 + (away === 0 ? 30 : 0);
      for (const node of nodes) {
        cost += 8 * overlap(box, { ...node, width: node.width + 4, height: node.height + 4 });
        cost +=
          4 * overlap(box, { ...node, y: node.y + node.height / 2 + 9, height: LABEL_HEIGHT });
      }
      for (const other of placed) cost += 4 * overlap(box, other);
      for (let s = 0; s <= 1; s += 0.05)
        if (contains(box, pointAt(edge.points, s).point)) cost += 14;
      if (cost < least) [least, best] = [cost, box];
    }
  }
  return best;
}

/**
 * @param {Point[]} curve
 * @param {number} t  0 … 1 along the whole curve
 * @returns {{point: Point, slope: Point}}
 */
function pointAt(curve, t) {
  const pieces = (curve.length - 1) / 3;
  const piece = Math.min(pieces - 1, Math.floor(t * pieces));
  const u = t * pieces - piece;
  const [a, b, c, d] = curve.slice(3 * piece, 3 * piece + 4);
  /** @param {0 | 1} i */
  const at = (i) =>
    (1 - u) ** 3 * a[i] + 3 * (1 - u) ** 2 * u * b[i] + 3 * (1 - u) * u ** 2 * c[i] + u ** 3 * d[i];
  /** @param {0 | 1} i */
  const change = (i) =>
    (1 - u) ** 2 * (b[i] - a[i]) + 2 * (1 - u) * u * (c[i] - b[i]) + u ** 2 * (d[i] - c[i]);
  const [dx, dy] = [change(0), change(1)];
  const length = Math.hypot(dx, dy) || 1;
  return { point: [at(0), at(1)], slope: [dx / length, dy / length] };
}

/** @param {string} text  of a label */
function textWidth(text) {
  return [...text.normalize("NFD").replace(/\p{M}/gu, "")].length * LABEL_CHARACTER;
}

/** @param {Box} a @param {Box} b */
function overlap(a, b) {
  const x =
    Math.min(a.x + a.width / 2, b.x + b.width / 2) - Math.max(a.x - a.width / 2, b.x - b.width / 2);
  const y =
    Math.min(a.y + a.height / 2, b.y + b.height / 2) -
    Math.max(a.y - a.height / 2, b.y - b.height / 2);
  return x > 0 && y > 0 ? x * y : 0;
}

/** @param {Box} box @param {Point} point */
function contains(box, [x, y]) {
  return Math.abs(x - box.x) < box.width / 2 && Math.abs(y - box.y) < box.height / 2;
}

/** @param {number} x @param {number} low @param {number} high */
function clamp(x, low, high) {
  return low > high ? (low + high) / 2 : Math.min(high, Math.max(low, x));
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
  if (sweep.pass === "reverse")
    return `Computational graph; the edge from ${name(sweep.user(step))} back to ${row} is active`;
  return `Computational graph; the edges into ${row} are active`;
}
