"""diagnose: the cause of each broken gradient stands first, and healthy ones get no finding."""

import html
import re
import time

import numpy as np
import pytest

import adviz as ad
from adviz.diagnosis.finding import TITLES
from adviz.supported.examples import EXAMPLES
from tests.diagnose.broken import BROKEN
from tests.diagnose.healthy import HEALTHY

NOT_FOUND = {"placeholder"}
"""A constant that was meant to be an input: the trace has nothing to tell it from any other."""


def first_is_right(case):
    report = ad.diagnose(case.function, *case.inputs)
    if not report.findings or report.findings[0].code != case.code:
        return False
    return case.line in str(report.findings[0].source)


def test_there_are_forty_of_each():
    assert len(BROKEN) == len(HEALTHY) == 40


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.function.__name__)
def test_the_cause_stands_first(case):
    assert first_is_right(case) == (case.function.__name__ not in NOT_FOUND)


@pytest.mark.parametrize(("function", "inputs"), HEALTHY, ids=[f.__name__ for f, _ in HEALTHY])
def test_a_healthy_gradient_has_nothing_to_report(function, inputs):
    report = ad.diagnose(function, *inputs)
    assert report.findings == []
    assert str(report) == f"The gradient of {function.__name__}: nothing to report."


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.function.__name__)
def test_each_finding_says_what_why_and_what_instead(case):
    for finding in ad.diagnose(case.function, *case.inputs):
        assert finding.title == TITLES[finding.code]
        for sentence in (finding.what, finding.why, finding.instead):
            assert sentence[-1] in ".?"
            assert not re.search(r"\b(None|inf|nan)\b", sentence)
            assert sentence.count("`") % 2 == 0
        if finding.row is not None and finding.source is not None:
            assert finding.line == finding.source.line
            assert finding.row.label in finding.place


def test_the_most_important_is_first():
    order = list(TITLES)
    for case in BROKEN:
        found = [order.index(f.code) for f in ad.diagnose(case.function, *case.inputs)]
        assert found == sorted(found)


def test_the_gradient_is_that_of_grad():
    def f(x, y):
        return np.sum(x * y)

    x, y = np.arange(3.0), np.full(3, 2.0)
    given = ad.diagnose(f, x, y).gradient
    for mine, expected in zip(given, ad.grad(f, argnums=(0, 1))(x, y), strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_numbers_of_a_kink_are_its_slopes():
    (finding,) = ad.diagnose(abs, 0.0)
    assert finding.numbers == {"left": -1.0, "right": 1.0}
    (finding,) = ad.diagnose(ad.relu, 0.0)
    assert finding.numbers == {"left": 0.0, "right": 1.0}


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), -1])
def test_ties_are_found_along_any_axis(axis):
    def f(x):
        return np.sum(np.max(x, axis=axis))

    assert [g.code for g in ad.diagnose(f, np.ones((2, 3)))] == ["tie"]
    assert ad.diagnose(f, np.arange(6.0).reshape(2, 3)).findings == []


def test_growth_along_a_chain_is_counted():
    def doubled(x):
        for _ in range(50):
            x = 2 * x
        return x

    (finding,) = ad.diagnose(doubled, 1.0)
    assert finding.code == "exploding"
    assert finding.numbers["runs"] == 50
    assert finding.numbers["a_run"] == pytest.approx(2)


def test_the_double_where_that_it_advises_has_no_finding():
    def once(x):
        return np.where(x > 0, np.log(x), 0.0)

    def twice(x):
        safe = np.where(x > 0, x, 1.0)
        return np.where(x > 0, np.log(safe), 0.0)

    assert [f.code for f in ad.diagnose(once, 0.0)] == ["untaken_branch"]
    assert ad.grad(twice)(0.0) == 0


def test_advice_removes_the_finding():
    for f in (lambda x: np.sqrt(x * x + 1e-12), lambda x: np.hypot(x, 1e-6)):
        assert "nonfinite_slope" not in [g.code for g in ad.diagnose(f, 0.0)]
    report = ad.diagnose(lambda x: 2 * np.sin(x / 2) ** 2 / x**2, 1e-8)
    assert "cancellation" not in [finding.code for finding in report]


def test_a_decision_counts_only_if_the_slopes_differ():
    def same(x):
        return x * x if x > 1 else x**2

    assert ad.diagnose(same, 1.0 + 1e-9).findings == []


def test_state_is_found_where_it_changes():
    class Counter:
        def __init__(self):
            self.count = 0

        def __call__(self, x):
            self.count += 1
            return x * self.count

    (finding,) = ad.diagnose(Counter(), 2.0)
    assert finding.code == "state"
    assert "self.count += 1" in str(finding.source)


def test_a_second_call_that_fails_is_state():
    factors = iter([2.0])

    def f(x):
        return x * next(factors)

    (finding,) = ad.diagnose(f, 1.0)
    assert finding.code == "state"
    assert "StopIteration" in finding.what


def test_the_page_says_what_the_text_says():
    report = ad.diagnose(lambda x: np.sqrt(x * x), 0.0)
    page = report._repr_html_()
    text = html.unescape(re.sub("<[^>]+>", "", page))
    for finding in report:
        assert finding.what in text
        assert finding.why in text
        assert finding.instead.replace("`", "") in text
    assert page.count("<li>") == len(report) == 1
    assert "<li>" not in ad.diagnose(lambda x: x * x, 1.0)._repr_html_()


def test_complex_numbers_and_several_outputs_are_taken():
    assert ad.diagnose(lambda z: z * np.exp(z), 1 + 2j).findings == []
    assert ad.diagnose(lambda x: (x * x, {"a": 3 * x}), 2.0).findings == []


def test_every_function_of_the_catalogue_is_taken():
    examples = [example for entry in EXAMPLES.values() for example in entry.examples]
    random = np.random.default_rng(0)
    codes = set()
    for example in examples:
        arrays = [random.normal(size=shape) for shape in example.shapes]
        if example.positive:
            arrays = [np.abs(array) + 0.2 for array in arrays]
        codes |= {finding.code for finding in ad.diagnose(example, *arrays)}
    assert codes <= {"zero_slope", "flat", "tie"}  # of np.max(..., initial=0.3), np.trunc, ...


def test_a_long_trace_takes_few_times_its_gradient():
    def f(x):
        for _ in range(2000):
            x = x + 1e-3 * np.sin(x) * 0.5
        return x

    def seconds(call):
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            call()
            times.append(time.perf_counter() - begin)
        return sorted(times)[2]

    gradient = seconds(lambda: ad.vjp(f, 0.3)[1](1.0))
    assert ad.diagnose(f, 0.3).findings == []
    assert seconds(lambda: ad.diagnose(f, 0.3)) < 6 * gradient
