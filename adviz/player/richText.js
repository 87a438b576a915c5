// @ts-check
/**
 * Draws rich text, a tree as adviz/render/rich_text.py makes it: ["p", "a ", ["em", "word"]]. Tags and
 * attributes that are not listed here are left out, whatever the document has.
 */
import { visible } from "./documentChecks.js";
import { html } from "./dom.js";
import { mathml, mathText } from "./math.js";

const TAGS = new Set(
  (
    "div p pre ul ol li blockquote table caption thead tbody tr th td hr br em strong code del " +
    "sub sup i b a img"
  ).split(" "),
);
const HEADINGS = new Set(["h1", "h2", "h3", "h4", "h5", "h6"]);
const ALIGNED = new Set(["left", "right", "center"]);
const PICTURE = /^data:image\/(png|svg\+xml|jpeg|gif|webp);base64,[\w+/=]+$/;
const LINK = /^(https?:\/\/|#)/;
const MAX_DEPTH = 30;
const MAX_NODES = 20_000;
const MAX_TEXT = 20_000;
const MOST_SPANNED = 100;

/** @param {unknown} tree @returns {Node} */
export function drawRichText(tree) {
  const root = document.createDocumentFragment();
  append(root, tree, 0, { left: MAX_NODES });
  const all = html("div", { class: "adviz-rich" });
  all.append(root);
  return all;
}

/**
 * @param {Node} parent
 * @param {unknown} tree
 * @param {number} depth
 * @param {{left: number}} budget  how many nodes may still be made
 */
function append(parent, tree, depth, budget) {
  if (budget.left <= 0 || depth > MAX_DEPTH) return;
  budget.left -= 1;
  if (typeof tree === "string") {
    parent.appendChild(document.createTextNode(visible(tree.slice(0, MAX_TEXT))));
    return;
  }
  if (!Array.isArray(tree)) return;
  const { tag, attributes, children } = takenApart(tree);
  if (tag === "math") {
    const formula = mathml(/** @type {import("./math.js").Formula} */ (children[0]));
    if (attributes.display === "block") formula.setAttribute("display", "block");
    parent.appendChild(formula);
    return;
  }
  const element = HEADINGS.has(tag)
    ? html("p", { class: "adviz-rich-heading" })
    : TAGS.has(tag)
      ? html(tag, allowed(tag, attributes))
      : null;
  for (const child of children) append(element ?? parent, child, depth + 1, budget);
  if (element) parent.appendChild(element);
}

/** @param {unknown[]} tree */
function takenApart(tree) {
  const [tag, ...rest] = tree;
  const [first] = rest;
  const has = typeof first === "object" && first !== null && !Array.isArray(first);
  return {
    tag: typeof tag === "string" ? tag : "",
    attributes: /** @type {Record<string, unknown>} */ (has ? first : {}),
    children: has ? rest.slice(1) : rest,
  };
}

/** @param {string} tag @param {Record<string, unknown>} given @returns {Record<string, string | number>} */
function allowed(tag, given) {
  /** @type {Record<string, string | number>} */
  const kept = {};
  const { href, src, alt, align, scope } = given;
  if (tag === "a" && typeof href === "string" && LINK.test(href)) {
    Object.assign(kept, { href, rel: "noopener noreferrer", target: "_blank" });
  }
  if (tag === "img") {
    if (typeof src === "string" && PICTURE.test(src)) kept.src = src;
    kept.alt = typeof alt === "string" ? visible(alt.slice(0, MAX_TEXT)) : "";
  }
  if (tag === "td" || tag === "th") {
    if (typeof align === "string" && ALIGNED.has(align)) kept.style = `text-align: ${align}`;
    if (scope === "row" || scope === "col") kept.scope = scope;
    for (const name of ["colspan", "rowspan"]) {
      const span = Number(given[name]);
      if (span >= 1 && span <= MOST_SPANNED) kept[name] = Math.floor(span);
    }
  }
  return kept;
}

/** A rich text in plain words. @param {unknown} tree @returns {string} */
export function plainText(tree, depth = 0) {
  if (typeof tree === "string") return visible(tree.slice(0, MAX_TEXT));
  if (!Array.isArray(tree) || depth > MAX_DEPTH) return "";
  const { tag, attributes, children } = takenApart(tree);
  if (tag === "math") return mathText(children[0]);
  if (tag === "img") return typeof attributes.alt === "string" ? attributes.alt : "";
  const text = children.map((child) => plainText(child, depth + 1)).join("");
  return tag === "p" || tag === "li" || tag === "br" ? `${text} ` : text;
}
