"""Wrong rules: the mistakes that people make in a step of a trace, as arithmetic.

Each is run in place of the right rule, and what it gives is compared with a person's answer: that
is how an answer is understood. Like the partials in the table of elementals the rules are ordinary
arithmetic over whatever number they are given; the trace document carries them as programs, so
that they hold for inputs typed in a page too. The sentences about them are the player's, in
``adviz/player/mistakeSentences.js``, by the names that the mistakes have here.

A step multiplies and adds, so that a mistake is in one of these places:

======================  ========================================================================
``WRONG_VALUES``        a value, of the operands
``wrong_slopes()``      a local partial, of the operands and the value v, as in the table of
                        elementals
``WRONG_USES``          the product of the chain rule: what a use sends back, a term of a tangent
``TANGENT_FOR_VALUE``   where a slope is taken
``WRONG_SUMS``          the sum of these products
``WRONG_ROWS``          a whole tangent, of the operands' tangents: a rule that does not exist
``WRONG_SEEDS``         the number that a sweep begins with, of the row's value
``WRONG_ORDER``         the adjoint that a row hands on, of its sum and the contribution that came
                        last
======================  ========================================================================

With arrays a step is a linear map (``WRONG_ARRAYS``, ``WRONG_ENTRIES_READ``, ``WRONG_PULLS``,
``WRONG_RECEIVED``, ``WRONG_PUSHES``, ``WRONG_SPREADS``, ``WRONG_PATHS``). The other tables
are about what is asked for besides passes: slopes and operations alone, Jacobians and their
products, counts, places in an order, choices, and marks. Where any answer but the right one is the
same mistake, there is its name only.

A wrong rule may give the right number: then it is no mistake.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from adviz.core.elementals import LN2, LN10, Elemental, divide, power

__all__ = [
    "TANGENT_FOR_VALUE",
    "WRONG_ARRAYS",
    "WRONG_COUNTS",
    "WRONG_ENTRIES",
    "WRONG_ENTRIES_READ",
    "WRONG_MARKS",
    "WRONG_MODES",
    "WRONG_ORDER",
    "WRONG_ORDERS",
    "WRONG_PARTIALS",
    "WRONG_PATHS",
    "WRONG_PLACES",
    "WRONG_PRODUCTS",
    "WRONG_PULLS",
    "WRONG_PUSHES",
    "WRONG_READINGS",
    "WRONG_RECEIVED",
    "WRONG_ROWS",
    "WRONG_ROW_CHOSEN",
    "WRONG_SEEDS",
    "WRONG_SPREADS",
    "WRONG_STEPS",
    "WRONG_SUMS",
    "WRONG_TERMS",
    "WRONG_USES",
    "WRONG_VALUES",
    "Counted",
    "Mistake",
    "wrong_slopes",
]

Number = Any


class Mistake(NamedTuple):
    """A wrong rule and what it is called.

    Attributes
    ----------
    name : str
    wrong : callable
        Arithmetic, of the numbers that its table says.

    Examples
    --------
    >>> WRONG_SUMS["reverse"][0].name, WRONG_SUMS["reverse"][0].wrong(-0.5, -4.0, 3.0, 1.0)
    ('last_use_only', -4.0)
    """

    name: str
    wrong: Callable[..., Number]


def _degrees(function: Callable[[Number], Number]) -> Mistake:
    return Mistake("degrees", lambda a: function(a * (math.pi / 180)))


def _degrees_of(function: Callable[[Number], Number]) -> Mistake:
    return Mistake("degrees", lambda a: function(a) * (180 / math.pi))


def _reciprocal_of(function: Callable[[Number], Number]) -> Mistake:
    return Mistake("reciprocal_for_inverse", lambda a: divide(1, function(a)))


WRONG_VALUES: Mapping[str, tuple[Mistake, ...]] = {
    "add": (Mistake("multiplied", lambda a, b: a * b), Mistake("subtracted", lambda a, b: a - b)),
    "sub": (
        Mistake("order_swapped", lambda a, b: b - a),
        Mistake("added", lambda a, b: a + b),
    ),
    "mul": (Mistake("wrong_sign", lambda a, b: -(a * b)), Mistake("added", lambda a, b: a + b)),
    "div": (
        Mistake("order_swapped", lambda a, b: divide(b, a)),
        Mistake("wrong_sign", lambda a, b: -divide(a, b)),
        Mistake("multiplied", lambda a, b: a * b),
    ),
    "pow": (
        Mistake("order_swapped", lambda a, b: power(b, a)),
        Mistake("multiplied", lambda a, b: a * b),
        Mistake("wrong_sign", lambda a, b: -power(a, b)),
    ),
    "neg": (Mistake("wrong_sign", lambda a: a),),
    "abs": (Mistake("sign_kept", lambda a: a),),
    "sqrt": (Mistake("halved", lambda a: a / 2), Mistake("squared", lambda a: a * a)),
    "square": (Mistake("doubled", lambda a: 2 * a), Mistake("wrong_sign", lambda a: -(a * a))),
    "reciprocal": (Mistake("opposite_for_reciprocal", lambda a: -a),),
    "hypot": (Mistake("root_of_each", lambda a, b: a + b),),
    "exp": (
        Mistake("multiplied_by_base", lambda a: math.e * a),
        Mistake("other_base", lambda a: power(10, a)),
        Mistake("sign_of_exponent", lambda a: np.exp(-a)),
    ),
    "exp2": (
        Mistake("multiplied_by_base", lambda a: 2 * a),
        Mistake("squared", lambda a: a * a),
        Mistake("other_base", np.exp),
    ),
    "expm1": (Mistake("one_forgotten", np.exp),),
    "log": (Mistake("other_base", np.log10), Mistake("other_base", np.log2)),
    "log1p": (Mistake("one_forgotten", np.log),),
    "log2": (Mistake("other_base", np.log), Mistake("other_base", np.log10)),
    "log10": (Mistake("other_base", np.log),),
    "sin": (_degrees(np.sin), Mistake("other_function", np.cos)),
    "cos": (_degrees(np.cos), Mistake("other_function", np.sin)),
    "tan": (_degrees(np.tan), Mistake("inverted", lambda a: divide(1, np.tan(a)))),
    "arcsin": (_degrees_of(np.arcsin), _reciprocal_of(np.sin)),
    "arccos": (_degrees_of(np.arccos), _reciprocal_of(np.cos)),
    "arctan": (_degrees_of(np.arctan), _reciprocal_of(np.tan)),
    "arctan2": (Mistake("order_swapped", lambda a, b: np.arctan2(b, a)),),
    "sinh": (Mistake("circular_for_hyperbolic", np.sin), Mistake("other_function", np.cosh)),
    "cosh": (Mistake("circular_for_hyperbolic", np.cos), Mistake("other_function", np.sinh)),
    "tanh": (Mistake("circular_for_hyperbolic", np.tan),),
    "maximum": (Mistake("other_operand", np.minimum),),
    "minimum": (Mistake("other_operand", np.maximum),),
    "relu": (Mistake("sign_kept", lambda a: a),),
    "logistic": (Mistake("sign_of_exponent", lambda a: divide(1, 1 + np.exp(a))),),
}
"""Wrong values by operation, of its operands; the likelier before the less likely."""


_OWN_SLOPES: Mapping[str, tuple[tuple[Mistake, ...], ...]] = {
    "sub": ((), (Mistake("sign_of_difference", lambda a, b, v: 1.0),)),
    "mul": (
        (Mistake("factor_not_swapped", lambda a, b, v: a),),
        (Mistake("factor_not_swapped", lambda a, b, v: b),),
    ),
    "div": (
        (Mistake("denominator_forgotten", lambda a, b, v: 1.0),),
        (
            Mistake("quotient_sign_lost", lambda a, b, v: divide(v, b)),
            Mistake("quotient_square_forgotten", lambda a, b, v: -v),
            Mistake("numerator_forgotten", lambda a, b, v: divide(-1, b * b)),
        ),
    ),
    "pow": (
        (
            Mistake("exponent_not_lowered", lambda a, b, v: b * v),
            Mistake("exponent_not_multiplied", lambda a, b, v: power(a, b - 1)),
        ),
        (
            Mistake("logarithm_forgotten", lambda a, b, v: v),
            Mistake("exponential_as_power", lambda a, b, v: b * power(a, b - 1)),
        ),
    ),
    "neg": ((Mistake("minus_forgotten", lambda a, v: 1.0),),),
    "abs": ((Mistake("slope_of_bars", lambda a, v: -np.sign(a)),),),
    "sqrt": (
        (
            Mistake("half_forgotten", lambda a, v: divide(1, v)),
            Mistake("exponent_not_lowered", lambda a, v: v / 2),
        ),
    ),
    "square": (
        (
            Mistake("exponent_not_multiplied", lambda a, v: a),
            Mistake("exponent_not_lowered", lambda a, v: 2 * v),
        ),
    ),
    "reciprocal": (
        (
            Mistake("quotient_sign_lost", lambda a, v: v * v),
            Mistake("quotient_square_forgotten", lambda a, v: -v),
        ),
    ),
    "hypot": (
        (Mistake("denominator_forgotten", lambda a, b, v: a),),
        (Mistake("denominator_forgotten", lambda a, b, v: b),),
    ),
    "exp": ((Mistake("exponential_as_power", lambda a, v: a * np.exp(a - 1)),),),
    "exp2": (
        (
            Mistake("logarithm_forgotten", lambda a, v: v),
            Mistake("exponential_as_power", lambda a, v: a * power(2, a - 1)),
        ),
    ),
    "log1p": ((Mistake("one_forgotten", lambda a, v: divide(1, a)),),),
    "log2": (
        (
            Mistake("logarithm_forgotten", lambda a, v: divide(1, a)),
            Mistake("logarithm_above", lambda a, v: divide(LN2, a)),
        ),
    ),
    "log10": (
        (
            Mistake("logarithm_forgotten", lambda a, v: divide(1, a)),
            Mistake("logarithm_above", lambda a, v: divide(LN10, a)),
        ),
    ),
    "sin": ((Mistake("minus_of_cosine", lambda a, v: -np.cos(a)),),),
    "cos": ((Mistake("minus_of_cosine", lambda a, v: np.sin(a)),),),
    "tan": (
        (
            Mistake("square_forgotten", lambda a, v: 1 + v),
            Mistake("square_forgotten", lambda a, v: divide(1, np.cos(a))),
            Mistake("sign_in_square", lambda a, v: 1 - v * v),
        ),
    ),
    "arcsin": ((Mistake("root_forgotten", lambda a, v: divide(1, 1 - a * a)),),),
    "arccos": (
        (
            Mistake("minus_forgotten", lambda a, v: divide(1, np.sqrt(1 - a * a))),
            Mistake("root_forgotten", lambda a, v: divide(-1, 1 - a * a)),
        ),
    ),
    "arctan": (
        (
            Mistake("sign_in_square", lambda a, v: divide(1, 1 - a * a)),
            Mistake("square_forgotten", lambda a, v: divide(1, 1 + a)),
        ),
    ),
    "sinh": ((Mistake("minus_too_many", lambda a, v: -np.cosh(a)),),),
    "cosh": ((Mistake("minus_too_many", lambda a, v: -np.sinh(a)),),),
    "tanh": (
        (
            Mistake("input_for_value", lambda a, v: 1 - a * a),
            Mistake("square_forgotten", lambda a, v: 1 - v),
            Mistake("sign_in_square", lambda a, v: 1 + v * v),
        ),
    ),
    "logistic": (
        (
            Mistake("one_factor_forgotten", lambda a, v: 1 - v),
            Mistake("input_for_value", lambda a, v: a * (1 - a)),
        ),
    ),
}


def wrong_slopes(elemental: Elemental) -> tuple[tuple[Mistake, ...], ...]:
    """Return the mistakes in an operation's partials, for each operand, of the operands and v.

    Those of its own come first, then those that every function invites.

    Examples
    --------
    >>> from adviz import ELEMENTALS
    >>> [(name, wrong(2.0, 8.0)) for name, wrong in wrong_slopes(ELEMENTALS["square"])[0]]
    [('exponent_not_multiplied', 2.0), ('exponent_not_lowered', 16.0), ('slope_at_value', 16.0)]
    """
    own = _OWN_SLOPES.get(elemental.name, ((),) * elemental.arity)
    if elemental.arity != 1:
        return own
    (partial,) = elemental.partials
    return ((*own[0], Mistake("slope_at_value", lambda a, v: partial(v, v))),)


WRONG_USES: tuple[Mistake, ...] = (
    Mistake("sign_lost", lambda carrier, slope, other, operand, value: -(carrier * slope)),
    Mistake("slope_left_out", lambda carrier, slope, other, operand, value: carrier),
    Mistake("carrier_left_out", lambda carrier, slope, other, operand, value: slope),
    Mistake("wrong_operand", lambda carrier, slope, other, operand, value: carrier * other),
    Mistake("slope_inverted", lambda carrier, slope, other, operand, value: divide(carrier, slope)),
    Mistake("value_for_slope", lambda carrier, slope, other, operand, value: carrier * value),
    Mistake("operand_for_slope", lambda carrier, slope, other, operand, value: carrier * operand),
    Mistake("primal_for_carrier", lambda carrier, slope, other, operand, value: value * slope),
    Mistake("factors_added", lambda carrier, slope, other, operand, value: carrier + slope),
)
"""Wrong products: of what is carried (the user's adjoint, or the operand's tangent), the slope, the
slope in the other operand, the operand's value and the user's value."""


WRONG_PARTIALS: tuple[Mistake, ...] = (
    Mistake("slope_sign_lost", lambda slope, other, operand, value: -slope),
    Mistake("wrong_operand", lambda slope, other, operand, value: other),
    Mistake("slope_turned_over", lambda slope, other, operand, value: divide(1, slope)),
    Mistake("value_for_slope", lambda slope, other, operand, value: value),
    Mistake("operand_for_slope", lambda slope, other, operand, value: operand),
    Mistake("one_for_slope", lambda slope, other, operand, value: 1.0),
)
"""Wrong slopes where a slope is all that is asked for: of the slope, the slope in the other
operand, the operand's value and the row's."""


WRONG_SUMS: Mapping[str, tuple[Mistake, ...]] = {
    "reverse": (
        Mistake("last_use_only", lambda rest, part, primal, other: part),
        Mistake("use_forgotten", lambda rest, part, primal, other: rest),
        Mistake("uses_multiplied", lambda rest, part, primal, other: rest * part),
        Mistake("uses_averaged", lambda rest, part, primal, other: (rest + part) / 2),
        Mistake("primal_for_derivative", lambda rest, part, primal, other: primal),
        Mistake("other_derivative", lambda rest, part, primal, other: other),
    ),
    "forward": (
        Mistake("term_forgotten", lambda rest, part, primal, other: rest),
        Mistake("terms_multiplied", lambda rest, part, primal, other: rest * part),
        Mistake("primal_for_derivative", lambda rest, part, primal, other: primal),
        Mistake("other_derivative", lambda rest, part, primal, other: other),
    ),
}
"""Wrong sums by pass: of what was there before this use (or the other terms), what this use sends
back (or this term), the row's value, and its derivative in the other mode."""


