// @ts-check
/** Numbers and lists in English. */

const ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split(" ");
const COUNTS = "no one two three four five six seven eight nine ten".split(" ");

/** First, second, third; number 11. @param {number} n  from 1 */
export function ordinal(n) {
  return ORDINALS[n - 1] ?? `number ${n}`;
}

/** A small number in words. @param {number} n */
export function count(n) {
  return COUNTS[n] ?? String(n);
}

/** Once, twice, three times. @param {number} n */
export function times(n) {
  return n === 1 ? "once" : n === 2 ? "twice" : `${count(n)} times`;
}

/** With a capital at the beginning. @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One, two and three. @param {string[]} names */
export function enumerate(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
