"""Every operation of a traced number follows a plan, or is known to need values."""

import operator

import numpy as np
import pytest

import adviz as ad
from adviz.core.elementals import BY_UFUNC
from adviz.core.variable import Variable
from adviz.fast import plans
from adviz.fast.plan_following import FollowingTape, FollowingVariable
from tests.fast.test_sweep_code import start_anew

X = np.array([0.5, 0.75, 0.25])
CONSTANT = np.array([0.25, 0.5, 2.0])

NEEDS_NUMBERS = {
    *("__bool__", "__float__", "__int__", "__index__", "__complex__"),  # what Python converts
    *("__repr__", "__str__", "__format__"),  # what is shown
    *("__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"),  # what decides
    *("__floor__", "__ceil__", "__trunc__", "__round__", "__invert__"),  # what is refused
    *(f"__{side}{name}__" for side in ("", "r") for name in ("and", "or", "xor")),
    *(f"__{side}{name}__" for side in ("", "r") for name in ("lshift", "rshift")),
    *("__setitem__", "__array__"),  # assignment; an array of objects
    *("__mod__", "__rmod__", "__floordiv__", "__rfloordiv__"),  # a quotient that is rounded
    *("__divmod__", "__rdivmod__", "__idivmod__"),
    *("__imatmul__", "__imod__", "__ifloordiv__"),  # an assignment
}
"""Special methods for which the rows so far are computed, or nothing is recorded."""

MAKES_NO_ROW = {
    *("__init__", "__hash__", "__len__", "__iter__"),
    *("__copy__", "__deepcopy__", "__pos__"),
}

BINARY = {
    "__add__": operator.add,
    "__sub__": operator.sub,
    "__mul__": operator.mul,
    "__truediv__": operator.truediv,
    "__pow__": operator.pow,
    "__matmul__": operator.matmul,
}
IN_PLACE = {
    "__iadd__": operator.iadd,
    "__isub__": operator.isub,
    "__imul__": operator.imul,
    "__itruediv__": operator.itruediv,
    "__ipow__": operator.ipow,
}


USES = {
    "__neg__": [lambda x: np.sum(-x), lambda x: -np.sum(x)],
    "__abs__": [lambda x: np.sum(abs(x)), lambda x: abs(np.sum(x))],
    "__getitem__": [lambda x: x[1], lambda x: np.sum(x[1:]), lambda x: np.sum(x[np.array([2, 0])])],
    "__array_ufunc__": [lambda x, f=ufunc: np.sum(f(*[x] * f.nin)) for ufunc in BY_UFUNC],
    "__array_function__": [lambda x: np.sum(np.concatenate([x, x])), lambda x: np.mean(x)],
}


for _name, _function in BINARY.items():
    USES[_name] = [
        lambda x, f=_function: np.sum(f(x, x)),
        lambda x, f=_function: np.sum(f(x, CONSTANT)),
    ]
    USES[f"__r{_name[2:]}"] = [lambda x, f=_function: np.sum(f(CONSTANT, x))]
    if _name != "__matmul__":
        USES[_name] += [
            lambda x, f=_function: f(np.sum(x), 2),
            lambda x, f=_function: np.sum(f(x, 1.5)),
            lambda x, f=_function: np.sum(f(x, np.sum(x))),
        ]
        USES[f"__r{_name[2:]}"] += [
            lambda x, f=_function: np.sum(f(1.5, x)),
            lambda x, f=_function: f(2, np.sum(x)),
            lambda x, f=_function: np.sum(f(np.sum(x), x)),
        ]
for _name, _function in IN_PLACE.items():  # of a number: an array's is an assignment
    USES[_name] = [lambda x, f=_function: f(np.sum(x), 1.5), lambda x, f=_function: f(x[0], x[1])]


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    start_anew(monkeypatch)


def test_every_special_method_is_followed_or_known_to_need_numbers():
    special = {
        name
        for name, member in vars(Variable).items()
        if name.startswith("__") and name.endswith("__") and callable(member)
    }
    assert special - NEEDS_NUMBERS - MAKES_NO_ROW == set(USES)
    assert not NEEDS_NUMBERS & set(USES)


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(use, id=f"{name}-{k}")
        for name, uses in USES.items()
        for k, use in enumerate(uses)
    ],
)
def test_a_planned_operation_computes_nothing(use, monkeypatch):
    gradient = ad.grad(use)
    expected = gradient(X)
    for _ in range(3):
        gradient(X)
    assert [plan.misses for plan in plans._plans.values()] == [0], "there is one plan"
    calls = []
    monkeypatch.setattr(FollowingTape, "compute", lambda tape: calls.append(tape))
    found = gradient(X + 0.0)
    assert not calls, "a row was computed by itself"
    np.testing.assert_array_equal(found, expected)


def test_a_following_number_passes_for_a_variable_and_is_asked_first():
    """Many places of the core and the rules ask ``number.__class__ is Variable``."""
    assert FollowingVariable.__new__(FollowingVariable).__class__ is Variable
    assert type(FollowingVariable.__new__(FollowingVariable)) is FollowingVariable
    assert issubclass(FollowingVariable, Variable)
    assert {f"__{name}__" for name in ("add", "radd", "iadd", "matmul", "neg")} <= set(
        vars(FollowingVariable)
    )
