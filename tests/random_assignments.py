"""Random programs that assign into arrays of their own, with aliases of every kind.

    python -m tests.random_assignments 4000            # that many programs, from seed 0 on
    python -m tests.random_assignments 4000 20000      # from this seed on

A program makes arrays as people do, ``np.zeros(4)``, takes rows and other views of them, and
assigns traced numbers through any of these names, all of which it goes on to use. Plain NumPy says
what it returns, and everything is compared as in :mod:`tests.random_programs`.
"""

import random
import sys

import numpy as np

import adviz as ad
from tests.random_programs import LARGEST, Program, main, placed

SHAPES = [(4,), (3,), (2, 3), (3, 3), (2, 2, 2)]


def _listed(text):
    return [line.strip() for part in text.strip().splitlines() for line in part.split("; ")]


# Statements with arrays {a}, {b}, an array {w} to write into, and a number {s} that may be traced.
MAKES = _listed("""
np.zeros({shape}); np.ones({shape}); np.full({shape}, {n}); np.full({shape}, {s}); np.eye(3)
np.zeros_like({a}); np.ones_like({a}); np.full_like({a}, {n})
np.array({a}); np.copy({a}); np.linspace(0.0, {n}, 4); np.arange(3.0); np.zeros({shape}, order="F")
np.array([{s}, 1.0, {s}]); np.array([[{s}, 0.0], [0.0, {n}]]); np.array([{s}, {n}], dtype=float)
np.identity(3); np.tile(np.zeros(2), 2); np.asarray([1.0, {n}, 2.0]); zeros({shape}); fresh({shape})
np.zeros({shape}) + {n}; np.diag(np.ones(3)); {w}.copy(); {w}.copy("F"); {w}.astype(float)
np.ones(3)[None] * np.ones((2, 1)); np.array({w}); {w}.flatten(); np.copy({w}); np.zeros_like({w})
""")
VIEWS = _listed("""
{w}[0]; {w}[-1]; {w}[1:]; {w}[::-1]; {w}[..., 1]; {w}[..., ::2]; {w}.T; {w}.reshape(-1); {w}.ravel()
{w}[:]; {w}[...]; {w}[None]; {w}.swapaxes(0, -1); np.transpose({w}); np.moveaxis({w}, 0, -1)
{w}.reshape(2, -1); np.squeeze({w}); np.flip({w}); np.split({w}, [1])[1]; {w}[-1:, ...]
np.atleast_2d({w}); np.expand_dims({w}, 0); np.reshape({w}, (-1, 1)); {w}.view()
{w}[[0, -1]]; {w}[{w} > {n}]; np.rot90({w}); np.fliplr({w}); np.array_split({w}, 2)[0]; {w}.mT
""")
WRITES = _listed("""
{w}[0] = {s}; {w}[-1] = {s}; {w}[0] += {s}; {w}[..., 1] = {s}; {w}[...] = {a}; {w}[:] = {s}
{w}[0] = {a}; {w}[1:] = {a}; {w}[:-1] += {a}; {w}[::2] = {s}; {w} += {a}; {w} *= {s}; {w} -= {s}
{w}[[0, -1]] = {s}; {w}[{w} > {n}] = {s}; {w}[{w} < {n}] *= {s}; {w}[0] = {n}; {w}[1:] = {w}[:-1]
{w}[0], {w}[-1] = {w}[-1], {w}[0]; {w}[...] = {w}[::-1]; {w}.fill({s}); {w}.put([0, 2], {s})
np.put({w}, [0, -1], [{s}, {n}]); np.copyto({w}, {a}); np.copyto({w}, {s}, where={w} > {n})
np.add.at({w}, [0, 0], {s}); np.add.at({w}, 1, {a}); np.multiply({a}, {s}, out={w})
np.add({w}, {a}, out={w}); np.fill_diagonal({w}, {s}); np.putmask({w}, {w} > {n}, {s})
np.place({w}, {w} > {n}, [{s}, {n}]); {w}.flat[1] = {s}; {w}.T[0] = {s}; {w}.reshape(-1)[-1] = {s}
{w}[0][0] = {s}; {w}[0, 1] = {s}; {w}[:, 0] = {a}; {w}[1, :] = {s} * {w}[0]; {w}[..., -1] -= {a}
np.divide({a}, 2.0 + {w} * {w}, out={w}, where={a} > 0); np.sum({a}, axis=0, out={w})
{w}.sort(); {w}[np.argsort({w})] = {a}; {w}[[True] + [False] * (len({w}) - 1)] = {s}
np.put_along_axis({w}, np.argmax({w}, 0)[None], {s}, 0); np.sin({a}, out={w});
{w} /= 2 + {s} * {s}; {w}[0] = {w}[1] * {s}; {w}[1] = np.sum({w}) * 0.1; {w}[-1] = {w}[0] + {a};
np.subtract.at({w}, [1], {n}); {w}[:, None][1] = {s}; {w}[..., [0, 1]] = {s};
{w}[1:, ..., 0] += {s}; {w}[...] = {s}; {w}[-1] **= 2
""")
VALUES = _listed("""
np.sin({a}); {a} * {b}; {a} + {b}; np.tanh({a} @ {b}); np.cumsum({a}); {a}[::-1] * {s}; {a}.sum(0)
np.concatenate([{a}, {b}]); np.stack([{a}, {b}]); np.where({a} > 0, {a}, {b}); np.linalg.norm({a})
np.dot({a}, {b}); {a}.mean(); np.max({a}); {a} / (2 + {b} * {b}); np.outer({a}, {b}); {a} ** 2
np.einsum("...i->...", {a}); np.hstack([{a}, {b}]); np.diff({a}); {s} * {a}; {a}.dot({b});
np.roll({a}, 1); np.linalg.solve(np.eye(3) * 5 + {a}, np.ones(3)); sum(row * row for row in {a});
np.sqrt({a} * {a} + 1); np.interp(0.5, [0.0, 1.0], [{s}, {n}]);
np.clip({a}, -1, 1); np.prod({a}); np.trace({a}); abs({a})
""")
NUMBERS = _listed("""
{a}.flat[0] * {n}; np.sum({a}); {a}[0, 1] + {n}; {a}[1] * {a}[0]; np.sin({a}[0]); {a}[-1] ** 2
np.mean({a} * {a}); {s} * {s}; {a}[0, 0] * {s}; float({n}) * {s}; {a}.max() - {s}; {a}.item(0) * {n}
""")
LOOPS = [
    "for i in range(len({w})):\n    {w}[i] = {s} * i + {w}[i - 1]",
    "for i in range(1, len({w})):\n    {w}[i] = {w}[i - 1] * {s} + {n}",
    "for row in {w}:\n    row[0] = {s} + row[-1]",
    "for i in range({w}.shape[0]):\n    for j in range({w}.shape[-1]):\n        {w}[i, j] += {s}",
    "if {w}[0] > {n}:\n    {w}[0] = {s}\nelse:\n    {w}[-1] = {s}",
    "def inner(u):\n    t = np.zeros(2)\n    t[0] = u * u\n    t[1] = {s} * u\n"
    "    return np.sum(t * t)\n{w}[0] = ad.grad(inner)({s})",
    "while np.sum({w} * {w}) > 3.0:\n    {w} *= 0.5",
]
KINDS = [(MAKES, 4), (VIEWS, 5), (WRITES, 9), (LOOPS, 2), (VALUES, 3), (NUMBERS, 2)]