WRONG_ROWS: Mapping[str, tuple[Mistake, ...]] = {
    "mul": (Mistake("tangents_multiplied", lambda a, b: a * b),),
    "div": (Mistake("tangents_divided", divide),),
}
"""Wrong tangents by operation, of the tangents of its operands: (uv)' is not u'v'."""


WRONG_SEEDS: tuple[Mistake, ...] = (
    Mistake("value_for_seed", lambda value: value),
    Mistake("zero_for_seed", lambda value: 0.0),
    Mistake("one_for_seed", lambda value: 1.0),
)
"""Wrong seeds, of the value of the row that is seeded."""


WRONG_ORDER = Mistake("handed_on_too_early", lambda adjoint, last: adjoint - last)
"""What a row hands on that does not wait for all its uses."""


TANGENT_FOR_VALUE = Mistake("tangent_for_value", lambda value, tangent: tangent)
"""Where a slope is taken in the forward pass, of the operand's value and tangent."""


WRONG_READINGS: tuple[Mistake, ...] = (
    Mistake("other_row_read", lambda read, other, formula: other),
    Mistake("row_taken_apart", lambda read, other, formula: formula),
)
"""Wrong operands of an operation: of the row that it reads, another one, and what computes the
first."""


WRONG_ENTRIES: tuple[Mistake, ...] = (
    Mistake("jacobian_transposed", lambda entry, other, value: other),
    Mistake("other_output", lambda entry, other, value: other),
    Mistake("other_input", lambda entry, other, value: other),
    Mistake("result_sign_lost", lambda entry, other, value: -entry),
    Mistake("primal_for_derivative", lambda entry, other, value: value),
    Mistake("entry_turned_over", lambda entry, other, value: divide(1, entry)),
)
"""Wrong entries of a Jacobian: of the right one, another one, and the output's value."""


