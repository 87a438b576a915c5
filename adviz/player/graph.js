// @ts-check
/**
 * The computational graph, upright as the table stands. Its cards are rows and closed groups; of a
 * graph that is too large to lay out, those around the step are shown.
 */
import { focusedFrom, html, svg } from "./dom.js";
import { createBoxes } from "./graphBoxes.js";
import { createCard } from "./graphCards.js";
import { createEdge } from "./graphEdges.js";
import { createLabels } from "./graphLabels.js";
import { createMap } from "./graphMap.js";
import { planGraph } from "./graphPlan.js";
import { areaOf, createView } from "./graphView.js";
import { stepOfUse } from "./sweeps.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Point} Point
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {import("./graphBoxes.js").Link} Link
 * @typedef {import("./graphCards.js").Card} Card
 * @typedef {import("./graphEdges.js").Edge} Edge
 * @typedef {import("./graphPlan.js").Plan} Plan
 * @typedef {import("./labelPlacement.js").Box} Box
 */

/** A graph of more boxes is shown in parts. */
const MOST_BOXES = 400;
const MOST_AROUND_STEP = 16;
const DOTS_OF_A_LONG_TRACE = 120;
/** With more edges than this going into a row, the view follows the row alone. */
const MOST_FOLLOWED = 4;
/** Cards this near to what is in view are in the page as well. */
const OVERSCAN = 300;

/**
 * @param {Trace} trace
 * @param {Folding} folding
 * @param {(slot: number) => number[]} uses  the rows that use a row
 */
