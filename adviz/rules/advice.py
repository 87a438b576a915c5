"""Advice: the errors of what a traced number cannot do, which say what to write instead."""

from __future__ import annotations

import ast
import builtins
import dis
import itertools
import re
import threading
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from adviz.core import plugs
from adviz.core.elementals import BY_UFUNC, ELEMENTALS
from adviz.host.errors import (
    AdvizError,
    ConversionError,
    MissingAttributeError,
    UnsupportedOperationError,
)
from adviz.host.source import (
    Source,
    describe,
    is_internal,
    is_library,
    is_scipys,
    locate,
    own_frame,
    user_frame,
)
from adviz.rules.interception import is_interception

__all__ = [
    "TracedAdvice",
    "array_subclass_error",
    "check_logic_of_objects",
    "check_parts_of_objects",
    "conversion_error",
    "explained",
    "missing_attribute_error",
    "no_rule",
    "object_array_error",
    "scipy_linalg_error",
]

_CONVERSIONS = {
    "float": "Leave the traced number as it is, and take functions of np instead of those of math",
    "int": "Take int() of a plain number before the traced part, or branch with comparisons",
    "index": "Count, index and range with plain ints: pass them outside the traced arguments",
    "complex": "Write x + 1j * y",
}

_ASSIGNED = (
    "A traced number was assigned into an array of plain ones, which would lose its derivative"
)
_INSTEAD_OF_ASSIGNING = (
    "Assign into an array of floats that the function makes itself, as with np.zeros(...) or with "
    "np.copy(a), or collect the numbers in a list and np.stack it"
)

_MULTIPLE = "Subtract a multiple: x - n * np.floor(x / n)"
_SUM_OF_PRODUCTS = "Sum the products: sum(a * b for a, b in zip(u, v))"
_COMBINE = "Combine comparisons, which give plain bools, with and, or, not"
_BITS = "Bits are of whole numbers, which have no derivative: keep them plain"
_WHOLE = "Whole numbers have no derivative: keep them plain"
_SHIFT = "Multiply or divide by a power of two instead"
_DATES = "Dates are plain: pass them outside the traced arguments"
_SETS = "Find the places with comparisons and np.isin, and index with them"
_SAVE_LATER = "Save the values that the traced function returns"
_HISTOGRAM = "Count with np.histogram, axis by axis, or sum a smooth kernel over the samples"
_INDICES = "Places are whole numbers: pass them outside the traced arguments"
_STEPS = "The gap between floats has no derivative: compute it from plain numbers"

_ALTERNATIVES = {
    **{
        f"np.emath.{name}": f"Write np.{name}(x) of real numbers, np.{name}(x + 0j) where the "
        "result may be complex"
        for name in ("arccos", "arcsin", "arctanh", "log", "log2", "log10", "sqrt")
    },
    "np.emath.power": "Write x ** n of real numbers, (x + 0j) ** n where the result may be complex",
    "np.emath.logn": "Write np.log(x) / np.log(n)",
    "@": _SUM_OF_PRODUCTS,
    "&": _COMBINE,
    "|": _COMBINE,
    "^": "Write a power as x ** n",
    "~": _COMBINE,
    "<<": _SHIFT,
    ">>": _SHIFT,
    "len": "It is a single number: pass a list or an array to trace each of its numbers",
    "round": "Round the result outside the traced function, or use np.round",
    "math.ceil": "Write np.ceil(...), which gives a plain number",
    "math.floor": "Write np.floor(...), which gives a plain number",
    "math.trunc": "Write np.trunc(...), which gives a plain number",
    "np.bitwise_and": _COMBINE,
    "np.bitwise_count": _BITS,
    "np.bitwise_or": _COMBINE,
    "np.bitwise_xor": _BITS,
    "np.busday_count": _DATES,
    "np.busday_offset": _DATES,
    "np.datetime_as_string": _DATES,
    "np.gcd": _BITS,
    "np.histogram2d": _HISTOGRAM,
    "np.histogram_bin_edges": "Use np.linspace between np.min(x) and np.max(x)",
    "np.histogramdd": _HISTOGRAM,
    "np.i0": "Use scipy.special.i0, which has a derivative rule",
    "np.intersect1d": _SETS,
    "np.invert": _COMBINE,
    "np.is_busday": _DATES,
    "np.isnat": _DATES,
    "np.ix_": _INDICES,
    "np.lcm": _BITS,
    "np.left_shift": _SHIFT,
    "np.nextafter": _STEPS,
    "np.packbits": _BITS,
    "np.ravel_multi_index": _INDICES,
    "np.right_shift": _SHIFT,
    "np.save": _SAVE_LATER,
    "np.savetxt": _SAVE_LATER,
    "np.savez": _SAVE_LATER,
    "np.savez_compressed": _SAVE_LATER,
    "np.setdiff1d": _SETS,
    "np.setxor1d": _SETS,
    "np.sort_complex": "Use np.sort, which has the same order",
    "np.spacing": _STEPS,
    "np.subtract.accumulate": "Use np.cumsum",
    "np.unique_all": "Use np.unique with return_index=, return_inverse= and return_counts=",
    "np.unique_counts": "Use np.unique with return_counts=True",
    "np.unique_inverse": "Use np.unique with return_inverse=True",
    "np.unpackbits": _BITS,
    "np.unravel_index": _INDICES,
}

