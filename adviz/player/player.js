// @ts-check
/**
 * Plays a trace document: source, table, graph and formula of one step side by side. Hosts import this module and
 * player.css; what is shown comes out of the document as text only, so documents need not be trusted.
 */

import { DocumentError } from "./documentChecks.js";
import { html, svg } from "./dom.js";
import { createFolding } from "./folding.js";
import { createGraph } from "./graph.js";
import { accented, mathText } from "./math.js";
import { formatNumber } from "./number.js";
import { announce, announceGroup, speak } from "./prose.js";
import { createSource } from "./source.js";
import { createStep } from "./step.js";
import { sweepOf, usesOf } from "./sweeps.js";
import { createTable } from "./table.js";
import { readTrace } from "./traceDocument.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {{pass?: Pass, input?: number, output?: number, step?: number, closed?: number[]}} Position  steps count from 1, in
 *   the whole sweep; closed: the groups that are folded
 * @typedef {Position & {onInputs?: (values: (number | null)[]) => void}} Options  where the player opens, in place of what the
 *   document says; and who is told when somebody types other inputs, which can be typed only then (null for an array)
 */

const SECONDS_A_STEP = 1;
const SECONDS_BETWEEN_ANNOUNCEMENTS = 3;
const MOST_INPUTS_SHOWN = 8;
const MOST_NOTES = 20;
const MOST_CHOICES = 1000;
const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  previous: "M12 3v10L4 8z",
  play: "M4 2.5v11L13.5 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4 3v10l8-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
};

/**
 * Shows a trace in `element`. Never throws: what is wrong with a document is said in place of the player.
 * @param {Element} element
 * @param {unknown} document
 * @param {Options} [options]
 * @returns {{position(): Position, destroy(): void}}
 */
export function mount(element, document, options = {}) {
  try {
    const player = createPlayer(readTrace(document), options);
    element.replaceChildren(player.element);
    player.start();
    return {
      position: player.position,
      destroy() {
        player.stop();
        element.replaceChildren();
      },
    };
  } catch (error) {
    const sentence =
      error instanceof DocumentError
        ? error.message
        : "This trace cannot be shown: it is not a trace document.";
    element.replaceChildren(
      html("div", { class: "adviz" }, html("p", { class: "adviz-problem" }, sentence)),
    );
    return { position: () => ({}), destroy: () => element.replaceChildren() };
  }
}

