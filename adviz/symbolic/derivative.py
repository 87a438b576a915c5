"""Symbolic differentiation, from the one table of elementals.

The rules are those of the sweeps, with formulas in place of numbers. With every subexpression
shared, the operations are therefore those of automatic differentiation (Laue, "On the equivalence
of automatic and symbolic differentiation", arXiv 1904.02990). Simplification is minimal: a factor
of 1 and a term of 0 are left out, and operations on two numbers are carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adviz.core.elementals import ADD, DIV, MUL, NEG, POW, SUB
from adviz.symbolic.expr import Expr, build, constant, node, symbol, topological_order

__all__ = ["Step", "derivatives", "gradient", "product_of_factors", "rule_name", "steps"]

_DOT_FIRST = (MUL, DIV)
"""Operations whose first term is written f' g, with the tangent first."""
ZERO, ONE = constant(0), constant(1)


def derivatives(roots: Sequence[Expr], variable: Expr) -> list[Expr]:
    """Return the derivative of each expression, by the rules of the forward sweep.

    Examples
    --------
    >>> x = symbol("x")
    >>> derivatives([node(MUL, (x, node(SUB, (ONE, x))))], x)
    [((1 − x) + (x × -1))]
    """
    dots: dict[Expr, Expr] = {variable: ONE}
    for part in topological_order(*roots):
        total = None
        for k, arg in enumerate(part.args):
            dot = dots.get(arg)
            if dot is not None:
                term = _term(part, k, dot)
                total = term if total is None else plus(total, term)
        if total is not None and not total.equals(0):
            dots[part] = total
    return [dots.get(root, ZERO) for root in roots]


def gradient(root: Expr, variables: Sequence[Expr]) -> list[Expr]:
    """Return the derivative with respect to each variable, by the rules of one return sweep.

    Examples
    --------
    >>> x, y = symbol("x"), symbol("y")
    >>> gradient(node(MUL, (x, y)), [x, y])
    [y, x]
    """
    bars: dict[Expr, Expr] = {root: ONE}
    for part in reversed(topological_order(root)):
        bar = bars.get(part)
        if bar is None:
            continue
        for k, arg in enumerate(part.args):
            if not arg.is_number:
                amount = _term(part, k, bar)
                before = bars.get(arg)
                bars[arg] = amount if before is None else plus(before, amount)
    return [bars.get(variable, ZERO) for variable in variables]


def _term(part: Expr, k: int, dot: Expr) -> Expr:
    """Return one term of the chain rule: the partial for operand k times a tangent or adjoint."""
    assert part.elemental is not None
    partial = part.elemental.partials[k](*part.args, part)
    if partial.__class__ is not Expr:
        if partial == 1:
            return dot
        if partial == -1:
            return negative(dot)
        partial = constant(partial)
    dot_first = k == 0 and part.elemental in _DOT_FIRST  # f' g, but cos(f) f'
    return times(dot, partial) if dot_first else times(partial, dot)


def times(a: Expr, b: Expr) -> Expr:
    """Return a product; only factors of 1 and 0 and products of two numbers are simplified."""
    if a.is_number or b.is_number:
        if a.is_number and b.is_number:
            return build(MUL, (a, b))
        if a.equals(1) or b.equals(0):
            return b
        if b.equals(1) or a.equals(0):
            return a
    return node(MUL, (a, b))


def plus(a: Expr, b: Expr) -> Expr:
    """Return a sum; only terms of 0, sums of two numbers and a negative term are simplified."""
    if a.is_number or b.is_number:
        if a.is_number and b.is_number:
            return build(ADD, (a, b))
        if a.equals(0):
            return b
        if b.equals(0):
            return a
    return node(SUB, (a, b.args[0])) if b.elemental is NEG else node(ADD, (a, b))


def negative(a: Expr) -> Expr:
    """Return minus an expression."""
    return build(NEG, (a,)) if a.is_number else node(NEG, (a,))


@dataclass(frozen=True)
class Step:
    """One rule applied to one subexpression.

    Attributes
    ----------
    rule : str
        "product rule (Eq. 4)", "chain rule", ...
    of : Expr
        The subexpression that is differentiated.
    gives : Expr
        The derivative in terms of the derivatives of its operands, each a symbol whose leaf is a
        :class:`Pending`.
    """

    rule: str
    of: Expr
    gives: Expr


@dataclass(frozen=True)
class Pending:
    """A derivative that no rule is applied to yet: d/dx of an expression, the leaf of a symbol."""

    of: Expr
    variable: str

    def __str__(self) -> str:
        return f"d/d{self.variable}[{self.of!r}]"


