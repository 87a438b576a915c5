// @ts-check
/** Whether an element stands on a light or a dark ground: of the page that is really there. */

/**
 * Says what the ground is, now and whenever the page may have changed it.
 * @param {Element} element
 * @param {(theme: "light" | "dark") => void} say
 */
export function createBackground(element, say) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const look = () => say(isDark(element, context) ? "dark" : "light");
  look();
  const observer = new MutationObserver(look);
  for (const changing of [document.documentElement, document.body]) {
    observer.observe(changing, { attributes: true });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
}

/**
 * @param {Element} element
 * @param {CanvasRenderingContext2D | null} context  of a canvas, which reads every way to write a color
 */
function isDark(element, context) {
  for (let ground = outside(element); ground && context; ground = outside(ground)) {
    const { backgroundColor } = viewOf(ground).getComputedStyle(ground);
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = backgroundColor;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    if (alpha > 128) return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
  }
  const { colorScheme } = getComputedStyle(document.documentElement);
  if (colorScheme === "dark" || colorScheme === "light") return colorScheme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** The element around another: across shadow roots, and frames of the same origin. @param {Element} element */
function outside(element) {
  const root = element.getRootNode();
  if (element.parentElement) return element.parentElement;
  if (root instanceof ShadowRoot) return root.host;
  try {
    return viewOf(element).frameElement;
  } catch {
    return null; // a frame of another origin
  }
}

/** @param {Element} element */
function viewOf(element) {
  return /** @type {Window & typeof globalThis} */ (element.ownerDocument.defaultView);
}
