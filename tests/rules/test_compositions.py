"""Random programs against mpmath at 50 digits.

A program is a list of steps on a list of numbers. It runs on floats that are traced, and on
mpmath numbers with the derivative carried along by hand (dual numbers), which knows nothing of
adviz. The tolerance follows the program's own conditioning: an error of a few eps is put into
every intermediate value and the largest effect on the derivative is measured, at 50 digits too.
"""

import operator
import random

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import adviz as ad

mp.dps = 50

EPS = 2.0**-52


# name: (what the traced program calls, the operation in mpmath, its partials in mpmath)
STEPS = {
    "add": (operator.add, operator.add, lambda a, b: (1, 1)),
    "sub": (operator.sub, operator.sub, lambda a, b: (1, -1)),
    "mul": (operator.mul, operator.mul, lambda a, b: (b, a)),
    "scaled": (lambda a: 3 * a - 0.5, lambda a: 3 * a - mpf("0.5"), lambda a: (3,)),
    "over": (
        lambda a, b: a / (1 + b * b),
        lambda a, b: a / (1 + b * b),
        lambda a, b: (1 / (1 + b * b), -2 * a * b / (1 + b * b) ** 2),
    ),
    "sin": (np.sin, mpmath.sin, lambda a: (mpmath.cos(a),)),
    "cos": (np.cos, mpmath.cos, lambda a: (-mpmath.sin(a),)),
    "arctan": (np.arctan, mpmath.atan, lambda a: (1 / (1 + a * a),)),
    "tanh": (np.tanh, mpmath.tanh, lambda a: (1 - mpmath.tanh(a) ** 2,)),
    "squared": (lambda a: a**2, lambda a: a**2, lambda a: (2 * a,)),
    "negated": (operator.neg, operator.neg, lambda a: (-1,)),
    "log": (
        lambda a: np.log(a * a + 1),
        lambda a: mpmath.log(a * a + 1),
        lambda a: (2 * a / (a * a + 1),),
    ),
    "exp": (
        lambda a: np.exp(np.sin(a)),
        lambda a: mpmath.exp(mpmath.sin(a)),
        lambda a: (mpmath.cos(a) * mpmath.exp(mpmath.sin(a)),),
    ),
    "root": (
        lambda a: np.sqrt(a * a + 2),
        lambda a: mpmath.sqrt(a * a + 2),
        lambda a: (a / mpmath.sqrt(a * a + 2),),
    ),
    "hypot": (
        lambda a, b: np.hypot(a, b * b + 1),
        lambda a, b: mpmath.hypot(a, b * b + 1),
        lambda a, b: (
            a / mpmath.hypot(a, b * b + 1),
            2 * b * (b * b + 1) / mpmath.hypot(a, b * b + 1),
        ),
    ),
}


def program(seed, length, inputs):
    """Make steps (name, the places of the operands in what has been computed so far)."""
    chosen = random.Random(seed)
    steps = []
    for k in range(length):
        name = chosen.choice(sorted(STEPS))
        arity = STEPS[name][2].__code__.co_argcount
        steps.append((name, [chosen.randrange(inputs + k) for _ in range(arity)]))
    return steps


def traced(steps):
    def run(*inputs):
        numbers = list(inputs)
        for name, places in steps:
            numbers.append(STEPS[name][0](*(numbers[place] for place in places)))
        return numbers[-1]

    return run


def exact(steps, inputs, tangents, noise=None):
    """Run the program on dual numbers, with an error on every value where there is noise."""
    values, dots, size = [mpf(x) for x in inputs], [mpf(t) for t in tangents], mpf(0)
    for name, places in steps:
        _, function, partials = STEPS[name]
        operands = [values[place] for place in places]
        slopes = partials(*operands)
        value = function(*operands)
        dot = sum(slope * dots[place] for slope, place in zip(slopes, places, strict=True))
        if noise is not None:
            value += noise.choice((-1, 1)) * EPS * (abs(value) + 1)
            terms = (abs(s * dots[p]) + abs(dots[p]) for s, p in zip(slopes, places, strict=True))
            dot += noise.choice((-1, 1)) * EPS * sum(terms)
        values.append(value)
        dots.append(dot)
        size = max(size, abs(dot), abs(value))
    return values[-1], dots[-1], size


@pytest.mark.slow
@settings(max_examples=2 * settings().max_examples)
@given(
    seed=st.integers(0, 2**32),
    length=st.integers(1, 40),
    inputs=st.lists(st.floats(-3, 3).map(lambda x: round(x, 6)), min_size=1, max_size=4),
)
def test_values_and_derivatives_of_random_programs(seed, length, inputs):
    steps = program(seed, length, len(inputs))
    function = traced(steps)
    value, pulled = ad.vjp(function, *inputs)[0], ad.vjp(function, *inputs)[1](1.0)
    for k in range(len(inputs)):
        basis = tuple(float(j == k) for j in range(len(inputs)))
        true_value, true_slope, size = exact(steps, inputs, basis)
        if size > 1e100:
            return  # squared over and over: the next step would leave the floats
        noise = random.Random(seed)
        disturbed = [exact(steps, inputs, basis, noise)[:2] for _ in range(8)]
        errors = zip(
            *((abs(v - true_value), abs(d - true_slope)) for v, d in disturbed), strict=True
        )
        value_error, slope_error = (max(error) for error in errors)
        assert abs(mpf(value) - true_value) <= 32 * value_error + EPS * abs(true_value)
        pushed = ad.jvp(function, tuple(inputs), basis)[1]
        for slope in (pushed, pulled[k]):
            assert type(slope) is float
            assert abs(mpf(slope) - true_slope) <= 64 * slope_error + EPS * abs(true_slope)
