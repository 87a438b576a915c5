// @ts-check
/** Making elements. Text goes in as text nodes only: no document can write markup. */

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean>} [attributes]  our own, never a document's;
 *   false is left out
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(
    /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag)),
    attributes,
    children,
  );
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Record<string, string | number | boolean>} attributes
 * @param {(Node | string)[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** Text for screen readers alone. @param {string} text */
export function unseen(text) {
  return html("span", { class: "adviz-unseen" }, text);
}

/**
 * Scrolls `panel`, and nothing around it, until `element` can be seen in it.
 * @param {HTMLElement} panel
 * @param {Element} element
 * @param {{top?: number, left?: number, room?: number, side?: number}} [options]  top, left: what
 *   sticks to the panel's edges and hides what is under it; room: what to leave free above and
 *   below; side: on the left and the right
 */
export function reveal(panel, element, { top = 0, left = 0, room = 12, side = 0 } = {}) {
  const outer = panel.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const [x, y] = [outer.left + panel.clientLeft, outer.top + panel.clientTop];
  panel.scrollTop += shift(inner.top - y - room, inner.bottom - y + room, top, panel.clientHeight);
  panel.scrollLeft += shift(inner.left - x - side, inner.right - x + side, left, panel.clientWidth);
}

/**
 * Lets the keyboard into a panel while there is something in it to scroll to.
 * @param {HTMLElement} panel
 */
export function focusableIfScrolling(panel) {
  const scrolls = panel.scrollWidth > panel.clientWidth || panel.scrollHeight > panel.clientHeight;
  // Written only where it changes: what is written must be laid out before the next size is read.
  if (panel.tabIndex !== (scrolls ? 0 : -1)) panel.tabIndex = scrolls ? 0 : -1;
}

/** @param {number} start @param {number} end @param {number} from @param {number} to */
function shift(start, end, from, to) {
  if (start < from) return start - from;
  if (end > to) return Math.min(end - to, start - from);
  return 0;
}

/**
 * What has the focus, as seen from an element: in the page, or in the shadow root that holds it.
 * @param {Node} element
 * @returns {Element | null}
 */
export function focusedFrom(element) {
  const root = element.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}
