"""Interception: other code for functions of NumPy and SciPy while something is being recorded.

NumPy's protocols hand most calls with traced numbers to their rules. Two cases escape them. A list
or an array of objects that holds traced numbers, such as ``np.array([x, y])``, has no protocol, and
``np.linalg.det`` refuses it. And many functions of SciPy begin by making a plain array of their
arguments, before any protocol comes into play.

Only a change of these functions themselves helps, since users may hold them under any name. So
during a recording each has other code: compiled from the function's source, with two lines added
at its head. They look for traced numbers among the arguments. If there are any, the rule for traced
numbers returns the result. If not, the function continues as usual, in the same frame, so that in
every thread its results, warnings and tracebacks are those of NumPy or SciPy. When the last
recording of all threads has ended, every function has its plain code object again.

Exchanging 181 code objects twice takes as long as a small gradient, so it is done only for those of
the user's functions that need it: the first recording of a function shows whether it does. If it
turns out to need it only later, when NumPy makes an array of a traced number, functions are
intercepted from that moment on. If one of them is running already, that is too late for this call,
and the user's function is run again from its beginning.

A function whose source is not there is left as it is. The functions themselves are listed in
:mod:`adviz.rules.intercepted_functions`.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from itertools import repeat
from operator import attrgetter
from sys import _getframe
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from adviz.core import plugs
from adviz.core.arrays import is_complex
from adviz.core.plugs import RunAgainError
from adviz.core.variable import Variable
from adviz.host.nests import too_deep
from adviz.host.source import is_internal
from adviz.rules.operands import Proxy
from adviz.rules.registry import FUNCTIONS, call_rule

__all__ = [
    "Interceptable",
    "begin",
    "came_too_late",
    "end",
    "intercept_arrays_of_objects",
    "intercept_once_imported",
    "intercepted",
    "intercepting",
    "is_interception",
    "needed_in",
    "note_object_array",
]


class Interceptable(NamedTuple):
    """A function to intercept.

    Attributes
    ----------
    inner : function
        The function in Python, whose code is exchanged.
    name : str
        What messages call it.
    function : callable
        The function as users know it, by which the registry has its rule.
    options : tuple of str
        Its rule answers only where one of these is given; always, where there are none.
    finds : callable, optional
        Returns whether there are traced numbers in an argument, where it is not enough to look
        among the numbers: a solver is given functions that use some.
    """

    inner: FunctionType
    name: str
    function: Callable[..., Any]
    options: tuple[str, ...] = ()
    finds: Callable[[Any], bool] | None = None


Lister = Callable[[], Iterable[Interceptable]]
"""Returns functions to intercept, when they are needed for the first time."""


# -- which functions -----------------------------------------------------------------------------

_listers_of_packages: dict[str, Lister] = {}
"""Listers by the names of packages, until the package has been imported."""

_listers_for_objects: list[Lister] = []
"""Listers of further functions, until an array of objects is made for the first time."""


def intercept_once_imported(package: str, functions: Lister) -> None:
    """Have functions of a package intercepted in recordings that begin after its import."""
    _listers_of_packages[package] = functions


def intercept_arrays_of_objects(functions: Lister) -> None:
    """Have functions intercepted in recordings in which arrays of objects are made."""
    _listers_for_objects.append(functions)


class _Functions(NamedTuple):
    """Functions in Python, with the plain code of each and its code during a recording."""

    functions: tuple[FunctionType, ...] = ()
    plain_codes: tuple[CodeType, ...] = ()
    intercepting_codes: tuple[CodeType, ...] = ()


_NONE = _Functions()

_finders: dict[int, Callable[[Any], bool]] = {}
"""``finds`` of the functions that have one, by the ids of their plain codes."""

_known = _NONE  # all that can be intercepted, of the packages imported so far
_in_force = _NONE  # those that are intercepted now
_lock = threading.RLock()  # for changes of these two and of _holders


def _add(interceptables: Iterable[Interceptable]) -> None:
    """Have more functions intercepted, if their sources are there."""
    global _known
    functions = list(_known.functions)
    plain, intercepting = list(_known.plain_codes), list(_known.intercepting_codes)
    for interceptable in interceptables:
        inner, *_ = interceptable
        code = _intercepting_code(interceptable)
        if code is not None and inner not in functions:  # as it is after an interrupt
            functions.append(inner)
            plain.append(inner.__code__)
            intercepting.append(code)
            if interceptable.finds is not None:
                _finders[id(inner.__code__)] = interceptable.finds
    _known = _Functions(tuple(functions), tuple(plain), tuple(intercepting))


def _add_imported() -> None:
    for package in [package for package in _listers_of_packages if package in sys.modules]:
        _add(_listers_of_packages[package]())
        del _listers_of_packages[package]


def _add_all() -> None:
    _add_imported()
    while _listers_for_objects:
        _add(_listers_for_objects[0]())
        del _listers_for_objects[0]


def intercepted() -> tuple[FunctionType, ...]:
    """Return the functions in Python that can be intercepted, of the packages imported so far.

    Examples
    --------
    >>> import adviz as ad
    >>> slope = ad.grad(lambda x: np.linalg.det(np.array([[x, 1.0], [1.0, x]])))(3.0)
    >>> np.linalg.det._implementation in intercepted()
    True
    """
    return _known.functions


# -- when ----------------------------------------------------------------------------------------

_Code = CodeType | type


_under_way = plugs.Arrays.under_way

_holders: dict[object, set[FunctionType]] = {}
"""Recordings that need functions intercepted, each with the functions that answered in it."""

_needs: dict[int, tuple[_Code, _Functions]] = {}
"""By the id of the code of a user's function: the code, and the functions it needs intercepted."""