_INSTEAD_OF_SCIPY = {
    "fft": "Use numpy.fft, which has derivative rules",
    "integrate": "Use quad, solve_ivp or odeint with the traced numbers in args=, or np.trapezoid",
    "interpolate": "Use CubicSpline or np.interp, which have derivatives",
    "linalg": "Use numpy.linalg, or what ad.catalogue('scipy.linalg') lists",
    "ndimage": "Use np.convolve, np.fft or np.lib.stride_tricks.sliding_window_view",
    "optimize": "Use root, brentq, newton, fixed_point or minimize, traced numbers in args=; or "
    "solve with plain numbers, and give the solution its derivative with ad.custom",
    "signal": "Use np.convolve, np.fft or np.lib.stride_tricks.sliding_window_view",
    "spatial": "Write distances out: np.sqrt(np.sum((a[:, None] - b) ** 2, axis=-1))",
    "sparse": "Write A @ x, A * t or spsolve(A, b), with A plain or a csr_array of traced data",
    "sparse.linalg": "Use scipy.sparse.linalg.spsolve(A, b)",
    "stats": "Write it with np and scipy.special; the densities of many distributions work",
}
"""What to use instead of the functions of a part of SciPy that take plain numbers only."""

_INSTEAD_OF_DRAW = "Draw plain numbers, and transform them: mu + sigma * rng.normal(size=n)"

_INSTEAD_OF_CREATION = {
    "arange": "Write np.linspace(start, stop, number), whose ends may be traced",
    "fromiter": "Write np.stack([...])",
    "kaiser": "Make the window of plain numbers",
}

_WRITE_LATER = "Write out the values after the traced call has returned them"
_INSTEAD_OF_ATTRIBUTES = {
    "byteswap": _WRITE_LATER,
    "choose": "Use np.choose with plain indices",
    "data": _WRITE_LATER,
    "dump": _WRITE_LATER,
    "dumps": _WRITE_LATER,
    "getfield": "Use indices",
    "partition": "Use np.partition, which returns another array",
    "resize": "Use np.resize, which returns another array",
    "setfield": "Assign: x[...] = y",
    "tobytes": _WRITE_LATER,
    "tofile": _WRITE_LATER,
    "view": "Use astype for another type, reshape for another shape",
}

