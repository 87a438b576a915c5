"""Random NumPy programs, on which plain NumPy and all that adviz makes of a program have to agree.

    python -m tests.random_programs 5000            # that many programs, from seed 0 on
    python -m tests.random_programs 5000 20000      # from this seed on

A program is Python source: a few statements on arrays of any memory order and type. What disagrees
is printed as source that one can paste, cut down to the statements that matter.

Some things are not drawn. A traced number in double precision has the type of Python's floats,
which take on the type of an array, so programs with fewer digits make none. Nor do they make an
array of objects, to which NumPy may add the int 0, as ``np.diag`` does. The slopes of ``hypot`` at
the origin and of ``std`` of equal entries are NaN, which spreads differently in the two modes: they
are drawn away from there. Of ``partition`` only the entry in its place is taken, since the order of
the others is open.
"""

import random
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

import adviz as ad
from adviz.host.errors import BranchChangedError, ConversionError, UnsupportedOperationError

SHAPES = [(), (3,), (4,), (2, 3), (3, 3), (3, 1), (2, 2, 3)]
TOLERANCES = {"float64": 1e-8, "float32": 2e-3, "float16": 8e-2}
LARGEST = 30.0
"""Entries that a statement may make at most, so that no program leaves the range of its type."""

# Statements with operands {a}, {b}, a small int {k} and a number {n}; {v} is the new variable.
ELEMENTWISE = """
np.sin({a}); np.cos({a} + {n}); np.tanh({a}); np.arctan({a}); np.exp(np.sin({a})); -{a}; {a}**2
np.log({a} * {a} + 1); np.sqrt({a} * {a} + 0.5); 1 / ({a} * {a} + 1); np.log1p({a} * {a})
abs({a}); {a} + {b}; {a} - {b}; {a} * {b}; {a} / ({b} * {b} + 1); {a} * {n}; {n} - {a}; {a} * {c}
{c} - {a}; np.hypot({a}, {b} + 3); np.logaddexp({a}, {b}); np.arctan2({a}, {b} * {b} + 1)
np.power(abs({a}) + 1, {b}); np.maximum({a}, {b}); np.minimum({a}, {n})
np.where({a} > {b}, {a}, {b}); np.clip({a}, -1, {n}); np.where({a} > {n}, {a} * {a}, 0.5)
np.where({c} > 0, {a}, {b}); np.sign({a}) * {b}; np.abs({a} - {n})
"""
OF_ARRAYS = """
np.sum({a}); np.sum({a}, axis={k}); np.mean({a}, axis=-1, keepdims=True); np.max({a})
np.min({a}, {k}); np.prod({a}, axis=-1); np.var({a}); np.sqrt(np.var({a}) + 1); np.ptp({a})
np.linalg.norm({a}); np.median({a}); np.cumsum({a}, {k}); np.cumprod(np.cos({a}), -1)
np.diff({a}); np.average({a}, axis={k}); np.quantile({a}, 0.3); {a}.sum(); {a}.mean(0); {a}.max()
np.add.reduce({a}, {k}); np.gradient({a}, axis=0); np.sort({a}); np.sort({a}, 0)
{a}[np.argsort({a})] if {a}.ndim == 1 else {a}[::-1]; np.partition({a}, 0)[..., 0]
np.maximum.accumulate({a}); np.take_along_axis({a}, np.argsort({a}, 0), 0); np.flip({a}, {k})
{a}.reshape(-1); {a}.ravel(); {a}.ravel("F"); {a}.ravel("K"); {a}.flatten("A"); {a}.T
{a}.swapaxes(0, -1); {a}.reshape(-1, 3); {a}.reshape((3, -1), order="F"); np.moveaxis({a}, 0, -1)
{a}[None]; np.squeeze({a}); np.roll({a}, 1, {k}); np.rot90({a}); np.tile({a}, 2)
np.repeat({a}, 2, {k}); np.pad({a}, 1); np.atleast_2d({a}); np.concatenate([{a}, {b}])
np.stack([{a}, {a} * {n}], {k}); np.hstack([{a}, {b}]); np.broadcast_to({a}, (2, 3)); np.triu({a})
np.tril({a}); np.diag({a}); np.diagonal({a}); np.split({a}, [1], {k})[-1]; np.delete({a}, 0)
np.append({a}, {b}); np.insert({a}, 1, {n}); np.array({a}); np.asarray({a}) * 1; np.trace({a})
np.resize({a}, (2, 3)); {a}[0]; {a}[1:]; {a}[..., ::2]; {a}[::-1]; {a}[..., 1]; {a}[[0, -1, 0]]
{a}[..., None]; {a}[{a} > {n}]; {a}[-1:, ...]; np.take({a}, [1, 0, 1]); {a}.copy(); np.copy({a})
{a}.copy("F"); {a} * 1.0; np.zeros_like({a}) + {b}; np.full_like({a}, {n}) * {a}; {a} @ {b}
np.dot({a}, {b}); {a} @ {a}.T; np.outer({a}, {b}); np.inner({a}, {b}); np.tensordot({a}, {b}, 1)
{a}.T @ {c}; np.einsum("ij,kj->ik", {a}, {b}); np.einsum("...i,...i->...", {a}, {b})
np.einsum("ii->i", {a}); np.kron({a}, {b}); np.convolve({a}, {b})
np.linalg.solve({a} @ {a}.T + 2 * np.eye(len({a})), {a})
np.cross({a}, {b}) if len({a}.T) == len({b}.T) == 3 else {a} + 1; np.vdot({a}, {b})
np.linalg.inv({a} @ {a}.T + 3 * np.eye(len({a})))
np.linalg.slogdet({a} @ {a}.T + np.eye(len({a})))[1]
np.interp({a}, [-2.0, 0.0, 3.0], [1.0, -1.0, 2.0]); np.nan_to_num({a})
np.select([{a} > {n}], [{b}], {a}); np.stack([np.sin(row) * row for row in {a}])
sum(row * row for row in {a}); np.real({a}); np.sinc({a}); np.fmax({a}, {b})
({a} if np.sum({a}) > {n} else np.cos({a})); ad.checkpoint(lambda u: np.sin(u) * u)({a})
{a}.astype(float)
"""
WRITES = """
{a}[0] = {n}; {a}[...] = {b}; {a}[0] = {b}; {a}[..., -1] *= {n}; {a} *= {n}; {a} += {b}
{a} -= {c}; {a} /= 2 + {b} * {b}; {a}.ravel()[0] = {n}; {a}.reshape(-1)[-1] = {n}; {a}.T[0] = {n}
{a}.flat[1] = {n}; {a}[[0, -1]] = {n}; {a}[{a} > {n}] = 0.5; {a}.sort(0); {a}.fill({n})
np.put({a}, [0, -1], {n}); np.fill_diagonal({a}, {n}); {a}[1:] = {a}[:-1] * {n}
np.copyto({a}, {b}); np.add.at({a}, [0, 0], {n}); {a}[::-1][0] = {n}; {a}.ravel("K")[:2] += {n}
"""
BLOCKS = [
    "{v} = {a} * 1.0\nfor k in range(3):\n    {v} = np.sin({v}) + {a} * k",
    "{v} = {a} * 1.0\nfor k in range(1, len({a})):\n    {v}[k] = np.cos({v}[k - 1]) * {a}[k]",
    "{v} = {a} + 0.0\nwhile np.sum({v} * {v}) > 2.0:\n    {v} = {v} * 0.5",
    "if np.max({a}) > {n}:\n    {v} = np.tanh({a})\nelse:\n    {v} = {a} * {a}",
    'def inner(u):\n    return np.sum(np.sin(u) * u)\n{v} = np.copy(ad.grad(inner)({a}), "C")',
    "{v} = [{a}, {a} * 2]\n{v} = np.concatenate({v})",
]