_MAX_KNOWN_NEEDS = 4096
"""The most entries of ``_needs``, which is then emptied: it keeps the users' code alive."""


def begin(tape: Any, function: Callable[..., Any], inputs: Any = ()) -> None:
    """Intercept the functions that a recording needs, until it ends.

    Parameters
    ----------
    tape : Tape
        The tape of the recording.
    function : callable
        The user's function, which is about to be called.
    inputs : tuple
        What it is called with, before it is traced.

    Examples
    --------
    >>> def f():
    ...     return np.linalg.det._implementation.__code__ is plain
    >>> plain = np.linalg.det._implementation.__code__
    >>> needed_in(f)
    >>> begin("a recording", f)
    >>> f()
    False
    >>> end("a recording")
    >>> f()
    True
    """
    _under_way[tape] = function, inputs
    known = _needs.get(id(getattr(function, "__code__", function.__class__)))  # see _code_of()
    if known is None:
        with _lock:
            _add_imported()
            _hold(tape, _known)
    elif known[1] is not _NONE:
        with _lock:
            _hold(tape, known[1])


def end(tape: Any) -> None:
    """Give every function its plain code, if no other recording needs it intercepted.

    Ending a recording twice does no harm, and is the way to be sure: an interrupt may come before
    the first line of this function. See the example of :func:`begin`.
    """
    global _in_force
    if _holders and tape in _holders:
        with _lock:
            if len(_holders) == 1:
                _set_codes(_in_force.functions, _in_force.plain_codes)
                _in_force = _NONE
            if tape in _under_way:
                _note(_code_of(_under_way[tape][0]), _holders[tape])
            del _holders[tape]  # last: after an interrupt before it, all is done again
    _under_way.pop(tape, None)


def needed_in(function: Callable[..., Any]) -> None:
    """Have all functions intercepted whenever this one is recorded: it makes arrays of objects."""
    with _lock:
        _add_all()
        _note(_code_of(function), set(_known.functions))


def intercepting(tape: Any, function: Callable[..., Any], *args: Any) -> Any:
    """Call a function with traced numbers, and intercept what it needs meanwhile."""
    __tracebackhide__ = True
    while True:
        try:
            begin(tape, function)
            return function(*args)
        except RunAgainError:
            needed_in(function)  # from its beginning, this time
        finally:
            try:
                end(tape)
            finally:
                end(tape)


def note_object_array(tape: Any, frame: FrameType) -> None:
    """Intercept all functions from now on: NumPy makes an array of objects of a traced number.

    Raises
    ------
    RunAgainError
        If one of these functions makes the array: it is running with its plain code.
    """
    if tape in _under_way and not _is_complete():
        running: FrameType | None = frame
        codes = []
        while running is not None and is_internal(running):
            codes.append(running.f_code)
            running = running.f_back
        if _is_too_late(tape, codes):
            raise RunAgainError