/** @param {Trace} trace @param {Options} options */
function createPlayer(trace, options) {
  // Counting would not do: a page can hold several copies of this module, one for each live player.
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  const opening = { ...trace.view, ...options };
  const uses = usesOf(trace);

  let pass = ["primal", "forward", "reverse"].includes(opening.pass)
    ? opening.pass
    : trace.view.pass;
  let input = within(opening.input, trace.inputs.length);
  let output = within(opening.output, trace.outputs.length);
  let sweep = sweepOf(trace, pass, pass === "reverse" ? output : input);
  const folding = createFolding(trace, options.closed ?? null);
  // The reader goes from stop to stop: every step, but for those inside a folded call.
  let stops = folding.stops(sweep);
  let at = stopOf(within((options.step ?? 1) - 1, sweep.length));
  let explanation = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let announced = 0;

  const source = createSource(trace);
  const table = createTable(trace, folding, { pickRow, pickGroup, toggle });
  const graph = createGraph(trace, folding, { pickRow, pickGroup });
  const current = createStep(trace, uses);
  const live = html("div", { class: "adviz-unseen", role: "status" });

  const seeds = choice(
    "seed",
    trace.inputs.map((i, slot) => seedText(i, "˙", "tangent", trace.values[slot])),
    input,
    (i) => choose(pass, i, output),
  );
  const pulls = choice(
    "pull back",
    trace.outputs.map((o) => seedText(o, "¯", "adjoint", trace.values[o.row])),
    output,
    (o) => choose(pass, input, o),
  );
  const passes = html(
    "div",
    { class: "adviz-passes", role: "radiogroup", "aria-label": "Pass" },
    ...["primal", "forward", "reverse"].map((name) => {
      const radio = html("input", { type: "radio", name: id, value: name, checked: name === pass });
      radio.addEventListener("change", () => choose(/** @type {Pass} */ (name), input, output));
      return html(
        "label",
        {},
        radio,
        html("span", {}, name.charAt(0).toUpperCase() + name.slice(1)),
      );
    }),
  );
  const hidden = trace.inputs.length - MOST_INPUTS_SHOWN;
  const names = trace.inputs.slice(0, MOST_INPUTS_SHOWN).map((i) => i.text);
  const signature = `${trace.function}(${[...names, ...(hidden > 0 ? ["…"] : [])].join(", ")})`;
  const header = html(
    "div",
    { class: "adviz-bar" },
    html("span", { class: "adviz-name" }, signature),
    passes,
    seeds,
    pulls,
    ...trace.inputs
      .slice(0, MOST_INPUTS_SHOWN)
      .map(({ text }, slot) => inputField(trace, text, slot, options.onInputs)),
    ...(hidden > 0 ? [html("span", { class: "adviz-field" }, `… ${hidden} more`)] : []),
  );

  const first = transport("First", "first", () => go(0));
  const previous = transport("Previous", "previous", () => go(at - 1));
  const play = transport("Play", "play", () =>
    timer === undefined ? startPlaying() : stopPlaying(),
  );
  const next = transport("Next", "next", () => go(at + 1));
  const last = transport("Last", "last", () => go(stops.length - 1));
  play.classList.add("adviz-play");
  const scrubber = /** @type {HTMLInputElement} */ (
    html("input", { type: "range", min: 1, max: 1, step: 1, "aria-label": "Step" })
  );
  scrubber.addEventListener("input", () => go(Number(scrubber.value) - 1));
  // Announcing is the live region's part: an output element would be a second one.
  const position = html("output", { role: "none" });
  const controls = html(
    "div",
    { class: "adviz-transport", role: "group", "aria-label": "Step through the trace" },
    html("span", { class: "adviz-buttons" }, first, previous, play, next, last),
    scrubber,
    position,
  );

  const element = html(
    "div",
    {
      class: "adviz",
      role: "group",
      "aria-label": `Evaluation trace of ${signature}`,
      tabindex: -1,
      "data-arrays": trace.sweeps !== null,
    },
    html(
      "div",
      { class: "adviz-frame" },
      header,
      html(
        "div",
        { class: "adviz-main" },
        html(
          "div",
          { class: "adviz-left" },
          source.element,
          html(
            "div",
            { class: "adviz-panel" },
            html("div", { class: "adviz-heading" }, "Trace"),
            table.element,
          ),
        ),
        graph.element,
      ),
      current.element,
      ...(trace.notes.length > 0
        ? [
            html(
              "div",
              { class: "adviz-notes" },
              ...trace.notes.slice(0, MOST_NOTES).map((note) => html("p", {}, note)),
            ),
          ]
        : []),
      controls,
      live,
    ),
  );
  element.addEventListener("keydown", onKey);
  let width = 0;
  const observer = new ResizeObserver(([entry]) => {
    if (entry.contentRect.width === width) return;
    width = entry.contentRect.width;
    current.release();
    table.resize();
    show(false);
  });

  /** @param {Pass} nextPass @param {number} nextInput @param {number} nextOutput */
  function choose(nextPass, nextInput, nextOutput) {
    stopPlaying();
    [pass, input, output] = [nextPass, nextInput, nextOutput];
    sweep = sweepOf(trace, pass, pass === "reverse" ? output : input);
    stops = folding.stops(sweep);
    at = 0;
    current.release();
    showSweep();
    show(true);
  }

  /** @param {number} wanted  a stop */
  function go(wanted) {
    at = within(wanted, stops.length);
    table.show(stops[at]);
    show(true);
  }

  /** The stop at or after a step: where a folded call is left. @param {number} step */
  function stopOf(step) {
    return within(
      stops.findIndex((stop) => stop >= step),
      stops.length,
    );
  }

  /**
   * Opens or closes a group. The reader stays where the sweep is, or where it leaves what was closed; who opens the call that
   * is being passed goes to its beginning.
   * @param {number} group
   */
  function toggle(group) {
    stopPlaying();
    const isPassed = folding.groupAt(sweep, stops[at]) === group;
    const step = isPassed && at > 0 ? stops[at - 1] + 1 : isPassed ? 0 : stops[at];
    folding.toggle(group);
    stops = folding.stops(sweep);
    at = stopOf(step);
    current.release();
    setLength();
    table.fold(stops[at]);
    show(true);
  }

  /** What opens the call that is being passed, if one is. */
  function stepIn() {
    const group = folding.groupAt(sweep, stops[at]);
    return group < 0 ? undefined : () => toggle(group);
  }

  /** What closes the innermost call that the step is inside of, if there is one. */
  function stepOut() {
    const [slot, passed] = [sweep.user(stops[at]), folding.groupAt(sweep, stops[at])];
    const group = trace.groups.findLastIndex(({ start, stop }, g) => {
      return start <= slot && slot < stop && (passed < 0 ? !folding.isClosed(g) : g < passed);
    });
    return group < 0 ? undefined : () => toggle(group);
  }

  /** @param {number} slot */
  function pickRow(slot) {
    const wanted = sweep.stepOf(slot);
    if (wanted < 0) return;
    stopPlaying();
    go(stopOf(wanted));
  }

  /** @param {number} group */
  function pickGroup(group) {
    const wanted = stops.findIndex((step) => folding.groupAt(sweep, step) === group);
    if (wanted < 0) return;
    stopPlaying();
    go(wanted);
  }

  function showSweep() {
    element.dataset.pass = pass;
    seeds.hidden = pass !== "forward";
    pulls.hidden = pass !== "reverse";
    setLength();
    table.setSweep(sweep, stops[at]);
  }

  function setLength() {
    const { length } = stops;
    scrubber.max = String(length);
    position.style.minWidth = `${`step ${length} of ${length} · ${mode()}`.length - 2}ch`;
  }

  /** The pass, and whether steps are left out of it. */
  function mode() {
    return stops.length < sweep.length ? `${pass}, folded` : pass;
  }

  /** Everything but the table shows the step. @param {boolean} aloud */
  function show(aloud) {
    const step = stops[at];
    const group = folding.groupAt(sweep, step);
    source.show(sweep.user(step), pass !== "reverse", trace.groups[group] ?? null);
    graph.show(sweep, step);
    explanation = current.show(sweep, step, group);
    scrubber.value = String(at + 1);
    scrubber.style.setProperty(
      "--adviz-part",
      stops.length > 1 ? `${(100 * at) / (stops.length - 1)}%` : "100%",
    );
    const place = `step ${at + 1} of ${stops.length}`;
    const spoken = group < 0 ? announce(trace, sweep, step) : announceGroup(trace, sweep, group);
    scrubber.setAttribute("aria-valuetext", `${place}, ${mode()}: ${spoken}`);
    position.textContent = `${place} · ${mode()}`;
    for (const button of [first, previous]) button.setAttribute("aria-disabled", String(at === 0));
    for (const button of [next, last])
      button.setAttribute("aria-disabled", String(at === stops.length - 1));
    if (!aloud) return;
    const now = Date.now();
    if (timer !== undefined && now - announced < 1000 * SECONDS_BETWEEN_ANNOUNCEMENTS) return;
    announced = now;
    live.textContent = `${place}, ${mode()}. ${spoken}. ${speak(explanation)}`;
  }

  function startPlaying() {
    if (at === stops.length - 1) go(0);
    setPlayButton("Pause", "pause");
    const tick = () => {
      timer = setTimeout(() => {
        if (at < stops.length - 1) {
          tick();
          go(at + 1);
        }
        if (at === stops.length - 1) stopPlaying();
      }, 1000 * SECONDS_A_STEP);
    };
    tick();
  }

  function stopPlaying() {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    setPlayButton("Play", "play");
    show(true);
  }

  /** @param {string} name @param {"play" | "pause"} icon */
  function setPlayButton(name, icon) {
    play.setAttribute("aria-label", name);
    play.replaceChildren(iconOf(icon));
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A notebook around the player has keys of its own, some of which delete cells: none is typed at it from in here.
    event.stopPropagation();
    const target = /** @type {HTMLElement} */ (event.target);
    const steps = event.key === "Enter" || event.key === "Escape"; // into a call and out of it: keys that no slider has
    if (
      event.defaultPrevented ||
      (target.matches("input, select") && !(steps && target === scrubber))
    )
      return;
    const scrolls =
      target.scrollWidth > target.clientWidth && target.classList.contains("adviz-scroll");
    /** @type {Record<string, (() => void) | undefined>} */
    const actions = {
      ArrowLeft: scrolls ? undefined : () => go(at - 1),
      ArrowRight: scrolls ? undefined : () => go(at + 1),
      Home: () => go(0),
      End: () => go(stops.length - 1),
      " ": target.matches("button") ? undefined : () => play.click(),
      Enter: target.matches("button, a, summary") ? undefined : stepIn(),
      Escape: stepOut(),
    };
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (!action) return;
    event.preventDefault();
    action();
  }

  return {
    element,
    position: () => ({ pass, input, output, step: stops[at] + 1, closed: folding.closed() }),
    start() {
      showSweep();
      show(false);
      observer.observe(element);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      observer.disconnect();
    },
  };
}