_INSTEAD_OF_MATH = {
    "comb": "Write scipy.special.binom(n, k)",
    "dist": "Write np.sqrt(sum((a - b) ** 2 for a, b in zip(p, q)))",
    "erf": "Write scipy.special.erf(x)",
    "erfc": "Write scipy.special.erfc(x)",
    "fabs": "Write abs(x)",
    "factorial": "Write scipy.special.gamma(x + 1)",
    "fma": "Write x * y + z",
    "fmod": _MULTIPLE,
    "fsum": "Use Python's sum()",
    "gamma": "Write scipy.special.gamma(x)",
    "gcd": _WHOLE,
    "hypot": "Write np.hypot(x, y), or the root of a sum of squares",
    "isqrt": _WHOLE,
    "lcm": _WHOLE,
    "lgamma": "Write scipy.special.gammaln(x)",
    "log": "Write np.log(...), divided by np.log(base) for another base",
    "nextafter": _STEPS,
    "perm": "Write scipy.special.gamma(n + 1) / scipy.special.gamma(n - k + 1)",
    "prod": "Use np.prod(...)",
    "remainder": _MULTIPLE,
    "sumprod": _SUM_OF_PRODUCTS,
    "ulp": _STEPS,
}
"""What to write instead of a function of math for which it is not NumPy's of the same name."""

_INSTEAD_OF_CMATH = {
    "phase": "Write np.angle(z)",
    "polar": "Write np.abs(z) and np.angle(z)",
    "rect": "Write r * np.exp(1j * phi)",
}

_INSTEAD_OF_LIBRARIES = {
    "pandas": "Take the plain array out first: series.to_numpy()",
    "sympy": "Make a function of the expression with sympy.lambdify, and call that",
    "xarray": "Take the plain array out first: array.to_numpy()",
}
"""What to do where another library, by its package, meets a traced number."""


def no_rule(name: str, frame: FrameType) -> UnsupportedOperationError:
    """Return the error of an operation that the table of elementals has no row for."""
    if name.startswith("math.") and isinstance(_called_in(frame), np.ufunc):
        return UnsupportedOperationError(_of_objects(describe(frame)))
    instead = _ALTERNATIVES.get(name)
    if name.endswith(" (vectorized)"):  # what np.frompyfunc makes
        instead = "Use np.vectorize instead of np.frompyfunc"
    if instead is None:
        near = _nearest(name)
        instead = (
            f"The nearest that have one are {', '.join(near)}"
            if near
            else "Write it with operations that have one (ad.catalogue() lists them)"
        ) + ", or add it with ad.define"
    return UnsupportedOperationError(
        f"{name} met a traced number and has no derivative rule: {describe(frame)}. {instead}."
    )


_UFUNC_METHODS = ("accumulate", "at", "outer", "reduce", "reduceat")


def _nearest(name: str) -> list[str]:
    """Return the functions with a derivative rule whose names are nearest."""
    package, _, word = name.rpartition(".")
    if word in _UFUNC_METHODS:
        return []
    names = [row.ufunc.__name__ for row in BY_UFUNC.values() if row.ufunc is not None]
    import difflib  # only here: the import takes as long as that of the core

    return [f"{package}.{near}" for near in difflib.get_close_matches(word, names)]


_OBJECT_ARRAY_PHRASES = (
    *("dtype('O')", "dtype=object", "not supported for the input", "has no callable"),
    *("object array", "dtype object", "object dtype", "ObjectDType", "REFS_OK"),
    "No numeric types to aggregate",  # of pandas
    *("operation 'add' does not have an identity", "'multiply' does not have an identity"),
)
"""Phrases of NumPy's errors about arrays of objects that it cannot compute with."""


_PLAIN_NUMBERS_PHRASES = (
    *("input type 'object' not supported", "No matching signature found"),
    *("not a proper array of floats", "required argument is not a float", "a Rational instance"),
)
"""Phrases of the errors of other compiled code, and of the standard library's."""

_OBJECTS_MET = (
    "An array of Python objects, as np.array([...]) makes it of traced numbers, met a function "
    "that needs numbers"
)
_INSTEAD_OF_OBJECTS = (
    "Write np.array([...], like=x), where x is a traced number, or np.stack([...])"
)


def _of_objects(place: str) -> str:
    return f"{_OBJECTS_MET}: {place}. {_INSTEAD_OF_OBJECTS}."


