// @ts-check
/**
 * What the graph is made of while some groups are closed: boxes and the links between them, of the
 * whole trace or of what lies around a few of its rows. A box is a row, by its slot, the closed group
 * k, as ~k, or the constant array k, as the number of rows plus k.
 */

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {{row: number, operand: number}} Use  of a row as an operand of `row`
 * @typedef {{from: number, to: number, uses: Use[]}} Link  one use; all the uses between two boxes
 *   where one of them is a group; none from a constant
 */

const MOST_USES = 64;
const MOST_NEIGHBORS = 6;
const MOST_LINKS = 600;

/**
 * The boxes of a trace as its groups are closed now.
 * @param {Trace} trace
 * @param {Folding} folding
 * @param {(slot: number) => number[]} uses  the rows that use a row
 */
export function createBoxes(trace, folding, uses) {
  /** @type {Map<number, Link[]>} */
  const linksInto = new Map();
  /** @type {Map<number, number[]>} */
  const users = new Map();
  /** Where the constant arrays stand. @type {Use[]} */
  const constants = [];
  /** The boxes of those that a row uses. @type {Map<number, number[]>} */
  const constantsOf = new Map();
  for (const [row, arrays] of trace.constantArrays) {
    arrays.forEach((array, operand) => {
      if (!array) return;
      constantsOf.set(row, [...(constantsOf.get(row) ?? []), trace.count + constants.length]);
      constants.push({ row, operand });
    });
  }

  /** The box that a row is drawn in. @param {number} slot */
  function boxOf(slot) {
    const group = folding.groupOf(slot);
    return group < 0 ? slot : ~group;
  }

  /** The first row of a box, and the one after its last. @param {number} box */
  function rangeOf(box) {
    if (box < 0) return trace.groups[~box];
    const start = box < trace.count ? box : constants[box - trace.count].row;
    return { start, stop: start + 1 };
  }

  /** A constant comes before the row that uses it. @param {number} a @param {number} b */
  const inOrder = (a, b) => rangeOf(a).start - rangeOf(b).start || b - a;

  /**
   * Those of some boxes, in order, that are nearest to a row.
   * @param {number[]} boxes
   * @param {number} slot
   */
  function nearest(boxes, slot) {
    let [low, high] = [0, boxes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rangeOf(boxes[middle]).start < slot) low = middle + 1;
      else high = middle;
    }
    return boxes.slice(Math.max(0, low - MOST_NEIGHBORS / 2), low + MOST_NEIGHBORS / 2);
  }

  /** The links that a box has from others. @param {number} box @returns {Link[]} */
  function into(box) {
    const known = linksInto.get(box);
    if (known) return known;
    /** @type {Link[]} */
    const links = [];
    if (box >= trace.count) return links;
    for (const from of constantsOf.get(box) ?? []) links.push({ from, to: box, uses: [] });
    /** @type {Map<number, Link>} */
    const shared = new Map();
    const { start, stop } = rangeOf(box);
    for (let row = start; row < stop; row++) {
      trace.operands[row].forEach((slot, operand) => {
        if (slot === null || slot < 0 || (slot >= start && slot < stop)) return;
        const from = boxOf(slot);
        const link = box < 0 || from < 0 ? shared.get(from) : undefined;
        if (link && link.uses.length < MOST_USES) link.uses.push({ row, operand });
        if (link || links.length >= MOST_LINKS) return;
        const added = { from, to: box, uses: [{ row, operand }] };
        shared.set(from, added);
        links.push(added);
      });
    }
    linksInto.set(box, links);
    return links;
  }

  /** The boxes that have links from a box. @param {number} box */
  function usersOf(box) {
    const known = users.get(box);
    if (known) return known;
    if (box >= trace.count) return [rangeOf(box).start];
    /** @type {Set<number>} */
    const found = new Set();
    const { start, stop } = rangeOf(box);
    for (let row = start; row < stop; row++) {
      for (const user of uses(row)) if (user >= stop) found.add(boxOf(user));
    }
    const list = [...found].sort(inOrder);
    users.set(box, list);
    return list;
  }

  return {
    boxOf,
    /** The use that a box is the constant of; null where it is something else. @param {number} box */
    constantAt: (box) => constants[box - trace.count] ?? null,
    rangeOf,
    /**
     * All boxes, each after those that it has links from; null if there are more than `most`.
     * @param {number} most
     */
    all(most) {
      const boxes = [];
      for (let slot = 0; slot < trace.count; slot = rangeOf(boxOf(slot)).stop) {
        if (boxes.length >= most) return null;
        const box = boxOf(slot);
        boxes.push(...(constantsOf.get(box) ?? []), box);
      }
      return boxes;
    },
    /**
     * Up to `most` boxes around those of some rows, the nearest first to be taken; each after those
     * that it has links from.
     * @param {number[]} slots
     * @param {number} most
     */
    around(slots, most) {
      const found = new Set(slots.map(boxOf));
      for (const box of found) {
        const operands = [...new Set(into(box).map(({ from }) => from))].sort(inOrder);
        const near = [...nearest(operands, slots[0]), ...nearest(usersOf(box), slots[0])];
        for (const next of near) {
          if (found.size >= most) break;
          found.add(next);
        }
        if (found.size >= most) break;
      }
      return [...found].sort(inOrder);
    },
    /** The links between some boxes. @param {number[]} boxes */
    between(boxes) {
      const among = new Set(boxes);
      return boxes.flatMap((box) => into(box).filter(({ from }) => among.has(from)));
    },
    /**
     * Whether a box has links from boxes that are not among some, and to such.
     * @param {number} box
     * @param {Set<number>} among
     */
    cutOff: (box, among) => ({
      above: into(box).some(({ from }) => !among.has(from)),
      below: usersOf(box).some((to) => !among.has(to)),
    }),
  };
}
