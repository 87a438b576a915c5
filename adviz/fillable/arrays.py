"""The array that stands in the place of a plain one: traced numbers may be assigned into it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from adviz.core.variable import Variable
from adviz.fillable.contents import Memory, Sources
from adviz.host.errors import LeakedVariableError, UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.memory import memory_of
from adviz.rules.operands import Proxy, as_array
from adviz.rules.registry import FUNCTIONS

__all__ = ["Fillable", "called", "fillable", "filled", "here", "holds_traced", "shown", "stored"]


class _Here(threading.local):
    """What was assigned in the recordings of this thread, while arrays are fillable in it."""

    def __init__(self) -> None:
        self.recordings: dict[Any, str] = {}
        self.sources = Sources()


here = _Here()


class _Array(np.ndarray):
    """The class that a :class:`Fillable` names, so that it is an instance of NumPy's."""


_MOVING = {
    np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.expand_dims,
    np.squeeze, np.diagonal, np.broadcast_to, np.flip, np.fliplr, np.flipud, np.rot90,
    np.atleast_1d, np.atleast_2d, np.atleast_3d, np.split, np.array_split, np.hsplit, np.vsplit,
    np.dsplit, np.matrix_transpose, np.unstack, np.copy, np.lib.stride_tricks.sliding_window_view,
}  # fmt: skip
"""Functions that move entries and compute nothing: their results may be views."""

_MOVING_METHODS = {"flatten", *(function.__name__ for function in _MOVING)}

_WRITING = {
    np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis,
}  # fmt: skip
"""Functions that assign into their first argument."""


