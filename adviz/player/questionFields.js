// @ts-check
/**
 * What a question is answered with: fields for numbers and formulas, radio buttons, check boxes, and a
 * list whose items are moved up and down.
 */
import { arithmetic, readEntry } from "./answerEntry.js";
import { focusedFrom, html, unseen } from "./dom.js";
import { entryText } from "./numberEntry.js";
import { drawRichText, plainText } from "./richText.js";

/**
 * @typedef {import("./questionDocument.js").Question} Question
 * @typedef {import("./answerEntry.js").Entry} Entry
 *
 * What stands in the fields, by their keys.
 * @typedef {Record<string, string>} Texts
 *
 * @typedef {object} Fields
 * @property {HTMLElement} element
 * @property {() => Texts} texts
 * @property {(texts: Texts) => void} fill
 * @property {() => number[] | Entry[] | string} read  the answer, or what is wrong with what was entered
 * @property {() => Texts} solution  the texts of the right answer
 * @property {(right: boolean | null, isShown: boolean) => void} mark
 * @property {() => void} focus
 *
 * @typedef {object} Reader
 * @property {() => void} change  something else is entered
 * @property {() => void} check
 * @property {(text: string) => void} say  to who listens
 */

const CHOSEN = "chosen";

/**
 * @param {Question} question
 * @param {{question: string, remark: string}} ids  of the elements that name and describe the fields
 * @param {Reader} reader
 * @returns {Fields}
 */
export function createFields(question, ids, reader) {
  switch (question.expects) {
    case "choice":
    case "choices":
      return createChoices(question, ids, reader);
    case "order":
      return createOrder(question, ids, reader);
    default:
      return createEntries(question, ids, reader);
  }
}

