"""The table of array rules: linear maps with their transposes, and a few that are not linear.

Most other functions of NumPy are written with these: see :mod:`adviz.rules.functions`. The rules of
decompositions, Fourier transforms and SciPy's functions are in the modules of these subjects.
"""

from __future__ import annotations

import copyreg
import importlib
import sys
from pickle import PicklingError
from typing import Any

from adviz.host.errors import UnsupportedOperationError
from adviz.rules.moving_rules import MOVING_RULES
from adviz.rules.product_rules import PRODUCT_RULES
from adviz.rules.reduction_rules import REDUCTION_RULES
from adviz.rules.rule import Rule

__all__ = ["RULES"]

RULES: dict[str, Rule] = {
    rule.name: rule for rule in (*REDUCTION_RULES, *PRODUCT_RULES, *MOVING_RULES)
}
"""The rules by name; a new one is added by assigning it here."""


def _reduced(rule: Rule) -> tuple[Any, ...]:
    """Pickle a rule as its place: in the table, or in the module of its subject."""
    if RULES.get(rule.name) is rule:
        return rule_named, (rule.name,)
    for module in [name for name in sys.modules if name.startswith(__package__)]:
        for name, value in vars(sys.modules[module]).items():
            if value is rule:
                return _rule_in, (module, name)
    raise PicklingError(f"The operation {rule.name} belongs to one call, and has no name to load.")


def rule_named(name: str) -> Rule:
    """Return a pickled rule of the table.

    Raises
    ------
    UnsupportedOperationError
        If this process has none of that name.
    """
    if name not in RULES:
        raise UnsupportedOperationError(
            f"What was pickled uses the operation {name!r}, which this process does not have: "
            "import the module that defines it first."
        )
    return RULES[name]


def _rule_in(module: str, name: str) -> Rule:
    rule: Rule = getattr(importlib.import_module(module), name)
    return rule


copyreg.pickle(Rule, _reduced)
