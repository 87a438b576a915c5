"""The error of each scheme at each step, divided into truncation error and round-off.

The error of a scheme is measured against the true derivative. Its truncation error is measured too:
the same scheme on the same nodes in exact arithmetic, minus the truth. The rest is round-off.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from adviz.core.derivatives import grad, jvp
from adviz.host.arguments import function_name
from adviz.host.errors import AdvizError, InputError, MissingPackageError
from adviz.numeric.complex_steps import complex_step, not_analytic
from adviz.numeric.degree import degree_of
from adviz.numeric.evaluation import Evaluations, evaluated
from adviz.numeric.optimum import Optimum, predicted_optimum
from adviz.numeric.replay import Replay
from adviz.numeric.schemes import Scheme
from adviz.numeric.truncation import noise_of, noise_within, taylor_terms, truncations
from adviz.numeric.truth import Truth

__all__ = ["SchemeErrors", "running_median"]

WINDOW = 15
"""Steps in the running median, which hides steps that are accurate by chance."""

_NOISE_LIMIT = 100
"""Units in the last place: a remark reports a function with a larger rounding error."""

_SMALLEST_ERROR = 1e-48
"""Smaller relative errors count as 0, since the truth has fifty digits."""


@dataclass(eq=False)
class SchemeErrors:
    """The errors of difference schemes at every step.

    Attributes
    ----------
    function : callable
    x0 : numpy floating
        The point, in the precision of the study.
    schemes : tuple of Scheme
    steps : array
        The step sizes, in the precision of the study.
    notes : list of str
        Remarks: where f raised an error, which schemes have no V and why.
    """

    function: Callable[..., Any]
    x0: Any
    schemes: tuple[Scheme, ...]
    steps: np.ndarray
    true: Truth
    value: Any
    replay: Replay | None
    notes: list[str] = field(default_factory=list)
    peers: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        offsets, rows = _shared_nodes(self.schemes)
        scalar_type = self.x0.dtype.type
        name = function_name(self.function)
        approximations = np.empty((len(self.schemes), len(self.steps)), scalar_type)
        self.in_one_call = True
        self._refused = self._why_not_complex()
        with np.errstate(all="ignore"):
            if len(offsets):
                points = self.x0 + offsets.astype(scalar_type)[:, None] * self.steps
                evaluations = evaluated(self.function, points.ravel(), f"evaluating {name}")
                values = evaluations.values.reshape(points.shape)
                self._note_errors(evaluations, name)
            for k, each in enumerate(self.schemes):
                approximations[k] = (
                    self._complex_step(each)
                    if each.is_complex
                    else each.estimate(values[rows[k]], self.steps)
                )
        self.approximations = approximations
        self.errors = self.error_of(approximations)
        if self._refused:
            self.notes.append(f"complex-step: {self._refused}")
        self._note_missing()

    def _note_errors(self, evaluations: Evaluations, name: str) -> None:
        self.in_one_call = evaluations.in_one_call
        for message, (count, first) in evaluations.raised.items():
            self.notes.append(
                f"{name} raised {message} at {count} of {len(evaluations.values)} points, such as "
                f"x = {first:.6g}: those errors are missing."
            )

    def _complex_step(self, each: Scheme) -> np.ndarray:
        missing = np.full(len(self.steps), np.nan, self.x0.dtype)
        if self._refused:
            return missing
        points = self.x0 + np.array(1j, np.result_type(self.x0, np.complex64)) * self.steps
        evaluations = evaluated(self.function, points, "evaluating at complex points")
        if evaluations.raised:
            message = next(iter(evaluations.raised))
            self._refused = (
                f"{function_name(self.function)} raised {message} for x + ih. "
                f"{not_analytic(self.function, self.x0)}"
            )
            return missing
        return each.estimate(evaluations.values[None], self.steps)

    def _why_not_complex(self) -> str:
        """Return why f has no complex step at x0; "" if it has one."""
        if not any(each.is_complex for each in self.schemes):
            return ""
        if self.x0.dtype == np.float16:
            return "there are no complex numbers of float16."
        try:
            complex_step(self.function, float(self.x0))
        except AdvizError as error:
            return str(error)
        return ""

    @property
    def truth(self) -> float:
        """The true derivative, rounded to a float; ``true`` holds all its digits."""
        return self.true.value

    @property
    def is_relative(self) -> bool:
        """Whether errors are relative to the true derivative; they are absolute if that is 0."""
        return bool(self.true.number != 0)

    def error_of(self, approximation: Any) -> Any:
        """Return the magnitude of the error; the truth is subtracted as a sum of two floats."""
        high, low = self.true.parts(self.x0.dtype)
        with np.errstate(all="ignore"):
            error = np.abs((np.asarray(approximation).astype(type(high)) - high) - low)
            if self.is_relative:
                error = error / abs(high)
                error = np.where(error < _SMALLEST_ERROR, 0.0, error)
        return error.astype(float)

    @cached_property
    def ad_forward(self) -> float:
        """The error of forward mode, in the same precision; NaN where f cannot be traced."""
        return self._ad_error(lambda x: jvp(self.function, (x,), (x.dtype.type(1),))[1])

    @cached_property
    def ad_reverse(self) -> float:
        """The error of reverse mode, in the same precision; NaN where f cannot be traced."""
        return self._ad_error(grad(self.function))

    def _ad_error(self, derivative: Callable[[Any], Any]) -> float:
        for _ in range(1, self.derivative):
            inner, derivative = derivative, lambda x: grad(inner)(x)  # noqa: B023
        try:
            return float(self.error_of(derivative(self.x0)))
        except AdvizError:
            return math.nan

    @property
    def derivative(self) -> int:
        """The order of the derivative."""
        return self.schemes[0].derivative

    @property
    def condition(self) -> float:
        """The condition number of f at x0, by which a relative error of x is amplified.

        It is ``|x0 f'(x0) / f(x0)|``. Infinite where f is 0, NaN for a derivative of higher order.
        """
        if self.derivative != 1:
            return math.nan
        moved = abs(float(self.x0) * self.truth)
        return moved / abs(float(self.value)) if self.value else math.inf if moved else 0.0

    @cached_property
    def noise(self) -> float:
        """The rounding error of one value of f near x0, in units of the last place of f(x0).

        The root mean square over values near x0, compared with exact ones: it includes the
        rounding of x and of every operation in f. About 0.6 for a function that is computed as
        accurately as possible; NaN if f cannot be replayed.
        """
        if self.replay is None:
            return math.nan
        unit = float(np.finfo(self.x0.dtype).eps) / 2 * abs(float(self.value))
        return self._absolute_noise / unit if unit else math.inf if self._absolute_noise else 0.0

    @cached_property
    def _absolute_noise(self) -> float:
        return math.nan if self.replay is None else noise_of(self.function, self.replay, self.x0)

    @cached_property
    def _taylor(self) -> list[Any] | None:
        if self.replay is None:
            return None
        return taylor_terms(self.replay, self.schemes, self._degree)

    @cached_property
    def _degree(self) -> int | None:
        return None if self.replay is None else degree_of(self.replay.trace)

    @property
    def _taylor_ends(self) -> bool:
        """Whether f is a polynomial and all of its coefficients are known."""
        return (
            self._taylor is not None
            and self._degree is not None
            and self._degree < len(self._taylor)
        )

    @cached_property
    def _signed_parts(self) -> tuple[np.ndarray, np.ndarray]:
        """The signed truncation error of each scheme at each step, and the round-off."""
        high, low = self.true.parts(self.x0.dtype)
        scale = abs(np.longdouble(high)) if self.is_relative else np.longdouble(1)
        with np.errstate(all="ignore"):
            error = ((self.approximations.astype(type(high)) - high) - low).astype(np.longdouble)
            if self.replay is None:
                truncation = np.full(error.shape, math.nan)
            else:
                truncation = truncations(
                    self.replay,
                    self._taylor,
                    self.schemes,
                    self.steps,
                    self.true,
                    ends=self._taylor_ends,
                    tolerance=self._smallest_roundoff / 100,
                )
            roundoff = error - truncation
            return (truncation / scale).astype(float), (roundoff / scale).astype(float)

    def parts(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the magnitudes of a scheme's truncation error and of its round-off, by step."""
        rows = self.of(name)
        return rows["truncation"], rows["roundoff"]

    @property
    def _smallest_roundoff(self) -> np.ndarray:
        """About the error that a single rounding of f causes, for each scheme and step."""
        unit = np.finfo(self.x0.dtype).eps / 2
        steps = self.steps.astype(np.longdouble)
        rounded = unit * max(abs(float(self.value)), abs(self.truth) * 1e-3)
        smallest = [
            unit * max(abs(self.truth), 1e-300) + 0 * steps
            if each.is_complex
            else rounded / steps**self.derivative
            for each in self.schemes
        ]
        return np.array(smallest)

    @cached_property
    def data(self) -> np.ndarray:
        """A structured array with a row for each scheme and step.

        Fields ``scheme``, ``step``, ``approximation``, and the magnitudes ``error``, ``truncation``
        and ``roundoff``: relative to the true derivative, or absolute where that is 0.
        """
        count = len(self.steps)
        fields = [("scheme", f"U{max(12, *(len(s.name) for s in self.schemes))}")]
        fields += [("step", "f8"), ("approximation", self.x0.dtype.str)]
        fields += [("error", "f8"), ("truncation", "f8"), ("roundoff", "f8")]
        table = np.empty((len(self.schemes), count), dtype=fields)
        truncation, roundoff = self._signed_parts
        for k, each in enumerate(self.schemes):
            table["scheme"][k] = each.name
        table["step"] = self.steps.astype(float)
        table["approximation"] = self.approximations
        table["error"] = self.errors
        table["truncation"], table["roundoff"] = np.abs(truncation), np.abs(roundoff)
        return table.ravel()

    def of(self, name: str) -> np.ndarray:
        """Return the rows of one scheme, by its name.

        Raises
        ------
        InputError
            If it is not in the study.
        """
        if name not in [s.name for s in self.schemes]:
            raise InputError(
                f"{name!r} is not in this study: it has {', '.join(s.name for s in self.schemes)}."
            )
        rows: np.ndarray = self.data[self.data["scheme"] == name]
        return rows

    @cached_property
    def medians(self) -> np.ndarray:
        """The running median of each scheme's errors, of shape (schemes, steps)."""
        return np.array([running_median(row) for row in self.errors])

    @cached_property
    def predicted(self) -> tuple[Optimum, ...]:
        """For each scheme the predicted best step."""
        return tuple(
            Optimum(each.name, math.nan, math.nan, None, 0.0, 0.0, self._refused)
            if each.is_complex and self._refused
            else predicted_optimum(
                each,
                self._taylor,
                self.true,
                value=float(self.value),
                noise=self._absolute_noise,
                dtype=self.x0.dtype,
                largest=float(self.steps.max()),
                ends=self._taylor_ends,
                reach=math.inf if self.replay is None else self.replay.reach,
                noise_within=self._noise_within,
            )
            for each in self.schemes
        )

    def _noise_within(self, distance: float) -> float:
        if self.replay is None:
            return self._absolute_noise
        return noise_within(self.function, self.replay, self.x0, distance)

    @cached_property
    def optima(self) -> tuple[Optimum, ...]:
        """For each scheme the best step, predicted and measured.

        The measured one minimises the measured truncation error plus the running median of the
        round-off; where these are not known separately, the running median of the error.
        """
        truncation, roundoff = (np.abs(part) for part in self._signed_parts)
        steps = self.steps.astype(float)
        optima = []
        for k, optimum in enumerate(self.predicted):
            curve = truncation[k] + running_median(roundoff[k])
            curve = self.medians[k] if np.isnan(curve).all() else curve
            if not self.schemes[k].is_complex:  # where no node is apart from x0 nothing is measured
                farthest = self.x0.dtype.type(max(abs(float(s)) for s in self.schemes[k].nodes))
                curve = np.where(self.x0 + farthest * self.steps == self.x0, np.nan, curve)
            optima.append(optimum.measured(steps, curve))
        return tuple(optima)

    def _note_missing(self) -> None:
        """Add notes on missing errors and on absolute ones."""
        raised = any(" points, such as " in note for note in self.notes)
        for each, errors in zip(self.schemes, self.errors, strict=True):
            missing = self.steps[np.isnan(errors)].astype(float)
            explained = raised or any(note.startswith(each.name) for note in self.notes)
            if len(missing) == len(self.steps) and not explained:
                self.notes.append(
                    f"{each.name}: NaN at every step, some node lies outside f's domain."
                )
            elif len(missing) and not explained:
                self.notes.append(
                    f"{each.name}: NaN at {len(missing)} of {len(self.steps)} steps, h from "
                    f"{missing.min():.2g} to {missing.max():.2g}: some node lies outside "
                    "f's domain."
                )
        if not self.is_relative:
            self.notes.append("The true derivative is 0: errors are absolute.")

    @property
    def remarks(self) -> list[str]:
        """The notes, and for each scheme without a V the reason."""
        by_note: dict[str, list[str]] = {}
        for optimum in self.predicted:
            if optimum.note and optimum.note != self._refused:  # a note says that already
                by_note.setdefault(optimum.note, []).append(optimum.scheme)
        notes = list(self.notes)
        if _NOISE_LIMIT < self.noise < math.inf:
            notes.append(
                f"f loses digits by itself: near x0 its values are wrong by about {self.noise:.0e} "
                "units of their last place. No scheme makes up for that, and AD follows the same "
                "formula."
            )
        return [*notes, *(f"{', '.join(names)}: {note}" for note, names in by_note.items())]

    def add_peers(self) -> None:
        """Measure SciPy's and numdifftools' derivatives as well, where they are installed."""
        from adviz.numeric.peers import peer_curves

        curves, notes = peer_curves(self.function, float(self.x0), self.steps.astype(float))
        self.peers = {name: self.error_of(curve) for name, curve in curves.items()}
        self.notes += notes

    def ball(self) -> Any:
        """Return a python-flint ball that is guaranteed to contain the true derivative.

        Raises
        ------
        MissingPackageError
            If python-flint is not installed.
        InputError
            If f cannot be replayed in balls, or the derivative is not the first.
        """
        if self.derivative != 1:
            raise InputError("Balls are computed of the first derivative only.")
        if self.replay is None:
            raise InputError("f cannot be replayed, so no ball of its derivative is known.")
        try:
            return self.replay.ball()
        except MissingPackageError:
            raise
        except (AdvizError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"f cannot be replayed in balls: {error}") from None

    def to_frame(self) -> Any:
        """Return the data as a pandas DataFrame.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise MissingPackageError(
                "to_frame() makes a pandas DataFrame, and pandas is not installed: run pip install "
                "pandas, or use the NumPy array in data."
            ) from None
        return pandas.DataFrame({name: self.data[name] for name in self.data.dtype.names or ()})

    def __repr__(self) -> str:
        names = ", ".join(s.name for s in self.schemes)
        return (
            f"<error study of {function_name(self.function)} at {float(self.x0):g} in "
            f"{self.x0.dtype}: {names}; {len(self.steps)} steps>"
        )


def running_median(errors: np.ndarray, window: int = WINDOW) -> np.ndarray:
    """Return the median over a window around each step, cut off at the ends."""
    half = window // 2
    padded = np.full(len(errors) + 2 * half, math.nan)
    padded[half : half + len(errors)] = errors
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
    count = np.sum(~np.isnan(windows), axis=1)  # NaN is sorted to the end
    rows = np.arange(len(errors))
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, np.maximum(count - 1, 0))
    median: np.ndarray = (windows[rows, low] + windows[rows, high]) / 2
    return np.where(np.isnan(errors) | (count < half), math.nan, median)


@functools.cache
def _shared_nodes(schemes: tuple[Scheme, ...]) -> tuple[np.ndarray, list[list[int]]]:
    """Return all nodes of the schemes, each once, and for each scheme the indices of its nodes."""
    needed = [[] if s.is_complex else [float(node) for node in s.nodes] for s in schemes]
    offsets = sorted({node for nodes in needed for node in nodes})
    return np.array(offsets), [[offsets.index(node) for node in nodes] for nodes in needed]
