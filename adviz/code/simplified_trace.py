"""A trace simplified: only the operations that its outputs need, and each of them once.

No simplification changes a number, not even its last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.elementals import ADD, CONSTANT, DIV, MUL, NEG, SUB, Elemental
from adviz.core.tape import Comparison, Tape
from adviz.rules.moving_rules import broadcast_to, scatter
from adviz.rules.reduction_rules import shares
from adviz.rules.rule import Rule
from adviz.rules.user_operations import UserOperation

__all__ = ["Check", "Node", "SimplifiedTrace", "is_of"]

_CORRECTLY_ROUNDED = (ADD, SUB, MUL, DIV)
"""Operations with the same result in whatever order and chunks NumPy loops over the operands."""


class Node(NamedTuple):
    """One operation: an int among its operands is the slot of another, the rest are constants."""

    elemental: Any
    operands: tuple[Any, ...]


class Check(NamedTuple):
    """A decision that must turn out as recorded, before the operation of the slot ``before``."""

    before: int
    comparison: Any
    operands: tuple[Any, ...]
    outcome: Any


class SimplifiedTrace:
    """The operations of a trace that its outputs and its decisions need.

    Parameters
    ----------
    tape : Tape
        Of plain numbers and arrays.
    outputs : iterable of int
        The slots of the rows to compute.

    Attributes
    ----------
    nodes : dict of int to Node
        The operations in order, each by the slot of the row that it computes.
    checks : list of Check
    uses : dict of int to int
        How often each slot is an operand of a node or a check, or an output.
    """

    def __init__(self, tape: Tape, outputs: Iterable[int]) -> None:
        self.tape = tape
        self.nodes: dict[int, Node] = {}
        self._replacements: list[Any] = []  # for each slot, an equal slot or constant
        self._slots: dict[Any, int] = {}  # by the key of a node
        for slot in range(len(tape.values)):
            self._replacements.append(self._simplified(slot))
        self.checks = _distinct(self._check(comparison) for comparison in tape.comparisons)
        self.outputs = [self._replacements[slot] for slot in outputs]
        self._drop_unused()
        self._absorb_signs()
        self._scatter_numbers()
        self._reuse_differences()

    def replacement(self, slot: int) -> Any:
        """Return the slot of the node that computes a row, or the constant that it equals."""
        return self._replacements[slot]

    def _simplified(self, slot: int) -> Any:
        tape = self.tape
        elemental, value = tape.elementals[slot], tape.values[slot]
        if elemental is None:
            return slot
        if elemental is CONSTANT:
            return value
        operands = self._replaced(tape.operands(slot))
        if value.__class__ is np.ndarray:
            for operand in operands:
                if operand.__class__ is int and tape.values[operand] is value:
                    return operand  # a copy of an array that is never written into
        if elemental.__class__ is Elemental:
            if value.__class__ is np.ndarray and elemental in _CORRECTLY_ROUNDED:
                operands = self._without_broadcasts(operands, value)
            elemental, operands = self._rewritten(elemental, operands, value)
            if elemental is None:
                return operands[0]
        if not any(operand.__class__ is int for operand in operands):
            return value
        node = Node(elemental, operands)
        first = self._slots.setdefault(_node_key(node), slot)
        if first == slot:
            self.nodes[slot] = node
        return first

    def _replaced(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        replacements = self._replacements
        return tuple([replacements[o] if o.__class__ is int else o for o in operands])

    def _without_broadcasts(self, operands: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
        """Replace operands that were broadcast by their sources, which NumPy broadcasts anyway."""
        for k, operand in enumerate(operands):
            node = self.nodes.get(operand) if operand.__class__ is int else None
            source = None
            if node is not None and is_of(node, broadcast_to):
                source = node.operands[0]
            elif operand.__class__ is np.ndarray and operand.dtype is value.dtype:
                source = _one_number(operand)
            if source is not None:
                smaller = (*operands[:k], source, *operands[k + 1 :])
                shapes = [shape_of(self._value(other)) for other in smaller]
                if np.broadcast_shapes(*shapes) == value.shape:
                    operands = smaller
        return operands

    def _rewritten(self, elemental: Elemental, operands: tuple[Any, ...], value: Any) -> Any:
        """Return a cheaper operation with the same result, and None if that is its only operand."""
        a, b = operands if len(operands) == 2 else (operands[0], None)
        if elemental is MUL or elemental is DIV:
            if a.__class__ is not float and b.__class__ is not float:
                return elemental, operands
            if is_complex(value):  # 1.0 is 1 + 0i there: it changes signs of 0 and infinities
                return elemental, operands
            for factor, other in ((b, a), (a, b)) if elemental is MUL else ((b, a),):
                if factor.__class__ is float and other.__class__ is int and abs(factor) == 1.0:
                    if factor == 1.0:
                        return None, (other,)
                    return self._rewritten(NEG, (other,), value)
        elif elemental is NEG and (negated := self._negated(a)) is not None:
            return None, (negated,)
        elif elemental is ADD and (negated := self._negated(b)) is not None:
            return SUB, (a, negated)
        elif elemental is ADD and (negated := self._negated(a)) is not None:
            return SUB, (b, negated)
        elif elemental is SUB and (negated := self._negated(b)) is not None:
            return ADD, (a, negated)
        return elemental, operands

    def _negated(self, operand: Any) -> int | None:
        """Return the a of an operand that is computed as -a; None for any other."""
        node = self.nodes.get(operand) if operand.__class__ is int else None
        if node is not None and node.elemental is NEG:
            source: int = node.operands[0]
            return source
        return None

    def _value(self, operand: Any) -> Any:
        return self.tape.values[operand] if operand.__class__ is int else operand

    def _check(self, comparison: Comparison) -> Check:
        before, compared, operands, outcome, _, _ = comparison
        return Check(before, compared, self._replaced(operands), outcome)

    def _drop_unused(self) -> None:
        self.uses: dict[int, int] = {}
        for operand in [o for check in self.checks for o in check.operands] + self.outputs:
            self._use(operand)
        for slot in reversed(list(self.nodes)):
            if slot in self.uses:
                for operand in self.nodes[slot].operands:
                    self._use(operand)
            else:
                del self.nodes[slot]

    def _absorb_signs(self) -> None:
        """Turn a + (-b) c into a - b c, and a - (-b) c into a + b c; likewise for quotients."""
        if not any(node.elemental is NEG for node in self.nodes.values()):
            return
        for slot, (elemental, operands) in list(self.nodes.items()):
            if elemental is ADD or elemental is SUB:
                a, b = operands
                other = SUB if elemental is ADD else ADD
                if self._remove_sign(b):
                    self.nodes[slot] = Node(other, (a, b))
                elif elemental is ADD and self._remove_sign(a):
                    self.nodes[slot] = Node(SUB, (b, a))

    def _remove_sign(self, slot: Any) -> bool:
        """Remove a sign from a product or quotient that is used once; return whether it had one."""
        node = self.nodes.get(slot) if slot.__class__ is int else None
        if node is None or (node.elemental is not MUL and node.elemental is not DIV):
            return False
        if self.uses[slot] > 1 or np.iscomplexobj(self.tape.values[slot]):
            return False
        for k, operand in enumerate(node.operands):
            source = self._negated(operand)
            if source is not None:
                self.uses[source] = self.uses.get(source, 0) + 1
                self.uses[operand] -= 1
                if not self.uses[operand]:
                    del self.nodes[operand], self.uses[operand]
                    self.uses[source] -= 1
                operands = (*node.operands[:k], source, *node.operands[k + 1 :])
                self.nodes[slot] = Node(node.elemental, operands)
                return True
            if self._remove_sign(operand):
                return True
        return False

    def _scatter_numbers(self) -> None:
        """Scatter a number itself where it was only broadcast in order to be scattered."""
        for slot, node in list(self.nodes.items()):
            if not is_of(node, scatter):
                continue
            spread = node.operands[0]
            if self._is_used_once(spread) and self.nodes[spread].elemental is NEG:
                slot, spread = spread, self.nodes[spread].operands[0]
            if self._is_used_once(spread) and is_of(self.nodes[spread], broadcast_to):
                number = self.nodes[spread].operands
                if not shape_of(self._value(number[0])):
                    self.nodes[slot] = Node(self.nodes[slot].elemental, number)
                    del self.nodes[spread], self.uses[spread]

    def _reuse_differences(self) -> None:
        """Let an extreme find its ties by differences that are computed anyway."""
        differences = {
            operands: slot
            for slot, (elemental, operands) in self.nodes.items()
            if elemental is SUB and all(operand.__class__ is int for operand in operands)
        }
        for slot, node in self.nodes.items():
            if is_of(node, shares):
                extreme, array = node.operands
                apart = differences.get((array, extreme), slot)
                if apart < slot:
                    self.nodes[slot] = Node(node.elemental, (extreme, array, apart))
                    self._use(apart)

    def _is_used_once(self, slot: int) -> bool:
        """Return whether a slot is that of a node with one use."""
        return slot in self.nodes and self.uses[slot] == 1

    def _use(self, operand: Any) -> None:
        if operand.__class__ is int:
            self.uses[operand] = self.uses.get(operand, 0) + 1


def is_of(node: Node, rule: Rule) -> bool:
    """Return whether a node's operation has this rule."""
    return getattr(node.elemental, "rule", None) is rule


