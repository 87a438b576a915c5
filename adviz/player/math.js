// @ts-check
/**
 * Formulas. A formula is a tree of tagged arrays, ["msub", ["mi", "v"], ["mn", "1"]]; those in a
 * document have slots in them, which are filled with symbols or with numbers. Trees become MathML
 * or plain text.
 */
import { visible } from "./documentChecks.js";
import { numberParts, subscript, superscript } from "./number.js";

/**
 * @typedef {unknown[]} Formula
 * @typedef {(name: string, group: boolean, isFactor: boolean) => Formula} Put  what stands in a
 *   slot: "0", "1", … an operand, "v" the row itself, "carrier" the derivative carried; `group` asks
 *   for parentheses where they are needed, `isFactor` around a sum
 */

const LEAVES = new Set(["mi", "mn", "mo", "mtext"]);
const BRANCHES = new Set([
  ...["mrow", "mfrac", "msup", "msub", "mover", "msqrt"],
  // Those of formulas that people wrote.
  ...["msubsup", "munder", "munderover", "mroot", "mtable", "mtr", "mtd"],
]);
const MAX_DEPTH = 40;
const MAX_PARTS = 1000;
const MAX_TEXT = 200;

/** @param {...Formula} parts @returns {Formula} */
export const row = (...parts) => ["mrow", ...parts];
/** @param {string} text @returns {Formula} */
export const mo = (text) => ["mo", text];
/**
 * A sign before which a formula may go on in another line, where it is between two terms all the same.
 * @param {string} text
 * @returns {Formula}
 */
export const between = (text) => ["mo", text, "infix"];
/**
 * A part of a formula that the style sheet can tell from the rest.
 * @param {"read" | "term"} what  a number that a step reads, or a term of a sum
 * @param {Formula} part
 * @returns {Formula}
 */
export const marked = (what, part) => ["marked", what, part];

/**
 * @param {import("./trace.js").Quantity} x
 * @param {number} digits
 * @param {boolean} [group]
 * @returns {Formula}
 */
export function numberMath(x, digits, group = false) {
  if (typeof x === "object") {
    return x.pairs && x.shape.length === 0
      ? complexMath(x.pairs[0], x.pairs[1], digits, group)
      : ["mn", x.text];
  }
  const { negative, digits: figures, exponent } = numberParts(x, digits);
  /** @type {Formula} */
  const power =
    exponent !== null && exponent < 0
      ? row(mo("−"), ["mn", String(-exponent)])
      : ["mn", String(exponent)];
  /** @type {Formula} */
  const plain =
    exponent === null
      ? ["mn", figures]
      : row(["mn", figures], mo("×"), ["msup", ["mn", "10"], power]);
  const signed = negative ? row(mo("−"), plain) : plain;
  return group && (negative || exponent !== null) ? row(mo("("), signed, mo(")")) : signed;
}

/**
 * A complex number; a part that is 0 is left out.
 * @param {number} real
 * @param {number} imaginary
 * @param {number} digits
 * @param {boolean} group
 * @returns {Formula}
 */
function complexMath(real, imaginary, digits, group) {
  if (imaginary === 0) return numberMath(real, digits, group);
  const size = numberMath(Math.abs(imaginary), digits);
  const times = size[1] === "1" ? ["mi", "i"] : row(size, ["mi", "i"]);
  const sign = imaginary < 0 ? "−" : "+";
  const whole =
    real !== 0
      ? row(numberMath(real, digits), mo(sign), times)
      : imaginary < 0
        ? row(mo(sign), times)
        : times;
  return group && whole !== times ? row(mo("("), whole, mo(")")) : whole;
}

/**
 * Whether it is a complex number with both parts, which is a sum wherever it stands.
 * @param {import("./trace.js").Quantity} x
 */
export function isSum(x) {
  return typeof x === "object" && !x.shape.length && !!x.pairs?.[0] && !!x.pairs[1];
}

/** @param {Formula} letter @param {number} index @returns {Formula} */
export function indexed(letter, index) {
  return ["msub", letter, index < 0 ? row(mo("−"), ["mn", String(-index)]) : ["mn", String(index)]];
}

/**
 * Puts an accent on a name's letter: ẋ₁ from x₁.
 * @param {unknown} name
 * @param {string} accent
 * @returns {Formula}
 */
export function accented(name, accent) {
  return Array.isArray(name) && name[0] === "msub"
    ? ["msub", accented(name[1], accent), name[2]]
    : ["mover", Array.isArray(name) ? name : [], mo(accent)];
}

