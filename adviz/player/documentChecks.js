// @ts-check
/**
 * Checks of the parts of a trace document. Each `as…` function returns the value that it is given,
 * now known to be of that type, or throws a DocumentError. `what` names the part of the document in
 * the error's message.
 */

export const MAX_NAME = 120;
export const MAX_SENTENCE = 600;

/** What is wrong with a document, in a sentence for the person who looks at it. */
export class DocumentError extends Error {}

/**
 * @param {boolean} holds
 * @param {string} wrong  what is wrong where it does not
 * @returns {asserts holds}
 */
export function check(holds, wrong) {
  if (!holds) throw new DocumentError(`This trace cannot be shown: ${wrong}.`);
}

/** @param {unknown} value @param {string} what @returns {Record<string, unknown>} */
export function asObject(value, what) {
  check(
    typeof value === "object" && value !== null && !Array.isArray(value),
    `${what} is not an object`,
  );
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @param {string} what @returns {unknown[]} */
export function asList(value, what) {
  check(Array.isArray(value), `${what} is not a list`);
  return value;
}

/**
 * An index into a list of this length.
 * @param {unknown} value
 * @param {number} length
 * @param {string} what
 * @returns {number}
 */
export function asIndex(value, length, what) {
  check(
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < length,
    `${what} points nowhere`,
  );
  return Number(value);
}

/**
 * The item that an index points to.
 * @template T
 * @param {unknown} value
 * @param {T[]} items
 * @param {string} what
 * @returns {T}
 */
export function asItem(value, items, what) {
  return items[asIndex(value, items.length, what)];
}

/**
 * The same where null stands for no item.
 * @template T
 * @param {unknown} value
 * @param {T[]} items
 * @param {string} what
 * @returns {T | null}
 */
export function asItemOrNull(value, items, what) {
  return value === null ? null : asItem(value, items, what);
}

/**
 * A number; JSON has none for NaN and the infinities, so that they are written as text.
 * @param {unknown} value
 * @param {string} what
 * @returns {number}
 */
export function asNumber(value, what) {
  if (typeof value === "number") return value;
  check(
    value === "NaN" || value === "Infinity" || value === "-Infinity",
    `${what} holds something that is no number`,
  );
  return Number(value);
}

/**
 * A text, cut short where it is longer than `most`.
 * @param {unknown} value
 * @param {number} most
 * @param {string} what
 */
export function asText(value, most, what) {
  check(typeof value === "string", `${what} is not text`);
  return visible(value.length > most ? `${value.slice(0, most)}…` : value);
}

/** Characters that turn the direction of the text around them: they make code look like other code. */
const TURNING = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** A text in which such characters are seen: ⟨U+202E⟩. @param {string} text */
export function visible(text) {
  return text.replace(TURNING, (turning) => {
    const code = turning.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${code}⟩`;
  });
}

/**
 * Where a column of a text lies once such characters are seen.
 * @param {string} text
 * @param {number} column  in code points
 */
export function visibleColumn(text, column) {
  const before = [...text].slice(0, column);
  return column - before.length + [...visible(before.join(""))].length;
}
