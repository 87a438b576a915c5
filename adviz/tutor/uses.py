"""One use of a row by another: the product of the chain rule, and what wrong products there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from adviz.core.elementals import Elemental
from adviz.core.rows import Row
from adviz.mistakes import (
    TANGENT_FOR_VALUE,
    WRONG_ORDER,
    WRONG_SUMS,
    WRONG_USES,
    Mistake,
    wrong_slopes,
)
from adviz.tutor.cells import Rule, WrongRule
from adviz.tutor.rules import operands_of, reading, total
from adviz.tutor.words import use_words

__all__ = ["Use", "wrong_in_terms", "wrong_sums"]

Numbers = Sequence[Any]
Named = tuple[str, Rule]
T = TypeVar("T", bound=Rule)


class Use:
    """One use of a row: a term of the user's tangent, a contribution to the row's adjoint.

    Called with the numbers of all cells it gives the product of the chain rule.

    Parameters
    ----------
    user : Row
    k : int
        The place among the user's operands.
    carrier : callable
        Gives what is multiplied with the slope: the operand's tangent, the user's adjoint.
    which : str
        The pass.
    arrived : sequence of callable
        What the user's adjoint adds up.
    tangents : sequence of callable
        In the forward pass, the tangents of the user's operands.
    """

    def __init__(
        self,
        user: Row,
        k: int,
        carrier: Rule,
        which: str,
        arrived: Sequence[Rule] = (),
        tangents: Sequence[Rule] = (),
    ) -> None:
        self.user, self.k, self.carrier = user, k, carrier
        self.arrived, self.tangents = arrived, tangents
        self.elemental: Elemental = user.elemental
        self.operands = operands_of(user)
        self.words = use_words(user, k, which)

    def __call__(self, numbers: Numbers) -> Any:
        """Return the product of the chain rule."""
        return self.carrier(numbers) * self.slope(numbers, self.k)

    def slope(self, numbers: Numbers, k: int) -> Any:
        """Return the slope in the k-th operand."""
        return self.elemental.partials[k](*self.numbers(numbers))

    def numbers(self, numbers: Numbers) -> list[Any]:
        """Return the values of the user's operands, and its own."""
        return [*(operand(numbers) for operand in self.operands), numbers[self.user.slot]]

    def wrong_slopes(self) -> list[Named]:
        """Return what the product is with each wrong slope, by the mistake's name."""

        def rule(mistake: Mistake) -> Rule:
            return lambda all_: self.carrier(all_) * mistake.wrong(*self.numbers(all_))

        return [(mistake.name, rule(mistake)) for mistake in wrong_slopes(self.elemental)[self.k]]

    def wrong_products(self) -> list[Named]:
        """Return each wrong product, by the mistake's name."""
        return [
            (mistake.name, self._wrong_product(mistake))
            for mistake in WRONG_USES
            if mistake.name != "wrong_operand" or self.elemental.arity == 2
        ]

    def _wrong_product(self, mistake: Mistake) -> Rule:
        def rule(numbers: Numbers) -> Any:
            *operands, value = self.numbers(numbers)
            other = self.slope(numbers, 1 - self.k) if len(operands) == 2 else 0.0
            carrier, slope = self.carrier(numbers), self.slope(numbers, self.k)
            return mistake.wrong(carrier, slope, other, operands[self.k], value)

        return rule

    def slope_at_tangents(self) -> list[Named]:
        """Return the product with the slope taken at the operands' tangents."""
        if not self.tangents:
            return []

        def rule(numbers: Numbers) -> Any:
            *operands, value = self.numbers(numbers)
            at = [
                TANGENT_FOR_VALUE.wrong(operand, tangent(numbers))
                for operand, tangent in zip(operands, self.tangents, strict=True)
            ]
            return self.carrier(numbers) * self.elemental.partials[self.k](*at, value)

        return [(TANGENT_FOR_VALUE.name, rule)]

    def handed_on_too_early(self) -> list[Named]:
        """Return the product with what the user hands on before its last contribution is there."""
        if len(self.arrived) < 2:
            return []
        last = self.arrived[-1]

        def rule(numbers: Numbers) -> Any:
            early = WRONG_ORDER.wrong(self.carrier(numbers), last(numbers))
            return early * self.slope(numbers, self.k)

        return [(WRONG_ORDER.name, rule)]


def wrong_sums(terms: Sequence[T], value: int, which: str) -> list[tuple[T, Mistake, Rule]]:
    """Return what wrong sums of terms give, each with the term that it is about.

    Parameters
    ----------
    terms : sequence of callable
    value : int
        The cell of the value of the row whose derivative is summed.
    which : str
        The pass.
    """
    return [
        (use, mistake, _wrong_sum(mistake, terms, use, value))
        for mistake in WRONG_SUMS[which]
        for use in _about(mistake, terms)
    ]


def _about(mistake: Mistake, terms: Sequence[T]) -> Sequence[T]:
    """Return the terms that a wrong sum can be about; where it is about them all, the last one."""
    if mistake.name == "other_derivative" or not terms:
        return ()
    if len(terms) < 2 and mistake.name != "primal_for_derivative":
        return ()
    if mistake.name == "use_forgotten" and len(terms) == 2:
        return terms[-1:]  # without the first one, only the last is used
    return terms if mistake.name.endswith("_forgotten") else terms[-1:]


def _wrong_sum(mistake: Mistake, terms: Sequence[Rule], use: Rule, value: int) -> Rule:
    rest, primal = total([term for term in terms if term is not use]), reading(value)
    return lambda numbers: mistake.wrong(rest(numbers), use(numbers), primal(numbers), 0.0)


def wrong_in_terms(terms: Sequence[Use], slopes: int, products: int) -> list[WrongRule]:
    """Return what a sum is with a mistake in one of its terms, and with the same one in all.

    Parameters
    ----------
    terms : sequence of Use
    slopes, products : int
        The ranks of mistakes in slopes and in products.
    """
    found: list[WrongRule] = []
    sorts: list[tuple[int, Callable[[Use], list[Named]]]] = [
        (slopes, Use.wrong_slopes),
        (products, Use.wrong_products),
        (products, Use.slope_at_tangents),
        (products + 1, Use.handed_on_too_early),
    ]
    for rank, mistakes_in in sorts:
        by_name: dict[str, list[tuple[Use, Rule]]] = {}
        for use in terms:
            for name, rule in mistakes_in(use):
                by_name.setdefault(name, []).append((use, rule))
        for name, pairs in by_name.items():
            for use, wrong in pairs:
                rest = [term for term in terms if term is not use]
                words = _with_rest(use, terms)
                found.append(WrongRule((name,), total([*rest, wrong]), words, rank))
            changed = [use for use, _ in pairs]
            if len(set(changed)) > 1:
                rest = [term for term in terms if term not in changed]
                all_wrong = total([*rest, *(rule for _, rule in pairs)])
                # With all signs lost it is that of the sum.
                said = "result_sign_lost" if name == "sign_lost" and not rest else name
                found.append(WrongRule((said,), all_wrong, changed[0].words, rank))
    return found


def _with_rest(use: Use, terms: Sequence[Use]) -> dict[str, str]:
    """Return the words for a use, and for the other terms of the sum."""
    rest = [term.words["part"] for term in terms if term is not use]
    if not 0 < len(rest) <= _MOST_TERMS_NAMED:
        return use.words
    return {**use.words, "rest": " + ".join(rest).replace("+ −", "− ")}


_MOST_TERMS_NAMED = 3
