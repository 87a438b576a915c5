"""adviz: see automatic differentiation happen."""

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adviz.core.definitions import define
from adviz.core.derivatives import grad, jvp, value_and_grad, vjp
from adviz.core.elementals import ELEMENTALS, Elemental, logistic, relu
from adviz.host.errors import AdvizError
from adviz.host.hooks import hooks
from adviz.plugged import plug_in as _plug_in
from adviz.render.views import Trace, trace

if TYPE_CHECKING:
    from adviz import learn
    from adviz.calculus.checkpointing import checkpoint
    from adviz.calculus.custom import custom
    from adviz.calculus.derivative_checks import check_grads
    from adviz.calculus.matrices import hessian, hvp, jacfwd, jacobian, jacrev, linearize
    from adviz.calculus.runge_kutta import runge_kutta
    from adviz.calculus.sparsity import sparsity_pattern
    from adviz.calculus.taylor import jet
    from adviz.code.compiled import compile  # noqa: A004 - see there
    from adviz.costs.checkpoint_study import checkpoint_study
    from adviz.costs.cost_study import cost_study
    from adviz.costs.sparsity_study import sparsity_study
    from adviz.diagnosis.report import diagnose
    from adviz.jupyter.checkpoint_lab import checkpoint_lab
    from adviz.jupyter.elimination_lab import elimination_lab
    from adviz.jupyter.error_lab import error_lab
    from adviz.jupyter.jacobian_lab import jacobian_lab
    from adviz.jupyter.reveal import reveal
    from adviz.jupyter.stepper import Stepper
    from adviz.jupyter.swell_lab import swell_lab
    from adviz.numeric.complex_steps import complex_step
    from adviz.numeric.gradients import numerical_gradient, numerical_jacobian
    from adviz.numeric.quadrature import differential_quadrature
    from adviz.numeric.richardson import richardson
    from adviz.numeric.schemes import scheme, stencil
    from adviz.numeric.study import error_study, optimal_step
    from adviz.render.hosts import carry_player
    from adviz.render.swell import swell, swell_study
    from adviz.supported.catalogue import catalogue
    from adviz.tutor.exercise import exercise
    from adviz.tutor.generator import exercises
    from adviz.tutor.paper import paper

__version__ = "0.1.0"

__all__ = [
    "ELEMENTALS",
    "AdvizError",
    "Elemental",
    "Trace",
    "answered",
    "ask",
    "carry_player",
    "catalogue",
    "check_grads",
    "checkpoint",
    "checkpoint_lab",
    "checkpoint_study",
    "compile",
    "complex_step",
    "cost_study",
    "custom",
    "define",
    "diagnose",
    "differential_quadrature",
    "elimination_lab",
    "error_lab",
    "error_study",
    "exercise",
    "exercises",
    "grad",
    "hessian",
    "hooks",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacobian_lab",
    "jacrev",
    "jet",
    "jvp",
    "learn",
    "linearize",
    "logistic",
    "numerical_gradient",
    "numerical_jacobian",
    "optimal_step",
    "paper",
    "relu",
    "reveal",
    "richardson",
    "runge_kutta",
    "scheme",
    "sparsity_pattern",
    "sparsity_study",
    "stencil",
    "step",
    "swell",
    "swell_lab",
    "swell_study",
    "trace",
    "value_and_grad",
    "vjp",
]


_plug_in()

# Imported on first use, so that ``import adviz`` stays fast.
_MODULES_OF_LAZY_NAMES = {
    "answered": "adviz.tutor.answered",
    "ask": "adviz.tutor.question",
    "carry_player": "adviz.render.hosts",
    "catalogue": "adviz.supported.catalogue",
    "check_grads": "adviz.calculus.derivative_checks",
    "checkpoint": "adviz.calculus.checkpointing",
    "checkpoint_lab": "adviz.jupyter.checkpoint_lab",
    "checkpoint_study": "adviz.costs.checkpoint_study",
    "compile": "adviz.code.compiled",
    "complex_step": "adviz.numeric.complex_steps",
    "cost_study": "adviz.costs.cost_study",
    "custom": "adviz.calculus.custom",
    "diagnose": "adviz.diagnosis.report",
    "differential_quadrature": "adviz.numeric.quadrature",
    "elimination_lab": "adviz.jupyter.elimination_lab",
    "error_lab": "adviz.jupyter.error_lab",
    "error_study": "adviz.numeric.study",
    "exercise": "adviz.tutor.exercise",
    "exercises": "adviz.tutor.generator",
    "hessian": "adviz.calculus.matrices",
    "hvp": "adviz.calculus.matrices",
    "jacfwd": "adviz.calculus.matrices",
    "jacobian": "adviz.calculus.matrices",
    "jacobian_lab": "adviz.jupyter.jacobian_lab",
    "jacrev": "adviz.calculus.matrices",
    "jet": "adviz.calculus.taylor",
    "learn": "adviz.learn",
    "linearize": "adviz.calculus.matrices",
    "numerical_gradient": "adviz.numeric.gradients",
    "numerical_jacobian": "adviz.numeric.gradients",
    "optimal_step": "adviz.numeric.study",
    "paper": "adviz.tutor.paper",
    "reveal": "adviz.jupyter.reveal",
    "richardson": "adviz.numeric.richardson",
    "runge_kutta": "adviz.calculus.runge_kutta",
    "scheme": "adviz.numeric.schemes",
    "sparsity_pattern": "adviz.calculus.sparsity",
    "sparsity_study": "adviz.costs.sparsity_study",
    "stencil": "adviz.numeric.schemes",
    "swell": "adviz.render.swell",
    "swell_lab": "adviz.jupyter.swell_lab",
    "swell_study": "adviz.render.swell",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES_OF_LAZY_NAMES:
        raise AttributeError(f"module 'adviz' has no attribute {name!r}")
    module = importlib.import_module(_MODULES_OF_LAZY_NAMES[name])
    value = module if _MODULES_OF_LAZY_NAMES[name] == f"adviz.{name}" else getattr(module, name)
    globals()[name] = value  # found directly the next time
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES_OF_LAZY_NAMES})


def step(
    f: Callable[..., Any], *inputs: Any, which: str = "primal", predict: bool = False
) -> "Stepper":
    """Return a live player of a function, whose inputs can be changed on the page.

    Parameters
    ----------
    f : callable
    *inputs
        The first arguments, as for :func:`trace`.
    which : str
        The pass at which it opens: "primal", "forward" or "reverse".
    predict : bool
        Whether the reader predicts what each step gives, as in ``Trace.play``.

    Returns
    -------
    Stepper
        A widget; its ``trace`` is the trace shown. It works wherever anywidget does: in JupyterLab,
        Notebook, VS Code, Colab, marimo.

    Raises
    ------
    AdvizError
        As :func:`trace`, for the first inputs; for later ones the widget shows the error.

    Examples
    --------
    >>> stepper = step(lambda x: x * x, 3)
    >>> stepper.inputs = [5.0]
    >>> stepper.trace.value
    25.0
    """
    from adviz.jupyter.stepper import Stepper

    return Stepper(f, inputs, which, predict)


def load_ipython_extension(shell: Any) -> None:
    """Register the cell magic ``%%trace``; IPython calls this for ``%load_ext adviz``."""
    from adviz.jupyter.magics import load

    load(shell)
