"""The tables of docs/choices.md, row by row."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, interpolate, optimize, special, stats

import adviz as ad

PAGE = Path(__file__).parent.parent.parent / "docs" / "choices.md"
ROWS = re.findall(r"^\| (.+?) \| `(.+)` \| `(.+)` \| .+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
NAMES = {"ad": ad, "np": np, "special": special, "stats": stats, "inf": np.inf, "nan": np.nan}
NAMES |= {"integrate": integrate, "interpolate": interpolate, "optimize": optimize}


def test_every_row_of_the_page_has_code_and_a_value():
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert len(ROWS) == sum("| where |" not in row for row in rows) > 60


@pytest.mark.parametrize(("where", "code", "value"), ROWS)
def test_the_page_says_what_adviz_gives(where, code, value):
    found = eval(code, dict(NAMES))
    np.testing.assert_allclose(found, eval(value, dict(NAMES)), rtol=1e-13, atol=0)
