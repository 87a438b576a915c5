// @ts-check
/** Reads the arrays in a trace document, and the sweeps that come with them. */
import { arrayOf, complexOf } from "./arrayText.js";
import {
  asIndex,
  asList,
  asNumber,
  asObject,
  asText,
  check,
  MAX_NAME,
  MAX_SENTENCE,
} from "./documentChecks.js";

/**
 * @typedef {import("./trace.js").Addition} Addition
 * @typedef {import("./trace.js").ArrayValue} ArrayValue
 * @typedef {import("./trace.js").Output} Output
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./trace.js").Sweeps} Sweeps
 */

/**
 * What reading an array depends on.
 * @typedef {object} Reading
 * @property {number} digits  significant digits shown
 * @property {number} room  how many numbers arrays may still have
 */

const MAX_NUMBERS = 2_000_000;
const MAX_AXES = 64;
const MAX_ENTRIES = 4096;
const MAX_PICTURE_WIDTH = 24;
const MAX_PICTURE_HEIGHT = 16;
const PICTURE_ROW = /^[0-9a-ix.]+$/;
const PACKED = /^([A-Za-z0-9+/]{4})*$/;
const BYTES = 3;

/** @param {number} digits  significant digits shown @returns {Reading} */
export function readingArrays(digits) {
  return { digits, room: MAX_NUMBERS };
}

/**
 * @param {unknown} value
 * @param {string} what
 * @param {Reading} reading
 * @returns {Quantity}
 */
export function readQuantity(value, what, reading) {
  return typeof value === "object" ? readArray(value, what, reading) : asNumber(value, what);
}

/**
 * An array that operations use as it is; null where something else is used.
 * @param {unknown} value
 * @param {Reading} reading
 * @returns {import("./trace.js").ConstantArray | null}
 */
export function readConstantArray(value, reading) {
  if (value === null || typeof value !== "object") return null;
  const { math } = asObject(value, "constants");
  return {
    math: asList(math, "constants.math"),
    value: readArray(value, "constants", reading),
  };
}

/** @param {unknown} value @param {string} what @param {Reading} reading @returns {ArrayValue} */
function readArray(value, what, reading) {
  const fields = asObject(value, what);
  const shape = asList(fields.shape, `${what}.shape`).map((length) =>
    asIndex(length, 2 ** 53, `${what}.shape`),
  );
  check(shape.length <= MAX_AXES, `${what}.shape has too many axes`);
  const dtype = asText(fields.dtype ?? "float64", MAX_NAME, `${what}.dtype`);
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers = readNumbers(fields, size, what);
  if (numbers) {
    check(
      shape.length > 0 && size > 0 && size <= MAX_ENTRIES && numbers.length === size,
      `${what}.numbers does not fit its shape`,
    );
    reading.room -= size;
    check(reading.room >= 0, "its arrays have too many numbers");
    return arrayOf(shape, numbers, reading.digits, dtype);
  }
  if (fields.pairs !== undefined) {
    const pairs = asList(fields.pairs, `${what}.pairs`).map((x) => asNumber(x, `${what}.pairs`));
    check(
      size > 0 && size <= MAX_ENTRIES && pairs.length === 2 * size,
      `${what}.pairs does not fit`,
    );
    reading.room -= pairs.length;
    check(reading.room >= 0, "its arrays have too many numbers");
    return complexOf(shape, pairs, reading.digits, dtype);
  }
  return {
    shape,
    numbers: null,
    dtype,
    text: asText(fields.text, MAX_NAME, `${what}.text`),
    entries:
      fields.entries === undefined ? "" : asText(fields.entries, MAX_SENTENCE, `${what}.entries`),
    picture: fields.picture === undefined ? null : readPicture(fields.picture, `${what}.picture`),
  };
}

/**
 * The numbers of an array: listed, packed, or one that is in every entry; null where there are none.
 * @param {Record<string, unknown>} fields
 * @param {number} size
 * @param {string} what
 */
function readNumbers(fields, size, what) {
  if (fields.numbers !== undefined) {
    return asList(fields.numbers, `${what}.numbers`).map((x) => asNumber(x, `${what}.numbers`));
  }
  if (fields.every !== undefined) {
    const length = size <= MAX_ENTRIES ? size : 0;
    return new Float64Array(length).fill(asNumber(fields.every, `${what}.every`));
  }
  return fields.packed === undefined ? null : unpacked(fields.packed, `${what}.packed`);
}

