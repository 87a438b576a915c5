"""The error study: the error of each scheme at each step, in numbers, words and a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import AdvizError, InputError
from adviz.numeric.evaluation import value_at
from adviz.numeric.multiprecision import Precise, context
from adviz.numeric.optimum import Optimum
from adviz.numeric.replay import Replay
from adviz.numeric.scheme_errors import SchemeErrors
from adviz.numeric.schemes import Scheme, scheme
from adviz.numeric.summary import as_html, as_text
from adviz.numeric.truth import DIGITS, given_truth, true_derivative

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["DEFAULT_SCHEMES", "ErrorStudy", "error_study", "optimal_step"]

DEFAULT_SCHEMES = (
    "forward",
    "central",
    "5-point",
    "7-point",
    "9-point",
    "richardson",
    "complex-step",
)

_MOST_STEPS = 100_000
_DTYPES = ("float16", "float32", "float64", "longdouble")


def error_study(
    f: Callable[..., Any],
    x0: float,
    schemes: Sequence[str | Scheme] = DEFAULT_SCHEMES,
    steps: int | Sequence[float] | np.ndarray = 400,
    dtype: Any = np.float64,
    *,
    truth: Any = None,
    peers: bool = False,
) -> ErrorStudy:
    """Measure the error of difference schemes for every step size.

    Parameters
    ----------
    f : callable
        Takes and returns one number, written with NumPy's functions so that it can be traced. If
        it accepts arrays, it is evaluated in one call.
    x0 : float
        The point, which is rounded to ``dtype`` first.
    schemes : sequence of str or Scheme
        See :func:`adviz.scheme` and :func:`adviz.stencil`; all of the same derivative.
    steps : int or array
        The step sizes h, or how many of them: evenly spaced in log h, from far below the rounding
        of x0 up to 1 (or ``|x0|`` where that is larger).
    dtype : dtype
        The precision: float16, float32, float64 or longdouble.
    truth : number or str, optional
        The true derivative, if f cannot be replayed to many digits; a str of digits is exact.
    peers : bool
        Whether SciPy's ``differentiate.derivative`` and numdifftools are measured too, where they
        are installed.

    Returns
    -------
    ErrorStudy

    Raises
    ------
    InputError
        If f has no derivative at x0, cannot be evaluated there, or a parameter is not valid.

    Notes
    -----
    W. Squire and G. Trapp, SIAM Review 40 (1998), and figure 3 of A. G. Baydin et al., *Automatic
    Differentiation in Machine Learning: a Survey* (2018), draw such curves.

    Examples
    --------
    >>> study = error_study(np.exp, 1.0, schemes=("forward", "central"), steps=200)
    >>> study.truth
    2.718281828459045
    >>> 1e-9 < study.optima[0].measured_step < 1e-7
    True
    >>> study.data.dtype.names
    ('scheme', 'step', 'approximation', 'error', 'truncation', 'roundoff')
    """
    checks.function(f)
    scalar_type = _checked_dtype(dtype)
    chosen = tuple(scheme(each) for each in _as_list(schemes))
    _check_schemes(chosen)
    point = _checked_point(x0, scalar_type)
    sizes = _checked_steps(steps, point, scalar_type)
    value = value_at(f, point)
    if value_at(f, point) != value and np.isfinite(value):
        raise InputError(
            f"{function_name(f)} returned two different values at x = {point:g}: a function that "
            "draws random numbers, or changes something it uses, has no derivative to measure."
        )
    replay, why_not = _replayed(f, point)
    if truth is not None:
        true = given_truth(truth)
    elif replay is not None:
        true = true_derivative(replay, chosen[0].derivative)
    else:
        raise InputError(
            f"{function_name(f)} cannot be replayed to many digits, so its true derivative is not "
            f"known. {why_not} Or give it yourself: truth=..., a number or a str of its digits."
        )
    study = ErrorStudy(f, point, chosen, sizes, true, value, replay)
    if peers:
        study.add_peers()
    return study


class ErrorStudy(SchemeErrors):
    """The errors of difference schemes with their figure; made by :func:`adviz.error_study`."""

    def plot(self) -> Figure:
        """Return the error curves, log-log.

        The plot on top shows all schemes; those below show one scheme each, with its points, their
        running median, its truncation and round-off error, and the predicted and measured best
        step.
        """
        from adviz.numeric.error_curves import draw_study  # needs Matplotlib

        return draw_study(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def __str__(self) -> str:
        return as_text(self)


def optimal_step(
    f: Callable[..., Any],
    x0: float,
    scheme: str | Scheme = "central",
    dtype: Any = np.float64,
    *,
    truth: Any = None,
) -> Optimum:
    """Return the step at which a difference scheme is most accurate, and how accurate.

    Parameters
    ----------
    f : callable
        As for :func:`adviz.error_study`.
    x0 : float
    scheme : str or Scheme
    dtype : dtype
    truth : number or str, optional

    Returns
    -------
    Optimum
        Its ``step`` and ``error``. Where there is no V, as for a polynomial that the scheme
        differentiates exactly, ``step`` is NaN and ``note`` says why.

    Raises
    ------
    InputError
        As :func:`adviz.error_study`.

    Notes
    -----
    ``e(h) = |C| h^p + N / h^d`` is least at ``h* = (d N / (p |C|))^(1/(p+d))``: Gill, Murray and
    Wright, *Practical Optimization* (1981), section 8.6. C = m_k a_k comes from f's Taylor
    coefficients a_k, computed by replaying its trace, and the scheme's moments
    m_k = Σ_j w_j s_j^k. Where the first term vanishes, the next one takes its place. N assumes an
    error of ``u |f(x0)|`` in a value, or the measured error where f is computed less accurately
    than that; if it differs around x0, the error measured at the distance of the nodes.

    Examples
    --------
    >>> best = optimal_step(np.exp, 1.0, "forward")
    >>> f"{best.step:.1e} {best.error:.1e}"
    '2.1e-08 2.1e-08'
    >>> print(optimal_step(lambda x: x * x, 1.0, "central").note)
    no truncation error: f is a polynomial here that it differentiates exactly. There is no V to
    predict: only round-off, which falls with h until the values of f grow.
    """
    (best,) = error_study(f, x0, (scheme,), steps=2, dtype=dtype, truth=truth).predicted
    return best


def _as_list(schemes: Any) -> list[Any]:
    if isinstance(schemes, (str, Scheme)):
        return [schemes]
    return checks.items(schemes, "schemes")


def _check_schemes(schemes: Sequence[Scheme]) -> None:
    if not schemes:
        raise InputError("An error study needs a scheme at least: schemes=('forward', 'central').")
    if len({s.derivative for s in schemes}) > 1:
        raise InputError("All schemes of a study must be of the same derivative.")
    names = [s.name for s in schemes]
    if len(set(names)) < len(names):
        raise InputError(
            f"Two schemes have the same name ({', '.join(names)}): give one of them another, "
            "as in ad.stencil((-1, 2), name='lopsided')."
        )


def _checked_dtype(dtype: Any) -> Any:
    try:
        checked = np.dtype(dtype)
    except TypeError:
        checked = np.dtype(object)
    if checked.kind != "f":
        raise InputError(f"dtype={dtype!r}: choose one of {', '.join(_DTYPES)}.")
    return checked.type


def _checked_point(x0: Any, scalar_type: Any) -> Any:
    try:
        with np.errstate(all="ignore"):
            point = scalar_type(x0) if not isinstance(x0, str) and np.ndim(x0) == 0 else None
    except (TypeError, ValueError, OverflowError):
        point = None
    if point is None or not np.isfinite(point):
        wanted = f"a finite number that {np.dtype(scalar_type)} holds, the one input of a study"
        raise checks.refusal("x0", wanted, x0)
    return point


def _checked_steps(steps: Any, point: Any, scalar_type: Any) -> np.ndarray:
    info = np.finfo(scalar_type)
    if isinstance(steps, (int, np.integer)) and not isinstance(steps, bool):
        steps = checks.count(steps, "steps", least=2, most=_MOST_STEPS)
        scale = max(1.0, abs(float(point)))  # beyond h = |x0| the nodes are not near x0
        lowest = float(info.eps / 2) ** 1.25 * min(scale, abs(float(point)) or 1.0)
        lowest = max(lowest, float(info.smallest_subnormal) * 64)
        sizes = np.geomspace(lowest, scale, steps)
    else:
        try:
            sizes = np.asarray(
                steps, dtype=np.longdouble if scalar_type is np.longdouble else float
            )
        except (TypeError, ValueError):
            sizes = np.zeros(0)
        if sizes.ndim != 1 or not len(sizes) or not np.all((sizes > 0) & np.isfinite(sizes)):
            raise InputError(
                f"steps={steps!r}: give how many, or a list of positive step sizes, as in "
                "np.logspace(-16, 0, 200)."
            )
        sizes = np.sort(sizes)
    with np.errstate(all="ignore"):
        sizes = sizes.astype(scalar_type)
    usable: np.ndarray = sizes[(sizes > 0) & np.isfinite(sizes)]
    return usable


def _replayed(f: Callable[..., Any], x0: Any) -> tuple[Replay | None, str]:
    """Return f's replay and ""; or None and the reason if it cannot be traced or replayed."""
    try:
        replay = Replay(f, x0)
        with context().workdps(DIGITS):
            replay.at(Precise.of(x0).number)
    except AdvizError as error:
        return None, str(error)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        return None, f"{type(error).__name__}: {error}."
    return replay, ""
