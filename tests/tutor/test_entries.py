"""Answers are read as people write them, and what is hostile is refused at once."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from adviz.host.errors import InputError
from adviz.tutor.entries import arithmetic, read_entry

NAMES = {"v-1": 2.0, "v1": 20.0, "v10": 7.0, "v̄₂": 5.0, "θ": 4.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-4", -4),
        ("−4.333", -4.333),
        ("4,3", 4.3),
        ("1.5×10⁻⁷", 1.5e-7),
        ("-13/3", -13 / 3),
        ("1 × (−4)", -4),
        ("-2^2", -4),
        ("2^3^2", 512),
        ("2⁻¹", 0.5),
        ("2·cos 0.5 * 3", 6 * math.cos(0.5)),
        ("exp(-1) / √2", math.exp(-1) / math.sqrt(2)),
        ("2π", 2 * math.pi),
        ("v₁·v₋₁", 40),
        ("v_1 v_{-1}", 40),
        ("v10 - v1", -13),
        ("-1/v-1^2", -0.25),
        ("v₋₁²", 4),
        ("v-1 - 1", 1),
        ("2 v̄₂ + vbar2", 15),
        ("θ v-1", 8),
        ("-4 1/3", -13 / 3),
        ("2 * 4 1/3", 26 / 3),
        ("4⅓", 13 / 3),
        ("−4 ½", -4.5),
        ("⅓", 1 / 3),
        ("½^2", 0.25),
        ("v1 ½", 10),
        ("33%", 0.33),
        ("2.5 %", 0.025),
        ("1e3", 1000),
        ("−1\u2009000", -1000),
        ("12\u202f000,5", 12000.5),
        ("‑1", -1),
    ],
)
def test_arithmetic_is_read_as_people_write_it(text: str, value: float) -> None:
    assert arithmetic(text, NAMES) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "four", "1 2", "1/0", "(1", "1)", "--", "1..2", "ln", "v2", "v", "v12", "v1v1",
        "v - 1", "1e3%", "%", "4 1/3 2/3",
        "１", "٣", "\ud800", "\u202e1", "1\0", "2 // 3", "0x10", "1_000",
        "isnan(1)", "__import__('os')", "(lambda: 1)()", "v1.real", "[1][0]", "9^9^9^9^9", "1/0*0",
        "(" * 100_000, "-" * 100_000, "(" * 60 + "1" + ")" * 60, "1 # one",
    ],
)  # fmt: skip
def test_anything_else_is_refused_at_once(text: str) -> None:
    began = time.perf_counter()
    assert arithmetic(text, NAMES) is None
    assert time.perf_counter() - began < 0.5
    with pytest.raises(InputError):
        read_entry(text)


def test_how_exact_an_answer_is() -> None:
    assert read_entry("-4.330")[1:3] == (3, 4)
    assert read_entry("1.50e-3")[1:3] == (5, 3)
    assert read_entry("1/3")[1:3] == (math.inf, math.inf)
    assert read_entry("5.12 - 5.1").unit == pytest.approx(0.1)
    for number in (-4.3, -4, -4.0, 1 / 3, 1e-7, 1.5e300, np.float64(0.25), np.float32(0.5)):
        assert read_entry(number) == read_entry(f"{float(number)}".removesuffix(".0"))
    assert read_entry(-4.3)[1:3] == (1, 2)
    assert read_entry("33%")[1:3] == (2, 2)