/**
 * Numbers of which the upper three bytes are in the document, as adviz/render/document_arrays.py
 * packs them.
 * @param {unknown} value
 * @param {string} what
 */
function unpacked(value, what) {
  check(
    typeof value === "string" && value.length <= 4 * MAX_ENTRIES && PACKED.test(value),
    `${what} is not packed`,
  );
  const bytes = atob(value);
  const single = new DataView(new ArrayBuffer(4));
  return Float64Array.from({ length: bytes.length / BYTES }, (_, i) => {
    for (let k = 0; k < BYTES; k++) single.setUint8(k + 1, bytes.charCodeAt(BYTES * i + k));
    return single.getFloat32(0, true);
  });
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {string[]}  its rows, one character a cell
 */
function readPicture(value, what) {
  const rows = asList(value, what).map((row) => asText(row, MAX_PICTURE_WIDTH, what));
  check(
    rows.length > 0 &&
      rows.length <= MAX_PICTURE_HEIGHT &&
      rows.every((row) => row.length === rows[0].length && PICTURE_ROW.test(row)),
    `${what} is no picture`,
  );
  return rows;
}

/**
 * @param {unknown} value
 * @param {(number | null)[][]} operands
 * @param {number} inputs
 * @param {Output[]} outputs
 * @param {Reading} reading
 * @returns {Sweeps}
 */
export function readSweeps(value, operands, inputs, outputs, reading) {
  const fields = asObject(value, "sweeps");
  const forward = asList(fields.forward, "sweeps.forward");
  const reverse = asList(fields.reverse, "sweeps.reverse");
  check(
    forward.length === inputs && reverse.length === outputs.length,
    "its sweeps do not fit its inputs and outputs",
  );
  return {
    forward: forward.map((sweep) => readForwardSweep(sweep, operands, reading)),
    reverse: reverse.map((sweep, output) =>
      readReturnSweep(sweep, stepCount(operands, inputs, outputs[output].row), reading),
    ),
  };
}

/**
 * @param {unknown} value
 * @param {(number | null)[][]} operands
 * @param {Reading} reading
 * @returns {Sweeps["forward"][number]}
 */
function readForwardSweep(value, operands, reading) {
  const what = "sweeps.forward";
  const fields = asObject(value, what);
  const tangent = asList(fields.tangent, what).map((entry) => readQuantity(entry, what, reading));
  const terms = asList(fields.terms, what).map((row) =>
    asList(row, what).map((term) => readQuantity(term, what, reading)),
  );
  check(
    tangent.length === operands.length && terms.length === operands.length,
    `${what} does not fit its rows`,
  );
  check(
    terms.every(({ length }, slot) => {
      const expected = termCount(operands[slot]);
      return length === (expected > 1 ? expected : 0);
    }),
    `${what} does not fit the operands`,
  );
  return { tangent, terms };
}

/**
 * @param {unknown} value
 * @param {number} steps  how many the sweep has
 * @param {Reading} reading
 * @returns {Addition[]}
 */
function readReturnSweep(value, steps, reading) {
  const what = "sweeps.reverse";
  const additions = asList(value, what).map((step) => {
    const [amount, after, product] = asList(step, what);
    const added = readQuantity(amount, what, reading);
    return {
      amount: added,
      after: after === null ? added : readQuantity(after, what, reading),
      product: product === null ? null : readArray(product, what, reading),
    };
  });
  check(additions.length === steps, `${what} does not fit its rows`);
  return additions;
}

/** How many terms the tangent of a row has. @param {(number | null)[]} operands  the row's */
function termCount(operands) {
  return operands.filter((operand) => operand !== null).length;
}

/**
 * How many steps a return sweep has. The seed is one of them.
 * @param {(number | null)[][]} operands
 * @param {number} inputs
 * @param {number} seeded  the row that it starts from
 */
function stepCount(operands, inputs, seeded) {
  const reached = new Uint8Array(operands.length);
  reached[seeded] = 1;
  let count = 1;
  for (let slot = seeded; slot >= inputs; slot--) {
    if (!reached[slot]) continue;
    for (const operand of operands[slot]) {
      if (operand === null) continue;
      reached[operand] = 1;
      count += 1;
    }
  }
  return count;
}