HEAD = ["from numpy import zeros, zeros as fresh"]


def drawn(seed):
    """Return a random program, every statement of which NumPy can run."""
    chosen = random.Random(seed)
    inputs = [
        placed("x0", (4,), "float64", chosen),
        placed("x1", chosen.choice(SHAPES), "float64", chosen),
    ]
    scope = {"np": np, "ad": ad}
    exec("\n".join([*HEAD, *inputs]), scope)
    arrays, numbers, writable = ["x0", "x1"], ["x0[0]", "x0[1]", "x0[2] * x0[3]"], []
    statements, attempts, wanted = [], 0, chosen.randint(3, 14)
    while len(statements) < wanted and attempts < 400:
        attempts += 1
        (kind,) = chosen.choices([k for k, _ in KINDS], [weight for _, weight in KINDS])
        if not writable:
            kind = MAKES
        v = f"v{len(statements)}"
        is_write = kind is WRITES or kind is LOOPS
        statement = chosen.choice(kind)
        if "{w}" in statement and not writable:
            continue
        filled = (statement if is_write else "{v} = " + statement).format(
            a=chosen.choice(arrays),
            b=chosen.choice(arrays),
            s=chosen.choice(numbers),
            w=chosen.choice(writable) if writable else "",
            n=chosen.choice(["0.5", "1.5", "-0.25", "2.0"]),
            shape=chosen.choice(["4", "3", "(2, 3)", "(3, 3)", "(4, 2)"]),
            v=v,
        )
        program = [*statements, filled]
        trial = {"np": np, "ad": ad}
        exec("\n".join([*HEAD, *inputs]), trial)
        try:
            with np.errstate(all="ignore"):
                exec("\n".join(program), trial)
        except Exception:  # noqa: BLE001 - NumPy refuses the shapes
            continue
        found = [trial[name] for name in {*writable, *arrays[2:], v} if name in trial]
        if not all(np.result_type(a).kind == "f" and 0 < np.size(a) <= 24 for a in found):
            continue
        if not all(np.all(np.abs(a) < LARGEST) for a in found):
            continue
        if not is_write:
            if np.ndim(trial[v]) == 0:
                numbers.append(v)
            else:
                arrays.append(v)
                if kind is MAKES or kind is VIEWS:
                    writable.append(v)
        scope = trial
        statements.append(filled)
    results = [name for name in arrays[2:] if np.ndim(scope[name])] or arrays
    result = " + ".join(f"np.sum({name} * {name})" for name in results)
    if chosen.random() < 0.5:
        result = chosen.choice(results)
    return Program([*HEAD, *inputs], statements, result, "float64", 2)


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:]), draw=drawn), 1))