def _called_in(frame: FrameType) -> Any:
    """Return the function that the user is calling."""
    frame = user_frame(frame)
    return _called(locate(frame.f_code, frame.f_lasti), frame)


def check_logic_of_objects(frame: FrameType) -> None:
    """Refuse np.logical_and and the like of an array of objects, which return one of these.

    Raises
    ------
    UnsupportedOperationError
    """
    if not dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("CALL"):
        return  # such as in an ``if``
    source = locate(frame.f_code, frame.f_lasti)
    if re.search(r"\blogical_(and|or|xor)\b", source.text):
        raise UnsupportedOperationError(_of_objects(str(source)))


def check_parts_of_objects(frame: FrameType) -> None:
    """Refuse complex numbers in an array of objects where code takes a ``.real`` or ``.imag``.

    The imaginary part of an array of objects is 0 in NumPy, whatever the objects are.

    Raises
    ------
    UnsupportedOperationError
    """
    running: FrameType | None = user_frame(frame)
    while running is not None and not is_internal(running):
        if not {"real", "imag"}.isdisjoint(running.f_code.co_names) and _takes_a_part(running):
            raise UnsupportedOperationError(
                "Complex numbers in an array of Python objects, as np.array([...]) makes it of "
                f"traced numbers, have no .real and .imag: {describe(frame)}. "
                f"{_INSTEAD_OF_OBJECTS}."
            )
        running = running.f_back


def _takes_a_part(frame: FrameType) -> bool:
    """Return whether code has ``.real`` or ``.imag`` of anything but a module, as np.real is."""
    scopes = (frame.f_locals, frame.f_globals)
    for of, part in itertools.pairwise(dis.get_instructions(frame.f_code)):
        if part.argval in ("real", "imag") and part.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            owner = next((scope[of.argval] for scope in scopes if of.argval in scope), None)
            if not isinstance(owner, ModuleType):
                return True
    return False


def _is_missing_method(message: str) -> bool:
    """Return whether NumPy looked for a ufunc as a method of a plain number among objects."""
    match = re.search(
        r"'(?:numpy\.)?(?:float|int|complex)\d*' object has no attribute '(\w+)'", message
    )
    return match is not None and isinstance(getattr(np, match[1], None), np.ufunc)


def explained(error: BaseException) -> AdvizError | None:
    """Return the error to raise instead of a bare one that a traced number caused, None for others.

    NumPy and Python raise it in code that calls no method of a traced number, and SciPy's compiled
    code may put it in the place of the error that a traced number raised.
    """
    hidden, _refused.in_scipy = _refused.in_scipy, None
    if isinstance(error, AdvizError):
        return None
    if hidden is not None and hidden[0] in _frames(error):
        return hidden[1]
    message = str(error)
    if isinstance(error, IndexError) and message.startswith("arrays used as indices"):
        meaning = "An array of neither whole numbers nor bools was used as an index"
        instead = "Convert it with astype(int), or write a comparison"
    elif isinstance(error, IndexError) and message.startswith("only integers, slices"):
        meaning = "An index is no whole number"
        instead = "A traced number is none: index with plain ints"
    elif (
        any(words in message for words in _OBJECT_ARRAY_PHRASES)
        or _is_missing_method(message)
        or isinstance(error, SystemError)
    ):
        meaning, instead = _OBJECTS_MET, _INSTEAD_OF_OBJECTS
    elif "unsupported data types in input" in message or "WRITEBACKIFCOPY" in message:
        meaning = "A sparse matrix of traced numbers met code of SciPy's that needs plain ones"
        instead = "Write A @ x, A.T, A * t, A.toarray() or spsolve(A, b), which have derivatives"
    elif isinstance(error, RecursionError) and _is_of(error, "sympy"):
        meaning, instead = "SymPy met a traced number", _INSTEAD_OF_LIBRARIES["sympy"]
    elif any(words in message for words in _PLAIN_NUMBERS_PHRASES):
        meaning = f"A traced number met code that needs a plain one ({message.strip()})"
        instead = "Write it with NumPy functions (ad.catalogue() lists them)"
    elif "_binary.<locals>" in message and "but 3 were given" in message:
        meaning, instead = "pow(x, n, m) met a traced number", _MULTIPLE
    elif message.endswith("not supported between instances of 'complex' and 'complex'"):
        meaning, instead = "Complex numbers were compared", "Compare np.abs(...) or np.real(...)"
    elif "read-only" in message and any(map(_holds_read_only_objects, _frames(error))):
        meaning = (
            "What np.asarray makes of a traced array is read-only, as a change would not reach the "
            "array itself"
        )
        instead = "Write into the array, or into a np.copy of it"
    elif "Variable" in message and not isinstance(error, ValueError):
        meaning = f"A traced number met code that needs a plain one ({_without_class(message)})"
        instead = "Write it with NumPy functions (ad.catalogue() lists them)"
    else:
        return None
    place, scipys, library = "", None, None
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if not is_internal(frame) and not is_library(frame):
            place, scipys = str(locate(frame.f_code, traceback.tb_lasti)), None
            library = None
        elif is_interception(frame):
            scipys = None
        elif is_scipys(frame) and scipys is None:
            scipys = frame
        elif is_library(frame) and not is_internal(frame) and library is None:
            library = frame
        traceback = traceback.tb_next
    if scipys is not None:
        return UnsupportedOperationError(_of_scipy(scipys, place))
    if library is not None:
        return UnsupportedOperationError(_of_library(library, place))
    return UnsupportedOperationError(f"{meaning}: {place}. {instead}.")