def _listed(text):
    return [line.strip() for part in text.strip().splitlines() for line in part.split("; ")]


OF_NUMBERS = {"{v} = " + expression for expression in _listed(ELEMENTWISE)}
STATEMENTS = [
    *[("{v} = " + expression) for expression in _listed(ELEMENTWISE + OF_ARRAYS)],
    *[(write, "{a}") for write in _listed(WRITES) for _ in range(2)],
    *[block for block in BLOCKS for _ in range(2)],
]


@dataclass
class Program:
    """Statements on the variables x0, x1, ..., whose values are made by other statements."""

    inputs: list[str]
    statements: list[str]
    result: str
    dtype: str
    count: int

    def source(self):
        """Return the program as a module: the inputs, and the function f."""
        names = ", ".join(f"x{k}" for k in range(self.count))
        body = [line for statement in self.statements for line in statement.splitlines()]
        lines = ["import numpy as np", "import adviz as ad", *self.inputs, f"def f({names}):"]
        return "\n".join([*lines, *(f"    {line}" for line in [*body, f"return {self.result}"])])

    def in_double(self):
        """Return the program with constants in double precision."""
        statements = [text.replace(f"np.{self.dtype}", "np.float64") for text in self.statements]
        return Program(self.inputs, statements, self.result, self.dtype, self.count)

    def made(self):
        """Return the function, and a function that makes its inputs as they lie in memory."""
        scope = {}
        exec(compile(self.source(), "<program>", "exec"), scope)

        def inputs():
            fresh = {"np": np}
            exec("\n".join(self.inputs), fresh)
            return tuple(fresh[f"x{k}"] for k in range(self.count))

        return scope["f"], inputs


