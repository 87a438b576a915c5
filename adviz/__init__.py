"""adviz: see automatic differentiation happen."""

from typing import Any

from adviz.core.derivatives import grad, jvp, value_and_grad, vjp
from adviz.core.elementals import ELEMENTALS, Elemental, define, logistic, relu
from adviz.core.errors import AdvizError
from adviz.core.hooks import hooks
from adviz.render.views import Trace, trace

__version__ = "0.1.0"

__all__ = [
    "ELEMENTALS",
    "AdvizError",
    "Elemental",
    "Trace",
    "define",
    "grad",
    "hooks",
    "jvp",
    "logistic",
    "relu",
    "trace",
    "value_and_grad",
    "vjp",
]


def load_ipython_extension(shell: Any) -> None:
    """Make ``%load_ext adviz`` bring the magic ``%%trace``."""
    from adviz.jupyter.magics import load

    load(shell)