class Fillable(Proxy, NDArrayOperatorsMixin):
    """An array of plain numbers into which traced ones may be assigned.

    As long as none are, it does what a plain array does. Whatever is computed with a part that
    holds some is computed with a traced array.

    Parameters
    ----------
    memory : Memory
    plain : array
        The plain numbers: the whole memory, or a view.
    """

    __slots__ = ("_memory", "_plain")

    def __init__(self, memory: Memory, plain: Any) -> None:
        self._memory = memory
        self._plain = plain

    __class__ = property(lambda self: _Array)

    # -- reading ---------------------------------------------------------------------------------

    def number(self) -> Any:
        """Return the plain or the traced array that it stands for now."""
        traced = self._memory.traced(self._plain)
        return self._plain if traced is None else traced

    def is_traced(self) -> bool:
        """Return whether it holds a traced number."""
        return self._memory.codes is not None and bool(self._codes().any())

    def _codes(self) -> Any:
        """Return the codes of its entries; 0 if there are none."""
        return 0 if self._memory.codes is None else self._memory.codes_of(self._plain)

    def _moved(self, move: Callable[[Any], Any]) -> Any:
        """Return the array after its entries were moved: a view or a copy, as in NumPy."""
        codes = None

        def made(plain: Any, which: tuple[int, ...]) -> Any:
            nonlocal codes
            if plain.__class__ in (list, tuple):
                parts = [made(part, (*which, k)) for k, part in enumerate(plain)]
                return plain.__class__(parts)
            if np.may_share_memory(plain, self._memory.plain):
                return Fillable(self._memory, plain)
            if self._memory.codes is None:
                return fillable(plain)
            codes = part = move(self._codes()) if codes is None else codes
            for k in which:
                part = part[k]
            return fillable(plain, part, self._memory.sources)

        return made(move(self._plain), ())

    def __getitem__(self, key: Any) -> Any:
        found = self._plain[key]
        memory = self._memory
        if found.__class__ is np.ndarray:
            if np.may_share_memory(found, memory.plain):
                return Fillable(memory, found)
            codes = None if memory.codes is None else self._codes()[key]
            return fillable(found, codes, memory.sources)
        if memory.codes is not None:
            code = int(self._codes()[key])
            if code:
                return memory.sources.entry(code)
        return found

    def __len__(self) -> int:
        return len(self._plain)

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self == value))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        number = self.number()
        if number.__class__ is Variable:
            return number.__array__(dtype, copy)
        return np.array(number, dtype, copy=copy)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # such as __array_interface__
        if name in _MOVING_METHODS:
            return lambda *args, **options: self._moved(
                lambda plain: getattr(plain, name)(*args, **options)
            )
        if name in _ATTRIBUTES:
            return getattr(self._plain, name)
        attribute = getattr(self.number(), name)
        if not callable(attribute):
            return _made(attribute, self)

        def method(*args: Any, **options: Any) -> Any:
            return called(attribute, args, options, self)

        return method

    # -- writing ---------------------------------------------------------------------------------

    def _write(self, write: Callable[[Any, Any], Any], value: Any) -> None:
        """Assign a value: ``write`` assigns numbers into an array."""
        memory = self._memory
        numbers, codes = _parted(value, self._plain.dtype, memory.sources)
        if codes is not None and memory.sources is not here.sources:
            raise LeakedVariableError(
                "A traced number was assigned into an array of a call that has ended: "
                f"{describe()}. Make the array in the call that assigns into it."
            )
        write(self._plain, numbers)
        if codes is not None or memory.codes is not None:
            write(memory.codes_of(self._plain), 0 if codes is None else codes)
        known = memory.joined.get(memory.layout)
        if known is not None and known[2].tape.notes_places:
            memory.traced(memory.plain)  # this assignment is a step of its own

    def __setitem__(self, key: Any, value: Any) -> None:
        def write(array: Any, numbers: Any) -> None:
            array[key] = numbers

        self._write(write, value)
        if value.__class__ is Variable and value.tape.notes_places:
            _name_entry(value, key)

    def fill(self, value: Any) -> None:
        """Assign a number to every entry."""
        self[...] = value

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        """Assign values to entries by their places in the flat array."""
        self._write(lambda array, numbers: array.put(indices, numbers, mode), values)

    def sort(self, axis: int = -1, **options: Any) -> None:
        """Sort it in place."""
        self[...] = np.sort(self, axis, **options)

    def partition(self, kth: Any, axis: int = -1, **options: Any) -> None:
        """Partition it in place."""
        self[...] = np.partition(self, kth, axis, **options)

    # -- attributes ------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The length along each axis."""
        shape: tuple[int, ...] = self._plain.shape
        return shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        self._plain = self._plain.reshape(shape, copy=False)

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        """The array with its axes reversed."""
        return self._moved(np.transpose)

    @property
    def mT(self) -> Any:  # noqa: N802 - NumPy's name
        """The array with its last two axes exchanged."""
        return self._moved(np.matrix_transpose)

    @property
    def flat(self) -> Any:
        """Its entries in one row."""
        return _Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        self.flat[...] = value

    def astype(self, dtype: Any, order: Any = "K", **options: Any) -> Any:
        """Return a copy of another type."""
        if np.dtype(dtype) == self._plain.dtype:
            return self if options.get("copy") is False else self.copy(order)
        return called(self.number().astype, (dtype, order), options, self)

    def view(self, dtype: Any = None, **options: Any) -> Any:
        """Return another array for the same memory."""
        if dtype in (None, np.ndarray, self._plain.dtype) and not options:
            return Fillable(self._memory, self._plain)
        if self.is_traced():
            raise UnsupportedOperationError(
                f"An array that holds traced numbers has no view of another type: {describe()}. "
                "Use astype for another type."
            )
        return self._plain.view(*(() if dtype is None else (dtype,)), **options)

    # -- Python's protocols ----------------------------------------------------------------------

    def _values(self) -> Any:
        values = self._plain.copy()
        codes = np.broadcast_to(self._codes(), values.shape)
        for place in np.argwhere(codes):
            values[tuple(place)] = self._memory.sources.value(int(codes[tuple(place)]))
        return values

    def __repr__(self) -> str:
        return f"Variable({self._values()!r})" if self.is_traced() else repr(self._plain)

    def __str__(self) -> str:
        return str(self._values())

    def __format__(self, spec: str) -> str:
        return format(self._values(), spec)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.is_traced():
            raise UnsupportedOperationError(
                f"An array that holds traced numbers cannot be pickled: {describe()}. Return it "
                "from the function, and pickle what comes of it."
            )
        return self._plain.copy().__reduce_ex__(protocol)

    # -- NumPy's protocols -----------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "at":
            return _at(ufunc, *inputs)
        if any(type(out) is Fillable for out in options.get("out", ())):
            return stored(ufunc, method, inputs, options)
        return _made(getattr(ufunc, method)(*shown(inputs), **shown(options)), self)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        first = args[0] if args else None
        if type(first) is Fillable:
            if function in _MOVING:
                return first._moved(lambda plain: function(plain, *args[1:], **options))
            if function in _WRITING:
                return _written(function, args, options)
        return called(function, args, options, self)


