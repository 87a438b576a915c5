"""Traced numbers that a user collects in a list or in np.array: NumPy's answer, or a refusal.

Every example of the catalogue is given its arrays as nested lists, tuples and arrays of objects of
single traced numbers. Its value is that of plain numbers, its gradient that of a traced array; or
an AdvizError says what to write.
"""

import numpy as np
import pytest

import adviz as ad
from adviz.core.variable import value_of
from adviz.supported.examples import EXAMPLES
from adviz.supported.scipy_examples import OF_STATS


def nested(numbers, shape):
    """Return numbers as lists in lists."""
    if len(shape) <= 1:
        return list(numbers)
    length = len(numbers) // shape[0]
    parts = [numbers[k * length : (k + 1) * length] for k in range(shape[0])]
    return [nested(part, shape[1:]) for part in parts]


def in_tuples(nest):
    return tuple(map(in_tuples, nest)) if isinstance(nest, list) else nest


def mixed(numbers):
    """Return numbers among which plain ones of several classes take the place of traced ones."""
    kinds = (float, np.float64, np.asarray)
    return [
        kinds[k // 2 % 3](value_of(number)) if k % 2 else number for k, number in enumerate(numbers)
    ]


FORMS = {
    "lists": nested,
    "tuples": lambda numbers, shape: in_tuples(nested(numbers, shape)),
    "objects": lambda numbers, shape: np.array(nested(numbers, shape)),
    "rows": lambda numbers, shape: [*map(np.array, nested(numbers, shape))],
    "lists of some": lambda numbers, shape: nested(mixed(numbers), shape),
    "objects of some": lambda numbers, shape: np.array(nested(mixed(numbers), shape)),
}

CASES = [
    (example, operand, form)
    for table in (EXAMPLES, OF_STATS)
    for entry in table.values()
    for example in entry.examples
    for operand, shape in enumerate(example.shapes)
    if shape
    for form in FORMS
]


def parts_of(result):
    """Return the numbers and arrays in a result."""
    if isinstance(result, (tuple, list)):
        return [part for item in result for part in parts_of(item)]
    if isinstance(result, np.ndarray) and result.dtype == object and result.ndim:
        return [np.stack([*result.flat]).reshape(result.shape)]
    return [result]


def weighted(result):
    """Return one real number that depends on every entry of a result."""
    total, at = 0.0, 0
    for part in parts_of(result):
        weights = np.cos(np.arange(at, at + np.size(part))).reshape(np.shape(part))
        total = total + np.sum(np.real(part) * weights) + 0.7 * np.sum(np.imag(part) * weights)
        at += np.size(part)
    return total


def of_catalogue(every):
    """Return every so many of the cases: neighbours are of the same function."""
    return [
        pytest.param(*CASES[k], id=f"{k}: {CASES[k][0].source}", marks=pytest.mark.sampled)
        for k in range(0, len(CASES), every)
    ]


def assert_numpys_answer_or_refused(example, operand, form):
    rng = np.random.default_rng(0)
    arrays = [
        rng.uniform(0.3, 1.2, shape) if example.positive else rng.normal(size=shape)
        for shape in example.shapes
    ]
    shape = example.shapes[operand]
    numbers = arrays[operand].ravel().tolist()

    def collected(*numbers):
        arguments = list(arrays)
        arguments[operand] = FORMS[form](numbers, shape)
        return weighted(example(*arguments))

    try:
        expected = collected(*numbers)
    except (TypeError, ValueError, AttributeError, IndexError):
        return  # NumPy itself does not take it in this form
    try:
        value, slopes = ad.value_and_grad(collected, tuple(range(len(numbers))))(*numbers)
    except ad.AdvizError:
        return
    np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-12)

    def of_array(a):
        return weighted(example(*arrays[:operand], a, *arrays[operand + 1 :]))

    of_all = ad.grad(of_array)(arrays[operand]).ravel()
    is_traced = np.arange(len(numbers)) % 2 == 0 if "some" in form else True
    np.testing.assert_allclose(slopes, np.where(is_traced, of_all, 0.0), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(("example", "operand", "form"), of_catalogue(every=37))
def test_an_example_of_the_catalogue(example, operand, form):
    assert_numpys_answer_or_refused(example, operand, form)


@pytest.mark.long
@pytest.mark.parametrize(("example", "operand", "form"), of_catalogue(every=1))
def test_every_example_of_the_catalogue(example, operand, form):
    assert_numpys_answer_or_refused(example, operand, form)


COLLECTED = {
    "np.mean([x, y])": 1.0,
    "np.mean([[x, y], [y, 1.0]], axis=0)": 1.0,
    "np.array([x, y]).mean()": 1.0,
    "np.std([x, y, 1.0])": 1.0,
    "np.var([x, y, 1.0], ddof=1)": 1.0,
    "np.array([x, y, 2.0]).std(where=[True, True, False])": 1.0,
    "np.sum([x, y], where=[True, False])": 1.0,
    "np.sum(np.array([x, 1.0]), axis=0, where=np.array([True, False]))": 1.0,
    "np.array([x, y]).sum(where=[False, True])": 1.0,
    "np.prod([x, y, 3.0], where=[True, False, True])": 1.0,
    "np.max([x, y], where=[True, False], initial=0.0)": 1.0,
    "np.sum([x, y], dtype=float)": 1.0,
    "np.cumsum([x, y], dtype=float)": 1.0,
    "np.imag(np.array([x, y]) * 1j)": 1.0,
    "np.real(np.array([x, y]) * (2 + 1j))": 1.0,
    "np.angle([x + 1j * y, y])": 1.0,
    "np.linalg.norm(np.array([x, y]) * 1j)": 1.0,
    "np.nanmean([x, np.nan, y])": 1.0,
    "np.nan_to_num([x, np.nan, y])": 1.0,
    "np.insert([1.0, 2.0], 1, [x, y])": 1.0,
    "np.ediff1d([1.0, 2.0], to_end=[x, y])": 1.0,
    "np.allclose([x, y], [1.2, 0.8])": 0.0,
    "np.allclose([1.2, 0.8], [x, y])": 0.0,
    "np.isclose([1.2, 0.9], np.array([x, y]))": 0.0,
    "np.array_equal([x, y], [x, y], equal_nan=True)": 0.0,
    "np.column_stack([x, 2.0, y])": 1.0,
    "np.round([x, y])": 0.0,
    "np.around(np.array([x, y]), 1)": 0.0,
    "np.fix([x, -y])": 0.0,
    "np.isreal(np.array([x, y]) * 1j)": 0.0,
    "np.iscomplexobj(np.array([x, y]) * 1j)": 0.0,
    "np.digitize([0.5, 1.0], [y, x])": 0.0,
}
"""What NumPy computes of plain numbers, and whether it has a slope."""


@pytest.mark.parametrize("expression", COLLECTED)
def test_numbers_that_are_collected(expression):
    f = eval(f"lambda x, y: {expression}", {"np": np})
    expected = f(1.2, 0.8)

    def total(x, y):
        return weighted(f(x, y)) + 0.0 * x

    value, slopes = ad.value_and_grad(total, (0, 1))(1.2, 0.8)
    np.testing.assert_allclose(value, weighted(expected), rtol=1e-13, atol=1e-13)
    if not COLLECTED[expression]:
        assert slopes == (0.0, 0.0)
        assert ad.trace(total, 1.2, 0.8).decisions or "obj" in expression
        return
    for k, slope in enumerate(slopes):
        step = 1e-6 * np.eye(2)[k]
        rise = total(*(np.array([1.2, 0.8]) + step)) - total(*(np.array([1.2, 0.8]) - step))
        np.testing.assert_allclose(slope, rise / 2e-6, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(ad.compile(total, 1.2, 0.8).grad(1.2, 0.8), slopes[0], atol=1e-14)


def the_imaginary_parts(x):
    return np.sum((np.array([x, 2 * x]) * 1j).imag)


def a_complex_number_among_others(x):
    return np.sum(np.abs(np.array([x * 1j, x]).real))


def both_are_true(x):
    return np.sum(np.logical_and([x, x], [1.0, 0.0])) * x


def one_is_true(x):
    return np.logical_or.reduce(np.array([x, 0.0])) * x


def rounded_down(x):
    return np.floor([x, x])[0] * x


def are_finite(x):
    return np.sum(np.isfinite([x, x])) * x


def summed_exponentials(x):
    return np.logaddexp.reduce([x, 2 * x])


def hypotenuses_of_numpy_s_numbers(x):
    return np.sum(np.hypot([x, np.float64(2)], [x, np.float64(3)]))


def added_where(x):
    return np.add.reduce([x, 2 * x], where=[True, False])


@pytest.mark.parametrize(
    "f",
    [
        the_imaginary_parts,
        a_complex_number_among_others,
        both_are_true,
        one_is_true,
        rounded_down,
        are_finite,
        summed_exponentials,
        hypotenuses_of_numpy_s_numbers,
        added_where,
    ],
    ids=lambda f: f.__name__,
)
def test_what_numpy_would_lose_is_refused(f):
    """NumPy's own code answers here, of objects: wrongly, or not at all."""
    with pytest.raises(ad.AdvizError, match=r"np\.stack") as caught:
        ad.grad(f)(2.0)
    assert f"test_collected_numbers.py, line {f.__code__.co_firstlineno + 1}" in str(
        caught.value
    ) or f"in {f.__name__}" in str(caught.value)


def test_complex_numbers_in_lists_are_still_summed():
    assert ad.grad(lambda x: np.abs(np.sum(np.array([3j * x, 4 * x]))))(2.0) == 5.0
    assert ad.grad(lambda x: (x * 1j).imag + np.sum(np.array([x, x])))(2.0) == 3.0
    assert ad.grad(lambda x: x if all([x, x]) and any([x]) and bool(x) else 0.0)(2.0) == 1.0