def placed(name, shape, dtype, chosen):
    """Return statements that make an array in some memory order, with gaps and turned axes."""
    numbers = np.round(np.random.default_rng(chosen.randrange(2**32)).normal(size=shape), 4)
    if not shape:
        made = f"np.{dtype}({float(numbers)})" if dtype != "float64" else str(float(numbers))
        return f"{name} = {made}"
    axes = chosen.sample(range(len(shape)), len(shape))
    steps = [chosen.choice([1, 1, 1, 2, -1, -2]) for _ in shape]
    lengths = [abs(steps[axis]) * shape[axis] for axis in axes]
    index = ", ".join("::" + str(step) for step in steps)
    back = tuple(int(k) for k in np.argsort(axes))
    buffer = f"np.zeros({tuple(lengths)}, np.{dtype}).transpose{back if len(back) > 1 else (0,)}"
    return f"{name} = {buffer}[{index}]\n{name}[...] = {numbers.tolist()}".replace(",)[", ")[")


def drawn(seed):
    """Return a random program, every statement of which NumPy can run."""
    chosen = random.Random(seed)
    dtype = chosen.choice(["float64"] * 6 + ["float32"] * 2 + ["float16"])
    count = chosen.randint(1, 3)
    inputs = [placed(f"x{k}", chosen.choice(SHAPES), dtype, chosen) for k in range(count)]
    scope = {"np": np, "ad": ad}
    exec("\n".join(inputs), scope)
    memory = {f"x{k}": k for k in range(count)}  # variables that share it have the same number
    statements, attempts, wanted = [], 0, chosen.randint(2, 9)
    while len(statements) < wanted and attempts < 300:
        attempts += 1
        statement = chosen.choice(STATEMENTS)
        is_write = isinstance(statement, tuple)
        if dtype != "float64" and ("np.asarray" in statement or "np.array({a})" in statement):
            continue
        a, b = chosen.choice(list(memory)), chosen.choice(list(memory))
        if statement not in OF_NUMBERS and not (np.ndim(scope[a]) and np.ndim(scope[b])):
            continue
        v = f"v{len(statements)}"
        shape = chosen.choice([(), np.shape(scope[a]), np.shape(scope[a])[-1:], (2, 1), (3,)])
        kind = chosen.choice(["float64", dtype])
        constant = np.round(np.random.default_rng(attempts).normal(size=shape), 1).tolist()
        filled = (statement[0] if is_write else statement).format(
            a=a,
            b=b,
            c=f"np.array({constant}, np.{kind})",
            k=chosen.choice([0, 0, -1, 1]),
            n=chosen.choice([0.5, 1.5, -0.25, 2.0]),
            v=v,
        )
        trial = {name: _alike(value) for name, value in scope.items()} if is_write else dict(scope)
        try:
            with np.errstate(all="ignore"):
                exec(filled, trial)
        except Exception:  # noqa: BLE001 - NumPy refuses the shapes
            continue
        made = trial[a if is_write else v]
        is_array = isinstance(made, (float, np.floating, np.ndarray))
        if not is_array or np.result_type(made).kind != "f" or not 0 < np.size(made) <= 40:
            continue
        if not np.all(np.abs(made) < LARGEST):
            continue
        if dtype != "float64" and not np.ndim(made) and np.result_type(made) == np.float64:
            continue
        if is_write:
            exec(filled, scope)
            for name in [name for name in memory if memory[name] == memory[a] and name != a]:
                del memory[name], scope[name]  # it would be used after the assignment
        else:
            scope = trial
            shared = [name for name in memory if _share(scope[name], made)]
            memory[v] = memory[shared[0]] if shared else 1000 + len(statements)
        statements.append(filled)
    results = chosen.sample(list(memory), min(len(memory), 3))
    result = " + ".join(f"np.sum({name} * {name})" for name in results)
    if chosen.random() < 0.5 and np.ndim(scope[results[0]]):
        result = results[0]
    return Program(inputs, statements, result, dtype, count)


def _alike(value):
    """Return a copy of an array that lies in memory in the same way, gaps aside."""
    if not isinstance(value, np.ndarray):
        return value
    alike = value.copy("K")
    alike.setflags(write=value.flags.writeable)
    return alike


