"""Forty gradients that went wrong, each with its cause, written before what finds it.

Ten of them have the form in which people report them to the tools they use: the distance matrix,
the norm at zero, the logarithm of a softmax, where with a bad branch, the dead relu, the exploding
recurrence, the loss in float16, the comparison used as a number, the rounded index, the early exit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(4, 2))
WEIGHTS = RANDOM.normal(size=(3, 2))
CALLS: list[float] = []


@dataclass(frozen=True)
class Broken:
    """A gradient that went wrong.

    Attributes
    ----------
    code : str
        Of the finding that has to stand first.
    line : str
        A part of the line that it names; "" where it is about the whole function.
    """

    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    code: str
    line: str = ""
    options: dict[str, Any] = field(default_factory=dict)


BROKEN: list[Broken] = []


def broken(*inputs: Any, code: str, line: str = "") -> Callable[[Any], Any]:
    """Add a function to the list."""

    def add(function: Any) -> Any:
        BROKEN.append(Broken(function, inputs, code, line))
        return function

    return add


# Born in the values.


@broken(-1.0, code="nonfinite_value", line="root = np.sqrt(x)")
def root_of_a_negative_number(x):
    root = np.sqrt(x)
    return 3 * root + 1


@broken(2.0, 2.0, code="nonfinite_value", line="slope = 1 / (x1 - x2)")
def division_by_zero(x1, x2):
    slope = 1 / (x1 - x2)
    return x1 * slope


@broken(800.0, code="overflow", line="big = np.exp(x)")
def overflow(x):
    big = np.exp(x)
    return np.log(1 + big)


@broken(np.array([1000.0, 0.0, -1000.0]), code="overflow", line="e = np.exp(z)")
def softmax_without_a_shift(z):
    e = np.exp(z)
    p = e / np.sum(e)
    return np.sum(p * np.array([1.0, 2.0, 3.0]))


@broken(np.array([-800.0, 0.0]), code="nonfinite_value", line="return -np.log(p[0])")
def logarithm_of_a_softmax(z):
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return -np.log(p[0])


@broken(1e-200, code="underflow", line="square = x * x")
def underflow(x):
    square = x * x
    return square * 1e200


# Born in the return sweep.


@broken(0.0, code="nonfinite_slope", line="return np.sqrt(x * x)")
def norm_at_zero(x):
    return np.sqrt(x * x)


@broken(POINTS, code="nonfinite_slope", line="distances = np.sqrt")
def distance_matrix(points):
    differences = points[:, None, :] - points[None, :, :]
    distances = np.sqrt(np.sum(differences**2, axis=2))
    return np.sum(np.exp(-distances))


@broken(np.zeros(3), code="nonfinite_slope", line="length = np.linalg.norm(x)")
def unit_vector_of_nothing(x):
    length = np.linalg.norm(x)
    return np.sum(x) * length


@broken(0.0, code="nonfinite_slope", line="return x**0.5")
def power_of_one_half_at_zero(x):
    return x**0.5


@broken(1.0, code="nonfinite_slope", line="angle = np.arccos(c)")
def angle_of_a_vector_with_itself(c):
    angle = np.arccos(c)
    return angle**2


@broken(0.0, code="untaken_branch", line="np.where(x > 0, np.log(x), 0.0)")
def where_with_a_bad_branch(x):
    return np.where(x > 0, np.log(x), 0.0)


@broken(np.array([0.0, 1.0, 4.0]), code="untaken_branch", line="safe = np.where")
def where_with_a_root(x):
    safe = np.where(x > 0, np.sqrt(x), 0.0)
    return np.sum(safe)


@broken(np.array([0.0, 0.5]), code="untaken_branch", line="entropy = np.where")
def entropy_with_an_empty_class(p):
    entropy = np.where(p > 0, -p * np.log(p), 0.0)
    return np.sum(entropy)


@broken(np.array([0.0, 2.0]), code="untaken_branch", line="np.where(x == 0, 1.0, np.sin(x) / x)")
def sinc_by_hand(x):
    return np.sum(np.where(x == 0, 1.0, np.sin(x) / x))


# Slopes that were chosen.


@broken(0.0, code="kink", line="return abs(x)")
def absolute_value_at_zero(x):
    return abs(x)


@broken(2.0, 2.0, code="tie", line="return np.maximum(x1, x2)")
def two_equal_numbers(x1, x2):
    return np.maximum(x1, x2)


@broken(np.array([3.0, 3.0, 1.0]), code="tie", line="return np.max(x)")
def largest_of_equal_entries(x):
    return np.max(x)


@broken(2.0, code="jump", line="return np.floor(x) * x")
def floor_at_a_whole_number(x):
    return np.floor(x) * x


# What cuts a gradient.


@broken(2.4, code="flat", line="k = np.round(x)")
def rounded(x):
    k = np.round(x)
    return k * k


@broken(np.array([0.3, -0.2]), code="flat", line="votes = (x > 0) * 1.0")
def comparison_used_as_a_number(x):
    votes = (x > 0) * 1.0
    return np.sum(votes)


@broken(1.5, code="flat", line="side = np.sign(x)")
def only_a_sign(x):
    side = np.sign(x)
    return 3 * side


@broken(1.0, 2.0, code="disconnected")
def an_input_that_is_forgotten(x1, x2):
    return x1 * 3 + 0 * 2


@broken(0.0, 5.0, code="zero_slope", line="return x1 * x1 * x2")
def zero_but_connected(x1, x2):
    return x1 * x1 * x2


@broken(0.0, code="early_exit", line="if p == 0")
def early_exit(p):
    if p == 0:
        return 0 * p
    return p * np.log(p + 2)


@broken(
    np.array([1.0, 2.0]), np.array([-3.0, -4.0]), code="saturation", line="h = np.maximum(0, w * x)"
)
def dead_relu(w, x):
    h = np.maximum(0, w * x)
    return np.sum(h * h)


@broken(np.array([20.0, -25.0]), code="saturation", line="h = np.tanh(w)")
def saturated_tanh(w):
    h = np.tanh(w)
    return np.sum(h**2)


@broken(40.0, code="saturation", line="p = 1 / (1 + np.exp(-x))")
def saturated_logistic(x):
    p = 1 / (1 + np.exp(-x))
    return (p - 0.0) ** 2


# Along a chain.


@broken(0.5, code="vanishing", line="h = np.tanh(0.1 * h)")
def vanishing_recurrence(x):
    h = x
    for _ in range(30):
        h = np.tanh(0.1 * h)
    return h


@broken(0.01, code="exploding", line="h = 4 * h")
def exploding_recurrence(x):
    h = x
    for _ in range(40):
        h = 4 * h
    return h


@broken(0.3, code="exploding", line="x = 4 * x * (1 - x)")
def logistic_map(x):
    for _ in range(60):
        x = 4 * x * (1 - x)
    return x


# Digits that are lost.


@broken(1e-8, code="cancellation", line="return (1 - np.cos(x)) / x**2")
def one_minus_cosine(x):
    return (1 - np.cos(x)) / x**2


@broken(1e8, code="cancellation", line="return np.sqrt(x * x + 1) - x")
def difference_of_large_numbers(x):
    return np.sqrt(x * x + 1) - x


@broken(
    np.array([1e8, 1e8 + 1, 1e8 + 2]), code="cancellation", line="np.mean(x**2) - np.mean(x) ** 2"
)
def variance_in_one_pass(x):
    return np.mean(x**2) - np.mean(x) ** 2


@broken(np.array([3.0, 400.0], dtype=np.float16), code="overflow", line="total = np.sum(x * x)")
def loss_in_float16(x):
    total = np.sum(x * x)
    return total / np.float16(2.0)


# What is not a function of its inputs.


@broken(1.0, code="random", line="noise = RANDOM.normal()")
def random_noise(x):
    noise = RANDOM.normal()
    return x * noise


@broken(2.0, code="state", line="CALLS.append(0.0)")
def counts_its_calls(x):
    CALLS.append(0.0)
    return x * len(CALLS)


@broken(1.0 + 1e-9, code="near_decision", line="if x > 1")
def close_to_a_branch(x):
    if x > 1:
        return 3 * x
    return x * x


@broken(np.float32(1.5), code="mixed_precision", line="return x * scale")
def half_of_the_digits(x):
    scale = np.float64(0.1)
    return x * scale


@broken(2.0, 3.0, code="constant_input", line="rate = 0.5")
def placeholder(x, y):
    rate = 0.5
    return x * rate + y
