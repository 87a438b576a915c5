// @ts-check
/** Where a page keeps what was entered in an exercise: in the browser, if it lets us. */

/**
 * @typedef {import("./exerciseAnswers.js").Kept} Kept
 * @typedef {object} Memory
 * @property {() => unknown} read
 * @property {(kept: Kept | null) => void} write  null where nothing is entered
 * @property {(changed: () => void) => (() => void)} [watch]  calls when another tab has written; gives
 *   what ends it
 */

/** How many equal exercises have been shown so far in this page. @type {Map<string, number>} */
const shown = new Map();

/** @param {unknown} document  of the exercise @returns {Memory} */
export function pageMemory(document) {
  const name = `adviz ${location.pathname} ${hash(JSON.stringify(document) ?? "")}`;
  const number = (shown.get(name) ?? 0) + 1;
  shown.set(name, number);
  const key = number > 1 ? `${name} ${number}` : name;
  return {
    read() {
      try {
        return JSON.parse(localStorage.getItem(key) ?? "null");
      } catch {
        return null; // storage is denied, or somebody else wrote there
      }
    },
    write(kept) {
      try {
        if (kept) localStorage.setItem(key, JSON.stringify(kept));
        else localStorage.removeItem(key);
      } catch {
        // Denied, or full: the exercise works all the same, and forgets.
      }
    },
    watch(changed) {
      /** @param {StorageEvent} event */
      const listen = (event) => {
        if (event.key === key || event.key === null) changed();
      };
      addEventListener("storage", listen);
      return () => removeEventListener("storage", listen);
    },
  };
}

/** @type {Kept} */
export const NOTHING_KEPT = { entries: {}, checked: [], solved: {}, hints: {} };

/**
 * Which of its variants an exercise was shown with, 0 for the document's own numbers; and a memory of
 * the entries that keeps it with them.
 * @param {Memory} memory
 * @param {number} count  of the variants
 * @param {() => void} reopen  called when another tab has taken other numbers
 * @returns {{variant: number, memory: Memory}}
 */
export function variantMemory(memory, count, reopen) {
  const variant = variantIn(memory.read(), count);
  return {
    variant,
    memory: {
      read: memory.read,
      write: (kept) => memory.write(variant > 0 ? { ...(kept ?? NOTHING_KEPT), variant } : kept),
      watch: (changed) =>
        memory.watch?.(() => {
          if (variantIn(memory.read(), count) === variant) changed();
          else reopen();
        }) ?? (() => {}),
    },
  };
}

/** @param {unknown} kept @param {number} count */
function variantIn(kept, count) {
  const variant = Number(/** @type {{variant?: unknown} | null} */ (kept)?.variant);
  return Number.isInteger(variant) && variant > 0 && variant <= count ? variant : 0;
}

/** A short name for a text (FNV-1a). @param {string} text */
function hash(text) {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  }
  return (bits >>> 0).toString(36);
}
