// @ts-check
/** The question that a step puts, the field for the answer, and what is said of it. */
import { readEntry } from "./answerEntry.js";
import { focusableIfScrolling, html, unseen } from "./dom.js";
import { boundary } from "./folding.js";
import { equation, groupEquation } from "./formulas.js";
import { mathml, mathText, mo } from "./math.js";
import { formatNumber } from "./number.js";
import { asked, derivation, explainWrong, question } from "./predictionProse.js";
import { expected } from "./predictions.js";
import { explain, explainGroup } from "./prose.js";
import { speak } from "./speech.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./playhead.js").Playhead} Playhead
 * @typedef {import("./predictionProse.js").Remark} Remark
 * @typedef {ReturnType<typeof import("./predictions.js").createPredictions>} Predictions
 */

const SIGNS = { right: "✓", wrong: "✗", told: "i" };
/** What stands in the field behind an answer. */
const MARKS = { "": "", given: "", first: "✓", later: "2nd", shown: "shown" };

/**
 * @param {Trace} trace
 * @param {Playhead} playhead
 * @param {Predictions} predictions
 * @param {(slot: number) => number[]} uses
 * @param {object} reader
 * @param {() => void} reader.answered  the question is settled, and its number may be shown
 * @param {() => void} reader.goOn
 * @param {(text: string) => void} reader.say  to who listens
 */
