// @ts-check
/** Numbers as a person writes them: 0.6931, −4.3333, 1.5×10⁻⁷. */

/**
 * @typedef {object} Parts  a number taken apart for writing
 * @property {boolean} negative
 * @property {string} digits  "4.3333", "∞" or "NaN"
 * @property {number | null} exponent  the power of ten in scientific notation; null in plain
 *   decimal
 */

/**
 * Rounds half away from zero to `digits` significant digits. Plain decimal from 10⁻⁴ up to 10⁶ (or
 * to as many digits as were asked for), scientific notation beyond.
 * @param {number} x
 * @param {number} digits
 * @returns {Parts}
 */
export function numberParts(x, digits) {
  if (Number.isNaN(x)) return { negative: false, digits: "NaN", exponent: null };
  const negative = x < 0;
  if (!Number.isFinite(x)) return { negative, digits: "∞", exponent: null };
  if (x === 0) return { negative: false, digits: "0", exponent: null };
  const [mantissa, power] = Math.abs(x)
    .toExponential(digits - 1)
    .split("e");
  const exponent = Number(power);
  const figures = mantissa.replace(".", "").replace(/0+$/, "");
  if (exponent <= -5 || exponent >= Math.max(6, digits)) {
    return { negative, digits: withPoint(figures, 1), exponent };
  }
  if (exponent < 0) {
    return { negative, digits: `0.${"0".repeat(-exponent - 1)}${figures}`, exponent: null };
  }
  return {
    negative,
    digits: withPoint(figures.padEnd(exponent + 1, "0"), exponent + 1),
    exponent: null,
  };
}

/** @param {string} figures @param {number} place */
function withPoint(figures, place) {
  return figures.length > place ? `${figures.slice(0, place)}.${figures.slice(place)}` : figures;
}

/**
 * A number, or an array in short.
 * @param {import("./trace.js").Quantity} x
 * @param {number} digits
 */
export function formatNumber(x, digits) {
  if (typeof x === "object") return x.text;
  const { negative, digits: figures, exponent } = numberParts(x, digits);
  return `${negative ? "−" : ""}${figures}${exponent === null ? "" : `×10${superscript(exponent)}`}`;
}

/**
 * A complex number: 1 + 2i, −2i, i. A part that is 0 is left out.
 * @param {number} real
 * @param {number} imaginary
 * @param {number} digits
 */
export function complexText(real, imaginary, digits) {
  if (imaginary === 0) return formatNumber(real, digits);
  const size = formatNumber(Math.abs(imaginary), digits);
  const times = size === "1" ? "i" : `${size}${size === "NaN" ? " " : ""}i`;
  const sign = imaginary < 0 ? "−" : "+";
  if (real === 0) return imaginary < 0 ? `−${times}` : times;
  return `${formatNumber(real, digits)} ${sign} ${times}`;
}

/** @param {number} integer */
export function superscript(integer) {
  return String(integer).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]));
}

/** @param {number} integer */
export function subscript(integer) {
  return String(integer).replace(/./g, (c) => (c === "-" ? "₋" : "₀₁₂₃₄₅₆₇₈₉"[Number(c)]));
}