WRONG_PRODUCTS: tuple[Mistake, ...] = (
    Mistake("transpose_used", lambda product: product),
    Mistake("entry_left_out", lambda product: product),
    Mistake("unit_vector_used", lambda product: product),
    Mistake("ones_used", lambda product: product),
    Mistake("vector_itself", lambda product: product),
    Mistake("result_sign_lost", lambda product: -product),
    Mistake("primal_for_derivative", lambda product: product),
)
"""Wrong products of a Jacobian and a vector: of what stands in place of the product."""


class Counted(NamedTuple):
    """What can be counted in place of what is asked for.

    Attributes
    ----------
    own : float
        The right count.
    other : float
        The same in the other mode.
    inputs, outputs, rows : float
        How many there are; inputs are no rows.
    function : float
        The function's operations.
    operands : float
        How many operands are rows, of all rows that a pass goes through.
    additions : float
        Those in a pass.
    passes, each : float
        How many passes a Jacobian takes, and the operations of one.
    """

    own: Number
    other: Number
    inputs: Number
    outputs: Number
    rows: Number
    function: Number
    operands: Number
    additions: Number
    passes: Number
    each: Number


_INPUTS_COUNTED = Mistake("inputs_counted", lambda n: n.own + n.inputs)
_OTHER_MODE = Mistake("other_mode_counted", lambda n: n.other)
_OF_A_SWEEP = (
    Mistake("function_included", lambda n: n.own + n.function),
    Mistake("function_counted", lambda n: n.function),
    _OTHER_MODE,
    Mistake("additions_left_out", lambda n: n.own - n.additions),
    Mistake("operands_counted", lambda n: n.operands),
    Mistake("products_and_additions", lambda n: n.operands + n.additions),
    Mistake("pass_for_each_input", lambda n: n.own * n.inputs),
    _INPUTS_COUNTED,
)
_OF_PASSES = (
    Mistake("passes_swapped", lambda n: n.other),
    Mistake("pass_for_each_entry", lambda n: n.inputs * n.outputs),
    Mistake("one_pass_for_all", lambda n: 1.0),
    Mistake("passes_added", lambda n: n.inputs + n.outputs),
    Mistake("pass_for_each_row", lambda n: n.rows),
)
_OF_A_JACOBIAN = (
    Mistake("function_each_time", lambda n: n.own + (n.passes - 1) * n.function),
    Mistake("function_left_out", lambda n: n.own - n.function),
    _OTHER_MODE,
    Mistake("one_pass_counted", lambda n: n.each + n.function),
    Mistake("passes_added_to_operations", lambda n: n.passes + n.each + n.function),
)

