// @ts-check
/** The passes of loops in words, and what goes into one and comes out of it. */

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Group} Group
 */

/**
 * What passes one after the other are called: "k = 7", "pass 8 of 20"; "k = 0 … 5", "passes 1–6".
 * @param {Group} first
 * @param {Group} last
 * @returns {{values: string, place: string}}
 */
export function namesOf(first, last) {
  if (first === last) {
    const { values, number, title } = first;
    return { values, place: number > 0 ? title.slice(values ? values.length + 2 : 0) : "" };
  }
  const [ones, others] = [first.variables, last.variables];
  const isOneName = ones.length === 1 && others.length === 1 && ones[0].name === others[0].name;
  const values =
    first.values && last.values
      ? `${first.values} … ${isOneName ? others[0].value : last.values}`
      : first.values || last.values;
  const isNumbered = first.number > 0 && last.number > 0;
  return { values, place: isNumbered ? `passes ${first.number}–${last.number}` : "passes" };
}

/**
 * What the same row of two passes is called: "out[…]" where it is out[0] in one and out[9] in the
 * other.
 * @param {string} one
 * @param {string} other
 */
export function sharedName(one, other) {
  const [array] = one.split("[", 1);
  const isEntry = one !== array && one !== other && other.startsWith(`${array}[`);
  return isEntry ? `${array}[…]` : one;
}

/**
 * The row that is carried into a group: of those outside that its rows use, the last; −1 where they
 * use none.
 * @param {Trace} trace
 * @param {Group} group
 */
export function carriedInto(trace, { start, stop }) {
  let carried = -1;
  for (let slot = start; slot < stop; slot++) {
    for (const operand of trace.operands[slot]) {
      if (operand !== null && operand < start) carried = Math.max(carried, operand);
    }
  }
  return carried;
}

/**
 * The outermost loop with the most rows, whose passes the ruler shows; null where there is none.
 * @param {Trace} trace
 */
export function longestLoop({ groups }) {
  let longest = null;
  let length = 0;
  for (const { loop, depth, start } of groups) {
    if (!loop || depth > 0 || groups[loop.passes[0]].start !== start) continue;
    const rows = groups[loop.passes[loop.passes.length - 1]].stop - start;
    if (rows > length) [longest, length] = [loop, rows];
  }
  return longest;
}
