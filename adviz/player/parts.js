// @ts-check
/** Draws what an explanation or a folded answer is made of: rich text, players, exercises. */
import { html } from "./dom.js";
import { drawRichText } from "./richText.js";

/**
 * Shows a document of one MIME type in an element.
 * @typedef {(element: Element, document: unknown, place: number) => {destroy(): void}} Mount  place:
 *   among the parts
 */

const MOST_PARTS = 60;

/**
 * @param {unknown[]} parts  each an object with one key: "text" with a rich text, or a MIME type
 * @param {Map<string, Mount>} mounts  what shows the documents, by MIME type
 */
export function createParts(parts, mounts) {
  /** @type {{destroy(): void}[]} */
  const mounted = [];
  const element = html("div", { class: "adviz-told" });
  parts.slice(0, MOST_PARTS).forEach((part, i) => {
    const [[kind, content] = ["", null]] = Object.entries(Object(part));
    const mount = mounts.get(kind);
    const place = html("div", { class: "adviz-told-part" });
    if (mount) mounted.push(mount(place, content, i));
    else if (kind === "text") place.append(drawRichText(content));
    element.append(place);
  });
  return {
    element,
    destroy() {
      for (const each of mounted) each.destroy();
    },
  };
}