def came_too_late(tape: Any, error: BaseException) -> bool:
    """Return whether a function failed because it was not yet intercepted; it is from now on."""
    if isinstance(error, RunAgainError):
        return True
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    codes = [f.f_code for f in frames if any(map(_finder_of(f.f_code), f.f_locals.values()))]
    return not _is_complete() and _is_too_late(tape, codes)


def _finder_of(code: CodeType) -> Callable[[Any], bool]:
    """Return what tells whether there are traced numbers in an argument of a function."""
    return _finders.get(id(code), _is_traced)


def _is_complete() -> bool:
    """Return whether every function that can be intercepted is."""
    return (
        _in_force is _known
        and not _listers_for_objects
        and not any(package in sys.modules for package in _listers_of_packages)
    )


def _is_too_late(tape: Any, codes: list[CodeType]) -> bool:
    """Intercept all functions until a recording ends; return whether one was running before."""
    with _lock:
        _add_all()
        _hold(tape, _known)
        _holders[tape].update(_known.functions)  # next time from the beginning
        return not set(map(id, codes)).isdisjoint(map(id, _known.plain_codes))


def _hold(tape: Any, wanted: _Functions) -> None:
    """Intercept functions until a recording ends."""
    global _in_force
    _holders.setdefault(tape, set())
    if _in_force is wanted or _in_force is _known:
        return
    _in_force = wanted if _in_force is _NONE else _known  # first, so that an interrupt is undone
    _set_codes(_in_force.functions, _in_force.intercepting_codes)


def _set_codes(functions: tuple[FunctionType, ...], codes: tuple[CodeType, ...]) -> None:
    # No line of Python runs in between: an interrupt or another thread sees all changed or none.
    any(map(setattr, functions, repeat("__code__"), codes))


def _code_of(function: Any) -> _Code:
    code: _Code = getattr(function, "__code__", function.__class__)
    return code


def _note(code: _Code, called: set[FunctionType]) -> None:
    """Note which functions were called with traced numbers by a user's function."""
    _, before = _needs.get(id(code), (code, None))
    if before is not None and called.issubset(before.functions):
        return
    called = called.union(() if before is None else before.functions)
    rows = [row for row in zip(*_known, strict=True) if row[0] in called]
    needed = _known if len(rows) == len(_known.functions) else _NONE
    if 0 < len(rows) < len(_known.functions):
        needed = _Functions(*zip(*rows, strict=True))
    if len(_needs) == _MAX_KNOWN_NEEDS:
        _needs.clear()
    _needs[id(code)] = code, needed


# -- how -----------------------------------------------------------------------------------------


def is_interception(frame: FrameType) -> bool:
    """Return whether a rule answers here in the place of the function that called this frame."""
    return frame.f_globals is globals()


_ANSWER = "the function that answers for traced numbers"  # which replaces this constant
_AROUND = "around"  # a function around one that is nested or a method

_HEAD = """
_adviz = {answer!r}
if (_adviz := _adviz({arguments})) is not NotImplemented: return _adviz
"""


def _intercepting_code(interceptable: Interceptable) -> CodeType | None:
    """Return the code of a function with lines at its head that look for traced numbers.

    None if its source is not there, or is not what the function was made from.
    """
    inner, *_ = interceptable
    plain = inner.__code__
    lines = linecache.getlines(plain.co_filename, inner.__globals__)
    first, last = plain.co_firstlineno, max(end or 0 for _, end, _, _ in plain.co_positions())
    source = "".join(lines[first - 1 : last])
    if source[:1].isspace():  # in a class, or in a function whose variables it may use
        source = f"def {_AROUND}({', '.join(plain.co_freevars)}):\n{source}"
        first -= 1
    try:
        tree = ast.parse("\n" * (first - 1) + source)
    except SyntaxError:
        return None
    definition = _definition(tree, plain.co_name)
    if definition is None or _traits(_compiled(tree, plain)) != _traits(plain):
        return None  # such as when the file was changed after it had been imported
    head = ast.parse(_HEAD.format(answer=_ANSWER, arguments=_arguments(inner)))
    for node in ast.walk(head):
        if isinstance(node, (ast.expr, ast.stmt, ast.keyword)):
            node.lineno = node.end_lineno = definition.lineno
    definition.body[:0] = head.body
    code = _compiled(tree, plain)
    answer = _answering(interceptable)
    constants = [answer if constant == _ANSWER else constant for constant in code.co_consts]
    return code.replace(co_consts=tuple(constants))


