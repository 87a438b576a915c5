// @ts-check
/** Where the labels of a graph's edges go. */

/**
 * @typedef {import("./trace.js").Point} Point
 * @typedef {import("./viewport.js").Area} Area
 * @typedef {{x: number, y: number, width: number, height: number}} Box  x, y: the centre
 * @typedef {{width: number, height: number}} Size
 */

/** What belongs to an arrowhead: nothing is written there. */
const HEAD_LENGTH = 16;
const HEAD_WIDTH = 14;
const CHARACTER_WIDTH = 6.7;
const SAMPLES = 24;
const CLEARANCE = 2;
/** Places to try along an edge. */
const SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/**
 * Looks for room beside an edge, near its middle: off the cards, the arrowheads and the labels that
 * have their place, inside the picture, and rather not over another edge.
 * @param {Point[]} curve
 * @param {Size} size  of the label
 * @param {Box[]} taken  what it must not cover
 * @param {Point[][]} others  the curves of other edges
 * @param {Area} picture
 * @returns {Box | null}  null where there is no room
 */
export function placeLabel(curve, size, taken, others, picture) {
  const [halfWidth, halfHeight] = [size.width / 2, size.height / 2];
  const own = samplesOf(curve);
  const reachable = areaAround(own, size);
  const near = taken.filter((box) => overlaps(box, reachable));
  const lines = others.flatMap(samplesOf).filter((point) => contains(reachable, point));
  /** @type {Box | null} */
  let best = null;
  let least = Infinity;
  // The middle is that of the part which is in the picture.
  const inside = own.flatMap((point, i) => (isIn(picture, point) ? [i / (own.length - 1)] : []));
  for (const share of SHARES) {
    const t = inside[Math.round(share * (inside.length - 1))] ?? share;
    const { point, slope } = pointAt(curve, t);
    for (const away of [8, -8, 14, -14, 22, -22, 34, -34]) {
      // Beside a steep edge a label goes left or right of it, beside a flat one above or below.
      const [nx, ny] = [-slope[1], slope[0]];
      const box = {
        ...size,
        x: point[0] + nx * (away + Math.sign(away) * halfWidth),
        y: point[1] + ny * (away + Math.sign(away) * halfHeight),
      };
      const isInside =
        box.x - halfWidth >= picture.left &&
        box.x + halfWidth <= picture.right &&
        box.y - halfHeight >= picture.top &&
        box.y + halfHeight <= picture.bottom;
      if (!isInside || own.some((p) => contains(box, p))) continue;
      if (near.some((other) => overlaps(grown(box, CLEARANCE), other))) continue;
      const crossed = lines.filter((p) => contains(box, p)).length;
      const cost = Math.abs(share - 0.5) * 40 + Math.abs(away) + 6 * crossed;
      if (cost < least) [least, best] = [cost, box];
    }
  }
  return best;
}

/**
 * The box that an arrowhead takes at the end of a curve.
 * @param {Point[]} curve  to the tip
 * @returns {Box}
 */
export function headBox(curve) {
  const [x, y] = curve[curve.length - 1];
  const [fromX, fromY] = curve[curve.length - 2];
  const length = Math.hypot(x - fromX, y - fromY) || 1;
  const [ux, uy] = [(x - fromX) / length, (y - fromY) / length];
  return {
    x: x - (ux * HEAD_LENGTH) / 2,
    y: y - (uy * HEAD_LENGTH) / 2,
    width: Math.abs(ux) * HEAD_LENGTH + Math.abs(uy) * HEAD_WIDTH,
    height: Math.abs(uy) * HEAD_LENGTH + Math.abs(ux) * HEAD_WIDTH,
  };
}

/**
 * The point and the direction at `t` of a curve, between 0 and 1; its pieces count alike.
 * @param {Point[]} curve
 * @param {number} t
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

/** @param {Box} a @param {Box} b */
export function overlaps(a, b) {
  return (
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2
  );
}

/** Points along a curve, as many on each of its pieces. @param {Point[]} curve */
function samplesOf(curve) {
  const count = SAMPLES * ((curve.length - 1) / 3);
  return Array.from({ length: count + 1 }, (_, i) => pointAt(curve, i / count).point);
}

/** All that a label beside some points may cover. @param {Point[]} points @param {Size} label */
function areaAround(points, label) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return {
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    width: right - left + 2 * (label.width + 40),
    height: bottom - top + 2 * (label.height + 40),
  };
}

/** @param {Area} area @param {Point} point */
function isIn({ left, top, right, bottom }, [x, y]) {
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** @param {Box} box @param {number} by */
function grown(box, by) {
  return { ...box, width: box.width + 2 * by, height: box.height + 2 * by };
}

/** @param {Box} box @param {Point} point */
function contains(box, [x, y]) {
  return Math.abs(x - box.x) < box.width / 2 && Math.abs(y - box.y) < box.height / 2;
}
