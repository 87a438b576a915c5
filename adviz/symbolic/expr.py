"""Expr: an expression, which results from elementals evaluated on symbols instead of numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from adviz.core.elementals import (
    ABS,
    ADD,
    BY_UFUNC,
    DIV,
    MUL,
    NEG,
    OPERATORS,
    POW,
    SUB,
    Elemental,
    ExactConstant,
)
from adviz.host.errors import UnsupportedOperationError

__all__ = ["Expr", "all_nodes", "build", "constant", "node", "symbol", "topological_order"]

_interned: WeakValueDictionary[Hashable, Expr] = WeakValueDictionary()

_MAX_REPR_NODES = 100
"""The repr of a larger expression is its number of nodes: written out it would be unreadable."""


class Expr:
    """A node of an expression: an elemental of other nodes, a symbol, or a number.

    Equal expressions are one object, so that common subexpressions are shared. Arithmetic on
    them builds larger ones and omits trivial operations: ``1 * a`` is ``a``.

    Attributes
    ----------
    elemental : Elemental or None
        The operation; None for a symbol and a number.
    args : tuple of Expr
        The operands.
    leaf : object
        The object that a symbol denotes, or the number.
    is_number : bool
        Whether this is a number, and not a symbol or an operation.

    Examples
    --------
    >>> x = symbol("x")
    >>> x * x is x * x, 1 * x is x
    (True, True)
    >>> DIV.partials[1](symbol("a"), symbol("b"), symbol("v"))
    (-(v / b))
    """

    __slots__ = ("__weakref__", "args", "elemental", "is_number", "leaf")

    reads_textbook = True  # of two formulas for a partial, not the one made for floats

    def __init__(self, elemental: Elemental | None, args: tuple[Expr, ...], leaf: Any) -> None:
        self.elemental = elemental
        self.args = args
        self.leaf = leaf
        self.is_number = elemental is None and isinstance(leaf, (int, float, np.floating))

    if TYPE_CHECKING:  # defined below, from the table

        def __add__(self, other: Any) -> Expr: ...
        def __sub__(self, other: Any) -> Expr: ...
        def __mul__(self, other: Any) -> Expr: ...
        def __rmul__(self, other: Any) -> Expr: ...
        def __radd__(self, other: Any) -> Expr: ...
        def __truediv__(self, other: Any) -> Expr: ...
        def __pow__(self, other: Any) -> Expr: ...
        def __neg__(self) -> Expr: ...

    def equals(self, number: float) -> bool:
        """Return whether this is a number equal to the given one."""
        return self.is_number and bool(self.leaf == number)

    def conjugate(self) -> Expr:
        """Return itself, which NumPy asks of the entries of an array: formulas are real."""
        return self

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> Expr:
        """Return the elemental of these operands."""
        return build(elemental, tuple(constant(operand) for operand in operands))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Expr:
        row = BY_UFUNC.get(ufunc)
        if row is None or method != "__call__" or options:
            raise UnsupportedOperationError(
                f"np.{ufunc.__name__} has no row in the table of elementals, so it has no formula."
            )
        return self.apply_elemental(row, operands)

    def __reduce__(self) -> tuple[Any, ...]:
        nodes = topological_order(self)  # flat: a formula may be nested too deeply for pickle
        places = {part: k for k, part in enumerate(nodes)}
        return _unpickled, (
            [(part.elemental, [places[arg] for arg in part.args], part.leaf) for part in nodes],
        )

    def __repr__(self) -> str:
        nodes = topological_order(self)
        written: dict[Expr, str] = {}
        for part in nodes:
            written[part] = _written(part, [written[arg] for arg in part.args])
            if len(nodes) > _MAX_REPR_NODES or len(written[part]) > 20 * _MAX_REPR_NODES:
                return f"<Expr of {len(nodes):,} nodes>"
        return written[self]


def _unpickled(nodes: list[tuple[Elemental | None, list[int], Any]]) -> Expr:
    made: list[Expr] = []
    for elemental, places, leaf in nodes:
        made.append(node(elemental, tuple(made[k] for k in places), leaf))
    return made[-1]


def _written(part: Expr, args: list[str]) -> str:
    elemental = part.elemental
    if elemental is None:
        return str(part.leaf)
    if elemental.layout in ("infix", "fraction", "power"):
        sign = {"fraction": "/", "power": "**"}.get(elemental.layout, elemental.symbol)
        return f"({args[0]} {sign} {args[1]})"
    if elemental.layout == "prefix":
        return f"(-{args[0]})"
    return f"{elemental.name}({', '.join(args)})"


def topological_order(*roots: Expr) -> list[Expr]:
    """Return every node of expressions once, each after its operands.

    Examples
    --------
    >>> x = symbol("x")
    >>> topological_order((1 + x) * (1 + x))
    [1, x, (1 + x), 2, ((1 + x) ** 2)]
    """
    nodes: list[Expr] = []
    seen: set[Expr] = set()
    waiting = list(reversed(roots))
    while waiting:
        part = waiting[-1]
        if part in seen:
            waiting.pop()
            continue
        ready = True
        for arg in reversed(part.args):
            if arg not in seen:
                waiting.append(arg)
                ready = False
        if ready:
            seen.add(part)
            nodes.append(part)
            waiting.pop()
    return nodes


def all_nodes(roots: Iterable[Expr]) -> set[Expr]:
    """Return every node of expressions, as a set.

    Examples
    --------
    >>> len(all_nodes([symbol("x") * symbol("x")]))
    3
    """
    seen = set(roots)
    waiting = list(seen)
    while waiting:
        for arg in waiting.pop().args:
            if arg not in seen:
                seen.add(arg)
                waiting.append(arg)
    return seen


def symbol(leaf: Hashable) -> Expr:
    """Return the symbol that denotes a hashable object.

    Examples
    --------
    >>> symbol("x") is symbol("x")
    True
    """
    return node(None, (), leaf)


def constant(number: Any) -> Expr:
    """Return a number as an expression, and an expression as it is.

    Examples
    --------
    >>> constant(2.0)
    2
    """
    if isinstance(number, Expr):
        return number
    if isinstance(number, ExactConstant):
        return node(None, (), number)
    whole = isinstance(number, (float, np.floating)) and float(number).is_integer()
    return node(None, (), int(number) if whole and abs(number) < 2**53 else number)


def node(elemental: Elemental | None, args: tuple[Expr, ...], leaf: Any = None) -> Expr:
    """Return the node with this content, the same object each time; nothing is simplified.

    Examples
    --------
    >>> node(MUL, (constant(1), symbol("x")))
    (1 × x)
    """
    key: Hashable
    if elemental is not None:
        key = (elemental, args)
    else:
        key = (type(leaf), leaf.symbol if isinstance(leaf, ExactConstant) else leaf)
    interned = _interned.get(key)
    if interned is None:
        interned = _interned[key] = Expr(elemental, args, leaf)
    return interned


def build(elemental: Elemental, args: tuple[Expr, ...]) -> Expr:
    """Return an elemental of expressions, simplified where an operand makes it trivial."""
    numbers = [arg for arg in args if arg.is_number and not isinstance(arg.leaf, ExactConstant)]
    if elemental in _SIMPLIFY:
        if len(numbers) == len(args):
            with np.errstate(all="ignore"):
                folded = elemental(*(float(arg.leaf) for arg in args))
            if np.isfinite(folded):
                return constant(folded)
        simplified = _SIMPLIFY[elemental](*args)
        if simplified is not None:
            return simplified
    return node(elemental, args)


def _negated(a: Expr) -> Expr | None:
    """Return b if a is −b, else None."""
    if a.is_number and a.leaf < 0:
        return constant(-a.leaf)
    return a.args[0] if a.elemental is NEG else None


def _add(a: Expr, b: Expr) -> Expr | None:
    if a.equals(0):
        return b
    if b.equals(0):
        return a
    minus = _negated(b)
    return None if minus is None else build(SUB, (a, minus))


def _sub(a: Expr, b: Expr) -> Expr | None:
    if b.equals(0):
        return a
    if a.equals(0):
        return build(NEG, (b,))
    minus = _negated(b)
    return None if minus is None else build(ADD, (a, minus))


def _mul(a: Expr, b: Expr) -> Expr | None:
    for one, other in ((a, b), (b, a)):
        if one.equals(0):
            return one
        if one.equals(1):
            return other
        minus = _negated(one)
        if minus is not None:
            return build(NEG, (build(MUL, (minus, other) if one is a else (other, minus)),))
    if b.is_number and not a.is_number:
        return build(MUL, (b, a))
    return build(POW, (a, constant(2))) if a is b else None


def _div(a: Expr, b: Expr) -> Expr | None:
    if b.equals(1):
        return a
    if a.equals(0):
        return a
    minus = _negated(a)
    return None if minus is None else build(NEG, (build(DIV, (minus, b)),))


def _pow(a: Expr, b: Expr) -> Expr | None:
    if b.equals(1):
        return a
    return constant(1) if b.equals(0) else None


def _neg(a: Expr) -> Expr | None:
    return _negated(a)


_SIMPLIFY: dict[Elemental, Callable[..., Expr | None]] = {
    ADD: _add,
    SUB: _sub,
    MUL: _mul,
    DIV: _div,
    POW: _pow,
    NEG: _neg,
}


def _operator(elemental: Elemental, reflected: bool) -> Callable[..., Expr]:
    def method(self: Expr, *others: Any) -> Expr:
        operands = (*others, self) if reflected else (self, *others)
        return build(elemental, tuple(constant(operand) for operand in operands))

    return method


for _method, _elemental in OPERATORS.items():
    setattr(Expr, f"__{_method}__", _operator(_elemental, reflected=False))
    setattr(Expr, f"__r{_method}__", _operator(_elemental, reflected=True))
for _elemental in (NEG, ABS):
    setattr(Expr, f"__{_elemental.name}__", _operator(_elemental, reflected=False))