/**
 * A formula with its slots filled.
 * @param {unknown} tree
 * @param {Put} put
 * @param {"·" | "×"} times  how a product is written
 * @param {boolean} [signed]  whether a sign stands just before it, so that a negative number needs
 *   parentheses
 * @returns {Formula}
 */
export function filled(tree, put, times, signed = false, depth = 0, isFactor = false) {
  if (!Array.isArray(tree) || depth > MAX_DEPTH) return row();
  const [tag, ...rest] = tree;
  if (tag === "slot") return put(String(rest[0]), rest[1] === true || signed, isFactor);
  if (tag === "times") return mo(times);
  if (!BRANCHES.has(tag)) return tree;
  const isProduct = rest.some(isTimes);
  return [
    tag,
    ...rest.map((child, i) =>
      filled(child, put, times, signed && i === 0 && tag !== "mfrac", depth + 1, isProduct),
    ),
  ];
}

/** @param {unknown} tree */
function isTimes(tree) {
  return Array.isArray(tree) && (tree[0] === "times" || (tree[0] === "mo" && tree[1] === "×"));
}

/**
 * The names of the slots in a formula.
 * @param {unknown} tree
 * @returns {string[]}
 */
export function slotsIn(tree, depth = 0) {
  if (!Array.isArray(tree) || depth > MAX_DEPTH) return [];
  if (tree[0] === "slot") return [String(tree[1])];
  return tree.slice(1, 1 + MAX_PARTS).flatMap((part) => slotsIn(part, depth + 1));
}

/**
 * The terms of a sum, each with its sign; those of long sums are cut short, with an ellipsis in place
 * of the last ones.
 * @param {{negative: boolean, body: (signed: boolean) => Formula}[]} terms
 * @param {number} [most]  how many parts there may be
 * @param {number} [count]  how many terms there are in all, when `terms` holds the first ones only
 * @returns {Formula[][]}  what stands beside one another, term by term
 */
export function sumParts(terms, most = 4, count = terms.length) {
  const shown = count > most ? terms.slice(0, most - 1) : terms;
  const parts = shown.map(({ negative, body }, i) => {
    const sign = negative ? "−" : "+";
    const written = body(negative || i > 0);
    const part = count > 1 && hasWords(written) ? row(mo("("), written, mo(")")) : written;
    if (i > 0) return [between(sign), marked("term", part)];
    return negative ? [mo(sign), marked("term", part)] : [marked("term", part)];
  });
  if (shown.length < count) {
    parts.push([between("+"), mo("⋯"), mo("+"), ["mtext", `${count - shown.length} more`]]);
  }
  return parts;
}

/**
 * The same in one formula.
 * @param {{negative: boolean, body: (signed: boolean) => Formula}[]} terms
 */
export function sum(terms) {
  return row(...sumParts(terms).flat());
}

/** Whether words stand in it, so that it needs parentheses among others. @param {unknown} tree */
function hasWords(tree) {
  if (!Array.isArray(tree)) return false;
  return tree[0] === "mtext" || (tree[0] === "mrow" && tree.slice(1).some(hasWords));
}

/**
 * A formula in the pieces between which it may go on in another line: before the signs of its sums.
 * @param {Formula} tree
 * @returns {Formula[]}
 */
export function pieces(tree) {
  /** @type {Formula[][]} */
  const found = [[]];
  for (const part of breakable(tree) ? flat(tree) : [tree]) {
    if (part[2] === "infix" && found[0].length > 0) found.push([]);
    found[found.length - 1].push(part);
  }
  return found.map((parts) => row(...parts));
}

/** Whether a row has the sign of a sum in it. @param {unknown} tree @returns {boolean} */
function breakable(tree, depth = 0) {
  return (
    Array.isArray(tree) &&
    tree[0] === "mrow" &&
    depth < MAX_DEPTH &&
    tree.some((part) => part?.[2] === "infix" || breakable(part, depth + 1))
  );
}

/** The parts of a sum, out of the rows that they stand in. @param {Formula} tree @returns {Formula[]} */
function flat(tree) {
  const parts = /** @type {Formula[]} */ (tree.slice(1));
  return parts.flatMap((part) => (breakable(part) ? flat(part) : [part]));
}

/**
 * The term of one use of a row, which says in the page what it is of (see pointing.js).
 * @param {number} user
 * @param {number} operand
 * @param {Formula} body
 * @returns {Formula}
 */
export const ofUse = (user, operand, body) => ["use", user, operand, body];

