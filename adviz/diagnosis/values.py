"""What the values show: NaN and infinity, overflow, underflow, numbers of two precisions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental
from adviz.diagnosis.finding import Finding, at, number_text
from adviz.diagnosis.scan import Scan, arithmetic_errors, entry_of, is_finite

__all__ = ["find_in_values"]


def find_in_values(found: Scan) -> Iterator[Finding]:
    """Yield the birth of what is not finite in the outputs, and what the types show."""
    if not all(is_finite(found.values[slot]) for slot in found.trace.output_slots):
        yield _birth(found)
    yield from _underflow(found)
    yield from _mixed_precision(found)


def _birth(found: Scan) -> Finding:
    """Return where the first number began that made an output infinite or NaN."""
    slot = next(s for s in found.trace.output_slots if not is_finite(found.values[s]))
    while True:
        ill = [parent for parent in found.parents(slot) if not is_finite(found.values[parent])]
        if not ill:
            break
        slot = ill[0]
    row, value = found.row(slot), found.values[slot]
    entry = entry_of(~np.isfinite(value))
    number = value[entry] if entry else value
    what = f"{at(row, entry)} is {number_text(number)}."
    if row.elemental is None:
        return Finding(
            "nonfinite_input",
            what,
            f"It was passed like that as {row.name}.",
            "Look at what makes it before the call.",
            row,
        )
    if row.elemental.arity == 0:
        why = "The function returns it as a constant."
        return Finding("nonfinite_value", what, why, "Look at the number it returns.", row)
    errors = arithmetic_errors(found, slot)
    numbers = {"value": number, "operands": [_entry(o, value, entry) for o in found.operands(slot)]}
    given = " and ".join(map(number_text, filter(np.isscalar, numbers["operands"])))
    given = f" of {given}" if given else ""
    if "overflow" in errors and not errors & {"divide by zero", "invalid value"}:
        dtype = np.asarray(value).dtype
        return Finding(
            "overflow",
            what,
            f"{row.op}{given} is larger than {number_text(np.finfo(dtype).max)}, the largest "
            f"{dtype}.",
            "Scale the numbers down first, or compute with their logarithms: take the largest "
            "entry off before an exponential, or use `np.logaddexp`."
            + (" Use float64, which has more range." if dtype.itemsize < 8 else ""),
            row,
            row.source,
            numbers,
        )
    pole = "divide by zero" in errors
    return Finding(
        "nonfinite_value",
        what,
        f"{row.op}{given} is infinite: it has a pole there."
        if pole
        else f"{row.op}{given} is not defined.",
        "Keep the operand away from the pole: add a small number to it, or compute the whole "
        "expression in another way, as a difference of logarithms instead of the logarithm of a "
        "quotient."
        if pole
        else "Keep the operand where the operation is defined: look at what makes it.",
        row,
        row.source,
        numbers,
    )


def _entry(operand: Any, value: Any, entry: tuple[int, ...]) -> Any:
    """Return the entry of an operand that made an entry of a value; the operand if not known."""
    if not entry or np.shape(operand) == ():
        return operand
    try:
        return np.broadcast_to(operand, np.shape(value))[entry]
    except ValueError:
        return operand


def _underflow(found: Scan) -> Iterator[Finding]:
    """Yield the first row that is 0 because its numbers are too small."""
    for slot in range(found.trace.tape.input_count, len(found.values)):
        value = found.values[slot]
        if value.any() if value.__class__ is np.ndarray else value:
            continue  # the usual case
        if found.bars[slot] is None or not np.size(value):
            continue
        operands = found.operands(slot)
        if not operands or not all(np.all(operand) for operand in operands):
            continue
        if "underflow" in arithmetic_errors(found, slot):
            row, dtype = found.row(slot), np.asarray(value).dtype
            yield Finding(
                "underflow",
                f"{row.label} is 0.",
                f"{row.op} gives a number smaller than {number_text(np.finfo(dtype).tiny)}, the "
                f"smallest {dtype} with all its digits.",
                "Scale the numbers up first, or compute with their logarithms.",
                row,
                row.source,
            )
            return


def _mixed_precision(found: Scan) -> Iterator[Finding]:
    """Yield the first row where numbers of few digits meet some of more."""
    if {value.__class__ for value in found.values} == {float}:
        return
    types = [_type(value) for value in found.values]
    if len(set(types)) < 2:
        return
    for slot in range(found.trace.tape.input_count, len(types)):
        if found.trace.tape.elementals[slot].__class__ is not Elemental:
            continue
        given = [types[parent] for parent in found.parents(slot)]
        fewer = [one for one in given if one in _FEWER and one != types[slot]]
        if fewer and found.bars[slot] is not None:
            row = found.row(slot)
            yield Finding(
                "mixed_precision",
                f"{row.label} is {types[slot]} and is made from {fewer[0]}.",
                f"A {types[slot]} meets a {fewer[0]}: what follows has more digits than it knows, "
                "and takes the time and the memory of them.",
                f"Make both of one type: write the constant as a number of Python, or as "
                f"`np.{fewer[0]}(...)`, or pass the inputs as {types[slot]}.",
                row,
                row.source,
            )
            return


class _Names(dict[Any, str]):
    """The names of types by type; NumPy takes a while to write one."""

    def __missing__(self, dtype: Any) -> str:
        self[dtype] = str(dtype)
        return self[dtype]


_NAMES = _Names()
_FEWER = ("float16", "float32", "complex64")


def _type(value: Any) -> str:
    """Return the name of a number's type; Python's numbers are NumPy's of double precision."""
    if value.__class__ in (float, complex):
        return "float64" if value.__class__ is float else "complex128"
    return _NAMES[value.dtype]