def _definition(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    return None


def _compiled(tree: ast.Module, plain: CodeType) -> CodeType:
    """Return the code that a module has in place of ``plain``: that of the same definition."""
    code = compile(tree, plain.co_filename, "exec", dont_inherit=True)
    while code.co_name != plain.co_name:
        inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        code = next(code for code in inner if code.co_name in (plain.co_name, _AROUND))
    return code.replace(co_flags=plain.co_flags, co_qualname=plain.co_qualname)


def _traits(code: CodeType) -> tuple[Any, ...]:
    """Return what stays the same when a function is compiled without the rest of its module.

    Instructions do not: those of ``np.f(x)`` depend on whether the compiler sees ``np`` imported.
    """
    constants = [constant for constant in code.co_consts if constant.__class__ is not CodeType]
    lines = {line for _, _, line in code.co_lines()}
    return code.co_varnames, code.co_freevars, code.co_names, constants, lines


def _arguments(inner: FunctionType) -> str:
    """Write a function's parameters as the arguments of a call: those with a default by name."""
    written = []
    for name, parameter in inspect.signature(inner, follow_wrapped=False).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            written.append(f"*{name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            written.append(f"**{name}")
        else:
            written.append(name if parameter.default is parameter.empty else f"{name}={name}")
    return ", ".join(written)


def _answering(interceptable: Interceptable) -> Callable[..., Any]:
    """Return what the head of a function calls with the arguments that it was given."""
    inner, name, function, needed, finds = interceptable

    def is_traced(argument: Any) -> bool:
        return (finds or _is_traced)(argument) or (
            isinstance(argument, Proxy) and argument.is_traced()
        )

    parameters = inspect.signature(inner, follow_wrapped=False).parameters
    defaults = {key: parameter.default for key, parameter in parameters.items()}

    def answer(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        if not (any(map(is_traced, args)) or (options and any(map(is_traced, options.values())))):
            return NotImplemented
        if needed and all(options[option] is defaults[option] for option in needed):
            return NotImplemented
        for called in list(_holders.values()):
            called.add(inner)
        array = args[0] if args else None
        gathers = function.__class__ is not FunctionType  # a dispatcher of NumPy's
        args = tuple(
            plugs.arrays.gathered(a)
            if isinstance(a, Proxy) or (gathers and a.__class__ is np.ndarray)
            else a
            for a in args
        )
        given = {
            key: option
            for key, option in options.items()
            if key not in defaults or option is not defaults[key]
        }
        result = call_rule(FUNCTIONS[function], args, given, name, _getframe(1))
        if array.__class__ is np.ndarray and _is_in_place(function, array, given):
            array[...] = result
            return array
        return result

    return answer


def _is_in_place(function: Any, array: Any, options: dict[str, Any]) -> bool:
    """Return whether NumPy's function returns the array that it was given."""
    if function is np.nan_to_num:
        return array.ndim > 0 and not options.get("copy", True)
    return function in (np.real, np.real_if_close) and not any(map(is_complex, array.flat))


_class_of = attrgetter("__class__")  # as a traced number names it; type() may be a subclass


def _is_traced(argument: Any) -> bool:
    """Return whether an argument is a traced number or array, or a nest that holds one."""
    if argument.__class__ is np.ndarray:
        # Not .flat, which has no more than 32 axes.
        kinds = set(map(_class_of, argument.ravel())) if argument.dtype.hasobject else ()
        return Variable in kinds or (np.ndarray in kinds and any(map(_is_traced, argument.ravel())))
    if argument.__class__ is list or argument.__class__ is tuple:
        if Variable in map(_class_of, argument):
            return True
        is_nested = len(argument) and argument[0].__class__ in (list, tuple, np.ndarray)
        try:
            return bool(is_nested) and any(map(_is_traced, argument))
        except RecursionError:
            raise too_deep() from None
    return argument.__class__ is Variable
