// @ts-check
/** Where the reader is, in the part of a page's address that only the page reads. */

/**
 * @typedef {import("./playhead.js").Position} Position
 */

const LISTS = /** @type {const} */ (["inputs", "direction", "weights", "closed"]);
const MOST_NUMBERS = 100; // in a list; addresses may not get longer than some servers take

/**
 * #pass=reverse&step=5, and the inputs and seeds where they are not those the page opened with.
 * @param {Position} position
 * @param {Position} first  where the document opens
 */
export function addressOf(position, first) {
  const parts = [`pass=${position.pass}`, `step=${position.step}`];
  for (const name of LISTS) {
    const [numbers, before] = [position[name]?.join(","), first[name]?.join(",")];
    if (numbers !== undefined && numbers !== before && count(position[name]) <= MOST_NUMBERS) {
      parts.push(`${name}=${numbers}`);
    }
  }
  return `#${parts.join("&")}`;
}

/** @param {number[] | undefined} list */
function count(list) {
  return list?.length ?? 0;
}

/**
 * The position in an address; what is not understood in it is left out.
 * @param {string} hash
 * @returns {Position}
 */
export function positionIn(hash) {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {Position} */
  const position = {};
  const pass = found.get("pass");
  if (pass === "primal" || pass === "forward" || pass === "reverse") position.pass = pass;
  const step = Number(found.get("step") ?? NaN);
  if (Number.isInteger(step)) position.step = step;
  for (const name of LISTS) {
    const numbers = (found.get(name) ?? "NaN")
      .split(",")
      .filter((text) => text)
      .map(Number);
    if (numbers.every(Number.isFinite)) position[name] = numbers;
  }
  return position;
}