for _name in ("__bool__", "__float__", "__int__", "__index__", "__complex__"):

    def _conversion(self: Fillable, _name: str = _name) -> Any:
        return getattr(self.number(), _name)()

    setattr(Fillable, _name, _conversion)


class _Flat(Proxy):
    """The entries of a fillable array in one row, in the order of its axes."""

    __slots__ = ("_array",)

    def __init__(self, array: Fillable) -> None:
        self._array = array

    def number(self) -> Any:
        """Return the plain or the traced array that it stands for now."""
        return self._array.flatten().number()

    def is_traced(self) -> bool:
        """Return whether it holds a traced number."""
        return self._array.is_traced()

    def __getitem__(self, key: Any) -> Any:
        return self._array.flatten()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        def write(array: Any, numbers: Any) -> None:
            array.flat[key] = numbers

        self._array._write(write, value)

    def __len__(self) -> int:
        return len(self._array._plain.flat)

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self._array.flatten().__array__(dtype, copy)


def _name_entry(value: Variable, key: Any) -> None:
    """Call the row that was made for an entry after its place: ``out[0]`` for ``out[i]``."""
    tape, indices = value.tape, key if key.__class__ is tuple else (key,)
    if value.slot == len(tape.values) - 1 and all(
        isinstance(k, (int, np.integer)) for k in indices
    ):
        source = tape.source_of(value.slot)
        name, bracket, _ = ((source and source.name) or "").partition("[")
        if bracket:
            tape.places.names[value.slot] = f"{name}[{', '.join(map(str, indices))}]"


_ATTRIBUTES = {"dtype", "ndim", "size", "strides", "flags", "itemsize", "nbytes", "setflags"}


def stored(ufunc: np.ufunc, method: str, inputs: Any, options: Any) -> Any:
    """Apply a ufunc whose results are assigned into arrays: fillable, traced or plain ones."""
    options = dict(options)
    outs, where = options.pop("out"), options.pop("where", True)
    apply = getattr(ufunc, method)
    if where is True:
        results = apply(*shown(inputs), **shown(options))
        for out, result in zip(outs, results if ufunc.nout > 1 else (results,), strict=True):
            if out is not None:
                _store(out, result)
    else:
        (out,) = outs
        where = np.broadcast_to(where, out.shape)
        parts = [np.broadcast_to(a, out.shape)[where] for a in shown(inputs)]
        out[where] = apply(*parts, **options)
    return outs if ufunc.nout > 1 else outs[0]


def _store(out: Any, result: Any) -> None:
    """Assign the result of a function to the array that it was given for it."""
    if np.broadcast_shapes(out.shape, np.shape(result)) != out.shape:
        raise ValueError(
            f"non-broadcastable output operand with shape {out.shape} doesn't match the broadcast "
            f"shape {np.shape(result)}"
        )
    out[...] = result


def called(function: Any, args: Any, options: Any, origin: Any = None) -> Any:
    """Call a function with what fillable arrays stand for."""
    out = options.get("out")
    if type(out) is Fillable or type(out) is Variable:
        options = {name: option for name, option in options.items() if name != "out"}
        _store(out, function(*shown(args), **shown(options)))
        return out
    return _made(function(*shown(args), **shown(options)), origin)


