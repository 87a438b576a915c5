"""Variable: a number that records what is done to it."""

from __future__ import annotations

import functools
import inspect
import math
import numbers
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from sys import _getframe
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from adviz.core.broadcasting import is_complex, shape_of
from adviz.core.elementals import BY_UFUNC, ELEMENTALS, Elemental, plain
from adviz.core.tape import Tape
from adviz.host.errors import OptionError, UnsupportedOperationError
from adviz.host.nests import count_of
from adviz.host.source import describe, is_internal
from adviz.rules.advice import conversion_error, needs_numbers, no_array, no_attribute, no_rule

__all__ = [
    "BY_METHOD",
    "COMPARISON_OF_ARRAYS",
    "FUNCTIONS",
    "LIKE_FUNCTIONS",
    "UFUNC_METHODS",
    "Variable",
    "apply_elemental",
    "apply_operation",
    "called_with",
    "compare",
    "decided",
    "example_of",
    "gathered",
    "newest_tape",
    "recorded",
    "value_of",
]

FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""NumPy functions and what stands for each on traced arrays; ``functions()`` fills it."""

LIKE_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""Likewise for functions that take ``like=``; called with that array first."""

UFUNC_METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {}
"""Likewise for ``np.add.reduce`` and its like."""

_COMPARISONS: dict[str, Callable[..., Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
}


@functools.cache
def functions() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return :data:`FUNCTIONS`, filled: scalars, which need none of it, do not wait for that."""
    from adviz.rules import functions  # noqa: F401 - it fills them

    return FUNCTIONS


def decided(comparison: Any, operands: Sequence[Any]) -> Any:
    """Return the outcome of a comparison: "<", ..., "isnan", "isinf" or "isfinite".

    For arrays it is an array of bools. A comparison may also be a function, such as ``argmax`` of
    an array.

    Examples
    --------
    >>> decided("<", (1.0, 2.0)), decided("isnan", (1.0,)), decided("<", (1.0, np.arange(3.0)))
    (True, False, array([False, False,  True]))
    """
    values = [value_of(operand) for operand in operands]
    if not isinstance(comparison, str):
        return comparison(*values)
    if any(shape_of(value) != () for value in values):
        return COMPARISON_OF_ARRAYS[comparison](*values)
    return bool(_COMPARISONS[comparison](*values))


_COMPARISON_UFUNCS: dict[np.ufunc, str] = {
    np.less: "<",
    np.less_equal: "<=",
    np.equal: "==",
    np.not_equal: "!=",
    np.greater: ">",
    np.greater_equal: ">=",
    np.isnan: "isnan",
    np.isinf: "isinf",
    np.isfinite: "isfinite",
}

COMPARISON_OF_ARRAYS = {symbol: ufunc for ufunc, symbol in _COMPARISON_UFUNCS.items()}

_new = object.__new__

_SAFE_BITS = sys.float_info.max_exp - 1
"""Of an int that surely fits a float."""


class Variable:
    """A number or an array that records on a tape what is done to it.

    It behaves as what it stands for in Python's arithmetic, in comparisons and in NumPy's
    functions. An assignment into an array makes a new row of the tape and moves the Variable to
    it, so whoever holds it sees the change, as in NumPy. Its value may itself be a Variable of an
    enclosing call that is being differentiated.

    Examples
    --------
    >>> import adviz as ad
    >>> def f(x):
    ...     print(x)
    ...     return x * x
    >>> ad.grad(f)(3.0)
    3.0
    6.0
    """

    __slots__ = ("slot", "tape")

    tape: Tape
    slot: int

    def __init__(self, tape: Tape, slot: int) -> None:
        self.tape = tape
        self.slot = slot

    @property
    def value(self) -> Any:
        """The number itself."""
        return self.tape.values[self.slot]

    @property
    def shape(self) -> tuple[int, ...]:
        """The length along each axis, () for a single number."""
        return shape_of(self.tape.examples[self.slot])

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        dtype: np.dtype[Any] = np.result_type(example_of(self))
        return dtype

    def __repr__(self) -> str:
        return f"Variable({value_of(self)!r})"

    def __str__(self) -> str:
        return str(value_of(self))

    def __format__(self, spec: str) -> str:
        return format(value_of(self), spec)

    # Two traced numbers that compare equal are still two rows of the trace.
    __hash__ = object.__hash__

    def __pos__(self) -> Variable:
        return _copied(self)

    def __copy__(self) -> Variable:
        return _copied(self)

    def __deepcopy__(self, memo: Any) -> Variable:
        return _copied(self)

    def __bool__(self) -> bool:
        outcome = compare("!=", (self, 0.0), _getframe(1))
        if outcome.__class__ is np.ndarray and outcome.size != 1:
            raise UnsupportedOperationError(
                f"A traced array of shape {self.shape} was asked whether it is true: "
                f"{describe(_getframe(1))}. Write np.any(...) or np.all(...) of a comparison."
            )
        return bool(outcome)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        following = self.tape.following
        if following is not None and method == "__call__":
            made = following.repeated(ufunc, operands, options)
            if made is not None:
                return made
            frame = _getframe(1)
            return following.called(
                ufunc,
                operands,
                options,
                lambda: self._apply_ufunc(ufunc, method, operands, options, frame),
            )
        return self._apply_ufunc(ufunc, method, operands, options, _getframe(1))

    def _apply_ufunc(self, ufunc: Any, method: str, operands: Any, options: Any, frame: Any) -> Any:
        if method == "__call__" and not options:
            elemental = BY_UFUNC.get(ufunc)
            if elemental is not None and len(operands) == 1:
                return _applied_to_one(elemental, self, frame)
            for operand in operands:
                if operand.__class__ is np.ndarray and operand.dtype.kind == "O":
                    if _entry_by_entry(operands):
                        return ufunc(*(_zero_dimensional(operand) for operand in operands))
                    break
            if elemental is not None:
                return apply_elemental(elemental, operands, frame)
            if ufunc in _COMPARISON_UFUNCS:
                outcome = compare(_COMPARISON_UFUNCS[ufunc], operands, frame)
                # NumPy's own bool: ~True of Python is -2, which is true.
                return np.bool_(outcome) if outcome.__class__ is bool else outcome
            rule = (FUNCTIONS or functions()).get(ufunc)
            if rule is not None:
                return rule(*operands)
        name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        if method == "__call__" and "out" in options and is_internal(frame):
            raise UnsupportedOperationError(
                f"NumPy met traced numbers in a list or an array of objects: {describe(frame)}. "
                "Make one traced array of them first: np.stack([...])."
            )
        if "out" in options or options.get("where", True) is not True:
            refused = ", ".join(f"{key}=" for key in options)
            raise UnsupportedOperationError(
                f"{name} with {refused} does not trace: {describe(frame)}. "
                "Write a new variable for the result instead: y = y + x for y += x, np.where for "
                "where=."
            )
        if functions() and (ufunc, method) in UFUNC_METHODS:
            return called_with(UFUNC_METHODS[ufunc, method], operands, options, name, frame)
        if method == "__call__" and options:
            raise UnsupportedOperationError(
                f"{name} with {', '.join(f'{key}=' for key in options)} does not trace: "
                f"{describe(frame)}. Leave it out, or convert the result with astype."
            )
        if "scipy.special" in sys.modules and ufunc not in vars(np).values():
            from adviz.rules.scipy_special import add_rows

            add_rows()
            if ufunc in BY_UFUNC and method == "__call__":
                return apply_elemental(BY_UFUNC[ufunc], operands, frame)
            name = name.replace("np", "scipy.special", 1)
        raise no_rule(name, frame)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        following = self.tape.following
        if following is not None:
            made = following.repeated(function, args, kwargs)
            if made is not None:
                return made
            frame = _getframe(1)
            return following.called(
                function, args, kwargs, lambda: self._apply_function(function, args, kwargs, frame)
            )
        return self._apply_function(function, args, kwargs, _getframe(1))

    def _apply_function(self, function: Any, args: Any, kwargs: Any, frame: Any) -> Any:
        rule = (FUNCTIONS or functions()).get(function)
        if rule is None:
            rule, args = LIKE_FUNCTIONS.get(function), (self, *args)
            if rule is None:
                raise no_rule(_numpy_name(function), frame)
        try:
            return rule(*args, **kwargs)
        except (OptionError, TypeError) as error:
            return explained_call(error, rule, args, kwargs, function, frame)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Return an array of traced numbers, on which NumPy calls their own arithmetic."""
        if dtype is not None and np.dtype(dtype).kind != "O":
            raise no_array(np.dtype(dtype), _getframe(1))
        from adviz.rules.interception import array_is_made

        array_is_made(self.tape, _getframe(1))  # which functions are to be given
        if "scipy.special" in sys.modules:
            from adviz.rules.scipy_special import instead_of

            refused = instead_of(_getframe(1))
            if refused is not None:
                raise refused
        if "scipy.linalg" in sys.modules:
            refused = needs_numbers(_getframe(1))
            if refused is not None:
                raise refused
        entries = np.empty(self.shape, dtype=object)
        for index in np.ndindex(self.shape):
            entries[index] = self[index] if index else self
        return entries

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> Variable:
        """Record an elemental that was called with this number among its operands."""
        return apply_elemental(elemental, operands, _getframe(2))

    def __float__(self) -> NoReturn:
        raise conversion_error("float", _getframe(1))

    def __int__(self) -> NoReturn:
        raise conversion_error("int", _getframe(1))

    def __index__(self) -> NoReturn:
        raise conversion_error("index", _getframe(1))

    def __complex__(self) -> NoReturn:
        raise conversion_error("complex", _getframe(1))

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise UnsupportedOperationError(
                f"A traced number is a single number and cannot be iterated over: "
                f"{describe(_getframe(1))}. Pass a list or an array to trace each of its numbers."
            )
        return (self[k] for k in range(self.shape[0]))

    def __len__(self) -> int:
        if not self.shape:
            raise no_rule("len", _getframe(1))
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        return functions()[operator.getitem](self, key)  # which takes the place of this

    def __setitem__(self, key: Any, value: Any) -> None:
        if value.__class__ is Variable and value.tape.views and self._shows(value, key):
            return  # the end of x[key] += y: the part has been written through already
        self.assign(functions()[operator.setitem](self, key, value), _getframe(1))

    def _shows(self, part: Variable, key: Any) -> bool:
        """Return whether a view is what an index of this array shows now."""
        if part.slot not in part.tape.views:
            return False
        base, slot, operation = part.tape.views[part.slot]
        return base is self and slot == self.slot and operation.is_index(key)

    def assign(self, new: Any, frame: FrameType) -> Variable:
        """Move to the row of what has been assigned, which every holder of this array sees.

        Raises
        ------
        UnsupportedOperationError
            If this is a view that cannot be written through, or an array of an enclosing
            derivative; NumPy's ``ValueError`` if the shapes differ.
        """
        tape = self.tape
        if new.shape != self.shape:
            raise ValueError(
                f"An array of shape {new.shape} does not fit into one of shape {self.shape}: "
                f"{describe(frame)}."
            )
        if new.tape is not tape:
            raise UnsupportedOperationError(
                f"Assignment into an array of an enclosing derivative: {describe(frame)}. "
                "Assign into a copy made inside: np.copy(x), or build the result with np.where."
            )
        if self.slot in tape.views:
            base, _, operation = tape.views[self.slot]
            whole = operation.written_through(base, new)
            tape.views.pop(whole.slot, None)  # it shows nothing older: it is the array
            base.assign(whole, frame)
            tape.views[new.slot] = (base, base.slot, operation)
        tape.assignments.append((self.slot, new.slot))
        self.slot = new.slot
        return self


def _numpy_name(function: Any) -> str:
    """Return what a function of NumPy is called by its users: "np.linalg.inv"."""
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def _copied(number: Variable) -> Variable:
    """Return a number itself, and an array as one that can be assigned into apart."""
    copy: Variable = functions()[np.copy](number) if number.shape else number
    return copy


def called_with(
    rule: Callable[..., Any], args: Any, kwargs: Any, called: Any, frame: FrameType
) -> Any:
    """Call what stands for a NumPy function; say which of its options are not supported."""
    try:
        return rule(*args, **kwargs)
    except (OptionError, TypeError) as error:
        return explained_call(error, rule, args, kwargs, called, frame)


def explained_call(
    error: Exception,
    rule: Callable[..., Any],
    args: Any,
    kwargs: Any,
    called: Any,
    frame: FrameType,
) -> Any:
    """Call it without options that say nothing, or say what is wrong with them."""
    name = called if isinstance(called, str) else _numpy_name(called)
    if isinstance(error, OptionError):
        raise UnsupportedOperationError(
            f"{name} of a traced array: {error}: {describe(frame)}."
        ) from None
    given = {key: option for key, option in kwargs.items() if not _says_nothing(option)}
    signature = inspect.signature(rule)
    try:
        signature.bind(*args, **given)
    except TypeError as misfit:
        raise UnsupportedOperationError(
            f"{name} is traced with {', '.join(signature.parameters)} and {misfit}: "
            f"{describe(frame)}. Leave the option out, or write the result with other functions."
        ) from None
    if len(given) < len(kwargs):
        return rule(*args, **given)
    raise error


def _says_nothing(option: Any) -> bool:
    """Return whether an option is what NumPy takes for one left out: ``out=None``."""
    return option is None or option is np._NoValue


def value_of(number: Any) -> Any:
    """Return the plain number under any nesting of traced ones.

    Examples
    --------
    >>> value_of(2.0)
    2.0
    """
    while number.__class__ is Variable:
        number = number.value
    return number


def example_of(number: Any) -> Any:
    """Return a plain number or array of the shape and type of one, which is not computed for it.

    Examples
    --------
    >>> example_of(2.0)
    2.0
    """
    while number.__class__ is Variable:
        number = number.tape.examples[number.slot]
    return number


def constant_operand(operand: Any, name: str, frame: FrameType) -> Any:
    """Return what a constant operand is recorded as, or refuse what is not a real number."""
    if operand.__class__ is np.ndarray and operand.ndim and operand.dtype.kind in "fc":
        return operand
    if isinstance(operand, np.ndarray) and operand.ndim == 0:
        operand = operand[()]
    if operand.__class__ is float or operand.__class__ is Variable:
        return operand
    if isinstance(operand, np.floating):
        return plain(operand)  # float32 stays float32
    if isinstance(operand, (numbers.Real, np.bool_)):
        try:
            return float(operand)
        except OverflowError:
            raise UnsupportedOperationError(
                f"{name} met an integer too large for a float: {describe(frame)}."
            ) from None
    if isinstance(operand, np.ndarray) and operand.dtype.kind in "fiubc":
        return operand
    if isinstance(operand, np.complexfloating):
        return operand
    kind = (
        f"an array of {operand.dtype}"
        if isinstance(operand, np.ndarray)
        else f"a {type(operand).__name__}"
    )
    raise UnsupportedOperationError(
        f"{name} met a traced number and {kind}: {describe(frame)}. "
        "Use a float, an int, an array of them or another traced number."
    )


def apply_elemental(elemental: Elemental, operands: tuple[Any, ...], frame: FrameType) -> Variable:
    """Record an elemental of any operands on the newest tape among them."""
    if len(operands) != elemental.arity:
        raise UnsupportedOperationError(
            f"{elemental.name} takes {count_of(elemental.arity, 'operand')}, not {len(operands)}: "
            f"{describe(frame)}."
        )
    if len(operands) == 1 and operands[0].__class__ is Variable:
        return _applied_to_one(elemental, operands[0], frame)
    followed = _followed(elemental, operands)
    if followed is not None:
        return followed
    tape, written, values, are_plain = _as_written(operands, elemental, frame)
    right = written[1] if len(written) == 2 else None
    value = plain(elemental.evaluate(*values)) if are_plain else elemental(*values)
    return recorded(tape, elemental, written[0], right, value, frame)


def _followed(operation: Any, operands: Sequence[Any]) -> Variable | None:
    """Return the row of an operation that was expected; None where it is to be recorded."""
    for operand in operands:
        if operand.__class__ is Variable and operand.tape.following is not None:
            return operand.tape.following.row(operation, operands)
    return None


def _applied_to_one(elemental: Elemental, number: Variable, frame: FrameType) -> Variable:
    """Record an elemental of one operand."""
    tape, slot = number.tape, number.slot
    if (elemental is _ABSOLUTE or elemental is _SIGN) and is_complex(example_of(number)):
        return _traced_absolute(number, elemental)
    if tape.following is not None:
        followed = tape.following.one(elemental, number)
        if followed is not None:
            return followed
    operand = tape.values[slot]
    if operand.__class__ is np.ndarray or operand.__class__ is float:  # plain at first sight
        value = plain(elemental.evaluate(operand))
    else:
        value = elemental(operand)
    return recorded(tape, elemental, slot, None, value, frame)


def recorded(
    tape: Tape, operation: Any, left: Any, right: Any, value: Any, frame: FrameType
) -> Variable:
    """Write the row of an operation that the code in a frame asked for; return its number."""
    values = tape.values
    if tape.notes_places:
        tape.places.note(frame, len(values))
    new = _new(Variable)
    new.tape = tape
    new.slot = len(values)
    values.append(value)
    tape.elementals.append(operation)
    tape.left.append(left)
    tape.right.append(right)
    if tape.on_row is not None:
        tape.on_row(new.slot)
    return new


_ABSOLUTE, _SIGN = ELEMENTALS["abs"], ELEMENTALS["sign"]


def _traced_absolute(number: Variable, elemental: Elemental) -> Variable:
    """Return the absolute value of complex numbers or their direction: no one complex slope."""
    absolute = functions()[np.absolute](number)
    found: Variable = absolute if elemental is _ABSOLUTE else number / absolute
    return found


def apply_operation(operation: Any, operands: Sequence[Any], frame: FrameType) -> Variable:
    """Record an array operation of any operands on the newest tape among them."""
    followed = _followed(operation, operands)
    if followed is not None:
        return followed
    tape, written, values, are_plain = _as_written(operands, operation, frame)
    value = (operation.evaluate if are_plain else operation)(*values)
    tape.has_arrays = True
    return recorded(tape, operation, tuple(written), None, plain(value), frame)


def _entry_by_entry(operands: Sequence[Any]) -> bool:
    """Return whether traced numbers meet an array of traced numbers, and no traced array."""
    for operand in operands:
        if operand.__class__ is np.ndarray and operand.dtype.kind == "O" and operand.ndim:
            return not any(o.__class__ is Variable and o.shape for o in operands)
    return False


def _zero_dimensional(operand: Any) -> Any:
    """Return a traced number in an array of its own, and anything else as it is."""
    if operand.__class__ is not Variable:
        return operand
    entry = np.empty((), dtype=object)
    entry[()] = operand
    return entry


def gathered(operand: Any) -> Any:
    """Return one traced array for a list, or an array of objects, that holds traced numbers."""
    if operand.__class__ is list or operand.__class__ is tuple:
        operand = np.array(operand)
    if operand.__class__ is np.ndarray and operand.dtype == object:
        if operand.ndim == 0:
            return operand[()]
        if any(entry.__class__ is Variable for entry in operand.flat):
            whole = functions()[np.stack](list(operand.flat))
            return whole if operand.ndim == 1 else whole.reshape(operand.shape)
        if operand.size and all(isinstance(entry, float) for entry in operand.flat):
            return operand.astype(np.float64)  # of which no traced number is left
    return operand


def newest_tape(operands: Sequence[Any]) -> Tape:
    """Return the tape of the innermost call that is being recorded."""
    newest: Tape | None = None
    for operand in operands:
        if operand.__class__ is Variable:
            tape = operand.tape
            if newest is None or (tape is not newest and tape.order > newest.order):
                newest = tape
    assert newest is not None
    return newest


def _as_written(
    operands: Sequence[Any], operation: Any, frame: FrameType
) -> tuple[Tape, list[Any], list[Any], bool]:
    """Return the newest tape, and operands as it writes them and as the numbers they are there.

    And whether those are plain at first sight: traced ones ask to be recorded in their turn.
    """
    tape: Tape | None = None
    for operand in operands:
        kind = operand.__class__
        if kind is Variable:
            if tape is None or (operand.tape is not tape and operand.tape.order > tape.order):
                tape = operand.tape
        elif kind is not float and (kind is not np.ndarray or operand.dtype.kind == "O"):
            operands = [gathered(operand) for operand in operands]
            tape = newest_tape(operands)
            break
    assert tape is not None
    written: list[Any] = []
    values: list[Any] = []
    are_plain = True
    for operand in operands:
        if operand.__class__ is Variable and operand.tape is tape:
            written.append(operand.slot)
            value = tape.values[operand.slot]
        else:
            if operand.__class__ is np.ndarray and operand.dtype.kind == "f" and operand.ndim:
                value = tape.copied(operand)
            elif operand.__class__ is float:
                value = operand
            else:
                value = _constant(operand, tape, operation, frame)
            written.append(value)
        values.append(value)
        if value.__class__ is not np.ndarray and value.__class__ is not float:
            are_plain = False
    return tape, written, values, are_plain


def _constant(operand: Any, tape: Tape, operation: Any, frame: FrameType) -> Any:
    """Return what is no row of a tape as a row of it holds it."""
    if operand.__class__ is complex:
        tape.has_arrays = bool(functions())  # which know of complex numbers
        return operand
    constant = constant_operand(operand, getattr(operation, "name", operation), frame)
    if constant.__class__ is np.ndarray:
        return tape.copied(constant)
    if constant.__class__ is Variable and constant.shape:
        tape.has_arrays = True
    return constant


def _binary(elemental: Elemental) -> Callable[[Variable, Any], Variable]:
    """Make the operator method of an elemental with two operands, self being the left one.

    What most programs do, two numbers of one tape or one and a constant, is met first, and
    recorded in place as :func:`recorded` does it: a call would cost a tenth of the time.
    """
    evaluate = elemental.evaluate

    def method(self: Variable, other: Any) -> Variable:
        tape = self.tape
        if tape.following is not None:
            followed = tape.following.two(elemental, self, other)
            if followed is not None:
                return followed
        left = self.slot
        values = tape.values
        right: Any
        if other.__class__ is Variable and other.tape is tape:
            right = other.slot
            value = evaluate(values[left], values[right])
        elif other.__class__ is float:
            right = other
            value = evaluate(values[left], right)
        elif other.__class__ is int and other.bit_length() <= _SAFE_BITS:
            right = float(other)
            value = evaluate(values[left], right)
        elif other.__class__ is np.ndarray and other.dtype.kind == "f" and other.ndim:
            right = tape.copied(other)
            value = evaluate(values[left], right)
        else:
            return apply_elemental(elemental, (self, other), _getframe(1))
        if tape.notes_places:
            tape.places.note(_getframe(1), len(values))
        new = _new(Variable)
        new.tape = tape
        new.slot = len(values)
        values.append(value)
        tape.elementals.append(elemental)
        tape.left.append(left)
        tape.right.append(right)
        if tape.on_row is not None:
            tape.on_row(new.slot)
        return new

    return method


def _reflected(elemental: Elemental) -> Callable[[Variable, Any], Variable]:
    """Make the operator method for a constant on the left."""
    evaluate = elemental.evaluate

    def method(self: Variable, other: Any) -> Variable:
        tape = self.tape
        if tape.following is not None:
            followed = tape.following.two(elemental, other, self)
            if followed is not None:
                return followed
        if other.__class__ is float:
            left = other
        elif other.__class__ is int and other.bit_length() <= _SAFE_BITS:
            left = float(other)
        else:
            return apply_elemental(elemental, (other, self), _getframe(1))
        right = self.slot
        values = tape.values
        value = evaluate(left, values[right])
        if tape.notes_places:
            tape.places.note(_getframe(1), len(values))
        new = _new(Variable)
        new.tape = tape
        new.slot = len(values)
        values.append(value)
        tape.elementals.append(elemental)
        tape.left.append(left)
        tape.right.append(right)
        if tape.on_row is not None:
            tape.on_row(new.slot)
        return new

    return method


def _in_place(elemental: Elemental) -> Callable[[Variable, Any], Variable]:
    """Make the method of an operator like ``+=``: an array moves on, a number is a new one."""
    evaluate = elemental.evaluate

    def method(self: Variable, other: Any) -> Variable:
        tape = self.tape
        if tape.following is not None and not self.shape:
            followed = tape.following.two(elemental, self, other)
            if followed is not None:
                return followed
        left = self.slot
        values = tape.values
        right: Any
        if other.__class__ is Variable and other.tape is tape:
            right = other.slot
            value = evaluate(values[left], values[right])
        elif other.__class__ is float:
            right = other
            value = evaluate(values[left], right)
        elif other.__class__ is int and other.bit_length() <= _SAFE_BITS:
            right = float(other)
            value = evaluate(values[left], right)
        else:
            new = apply_elemental(elemental, (self, other), _getframe(1))
            return self.assign(new, _getframe(1)) if self.shape else new
        new = recorded(tape, elemental, left, right, value, _getframe(1))
        if tape.has_arrays and self.shape:
            return self.assign(new, _getframe(1))
        return new

    return method


def _unary(elemental: Elemental) -> Callable[[Variable], Variable]:
    evaluate = elemental.evaluate

    def method(self: Variable) -> Variable:
        tape = self.tape
        operand = tape.examples[self.slot]
        if tape.following is not None or operand.__class__ is not float:
            return _applied_to_one(elemental, self, _getframe(1))
        return recorded(self.tape, elemental, self.slot, None, evaluate(operand), _getframe(1))

    return method


def _comparison(symbol: str) -> Callable[[Variable, Any], Any]:
    def method(self: Variable, other: Any) -> Any:
        return compare(symbol, (self, other), _getframe(1))

    return method


for _method, _name in (
    ("add", "add"),
    ("sub", "sub"),
    ("mul", "mul"),
    ("truediv", "div"),
    ("pow", "pow"),
):
    setattr(Variable, f"__{_method}__", _binary(ELEMENTALS[_name]))
    setattr(Variable, f"__r{_method}__", _reflected(ELEMENTALS[_name]))
    setattr(Variable, f"__i{_method}__", _in_place(ELEMENTALS[_name]))
for _method in ("neg", "abs"):
    setattr(Variable, f"__{_method}__", _unary(ELEMENTALS[_method]))
for _method, _symbol in (
    ("lt", "<"),
    ("le", "<="),
    ("eq", "=="),
    ("ne", "!="),
    ("gt", ">"),
    ("ge", ">="),
):
    setattr(Variable, f"__{_method}__", _comparison(_symbol))


def _named_method(elemental: Elemental) -> Callable[..., Variable]:
    def method(*operands: Any) -> Variable:
        return apply_elemental(elemental, operands, _getframe(1))

    return method


# On arrays of traced numbers NumPy calls the method that a function is named after.
for _ufunc, _row in BY_UFUNC.items():
    setattr(Variable, _ufunc.__name__, _named_method(_row))


def _without_rule(name: str) -> Callable[..., NoReturn]:
    def method(self: Variable, *_: Any) -> NoReturn:
        raise no_rule(name, _getframe(1))

    return method


for _method, _name in (
    ("round", "round"),
    ("floor", "math.floor"),
    ("ceil", "math.ceil"),
    ("trunc", "math.trunc"),
    ("and", "&"),
    ("rand", "&"),
    ("or", "|"),
    ("ror", "|"),
    ("xor", "^"),
    ("rxor", "^"),
    ("invert", "~"),
    ("lshift", "<<"),
    ("rshift", ">>"),
):
    setattr(Variable, f"__{_method}__", _without_rule(_name))


class _Later:
    """A method or attribute of arrays, which come with functions that are loaded when needed.

    ``__getattr__`` would do, but a class that has one is slow to give any attribute.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, number: Variable | None, kind: type[Variable]) -> Any:
        if number is None:
            return self
        functions()
        if Variable.__dict__[self.name] is self:
            raise no_attribute(self.name, _getframe(1))
        return getattr(number, self.name)


BY_METHOD = ("cbrt", "deg2rad", "degrees", "fabs", "fmod", "rad2deg", "radians")
"""More functions that NumPy calls as methods on arrays of traced numbers."""

for _name in (*dir(np.ndarray), *BY_METHOD):
    if not _name.startswith("_") and not hasattr(Variable, _name):
        setattr(Variable, _name, _Later(_name))


def _by_function(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Variable, other: Any) -> Any:
        following = self.tape.following
        if following is not None:
            made = following.repeated(function, (self, other), _NO_OPTIONS)
            if made is None:
                made = following.called(
                    function, (self, other), _NO_OPTIONS, lambda: FUNCTIONS[function](self, other)
                )
            return made
        return (FUNCTIONS or functions())[function](self, other)

    return method


def _by_function_reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: (FUNCTIONS or functions())[function](other, self)


_NO_OPTIONS: dict[str, Any] = {}


for _method, _function in (
    ("matmul", np.matmul),
    ("mod", np.remainder),
    ("floordiv", np.floor_divide),
    ("divmod", np.divmod),
):
    setattr(Variable, f"__{_method}__", _by_function(_function))
    setattr(Variable, f"__r{_method}__", _by_function_reflected(_function))


def compare(comparison: Any, operands: Sequence[Any], frame: FrameType) -> Any:
    """Return the plain outcome of a comparison and write it down as a decision.

    It is a decision of every tape that its operands belong to, the innermost first.
    """
    if comparison in ("==", "!=") and not all(_is_number(operand) for operand in operands):
        return comparison == "!="  # a number is not a string, None or a list
    operands = [constant_operand(gathered(operand), str(comparison), frame) for operand in operands]
    outcome = decided(comparison, operands)
    while any(operand.__class__ is Variable for operand in operands):
        tape, written, operands, _ = _as_written(operands, str(comparison), frame)
        tape.compare(comparison, tuple(written), outcome, frame)
    return outcome


def _is_number(operand: Any) -> bool:
    return operand.__class__ is Variable or isinstance(
        operand, (numbers.Real, np.bool_, np.ndarray)
    )
