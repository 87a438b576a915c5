// @ts-check
/**
 * Lays out a layered drawing of a directed acyclic graph, edges going down, as Sugiyama, Tagawa and
 * Toda (1981) do: boxes in layers, an order in each layer with few crossings, then coordinates.
 * Draws nothing.
 */

/**
 * @typedef {import("./trace.js").Point} Point
 * @typedef {{width: number, height: number}} Size
 * @typedef {{from: number, to: number}} Link  boxes by their places in the list of sizes
 * @typedef {{width: number, height: number, centers: Point[], curves: Point[][]}} Layout  centers: of
 *   the boxes; curves: of the links, points of cubic Bézier curves that share their ends
 */

/**
 * A box in its layer, or the place where a link passes through one.
 * @typedef {object} Cell
 * @property {number} layer
 * @property {number} width
 * @property {number} x  the centre
 * @property {number} place  in its layer, from 0
 * @property {Cell[]} above
 * @property {Cell[]} below
 * @property {boolean} isBox
 */

/** Between layers there is room for the label of an edge and for an arrowhead. */
const LAYER_GAP = 42;
const BOX_GAP = 26;
const LINK_GAP = 14;
const PASSING_WIDTH = 6;
const ORDERING_SWEEPS = 10;
const PLACING_SWEEPS = 12;
/** How much straighter a link is kept where it passes layers than where it meets a box. */
const STRAIGHTNESS = 8;
const WIDEST_STEP_BETWEEN_PORTS = 24;

/**
 * @param {Size[]} sizes  of the boxes, each after those that it has links from
 * @param {Link[]} links
 * @returns {Layout}
 */
export function layOutGraph(sizes, links) {
  if (sizes.length === 0) return { width: 0, height: 0, centers: [], curves: [] };
  const boxLayers = layersOf(sizes.length, links);
  /** @type {Cell[][]} */
  const layers = [];
  for (const layer of boxLayers) while (layers.length <= layer) layers.push([]);
  /** @param {number} layer @param {number} width @param {boolean} isBox @returns {Cell} */
  const add = (layer, width, isBox) => {
    const cell = { layer, width, x: 0, place: 0, above: [], below: [], isBox };
    layers[layer].push(cell);
    return cell;
  };
  const boxes = sizes.map(({ width }, i) => add(boxLayers[i], width, true));
  const chains = links.map(({ from, to }) => {
    const chain = [boxes[from]];
    for (let layer = boxLayers[from] + 1; layer < boxLayers[to]; layer++) {
      chain.push(add(layer, PASSING_WIDTH, false));
    }
    chain.push(boxes[to]);
    chain.forEach((cell, i) => {
      if (i === 0) return;
      cell.above.push(chain[i - 1]);
      chain[i - 1].below.push(cell);
    });
    return chain;
  });
  order(layers);
  place(layers);

  const heights = layers.map(() => 0);
  sizes.forEach(({ height }, i) => {
    heights[boxLayers[i]] = Math.max(heights[boxLayers[i]], height);
  });
  let bottom = 0;
  const bands = heights.map((height, layer) => {
    const top = layer === 0 ? 0 : bottom + LAYER_GAP;
    bottom = top + height;
    return { top, bottom, middle: (top + bottom) / 2 };
  });
  const cells = layers.flat();
  const left = cells.reduce((least, { x, width }) => Math.min(least, x - width / 2), Infinity);
  const right = cells.reduce((most, { x, width }) => Math.max(most, x + width / 2), left);
  const ends = portsOf(chains, boxes);
  return {
    width: right - left,
    height: bottom,
    centers: boxes.map(({ x, layer }) => [x - left, bands[layer].middle]),
    curves: chains.map((chain, i) => {
      const [tail, head] = [links[i].from, links[i].to];
      const xs = chain.map(({ x }) => x - left);
      xs[0] += ends[i].tail;
      xs[xs.length - 1] += ends[i].head;
      const start = bands[boxLayers[tail]].middle + sizes[tail].height / 2;
      const end = bands[boxLayers[head]].middle - sizes[head].height / 2;
      return curve(chain, xs, bands, start, end);
    }),
  };
}

