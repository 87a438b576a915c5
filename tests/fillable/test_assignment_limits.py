"""What arrays that take traced numbers leave alone, refuse, and answer."""

import contextlib
import copy
import functools
import inspect
import io
import pickle
import subprocess
import sys
import threading

import numpy as np
import numpy as other_name
import pytest
from numpy import full as filled_with
from numpy import zeros, zeros_like

import adviz as ad

X = np.array([1.0, 2.0, 3.0])
OUTSIDE = np.zeros(3)
NUMPYS = {name: value for name, value in vars(np).items() if callable(value)} | {
    f"ndarray.{name}": value for name, value in vars(np.ndarray).items()
}
IMPORTED = zeros, filled_with, zeros_like


def changed():
    """Return what is not as NumPy has it, in NumPy and in this module."""
    now = {name: getattr(np, name) for name in vars(np)} | {
        f"ndarray.{name}": value for name, value in vars(np.ndarray).items()
    }
    names = [name for name, value in NUMPYS.items() if now[name] is not value]
    is_same = all(a is b for a, b in zip(IMPORTED, (zeros, filled_with, zeros_like), strict=True))
    return names if is_same else [*names, "imported"]


def squares(x):
    out = np.zeros(3)
    for i in range(3):
        out[i] = x[i] ** 2
    return out


def total(x):
    return np.sum(squares(x))


def slope_at_zero(f, x=X):
    """Return the derivative with respect to the first entry, by differences."""
    e = np.array([1e-6, 0.0, 0.0])
    return (f(x + e) - f(x - e)) / 2e-6


# -- NumPy is left alone ---------------------------------------------------------------------------


def test_numpy_is_changed_only_while_such_a_function_records():
    during = []

    def f(x):
        out = np.zeros(3)
        during.append(changed())
        out[0] = x[0]
        return out[0] * 2.0

    assert ad.grad(f)(X)[0] == 2.0
    assert during[0] == []
    assert {"zeros", "empty", "array", "ndarray.copy", "imported"} <= set(during[1])
    assert changed() == []
    assert type(np.zeros(3)) is type(OUTSIDE.copy()) is np.ndarray

    during.clear()
    ad.grad(lambda x: x[0] * during.append(changed()) if False else x[0])(X)
    assert changed() == during == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("differentiate", [ad.grad, lambda f: lambda x: ad.trace(f, x)])
def test_after_an_error(error, differentiate):
    def f(x):
        out = np.zeros(3)
        out[0] = x[0]
        raise error("what the user meant")

    def around(x):
        out = zeros(3)
        out[0] = x[0]
        with contextlib.suppress(error):
            differentiate(f)(x)
        assert changed()  # this recording goes on
        out[1] = x[1]
        return np.sum(out * out)

    with pytest.raises(error, match="what the user meant"):
        differentiate(f)(X)
    assert changed() == []
    differentiate(around)(X)
    assert changed() == []