WRONG_COUNTS: Mapping[str, tuple[Mistake, ...]] = {
    "function": (
        _INPUTS_COUNTED,
        Mistake("rows_counted", lambda n: n.rows),
        Mistake("operands_for_operations", lambda n: n.operands),
    ),
    "forward": _OF_A_SWEEP,
    "reverse": _OF_A_SWEEP,
    "columns": _OF_PASSES,
    "rows": _OF_PASSES,
    "by_forward": _OF_A_JACOBIAN,
    "by_reverse": _OF_A_JACOBIAN,
}
"""Wrong counts by what is counted, of a :class:`Counted`; the likelier before the less likely."""


WRONG_MODES: Mapping[str, tuple[Mistake, ...]] = {
    "mode": (
        Mistake("modes_swapped", lambda right: 1 - right if right < 2 else 0),
        Mistake("passes_not_compared", lambda right: 2 if right < 2 else 1),
    ),
    "why": (
        Mistake("miscounted", lambda right: (right + 1) % 3),
        Mistake("miscounted", lambda right: (right + 2) % 3),
    ),
}
"""Wrong choices of the cheaper mode (0 forward, 1 reverse, 2 neither), and of the reason."""


WRONG_ROW_CHOSEN = ("row_is_reached", "row_overlooked")
"""The names of wrong choices of a row that is never reached: another row, and none. Any choice but
the right one is such a mistake, so that there is no rule to run."""