def _is_of(error: BaseException, package: str) -> bool:
    """Return whether code of a package was running."""
    names = (frame.f_globals.get("__name__", "") for frame in _frames(error))
    return any(name.partition(".")[0] == package for name in names)


def _library_frame(frame: FrameType) -> FrameType | None:
    """Return the frame of the function of another library that the user called, if there is one."""
    library: FrameType | None = None
    running: FrameType | None = frame
    while running is not None and (is_internal(running) or is_library(running)):
        if not is_internal(running):
            library = running
        running = running.f_back
    return None if running is None else library


def _of_library(frame: FrameType, place: str) -> str:
    """Return the message for code of another library, which takes plain numbers only."""
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    name = _name_called(frame)
    called = f"{package}.{name}" if name else package
    ufunc = getattr(np, name, None)
    instead = (
        f"Write np.{ufunc.__name__}(...)"
        if package == "sympy" and isinstance(ufunc, np.ufunc) and ufunc in BY_UFUNC
        else _INSTEAD_OF_LIBRARIES.get(
            package, "Write it with NumPy functions (ad.catalogue() lists them)"
        )
    )
    return (
        f"{called} computes with plain numbers only, which would lose the derivative of a traced "
        f"one: {place}. {instead}."
    )


def _name_called(library: FrameType) -> str:
    """Return the name of the function that the user called, "" if it is not known."""
    caller = library.f_back
    if caller is None:
        return ""
    called = _called(locate(caller.f_code, caller.f_lasti), caller)
    return str(getattr(called, "__name__", ""))


class _Refused(threading.local):
    """The last conversion refused in a call of SciPy's, and the frame of that call.

    SciPy's root finders, which are compiled, call the user's function once more before they check
    whether the first call raised an error. While an error is pending, Python finds an attribute
    only if an internal cache has it, so that the second call or the root finder may raise any other
    error.
    """

    in_scipy: tuple[FrameType, ConversionError] | None = None


_refused = _Refused()


def _frames(error: BaseException) -> Iterator[FrameType]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _holds_read_only_objects(frame: FrameType) -> bool:
    return any(
        value.__class__ is np.ndarray and value.dtype.kind == "O" and not value.flags.writeable
        for value in frame.f_locals.values()
    )


