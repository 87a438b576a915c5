"""Hooks: functions that are called with every row and every step of a derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from adviz.host import checks

__all__ = ["anybody_listens", "call", "hooks", "listening"]

HookName = Literal["on_row", "on_tangent", "on_adjoint"]
Hook = Callable[[Any], object]

_active: ContextVar[tuple[tuple[HookName, Hook], ...]] = ContextVar("adviz_hooks", default=())


@contextmanager
def hooks(
    *,
    on_row: Hook | None = None,
    on_tangent: Hook | None = None,
    on_adjoint: Hook | None = None,
) -> Iterator[None]:
    """Call hooks with the rows and steps of all that is differentiated inside the block.

    Parameters
    ----------
    on_row : callable, optional
        Called with each :class:`.Row` as it is recorded.
    on_tangent : callable, optional
        Called with each :class:`.TangentStep` of a forward sweep.
    on_adjoint : callable, optional
        Called with each :class:`.AdjointStep` of a return sweep.

    Examples
    --------
    >>> import adviz as ad
    >>> with ad.hooks(on_adjoint=lambda step: print(step.row.label, step.adjoint)):
    ...     slope = ad.grad(lambda x: x * x + x)(3.0)
    v₂ 1.0
    v₁ 1.0
    v₀ 7.0
    """
    given: tuple[tuple[HookName, Hook | None], ...] = (
        ("on_row", on_row),
        ("on_tangent", on_tangent),
        ("on_adjoint", on_adjoint),
    )
    for name, hook in given:
        if hook is not None:
            checks.function(hook, name, takes=1)
    added = tuple((name, hook) for name, hook in given if hook is not None)
    token = _active.set(_active.get() + added)
    try:
        yield
    finally:
        _active.reset(token)


def listening(name: HookName) -> bool:
    """Return whether a hook of this name is active."""
    active = _active.get()
    return bool(active) and any(active_name == name for active_name, _ in active)


def anybody_listens() -> bool:
    """Return whether any hook is active."""
    return bool(_active.get())


def call(name: HookName, event: Any) -> None:
    """Call the active hooks of this name with a row or a step."""
    for active_name, hook in _active.get():
        if active_name == name:
            hook(event)
