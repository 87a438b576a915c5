// @ts-check
/**
 * The arithmetic that a page evaluates. Formulas come with the document, made from Python's table of
 * elementals: they are lines of these operations, by the names that they have in that table.
 * adviz/player/__init__.py reads the names here.
 */

/** @type {Record<string, (...operands: number[]) => number>} */
export const OPERATIONS = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: power,
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
  square: (a) => a * a,
  reciprocal: (a) => 1 / a,
  cbrt: Math.cbrt,
  hypot: (a, b) => Math.hypot(a, b),
  exp: Math.exp,
  expm1: Math.expm1,
  exp2: (a) => 2 ** a,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  logaddexp: (a, b) => (a === b ? a + Math.LN2 : larger(a, b) + Math.log1p(Math.exp(-gap(a, b)))),
  logaddexp2: (a, b) => (a === b ? a + 1 : larger(a, b) + Math.log1p(2 ** -gap(a, b)) * Math.LOG2E),
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  arctan2: Math.atan2,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  arcsinh: Math.asinh,
  arccosh: Math.acosh,
  arctanh: Math.atanh,
  sign: (a) => Math.sign(a) + 0, // NumPy's sign of −0 is 0
  maximum: larger,
  minimum: (a, b) => Math.min(a, b),
  choose: (condition, a, b) => (condition === 0 ? b : a),
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  isnan: (a) => Number(Number.isNaN(a)),
  isinf: (a) => Number(Math.abs(a) === Number.POSITIVE_INFINITY),
  isfinite: (a) => Number(Number.isFinite(a)),
};

/** @param {number} a @param {number} b */
function larger(a, b) {
  return Math.max(a, b);
}

/** @param {number} a @param {number} b */
function gap(a, b) {
  return Math.abs(a - b);
}

/**
 * a to the power b as C and Python have it: 1 to any power is 1, and so is (−1) to ±∞.
 * @param {number} a
 * @param {number} b
 */
function power(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}