def _share(a, b):
    both = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    return both and np.may_share_memory(a, b)


# -- what has to agree ---------------------------------------------------------------------------


class DisagreementError(AssertionError):
    """Two ways to compute the same number disagree."""


def agree(what, found, expected, tolerance, scale=1.0):
    """Raise an error if numbers disagree by more than a tolerance times their size, or a scale."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape:
        raise DisagreementError(f"{what}: shape {found.shape}, not {expected.shape}")
    size = np.nanmax([np.max(np.abs(expected), initial=scale), scale])
    if not np.all(
        (np.abs(found - expected) <= tolerance * size) | (np.isnan(found) & np.isnan(expected))
    ):
        raise DisagreementError(f"{what}: {found.tolist()}, not {expected.tolist()}")


def inner(a, b):
    return sum(float(np.sum(np.asarray(x, float) * y)) for x, y in zip(a, b, strict=True))


def differences(f, inputs, direction):
    """Return the slope along a direction, by differences in double precision; None if unsure."""

    def at(t):
        return np.asarray(f(*(_moved(x, t * d) for x, d in zip(inputs, direction, strict=True))))

    slopes = []
    for h in (4e-4, 2e-4, 1e-4):
        wide, near = at(2 * h) - at(-2 * h), at(h) - at(-h)
        slopes.append((8 * near - wide) / (12 * h))
    size = np.max(np.abs(slopes[0]), initial=1.0)
    is_sure = all(np.all(np.abs(slope - slopes[0]) <= 1e-7 * size) for slope in slopes)
    return slopes[0] if is_sure else None  # a kink is near, or the terms of higher order are large


def _moved(x, step):
    """Return x + step in double precision, lying in memory as x does."""
    if not np.shape(x):
        return np.float64(x) + np.float64(step)
    place = np.zeros(
        tuple(
            abs(s) // x.itemsize + 1
            for s in (sum(abs(s) * (n - 1) for s, n in zip(x.strides, x.shape, strict=True)),)
        )
    )
    strides = tuple(8 * abs(s) // x.itemsize for s in x.strides)
    turned = tuple(slice(None, None, -1 if s < 0 else 1) for s in x.strides)
    moved = np.lib.stride_tricks.as_strided(place, x.shape, strides)[turned]
    moved[...] = np.asarray(x, float) + step
    return moved


def check(program):
    """Raise an error if two ways disagree; return what could not be compared."""
    f, fresh = program.made()
    tolerance = TOLERANCES[program.dtype]
    unsure = []
    with np.errstate(all="ignore"):
        plain = f(*fresh())
    inputs = fresh()
    trace = ad.trace(f, *inputs)
    for x, y in zip(inputs, fresh(), strict=True):
        agree("an input is left as it was", x, y, 0.0)
    agree("value", trace.value, plain, tolerance)
    if np.ndim(plain) and np.result_type(trace.value) != np.result_type(plain):
        raise DisagreementError(f"type {np.result_type(trace.value)}, not {np.result_type(plain)}")
    rng = np.random.default_rng(1)
    direction = tuple(rng.normal(size=np.shape(x)).astype(program.dtype)[()] for x in inputs)
    weights = np.asarray(rng.normal(size=np.shape(plain)), np.result_type(plain))[()]
    positions = tuple(range(program.count))

    def total(*xs):
        return np.sum(weights * f(*xs))

    value, pushed = ad.jvp(f, inputs, direction)
    agree("value of jvp", value, plain, tolerance)
    gradient = ad.vjp(total, *inputs)[1](1.0)
    size = sum(np.sum(np.abs(np.float64(g) * d)) for g, d in zip(gradient, direction, strict=True))
    expected = float(np.sum(np.asarray(weights * pushed, float)))
    agree("vjp and jvp", inner(gradient, direction), expected, tolerance, max(size, 1.0))

    # Differences are taken in double precision, where the program may round and branch otherwise.
    exact = [_moved(x, 0.0) for x in inputs]
    double, _ = program.in_double().made()
    with np.errstate(all="ignore"):
        same_branch = np.shape(double(*[_moved(x, 0.0) for x in inputs])) == np.shape(plain)
        doubles = tuple(np.asarray(d, float)[()] for d in direction)
        slope = differences(double, inputs, doubles) if same_branch else None
    if slope is None or slope.shape != np.shape(pushed) or np.any(np.isnan(pushed)):
        unsure.append("differences")
    else:
        agree("jvp and differences", ad.jvp(double, tuple(exact), doubles)[1], slope, 2e-6)
        if program.dtype != "float64":
            agree("jvp in single precision", pushed, slope, 20 * tolerance)

    first = ad.jet(f, inputs, tuple([d] for d in direction))[1][0]
    agree("jet of order 1", first, pushed, tolerance)
    if program.dtype == "float64":

        def along(*xs):
            return ad.jvp(f, xs, direction)[1]

        twice = ad.jvp(along, inputs, direction)[1]
        size = max(np.max(np.abs(twice), initial=1.0), np.max(np.abs(pushed), initial=1.0))
        second = ad.jet(f, inputs, tuple([d, 0 * d] for d in direction))[1][1]
        agree("jet of order 2", second, twice, tolerance, size)
        bent = ad.jvp(lambda *xs: ad.grad(total, positions)(*xs), inputs, direction)[1]
        expected = float(np.sum(weights * twice))
        agree("second order", inner(bent, direction), expected, tolerance, 10 * size)

    forward = ad.jacfwd(f, positions)(*inputs)
    reverse = ad.jacrev(f, positions)(*inputs)
    for a, b in zip(forward, reverse, strict=True):
        agree("jacfwd and jacrev", a, b, tolerance)

    orders = [fresh(), *(tuple(_ordered(x, o) for x in fresh()) for o in "CF"), fresh()]
    compiled = ad.compile(total, argnums=positions)
    for xs in orders:
        with np.errstate(all="ignore"):
            there = total(*_again(xs, orders, fresh))
        agree("compiled", compiled(*_again(xs, orders, fresh)), there, tolerance)
    fast = ad.value_and_grad(total, positions)
    for k in range(22):
        xs = _again(orders[k % 4], orders, fresh)
        value, slopes = fast(*xs)
        if k % 4 in (0, 3):
            agree(f"value in call {k}", value, np.sum(weights * plain), tolerance, 10.0)
            for a, b in zip(slopes, gradient, strict=True):
                agree(f"gradient in call {k}", a, b, tolerance)
        if k in (1, 2, 20, 21):
            for a, b in zip(compiled.grad(*xs), slopes, strict=True):
                agree(f"compiled gradient and gradient in call {k}", a, b, tolerance)

    agree("replay", trace.replay(*fresh()).value, plain, tolerance)
    elsewhere = tuple(np.asarray(x, program.dtype)[()] for x in (0.97 * x for x in fresh()))
    if all(np.shape(x) == np.shape(y) for x, y in zip(elsewhere, inputs, strict=True)):
        try:
            replayed = trace.replay(*elsewhere).value
        except BranchChangedError:
            unsure.append("replay")
        else:
            with np.errstate(all="ignore"):
                agree("replay elsewhere", replayed, f(*map(_alike, elsewhere)), tolerance)
    return unsure


def _ordered(x, order):
    return np.array(x, order=order) if np.shape(x) else x


def _again(xs, orders, fresh):
    """Return inputs once more, since a program may have written into those that NumPy had."""
    return fresh() if xs is orders[0] or xs is orders[3] else tuple(map(_alike, xs))


def outcome(program):
    """Return "right", "refused: ...", or what is wrong."""
    try:
        unsure = check(program)
    except (ConversionError, UnsupportedOperationError) as error:
        return f"refused: {str(error).partition(':')[0]}"
    except DisagreementError as error:
        return f"WRONG {error}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is wrong
        return f"WRONG {type(error).__name__}: {error}"
    return "right" + "".join(f", no {what}" for what in unsure)


def cut_down(program):
    """Return the smallest program found that is wrong, too, by leaving out statements."""
    k = len(program.statements) - 1
    while k >= 0:
        fewer = program.statements[:k] + program.statements[k + 1 :]
        smaller = Program(program.inputs, fewer, program.result, program.dtype, program.count)
        try:
            f, inputs = smaller.made()
            f(*inputs())
            if outcome(smaller).startswith("WRONG"):
                program = smaller
        except Exception:  # noqa: BLE001 - it needs the statement
            pass
        k -= 1
    return program


def main(count, start=0, draw=drawn):
    """Run programs, print those that are wrong, and return how many are."""
    outcomes = Counter()
    for seed in range(start, start + count):
        program = draw(seed)
        found = outcome(program)
        outcomes[found if not found.startswith("WRONG") else "WRONG"] += 1
        if found.startswith("WRONG"):
            small = cut_down(program)
            sys.stdout.write(f"# seed {seed}: {outcome(small)}\n{small.source()}\n\n")
            sys.stdout.flush()
    for found, times in outcomes.most_common():
        sys.stdout.write(f"{times:6}  {found}\n")
    return outcomes["WRONG"]


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:])), 1))
