// @ts-check
/**
 * Which part of a drawing a panel shows, and how large: the arithmetic of fitting, zooming, panning
 * and following. A point p of the drawing is shown at scale · p + (x, y) in the panel.
 */

/**
 * @typedef {{scale: number, x: number, y: number}} View
 * @typedef {{width: number, height: number}} Size
 * @typedef {{left: number, top: number, right: number, bottom: number}} Area
 */

/** A drawing can be read down to this scale; where a part of it is shown, up to the other. */
export const LEGIBLE = 0.72;
export const COMFORTABLE = 0.92;
export const LARGEST = 2.5;
/** What the view follows stays this far from its edges. */
const MARGIN = 16;

/**
 * The scale at which a drawing fits a panel; never larger than it was drawn.
 * @param {Area} drawing
 * @param {Size} panel
 */
export function fittingScale(drawing, panel) {
  const [width, height] = [drawing.right - drawing.left, drawing.bottom - drawing.top];
  return Math.max(0.01, Math.min(1, panel.width / width, panel.height / height));
}

/**
 * A view that leaves no blank beyond the drawing: in the middle, and at the top, of a panel in which
 * there is room to spare.
 * @param {View} view
 * @param {Area} drawing
 * @param {Size} panel
 * @returns {View}
 */
export function within({ scale, x, y }, drawing, panel) {
  const [width, height] = [
    scale * (drawing.right - drawing.left),
    scale * (drawing.bottom - drawing.top),
  ];
  return {
    scale,
    x:
      width <= panel.width
        ? (panel.width - width) / 2 - scale * drawing.left
        : between(x, panel.width - scale * drawing.right, -scale * drawing.left),
    y:
      height <= panel.height
        ? -scale * drawing.top
        : between(y, panel.height - scale * drawing.bottom, -scale * drawing.top),
  };
}

/**
 * The view at another scale, in which what was at a point of the panel still is.
 * @param {View} view
 * @param {number} scale
 * @param {[x: number, y: number]} point
 * @returns {View}
 */
export function zoomed(view, scale, [px, py]) {
  const factor = scale / view.scale;
  return { scale, x: px - factor * (px - view.x), y: py - factor * (py - view.y) };
}

/**
 * The view moved no further than is needed to see an area of the drawing; where it has no room, its
 * beginning.
 * @param {View} view
 * @param {Area} area
 * @param {Size} panel
 * @returns {View}
 */
export function following(view, area, panel) {
  const { scale, x, y } = view;
  return {
    scale,
    x: x - excess(scale * area.left + x, scale * area.right + x, panel.width),
    y: y - excess(scale * area.top + y, scale * area.bottom + y, panel.height),
  };
}

/**
 * The part of the drawing that is in view.
 * @param {View} view
 * @param {Size} panel
 * @returns {Area}
 */
export function seen({ scale, x, y }, panel) {
  return {
    left: -x / scale,
    top: -y / scale,
    right: (panel.width - x) / scale,
    bottom: (panel.height - y) / scale,
  };
}

/** How far a stretch lies outside a panel. @param {number} start @param {number} end @param {number} size */
function excess(start, end, size) {
  if (start < MARGIN || end - start > size - 2 * MARGIN) return start - MARGIN;
  return Math.max(0, end - size + MARGIN);
}

/** @param {number} x @param {number} low @param {number} high */
function between(x, low, high) {
  return Math.min(high, Math.max(low, x));
}
