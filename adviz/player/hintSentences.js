// @ts-check
/**
 * Hints to a blank of an exercise, step by step, from a first thought to the formula; none says a
 * number that is asked for. adviz/tutor/hints.py says which a cell has. In braces stand the words of
 * mistakeSentences.js, and {slopes}, the slopes of all terms. A hint whose words are missing is left
 * out.
 */

/** @type {Record<string, [first: string, rest: string]>} */
export const HINTS = {
  // values
  row: ["{row}.", "Take the values of what it reads from the rows above."],
  units: ["Angles are in radians.", "ln and exp have the base e."],
  entries: ["Go entry by entry.", "{target} is an array."],
  // passes
  seed: ["A pass begins with its seeds.", "They are given; {target} is one of them."],
  operands: ["{row}.", "Each operand adds a term: its tangent times the slope in it."],
  slopes: ["The slopes are {slopes}.", ""],
  readers: [
    "Which rows read {name}?",
    "Each of them sends back one product: its own adjoint times its slope in {name}.",
  ],
  use: ["{uses}.", ""],
  uses: ["{uses}.", "What comes back is added."],
  sum: ["{target} = {sum}.", ""],
  sent_back: ["What does {user} send back to {operand}?", "Its adjoint times its slope in it."],
  received: ["First find the adjoint {carrier}.", "It is the sum of all that {user} receives."],
  part: ["It is {part}.", ""],
  // slopes and formulas
  others_fixed: ["Keep all but {operand} fixed.", "How fast does {user} change with it?"],
  rule_add: ["In a sum every term counts once.", ""],
  rule_sub: ["What is subtracted counts with a minus sign.", ""],
  rule_mul: ["The slope of a product in one factor is the other factor.", ""],
  rule_div: ["The derivative of u/w is 1/w in u, and −u/w² in w.", ""],
  rule_pow: ["The power rule puts the exponent in front, and takes 1 off it.", ""],
  rule_square: ["The derivative of u² is 2u.", ""],
  rule_sqrt: ["The derivative of √u is 1/(2√u).", ""],
  rule_reciprocal: ["The derivative of 1/u is −1/u².", ""],
  rule_neg: ["What carries a minus sign falls when its operand grows.", ""],
  rule_exp: ["The exponential function is its own derivative.", ""],
  rule_log: ["The derivative of ln u is 1/u.", ""],
  rule_sin: ["The derivative of sin u is cos u.", ""],
  rule_cos: ["The derivative of cos u is −sin u.", ""],
  rule_tan: ["The derivative of tan u is 1 + tan² u.", ""],
  rule_tanh: ["The derivative of tanh u is 1 − tanh² u.", ""],
  rule_logistic: ["The derivative of σ(u) is σ(u) (1 − σ(u)).", ""],
  next_operation: ["Python computes one operation at a time.", "This one makes {row}."],
  rows_named: ["Which rows hold what it reads?", "Write the operation with their names."],
  // Jacobians, and their products with vectors
  entry_by_pass: [
    "{target} is found in one pass.",
    "Go forward with the tangent 1 at the input, or back with the adjoint 1 at the output.",
  ],
  paths: ["Along a path the slopes are multiplied.", "Several paths are added."],
  forward_once: [
    "One forward pass gives all of J r.",
    "It begins with the entries of r as the tangents of the inputs.",
  ],
  reverse_once: [
    "One return sweep gives all of rᵀ J.",
    "It begins with the entries of r as the adjoints of the outputs.",
  ],
  weighted_sum: ["{target} is a sum.", "It adds entries of J, each times an entry of r."],
  // counts and choices
  counted: ["Counted are {target}.", ""],
  one_a_row: [
    "Every row is one operation, and inputs and constants are none.",
    "A quotient or a power of two rows counts as two.",
  ],
  sweep_count: [
    "A product with a slope is one operation, unless the slope is 1.",
    "A slope that has to be computed is one more, and so is each further term of a sum.",
  ],
  passes: [
    "A forward pass gives the derivatives in one input.",
    "A return sweep gives those of one output.",
  ],
  all_passes: ["All passes use the same values.", "The function is evaluated once."],
  back_from_outputs: [
    "Go back from the outputs.",
    "Mark what each row reads; what stays unmarked is never reached.",
  ],
  // the order of evaluation
  order_reads: ["{name} reads {operands}.", "What is read comes first."],
  order_of_python: [
    "Python goes line by line, in a line from left to right.",
    "What stands inside is computed first.",
  ],
  order_in_line: [
    "Find {name} in the source.",
    "How many operations are finished before Python comes to it?",
  ],
  // difference schemes
  expand: ["Expand f at all points in powers of h.", "Which power is the first to be left?"],
  balance: [
    "Two errors meet.",
    "That of the formula grows with a power of h; rounding errors are divided by h.",
  ],
};