def steps(root: Expr, variable: Expr) -> list[Step]:
    """Return the rules as a person applies them: from the outside in, each subexpression once.

    Examples
    --------
    >>> x = symbol("x")
    >>> for step in steps(node(MUL, (x, node(SUB, (ONE, x)))), x):
    ...     print(step.rule, ":", step.gives)
    product rule (Eq. 4) : ((d/dx[x] × (1 − x)) + (x × d/dx[(1 − x)]))
    variable : 1
    sum rule (Eq. 3) : (d/dx[1] − d/dx[x])
    constant : 0
    """
    name = str(variable.leaf)
    result: list[Step] = []
    seen: set[Expr] = set()
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        result.append(Step(rule_name(part, variable), part, _apply_rule(part, variable, name)))
        waiting.extend(
            arg for arg in reversed(part.args) if not (arg.is_number and _skips_number(part))
        )
    return result


def _skips_number(part: Expr) -> bool:
    """Whether the rule has no term for an operand that is a number: c u gives c u'."""
    return part.elemental not in (ADD, SUB)


def _apply_rule(part: Expr, variable: Expr, name: str) -> Expr:
    if part.elemental is None:
        return ONE if part is variable else ZERO
    total = None
    for k, arg in enumerate(part.args):
        if arg.is_number and _skips_number(part):
            continue
        term = _term(part, k, symbol(Pending(arg, name)))
        total = term if total is None else plus(total, term)
    return ZERO if total is None else total


def rule_name(part: Expr, variable: Expr) -> str:
    """Return the name of the rule that differentiates an expression.

    Examples
    --------
    >>> x = symbol("x")
    >>> rule_name(2 * x, x), rule_name(1 / x, x)
    ('constant factor', 'quotient rule')
    """
    if part.elemental is None:
        return "variable" if part is variable else "constant"
    if part.elemental is MUL and any(arg.is_number for arg in part.args):
        return "constant factor"
    if part.elemental is POW:
        return "power rule" if part.args[1].is_number else "chain rule, for a power"
    return _RULES.get(part.elemental, "chain rule")


_RULES = {
    ADD: "sum rule (Eq. 3)",
    SUB: "sum rule (Eq. 3)",
    NEG: "sum rule (Eq. 3)",
    MUL: "product rule (Eq. 4)",
    DIV: "quotient rule",
}


def product_of_factors(root: Expr, variable: Expr) -> Expr:
    """Return the derivative of a product of many factors as a textbook writes it.

    It is a sum of terms, each with one factor differentiated and the others unchanged, as in
    computer algebra systems (Baydin et al. 2018, Table 1).

    Examples
    --------
    >>> x = symbol("x")
    >>> product_of_factors(4 * x * (1 - x), x)
    ((4 × (1 − x)) − (4 × x))
    """
    factors = _factors(root)
    total = ZERO
    for k, factor in enumerate(factors):
        base, exponent = factor.args if factor.elemental is POW else (factor, ONE)
        inner = derivatives_simplified(base, variable)
        if inner.equals(0):
            continue
        coefficient = ONE
        rest: list[Expr] = []
        for part in (*factors[:k], exponent, inner, base ** (exponent - 1), *factors[k + 1 :]):
            if part.is_number:
                coefficient = coefficient * part
            elif part.elemental is NEG:
                coefficient, rest = -coefficient, [*rest, part.args[0]]
            else:
                rest.append(part)
        term = coefficient
        for part in rest:
            term = term * part
        total = total + term
    return total


def derivatives_simplified(root: Expr, variable: Expr) -> Expr:
    """Return a derivative with every step simplified as by hand."""
    dots: dict[Expr, Expr] = {variable: ONE}
    for part in topological_order(root):
        total = ZERO
        for k, arg in enumerate(part.args):
            if arg in dots and part.elemental is not None:
                partial = constant(part.elemental.partials[k](*part.args, part))
                total = total + _with_one_coefficient(dots[arg], partial)
        if part.args and not total.equals(0):
            dots[part] = constant(total)
    return dots.get(root, ZERO)


def _with_one_coefficient(a: Expr, b: Expr) -> Expr:
    """Return a product with the coefficients multiplied: 8 (2 x) is 16 x."""
    if a.is_number:
        a, b = b, a
    if b.is_number and a.elemental is MUL and a.args[0].is_number:
        return b * a.args[0] * a.args[1]
    return a * b


def _factors(root: Expr) -> list[Expr]:
    factors: list[Expr] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.elemental is MUL:
            waiting += reversed(part.args)
        else:
            factors.append(part)
    return factors
