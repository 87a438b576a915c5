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
  // Pages change their theme by an attribute of the page or of its body, and often fade into it.
  const observer = new MutationObserver(look);
  for (const page of pagesAround(element)) {
    observer.observe(page.documentElement, { attributes: true });
    observer.observe(page.body, { attributes: true });
    page.addEventListener("transitionend", look);
    page.defaultView?.addEventListener("load", look);
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
}

/** The page of an element, and those around its frame that may be read. @param {Element} element */
function pagesAround(element) {
  const pages = [element.ownerDocument];
  for (let frame = frameOf(element); frame; frame = frameOf(frame)) {
    pages.push(frame.ownerDocument);
  }
  return pages;
}

/**
 * @param {Element} element
 * @param {CanvasRenderingContext2D | null} context  of a canvas, which reads every way to write a color
 */
function isDark(element, context) {
  const named = themeOfCode(element.ownerDocument.body.classList);
  if (named) return named === "dark";
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

/** What VS Code says, whose outputs stand on a ground that they cannot see. @param {DOMTokenList} names */
function themeOfCode(names) {
  if (names.contains("vscode-light") || names.contains("vscode-high-contrast-light"))
    return "light";
  if (names.contains("vscode-dark") || names.contains("vscode-high-contrast")) return "dark";
  return null;
}

/** The element around another: across shadow roots, and frames of the same origin. @param {Element} element */
function outside(element) {
  const root = element.getRootNode();
  if (element.parentElement) return element.parentElement;
  return root instanceof ShadowRoot ? root.host : frameOf(element);
}

/** The frame that an element's page stands in, if it may be read. @param {Element} element */
function frameOf(element) {
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