/** @param {...Formula} trees */
export function mathml(...trees) {
  const math = element("math");
  const budget = { left: MAX_PARTS };
  for (const tree of trees) append(math, tree, budget, 0, false);
  return math;
}

/** @param {string} tag */
function element(tag) {
  return document.createElementNS("http://www.w3.org/1998/Math/MathML", tag);
}

/**
 * @param {Element} parent
 * @param {unknown} tree
 * @param {{left: number}} budget  how many elements may still be made
 * @param {number} depth
 * @param {boolean} stretchy  whether fences here grow with what is beside them
 */
function append(parent, tree, budget, depth, stretchy) {
  if (!Array.isArray(tree) || depth > MAX_DEPTH || budget.left === 0) return;
  budget.left -= 1;
  const [tag, ...rest] = tree;
  if (BRANCHES.has(tag)) {
    const node = element(tag);
    const tall = tag === "mrow" && rest.some((part) => isTall(part));
    for (const child of rest) append(node, child, budget, depth + 1, tall);
    parent.append(node);
  } else if (tag === "use") {
    const node = element("mrow");
    node.setAttribute("data-row", String(Number(rest[0])));
    node.setAttribute("data-operand", String(Number(rest[1])));
    append(node, rest[2], budget, depth + 1, stretchy);
    parent.append(node);
  } else if (LEAVES.has(tag)) {
    const node = element(tag);
    node.textContent = leafText(rest[0]);
    if (tag === "mo" && !stretchy) node.setAttribute("stretchy", "false");
    if (tag === "mo" && rest[1] === "infix") node.setAttribute("form", "infix");
    parent.append(node);
  } else if (tag === "marked") {
    const node = element("mrow");
    node.setAttribute("class", rest[0] === "read" ? "adviz-read" : "adviz-term");
    append(node, rest[1], budget, depth + 1, stretchy);
    parent.append(node);
  } else if (tag === "mspace") {
    const node = element(tag);
    node.setAttribute("width", "0.2em");
    parent.append(node);
  }
}

/** @param {unknown} tree @returns {boolean} */
function isTall(tree, depth = 0) {
  return (
    Array.isArray(tree) &&
    depth < MAX_DEPTH &&
    (tree[0] === "mfrac" || tree[0] === "mtable" || tree.some((part) => isTall(part, depth + 1)))
  );
}

/** @param {unknown} text */
function leafText(text) {
  return typeof text === "string" ? visible(text.slice(0, MAX_TEXT)) : "";
}

/** A formula in one line of Unicode: v̄₂·1/v₋₁. @param {unknown} tree @returns {string} */
export function mathText(tree, depth = 0) {
  if (!Array.isArray(tree) || depth > MAX_DEPTH) return "";
  const [tag, ...rest] = tree;
  const [first = "", second = ""] =
    tag === "mrow" || tag === "marked"
      ? []
      : rest.slice(0, 2).map((part) => mathText(part, depth + 1));
  switch (tag) {
    case "mi":
    case "mn":
    case "mo":
    case "mtext":
      return leafText(rest[0]);
    case "mspace":
      return " ";
    case "marked":
      return mathText(rest[1], depth + 1);
    case "use":
      return mathText(rest[2], depth + 1);
    case "mrow":
      return rest
        .map((part) => mathText(part, depth + 1))
        .map((text, i) =>
          i > 0 && ["+", "−", "=", "+=", "@", "←", "⊙", "≥", "≤"].includes(text)
            ? ` ${text} `
            : text,
        )
        .join("");
    case "mfrac":
      return `${atom(first)}/${atom(second)}`;
    case "msqrt":
      return `√${atom(first)}`;
    case "msub":
      return (
        first +
        (/^[−-]?\d+$/.test(second)
          ? subscript(Number(second.replace("−", "-")))
          : second && (second.includes(" ") ? `_(${second})` : `_${second}`))
      );
    case "msup":
      if (/^ ?−? ?T$/.test(second)) return `${first}${second.includes("−") ? "⁻" : ""}ᵀ`;
      return (
        first +
        (/^[−-]?\d+$/.test(second)
          ? superscript(Number(second.replace("−", "-")))
          : `^${atom(second)}`)
      );
    case "mover":
      return withAccent(first, second);
    default:
      return "";
  }
}

/** @param {string} text */
function atom(text) {
  return /[+−·×/ ]/.test(text) && !/^\([^()]*\)$/.test(text) ? `(${text})` : text;
}

/** @param {string} letter @param {string} accent */
function withAccent(letter, accent) {
  return (letter + (accent === "¯" ? "\u0304" : accent === "˙" ? "\u0307" : "")).normalize("NFC");
}
