// @ts-check
/**
 * Plays a trace document: source, table, graph and formula of one step side by side. Hosts import
 * this module and player.css. What a document holds is shown as text only, so that documents need
 * not be trusted.
 *
 * Data flows one way: what the reader does changes the playhead (playhead.js), and all panes are
 * then shown anew from it.
 */
import { createAnnouncer } from "./announcer.js";
import { DocumentError } from "./documentChecks.js";
import { html } from "./dom.js";
import { capital } from "./english.js";
import { createGraph } from "./graph.js";
import { createHeader, signature } from "./header.js";
import { listenToKeys } from "./keyboard.js";
import { layOut } from "./layout.js";
import { createNotes } from "./notes.js";
import { createPlayhead } from "./playhead.js";
import { createPointing } from "./pointing.js";
import { createSource } from "./source.js";
import { announce, announceGroup, placeText } from "./speech.js";
import { createStep } from "./step.js";
import { usesOf } from "./sweeps.js";
import { createTable } from "./table.js";
import { readTrace } from "./traceDocument.js";
import { createTransport } from "./transport.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./playhead.js").Position} Position
 * @typedef {import("./keyboard.js").Command} Command
 * @typedef {Position & {onInputs?: import("./header.js").OnInputs}} Options  where the player
 *   opens, in place of what the document says; and who hears of other inputs, which can be typed
 *   only then
 */

/**
 * Shows a trace in `element`. Never throws: what is wrong with a document is said in place of the
 * player.
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
  const playhead = createPlayhead(trace, { ...trace.view, ...options });

  const header = createHeader(trace, playhead, choose, options.onInputs);
  const source = createSource(trace);
  const table = createTable(trace, playhead.folding, { toggle });
  const uses = usesOf(trace);
  const graph = createGraph(trace, playhead.folding, uses);
  const stepPane = createStep(trace, uses);
  const transport = createTransport(playhead, { goTo, paused: () => show(true) });
  const announcer = createAnnouncer();
  const notes = createNotes(trace);
  const layout = layOut(trace, `Evaluation trace of ${signature(trace)}`, {
    header: header.element,
    source: source.element,
    table: table.element,
    graph: graph.element,
    notes: notes.element,
    step: stepPane.element,
    transport: transport.element,
    announcements: announcer.element,
  });
  const { element } = layout;
  const pointing = createPointing(trace, playhead.folding, () =>
    playhead.sweep.user(playhead.step),
  );
  pointing.watch(element);
  element.addEventListener("click", (event) => {
    const target = pointing.targetOf(event.target);
    if (!target) return;
    if (target.group >= 0) pickGroup(target.group);
    else if (target.operand >= 0) pickUse(target.row, target.operand);
    else pickRow(target.row);
  });
  listenToKeys(element, transport.slider, perform);

  // What the reader does

  /** @param {Pass} pass @param {number[]} [direction] @param {number[]} [weights] */
  function choose(pass, direction, weights) {
    transport.pause();
    if (direction) playhead.setDirection(direction);
    if (weights) playhead.setWeights(weights);
    playhead.choose(pass);
    showSweep();
    show(true);
  }

  /**
   * Evaluates a live trace at other inputs; the reader stays at the same step.
   * @param {number[]} inputs
   * @returns {import("./evaluation.js").Obstacle | null}  why that is not possible: nothing changes
   */
  function changeInputs(inputs) {
    const obstacle = playhead.setInputs(inputs);
    if (!obstacle) showNumbers();
    return obstacle;
  }

  /** @param {number[]} direction */
  function changeDirection(direction) {
    playhead.setDirection(direction);
    showNumbers();
  }

  /** Other weights may lead the return sweep along other rows. @param {number[]} weights */
  function changeWeights(weights) {
    playhead.setWeights(weights);
    if (playhead.pass === "reverse") transport.setLength();
    if (playhead.pass === "reverse") table.setSweep(playhead.sweep, playhead.step);
    showNumbers();
  }

  /** @param {number} stop */
  function goTo(stop) {
    playhead.goTo(stop);
    table.show(playhead.step);
    show(true);
  }

  /** Folds or opens a call. @param {number} group */
  function toggle(group) {
    transport.pause();
    playhead.toggle(group);
    stepPane.reserve(playhead);
    transport.setLength();
    table.fold(playhead.step);
    show(true);
  }

  /** @param {number} slot */
  function pickRow(slot) {
    pick(playhead.stopOfRow(slot));
  }

  /** @param {number} group */
  function pickGroup(group) {
    pick(playhead.stopOfGroup(group));
  }

  /** @param {number} user @param {number} operand */
  function pickUse(user, operand) {
    pick(playhead.stopOfUse(user, operand));
  }

  /** @param {number} stop  −1 where the sweep does not come by */
  function pick(stop) {
    if (stop < 0) return;
    transport.pause();
    goTo(stop);
  }

  /** @param {Command} command @returns {boolean} whether there was anything to do */
  function perform(command) {
    switch (command) {
      case "first":
        goTo(0);
        return true;
      case "previous":
        goTo(playhead.stop - 1);
        return true;
      case "play":
        transport.togglePlaying();
        return true;
      case "next":
        goTo(playhead.stop + 1);
        return true;
      case "last":
        goTo(playhead.stopCount - 1);
        return true;
      case "open":
        return toggleIfAny(playhead.groupToOpen());
      case "close":
        return toggleIfAny(playhead.groupToClose());
    }
  }

  /** @param {number} group  −1 for none */
  function toggleIfAny(group) {
    if (group >= 0) toggle(group);
    return group >= 0;
  }

  // What is then shown

  function showSweep() {
    element.dataset.pass = playhead.pass;
    header.show();
    transport.setLength();
    stepPane.reserve(playhead);
    table.setSweep(playhead.sweep, playhead.step);
    layout.fit(table.wantedWidth());
    table.fold(playhead.step);
  }

  /** Lays everything out for another size of the player. */
  function resize() {
    stepPane.reserve(playhead);
    layout.fit(table.wantedWidth());
    table.resize();
    show(false);
  }

  /** Shows the same step with other numbers; nothing is announced and nothing scrolls. */
  function showNumbers() {
    header.show();
    notes.show();
    table.showNumbers(playhead.sweep, playhead.step);
    show(false);
  }

  /** Shows the step everywhere but in the table. @param {boolean} aloud  whether it is announced */
  function show(aloud) {
    const { sweep, step, group, pass } = playhead;
    source.show(sweep.user(step), pass !== "reverse", trace.groups[group] ?? null);
    graph.show(sweep, step);
    stepPane.show(sweep, step, group);
    const spoken = group < 0 ? announce(trace, sweep, step) : announceGroup(trace, sweep, group);
    transport.show(spoken);
    pointing.refresh();
    if (!aloud || transport.isPlaying()) return;
    const place = placeText(playhead.stop, playhead.stopCount);
    announcer.say(`${capital(place)}. ${spoken}.`);
  }

  return {
    element,
    position: playhead.position,
    changeInputs,
    changeDirection,
    changeWeights,
    start() {
      notes.show();
      showSweep();
      show(false);
      layout.watch(resize);
      graph.start();
    },
    stop() {
      transport.stop();
      layout.stop();
      graph.stop();
    },
  };
}
