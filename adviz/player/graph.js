// @ts-check
/**
 * The computational graph, upright as the table stands. Its cards are rows and closed groups. A
 * whole graph is laid out as the document says, or here where groups are closed; of a graph that is
 * too large, what lies around the step is shown.
 */
import { isShort } from "./arrays.js";
import { html, svg } from "./dom.js";
import { ACCENTS, forwardTerms, termFormula } from "./formulas.js";
import { createBoxes } from "./graphBoxes.js";
import { cardSize, createCard } from "./graphCards.js";
import { createEdge } from "./graphEdges.js";
import { layOutGraph } from "./graphLayout.js";
import { createMap } from "./graphMap.js";
import { headBox, placeLabel } from "./labelPlacement.js";
import { mathml, mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { stepOfUse } from "./sweeps.js";
import { label } from "./trace.js";
import {
  COMFORTABLE,
  fittingScale,
  following,
  LARGEST,
  LEGIBLE,
  seen,
  within,
  zoomed,
} from "./viewport.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Point} Point
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {import("./graphBoxes.js").Link} Link
 * @typedef {import("./graphCards.js").Card} Card
 * @typedef {import("./graphEdges.js").Edge} Edge
 * @typedef {import("./viewport.js").Area} Area
 * @typedef {import("./labelPlacement.js").Box} Box
 * @typedef {{boxes: number[], links: Link[], area: Area, places: Map<number, Box>,
 *   cards: Map<number, Card>, edges: Edge[]}} Drawing
 */

/** With more boxes than this a graph is shown in parts. */
const MOST_BOXES = 400;
const MOST_AROUND_STEP = 16;
const [SIDE, ABOVE] = [18, 12];
/** Beside a single column of cards there is room for a label. */
const LEAST_WIDTH = 260;
const LONGEST_PRODUCT = 26;
const MOST_LABELS = 4;
const MAP_WIDTH = 52;
const CONTROLS = { width: 130, height: 40 };
const ZOOM_STEP = 1.25;
const DRAG_THRESHOLD = 4;
const DOTS_OF_A_LONG_TRACE = 120;

/**
 * @param {Trace} trace
 * @param {Folding} folding
 * @param {(slot: number) => number[]} uses  the rows that use a row
 */
export function createGraph(trace, folding, uses) {
  const edgeLayer = svg("g");
  const lines = svg("svg", { "aria-hidden": true }, edgeLayer);
  const cardLayer = html("div");
  const labelLayer = html("div", { class: "adviz-labels", "aria-hidden": true });
  const canvas = html("div", { class: "adviz-canvas" }, lines, cardLayer, labelLayer);
  const panel = html("div", { class: "adviz-drawing", role: "group" }, canvas);
  const extent = html("span", { class: "adviz-extent" });
  const [smaller, larger, step, fit] = [
    control("−", "Zoom out (−)", () => zoomBy(1 / ZOOM_STEP)),
    control("+", "Zoom in (+)", () => zoomBy(ZOOM_STEP)),
    control("Step", "Back to the step (S)", () => setMode("step")),
    control("Fit", "Show the whole graph (F)", () => setMode("whole")),
  ];
  const controls = html(
    "div",
    { class: "adviz-zoom", role: "group", "aria-label": "View of the graph" },
    smaller,
    larger,
    step,
    fit,
  );
  const map = createMap(lookAt);
  const element = html(
    "div",
    { class: "adviz-panel adviz-graph" },
    panel,
    map.element,
    extent,
    controls,
  );

  let boxes = createBoxes(trace, folding, uses);
  let version = folding.version;
  /** All boxes, where they are laid out together. @type {number[] | null} */
  let whole = boxes.all(MOST_BOXES);
  /** Cards are kept as long as the groups stay as they are. @type {Map<number, Card>} */
  let cards = new Map();
  /** @type {Drawing | null} */
  let drawing = null;
  /** What the drawing is around, where it is a part; −1 is the step. */
  let elsewhere = -1;
  /** @type {Sweep} */
  let sweep;
  let at = 0;

  // The view

  /** Whether the view follows the step, shows all there is, or is the reader's own. @type {"step" | "whole" | "free"} */
  let mode = "step";
  let view = { scale: 1, x: 0, y: 0 };
  let hasMap = false;
  /** Whether the buttons stand below the drawing, and not on it. */
  let hasFoot = false;

  function room() {
    return {
      width: Math.max(1, element.clientWidth - (hasMap ? MAP_WIDTH : 0)),
      height: Math.max(1, element.clientHeight - (hasFoot ? CONTROLS.height : 0)),
    };
  }

  /** @param {"step" | "whole"} next */
  function setMode(next) {
    mode = next;
    elsewhere = -1;
    render();
  }

  /** @param {number} factor @param {Point} [about]  a point of the panel */
  function zoomBy(factor, about) {
    if (!drawing) return;
    const size = room();
    const least = Math.min(fittingScale(drawing.area, size), 1);
    const scale = Math.min(LARGEST, Math.max(least, view.scale * factor));
    mode = "free";
    // The keys and the buttons zoom about the step.
    const card = drawing.places.get(currentBox());
    /** @type {Point} */
    const center = card
      ? [view.scale * card.x + view.x, view.scale * card.y + view.y]
      : [size.width / 2, size.height / 2];
    moveTo(zoomed(view, scale, about ?? center));
  }

  /** Puts a point of the map into the middle of the view. @param {Point} point */
  function lookAt([x, y]) {
    if (whole) {
      const size = room();
      mode = "free";
      moveTo({
        scale: view.scale,
        x: size.width / 2 - view.scale * x,
        y: size.height / 2 - view.scale * y,
      });
    } else {
      elsewhere = Math.min(trace.count - 1, Math.max(0, Math.round(y)));
      render();
    }
  }

  /** @param {import("./viewport.js").View} next */
  function moveTo(next) {
    if (!drawing) return;
    const size = room();
    view = within(next, drawing.area, size);
    canvas.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    if (whole) map.frame(seen(view, size));
    smaller.setAttribute(
      "aria-disabled",
      String(view.scale <= fittingScale(drawing.area, size) + 1e-6),
    );
    larger.setAttribute("aria-disabled", String(view.scale >= LARGEST));
  }

  /** Shows the part that the reader wants to see. */
  function setView() {
    if (!drawing) return;
    const { area, places } = drawing;
    const fits = fittingScale(area, { width: element.clientWidth, height: element.clientHeight });
    hasMap = !whole || fits < LEGIBLE;
    map.element.hidden = !hasMap;
    hasFoot = false;
    hasFoot = hasMap || hidesCards(within({ scale: fits, x: 0, y: 0 }, area, room()), room());
    element.classList.toggle("adviz-hasmap", hasMap);
    element.classList.toggle("adviz-hasfoot", hasFoot);
    step.hidden = !hasMap;
    const size = room();
    if (hasMap) drawMap(element.clientHeight);
    const fitting = fittingScale(area, size);
    // A part of the graph is shown as large as its width allows.
    const wide = fittingScale({ ...area, top: 0, bottom: 1 }, size);
    const readable = hasMap ? Math.min(COMFORTABLE, Math.max(LEGIBLE, wide)) : fitting;
    const scale = mode === "free" ? view.scale : mode === "whole" ? fitting : readable;
    let next = within({ ...view, scale }, area, size);
    if (elsewhere >= 0 || mode === "whole") {
      moveTo(next);
      return;
    }
    // First what the step goes along, then its card, which matters most.
    const wanted = [...activeEnds(), places.get(currentBox())].flatMap((box) => box ?? []);
    for (const { x, y, width, height } of wanted) {
      const target = {
        left: x - width / 2,
        right: x + width / 2,
        top: y - height / 2,
        bottom: y + height / 2,
      };
      next = following(next, target, size);
    }
    moveTo(next);
  }

  /** Whether cards would lie under the buttons. @param {import("./viewport.js").View} shown @param {import("./viewport.js").Size} size */
  function hidesCards(shown, size) {
    const [left, top] = [size.width - CONTROLS.width, size.height - CONTROLS.height];
    return [...(drawing?.places.values() ?? [])].some(
      ({ x, y, width, height }) =>
        shown.scale * (x + width / 2) + shown.x > left &&
        shown.scale * (y + height / 2) + shown.y > top,
    );
  }

  /** @param {number} height */
  function drawMap(height) {
    if (!drawing) return;
    const size = { width: MAP_WIDTH, height };
    if (whole) {
      const { places, links, area } = drawing;
      const center = (/** @type {number} */ box) => {
        const { x, y } = /** @type {Box} */ (places.get(box));
        return /** @type {Point} */ ([x, y]);
      };
      map.draw(
        area,
        size,
        links.map(({ from, to }) => [center(from), center(to)]),
      );
    } else {
      map.draw({ left: 0, top: 0, right: 1, bottom: trace.count }, size, [
        [
          [0.5, 0],
          [0.5, trace.count],
        ],
      ]);
    }
  }

  function markMap() {
    if (!drawing || !hasMap) return;
    const current = currentBox();
    if (whole) {
      map.mark(
        [...drawing.places].map(([box, { x, y }]) => ({
          center: [x, y],
          state: box === current ? "current" : stateOf(box),
        })),
      );
      return;
    }
    const count = Math.min(trace.count, DOTS_OF_A_LONG_TRACE);
    const dots = Array.from({ length: count }, (_, i) => {
      const slot = Math.floor((i * trace.count) / count);
      return { center: /** @type {Point} */ ([0.5, slot]), state: sweep.at(slot, at).state };
    });
    map.mark([
      ...dots,
      { center: [0.5, boxes.rangeOf(current).start], state: /** @type {const} */ ("current") },
    ]);
    const shown = drawing.boxes.map((box) => boxes.rangeOf(box));
    map.frame({
      left: 0,
      right: 1,
      top: Math.min(...shown.map(({ start }) => start)),
      bottom: Math.max(...shown.map(({ stop }) => stop)),
    });
  }

  // The step

  /** The group that the step passes; −1 for none. */
  const passed = () => folding.groupAt(sweep, at);
  const currentBox = () => boxes.boxOf(passed() >= 0 ? sweep.user(at) : sweep.row(at));
  /** @param {number} box */
  const stateOf = (box) => sweep.at(boxes.rangeOf(box).stop - 1, at).state;

  /** Whether the step goes along a link. @param {Link} link */
  function isActive(link) {
    const user = sweep.user(at);
    if (link.to !== boxes.boxOf(user)) return false;
    if (sweep.pass !== "reverse" || passed() >= 0) return true;
    return link.uses.some(({ row, operand }) => row === user && operand === sweep.operand(at));
  }

  /** Whether the sweep has gone along a link. @param {Link} link */
  function isUsed({ uses: all, to }) {
    if (sweep.pass !== "reverse") return boxes.rangeOf(to).stop - 1 <= at;
    return all.some((use) => {
      const step = stepOfUse(trace, sweep, use.row, use.operand);
      return step >= 0 && step <= at;
    });
  }

  /** The cards at both ends of what the step goes along. */
  function activeEnds() {
    const links = drawing?.links.filter(isActive) ?? [];
    if (links.length > MOST_LABELS) return [];
    return links.flatMap(({ from, to }) => [drawing?.places.get(from), drawing?.places.get(to)]);
  }

  // The drawing

  function render() {
    if (folding.version !== version) {
      version = folding.version;
      boxes = createBoxes(trace, folding, uses);
      whole = boxes.all(MOST_BOXES);
      cards = new Map();
      drawing = null;
    }
    if (!whole || !drawing) {
      const around = elsewhere >= 0 ? [elsewhere] : [sweep.row(at), sweep.user(at)];
      const wanted = whole ?? boxes.around(around, MOST_AROUND_STEP);
      if (!drawing || String(wanted) !== String(drawing.boxes)) draw(wanted);
    }
    update();
    setView();
    placeLabels();
    markMap();
  }

  /** @param {number[]} shown */
  function draw(shown) {
    const links = boxes.between(shown);
    const placed =
      whole && trace.graph && folding.closed().length === 0
        ? asInDocument(links)
        : laidOut(shown, links);
    const { width, height, places, curves } = placed;
    const side = Math.max(SIDE, (LEAST_WIDTH - width) / 2);
    for (const box of shown) {
      const place = /** @type {Box} */ (places.get(box));
      const card = cards.get(box) ?? createCard(trace, box, uses, place.width);
      cards.set(box, card);
      card.element.style.cssText = `left: ${place.x - place.width / 2}px; top: ${place.y - place.height / 2}px; width: ${place.width}px; height: ${place.height}px`;
    }
    const edges = links.map((link, i) => createEdge(link, curves[i]));
    drawing = {
      boxes: shown,
      links,
      area: { left: -side, top: -ABOVE, right: width + side, bottom: height + ABOVE },
      places,
      cards: new Map(shown.map((box) => [box, /** @type {Card} */ (cards.get(box))])),
      edges,
    };
    const focused = cardLayer.contains(document.activeElement);
    edgeLayer.replaceChildren(...edges.map((edge) => edge.element), ...stubs(shown, places));
    lines.setAttribute("width", String(width));
    lines.setAttribute("height", String(height));
    cardLayer.replaceChildren(...[...drawing.cards.values()].map((card) => card.element));
    element.style.setProperty("--adviz-drawn", `${Math.ceil(height + 2 * ABOVE)}px`);
    extent.textContent = whole ? "" : `${shown.length} of ${trace.count.toLocaleString("en")} rows`;
    if (focused) drawing.cards.get(currentBox())?.element.focus({ preventScroll: true });
  }

  /** @param {Link[]} links */
  function asInDocument(links) {
    const graph = /** @type {import("./trace.js").Graph} */ (trace.graph);
    const curves = new Map(
      graph.edges.map(({ to, operand, points }) => [`${to} ${operand}`, points]),
    );
    return {
      width: graph.width,
      height: graph.height,
      places: new Map(graph.nodes.map(({ row, ...box }) => [row, box])),
      curves: links.map(
        ({ uses: [{ row, operand }] }) => /** @type {Point[]} */ (curves.get(`${row} ${operand}`)),
      ),
    };
  }

  /** @param {number[]} shown @param {Link[]} links */
  function laidOut(shown, links) {
    const index = new Map(shown.map((box, i) => [box, i]));
    const sizes = shown.map((box) => cardSize(trace, box));
    const { width, height, centers, curves } = layOutGraph(
      sizes,
      links.map(({ from, to }) => ({
        from: Number(index.get(from)),
        to: Number(index.get(to)),
      })),
    );
    return {
      width,
      height,
      places: new Map(
        shown.map((box, i) => [box, { x: centers[i][0], y: centers[i][1], ...sizes[i] }]),
      ),
      curves,
    };
  }

  /** What shows that cards have links to others that are not drawn. @param {number[]} shown @param {Map<number, Box>} places */
  function stubs(shown, places) {
    if (whole) return [];
    const among = new Set(shown);
    return shown.map((box) => {
      const { above, below } = boxes.cutOff(box, among);
      const { x, y, width, height } = /** @type {Box} */ (places.get(box));
      const stub = x + width / 2 - 12;
      const d = [
        ...(above ? [`M${stub} ${y - height / 2}v-9`] : []),
        ...(below ? [`M${stub} ${y + height / 2}v9`] : []),
      ];
      return svg("path", { class: "adviz-stub", d: d.join("") || "M0 0" });
    });
  }

  function update() {
    if (!drawing) return;
    const current = currentBox();
    for (const [box, card] of drawing.cards) {
      card.update(sweep, at, box === current);
      card.element.tabIndex = -1;
    }
    const focused = [...drawing.cards.values()].find(
      (card) => card.element === document.activeElement,
    );
    const entry = focused ?? drawing.cards.get(current) ?? drawing.cards.values().next().value;
    if (entry) entry.element.tabIndex = 0;
    const course = sweep.pass === "reverse" ? "back" : "ahead";
    const active = [];
    for (const edge of drawing.edges) {
      const goes = isActive(edge.link);
      if (goes) active.push(edge);
      edge.update(goes || isUsed(edge.link) ? course : "idle", goes);
    }
    edgeLayer.append(...active.map((edge) => edge.element));
    panel.setAttribute("aria-label", describe(active.length));
  }

  /** Writes beside each active edge what goes along it. */
  function placeLabels() {
    labelLayer.replaceChildren();
    const user = sweep.user(at);
    if (!drawing || sweep.pass === "primal" || passed() >= 0) return;
    const { edges, places } = drawing;
    const active = edges.filter((edge) => isActive(edge.link));
    if (active.length > MOST_LABELS || forwardTerms(trace, user).length > MOST_LABELS) return;
    const picture = seen(view, room());
    const taken = [
      ...places.values(),
      ...edges.map((edge) => headBox(edge.directed)),
      ...(hasFoot ? [] : [underControls(picture)]),
    ];
    for (const { link, curve } of active) {
      const operand = link.uses.find(({ row, operand: k }) =>
        sweep.pass === "reverse" ? row === user && k === sweep.operand(at) : row === user,
      )?.operand;
      if (operand === undefined) continue;
      const others = edges.filter((edge) => edge.curve !== curve).map((edge) => edge.curve);
      for (const content of contribution(trace, sweep, user, operand, at)) {
        const text = html("div", {}, ...content);
        labelLayer.append(text);
        const size = { width: text.offsetWidth, height: text.offsetHeight };
        const box = placeLabel(curve, size, taken, others, picture);
        if (!box) {
          text.remove();
          continue;
        }
        text.style.left = `${box.x - box.width / 2}px`;
        text.style.top = `${box.y - box.height / 2}px`;
        taken.push(box);
        break;
      }
    }
  }

  /** What the buttons hide of the drawing. @param {Area} visible @returns {Box} */
  function underControls({ right, bottom }) {
    const [width, height] = [CONTROLS.width / view.scale, CONTROLS.height / view.scale];
    return { x: right - width / 2, y: bottom - height / 2, width, height };
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

  // What the reader does

  panel.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      zoomBy(Math.exp(-event.deltaY / 300), [event.clientX - left, event.clientY - top]);
    },
    { passive: false },
  );

  /** Where a drag began. @type {{x: number, y: number, view: typeof view} | null} */
  let grip = null;
  let wasDragged = false;
  panel.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    grip = { x: event.clientX, y: event.clientY, view };
    wasDragged = false;
  });
  panel.addEventListener("pointermove", (event) => {
    if (!grip || event.buttons === 0) return;
    const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
    if (!wasDragged && Math.hypot(dx, dy) < DRAG_THRESHOLD) return;
    if (!wasDragged) panel.setPointerCapture(event.pointerId);
    wasDragged = true;
    mode = "free";
    moveTo({ scale: view.scale, x: grip.view.x + dx, y: grip.view.y + dy });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    panel.addEventListener(end, () => {
      grip = null;
    });
  }
  panel.addEventListener(
    "click",
    (event) => {
      if (wasDragged) event.stopPropagation();
      wasDragged = false;
    },
    { capture: true },
  );
  // A click goes to a step, and leaves the keys to the player.
  panel.addEventListener("mousedown", (event) => {
    event.preventDefault();
    /** @type {HTMLElement | null} */ (element.closest(".adviz"))?.focus({ preventScroll: true });
  });

  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (act(event.key)) event.preventDefault();
  });

  /** @param {string} key @returns {boolean} whether it means anything here */
  function act(key) {
    switch (key) {
      case "+":
      case "=":
        zoomBy(ZOOM_STEP);
        return true;
      case "-":
      case "−":
        zoomBy(1 / ZOOM_STEP);
        return true;
      case "s":
      case "S":
        setMode("step");
        return true;
      case "f":
      case "F":
        setMode("whole");
        return true;
      case "ArrowUp":
        return moveFocus(0, -1);
      case "ArrowDown":
        return moveFocus(0, 1);
      case "ArrowLeft":
        return moveFocus(-1, 0);
      case "ArrowRight":
        return moveFocus(1, 0);
      default:
        return false;
    }
  }

  /**
   * Moves the focus to the next card in a direction: up and down along links, where there are any.
   * @param {number} dx
   * @param {number} dy
   */
  function moveFocus(dx, dy) {
    if (!drawing) return false;
    const { places, links } = drawing;
    const from = [...drawing.cards].find(([, { element: e }]) => e === document.activeElement)?.[0];
    if (from === undefined) return false;
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
      if (along < 1 || (dx !== 0 && across > origin.height)) continue;
      const cost = along + 2 * across + (dy !== 0 && !linked.has(box) ? 1e6 : 0);
      if (cost < least) [best, least] = [box, cost];
    }
    const card = drawing.cards.get(best);
    if (!card) return true;
    for (const other of drawing.cards.values()) other.element.tabIndex = -1;
    card.element.tabIndex = 0;
    card.element.focus({ preventScroll: true });
    const { x, y, width, height } = /** @type {Box} */ (places.get(best));
    const [w, h] = [width / 2, height / 2];
    moveTo(following(view, { left: x - w, right: x + w, top: y - h, bottom: y + h }, room()));
    return true;
  }

  const resizing = new ResizeObserver(() => {
    if (!sweep) return;
    setView();
    placeLabels();
    markMap();
  });

  return {
    element,
    /** @param {Sweep} nextSweep @param {number} nextStep */
    show(nextSweep, nextStep) {
      [sweep, at] = [nextSweep, nextStep];
      elsewhere = -1;
      render();
    },
    /** Shows the whole graph. */
    fit: () => setMode("whole"),
    start: () => resizing.observe(element),
    stop: () => resizing.disconnect(),
  };
}

/** @param {string} text @param {string} title @param {() => void} act */
function control(text, title, act) {
  const button = html("button", { type: "button", tabindex: -1, "aria-label": title }, text);
  button.title = title;
  button.addEventListener("click", act);
  return button;
}

/**
 * What goes along an edge, as it may be written where there is room for it: v̄₁·v₀ = −4, or −4.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} user
 * @param {number} operand
 * @param {number} step
 * @returns {(Node | string)[][]}
 */
function contribution(trace, sweep, user, operand, step) {
  const amount =
    sweep.pass === "reverse"
      ? sweep.amount(step)
      : sweep.terms(user)[forwardTerms(trace, user).indexOf(operand)];
  const product = termFormula(trace, user, operand, ACCENTS[sweep.pass]);
  const isBrief = mathText(product).length <= LONGEST_PRODUCT;
  if (!isShort(amount)) return isBrief ? [[mathml(product)]] : [];
  const number = formatNumber(amount, trace.digits);
  return [...(isBrief ? [[mathml(product), ` = ${number}`]] : []), [number]];
}