WRONG_ORDERS: tuple[Mistake, ...] = (
    Mistake("evaluations_for_order", lambda order, evaluations, points: evaluations),
    Mistake("points_for_order", lambda order, evaluations, points: points),
    Mistake("power_too_high", lambda order, evaluations, points: order + 1),
    Mistake("power_too_low", lambda order, evaluations, points: order - 1),
)
"""Wrong orders of a difference scheme: of the right one, of how often f is evaluated, and of how
many points there are from its first to its last."""


WRONG_STEPS = ("step_too_small", "step_too_large")
"""The names of steps on either side of the best one."""


WRONG_PLACES = (
    Mistake("in_reading_order", lambda early, late, taken, as_read, backwards: as_read > 1),
    Mistake("counted_backwards", lambda early, late, taken, as_read, backwards: backwards > 2),
    Mistake("read_too_late", lambda early, late, taken, as_read, backwards: early > 0),
    Mistake("needed_earlier", lambda early, late, taken, as_read, backwards: late > 0),
    Mistake("place_taken", lambda early, late, taken, as_read, backwards: taken > 0),
    Mistake("possible_order", lambda early, late, taken, as_read, backwards: 1.0),
)
"""Wrong places of an operation in a trace: whether the mistake is made, where none before it is; of
how many operations that it needs are placed after it, how many that need it before it, how many at
its place, and how many with it as one reads the source and from the end."""