export function createGraph(trace, folding, uses) {
  const edgeLayer = svg("g");
  const cardLayer = html("div");
  const labels = createLabels(trace);
  const canvas = html(
    "div",
    { class: "adviz-canvas" },
    cardLayer,
    svg("svg", { "aria-hidden": true, width: 1, height: 1 }, edgeLayer),
    labels.element,
  );
  const map = createMap(lookAt);
  const view = createView(canvas, map.element, { moved: showPart, chosen: renderAgain });
  const extent = html("span", { class: "adviz-extent" });
  view.element.append(extent);

  let boxes = createBoxes(trace, folding, uses);
  let version = folding.version;
  /** All boxes, where they are laid out together. @type {number[] | null} */
  let whole = boxes.all(MOST_BOXES);
  /** @type {Plan | null} */
  let plan = null;
  /** @type {Edge[]} */
  let edges = [];
  /** Cards are kept as long as the groups stay as they are. @type {Map<number, Card>} */
  let cards = new Map();
  /** Those in the page. @type {Map<number, Card>} */
  const mounted = new Map();
  /** The row that a part of the graph is drawn around; −1 is that of the step. */
  let elsewhere = -1;
  /** @type {Sweep} */
  let sweep;
  let at = 0;

  // The step

  /** The group that the step passes; −1 for none. */
  const passed = () => folding.groupAt(sweep, at);
  const currentBox = () => boxes.boxOf(passed() >= 0 ? sweep.user(at) : sweep.row(at));
  /** @param {number} box */
  const stateOf = (box) =>
    boxes.constantAt(box) ? "pending" : sweep.at(boxes.rangeOf(box).stop - 1, at).state;

  /** Whether the step goes along a link. @param {Link} link */
  function isActive({ to, uses: all }) {
    const user = sweep.user(at);
    if (all.length === 0 || to !== boxes.boxOf(user)) return false;
    if (sweep.pass !== "reverse" || passed() >= 0) return true;
    return all.some(({ row, operand }) => row === user && operand === sweep.operand(at));
  }

  /** Whether the sweep has gone along a link. @param {Link} link */
  function isUsed({ to, uses: all }) {
    if (all.length === 0) return false;
    if (sweep.pass !== "reverse") return boxes.rangeOf(to).stop - 1 <= at;
    return all.some(({ row, operand }) => {
      const step = stepOfUse(trace, sweep, row, operand);
      return step >= 0 && step <= at;
    });
  }

  // The drawing

  function render() {
    if (folding.version !== version) {
      version = folding.version;
      boxes = createBoxes(trace, folding, uses);
      whole = boxes.all(MOST_BOXES);
      cards = new Map();
      plan = null;
    }
    elsewhere = -1;
    draw();
  }

  function renderAgain() {
    render();
    placeLabels();
  }

  function draw() {
    const around = elsewhere >= 0 ? [elsewhere] : [sweep.row(at), sweep.user(at)];
    const shown = whole ?? boxes.around(around, MOST_AROUND_STEP);
    const hadFocus = cardLayer.contains(focusedFrom(cardLayer));
    if (!plan || (shown !== plan.boxes && String(shown) !== String(plan.boxes))) lay(shown);
    for (const [box, card] of mounted) card.update(sweep, at, box === currentBox());
    updateEdges();
    look();
    if (hadFocus && !cardLayer.contains(focusedFrom(cardLayer))) {
      mounted.get(currentBox())?.element.focus({ preventScroll: true });
    }
  }

  /** Draws other boxes. @param {number[]} shown */
  function lay(shown) {
    const links = boxes.between(shown);
    plan = planGraph(
      trace,
      shown,
      links,
      whole !== null && folding.closed().length === 0,
      boxes.constantAt,
    );
    edges = links.map((link, i) => createEdge(link, /** @type {Plan} */ (plan).curves[i]));
    edgeLayer.replaceChildren(...edges.map((edge) => edge.element), ...stubs(plan));
    for (const [box, card] of mounted) {
      const place = plan.places.get(box);
      if (place && cards.get(box) === card) put(card, place);
      else {
        card.element.remove();
        mounted.delete(box);
      }
    }
    map.element.dataset.drawn = "";
    extent.textContent = whole ? "" : `${shown.length} of ${trace.count.toLocaleString("en")} rows`;
    const { area, places } = plan;
    view.element.style.setProperty("--adviz-drawn", `${Math.ceil(area.bottom - area.top)}px`);
    view.setScene({ area, boxes: [...places.values()], isPart: !whole });
  }

  /** What shows that cards have links to others that are not drawn. @param {Plan} drawn */
  function stubs({ boxes: shown, places }) {
    if (whole) return [];
    const among = new Set(shown);
    return shown.map((box) => {
      const { above, below } = boxes.cutOff(box, among);
      const { right, top, bottom } = areaOf(/** @type {Box} */ (places.get(box)));
      const up = above ? `M${right - 12} ${top}v-9` : "";
      const down = below ? `M${right - 12} ${bottom}v9` : "";
      return svg("path", { class: "adviz-stub", d: up + down });
    });
  }

  function updateEdges() {
    const course = sweep.pass === "reverse" ? "back" : "ahead";
    for (const edge of edges) {
      const goes = isActive(edge.link);
      edge.update(goes || isUsed(edge.link) ? course : "idle", goes);
    }
    const active = edges.filter(({ link }) => isActive(link));
    edgeLayer.append(...active.map((edge) => edge.element));
    view.panel.setAttribute("aria-label", describe(active.length));
  }

  /** Turns the view to the step, and writes what placeLabels() puts beside its edges. */
  function look() {
    if (!plan) return;
    const { places, links } = plan;
    const along = links.filter(isActive);
    const ends = along.length > MOST_FOLLOWED ? [] : along.flatMap(({ from, to }) => [from, to]);
    const wanted = elsewhere >= 0 ? [boxes.boxOf(elsewhere)] : [...ends, currentBox()];
    view.show(wanted.flatMap((box) => places.get(box) ?? []));
    const active = edges.filter(({ link }) => isActive(link));
    if (sweep.pass === "primal" || passed() >= 0) labels.clear();
    else labels.write(sweep, at, active);
    if (view.hasMap) showMap();
  }

  function placeLabels() {
    if (plan) labels.place(edges, [...plan.places.values(), ...view.hidden()], view.seen());
  }

  /** Shows the same step in another view. */
  function lookAgain() {
    if (!sweep) return;
    look();
    placeLabels();
  }

  /** Puts the cards in view into the page, and takes others out. */
  function showPart() {
    if (!plan) return;
    const { left, top, right, bottom } = view.seen();
    const current = currentBox();
    for (const [box, place] of plan.places) {
      const { left: l, top: t, right: r, bottom: b } = areaOf(place);
      const isNear =
        r > left - OVERSCAN && l < right + OVERSCAN && b > top - OVERSCAN && t < bottom + OVERSCAN;
      const card = mounted.get(box);
      if (isNear && !card) mount(box, place, current);
      if (!isNear && card && card.element !== focusedFrom(card.element)) {
        card.element.remove();
        mounted.delete(box);
      }
    }
    const focused = [...mounted.values()].find(
      (card) => card.element === focusedFrom(card.element),
    );
    const entry = focused ?? mounted.get(current) ?? [...mounted.values()][0];
    for (const card of mounted.values()) {
      if (card.element.matches("button")) card.element.tabIndex = card === entry ? 0 : -1;
    }
    if (whole && view.hasMap) map.frame(view.seen());
  }

  /** @param {number} box @param {Box} place @param {number} current */
  function mount(box, place, current) {
    const card = cards.get(box) ?? createCard(trace, box, uses, place.width, boxes.constantAt(box));
    cards.set(box, card);
    mounted.set(box, card);
    put(card, place);
    card.update(sweep, at, box === current);
    cardLayer.append(card.element);
  }

  /** @param {Card} card @param {Box} place */
  function put({ element: { style } }, place) {
    const { left, top } = areaOf(place);
    [style.left, style.top] = [`${left}px`, `${top}px`];
    [style.width, style.height] = [`${place.width}px`, `${place.height}px`];
  }

  // The map: all the cards, or where the drawn ones are among the rows.

  function showMap() {
    if (!plan) return;
    const { places, links, area } = plan;
    const current = currentBox();
    const size = view.mapSize;
    const drawn = `${size.width} × ${size.height}`;
    if (map.element.dataset.drawn !== drawn) {
      map.element.dataset.drawn = drawn;
      if (whole) {
        /** @param {number} box @returns {Point} */
        const center = (box) => [places.get(box)?.x ?? 0, places.get(box)?.y ?? 0];
        map.draw(
          area,
          size,
          links.map(({ from, to }) => [center(from), center(to)]),
        );
      } else {
        const line = /** @type {[Point, Point]} */ ([
          [0.5, 0],
          [0.5, trace.count],
        ]);
        map.draw({ left: 0, top: 0, right: 1, bottom: trace.count }, size, [line]);
      }
    }
    if (whole) {
      map.mark(
        [...places].map(([box, { x, y }]) => ({
          center: [x, y],
          state: box === current ? "current" : stateOf(box),
        })),
      );
      map.frame(view.seen());
      return;
    }
    const count = Math.min(trace.count, DOTS_OF_A_LONG_TRACE);
    const slots = Array.from({ length: count }, (_, i) => Math.floor((i * trace.count) / count));
    map.mark([
      ...slots.map((slot) => ({
        center: /** @type {Point} */ ([0.5, slot]),
        state: sweep.at(slot, at).state,
      })),
      { center: [0.5, boxes.rangeOf(current).start], state: "current" },
    ]);
    const ranges = plan.boxes.map(boxes.rangeOf);
    const top = Math.min(...ranges.map(({ start }) => start));
    map.frame({ left: 0, right: 1, top, bottom: Math.max(...ranges.map(({ stop }) => stop)) });
  }

  /** Shows what the map has at a point. @param {Point} point */
  function lookAt(point) {
    if (whole) view.lookAt(point);
    else {
      elsewhere = Math.min(trace.count - 1, Math.max(0, Math.round(point[1])));
      draw();
      placeLabels();
    }
  }

  // The focus

  const STEPS = /** @type {Record<string, Point>} */ ({
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
  });
  view.panel.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const from = [...mounted].find(([, card]) => card.element === event.target)?.[0];
    if (!step || from === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = neighbor(from, step);
    const place = plan?.places.get(next);
    if (!place) return;
    view.reveal(place);
    mounted.get(next)?.element.focus({ preventScroll: true });
    showPart();
  });

  /**
   * The next box in a direction: up and down along links, where there are any.
   * @param {number} from
   * @param {Point} direction
   */
  function neighbor(from, [dx, dy]) {
    const { places, links } = /** @type {Plan} */ (plan);
    const origin = /** @type {Box} */ (places.get(from));
    const linked = new Set(
      links.flatMap((link) =>
        dy < 0 && link.to === from ? [link.from] : dy > 0 && link.from === from ? [link.to] : [],
      ),
    );
    let [best, least] = [from, Infinity];
    for (const [box, { x, y }] of places) {
      const along = dx * (x - origin.x) + dy * (y - origin.y);
      const across = Math.abs(dy * (x - origin.x)) + Math.abs(dx * (y - origin.y));
      if (boxes.constantAt(box) || along < 1 || (dx !== 0 && across > origin.height)) continue;
      const cost = along + 2 * across + (dy !== 0 && !linked.has(box) ? 1e6 : 0);
      if (cost < least) [best, least] = [box, cost];
    }
    return best;
  }

  /** @param {number} active  how many edges the step goes along */
  function describe(active) {
    /** @param {number} slot */
    const name = (slot) => {
      const group = folding.groupOf(slot);
      return group < 0 ? label(trace, slot) : trace.groups[group].title;
    };
    const row = name(sweep.row(at));
    if (active === 0) return `Computational graph; ${row} is active`;
    if (sweep.pass === "reverse") {
      return `Computational graph; the edge from ${name(sweep.user(at))} back to ${row} is active`;
    }
    return `Computational graph; the edges into ${row} are active`;
  }

  const resizing = new ResizeObserver(() => {
    view.measure();
    lookAgain();
  });

  const paper = matchMedia("print");
  function print() {
    view.print(paper.matches);
    view.measure();
    lookAgain();
  }

  return {
    element: view.element,
    /** @param {Sweep} nextSweep @param {number} nextStep */
    show(nextSweep, nextStep) {
      if (!sweep) view.measure();
      [sweep, at] = [nextSweep, nextStep];
      render();
    },
    /** Puts labels beside the edges of the step; that reads sizes. */
    placeLabels,
    /** Shows the whole graph. */
    fit: view.fit,
    start() {
      resizing.observe(view.element);
      paper.addEventListener("change", print);
    },
    stop() {
      resizing.disconnect();
      paper.removeEventListener("change", print);
    },
  };
}