/**
 * An input's value: a text, or a field where somebody listens for other inputs.
 * @param {Trace} trace
 * @param {string} text
 * @param {number} slot
 * @param {Options["onInputs"]} onInputs
 */
function inputField(trace, text, slot, onInputs) {
  const present = trace.values[slot];
  if (!onInputs || typeof present === "object") {
    return html(
      "span",
      { class: "adviz-field" },
      `${text} `,
      html("b", {}, formatNumber(present, trace.digits)),
    );
  }
  const numbers = trace.inputs.map((_, k) =>
    typeof trace.values[k] === "number" ? Number(trace.values[k]) : null,
  );
  const field = /** @type {HTMLInputElement} */ (
    html("input", { type: "number", step: "any", value: present })
  );
  field.addEventListener("change", () => {
    const value = field.valueAsNumber;
    if (Number.isFinite(value)) onInputs(numbers.map((number, k) => (k === slot ? value : number)));
    else field.value = String(present);
  });
  return html("label", { class: "adviz-field" }, `${text} `, field);
}

/**
 * A choice among seeds; with one alone there is nothing to choose.
 * @param {string} name
 * @param {string[]} texts
 * @param {number} chosen
 * @param {(i: number) => void} pick
 */
function choice(name, texts, chosen, pick) {
  if (texts.length === 1)
    return html("span", { class: "adviz-field" }, `${name} `, html("b", {}, texts[0]));
  const select = /** @type {HTMLSelectElement} */ (html("select"));
  for (const [i, text] of texts.slice(0, MOST_CHOICES).entries()) {
    select.append(html("option", { value: i }, text));
  }
  select.selectedIndex = chosen;
  select.addEventListener("change", () => pick(select.selectedIndex));
  return html("label", { class: "adviz-field" }, `${name} `, select);
}

/**
 * ẋ₁ = 1; a longer name, which an accent would not cover, is said in words.
 * @param {{math: unknown, text: string}} variable
 * @param {string} accent
 * @param {string} word
 * @param {import("./trace.js").Quantity} value
 */
function seedText({ math, text }, accent, word, value) {
  const short = /^.[₀-₉]*$/u.test(text);
  const one = typeof value === "number" ? "1" : "ones";
  return short ? `${mathText(accented(math, accent))} = ${one}` : `${word} of ${text} = ${one}`;
}

/** @param {string} name @param {keyof typeof ICONS} icon @param {() => void} act */
function transport(name, icon, act) {
  const button = html("button", { type: "button", "aria-label": name }, iconOf(icon));
  button.addEventListener("click", act);
  return button;
}

/** @param {keyof typeof ICONS} icon */
function iconOf(icon) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": true },
    svg("path", { d: ICONS[icon] }),
  );
}

/** @param {number} i @param {number} length */
function within(i, length) {
  return Math.min(length - 1, Math.max(0, Math.trunc(i) || 0));
}