/**
 * The layer of each box: below all that it has links from, and near most of its neighbours.
 * @param {number} count
 * @param {Link[]} links
 */
function layersOf(count, links) {
  /** @type {number[][]} */
  const above = Array.from({ length: count }, () => []);
  /** @type {number[][]} */
  const below = Array.from({ length: count }, () => []);
  for (const { from, to } of links) {
    above[to].push(from);
    below[from].push(to);
  }
  const layers = new Array(count).fill(0);
  for (let box = 0; box < count; box++) {
    for (const from of above[box]) layers[box] = Math.max(layers[box], layers[from] + 1);
  }
  for (let box = count - 1; box >= 0; box--) {
    if (below[box].length <= above[box].length) continue;
    layers[box] = below[box].reduce((least, to) => Math.min(least, layers[to] - 1), Infinity);
  }
  return layers;
}

/**
 * Orders the cells of each layer by the means of their neighbours' places, to and fro, and keeps
 * the order that has the fewest crossings.
 * @param {Cell[][]} layers
 */
function order(layers) {
  const number = () => {
    for (const layer of layers) {
      layer.forEach((cell, i) => {
        cell.place = i;
      });
    }
  };
  number();
  let best = layers.map((layer) => layer.slice());
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < ORDERING_SWEEPS && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.slice().reverse()) {
      const means = new Map(
        layer.map((cell) => {
          const near = down ? cell.above : cell.below;
          const sum = near.reduce((total, { place }) => total + place, 0);
          return [cell, near.length > 0 ? sum / near.length : cell.place];
        }),
      );
      layer.sort((a, b) => Number(means.get(a)) - Number(means.get(b)) || a.place - b.place);
      layer.forEach((cell, i) => {
        cell.place = i;
      });
    }
    const count = crossings(layers);
    if (count >= fewest) continue;
    fewest = count;
    best = layers.map((layer) => layer.slice());
  }
  best.forEach((layer, i) => {
    layers[i] = layer;
  });
  number();
}

/** How many pairs of links cross. @param {Cell[][]} layers */
function crossings(layers) {
  let count = 0;
  for (const layer of layers.slice(1)) {
    // Links by their upper ends: each crosses those before it that end further right. A Fenwick
    // tree counts these.
    const links = layer.flatMap((cell) => cell.above.map((from) => [from.place, cell.place]));
    links.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const tree = new Int32Array(layer.length + 1);
    links.forEach(([, place], seen) => {
      let before = 0;
      for (let i = place + 1; i > 0; i -= i & -i) before += tree[i];
      count += seen - before;
      for (let i = place + 1; i <= layer.length; i += i & -i) tree[i] += 1;
    });
  }
  return count;
}

/**
 * Places the cells of each layer as near to their neighbours as the others allow.
 * @param {Cell[][]} layers
 */
function place(layers) {
  for (const layer of layers) {
    layer.forEach((cell, i) => {
      cell.x = i === 0 ? 0 : layer[i - 1].x + distance(layer[i - 1], cell);
    });
  }
  for (let sweep = 0; sweep < PLACING_SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    const both = sweep >= PLACING_SWEEPS - 4;
    for (const layer of down ? layers : layers.slice().reverse()) {
      settle(
        layer,
        layer.map((cell) => wish(cell, down || both, !down || both)),
      );
    }
  }
}

/**
 * Where a cell would be best for its neighbours, and how much that matters.
 * @param {Cell} cell
 * @param {boolean} up  whether those above count
 * @param {boolean} down  whether those below count
 */
function wish(cell, up, down) {
  let [total, weight] = [0, 0];
  for (const near of [...(up ? cell.above : []), ...(down ? cell.below : [])]) {
    const w = cell.isBox || near.isBox ? 1 : STRAIGHTNESS;
    total += w * near.x;
    weight += w;
  }
  return weight > 0 ? { x: total / weight, weight } : { x: cell.x, weight: 0.01 };
}

