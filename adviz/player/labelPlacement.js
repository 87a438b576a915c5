// @ts-check
/** Where the labels of a graph's edges go. */

/**
 * @typedef {import("./trace.js").GraphEdge} GraphEdge
 * @typedef {import("./trace.js").GraphNode} GraphNode
 * @typedef {import("./trace.js").Point} Point
 * @typedef {{x: number, y: number, width: number, height: number}} Box  x, y: the centre
 */

const LABEL_HEIGHT = 16;
const CHARACTER_WIDTH = 6.7;

/**
 * Looks for room beside an edge: off the nodes and other labels, near the middle, inside the
 * picture. Returns the place that costs least, as there is not always room.
 * @param {GraphEdge} edge
 * @param {string} text
 * @param {GraphNode[]} nodes
 * @param {Box[]} labels  those that have their place
 * @param {{left: number, top: number, right: number, bottom: number}} picture
 * @returns {Box}
 */
export function placeLabel(edge, text, nodes, labels, picture) {
  const size = { width: textWidth(text) + 6, height: LABEL_HEIGHT };
  const [halfWidth, halfHeight] = [size.width / 2, size.height / 2];
  /** @type {Box} */
  let best = { x: 0, y: 0, ...size };
  let least = Infinity;
  for (const t of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.15, 0.85]) {
    const { point, slope } = pointAt(edge.points, t);
    for (const away of [11, -11, 20, -20, 32, -32, 0]) {
      // A label is wide: beside a steep edge it goes left or right, beside a flat one up or down.
      const [nx, ny] = [-slope[1], slope[0]];
      const reach = away + Math.sign(away) * Math.abs(nx) * (halfWidth - 4);
      const box = {
        ...size,
        x: clamp(point[0] + nx * reach, picture.left + halfWidth, picture.right - halfWidth),
        y: clamp(point[1] + ny * away, picture.top + halfHeight, picture.bottom - halfHeight),
      };
      const fromMiddle = Math.abs(t - 0.5) * 20 + Math.abs(away) * 0.5 + (away === 0 ? 30 : 0);
      const cost = fromMiddle + overlapCost(box, edge, nodes, labels);
      if (cost < least) [least, best] = [cost, box];
    }
  }
  return best;
}

/**
 * What it costs that a label lies over nodes, their derivatives, other labels, or its own edge.
 * @param {Box} box
 * @param {GraphEdge} edge
 * @param {GraphNode[]} nodes
 * @param {Box[]} labels
 */
function overlapCost(box, edge, nodes, labels) {
  let cost = 0;
  for (const node of nodes) {
    const derivative = { ...node, y: node.y + node.height / 2 + 9, height: LABEL_HEIGHT };
    cost += 8 * overlap(box, { ...node, width: node.width + 4, height: node.height + 4 });
    cost += 4 * overlap(box, derivative);
  }
  for (const label of labels) cost += 4 * overlap(box, label);
  for (let s = 0; s <= 1; s += 0.05) {
    if (contains(box, pointAt(edge.points, s).point)) cost += 14;
  }
  return cost;
}

/**
 * The point and the direction of a curve made of cubic Bézier pieces.
 * @param {Point[]} curve
 * @param {number} t  0 … 1 along the whole curve
 * @returns {{point: Point, slope: Point}}
 */
export function pointAt(curve, t) {
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

/** The width of a text, roughly. @param {string} text */
export function textWidth(text) {
  return [...text.normalize("NFD").replace(/\p{M}/gu, "")].length * CHARACTER_WIDTH;
}

/** The area that two boxes have in common. @param {Box} a @param {Box} b */
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

/**
 * The number nearest to `x` between two bounds; the middle of bounds that leave no room.
 * @param {number} x
 * @param {number} low
 * @param {number} high
 */
function clamp(x, low, high) {
  return low > high ? (low + high) / 2 : Math.min(high, Math.max(low, x));
}
