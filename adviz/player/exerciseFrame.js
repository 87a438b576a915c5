// @ts-check
/**
 * What stands around every exercise: above it the title and the marks of its blanks, below it the
 * hints, the buttons, and in a sentence how things stand.
 */
import { createAnnouncer } from "./announcer.js";
import { focusedFrom, html } from "./dom.js";
import { leave } from "./keyboard.js";
import { speak } from "./speech.js";

/**
 * How a blank stands: follows, right given an earlier entry; "" not known.
 * @typedef {"right" | "follows" | "wrong" | "shown" | ""} Box
 *
 * What the reader may do; without `check` the exercise is not checked in the page.
 * @typedef {object} Reader
 * @property {(() => void) | null} check
 * @property {() => void} hint
 * @property {() => void} show
 * @property {() => void} again
 * @property {() => void} [renew]  the same with other numbers
 */

const SIGNS = { right: "✓", follows: "✓", wrong: "✗", shown: "shown", "": "" };
const WORDS = {
  right: "right",
  follows: "right given an earlier entry",
  wrong: "wrong",
  shown: "shown",
  "": "open",
};
const MOST_BOXES = 16;

/**
 * @param {{label: string, title: string, ask?: string}} heading  label: such as a number; ask: of the
 *   style
 * @param {Node[]} body  what stands between the title and the buttons
 * @param {Reader} reader
 */
export function createFrame({ label, title, ask = "" }, body, reader) {
  // A page can hold several copies of this module.
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  const boxes = html("span", { class: "adviz-boxes", "aria-hidden": true });
  const count = html("span", { class: "adviz-box-count" });
  const progress = html("span", { class: "adviz-progress", role: "img" }, boxes, count);
  const hints = html("div", { class: "adviz-hints" });
  const checkButton = button("Check", "adviz-chief", () => reader.check?.());
  const hintNumber = html("span", { class: "adviz-soft" });
  const hintButton = button("Hint ", "", reader.hint);
  hintButton.append(hintNumber);
  const showButton = asking("Show solution", "Show it", reader.show);
  const againButton = asking("Start again", "Clear all", reader.again);
  const [another, sure] =
    ask === "order" ? ["Mix again", "Clear all, and mix"] : ["New numbers", "Clear all, and draw"];
  const renewButton = asking(another, sure, () => reader.renew?.());
  renewButton.element.hidden = reader.renew === undefined;
  const status = html("p", { class: "adviz-exercise-status", "aria-hidden": true });
  const announcer = createAnnouncer();
  checkButton.hidden = showButton.element.hidden = progress.hidden = reader.check === null;
  const element = html(
    "section",
    { class: "adviz adviz-exercise", "aria-labelledby": id, "data-ask": ask },
    html(
      "div",
      { class: "adviz-frame" },
      html(
        "div",
        { class: "adviz-exercise-head" },
        ...(label ? [html("span", { class: "adviz-exercise-label" }, label)] : []),
        html(
          "span",
          { class: "adviz-exercise-title", role: "heading", "aria-level": 3, id },
          title,
        ),
        progress,
      ),
      ...body,
      hints,
      html(
        "div",
        { class: "adviz-exercise-foot" },
        checkButton,
        hintButton,
        showButton.element,
        againButton.element,
        renewButton.element,
        status,
      ),
      announcer.element,
    ),
  );
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Some keys of a notebook around the exercise delete cells: keys typed in here do not get there.
    event.stopPropagation();
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    leave(element);
  });

  return {
    element,

    /** @param {Box[]} marks  of the blanks, in their order */
    showMarks(marks) {
      boxes.hidden = marks.length > MOST_BOXES;
      boxes.replaceChildren(
        ...marks.slice(0, MOST_BOXES).map((mark) => html("i", { "data-mark": mark }, SIGNS[mark])),
      );
      const right = marks.filter((mark) => mark === "right" || mark === "follows").length;
      count.textContent = `${right} of ${marks.length}`;
      const parts = Object.entries(WORDS).flatMap(([mark, words]) => {
        const number = marks.filter((each) => each === mark).length;
        return number > 0 ? [`${number} ${words}`] : [];
      });
      progress.setAttribute("aria-label", `${count.textContent} right: ${parts.join(", ")}`);
    },

    /** @param {number} open  how many hints are open @param {number} all */
    offerHint(open, all) {
      hintButton.hidden = all === 0 || reader.check === null;
      hintNumber.textContent = `${Math.min(open + 1, all)} of ${all}`;
      hintButton.setAttribute("aria-disabled", String(open >= all));
    },

    /** @param {(string | Node)[]} texts  of the hints that are open @param {number} all  how many there are */
    showHints(texts, all) {
      this.offerHint(texts.length, all);
      hints.replaceChildren(
        ...texts.map((text, i) =>
          html("p", {}, html("b", {}, `Hint ${i + 1} of ${all}`), html("span", {}, text)),
        ),
      );
    },

    /** @param {boolean} canShow @param {boolean} canClear */
    offer(canShow, canClear) {
      const focused = focusedFrom(showButton.element);
      showButton.element.hidden = !canShow || reader.check === null;
      againButton.element.hidden = !canClear;
      const left = [showButton, againButton].find(
        ({ element: gone }) => gone.hidden && gone.contains(focused),
      );
      if (left) (canClear ? againButton.first : checkButton).focus();
    },

    /**
     * Says how things stand.
     * @param {string} text
     * @param {string} [heard]  what is heard, where that is more than is shown here; "" for nothing
     */
    say(text, heard = text) {
      status.textContent = text;
      if (heard) announcer.say(speak(heard));
    },
  };
}

/** @param {string} text @param {string} className @param {() => void} act */
function button(text, className, act) {
  const element = html("button", { type: "button", class: className }, text);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") act();
  });
  return element;
}

/**
 * A button that asks once before it does what cannot be taken back.
 * @param {string} text
 * @param {string} sure  what is pressed when one is sure
 * @param {() => void} act
 */
function asking(text, sure, act) {
  const first = button(text, "adviz-quiet", () => turn(true));
  const yes = button(sure, "", () => {
    turn(false);
    act();
  });
  const no = button("Not yet", "adviz-quiet", () => turn(false));
  const question = html(
    "span",
    { class: "adviz-sure", role: "group", "aria-label": text },
    yes,
    no,
  );
  const element = html("span", { class: "adviz-asking-once" }, first, question);
  question.hidden = true;
  question.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    turn(false);
  });

  /** @param {boolean} asks */
  function turn(asks) {
    first.hidden = asks;
    question.hidden = !asks;
    (asks ? yes : first).focus();
  }

  return { element, first };
}