/**
 * Places the cells of a layer, in their order and at their distances, nearest to where they would
 * be best: least squares by pooling adjacent violators.
 * @param {Cell[]} layer
 * @param {{x: number, weight: number}[]} wishes
 */
function settle(layer, wishes) {
  /** @type {{total: number, weight: number, count: number}[]} */
  const blocks = [];
  const offsets = [0];
  wishes.forEach(({ x, weight }, i) => {
    if (i > 0) offsets.push(offsets[i - 1] + distance(layer[i - 1], layer[i]));
    let block = { total: weight * (x - offsets[i]), weight, count: 1 };
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      if (last.total / last.weight <= block.total / block.weight) break;
      blocks.pop();
      block = {
        total: last.total + block.total,
        weight: last.weight + block.weight,
        count: last.count + block.count,
      };
    }
    blocks.push(block);
  });
  let i = 0;
  for (const { total, weight, count } of blocks) {
    for (const end = i + count; i < end; i++) layer[i].x = total / weight + offsets[i];
  }
}

/** How far apart the centres of two neighbours in a layer are. @param {Cell} a @param {Cell} b */
function distance(a, b) {
  return (a.width + b.width) / 2 + (a.isBox && b.isBox ? BOX_GAP : LINK_GAP);
}

/**
 * Where links meet their boxes, as distances from the boxes' middles: side by side, in the order of
 * what they come from or go to.
 * @param {Cell[][]} chains
 * @param {Cell[]} boxes
 */
function portsOf(chains, boxes) {
  const ends = chains.map(() => ({ tail: 0, head: 0 }));
  /** @type {Map<Cell, {below: number[], above: number[]}>} */
  const meeting = new Map(boxes.map((box) => [box, { below: [], above: [] }]));
  chains.forEach((chain, i) => {
    meeting.get(chain[0])?.below.push(i);
    meeting.get(chain[chain.length - 1])?.above.push(i);
  });
  for (const [{ width }, { below, above }] of meeting) {
    below.sort((a, b) => chains[a][1].x - chains[b][1].x || a - b);
    above.sort((a, b) => Number(chains[a].at(-2)?.x) - Number(chains[b].at(-2)?.x) || a - b);
    for (const [side, list] of /** @type {const} */ ([
      ["tail", below],
      ["head", above],
    ])) {
      const step = Math.min(WIDEST_STEP_BETWEEN_PORTS, (width - 20) / Math.max(1, list.length - 1));
      list.forEach((link, k) => {
        ends[link][side] = step * (k - (list.length - 1) / 2);
      });
    }
  }
  return ends;
}

/**
 * A smooth curve down through the layers, upright where it passes one.
 * @param {Cell[]} chain
 * @param {number[]} xs
 * @param {{top: number, bottom: number}[]} bands
 * @param {number} start
 * @param {number} end
 * @returns {Point[]}
 */
function curve(chain, xs, bands, start, end) {
  /** @type {Point[]} */
  const points = [[xs[0], start]];
  let y = start;
  /** @param {number} x @param {number} to */
  const lead = (x, to) => {
    const from = points[points.length - 1][0];
    points.push([from, y + (to - y) / 2], [x, y + (to - y) / 2], [x, to]);
    y = to;
  };
  // A box may be lower than others of its layer: the curve is upright beside those.
  const [first, last] = [bands[chain[0].layer], bands[chain[chain.length - 1].layer]];
  if (start < first.bottom) lead(xs[0], first.bottom);
  chain.slice(1, -1).forEach(({ layer }, i) => {
    lead(xs[i + 1], bands[layer].top);
    lead(xs[i + 1], bands[layer].bottom);
  });
  lead(xs[xs.length - 1], last.top);
  if (end > last.top) lead(xs[xs.length - 1], end);
  return points;
}