def test_after_an_interrupt_wherever_it_comes():
    """From outside, at 300 moments: also before and after the user's function runs."""
    code = """
        import signal
        import numpy as np, adviz as ad
        from numpy import zeros
        def interrupt(*_): raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, interrupt)
        own = np.zeros, np.array, np.ndarray.copy, zeros
        def f(x):
            out = zeros(2); out[0] = x * x; out[1] = ad.grad(lambda y: y * out[0])(x)
            return np.sum(out)
        ad.grad(f)(2.0)
        came = 0
        for k in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, 2e-5 + 5e-6 * k)
                for _ in range(1000):
                    ad.grad(f)(2.0)
            except KeyboardInterrupt:
                came += 1
            now = np.zeros, np.array, np.ndarray.copy, zeros
            assert all(a is b for a, b in zip(now, own)), k
            assert type(np.ones(2).copy()) is np.ndarray, k
        print(came, ad.grad(f)(2.0))
        """
    done = subprocess.run(
        [sys.executable, "-c", inspect.cleandoc(code)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "300 8.0\n", done.stderr


def test_every_other_thread_has_plain_numpy():
    inside, looked = threading.Event(), threading.Event()

    def f(x):
        out = np.zeros(3)
        out[0] = x[0] ** 2
        inside.set()
        assert looked.wait(30)
        return np.sum(out)

    looked.set()
    ad.grad(f)(X)  # from now on it is known to need it
    inside.clear()
    looked.clear()
    slopes = []
    thread = threading.Thread(target=lambda: slopes.append(ad.grad(f)(X)))
    thread.start()
    assert inside.wait(30)
    found = [np.zeros(3), zeros(3), OUTSIDE.copy(), np.array([1.0]), np.linspace(0, 1, 3)]
    is_changed = bool(changed())
    with pytest.raises(ad.AdvizError, match="assigned into"):
        # Another recording in this thread, of a function that needs nothing, gets plain arrays.
        ad.grad(into_a_global)(X)
    looked.set()
    thread.join()
    assert is_changed
    assert {type(array) for array in found} == {np.ndarray}
    np.testing.assert_array_equal(slopes[0], [2.0, 0.0, 0.0])
    assert changed() == []


def test_threads_that_record_at_the_same_time():
    slopes = {}

    def work(k):
        for _ in range(30):
            slopes[k] = ad.grad(total)(X * k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert changed() == []
    for k, slope in slopes.items():
        np.testing.assert_array_equal(slope, 2 * k * X)


# -- what runs twice -------------------------------------------------------------------------------


def test_what_needs_it_runs_twice_the_first_time_only():
    runs = []

    def f(x):
        runs.append(type(np.zeros(2)))
        out = np.zeros(2)
        out[0] = x[0]
        return out[0]

    ad.grad(f)(X)
    assert len(runs) == 2
    for derivative in (ad.grad(f), ad.jacobian(f), lambda x: ad.trace(f, x), ad.compile(f)):
        runs.clear()
        derivative(X)
        assert len(runs) == 1


def test_what_does_not_need_it_runs_once_with_plain_arrays():
    runs = []

    def f(x):
        runs.append(type(np.zeros(2)))
        return np.sum(x * np.ones(3))

    for derivative in (ad.grad(total), ad.grad(f), ad.jacobian(f), ad.compile(f)):
        derivative(X)
    assert runs == [np.ndarray] * 3


def test_other_errors_come_at_once():
    runs = []

    def f(x):
        runs.append(x)
        out = np.zeros(2)
        return float(x[0]) + out[0]

    with pytest.raises(ad.AdvizError, match="turned into a plain one"):
        ad.grad(f)(X)
    assert len(runs) == 1


# -- arrays from outside ---------------------------------------------------------------------------


class Holder:
    def __init__(self):
        self.array = np.zeros(3)

    def __call__(self, x):
        self.array[0] = x[0]
        return self.array[0]


def into_a_global(x):
    OUTSIDE[0] = x[0]
    return OUTSIDE[0]


def into_a_view_of_a_global(x):
    np.asarray(OUTSIDE)[1:][0] = x[0]
    return OUTSIDE[1]


def into_a_default(x, array=OUTSIDE):
    array += x
    return array.sum()


def into_what_a_result_is_written_to(x):
    return np.sum(np.multiply(x, 2.0, out=OUTSIDE))


def from_an_array_of_its_own(x):
    out = np.zeros(3)
    out[0] = x[0]
    OUTSIDE[...] = out
    return OUTSIDE[0]


def copied_into_it(x):
    out = np.zeros(3)
    out[0] = x[0]
    np.copyto(OUTSIDE, out)
    return OUTSIDE[0]


def filled_with_it(x):
    OUTSIDE.fill(x[0])
    return OUTSIDE[0]


def one_of_its_entries(x):
    out = np.zeros(3)
    out[0] = x[0]
    OUTSIDE.put([0], out[:1])
    return OUTSIDE[0]


@pytest.mark.parametrize(
    "f",
    [
        Holder(),
        into_a_global,
        into_a_view_of_a_global,
        into_a_default,
        into_what_a_result_is_written_to,
        from_an_array_of_its_own,
        copied_into_it,
        filled_with_it,
        one_of_its_entries,
    ],
    ids=lambda f: getattr(f, "__name__", "an attribute"),
)
def test_arrays_from_outside_are_refused_and_left_as_they_are(f):
    for derivative in (ad.grad(f), lambda x: ad.trace(f, x)):
        with pytest.raises(ad.AdvizError):
            derivative(X)
        held = f.array if isinstance(f, Holder) else OUTSIDE
        np.testing.assert_array_equal(held, 0.0)
        assert changed() == []


def test_an_argument_is_refused_and_a_copy_of_it_is_not():
    def into(x, given):
        given[0] = x[0]
        return given[0]

    def into_a_copy(x, given):
        mine = given.copy()
        mine[0] = x[0] * 3
        return mine[0] + given[0]

    given = np.zeros(3)
    with pytest.raises(ad.AdvizError, match=r"makes itself.*np\.copy"):
        ad.grad(into)(X, given)
    assert ad.grad(into_a_copy)(X, given)[0] == 3.0
    np.testing.assert_array_equal(given, 0.0)


# -- leaks -----------------------------------------------------------------------------------------


def leaked():
    held = []

    def f(x):
        out = np.zeros(3)
        out[0] = x[0]
        held.extend((out, out[:2], np.zeros(2)))
        return out[0]

    ad.grad(f)(X)
    return held


@pytest.mark.parametrize(
    "use",
    [
        "out * 2", "2 * out", "out + X", "out[0] * 2", "np.sum(out)", "out.sum()", "part * 2.0",
        "out @ X", "out == X", "out.T * 1", "out.copy() * 1", "np.asarray(out)", "out.tolist()",
        "float(out[0])", "np.float64(out[0])", "math.sin(out[0])", "pickle.dumps(out)",
        "pickle.dumps(part)", "np.frombuffer(out)", "memoryview(out)", "bytes(out)",
        "np.save(io.BytesIO(), out)", "out.tobytes()", "out.view(int)", "out.data", "out.ctypes",
        "OUTSIDE.__setitem__(slice(3), out)", "np.copyto(OUTSIDE, out)", "array.array('d', out)",
        "ad.grad(np.sum)(out)", "np.lib.stride_tricks.as_strided(out)", "np.fromiter(out, float)",
        "copy.deepcopy(out) * 1.0", "struct.pack('3d', *out)", "sum(out)", "scipy.linalg.norm(out)",
    ],
)  # fmt: skip
def test_a_leaked_array_raises(use):
    import array
    import math
    import struct

    import scipy.linalg

    out, part, _ = leaked()
    scope = globals() | {
        "io": io,
        "out": out,
        "part": part,
        "array": array,
        "math": math,
        "struct": struct,
    }
    errors = (ad.AdvizError, TypeError, AttributeError, ValueError, struct.error)
    with pytest.raises(errors):
        eval(use, scope | {"scipy": scipy})
    np.testing.assert_array_equal(OUTSIDE, 0.0)
    assert "1." in repr(out)


def test_a_leaked_array_takes_no_traced_number():
    *_, plain = leaked()

    def f(x):
        plain[0] = x[0]
        return plain[0]

    with pytest.raises(ad.AdvizError, match="of a call that has ended"):
        ad.grad(f)(X)
    np.testing.assert_array_equal(plain, [0.0, 0.0])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(plain)), [0.0, 0.0])
    assert type(pickle.loads(pickle.dumps(plain))) is np.ndarray
    assert type(np.asarray(plain)) is np.ndarray


def test_an_aux_holds_plain_arrays():
    def f(x):
        out = squares(x)
        return out[0], {"squares": out, "none": np.zeros(2)}

    slope, aux = ad.grad(f, has_aux=True)(X)
    np.testing.assert_array_equal(slope, [2.0, 0.0, 0.0])
    assert type(aux["squares"]) is type(aux["none"]) is np.ndarray
    np.testing.assert_array_equal(aux["squares"], X**2)


# -- it answers as a plain array -------------------------------------------------------------------


def test_it_answers_as_a_plain_array():
    def answers(out):
        return [
            isinstance(out, np.ndarray), out.dtype, out.dtype.kind, len(out), out.shape, out.ndim,
            out.size, out.nbytes, out.itemsize, out.strides, out.flags.c_contiguous,
            out.flags.writeable, np.shape(out), np.ndim(out), np.size(out), out.copy().dtype,
            copy.copy(out).shape, copy.deepcopy(out).shape, out.astype(float).dtype,
            out.astype(np.float32).dtype, np.iscomplexobj(out), np.issubdtype(out.dtype, float),
            isinstance(out.copy(), np.ndarray), isinstance(out[1:], np.ndarray),
            isinstance(out.T, np.ndarray), isinstance(out.astype(float), np.ndarray),
            np.may_share_memory(out, out[1:]) if False else True, out.T.shape, str(out),
            f"{out[0]:.3f}", [f"{v:g}" for v in out], np.result_type(out), bool(out[0] > 0.5),
            np.isscalar(out), hasattr(out, "__len__"), list(out.shape), out.max() > 2, 0.0 in out,
            np.array_equal(out, out), out.tolist() is not None, callable(out.sum),
        ]  # fmt: skip

    said = []

    def f(x):
        out = np.zeros(3)
        before = answers(out)
        out[:] = x
        said.append((before, answers(out)))
        return np.sum(out)

    ad.grad(f)(X)
    assert said[-1] == (answers(np.zeros(3)), answers(X.copy()))


def test_however_numpy_is_imported():
    def made_inside():
        from numpy import ones as all_one

        def f(x):
            out = all_one(2)
            out[0] = x[0] ** 2
            return out.sum()

        return f

    def by_another_name(x):
        out = other_name.empty(2)
        out[:] = x[0] ** 2
        return out[0]

    def by_a_local_name(x):
        make = np.zeros
        out = make(2)
        out[0] = x[0] ** 2
        return out[0]

    def imported_when_it_runs(x):
        from numpy import eye

        out = eye(2)
        out[0, 0] = x[0] ** 2
        return np.trace(out)

    def from_names(x):
        out, like = filled_with(2, 1.0), zeros_like(x)
        out[0] = x[0] ** 2
        like[1] = out[0]
        return like[1]

    @functools.cache
    def table(n):
        return (n,)

    def in_a_helper(x):
        return squares(x)[0] + table(2)[0]

    scope = {}
    exec(
        "from numpy import *\ndef f(x):\n    y = zeros(2)\n    y[0] = x[0]**2\n    return y[0]",
        scope,
    )
    functions = [
        made_inside(), by_another_name, by_a_local_name, imported_when_it_runs, from_names,
        in_a_helper, scope["f"], functools.partial(lambda n, x: squares(x)[n], 0),
    ]  # fmt: skip
    for f in functions:
        np.testing.assert_array_equal(ad.grad(f)(X), [2.0, 0.0, 0.0])
        np.testing.assert_array_equal(ad.grad(f)(X), [2.0, 0.0, 0.0])
    assert changed() == []


def test_compiled_code_has_plain_numpy():
    """It reads the memory of what NumPy makes for it: an array of another kind would end Python."""

    def f(x):
        draws = np.random.default_rng(0)
        out = np.zeros(3)
        out[:] = x
        out *= draws.normal(size=3) + draws.permutation(np.ones(3)) + draws.choice(3, 3)
        return np.sum(out**2)

    inside, random = [], vars(np.random)["_generator"]
    draws = np.random.default_rng(0)
    factors = draws.normal(size=3) + draws.permutation(np.ones(3)) + draws.choice(3, 3)
    np.testing.assert_allclose(ad.grad(f)(X), 2 * factors**2 * X, rtol=1e-14)

    def looks(x):
        out = np.zeros(1)
        out[0] = x
        inside.append(random.np.zeros)
        return out[0]

    ad.grad(looks)(1.0)
    assert inside == [np.zeros]
    assert type(inside[0]) is type(np.zeros)
    assert random.np is np
    assert changed() == []


def test_a_number_of_an_inner_call_is_refused_or_forgotten():
    def forgotten(x):
        out = np.zeros(2)

        def inner(y):
            out[0] = y * x[0]
            return y**2 * x[1]

        out[1] = ad.grad(inner)(x[2])
        out[0] = 0.0
        return out

    def kept(x):
        out = np.zeros(2)

        def inner(y):
            out[0] = y * x[0]
            return y**2

        out[1] = ad.grad(inner)(x[2])
        return np.sum(out)

    np.testing.assert_array_equal(ad.jacobian(forgotten)(X), [[0.0, 0.0, 0.0], [0.0, 6.0, 4.0]])
    with pytest.raises(ad.AdvizError):
        ad.grad(kept)(X)


def test_errors_in_a_circle():
    def f(x):
        plain = OUTSIDE
        try:
            plain[0] = x[0]
        except ad.AdvizError as error:
            other = ValueError("raised instead")
            error.__cause__, other.__cause__ = other, error
            raise
        return plain

    with pytest.raises(ad.AdvizError, match="assigned into an array"):
        ad.grad(f)(X)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_type_of_the_array_is_kept(dtype):
    def f(x):
        out = np.zeros(3, dtype)
        out[0] = x[0]
        out[1:] = x[1:] * 2.0
        return out

    trace = ad.trace(f, X)
    assert trace.value.dtype == dtype
    np.testing.assert_array_equal(trace.value, f(X))
    np.testing.assert_array_equal(ad.jacobian(f)(X), np.diag([1.0, 2.0, 2.0]))


def test_whole_numbers_take_none():
    def f(x):
        counts = np.zeros(3, int)
        counts[0] = x[0]
        return counts[0]

    with pytest.raises(ad.AdvizError, match="assigned into an array"):
        ad.grad(f)(X)


# -- how it is shown -------------------------------------------------------------------------------


def test_the_rows_of_a_trace():
    def f(x):
        out = np.zeros(3)
        for i in range(3):
            out[i] = x[i] ** 2
        s = np.sum(out)
        out[0] = 5.0 * s
        return out

    rows = [row for row in ad.trace(f, X).rows if row.op != "view"]
    first, lines = inspect.getsourcelines(f)[1], [row.source and row.source.line for row in rows]
    assert [row.name for row in rows] == [
        "x", "out[0]", "out[1]", "out[2]", None, "s", "out[0]", None,
    ]  # fmt: skip
    assert [row.op for row in rows][4:] == ["stack", "sum", "mul", "setitem"]
    assert [line - first for line in lines[1:]] == [3, 3, 3, 4, 4, 5, 5]
    assert [operand.index for operand in rows[4].operands] == [row.index for row in rows[1:4]]
    document = ad.trace(f, X).to_document()
    shown = [None if k is None else document["sites"][k]["name"] for k in document["rows"]["site"]]
    assert [name for name in shown if name] == ["out[0]", "out[1]", "out[2]", "s", "out[0]"]


def test_rows_that_are_used_as_they_are_make_no_step():
    def f(x):
        states = np.zeros((3, 3))
        states[0] = x
        for t in range(2):
            states[t + 1] = np.sin(states[t])
        return np.sum(states[2])

    trace = ad.trace(f, X)
    assert [row.op for row in trace.rows] == ["input", "sin", "sin", "sum"]
    assert [row.name for row in trace.rows][1:3] == ["states[1]", "states[2]"]


def test_without_the_room_such_functions_are_refused_and_all_else_works():
    code = """
        import sys
        sys.modules["adviz.fillable"] = None  # as Python says that there is no such module
        import numpy as np, adviz as ad
        def f(x):
            out = np.zeros(2)
            out[0] = x[0] ** 2
            return out[0]
        def g(x):
            out = np.zeros_like(x)
            out[0] = x[0] ** 2
            return np.sum(out * np.linalg.det(np.array([[x[0], 1.0], [1.0, x[1]]])))
        print(ad.grad(g)(np.array([1.0, 2.0])))
        try:
            ad.grad(f)(np.array([1.0, 2.0]))
        except ad.AdvizError as error:
            print(error)
        """
    done = subprocess.run(
        [sys.executable, "-c", inspect.cleandoc(code)], capture_output=True, text=True, check=True
    )
    slope, said = done.stdout.splitlines()
    assert slope == "[4. 1.]"
    assert said.startswith("A traced number was assigned into an array of plain ones")


def test_the_second_argument_of_copy_is_an_order():
    def total(x):
        y = np.zeros(3)
        y[0] = np.sum(x)
        return np.sum(np.copy([y[0], 2 * y[0]], "C"))

    np.testing.assert_array_equal(ad.grad(total)(np.ones(2)), [3.0, 3.0])
