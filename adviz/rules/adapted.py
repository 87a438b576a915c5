"""Functions made to ask whether a number is traced before they begin.

NumPy's protocols ask a traced number, and an array of one, what to do. They ask no array of traced
numbers, as ``np.array([x, y])`` makes it, and the first thing that ``scipy.special.logsumexp`` does
to its argument makes a plain array of it, before any protocol is asked. So the code of such a
function is exchanged, in place: it is the same object as before, under whatever name and however
early it was imported. Given a traced number it goes by the rule of the table of functions; given
anything else it runs its own code, which is also its ``__wrapped__``.
"""

from __future__ import annotations

import functools
import operator
import sys
import threading
from collections.abc import Callable, Iterable
from sys import _getframe
from types import FunctionType
from typing import Any

import numpy as np

from adviz.core import plugs
from adviz.core.variable import Variable
from adviz.rules.registry import FUNCTIONS, call_rule

__all__ = ["ADAPTED", "adapt_numpy", "adapt_scipy", "answer"]

ADAPTED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}
"""Each function that has been adapted, by its name in full: its own code, and itself."""

_ON_FLOATS_ONLY = {
    "np": (
        *("angle", "average", "corrcoef", "cov", "gradient", "histogram", "interp", "median"),
        *("nanmean", "nanmedian", "nanpercentile", "nanquantile", "nanstd", "nanvar", "percentile"),
        *("polydiv", "polyfit", "quantile", "sinc"),
    ),
    "np.fft": (
        *("fft", "fft2", "fftn", "hfft", "ifft", "ifft2", "ifftn", "ihfft", "irfft", "irfft2"),
        *("irfftn", "rfft", "rfft2", "rfftn"),
    ),
    "np.linalg": (
        *("cholesky", "cond", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq"),
        *("matrix_power", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensorinv"),
        "tensorsolve",
    ),
}
"""The functions that NumPy has in Python and that cannot compute with an array of objects."""

_one_at_a_time = threading.RLock()


def _of_special() -> Iterable[Any]:
    from adviz.rules.scipy_special import add_rows, in_python

    add_rows()
    return in_python()


def _of_linalg() -> Iterable[Any]:
    from adviz.rules.scipy_linalg import of_linalg

    FUNCTIONS.update(of_linalg())
    return of_linalg()


def _of_stats() -> Iterable[Any]:
    from adviz.rules.scipy_stats import of_distributions

    FUNCTIONS.update(of_distributions())
    return of_distributions()


_TO_COME: dict[str, Callable[[], Iterable[Any]]] = {
    "scipy.special": _of_special,
    "scipy.linalg": _of_linalg,
    "scipy.stats": _of_stats,
}
"""What gives the functions of the parts of SciPy that were not imported, as far as is known."""


def adapt_scipy() -> None:
    """Adapt the functions of SciPy that are in Python, of what has been imported of it.

    A function that this version of SciPy has not, or has in another form, is left alone.
    """
    for part in _TO_COME:
        if part in sys.modules:
            break
    else:
        return
    with _one_at_a_time:
        for part in [part for part in _TO_COME if part in sys.modules]:
            for function in _TO_COME[part]():
                _exchange(function, f"{part}.{function.__qualname__}", function)
            del _TO_COME[part]


@functools.cache
def adapt_numpy() -> None:
    """Adapt the functions of NumPy that cannot compute with an array of objects."""
    with _one_at_a_time:
        for module, names in _ON_FLOATS_ONLY.items():
            for name in names:
                function = operator.attrgetter(f"{module}.{name}".removeprefix("np."))(np)
                _exchange(getattr(function, "_implementation", None), f"{module}.{name}", function)


def _exchange(inner: Any, name: str, function: Any) -> None:
    """Exchange the code of a function in Python, which does the work of another."""
    if inner.__class__ is not FunctionType or name in ADAPTED:
        return
    if inner.__code__.co_filename == _asking.__code__.co_filename:
        own = inner.__dict__["__wrapped__"]  # adapted before this module was imported anew
    else:
        code, names = inner.__code__, inner.__globals__
        own = FunctionType(code, names, inner.__name__, inner.__defaults__, inner.__closure__)
        own.__kwdefaults__ = inner.__kwdefaults__
        own.__dict__.update(inner.__dict__)
    ADAPTED[name] = own, function
    inner.__dict__["__wrapped__"] = own  # where its signature and its source are looked for
    inner.__code__ = _asking.__code__.replace(
        co_name=inner.__name__, co_qualname=name, co_freevars=own.__code__.co_freevars
    )


def _asking(*args: Any, **options: Any) -> Any:
    __tracebackhide__ = True
    from adviz.rules.adapted import answer  # the globals of this code are another module's

    return answer(args, options)


def answer(args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return what an adapted function gives: the one whose code asks."""
    __tracebackhide__ = True
    frame = _getframe(1)
    name = frame.f_code.co_qualname
    if name not in ADAPTED:  # this module has been imported anew
        adapt_numpy()
        adapt_scipy()
    own, function = ADAPTED[name]
    if not any(map(_is_traced, (*args, *options.values()))):
        return own(*args, **options)
    if name.startswith("np."):
        args = tuple(plugs.arrays.gathered(a) if a.__class__ is np.ndarray else a for a in args)
    return call_rule(FUNCTIONS[function], args, options, name, frame)


def _is_traced(argument: Any) -> bool:
    """Return whether an argument is a traced number or array, or a nest that holds one."""
    if argument.__class__ is np.ndarray:
        return argument.dtype.hasobject and Variable in map(type, argument.flat)
    if argument.__class__ is list or argument.__class__ is tuple:
        if Variable in map(type, argument):
            return True
        is_nested = len(argument) and argument[0].__class__ in (list, tuple, np.ndarray)
        return bool(is_nested) and any(map(_is_traced, argument))
    return argument.__class__ is Variable