def _one_number(constant: Any) -> float | None:
    """Return the number that all entries of an array equal; None where they differ."""
    first = constant.flat[0] if constant.size else math.nan
    return float(first) if constant.dtype.kind == "f" and (constant == first).all() else None


def _node_key(node: Node) -> Any:
    """Return a key that is equal only for nodes that compute the same."""
    elemental: Any = node.elemental
    if isinstance(elemental, UserOperation):  # whose functions may use other variables
        elemental = _constant_key(elemental)
    elif elemental.__class__ is not Elemental:
        parameters = [(key, _constant_key(value)) for key, value in elemental.parameters.items()]
        elemental = (elemental.__class__, elemental.rule, tuple(parameters))
    return (elemental, *[o if o.__class__ is int else _constant_key(o) for o in node.operands])


def _constant_key(constant: Any) -> Any:
    """Return a key that is equal only for equal constants; 0.0 and -0.0 have different keys."""
    if constant.__class__ is float:
        return float, constant, math.copysign(1.0, constant)
    if constant.__class__ is tuple:
        return tuple([_constant_key(part) for part in constant])
    if constant.__class__ in (int, bool, str, type(None)):
        return constant.__class__, constant
    return "object", id(constant)  # which the tape keeps alive


def _distinct(checks: Iterable[Check]) -> list[Check]:
    """Drop repeated decisions, and those on constants alone."""
    first: dict[Any, Check] = {}
    for check in checks:
        if any(operand.__class__ is int for operand in check.operands):
            compared = _constant_key(check.comparison)
            first.setdefault((compared, *(_constant_key(o) for o in check.operands)), check)
    return list(first.values())