export function createPredictPane(trace, playhead, predictions, uses, { answered, goOn, say }) {
  // A page can hold several copies of this module.
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  const formula = html("div", {
    class: "adviz-scroll adviz-equation",
    role: "group",
    "aria-label": "Formula",
  });
  const formulaButton = button("", "adviz-show-formula", showFormula);
  const ask = html("p", { class: "adviz-question-text" });
  const verdict = html("div", { class: "adviz-verdict", id });
  const field = /** @type {HTMLInputElement} */ (
    html("input", {
      type: "text",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      "aria-describedby": id,
    })
  );
  const name = html("span", { class: "adviz-answer-name" });
  const sign = html("span", { class: "adviz-answer-sign", "aria-hidden": true });
  const checkButton = button("Check", "adviz-chief", checkAnswer);
  const tellButton = button("Show", "", tell);
  const nextButton = button("Next", "adviz-chief", goOn);
  const answer = html(
    "div",
    { class: "adviz-answer" },
    html("label", {}, name, html("span", { class: "adviz-answer-field" }, field, sign)),
    html("span", { class: "adviz-answer-buttons" }, checkButton, tellButton, nextButton),
  );
  const element = html(
    "div",
    { class: "adviz-step adviz-predict", role: "group", "aria-label": "Prediction" },
    html(
      "div",
      { class: "adviz-asking" },
      formula,
      html("div", { class: "adviz-ask" }, ask, formulaButton),
    ),
    answer,
    verdict,
  );
  let topic = "";
  let isFormulaShown = false;
  /** @type {Remark[]} */
  let remarks = [];
  let [reserved, width] = [0, 0];

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (field.readOnly) goOn();
    else checkAnswer();
  });
  // Who types again has read what was said: it stays, but is no verdict on the new answer.
  field.addEventListener("input", () => showState("asked"));

  function showFormula() {
    isFormulaShown = true;
    show();
    focusField();
  }

  function checkAnswer() {
    const entry = readEntry(field.value);
    const { sweep, step } = playhead;
    if (!entry) {
      const first = field.value.trim() === "" ? "Type a number." : "That is not a number.";
      return remark([{ mark: "told", first, rest: "Arithmetic is welcome: −1/3, 0.25, 2*ln(3)." }]);
    }
    const { verdict: found, reasons } = predictions.answer(entry);
    if (found === "right") {
      return settle([{ mark: "right", first: "Right.", rest: derivation(trace, sweep, step) }]);
    }
    if (found === "coarse") {
      const rest = "Give at least three digits.";
      return remark([{ mark: "told", first: "Right so far.", rest }]);
    }
    return remark(explainWrong(trace, sweep, uses, step, reasons));
  }

  function tell() {
    predictions.tell();
    const { sweep, step } = playhead;
    settle([{ mark: "told", first: "", rest: derivation(trace, sweep, step) }]);
  }

  /** What is said of an answer that is not accepted. @param {Remark[]} said */
  function remark(said) {
    remarks = said;
    show();
    sayRemarks();
    focusField();
  }

  /** The question is answered. @param {Remark[]} said */
  function settle(said) {
    remarks = said;
    answered();
    sayRemarks();
    nextButton.focus();
  }

  function sayRemarks() {
    say(speak(remarks.map(({ first, rest }) => `${first} ${rest}`.trim()).join(" ")));
  }

  /** Selects what stands in the field, so that typing is trying again. */
  function focusField() {
    field.focus();
    field.select();
  }

  /** @param {"asked" | "wrong" | "right" | "shown" | "given"} state */
  function showState(state) {
    element.dataset.state = state;
    checkButton.textContent = state === "wrong" ? "Try again" : "Check";
    if (state === "wrong") field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    const { step } = playhead;
    sign.textContent = state === "wrong" ? "✗" : MARKS[predictions.markOf(step)];
  }

  /** @returns {boolean} whether it leaves the step itself to the pane for that: arrays are not asked */
  function show() {
    const { sweep, step, group } = playhead;
    const isAsked = predictions.isAsked(step);
    const mark = predictions.markOf(step);
    const isAnswered = mark === "first" || mark === "later" || mark === "shown";
    const isBeside = trace.sweeps !== null && !isAsked && !isAnswered;
    element.classList.toggle("adviz-beside", isBeside);
    const present = [sweep.pass, step, expected(sweep, step)].join();
    if (present !== topic) {
      [topic, isFormulaShown, remarks] = [present, false, []];
      field.value = "";
    }
    const around = group < 0 ? null : boundary(trace, uses, group);
    const sides = around
      ? groupEquation(trace, sweep, group, around)
      : equation(trace, sweep, step);
    // The rule comes first, then the formula, at last the number.
    const mayShow = isAsked && sides.length > 2;
    const most = isAsked ? (mayShow && isFormulaShown ? 2 : 1) : sides.length;
    formula.replaceChildren(...sides.slice(0, most).map((side) => mathml(side)));
    focusableIfScrolling(formula);
    formulaButton.textContent = sweep.pass === "primal" ? "Show the numbers" : "Show the formula";
    formulaButton.hidden = !mayShow || isFormulaShown;
    ask.textContent = isAsked ? question(trace, sweep, step) : "Arrays and seeds are not asked.";
    ask.hidden = !isAsked && !isBeside;

    const lines = remarks.map(remarkLine);
    if (!isAsked) {
      const text = around
        ? `${explainGroup(trace, sweep, group, around)} A folded call is not asked.`
        : explain(trace, sweep, uses, step);
      lines.push(html("p", { class: "adviz-words" }, text));
    }
    if (!isAsked && playhead.isLast) lines.push(...tallyLines(predictions.tally()));
    verdict.replaceChildren(...lines);

    if (isAnswered) field.value = formatNumber(expected(sweep, step), trace.digits);
    field.readOnly = !isAsked;
    answer.classList.toggle("adviz-given", !isAsked && !isAnswered);
    checkButton.hidden = tellButton.hidden = !isAsked;
    nextButton.hidden = isAsked;
    nextButton.setAttribute("aria-disabled", String(playhead.isLast));
    const target = asked(trace, sweep, step);
    const symbols = html("span", { "aria-hidden": true });
    symbols.append(mathml(target, mo("=")));
    name.replaceChildren(symbols, unseen(speak(mathText(target))));
    const isWrong = isAsked && remarks.some((said) => said.mark === "wrong");
    showState(
      isAsked
        ? isWrong
          ? "wrong"
          : "asked"
        : mark === "shown"
          ? "shown"
          : isAnswered
            ? "right"
            : "given",
    );
    if (!isBeside) reserve();
    return isBeside;
  }

  /** What is below must not move from answer to answer: the pane stays as high as it has been. */
  function reserve() {
    if (element.offsetWidth !== width) {
      [reserved, width] = [0, element.offsetWidth];
      element.style.minHeight = "";
    }
    if (element.offsetHeight <= reserved) return;
    reserved = element.offsetHeight;
    element.style.minHeight = `${reserved}px`;
  }

  return {
    element,
    show,
    /** Puts the cursor where the answer is typed, or on what leads on. */
    focus() {
      if (predictions.isAsked(playhead.step)) focusField();
      else nextButton.focus();
    },
  };
}

/** @param {Remark} remark */
function remarkLine({ mark, first, rest }) {
  const parts = first ? [html("b", {}, first), ` ${rest}`] : [rest];
  return html(
    "p",
    { class: "adviz-remark", "data-mark": mark },
    html("span", { class: "adviz-remark-sign", "aria-hidden": true }, SIGNS[mark]),
    html("span", {}, ...parts),
  );
}

/** What the whole pass came to. @param {import("./predictions.js").Tally} tally */
function tallyLines({ first, later, shown }) {
  const all = first + later + shown;
  if (all === 0) return [];
  const parts = [
    `${first} of ${all} at the first try`,
    ...(later > 0 ? [`${later} at a later one`] : []),
    ...(shown > 0 ? [`${shown} shown`] : []),
  ];
  return [html("p", { class: "adviz-words" }, `${parts.join(", ")}.`)];
}

/** @param {string} text @param {string} className @param {() => void} act */
function button(text, className, act) {
  const element = html("button", { type: "button", class: className }, text);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") act();
  });
  return element;
}
