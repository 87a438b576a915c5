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
const MARK_TEXTS = { "": "", given: "", first: "✓", later: "2nd", shown: "shown" };

/**
 * @param {Trace} trace
 * @param {Playhead} playhead
 * @param {Predictions} predictions
 * @param {(slot: number) => number[]} uses
 * @param {object} reader  what the reader does
 * @param {() => void} reader.answered  the question is settled, so that its number may be shown
 * @param {() => void} reader.goOn
 * @param {(text: string) => void} reader.say  to who listens
 */
export function createPredictPane(trace, playhead, predictions, uses, { answered, goOn, say }) {
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  const formula = html("div", {
    class: "adviz-scroll adviz-equation",
    role: "group",
    "aria-label": "Formula",
  });
  const reveal = button("Show the formula", () => {
    isFormulaShown = true;
    showFormula();
    field.focus({ preventScroll: true });
  });
  reveal.className = "adviz-reveal-formula";
  const words = html("p", { class: "adviz-words" });
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
  const sign = html("span", { class: "adviz-answer-sign", "aria-hidden": true });
  const name = html("span", { class: "adviz-answer-name" });
  const checkButton = button("Check", checkAnswer);
  const tellButton = button("Show", tell);
  const nextButton = button("Next", goOn);
  checkButton.className = nextButton.className = "adviz-chief";
  const answer = html(
    "div",
    { class: "adviz-answer" },
    html("label", {}, name, html("span", { class: "adviz-answer-field" }, field, sign)),
    html("span", { class: "adviz-answer-buttons" }, checkButton, tellButton, nextButton),
  );
  const element = html(
    "div",
    { class: "adviz-step adviz-predict", role: "group", "aria-label": "Prediction" },
    html("div", { class: "adviz-asking" }, formula, reveal, words),
    answer,
    verdict,
  );
  let isFormulaShown = false;
  let shown = "";
  let reserved = 0;

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (field.readOnly) goOn();
    else checkAnswer();
  });
  field.addEventListener("input", () => {
    element.dataset.state = "asked";
    field.removeAttribute("aria-invalid");
    checkButton.textContent = "Check";
    sign.textContent = "";
  });

  function checkAnswer() {
    const entry = readEntry(field.value);
    if (!entry) {
      const isEmpty = field.value.trim() === "";
      remark("asked", [
        {
          mark: "told",
          first: isEmpty ? "Type a number." : "This is not a number.",
          rest: "For example −0.25, 1/3 or 2*-4.",
        },
      ]);
      field.select();
      field.focus({ preventScroll: true });
      return;
    }
    const { verdict: found, reasons } = predictions.answer(entry);
    const { sweep, step } = playhead;
    if (found === "right") {
      remark("right", [{ mark: "right", first: "Right.", rest: derivation(trace, sweep, step) }]);
      answered();
      nextButton.focus({ preventScroll: true });
      return;
    }
    const remarks =
      found === "coarse"
        ? [
            {
              mark: /** @type {const} */ ("told"),
              first: "Right so far.",
              rest: "Give three digits.",
            },
          ]
        : explainWrong(trace, sweep, uses, step, reasons);
    remark(found === "coarse" ? "asked" : "wrong", remarks);
    field.focus({ preventScroll: true });
    field.select();
  }

  function tell() {
    predictions.tell();
    const { sweep, step } = playhead;
    remark("shown", [{ mark: "told", first: "", rest: derivation(trace, sweep, step) }]);
    answered();
    nextButton.focus({ preventScroll: true });
  }

  /**
   * Says something of the answer, once.
   * @param {"asked" | "right" | "wrong" | "shown"} state
   * @param {Remark[]} remarks
   */
  function remark(state, remarks) {
    element.dataset.state = state;
    verdict.replaceChildren(...remarks.map(remarkLine));
    if (state === "wrong") field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    checkButton.textContent = state === "wrong" ? "Try again" : "Check";
    sign.textContent = { asked: "", right: "✓", wrong: "✗", shown: "" }[state];
    reserve();
    say(speak(remarks.map(({ first, rest }) => `${first} ${rest}`.trim()).join(" ")));
  }

  function showFormula() {
    const { sweep, step } = playhead;
    const sides = equation(trace, sweep, step);
    const isAsked = predictions.isAsked(step);
    const known = isAsked ? sides.slice(0, isFormulaShown && sides.length > 2 ? 2 : 1) : sides;
    formula.replaceChildren(...known.map((side) => mathml(side)));
    reveal.hidden = !isAsked || isFormulaShown || sides.length < 3;
    focusableIfScrolling(formula);
  }

  /** What is below must not move from answer to answer: the pane stays as high as it has been. */
  function reserve() {
    if (element.offsetHeight <= reserved) return;
    reserved = element.offsetHeight;
    element.style.minHeight = `${reserved}px`;
  }

  return {
    element,
    release() {
      reserved = 0;
      element.style.minHeight = "";
    },
    /** Puts the cursor where the answer is typed, or goes on from where it was. */
    focus() {
      (predictions.isAsked(playhead.step) ? field : nextButton).focus({ preventScroll: true });
    },
    /** @returns {string} the question, or what the step does */
    show() {
      const { sweep, step, group } = playhead;
      const isAsked = predictions.isAsked(step);
      const mark = predictions.markOf(step);
      const now = `${sweep.pass}|${step}|${isAsked}|${expected(sweep, step)}`;
      const isNew = now !== shown;
      shown = now;
      const around = group < 0 ? null : boundary(trace, uses, group);
      const said = isAsked
        ? question(trace, sweep, step)
        : around
          ? `${explainGroup(trace, sweep, group, around)} Folded calls are not asked.`
          : explain(trace, sweep, uses, step);
      words.textContent = said;
      if (isAsked && isNew) {
        isFormulaShown = false;
        field.value = "";
        verdict.replaceChildren();
        element.dataset.state = "asked";
        field.removeAttribute("aria-invalid");
        checkButton.textContent = "Check";
        sign.textContent = "";
      }
      if (around) {
        formula.replaceChildren(
          ...groupEquation(trace, sweep, group, around).map((side) => mathml(side)),
        );
        reveal.hidden = true;
      } else showFormula();
      const isAnswered = mark === "first" || mark === "later" || mark === "shown";
      answer.classList.toggle("adviz-given", !isAsked && !isAnswered);
      if (!isAsked && isNew && !["right", "shown"].includes(element.dataset.state ?? "")) {
        verdict.replaceChildren();
        element.dataset.state = mark === "shown" ? "shown" : isAnswered ? "right" : "given";
      }
      field.readOnly = !isAsked;
      if (isAnswered) {
        field.value = formatNumber(expected(sweep, step), trace.digits);
        sign.textContent = MARK_TEXTS[mark];
      }
      checkButton.hidden = tellButton.hidden = !isAsked;
      nextButton.hidden = isAsked;
      nextButton.setAttribute("aria-disabled", String(playhead.isLast));
      name.replaceChildren(
        mathml(asked(trace, sweep, step), mo("=")),
        unseen(` ${speak(mathText(asked(trace, sweep, step)))}`),
      );
      reserve();
      return said;
    },
  };
}

/** @param {Remark} remark */
function remarkLine({ mark, first, rest }) {
  const parts = first ? [html("b", {}, first), ` ${rest}`] : [rest];
  return html(
    "p",
    { class: `adviz-remark adviz-${mark}` },
    html("span", { class: "adviz-remark-sign", "aria-hidden": true }, SIGNS[mark]),
    html("span", {}, ...parts),
  );
}

/** @param {string} text @param {() => void} act */
function button(text, act) {
  const element = html("button", { type: "button" }, text);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") act();
  });
  return element;
}

/** @param {import("./predictions.js").Tally} tally */
export function tallyText({ first, later, shown }) {
  const all = first + later + shown;
  return all === 0 ? "" : `${first} of ${all} first try`;
}