WRONG_ARRAYS: Mapping[str, tuple[Mistake, ...]] = {
    "matmul": (
        Mistake("factors_swapped", lambda a, b: b @ a),
        Mistake("entrywise_product", lambda a, b: a * b),
        Mistake("factor_transposed", lambda a, b: a @ b.T),
        Mistake("factor_transposed", lambda a, b: a.T @ b),
    ),
    "sum": (
        Mistake("mean_for_sum", np.mean),
        Mistake("sum_forgotten", lambda a: a.ravel()[0]),
    ),
    "transpose": (Mistake("not_transposed", lambda a: a),),
    "reshape": (Mistake("columns_first", lambda a: a.reshape(-1, order="F")),),
}
"""Wrong values of array operations by operation, of the operands: linear in each of them."""


_OTHER_ENTRIES = (
    Mistake("one_entry_off", lambda a: np.roll(a, -1, -1)),
    Mistake("one_entry_off", lambda a: np.roll(a, 1, -1)),
    Mistake("one_entry_off", lambda a: np.roll(a, -1, 0)),
    Mistake("one_entry_off", lambda a: np.roll(a, 1, 0)),
    Mistake("indices_swapped", lambda a: a.T),
)

WRONG_ENTRIES_READ: Mapping[str, tuple[Mistake, ...]] = {
    "view": _OTHER_ENTRIES,
    "getitem": _OTHER_ENTRIES,
}
"""By operation, how the array that is indexed lies for somebody who takes other entries: of it, of
its tangent, or of what comes back to it."""