/** @param {Question} question @param {{question: string, remark: string}} ids @param {Reader} reader @returns {Fields} */
function createEntries(question, ids, { change, check }) {
  const { expects, shape, names, points, right } = question;
  const [rows, columns] = shape.length === 2 ? shape : [1, shape[0] ?? 1];
  const inputs = Array.from({ length: rows * columns }, (_, i) => {
    const input = /** @type {HTMLInputElement} */ (
      html("input", {
        type: "text",
        autocomplete: "off",
        autocapitalize: "off",
        spellcheck: "false",
        "aria-describedby": ids.remark,
        ...(rows * columns > 1
          ? { "aria-label": placeName(i, rows, columns) }
          : { "aria-labelledby": ids.question }),
      })
    );
    input.addEventListener("input", change);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      check();
    });
    return input;
  });
  const sign = html("span", { class: "adviz-entry-sign", "aria-hidden": true });
  const boxes = inputs.map((input, i) =>
    html(
      "span",
      { class: "adviz-entry", "data-kind": expects === "formula" ? "formula" : "number" },
      input,
      ...(i === inputs.length - 1 ? [sign] : []),
    ),
  );
  const grid = html("div", { class: "adviz-entries" }, ...boxes);
  if (inputs.length > 1) {
    grid.setAttribute("role", "group");
    grid.setAttribute("aria-labelledby", ids.question);
  }
  grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, auto))`;
  const wide = expects === "formula" && names.length > 0;
  const element = html(
    "div",
    { class: "adviz-answering" },
    grid,
    ...(wide ? [html("span", { class: "adviz-soft" }, `a formula in ${names.join(", ")}`)] : []),
  );

  return {
    element,
    texts: () =>
      Object.fromEntries(
        inputs.flatMap(({ value }, i) => (value === "" ? [] : [[String(i), value]])),
      ),
    fill(texts) {
      inputs.forEach((input, i) => {
        const text = texts[i] ?? "";
        if (input.value !== text) input.value = text;
      });
    },
    read() {
      if (inputs.some(({ value }) => value.trim() === "")) {
        if (expects === "formula") return "Type a formula.";
        return inputs.length > 1 ? "Fill in all fields." : "Type a number.";
      }
      if (expects === "formula") {
        const values = points.map(
          (point) =>
            arithmetic(inputs[0].value, new Map(names.map((name, i) => [name, point[i]]))) ?? NaN,
        );
        if (!values.every(Number.isNaN)) return values;
        return `That is no formula${names.length > 0 ? ` of ${names.join(", ")}` : ""}.`;
      }
      const entries = inputs.map(({ value }) => readEntry(value));
      const unread = entries.indexOf(null);
      if (unread < 0) return /** @type {Entry[]} */ (entries);
      return `${inputs[unread].value} is not a number. Arithmetic is welcome: −1/3, 0.25, 2*ln(3).`;
    },
    solution: () =>
      Object.fromEntries(
        (right ?? []).map((x, i) => [
          String(i),
          expects === "formula" ? question.solution : entryText(Number(x.toPrecision(6))),
        ]),
      ),
    mark(isRight, isShown) {
      for (const [i, input] of inputs.entries()) {
        input.readOnly = isShown;
        if (isRight === false) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
        boxes[i].dataset.mark = markOf(isRight, isShown);
      }
      sign.textContent = isShown ? "shown" : isRight === null ? "" : isRight ? "✓" : "✗";
    },
    focus() {
      inputs[0].focus({ preventScroll: true });
      inputs[0].select();
    },
  };
}

/** @param {number} i @param {number} rows @param {number} columns */
function placeName(i, rows, columns) {
  if (rows === 1) return `number ${i + 1} of ${columns}`;
  return `row ${Math.floor(i / columns) + 1}, column ${(i % columns) + 1}`;
}

/** @param {boolean | null} isRight @param {boolean} isShown */
function markOf(isRight, isShown) {
  if (isShown) return "shown";
  return isRight === null ? "" : isRight ? "right" : "wrong";
}

/** @param {Question} question @param {{question: string, remark: string}} ids @param {Reader} reader @returns {Fields} */
function createChoices({ expects, choices, right }, ids, { change, check }) {
  const name = `${ids.question}-choice`;
  const inputs = choices.map(() => {
    const input = /** @type {HTMLInputElement} */ (
      html("input", { type: expects === "choice" ? "radio" : "checkbox", name })
    );
    input.addEventListener("change", change);
    return input;
  });
  const lines = choices.map((choice, i) => {
    const text = html("span", { class: "adviz-option-text" });
    text.append(drawRichText(choice));
    return html("label", { class: "adviz-option" }, inputs[i], text);
  });
  const element = html(
    "div",
    {
      class: "adviz-answering adviz-options",
      role: expects === "choice" ? "radiogroup" : "group",
      "aria-labelledby": ids.question,
      "aria-describedby": ids.remark,
    },
    ...lines,
  );
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    check();
  });
  const chosen = () => [...inputs.keys()].filter((i) => inputs[i].checked);

  return {
    element,
    texts: () => Object.fromEntries(chosen().map((i) => [String(i), CHOSEN])),
    fill(texts) {
      inputs.forEach((input, i) => {
        input.checked = texts[i] === CHOSEN;
      });
    },
    read: () => (expects === "choice" && chosen().length === 0 ? "Choose one." : chosen()),
    solution: () => Object.fromEntries((right ?? []).map((i) => [String(i), CHOSEN])),
    mark(isRight, isShown) {
      for (const [i, line] of lines.entries()) {
        line.dataset.mark = inputs[i].checked ? markOf(isRight, isShown) : "";
        inputs[i].disabled = isShown;
      }
    },
    focus: () =>
      (inputs.find(({ checked }) => checked) ?? inputs[0]).focus({ preventScroll: true }),
  };
}

/** @param {Question} question @param {{question: string, remark: string}} ids @param {Reader} reader @returns {Fields} */
function createOrder({ choices, right }, ids, { change, say }) {
  const items = choices.map((choice, place) => {
    const text = html("span", { class: "adviz-option-text" });
    text.append(drawRichText(choice));
    const words = plainText(choice).trim();
    const up = mover("↑", `Move up: ${words}`, () => move(place, -1));
    const down = mover("↓", `Move down: ${words}`, () => move(place, 1));
    const number = html("span", { class: "adviz-order-number", "aria-hidden": true });
    const element = html("li", {}, number, text, html("span", { class: "adviz-movers" }, up, down));
    return { element, number, up, down, words };
  });
  const list = html("ol", {
    class: "adviz-answering adviz-order",
    "aria-labelledby": ids.question,
    "aria-describedby": ids.remark,
  });
  let order = [...choices.keys()];
  let isFixed = false;
  let isTouched = false;
  arrange();

  function arrange() {
    const focused = focusedFrom(list);
    order.forEach((place, i) => {
      const { element, number, up, down } = items[place];
      number.textContent = `${i + 1}`;
      up.setAttribute("aria-disabled", String(isFixed || i === 0));
      down.setAttribute("aria-disabled", String(isFixed || i === order.length - 1));
      if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null);
    });
    // What moves takes the focus along, which is lost where it is put elsewhere in the page.
    if (focused instanceof HTMLElement && list.contains(focused)) focused.focus();
  }

  /** @param {number} place @param {1 | -1} way */
  function move(place, way) {
    const from = order.indexOf(place);
    const to = from + way;
    if (isFixed || to < 0 || to >= order.length) return;
    const focused = focusedFrom(list);
    [order[from], order[to]] = [order[to], order[from]];
    isTouched = true;
    arrange();
    if (focused instanceof HTMLElement) focused.focus();
    say(`${items[place].words} is now ${to + 1} of ${order.length}.`);
    change();
  }

  return {
    element: list,
    texts() {
      /** @type {Texts} */
      const texts = isTouched ? { order: order.join(",") } : {};
      return texts;
    },
    fill(texts) {
      const given = (texts.order ?? "").split(",").map(Number);
      isTouched = texts.order !== undefined && isOrder(given, choices.length);
      order = isTouched ? given : [...choices.keys()];
      arrange();
    },
    read: () => [...order],
    solution: () => ({ order: (right ?? []).join(",") }),
    mark(isRight, isShown) {
      isFixed = isShown;
      list.dataset.mark = markOf(isRight, isShown);
      arrange();
    },
    focus: () => items[order[0]].down.focus({ preventScroll: true }),
  };
}

/** @param {number[]} given @param {number} length */
function isOrder(given, length) {
  return (
    given.length === length &&
    new Set(given).size === length &&
    given.every((i) => Number.isInteger(i) && i >= 0 && i < length)
  );
}

/** @param {string} sign @param {string} name @param {() => void} act */
function mover(sign, name, act) {
  const button = html(
    "button",
    { type: "button" },
    html("span", { "aria-hidden": true }, sign),
    unseen(name),
  );
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") act();
  });
  return button;
}
