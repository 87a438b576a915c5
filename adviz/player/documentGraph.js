// @ts-check
/** Reads the layout of a graph in a trace document. */
import { asList, asNumber, asObject, check } from "./documentChecks.js";

/**
 * @typedef {import("./trace.js").Graph} Graph
 * @typedef {import("./trace.js").Group} Group
 * @typedef {import("./trace.js").Point} Point
 */

const MAX_NODES = 2000;
const MAX_EXTENT = 1e6;

/**
 * @param {unknown} value
 * @param {(number | null)[][]} operands
 * @param {Group[]} groups
 * @returns {Graph}
 */
export function readGraph(value, operands, groups) {
  const fields = asObject(value, "graph");
  /** A row, or a folded group k as ~k. @param {unknown} number */
  const box = (number) => {
    check(
      Number.isInteger(number) &&
        Number(number) >= -groups.length &&
        Number(number) < operands.length,
      "graph has a box of nothing",
    );
    return Number(number);
  };
  /** Whether a row is in a box. @param {number} slot @param {number} number */
  const isIn = (slot, number) =>
    number < 0 ? slot >= groups[~number].start && slot < groups[~number].stop : slot === number;
  /** A coordinate or a length. @param {unknown} x */
  const extent = (x) => {
    const length = asNumber(x, "graph");
    check(Math.abs(length) <= MAX_EXTENT, "graph reaches out of bounds");
    return length;
  };
  const nodes = asList(fields.nodes, "graph.nodes");
  const edges = asList(fields.edges, "graph.edges");
  check(nodes.length <= MAX_NODES && edges.length <= 10 * MAX_NODES, "graph is too large to draw");
  return {
    width: extent(fields.width),
    height: extent(fields.height),
    nodes: nodes.map((node) => {
      const [row, x, y, width, height] = asList(node, "graph.nodes");
      return {
        row: box(row),
        x: extent(x),
        y: extent(y),
        width: Math.abs(extent(width)),
        height: Math.abs(extent(height)),
      };
    }),
    edges: edges.map((edge) => {
      const [from, to, operand, points] = asList(edge, "graph.edges");
      const [tail, head] = [box(from), box(to)];
      const isUse =
        head < 0 ||
        (Number.isInteger(operand) && isIn(operands[head][Number(operand)] ?? -1, tail));
      check(isUse, "graph has an edge that is not in the trace");
      const curve = asList(points, "graph.edges");
      check(
        curve.length >= 4 && curve.length <= 400 && curve.length % 3 === 1,
        "graph has a broken edge",
      );
      return {
        from: tail,
        to: head,
        operand: Number(operand),
        points: curve.map((point) => {
          const [x, y] = asList(point, "graph.edges");
          return /** @type {Point} */ ([extent(x), extent(y)]);
        }),
      };
    }),
  };
}