WRONG_PULLS: Mapping[str, tuple[Mistake, ...]] = {
    "matmul": (
        Mistake("transpose_forgotten", lambda bar, k, a, b: a @ bar if k else bar @ b),
        Mistake("factors_swapped", lambda bar, k, a, b: bar @ a.T if k else b.T @ bar),
        Mistake("same_factor", lambda bar, k, a, b: b.T @ bar if k else bar @ a.T),
        Mistake("result_transposed", lambda bar, k, a, b: (a.T @ bar if k else bar @ b.T).T),
        Mistake("entrywise_product", lambda bar, k, a, b: bar * (a if k else b)),
        Mistake("factor_left_out", lambda bar, k, a, b: bar),
    ),
    "transpose": (Mistake("not_transposed", lambda bar, k, a: bar),),
    "reshape": (Mistake("columns_first", lambda bar, k, a: np.reshape(bar, a.shape, order="F")),),
    "view": (Mistake("index_forgotten", lambda bar, k, a: np.full_like(a, bar)),),
}
"""Wrong maps of an adjoint back through an array operation, by operation: of the adjoint, which
operand it goes back to, and the operands. One that gives another shape than the operand's is no
candidate."""


WRONG_RECEIVED: Mapping[str, tuple[Mistake, ...]] = {
    "sum": (
        Mistake("sum_divided", lambda received, a, count: received / count),
        Mistake("sum_weighted", lambda received, a, count: received * a),
        Mistake("sum_not_spread", lambda received, a, count: _only_first(received)),
    ),
}
"""What people make of what comes back through an operation: of that, of the operand, and of how
many of its entries make one of the result."""


WRONG_PUSHES: Mapping[str, tuple[Mistake, ...]] = {
    "matmul": (
        Mistake("factors_swapped", lambda dot, k, a, b: dot @ a if k else b @ dot),
        Mistake("factor_transposed", lambda dot, k, a, b: a.T @ dot if k else dot @ b.T),
        Mistake("same_factor", lambda dot, k, a, b: b @ dot if k else dot @ a),
        Mistake("entrywise_product", lambda dot, k, a, b: dot * (a if k else b)),
        Mistake("factor_left_out", lambda dot, k, a, b: dot),
    ),
    "sum": (
        Mistake("mean_for_sum", lambda dot, k, a: np.mean(dot)),
        Mistake("sum_forgotten", lambda dot, k, a: dot.ravel()[0]),
    ),
    "transpose": (Mistake("not_transposed", lambda dot, k, a: dot),),
}
"""Wrong maps of a tangent through an array operation, likewise."""


WRONG_SPREADS: tuple[Mistake, ...] = (
    Mistake("axis_not_summed", lambda bar, shape: bar[tuple(slice(n) for n in shape)]),
    Mistake("mean_for_sum", lambda bar, shape: np.mean(bar, _axes(shape), keepdims=True)),
)
"""What people take of an adjoint for the sum over the axes along which its operand was spread: of
the adjoint, and of the operand's shape with an axis of length 1 for each that it lacks."""


WRONG_PATHS: tuple[Mistake, ...] = (
    Mistake("overwritten", lambda received, part: part),
    Mistake("one_path_only", lambda received, part: part),
    Mistake("path_forgotten", lambda received, part: received - part),
)
"""What people take of what one use sends back to an entry that it reads several times: of the sum,
and of one of its terms; if that is overwritten, of the last one."""


def _only_first(received: Number) -> Number:
    first = np.zeros_like(received)
    first.flat[0] = received.flat[0]
    return first


def _axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axis for axis, length in enumerate(shape) if length == 1)


WRONG_TERMS = (Mistake("term_too_many", lambda total, other: total + other),)
"""Wrong sums of a formula: with a term of a row that is not in it."""


WRONG_MARKS = ("slip_overlooked", "other_slip", "line_is_right")
"""The names of wrong marks on a line of a solution: there is a slip, another slip, none."""