def _made(result: Any, origin: Fillable) -> Any:
    """Return what NumPy made of an array as a fillable one: a view of it, or one of its own."""
    if result.__class__ is np.ndarray and result.dtype.kind in "fc":
        memory = origin._memory
        if result.dtype == memory.plain.dtype and np.may_share_memory(result, memory.plain):
            return Fillable(memory, result)
        return fillable(result) if result.base is None else result
    if isinstance(result, (tuple, list)):
        parts = [_made(part, origin) for part in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


def _written(function: Any, args: Any, options: Any) -> None:
    """Call a function that assigns into a fillable array."""
    names = {np.fill_diagonal: 1, np.copyto: 1, np.put_along_axis: 2}
    k = names.get(function, 2)
    keys = {np.copyto: "src", np.fill_diagonal: "val", np.put: "v", np.place: "vals"}
    key = keys.get(function, "values")
    target, rest = args[0], list(args[1:])
    value = rest.pop(k - 1) if len(rest) >= k else options.pop(key)

    def write(array: Any, numbers: Any) -> None:
        function(array, *rest[: k - 1], numbers, *rest[k - 1 :], **options)

    target._write(write, value)


def _at(ufunc: Any, target: Any, indices: Any, *operands: Any) -> None:
    operands = tuple(as_array(o) if holds_traced(o) else o for o in shown(operands))
    if type(target) is not Fillable:
        ufunc.at(target, indices, *operands)
        return
    number = target.number()
    if number.__class__ is not Variable:
        traced = [operand for operand in operands if operand.__class__ is Variable]
        if not traced:
            ufunc.at(number, indices, *operands)
            return
        number = np.array(number, like=traced[0])
    ufunc.at(number, indices, *operands)
    target[...] = number


def _parted(value: Any, dtype: Any, sources: Sources) -> tuple[Any, Any]:
    """Return the plain numbers of a value, NaN for traced ones, and the codes of these."""
    if type(value) is Fillable:
        if not value.is_traced():
            return value._plain, None
        if value._memory.sources is sources and value._plain.dtype == dtype:
            return value._plain, value._codes()
        value = value.number()
    if value.__class__ in (list, tuple) or (
        value.__class__ is np.ndarray and value.dtype == object
    ):
        if not holds_traced(value):
            return value, None
        value = as_array(shown(value))
        if value.__class__ is not Variable:
            return value, None
    if value.__class__ is not Variable:
        return value, None
    if value.dtype.kind == "c" and dtype.kind != "c":
        raise UnsupportedOperationError(
            f"A complex traced number was assigned into an array of {dtype}: {describe()}. Make "
            "the array with dtype=complex, or take np.real(...)."
        )
    if value.dtype != dtype:
        converted = FUNCTIONS[np.astype](value if value.shape else np.reshape(value, 1), dtype)
        value = converted if value.shape else converted[0]
    codes = sources.codes_of(value)
    return np.full(np.shape(codes), np.nan), codes


# -- making them -----------------------------------------------------------------------------------


def fillable(plain: Any, codes: Any = None, sources: Sources | None = None) -> Any:
    """Return a fillable array for a plain one that nobody else holds."""
    if plain.__class__ is not np.ndarray or plain.dtype.kind not in "fc":
        return plain
    if not plain.flags.forc or plain.base is not None:
        plain = plain.copy("K")
    return Fillable(Memory(plain, here.sources if sources is None else sources, codes), plain)


def filled(value: Any, dtype: Any = None) -> Any:
    """Return a new fillable array that holds what a value holds, traced numbers among it."""
    number = as_array(shown(value))
    dtype = number.dtype if dtype is None else np.dtype(dtype)
    made = fillable(np.empty_like(memory_of(number), dtype))
    made[...] = number
    return made


def holds_traced(value: Any) -> bool:
    """Return whether a value is traced, or a nest or an array that holds a traced number."""
    kind = value.__class__
    if kind is Variable:
        return True
    if isinstance(value, Proxy):
        return value.is_traced()
    if kind is list or kind is tuple:
        return any(map(holds_traced, value))
    return kind is np.ndarray and value.dtype == object and any(map(holds_traced, value.flat))


def shown(value: Any) -> Any:
    """Return what a fillable array stands for now, plain or traced; in nests, too."""
    kind = type(value)
    if issubclass(kind, Proxy):
        return value.number()
    if kind is list or kind is tuple:
        return kind([shown(part) for part in value])
    if kind is dict:
        return {key: shown(part) for key, part in value.items()}
    return value
