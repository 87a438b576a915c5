"""The sparsity study: how a sparse Jacobian is found, with its figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adviz.costs.compressed_jacobian import CompressedJacobian

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["SparsityStudy", "sparsity_study"]


def sparsity_study(f: Callable[..., Any], *inputs: Any) -> SparsityStudy:
    """Return the steps to the sparse Jacobian of f: pattern, coloring, compressed matrix, matrix.

    Parameters
    ----------
    f : callable
        As for :func:`adviz.trace`.
    *inputs
        The arguments.

    Returns
    -------
    SparsityStudy
        A notebook displays its figure.

    Raises
    ------
    InputError
        If the matrix has more than ten million entries.
    MissingPackageError
        If SciPy is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> study = sparsity_study(lambda x: x[1:] * x[:-1], np.array([1.0, 2.0, 3.0, 4.0]))
    >>> study
    f: 4 inputs, 3 outputs, 6 of 12 entries may be other than 0
    2 forward passes instead of 3: columns ABAB
    >>> study.compressed
    array([[2., 1.],
           [2., 3.],
           [4., 3.]])
    """
    return SparsityStudy(f, inputs)


class SparsityStudy(CompressedJacobian):
    """A sparse Jacobian with its figure; made by :func:`adviz.sparsity_study`."""

    def plot(self) -> Figure:
        """Draw the pattern in its colors, the compressed matrix, and the expanded matrix."""
        from adviz.costs.figures import draw_coloring  # which needs Matplotlib

        return draw_coloring(self)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Any:
        data, metadata = self.plot()._repr_mimebundle_()
        return {**data, "text/plain": str(self)}, metadata
