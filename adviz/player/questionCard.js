// @ts-check
/** A question: what is asked, the fields for the answer, what is said of it, and the explanation. */
import { focusedFrom, html } from "./dom.js";
import { createFrame } from "./exerciseFrame.js";
import { withoutLabel } from "./exerciseTask.js";
import { judge } from "./questionCheck.js";
import { createFields } from "./questionFields.js";
import { drawRichText, plainText } from "./richText.js";

/**
 * @typedef {import("./questionDocument.js").Question} Question
 * @typedef {import("./exerciseMemory.js").Memory} Memory
 *
 * How it was answered: at the first check or at a later one, or shown; wrong, not yet.
 * @typedef {"first" | "later" | "shown" | "wrong" | ""} Course
 */

/** The one key of what is kept of a question, beside its fields. */
const ANSWER = "answer";
const SIGNS = { right: "✓", wrong: "✗", coarse: "i", unread: "i", shown: "i", "": "" };

/**
 * @param {Question} question
 * @param {Memory} memory
 * @param {(parts: unknown[]) => {element: Element, destroy(): void}} drawParts
 */
export function createQuestionCard(question, memory, drawParts) {
  // A page can hold several copies of this module.
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  const ids = { question: `${id}-question`, remark: `${id}-remark` };
  const asked = html("div", { class: "adviz-quiz-asked", id: ids.question });
  asked.append(drawRichText(question.question));
  const remark = html("div", { class: "adviz-quiz-remark", id: ids.remark });
  const explained = html("div", { class: "adviz-quiz-explained" });
  const isChecked = question.right !== null;
  const fields = createFields(question, ids, {
    change,
    check: () => (isChecked ? checkAnswer() : keep()),
    say: (text) => frame.say("", text),
  });
  const { label, rest: title } = withoutLabel(question.title);
  const frame = createFrame(
    { label: label || "Question", title, ask: "question" },
    [asked, fields.element, remark, explained],
    {
      check: isChecked ? checkAnswer : null,
      hint: openHint,
      show: showAnswer,
      again: startAgain,
    },
  );
  frame.element.classList.add("adviz-quiz");
  if (!question.title) frame.element.setAttribute("aria-labelledby", ids.question);
  /** @type {{element: Element, destroy(): void} | null} */
  let explanation = null;
  /** @type {Course} */
  let course = "";
  let hints = 0;
  let wasChecked = false;
  /** What is said of the answer. @type {{mark: keyof typeof SIGNS, first: string, rest: unknown[]}} */
  let said = { mark: "", first: "", rest: [] };
  let stopWatching = () => {};

  function change() {
    wasChecked = false;
    // Who types again has read what was said: it stays, but is no verdict on the new answer.
    if (said.mark === "right" || said.mark === "coarse") said = { mark: "", first: "", rest: [] };
    if (!isChecked) keep();
    show();
    frame.say("", "");
  }

  function checkAnswer() {
    if (course === "shown") return;
    judgeAnswer();
    wasChecked = said.mark === "right" || said.mark === "wrong";
    if (said.mark === "right" && (course === "" || course === "wrong")) {
      course = course === "" ? "first" : "later";
    } else if (said.mark === "wrong" && course === "") course = "wrong";
    show();
    keep();
    const words = said.rest.map((text) => plainText(text)).join(" ");
    frame.say("", `${said.first} ${words}`.trim());
    if (said.mark !== "right") fields.focus();
  }

  /** Says what is to be said of what stands in the fields. */
  function judgeAnswer() {
    const answer = fields.read();
    if (typeof answer === "string") {
      said = { mark: "unread", first: "", rest: [answer] };
      return;
    }
    const { status, foreseen } = judge(question, answer);
    const known = foreseen < 0 ? [] : [question.foreseen[foreseen].text];
    if (status === "right") said = { mark: status, first: "Right.", rest: known };
    else if (status === "coarse") {
      said = { mark: status, first: "Right so far.", rest: ["Give at least three digits."] };
    } else {
      const general = question.feedback === null ? [] : [question.feedback];
      said = { mark: "wrong", first: "Not yet.", rest: known.length > 0 ? known : general };
    }
  }

  function openHint() {
    hints = Math.min(hints + 1, question.hints.length);
    show();
    keep();
    const text = plainText(question.hints[hints - 1]);
    frame.say("", `Hint ${hints} of ${question.hints.length}: ${text}`);
  }

  function showAnswer() {
    fields.fill(fields.solution());
    course = "shown";
    said = { mark: "shown", first: "Shown.", rest: [] };
    show();
    keep();
    frame.say("", "The answer is shown.");
  }

  function startAgain() {
    fields.fill({});
    [course, hints, wasChecked] = ["", 0, false];
    said = { mark: "", first: "", rest: [] };
    show();
    keep();
    fields.focus();
    frame.say("", "Cleared.");
  }

  function isDone() {
    return course === "shown" || (wasChecked && said.mark === "right");
  }

  function isEmpty() {
    return course === "" && hints === 0 && Object.keys(fields.texts()).length === 0;
  }

  function show() {
    const isRight = wasChecked ? said.mark === "right" : null;
    fields.mark(isRight, course === "shown");
    remark.dataset.mark = said.mark;
    remark.classList.toggle("adviz-stale", said.mark === "wrong" && !wasChecked);
    remark.replaceChildren(...remarkNodes());
    frame.showMarks([
      course === "shown" ? "shown" : isRight === null ? "" : isRight ? "right" : "wrong",
    ]);
    frame.showHints(question.hints.slice(0, hints).map(drawRichText), question.hints.length);
    frame.offer(!isDone(), !isEmpty());
    if (isDone() && !explanation && question.explanation.length > 0) {
      explanation = drawParts(question.explanation);
      explained.replaceChildren(explanation.element);
    } else if (!isDone() && explanation) {
      explanation.destroy();
      explanation = null;
      explained.replaceChildren();
    }
  }

  /** @returns {Node[]} */
  function remarkNodes() {
    if (!isChecked) {
      const graded = "The answer is checked where it is handed in.";
      return [html("span", { class: "adviz-soft" }, graded)];
    }
    if (said.first === "" && said.rest.length === 0) return [];
    return [
      html("span", { class: "adviz-remark-sign", "aria-hidden": true }, SIGNS[said.mark]),
      html("b", {}, said.first),
      ...said.rest.map(drawRichText),
    ];
  }

  function keep() {
    // Those of exercises in the explanation are kept along.
    const { parts } = objectOf(memory.read());
    if (isEmpty() && !parts) return memory.write(null);
    memory.write({
      ...(parts ? { parts } : {}),
      entries: fields.texts(),
      checked: wasChecked ? [ANSWER] : [],
      solved: course === "" ? {} : { [ANSWER]: course },
      hints: { [ANSWER]: hints },
    });
  }

  function restore() {
    const kept = objectOf(memory.read());
    const texts = Object.entries(objectOf(kept.entries)).filter(
      ([, text]) => typeof text === "string",
    );
    fields.fill(/** @type {Record<string, string>} */ (Object.fromEntries(texts)));
    const given = objectOf(kept.solved)[ANSWER];
    course =
      given === "first" || given === "later" || given === "shown" || given === "wrong" ? given : "";
    hints = Math.min(
      Math.max(0, Math.floor(Number(objectOf(kept.hints)[ANSWER] ?? 0)) || 0),
      question.hints.length,
    );
    said = { mark: "", first: "", rest: [] };
    wasChecked = isChecked && Array.isArray(kept.checked) && kept.checked.includes(ANSWER);
    if (course === "shown") said = { mark: "shown", first: "Shown.", rest: [] };
    else if (wasChecked) judgeAnswer();
    show();
  }

  return {
    element: frame.element,
    start() {
      restore();
      stopWatching =
        memory.watch?.(() => {
          if (!frame.element.contains(focusedFrom(frame.element))) restore();
        }) ?? stopWatching;
    },
    stop() {
      stopWatching();
      explanation?.destroy();
    },
    keep,
  };
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function objectOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? /** @type {Record<string, unknown>} */ (value)
    : {};
}
