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
import { focusedFrom, html } from "./dom.js";
import { capital } from "./english.js";
import { createFolding } from "./folding.js";
import { createGraph } from "./graph.js";
import { createHeader, signature } from "./header.js";
import { listenToKeys } from "./keyboard.js";
import { layOut } from "./layout.js";
import { createNotes } from "./notes.js";
import { createPassChips } from "./passChips.js";
import { createPlayhead } from "./playhead.js";
import { createPointing } from "./pointing.js";
import { question } from "./predictionProse.js";
import { createPredictions } from "./predictions.js";
import { createPredictPane } from "./predictPane.js";
import { createPredictSwitch } from "./predictSwitch.js";
import { createSource } from "./source.js";
import { announce, announceGroup, announcePass, placeText, speak } from "./speech.js";
import { createStep } from "./step.js";
import { unit, usesOf } from "./sweeps.js";
import { createTable } from "./table.js";
import { readTrace } from "./traceDocument.js";
import { createTransport } from "./transport.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Pass} Pass
 * @typedef {import("./playhead.js").Position} Position
 * @typedef {import("./keyboard.js").Command} Command
 * @typedef {object} Host
 * @property {boolean} [predict]  whether the reader predicts
 * @property {import("./predictions.js").Answers} [answers]  to what was asked before
 * @property {import("./call.js").OnInputs} [onInputs]  a kernel, which traces what the page cannot
 *   compute
 * @property {() => void} [onMove]  hears that the position may be another one
 * @property {() => string} [link]  the address of the page at this position
 * @typedef {Position & Host} Options  where the player opens, in place of what the document says
 */

/** Room for the words of other steps is made when a number has come to rest: it takes long. */
const REST_MILLISECONDS = 250;

/**
 * Shows a trace in `element`. Never throws: what is wrong with a document is said in place of the
 * player.
 * @param {Element} element
 * @param {unknown} document
 * @param {Options} [options]
 * @returns {{position(): Position, opening: Position, destroy(): void}}  opening: where the document
 *   opens
 */
