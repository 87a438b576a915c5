// @ts-check
/** Numbers that a person types, and steps of a size that suits them. */

const UNSIGNED = String.raw`(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const NUMBER = new RegExp(`^([+-]?${UNSIGNED})(?:/([+-]?${UNSIGNED}))?$`, "i");
const MOST_PLACES = 100; // as many as toFixed takes

/**
 * The number that was typed: −4, 2.5, 1e-3, 1/3, or 1.5×10⁻⁷ as fields show it; null where it is none, or not finite.
 * @param {string} text
 * @returns {number | null}
 */
export function readNumber(text) {
  const [, above, below] = NUMBER.exec(withoutSigns(text)) ?? [];
  if (above === undefined) return null;
  const number = Number(above) / Number(below ?? 1);
  return Number.isFinite(number) ? number : null;
}

const COMPLEX = new RegExp(
  String.raw`^(?:([+-]?${UNSIGNED})(?=[+-]|$))?(?:([+-]?(?:${UNSIGNED})?)[ij])?$`,
  "i",
);

/**
 * The two parts of a complex number that was typed: 1 + 2i, (1-2j), −2.5i, i, 3; null where it is
 * none.
 * @param {string} text
 * @returns {[number, number] | null}
 */
export function readComplex(text) {
  const plain = withoutSigns(text).replace(/[()*]/g, "");
  const [, real, imaginary] = COMPLEX.exec(plain) ?? [];
  if (real === undefined && imaginary === undefined) return null;
  const times = imaginary !== undefined && /^[+-]?$/.test(imaginary) ? `${imaginary}1` : imaginary;
  const parts = [Number(real ?? 0), Number(times ?? 0)];
  return parts.every(Number.isFinite) ? [parts[0], parts[1]] : null;
}

/** What was typed, as programs write numbers. @param {string} text */
function withoutSigns(text) {
  return text
    .replace(/×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, power) => `e${power.normalize("NFKC")}`)
    .replace(/\s/g, "")
    .replace(/[−–]/g, "-")
    .replace("⁄", "/");
}

/** All digits of a number, as they can be typed again. @param {number} x */
export function entryText(x) {
  return String(x).replace(/-/g, "−");
}

/**
 * A tenth of the number's leading decimal place: 0.1 for 3, 0.01 for 0.5, 10 for 250.
 * @param {number} x
 */
export function stepSize(x) {
  if (x === 0 || !Number.isFinite(x)) return 0.1;
  const power = Number(x.toExponential().split("e")[1]);
  return Number(`1e${Math.max(power - 1, -300)}`);
}

/**
 * A step made so many times as large, without the digits that a product would add.
 * @param {number} step
 * @param {number} times
 */
export function scaledStep(step, times) {
  return Number((step * times).toPrecision(1));
}

/**
 * x + n·step, to as many decimal places as x and the step have, so that 0.1 + 0.2 is 0.3.
 * @param {number} x
 * @param {number} n
 * @param {number} step
 */
export function stepped(x, n, step) {
  const places = Math.max(decimalPlaces(x), decimalPlaces(step));
  // Minus zero would be another number to a division.
  return (places > MOST_PLACES ? x + n * step : Number((x + n * step).toFixed(places))) + 0;
}

/** @param {number} x */
function decimalPlaces(x) {
  const [figures, power] = String(x).split("e");
  return Math.max(0, (figures.split(".")[1]?.length ?? 0) - Number(power ?? 0));
}
