// @ts-check
/** Reads the layout of a graph in a trace document. */
import { asList, asNumber, asObject, check } from "./documentChecks.js";

/**
 * @typedef {import("./trace.js").Graph} Graph
 * @typedef {import("./trace.js").Point} Point
 */

const MAX_EXTENT = 1e6;

/**
 * @param {unknown} value
 * @param {(number | null)[][]} operands
 * @returns {Graph}
 */
export function readGraph(value, operands) {
  const fields = asObject(value, "graph");
  /** @param {unknown} slot */
  const row = (slot) => {
    check(Number.isInteger(slot) && Number(slot) in operands, "graph has a box of nothing");
    return Number(slot);
  };
  /** A coordinate or a length. @param {unknown} x */
  const extent = (x) => {
    const length = asNumber(x, "graph");
    check(Math.abs(length) <= MAX_EXTENT, "graph reaches out of bounds");
    return length;
  };
  const nodes = asList(fields.nodes, "graph.nodes");
  const edges = asList(fields.edges, "graph.edges");
  check(
    new Set(nodes.map((node) => asList(node, "graph.nodes")[0])).size === operands.length &&
      nodes.length === operands.length,
    "graph has not one box for each row",
  );
  const uses = operands.flat().filter((operand) => operand !== null && operand >= 0);
  check(
    new Set(edges.map((edge) => asList(edge, "graph.edges").slice(0, 3).join())).size ===
      uses.length && edges.length === uses.length,
    "graph has not one edge for each use",
  );
  return {
    width: extent(fields.width),
    height: extent(fields.height),
    nodes: nodes.map((node) => {
      const [slot, x, y, width, height] = asList(node, "graph.nodes");
      return {
        row: row(slot),
        x: extent(x),
        y: extent(y),
        width: Math.abs(extent(width)),
        height: Math.abs(extent(height)),
      };
    }),
    edges: edges.map((edge) => {
      const [from, to, operand, points] = asList(edge, "graph.edges");
      const [tail, head] = [row(from), row(to)];
      const isUse = Number.isInteger(operand) && operands[head][Number(operand)] === tail;
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
