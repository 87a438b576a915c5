"""Forty gradients with nothing wrong, written before the finder: a finding here is a false alarm.

They are as ordinary as those of the lessons, and several come close to what is wrong elsewhere: a
softmax with ties, a shifted exponential that underflows in one entry, a root of an equation, some
units of a relu layer at rest, a loop that forgets where it began.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import adviz as ad
from adviz import learn

RANDOM = np.random.default_rng(1)
POINTS = RANDOM.normal(size=(5, 2))
MATRIX = RANDOM.normal(size=(3, 3))
VECTOR = RANDOM.normal(size=3)
FIRST, SECOND = RANDOM.normal(size=(2, 8)), RANDOM.normal(size=(8, 1))
TARGETS = RANDOM.normal(size=(5, 1))

HEALTHY: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []


def healthy(*inputs: Any) -> Callable[[Any], Any]:
    """Add a function to the list."""

    def add(function: Any) -> Any:
        HEALTHY.append((function, inputs))
        return function

    return add


# Single numbers.


@healthy(3.0, -4.0)
def product_and_sine(x1, x2):
    return x1 * x2 + np.sin(x1)


@healthy(1.5, 0.5)
def griewank_and_walther(x1, x2):
    return (np.sin(x1 / x2) + x1 / x2 - np.exp(x2)) * (x1 / x2 - np.exp(x2))


@healthy(-1.2, 1.0)
def rosenbrock(x1, x2):
    return (1 - x1) ** 2 + 100 * (x2 - x1**2) ** 2


@healthy(0.3)
def logistic_by_hand(x):
    return 1 / (1 + np.exp(-x))


@healthy(-2.0)
def absolute_value(x):
    return abs(x) ** 3


@healthy(2.0, 3.0)
def larger_of_two(x1, x2):
    return np.maximum(x1, x2) + x1 + x2


@healthy(1e-6)
def small_input(x):
    return np.sin(x) / x + x


@healthy(2e5)
def large_input(x):
    return np.log(x) + np.sqrt(x)


@healthy(2.4)
def fractional_part(x):
    return x - np.floor(x)


@healthy(1.4142135623730951)
def residual_at_its_root(x):
    return x * x - 2


@healthy(0.7)
def polynomial(x):
    total = 0.0
    for coefficient in (1.0, -2.0, 3.0, 0.5):
        total = total * x + coefficient
    return total


@healthy(2.0)
def newton_for_a_root(a):
    x = a
    for _ in range(8):
        x = 0.5 * (x + a / x)
    return x


@healthy(5.0)
def newton_until_it_stands(a):
    x = a
    while abs(x * x - a) > 1e-10:
        x = 0.5 * (x + a / x)
    return x


@healthy(1.0, 0.2)
def euler_steps(y, rate):
    for _ in range(50):
        y = y - 0.1 * rate * y
    return y


@healthy(0.5)
def branch_far_away(x):
    if x > 0:
        return x * x
    return -x


@healthy(0.0)
def sine_at_zero(x):
    return np.sin(x)


@healthy(2.0)
def power_of_a_constant(x):
    return 2**x + x**2.5


@healthy(0.5)
def angles(x):
    return np.arccos(x) + np.arctan2(x, 1.0)


@healthy(0.1)
def smooth_step(x):
    return np.tanh(3 * x) + np.log1p(np.exp(x))


@healthy(np.float32(0.5))
def all_in_float32(x):
    return np.exp(x) * x


# Arrays.


@healthy(VECTOR)
def sum_of_squares(x):
    return np.sum(x * x)


@healthy(VECTOR)
def norm(x):
    return np.linalg.norm(x)


@healthy(np.array([1e-5, -2e-5]))
def small_norm(x):
    return np.sqrt(np.sum(x**2))


@healthy(np.array([1.0, 2.0, 0.5]))
def softmax_with_a_shift(z):
    e = np.exp(z - np.max(z))
    return np.sum(e / np.sum(e) * np.array([1.0, 2.0, 3.0]))


@healthy(np.zeros(3))
def softmax_of_equal_entries(z):
    e = np.exp(z - np.max(z))
    return np.sum(e / np.sum(e) * np.array([1.0, 2.0, 3.0]))


@healthy(np.array([900.0, 0.0, 899.0]))
def softmax_with_one_class_out_of_reach(z):
    e = np.exp(z - np.max(z))
    return np.sum(e / np.sum(e) * np.array([1.0, 2.0, 3.0]))


@healthy(np.array([1.0, -2.0, 0.5]))
def cross_entropy(z):
    shifted = z - np.max(z)
    return np.log(np.sum(np.exp(shifted))) - shifted[1]


@healthy(MATRIX, VECTOR)
def quadratic_form(a, x):
    return x @ a @ x


@healthy(MATRIX + 4 * np.eye(3), VECTOR)
def linear_system(a, b):
    return np.sum(np.linalg.solve(a, b))


@healthy(np.array([-1.0, 0.0, 4.0]))
def root_with_two_wheres(x):
    safe = np.where(x > 0, x, 1.0)
    return np.sum(np.where(x > 0, np.sqrt(safe), 0.0) + x)


@healthy(POINTS)
def distances_off_the_diagonal(points):
    first, second = np.triu_indices(5, 1)
    differences = points[first] - points[second]
    return np.sum(np.exp(-np.sqrt(np.sum(differences**2, axis=1))))


@healthy(VECTOR)
def variance_in_two_passes(x):
    return np.mean((x - np.mean(x)) ** 2)


@healthy(np.array([3.0, 1.0, 2.0]))
def largest_entry(x):
    return np.max(x) + np.sum(x)


@healthy(np.array([0.2, 0.8]))
def entropy(p):
    return -np.sum(p * np.log(p))


# Networks.


@healthy(FIRST, SECOND)
def tanh_network(first, second):
    return np.mean((np.tanh(POINTS @ first) @ second - TARGETS) ** 2)


@healthy(FIRST, SECOND)
def relu_network(first, second):
    return np.mean((np.maximum(0, POINTS @ first) @ second - TARGETS) ** 2)


@healthy(FIRST, SECOND)
def relu_network_of_the_package(first, second):
    return np.mean((ad.relu(POINTS @ first) @ second - TARGETS) ** 2)


@healthy(0.3 * MATRIX, VECTOR)
def short_recurrence(w, h):
    for _ in range(6):
        h = np.tanh(w @ h + 0.1)
    return np.sum(h * h)


@healthy(learn.perceptron_parameters(2, 3, 2, seed=0))
def perceptron(parameters):
    return np.sum(learn.perceptron(parameters, POINTS) ** 2)


@healthy(np.array([0.5, -0.2, 0.1]), np.array([1.0, 0.0, 1.0]))
def logistic_regression(w, labels):
    p = ad.logistic(MATRIX @ w)
    return -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