def _of_scipy(frame: FrameType, place: str) -> str:
    """Return the message for a function of SciPy that takes plain numbers only."""
    scope, name = frame.f_locals, frame.f_code.co_name
    module = frame.f_globals["__name__"]
    if module.startswith("scipy._lib"):  # a decorator of SciPy's, which calls f
        module = getattr(scope.get("f"), "__module__", module)
        name = getattr(scope.get("f"), "__name__", name)
    elif "self" in scope:
        class_name = type(scope["self"]).__name__.removesuffix("_gen")
        name = class_name if name.startswith("__") else f"{class_name}.{name}"
    part = f"{module}.".split(".")[1]
    part = "sparse.linalg" if module.startswith("scipy.sparse.linalg") else part
    called = f"scipy.{part}" if name.startswith("__") else f"scipy.{part}.{name}"
    instead = _INSTEAD_OF_SCIPY.get(part, "Write it with NumPy functions (ad.catalogue())")
    return (
        f"{called} computes with plain numbers only, which would lose the derivative of a traced "
        f"one: {place}. {instead}."
    )


def _scipys_frame(frame: FrameType) -> FrameType | None:
    """Return the frame of the function of SciPy that the user called, if one is running."""
    scipys: FrameType | None = None
    running: FrameType | None = frame
    while running is not None and is_internal(running) and not is_interception(running):
        if is_scipys(running):
            scipys = running
        running = running.f_back
    return scipys


def scipy_linalg_error(frame: FrameType) -> UnsupportedOperationError | None:
    """Return the error of a function of SciPy's linear algebra, if one converts a traced number.

    From SciPy 1.18 on these functions warn of an array of objects before they do anything else.
    """
    scipys = _scipys_frame(frame)
    if scipys is None or "_deprecate_dtypes" not in scipys.f_globals:
        return None
    if not scipys.f_code.co_qualname.startswith("_apply_over_batch"):
        return None
    return UnsupportedOperationError(_of_scipy(scipys, describe(frame)))


def object_array_error(dtype: np.dtype[Any], frame: FrameType) -> UnsupportedOperationError:
    """Return the error of a conversion of a traced number to a plain array."""
    scipys = _scipys_frame(frame)
    place = describe(frame)
    if scipys is not None:
        return UnsupportedOperationError(_of_scipy(scipys, place))
    library = _library_frame(frame)
    if library is not None:
        return UnsupportedOperationError(_of_library(library, place))
    if dtype.kind in "iu":
        return UnsupportedOperationError(
            f"A traced number was turned into the whole number that {dtype} holds, which has no "
            f"derivative: {place}. {_CONVERSIONS['int']}."
        )
    if _assigns(own_frame(frame)):
        return UnsupportedOperationError(f"{_ASSIGNED}: {place}. {_INSTEAD_OF_ASSIGNING}.")
    instead = "Leave dtype out, or write np.stack([...]) or np.array([...], like=x) with a traced x"
    return UnsupportedOperationError(
        f"A traced number cannot be put into a NumPy array of {dtype}: {place}. "
        f"{_INSTEAD_OF_DRAW if _DRAWS.search(place) else instead}."
    )


def array_subclass_error(module: str, frame: FrameType) -> UnsupportedOperationError:
    """Return the error of a traced number in a masked array or a matrix of NumPy's."""
    what, instead = (
        ("a matrix", "Use plain arrays, and write A @ B for matrix products")
        if module.startswith("numpy.matrixlib")
        else ("a masked array", "Use plain arrays, and say what counts with where= or np.where")
    )
    return UnsupportedOperationError(
        f"A traced number met {what}, which has no derivative rules: {describe(frame)}. {instead}."
    )


_DRAWS = re.compile(r"(rng|random)\w*(\([\w ]*\))?\.\w+\(")


def _without_class(message: str) -> str:
    return re.sub(r"'?Variable(\(.*\))?'?", "a traced number", message).rstrip(".")


def missing_attribute_error(name: str, frame: FrameType) -> AttributeError:
    """Return the error of an attribute that traced numbers do not have."""
    if isinstance(getattr(np, name, None), np.ufunc) and not hasattr(np.ndarray, name):
        return MissingAttributeError(_of_objects(describe(frame)))
    if name.startswith("_") or not hasattr(np.ndarray, name):
        return AttributeError(f"A traced number has no attribute {name!r}: {describe(frame)}.")
    library = _library_frame(frame)
    if library is not None:
        return MissingAttributeError(_of_library(library, describe(frame)))
    instead = _INSTEAD_OF_ATTRIBUTES.get(name, "Use a function of NumPy that has a derivative")
    return MissingAttributeError(f"A traced array has no .{name}: {describe(frame)}. {instead}.")


