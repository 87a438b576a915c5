// @ts-check
/** Where the cards and the edges of the graph lie: as the document says, or laid out here. */
import { cardSize } from "./graphCards.js";
import { layOutGraph } from "./graphLayout.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Graph} Graph
 * @typedef {import("./trace.js").Point} Point
 * @typedef {import("./graphBoxes.js").Link} Link
 * @typedef {import("./labelPlacement.js").Box} Box
 * @typedef {(box: number) => import("./graphBoxes.js").Use | null} ConstantAt
 * @typedef {object} Plan
 * @property {number[]} boxes
 * @property {Link[]} links
 * @property {Point[][]} curves  of the links, from the operand to the row that uses it
 * @property {Map<number, Box>} places  of the boxes
 * @property {import("./viewport.js").Area} area  all of it, with a margin
 */

const [SIDE, ABOVE] = [18, 12];
/** Beside a single column of cards there is room for a label. */
const LEAST_WIDTH = 260;

/**
 * @param {Trace} trace
 * @param {number[]} boxes
 * @param {Link[]} links  the links between them
 * @param {boolean} isWhole  whether they are all the rows of the trace
 * @param {ConstantAt} constantAt
 * @returns {Plan}
 */
export function planGraph(trace, boxes, links, isWhole, constantAt) {
  // The graph of a document has no constants.
  const placed =
    isWhole && trace.graph && trace.constantArrays.size === 0
      ? asWritten(trace.graph, links)
      : laidOut(trace, boxes, links, constantAt);
  const { width, height, places, curves } = placed;
  const side = Math.max(SIDE, (LEAST_WIDTH - width) / 2);
  const area = { left: -side, top: -ABOVE, right: width + side, bottom: height + ABOVE };
  return { boxes, links, curves, places, area };
}

/** @param {Graph} graph  of a document, which has been checked to have all rows and uses @param {Link[]} links */
function asWritten(graph, links) {
  const curves = new Map(
    graph.edges.map(({ to, operand, points }) => [`${to} ${operand}`, points]),
  );
  return {
    width: graph.width,
    height: graph.height,
    places: new Map(graph.nodes.map(({ row, ...box }) => [row, box])),
    curves: links.map(({ uses: [{ row, operand }] }) => curves.get(`${row} ${operand}`) ?? []),
  };
}

/**
 * @param {Trace} trace
 * @param {number[]} boxes
 * @param {Link[]} links
 * @param {ConstantAt} constantAt
 */
function laidOut(trace, boxes, links, constantAt) {
  const index = new Map(boxes.map((box, i) => [box, i]));
  const sizes = boxes.map((box) => cardSize(trace, box, constantAt(box)));
  const { width, height, centers, curves } = layOutGraph(
    sizes,
    links.map(({ from, to }) => ({ from: Number(index.get(from)), to: Number(index.get(to)) })),
  );
  const places = boxes.map((box, i) => {
    const [x, y] = centers[i];
    return /** @type {const} */ ([box, { x, y, ...sizes[i] }]);
  });
  return { width, height, curves, places: new Map(places) };
}