export function mount(element, document, options = {}) {
  try {
    const player = createPlayer(readTrace(document), options);
    element.replaceChildren(player.element);
    player.start();
    return {
      position: player.position,
      opening: player.opening,
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
    return { position: () => ({}), opening: {}, destroy: () => element.replaceChildren() };
  }
}

/** @param {Trace} trace @param {Options} options */
function createPlayer(trace, options) {
  const opening = {
    inputs: trace.inputs.map((_, slot) => Number(trace.values[slot])),
    direction: unit(trace.view.input, trace.inputs.length),
    weights: unit(trace.view.output, trace.outputs.length),
    closed: createFolding(trace, null).closed(),
  };
  const playhead = createPlayhead(trace, { ...trace.view, ...options });

  const header = createHeader(
    trace,
    playhead,
    {
      choose,
      setInputs: changeInputs,
      setDirection: changeDirection,
      setWeights: changeWeights,
      reset,
      markTest: (site) => {
        source.ask(site);
        show(false);
      },
      markedTest: () => source.element.querySelector(".adviz-asked"),
      say: (text) => announcer.say(text),
      link: options.link ?? null,
    },
    options.onInputs,
  );
  const source = createSource(trace);
  const chips = createPassChips(trace, source.lineOf, (pass) => pick(playhead.stopOfPass(pass)));
  const table = createTable(trace, playhead.folding, { toggle });
  const uses = usesOf(trace);
  const graph = createGraph(trace, playhead.folding, uses);
  const stepPane = createStep(trace, uses, (text) => announcer.say(text));
  const predictions = createPredictions(
    trace,
    playhead,
    options.predict ?? trace.view.predict,
    options.answers,
  );
  const predictPane = createPredictPane(trace, playhead, predictions, uses, {
    answered: () => showAnswered(),
    goOn: () => goTo(playhead.stop + 1),
    say: (text) => announcer.say(text),
  });
  const predictSwitch = createPredictSwitch(predict);
  const transport = createTransport(trace, playhead, {
    goTo,
    paused: () => show(true),
    isHeld: () => predictions.isAsked(playhead.step),
  });
  const announcer = createAnnouncer();
  const notes = createNotes(trace);
  const layout = layOut(trace, `Evaluation trace of ${signature(trace)}`, {
    header: header.element,
    source: source.element,
    table: table.element,
    graph: graph.element,
    notes: notes.element,
    step: html("div", {}, stepPane.element, predictPane.element),
    transport: transport.element,
    announcements: announcer.element,
  });
  const { element } = layout;
  header.end.append(predictSwitch.element);
  transport.element.append(predictSwitch.tally);
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

  /** @param {Pass} pass */
  function choose(pass) {
    transport.pause();
    playhead.choose(pass);
    predictions.begin();
    showSweep();
    show(true);
  }

  function reset() {
    if (trace.isLive) changeInputs(opening.inputs);
    changeDirection(opening.direction);
    changeWeights(opening.weights);
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
    predictions.begin();
    if (playhead.pass === "reverse") {
      transport.setLength();
      table.setSweep(predictions.sweep, playhead.step);
      table.fold(playhead.step, true);
    }
    showNumbers();
  }

  /** @param {number} stop */
  function goTo(stop) {
    const focused = focusedFrom(element);
    const isFoldedAnew = playhead.goTo(stop);
    predictions.follow();
    if (isFoldedAnew) table.fold(playhead.step);
    else table.show(playhead.step);
    show(true);
    layout.keepInSight(table.element.querySelector("[aria-current]"));
    if (predictions.isOn) ask(focused);
  }

  /** Asks from the next step on, or no longer. @param {boolean} on */
  function predict(on) {
    transport.pause();
    if (on && playhead.isLast) playhead.goTo(0);
    predictions.turn(on);
    showSweep();
    show(true);
  }

  /**
   * Brings the focus to the field when a question comes, unless the slider is being moved.
   * @param {Element | null} focused  what had it before
   */
  function ask(focused) {
    const isAsked = predictions.isAsked(playhead.step);
    if (isAsked) transport.pause();
    if (!element.contains(focused) || focused === transport.slider) return;
    if (isAsked || predictPane.element.contains(focused)) predictPane.focus();
  }

  /** The number that was asked for stands everywhere now. */
  function showAnswered() {
    table.show(playhead.step);
    show(false);
  }

  /** Folds or opens a call. @param {number} group */
  function toggle(group) {
    transport.pause();
    playhead.toggle(group);
    predictions.follow();
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
        transport.move(-1);
        return true;
      case "play":
        transport.togglePlaying();
        return true;
      case "next":
        transport.move(1);
        return true;
      case "last":
        goTo(playhead.stopCount - 1);
        return true;
      case "group before":
        goTo(playhead.stopOfGroupAfter(-1));
        return true;
      case "next group":
        goTo(playhead.stopOfGroupAfter(1));
        return true;
      case "open":
        return toggleIfAny(playhead.groupToOpen());
      case "close":
        return toggleIfAny(playhead.groupToClose());
      case "pass before":
        return changePass(-1);
      case "next pass":
        return changePass(1);
      case "predict":
        predict(!predictions.isOn);
        return true;
      case "fit":
        graph.fit();
        return true;
    }
  }

  /** @param {number} by */
  function changePass(by) {
    const { passes } = trace.view;
    const pass = passes[passes.indexOf(playhead.pass) + by];
    if (pass) choose(pass);
    return pass !== undefined;
  }

  /** @param {number} group  −1 for none */
  function toggleIfAny(group) {
    if (group >= 0) toggle(group);
    return group >= 0;
  }

  // What is then shown

  /** The pass of a loop that was announced last; −1 for none. */
  let passNow = -1;
  /** Until numbers that are being changed have come to rest. @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;

  function showSweep() {
    element.dataset.pass = playhead.pass;
    header.show();
    transport.setLength();
    stepPane.reserve(playhead);
    table.setSweep(predictions.sweep, playhead.step);
    layout.fit(table.wantedWidth());
    table.fold(playhead.step, true);
  }

  /** Lays everything out for another size of the player. */
  function resize() {
    stepPane.reserve(playhead);
    layout.fit(table.wantedWidth());
    table.resize();
    header.place();
    show(false);
  }

  /** Shows the same step with other numbers; nothing is announced and nothing scrolls. */
  function showNumbers() {
    clearTimeout(rest);
    rest = setTimeout(() => {
      stepPane.reserve(playhead, true);
      show(false);
    }, REST_MILLISECONDS);
    predictions.begin();
    header.show();
    notes.show();
    table.showNumbers(predictions.sweep, playhead.step);
    show(false);
    table.widen();
  }

  /** Shows the step everywhere but in the table. @param {boolean} aloud  whether it is announced */
  function show(aloud) {
    const { step, group, pass } = playhead;
    const { sweep, isOn } = predictions;
    source.show(sweep.user(step), pass !== "reverse", trace.groups[group] ?? null);
    graph.show(sweep, step);
    element.toggleAttribute("data-predict", isOn);
    predictPane.element.hidden = !isOn;
    stepPane.element.hidden = isOn && !predictPane.show();
    if (!stepPane.element.hidden) stepPane.show(sweep, step, group);
    predictSwitch.show(isOn, predictions.tally());
    header.hideResult(predictions.keepsResult());
    const spoken = predictions.isAsked(step)
      ? speak(question(trace, playhead.sweep, step))
      : group < 0
        ? announce(trace, sweep, step)
        : announceGroup(trace, sweep, group);
    const around = playhead.folding.groupsAround(
      group < 0 ? sweep.row(step) : trace.groups[group].start,
    );
    const innermost = around.find((g) => trace.groups[g].loop) ?? -1;
    chips.show(around);
    transport.showMarks(isOn ? predictions.markOf : null);
    transport.show(spoken, innermost < 0 ? "" : trace.groups[innermost].values);
    options.onMove?.();
    pointing.refresh();
    // Sizes are read after everything is written: the browser then lays the page out only once.
    if (!stepPane.element.hidden) stepPane.fit();
    source.follow();
    graph.placeLabels();
    if (!aloud || transport.isPlaying()) return;
    const place = placeText(playhead.stop, playhead.stopCount);
    const entered =
      innermost >= 0 && innermost !== passNow ? `${announcePass(trace, innermost)}. ` : "";
    passNow = innermost;
    announcer.say(`${entered}${capital(place)}. ${spoken}${/[.?]$/.test(spoken) ? "" : "."}`);
  }

  return {
    element,
    position: () => ({ ...playhead.position(), ...predictions.kept() }),
    opening,
    changeInputs,
    changeDirection,
    changeWeights,
    start() {
      notes.show();
      showSweep();
      show(false);
      layout.watch(resize, table.print);
      graph.start();
    },
    stop() {
      clearTimeout(rest);
      transport.stop();
      layout.stop();
      graph.stop();
    },
  };
}