def conversion_error(to: str, frame: FrameType) -> ConversionError:
    """Return the error of a conversion to "float", "int", "index" or "complex"."""
    running, frame = frame, own_frame(frame)
    source = locate(frame.f_code, frame.f_lasti)
    called = _called(source, frame)
    name: str = getattr(called, "__name__", "")
    scipys = _scipys_frame(running)
    if scipys is not None:
        error = ConversionError(_of_scipy(scipys, str(source)))
        _refused.in_scipy = scipys, error
        return error
    library = _library_frame(running)
    if library is not None:
        return ConversionError(_of_library(library, str(source)))
    if _DRAWS.search(source.text):
        return ConversionError(f"A draw met a traced number: {source}. {_INSTEAD_OF_DRAW}.")
    if name in _INSTEAD_OF_CREATION and getattr(np, name, None) is called:
        return ConversionError(
            f"np.{name} met a traced number: {source}. {_INSTEAD_OF_CREATION[name]}."
        )
    module = getattr(called, "__module__", None)
    if module == "math":
        return ConversionError(f"math.{name} met a traced number: {source}. {_instead_of(name)}.")
    if module == "cmath":
        instead = _INSTEAD_OF_CMATH.get(name) or _of_complex(name)
        return ConversionError(f"cmath.{name} met a traced number: {source}. {instead}.")
    if _assigns(frame):
        return ConversionError(f"{_ASSIGNED}: {source}. {_INSTEAD_OF_ASSIGNING}.")
    what = "an index" if to == "index" else f"{to}()"
    return ConversionError(
        f"A traced number was turned into a plain one by {what}, which would lose its derivative: "
        f"{source}. {_CONVERSIONS[to]}."
    )


def _assigns(frame: FrameType) -> bool:
    """Return whether a frame is executing an assignment to an item: ``y[0] = x``."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] == "STORE_SUBSCR"


def _instead_of(name: str) -> str:
    """Return what to write for a function of the math module."""
    if name in _INSTEAD_OF_MATH:
        return _INSTEAD_OF_MATH[name]
    function = getattr(np, name, None)
    if function is not None:
        return f"Write np.{function.__name__}(...) instead of math.{name}(...)"
    return (
        f"math.{name} works on plain floats only: write it with NumPy functions that have a "
        f"derivative rule ({_ufuncs()}), or add it with ad.define"
    )


def _of_complex(name: str) -> str:
    """Return what to write for a function of the cmath module that NumPy has, too."""
    function = getattr(np, name)
    return f"Write np.{function.__name__}({'...' if name.startswith('is') else 'x + 0j'})"


def _called(source: Source, frame: FrameType) -> Any:
    """Return the function that an expression calls, None if it is no plain call."""
    try:
        node = ast.parse(source.text, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Call):
        return None
    attributes: list[str] = []
    function = node.func
    while isinstance(function, ast.Attribute):
        attributes.append(function.attr)
        function = function.value
    if not isinstance(function, ast.Name):
        return None
    scopes = (frame.f_locals, frame.f_globals, vars(builtins))
    value = next((scope[function.id] for scope in scopes if function.id in scope), None)
    for attribute in reversed(attributes):
        value = getattr(value, attribute, None) if isinstance(value, ModuleType) else None
    return value


def _ufuncs() -> str:
    return ", ".join(row.ufunc.__name__ for row in ELEMENTALS.values() if row.ufunc is not None)


class TracedAdvice(plugs.Advice):
    """The errors of this module, plugged into the core."""

    no_rule = staticmethod(no_rule)
    conversion_error = staticmethod(conversion_error)
    explained = staticmethod(explained)


PLUG = TracedAdvice()
