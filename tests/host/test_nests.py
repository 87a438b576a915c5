"""Tuples, lists, dicts and other nests as arguments and as results."""

from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field

import numpy as np
import pytest

import adviz as ad

Pair = namedtuple("Pair", "w b")
W, X = np.full((3, 2), 0.1), np.ones((4, 3))


@dataclass(frozen=True)
class Layer:
    w: object
    b: object
    name: str = field(default="tanh", metadata={"static": True})
    next: object = None


def layer(p, x):
    return np.sum(np.tanh(x @ p.w + p.b))


def test_namedtuples_and_dataclasses():
    expected = ad.grad(lambda w, b: layer(Pair(w, b), X), argnums=(0, 1))(W, 0.5)
    for kind in (Pair, Layer):
        found = ad.grad(layer)(kind(W, 0.5), X)
        assert type(found) is kind
        np.testing.assert_array_equal(found.w, expected[0])
        assert found.b == expected[1]
        assert ad.trace(layer, kind(W, 0.5), X).input_names == ("p.w", "p.b", "x")
    deep = Layer(W, 0.5, "first", Layer(W.T, 0.1))
    found = ad.grad(lambda p: np.sum(p.w @ p.next.w) * p.next.b)(deep)
    assert (found.name, found.next.name, found.next.next) == ("first", "tanh", None)
    np.testing.assert_allclose(found.next.b, np.sum(W @ W.T))


def test_dicts_of_every_kind_keep_their_kind_and_their_order():
    found = ad.grad(lambda d: d["b"] * d["a"][0])(OrderedDict(b=2.0, a=[3.0, None]))
    assert found == OrderedDict(b=3.0, a=[2.0, None])
    assert type(found) is OrderedDict
    assert ad.trace(lambda d: d["b"] * d["a"], {"b": 1.0, "a": 2.0}).input_names == (
        "d['b']",
        "d['a']",
    )
    found = ad.grad(lambda d: d["b"] ** 2)(defaultdict(list, b=2.0))
    assert found["b"] == 4.0
    assert found["nothing"] == []


def test_results_tangents_and_second_orders_are_nested_alike():
    p = Pair(2.0, 3.0)
    value, pull = ad.vjp(lambda p: Layer(p.w * p.b, p.b), p)
    assert value == Layer(6.0, 3.0)
    assert pull(Layer(1.0, 10.0)) == (Pair(3.0, 12.0),)
    assert ad.jvp(lambda p: p._replace(w=p.w * p.b), (p,), (Pair(1.0, 0.0),))[1] == Pair(3.0, 0.0)
    assert ad.hessian(lambda p: p.w * p.b * p.w)(p) == Pair(Pair(6.0, 4.0), Pair(4.0, 0.0))
    with pytest.raises(ad.AdvizError, match=r"\.w, .*\.b"):
        ad.jvp(lambda p: p.w * p.b, (p,), ((1.0, 0.0),))
    with pytest.raises(ad.AdvizError, match=r"p\.name is a str"):
        ad.grad(lambda p: p.w)(dataclass(type("Bad", (), {"__annotations__": {"name": str}}))("x"))


def test_none_passes_through():
    def f(x, offset):
        return x * x if offset is None else x * x + offset

    assert ad.trace(f, 3.0, None).value == 9.0
    assert ad.grad(lambda xs: f(*xs))((3.0, None)) == (6.0, None)


def _deep(depth, leaf, around):
    for _ in range(depth):
        leaf = around(leaf)
    return leaf


def _innermost(nest):
    while isinstance(nest, (list, tuple, dict)):
        nest = nest["k"] if isinstance(nest, dict) else nest[0]
    return nest


@pytest.mark.parametrize(
    "around", [lambda x: [x], lambda x: (x,), lambda x: {"k": x}], ids=["list", "tuple", "dict"]
)
def test_a_nest_of_thousands_of_levels_is_refused_in_words(around):
    deep = _deep(3000, 2.0, around)
    calls = [
        lambda: ad.grad(lambda x: _innermost(x) ** 2)(deep),
        lambda: ad.trace(lambda x: _innermost(x) ** 2, deep),
        lambda: ad.trace(lambda x: _deep(3000, x * x, around), 2.0),
        lambda: ad.jvp(lambda x: _deep(3000, x * x, around), (2.0,), (1.0,)),
        lambda: ad.vjp(lambda x: x * x, 2.0)[1](deep),
        lambda: ad.compile(lambda x: _innermost(x) ** 2, deep),
        lambda: ad.compile(lambda x: _innermost(x) ** 2)(deep),
        lambda: ad.check_grads(lambda x: _innermost(x), (deep,)),
    ]
    for call in calls:
        with pytest.raises(ad.AdvizError):
            call()
    moderate = _deep(100, 2.0, around)
    assert _innermost(ad.grad(lambda x: _innermost(x) ** 2)(moderate)) == 4.0


def test_a_list_in_itself_is_refused_in_words():
    endless = [1.0]
    endless.append(endless)
    with pytest.raises(ad.AdvizError, match="contains itself"):
        ad.grad(lambda x: x[0])(endless)
