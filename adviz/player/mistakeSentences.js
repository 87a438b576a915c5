// @ts-check
/**
 * What the mistakes of adviz/mistakes.py are called: what was done, and what is right. In braces stand
 * the names of things in a step:
 *
 * - {target} is what the step computes, {name} its row, {user} the row whose formula is used, {operand}
 *   what this row reads there, {other} what else it reads;
 * - {slope} is the slope and what it equals, {carrier} what it is multiplied with, which is an
 *   {derivative}; {row} is the row's formula, or its source where the formula is asked for;
 * - {entry} is the entry of an array that an answer is about, or each of them;
 * - {operands} are the rows that an operation reads, and {users} says which read it;
 * - {uses} says which rows read {name}, {sum} is the sum over them, {part} what this one gives.
 */

/** @type {Record<string, [done: string, right: string]>} */
export const SENTENCES = {
  // values
  added: ["You added.", "The row is {row}."],
  subtracted: ["You subtracted.", "The row is {row}."],
  multiplied: ["You multiplied.", "The row is {row}."],
  order_swapped: ["You swapped the operands.", "The order counts in {row}."],
  other_operand: ["You took the other operand.", "The row is {row}."],
  wrong_sign: ["The sign is wrong.", "The row is {row}."],
  sign_kept: ["You kept the operand as it is.", "The row is {row}."],
  halved: ["You halved the operand.", "The square root is what gives it when squared."],
  squared: ["You squared the operand.", "The row is {row}."],
  doubled: ["You doubled the operand.", "A square is the operand times itself."],
  opposite_for_reciprocal: [
    "You took the opposite number.",
    "The reciprocal is 1 over the operand.",
  ],
  root_of_each: [
    "You added the operands themselves.",
    "The root of a sum of squares is not the sum of the roots.",
  ],
  multiplied_by_base: ["You multiplied by the base.", "The operand is the exponent."],
  other_base: ["You used another base.", "The base of ln and exp is e; the row is {row}."],
  sign_of_exponent: ["You lost the sign of the exponent.", "The row is {row}."],
  one_forgotten: ["You forgot the 1 in it.", "It stands beside the operand in {row}."],
  degrees: ["You calculated in degrees.", "Angles are in radians here."],
  other_function: ["You took the sister function.", "The row is {row}."],
  inverted: ["You took the reciprocal.", "The row is {row}."],
  reciprocal_for_inverse: [
    "You took the reciprocal of the function.",
    "The inverse function undoes it; it is not 1 over it.",
  ],
  circular_for_hyperbolic: [
    "You took the trigonometric function.",
    "The row has the hyperbolic one: {row}.",
  ],
  // operations
  other_row_read: ["{name} reads another row there.", "Look up which row holds what {row} reads."],
  row_taken_apart: [
    "You inserted the formula of an earlier row.",
    "{name} is one operation on earlier rows; write the row.",
  ],
  // slopes
  factor_not_swapped: [
    "You took the factor itself.",
    "The slope of a product in one factor is the other factor: {slope}.",
  ],
  sign_of_difference: [
    "You lost the minus sign of the difference.",
    "When {operand} grows, {user} falls: {slope}.",
  ],
  denominator_forgotten: ["You left out the denominator.", "It stays in the slope: {slope}."],
  quotient_sign_lost: [
    "You lost the minus sign of the quotient.",
    "When the denominator grows, a quotient falls: {slope}.",
  ],
  quotient_square_forgotten: [
    "You forgot to square the denominator.",
    "The derivative of 1/u is −1/u²: {slope}.",
  ],
  numerator_forgotten: ["You left out the numerator.", "It stays in the slope: {slope}."],
  exponent_not_lowered: [
    "You did not lower the exponent.",
    "The power rule takes 1 off it: {slope}.",
  ],
  exponent_not_multiplied: [
    "You did not multiply by the exponent.",
    "The power rule puts it in front: {slope}.",
  ],
  logarithm_forgotten: ["You left out the logarithm of the base.", "It is a factor: {slope}."],
  logarithm_above: ["You multiplied by the logarithm of the base.", "It divides: {slope}."],
  exponential_as_power: [
    "You used the power rule.",
    "Here the exponent is what changes, not the base: {slope}.",
  ],
  minus_forgotten: ["You forgot the minus sign.", "It belongs in {slope}."],
  minus_too_many: [
    "There is a minus sign too many.",
    "The derivative of sinh is cosh and that of cosh is sinh, without a minus: {slope}.",
  ],
  slope_of_bars: ["The sign is the wrong one.", "|u| falls where u is negative: {slope}."],
  half_forgotten: ["You left out the factor ½.", "The derivative of √u is 1/(2√u): {slope}."],
  minus_of_cosine: [
    "The minus sign is wrong.",
    "The derivative of sin is cos, that of cos is −sin: {slope}.",
  ],
  square_forgotten: ["You forgot the square.", "It belongs in {slope}."],
  sign_in_square: ["The sign before the square is wrong.", "It matters in {slope}."],
  root_forgotten: ["You left out the root.", "It belongs in {slope}."],
  input_for_value: [
    "You put the operand where the value belongs.",
    "The value is what stands in {slope}.",
  ],
  one_factor_forgotten: ["You left out one of the factors.", "It belongs in {slope}."],
  slope_at_value: [
    "You took the slope at the row's value.",
    "It is taken at the operand: {slope}.",
  ],
  slope_sign_lost: ["The sign is wrong.", "Ask whether {user} grows or falls with {operand}."],
  one_for_slope: ["You gave 1.", "That is the slope of a sum; look at {row}."],
  slope_turned_over: ["You gave the reciprocal.", "Asked for is {slope}."],
  // products
  sign_lost: ["A sign is wrong.", "{carrier} is multiplied by {slope}."],
  slope_left_out: ["You left out the slope.", "{carrier} is multiplied by {slope}."],
  carrier_left_out: [
    "You gave the slope alone.",
    "It is multiplied by the {derivative} {carrier}.",
  ],
  wrong_operand: ["You took the slope in the other operand.", "This is about {operand}: {slope}."],
  slope_inverted: ["You divided by the slope.", "{carrier} is multiplied by {slope}."],
  value_for_slope: ["You took the value of {user} for its slope.", "The slope is {slope}."],
  operand_for_slope: ["You took the operand for the slope.", "The slope is {slope}."],
  primal_for_carrier: [
    "You multiplied by the value of {user}.",
    "The slope is multiplied by the {derivative} {carrier}.",
  ],
  factors_added: ["You added the two factors.", "{carrier} is multiplied by {slope}."],
  // sums
  last_use_only: ["You used only the last use.", "{uses}; {target} is the sum over all: {sum}."],
  use_forgotten: ["You left out the use in {user}.", "{uses}; this one adds {part}."],
  uses_multiplied: [
    "You multiplied the uses.",
    "What comes back from several uses is added: {sum}.",
  ],
  uses_averaged: ["You took the mean of the uses.", "What comes back is added: {sum}."],
  term_forgotten: ["You left out a term.", "{operand} changes too, and adds {part}."],
  terms_multiplied: ["You multiplied the terms.", "The terms of a tangent are added."],
  tangents_multiplied: [
    "You multiplied the tangents.",
    "The product rule has a term for each factor: (u·w)' = u'·w + u·w'.",
  ],
  tangents_divided: [
    "You divided the tangents.",
    "The quotient rule has a term for each operand: (u/w)' = u'/w − u·w'/w².",
  ],
  value_for_seed: ["You began with the value.", "A sweep begins with its seed, {target}."],
  zero_for_seed: ["You began with 0.", "Then nothing moves; the seed {target} is another number."],
  one_for_seed: ["You began with 1.", "The seed {target} is another number here."],
  handed_on_too_early: [
    "{user} handed on too little.",
    "Its adjoint {carrier} is complete when all rows that read {user} have sent theirs.",
  ],
  // Jacobians, and their products with vectors
  jacobian_transposed: [
    "You swapped rows and columns.",
    "In {target} the output stands above and the input below.",
  ],
  other_output: ["That is the derivative of another output.", "Asked for is {target}."],
  other_input: ["That is the derivative in another input.", "Asked for is {target}."],
  result_sign_lost: ["The sign is wrong.", "Follow the minus signs to {target}."],
  entry_turned_over: ["That is the reciprocal.", "Asked for is {target}."],
  transpose_used: [
    "You took the Jacobian for its transpose, or the other way round.",
    "J r has an entry for each output, rᵀ J one for each input.",
  ],
  entry_left_out: ["You left out an entry.", "{target} is a sum over all entries of the vector."],
  unit_vector_used: [
    "That is one entry of the Jacobian.",
    "{target} is the sum of such entries, each times an entry of the vector.",
  ],
  ones_used: [
    "You added the entries of the Jacobian.",
    "Each is multiplied by an entry of the vector first.",
  ],
  vector_itself: ["That is an entry of the vector.", "{target} is its product with the Jacobian."],
  // arrays
  factors_swapped: ["You swapped the factors.", "Their order counts in {row}: {part}."],
  entrywise_product: ["You multiplied entry by entry.", "{row} is a product of matrices: {part}."],
  factor_transposed: ["You transposed a factor.", "It stays as it is in {row}."],
  mean_for_sum: ["You took the mean.", "All entries are added."],
  not_transposed: ["You did not transpose.", "Rows become columns in {row}."],
  columns_first: ["You read it by columns.", "Entries are read row by row."],
  transpose_forgotten: ["You forgot to transpose the factor.", "What comes back is {part}."],
  same_factor: [
    "You multiplied by the factor itself.",
    "What comes back, or is carried on, is multiplied by the other factor: {part}.",
  ],
  result_transposed: ["You transposed the result.", "It has the shape of {operand}: {part}."],
  factor_left_out: ["You left out the factor.", "It is {part}."],
  sum_divided: [
    "You divided by the number of entries.",
    "That is the mean's; each entry counts once in a sum.",
  ],
  sum_weighted: [
    "You multiplied by the entries.",
    "A sum has the slope 1 in each of them: {part}.",
  ],
  sum_not_spread: [
    "You gave it to one entry only.",
    "Every entry of {operand} is added, and receives {carrier}.",
  ],
  sum_forgotten: ["You took one entry only.", "All entries are added in {row}."],
  one_entry_off: ["You are one entry off.", "Entries are counted from 0 in {row}."],
  indices_swapped: [
    "You swapped the indices.",
    "The first one counts rows and the second columns in {row}.",
  ],
  overwritten: [
    "You wrote over what had come back before.",
    "{user} reads {entry} more than once, and what comes back is added: {part}.",
  ],
  index_forgotten: [
    "You gave it to all entries.",
    "Only those that {user} has read receive something.",
  ],
  axis_not_summed: [
    "You took only the first of them.",
    "{operand} was copied to every line, and what comes back from all of them is added: {part}.",
  ],
  one_path_only: [
    "You gave one of several contributions.",
    "{user} uses {entry} for several entries, and what comes back from them is added: {part}.",
  ],
  path_forgotten: [
    "You left out one of several contributions.",
    "{user} uses {entry} for several entries, and what comes back from them is added: {part}.",
  ],
  // counts, and choices of mode, row and step
  inputs_counted: ["You counted the inputs.", "An input is given, and no operation."],
  other_mode_counted: ["That is the count of the other mode.", "Asked for are {target}."],
  rows_counted: [
    "You counted each row once.",
    "A quotient, or a power, of two rows counts as two operations.",
  ],
  operands_for_operations: [
    "You counted the operands.",
    "Counted are operations, whatever they read.",
  ],
  function_counted: [
    "You gave the count of the function.",
    "A pass has its own operations: slopes, products with them, and sums.",
  ],
  additions_left_out: [
    "You left out the additions.",
    "Each further term of a sum is one operation more.",
  ],
  operands_counted: [
    "You counted one operation for each operand.",
    "A product with 1 is none, a slope that has to be computed is one more, and so is an addition.",
  ],
  products_and_additions: [
    "You counted a product for each operand, and the additions.",
    "A product with 1 is none, and a slope that has to be computed is one more.",
  ],
  function_included: ["You counted the function as well.", "Asked for are {target}."],
  pass_for_each_input: ["You counted a pass for each input.", "Asked for are {target}."],
  function_each_time: [
    "You counted the function once for each pass.",
    "Its values are kept, so that it is evaluated once.",
  ],
  function_left_out: ["You left out the function.", "Asked for are {target}."],
  one_pass_counted: ["You counted one pass only.", "Asked for are {target}."],
  passes_added_to_operations: [
    "You added the number of passes.",
    "The operations of a pass are multiplied by it.",
  ],
  pass_for_each_entry: [
    "You counted a pass for each entry.",
    "A pass gives more: forward a whole column of the Jacobian, back a whole row.",
  ],
  one_pass_for_all: [
    "One pass is not enough.",
    "A forward pass gives the derivatives in one input, a return sweep those of one output.",
  ],
  passes_added: [
    "You added inputs and outputs.",
    "A forward pass gives the derivatives in one input, a return sweep those of one output.",
  ],
  pass_for_each_row: ["You counted the rows.", "One pass goes through all of them."],
  passes_swapped: [
    "You swapped inputs and outputs.",
    "A forward pass gives the derivatives in one input, a return sweep those of one output.",
  ],
  modes_swapped: [
    "Compare the number of passes.",
    "A forward pass gives the derivatives in one input, a return sweep those of one output.",
  ],
  passes_not_compared: [
    "Compare the number of passes.",
    "There are {inputs} and {outputs}. Forward mode takes a pass for each input, reverse mode one for each output.",
  ],
  miscounted: ["Count again.", "Inputs are what f is called with, outputs what it returns."],
  row_is_reached: ["The sweep reaches {name}.", "{uses}."],
  row_overlooked: ["There is one.", "Go back from the outputs, and mark what each row reads."],
  evaluations_for_order: [
    "You gave the number of evaluations.",
    "The order is the power of h in the first term of the error that is left.",
  ],
  points_for_order: [
    "You gave the number of points.",
    "The order is the power of h in the first term of the error that is left.",
  ],
  power_too_high: ["That is a power too high.", "Terms cancel only as far as the points allow."],
  power_too_low: [
    "That is a power too low.",
    "By symmetry, or by the weights, one more term of the error cancels.",
  ],
  step_too_small: [
    "The step is too small.",
    "Rounding errors of the values are divided by it, and outweigh the rest.",
  ],
  step_too_large: [
    "The step is too large.",
    "The truncation error grows with a power of it, and outweighs rounding.",
  ],
  tangent_for_value: [
    "You put a tangent where a value belongs.",
    "The slope is taken at the values: {slope}.",
  ],
  term_too_many: ["There is a term too many.", "{uses}."],
  // places in the order of evaluation
  read_too_late: [
    "{name} cannot be computed yet.",
    "It reads {operands}, and what is read has to be there first.",
  ],
  needed_earlier: ["{name} is needed earlier.", "{users}."],
  in_reading_order: [
    "You went in the order of reading.",
    "What a function is called with is computed before the function, and both sides of a sign before the sign.",
  ],
  counted_backwards: [
    "You counted from the end.",
    "The first row is the one that is computed first.",
  ],
  place_taken: [
    "That is another row.",
    "Python computes one operation at a time, so that each has a row of its own.",
  ],
  possible_order: [
    "That is possible, but not what Python does.",
    "It goes line by line, in a line from left to right, and computes what stands inside first.",
  ],
  // marks on somebody's solution
  slip_overlooked: ["There is a slip in this line.", "Compute it yourself, or nudge."],
  other_slip: [
    "There is a slip, but of another kind.",
    "Compare the line with the row, part by part.",
  ],
  line_is_right: ["This line is right.", "Compute it yourself, or nudge."],
  primal_for_derivative: ["That is the value of {name}.", "Asked for is its {asked}, {target}."],
  other_derivative: ["That is the {unasked} of {name}.", "Asked for is its {asked}, {target}."],
};
