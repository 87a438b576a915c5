"""Hooks: listening to every row and every step of whatever is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

__all__ = ["anybody_listens", "call", "hooks", "listening"]

Kind = Literal["on_row", "on_tangent", "on_adjoint"]
Hook = Callable[[Any], object]

_active: ContextVar[tuple[tuple[Kind, Hook], ...]] = ContextVar("adviz_hooks", default=())


@contextmanager
def hooks(
    *,
    on_row: Hook | None = None,
    on_tangent: Hook | None = None,
    on_adjoint: Hook | None = None,
) -> Iterator[None]:
    """Watch every row and every step of anything that is differentiated inside the block.

    Parameters
    ----------
    on_row : callable, optional
        Called with each :class:`Row` as it is recorded.
    on_tangent : callable, optional
        Called with each :class:`TangentStep` of a forward sweep.
    on_adjoint : callable, optional
        Called with each :class:`AdjointStep` of a return sweep.

    Examples
    --------
    >>> import adviz as ad
    >>> with ad.hooks(on_adjoint=lambda step: print(step.row.label, step.adjoint)):
    ...     slope = ad.grad(lambda x: x * x + x)(3.0)
    v₂ 1.0
    v₁ 1.0
    v₀ 7.0
    """
    kinds: tuple[tuple[Kind, Hook | None], ...] = (
        ("on_row", on_row),
        ("on_tangent", on_tangent),
        ("on_adjoint", on_adjoint),
    )
    mine = tuple((kind, hook) for kind, hook in kinds if hook is not None)
    token = _active.set(_active.get() + mine)
    try:
        yield
    finally:
        _active.reset(token)


def listening(kind: Kind) -> bool:
    """Return whether anybody listens for rows or steps of this kind."""
    active = _active.get()
    return bool(active) and any(name == kind for name, _ in active)


def anybody_listens() -> bool:
    """Return whether anybody listens for anything."""
    return bool(_active.get())


def call(kind: Kind, event: Any) -> None:
    """Tell whoever listens."""
    for name, hook in _active.get():
        if name == kind:
            hook(event)
