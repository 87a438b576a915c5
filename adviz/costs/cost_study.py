"""The cost study: what a Jacobian costs by three methods, in numbers, words and a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adviz.costs.jacobian_costs import JacobianCosts

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["CostStudy", "cost_study"]


def cost_study(f: Callable[..., Any], *inputs: Any, seconds: float = 0.3) -> CostStudy:
    """Return the costs of the Jacobian of f by three methods, and of its smaller blocks.

    Parameters
    ----------
    f : callable
        As for :func:`adviz.trace`.
    *inputs
        The arguments.
    seconds : float
        About how long each method is timed.

    Returns
    -------
    CostStudy
        A notebook displays its figure; ``print`` writes the counts.

    Raises
    ------
    InputError
        If the Jacobian has more than ten million entries: the message says what to use instead.

    Examples
    --------
    >>> import numpy as np
    >>> study = cost_study(lambda x: np.tanh(x[:-1] * x[1:]), np.arange(1.0, 6.0))
    >>> print(study)
    f: 5 inputs, 4 outputs, 8 operations
                      passes  evaluations   operations
    differences            0           10           80
    forward                5            1          108
    reverse                4            1           84
    A gradient rᵀ J with its function costs 3.38 times the function, and never more than 4 times.
    """
    return CostStudy(f, inputs, seconds)


class CostStudy(JacobianCosts):
    """The costs of a Jacobian with their figure; made by :func:`adviz.cost_study`."""

    def plot(self) -> Figure:
        """Draw operations, the gradient's bound, times and memory."""
        from adviz.costs.figures import draw_costs  # which needs Matplotlib

        return draw_costs(self)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Any:
        data, metadata = self.plot()._repr_mimebundle_()
        return {**data, "text/plain": str(self)}, metadata
