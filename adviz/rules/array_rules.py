"""The table of array rules: linear maps with their transposes, and a few that are not linear.

Most other functions of NumPy are written with these: see :mod:`adviz.rules.functions`. The rules of
decompositions, Fourier transforms and SciPy's functions are in the modules of these subjects.
"""

from __future__ import annotations

from adviz.rules.moving_rules import MOVING_RULES
from adviz.rules.product_rules import PRODUCT_RULES
from adviz.rules.reduction_rules import REDUCTION_RULES
from adviz.rules.rule import Rule

__all__ = ["RULES"]

RULES: dict[str, Rule] = {
    rule.name: rule for rule in (*REDUCTION_RULES, *PRODUCT_RULES, *MOVING_RULES)
}
"""The rules by name; a new one is added by assigning it here."""
