"""Sizes of formulas: exact, by one convention, and equal to those in the literature."""

from __future__ import annotations

import ast
import itertools
import re

import numpy as np
import pytest
import sympy

import adviz as ad
from adviz.costs.counting import forward_operations, operations, reverse_operations
from adviz.host.errors import FormulaError, InputError
from adviz.symbolic.derivative import derivatives
from adviz.symbolic.expr import symbol
from adviz.symbolic.families import FAMILIES
from adviz.symbolic.formulas import formulas
from adviz.symbolic.program import dag_program, tree_program
from adviz.symbolic.python_source import to_python
from adviz.symbolic.size import size, sizes
from adviz.symbolic.study import count_text
from adviz.symbolic.systems import from_sympy

CONSTANT = ast.Constant


def operands(n):
    """What an operation of Python's syntax is applied to."""
    if isinstance(n, ast.Call):
        return n.args
    return [n.operand] if isinstance(n, ast.UnaryOp) else [n.left, n.right]


def logistic(n):
    def f(x):
        for _ in range(n - 1):
            x = 4 * x * (1 - x)
        return x

    return f


SMALL = [
    *(logistic(n) for n in range(1, 7)),
    lambda x: -(x**2) / (1 - x) ** -x + (2 * x) * (x * 3) - (x - (x - 1)),
    lambda x: np.sin(np.exp(-x)) ** 2.5 + np.hypot(x, abs(x)) + ad.relu(x) + np.log2(x) * 1e-7,
    lambda x: np.maximum(x, 0.5) / (x / (x / -3)) - -x,
]


def test_a_formula_too_long_for_sympy_is_refused_at_once():
    def chain(x):
        for _ in range(6000):
            x = x * 0.999 + 0.001
        return x

    traced = ad.trace(chain, 0.5)
    for read in (traced.to_sympy, traced.formula().to_sympy):
        with pytest.raises(ad.AdvizError, match="12,000 operations, and SymPy"):
            read()


@pytest.mark.parametrize("f", SMALL, ids=[f"f{k}" for k in range(len(SMALL))])
def test_what_is_counted_is_what_is_written(f):
    (formula,) = formulas(ad.trace(f, 0.3))
    (slope,) = derivatives([formula], symbol("x"))
    for part in (formula, slope):
        found, text = size(part), to_python(part)
        tree = ast.parse(text, mode="eval")
        nodes = list(ast.walk(tree))
        signs = [n for n in nodes if isinstance(n, (ast.BinOp, ast.UnaryOp, ast.Call))]
        # Python reads -3 and np.log(2) as operations on numbers; we have them as numbers.
        ours = [n for n in signs if not all(isinstance(c, CONSTANT) for c in operands(n))]
        assert len(ours) == found.tree_operations
        assert len(text) == found.characters
        assert tree_program([part], ["x"]).operations == found.tree_operations
        assert dag_program([part], ["x"]).operations == found.dag_operations
        value = eval(text, {"x": 0.3, "np": np, "ad": ad})
        assert value == pytest.approx(dag_program([part], ["x"]).run([0.3])[0], rel=1e-14)


def test_sympy_counts_as_published_by_its_own_convention_and_ours():
    """SymPy's count_ops of the logistic map's raw derivatives, n = 2 to 8."""
    x = sympy.Symbol("x")
    raw = [ad.trace(logistic(n), 0.2).to_sympy().diff(x) for n in range(2, 9)]
    assert [e.count_ops() for e in raw] == [2, 21, 82, 264, 768, 2096, 5472]
    assert [size(*from_sympy([e])).tree_operations for e in raw] == [e.count_ops() for e in raw]


def test_n_1000():
    found = ad.swell(logistic(1000), 0.2)
    assert found.function_size.dag_operations == 3 * 999
    assert found.value_and_derivative_size.dag_operations == 7990
    assert found.derivative_size.dag_operations <= 3 * found.function_size.dag_operations
    assert len(str(found.derivative_size.tree_nodes)) == 305
    # The recurrences that the trees obey, worked out apart from any DAG.
    f, slope, last = 1, None, None
    for _ in range(999):
        four, one_less = f + 2, f + 2
        # 4 l' and 0 - l'; at first l' = 1, and 4 · 1 and -1 are numbers
        d_four, d_less = (1, 1) if slope is None else (slope + 2, slope + 1)
        last = f
        f, slope = four + one_less + 1, (d_four + one_less + 1) + (four + d_less + 1) + 1
    assert last is not None
    assert (found.function_size.tree_nodes, found.derivative_size.tree_nodes) == (f, slope)
    assert str(slope) in found._repr_html_()


@pytest.mark.parametrize("n", [2, 7, 50])
def test_ad_performs_eight_operations_a_step_in_either_mode(n):
    found = ad.swell(logistic(n), 0.2)
    assert found.forward_operations == found.reverse_operations == 8 * (n - 1)
    t = ad.trace(logistic(n), 0.2)  # by the cost model that the other tables use
    assert operations(t) + forward_operations(t) == 8 * (n - 1)
    assert operations(t) + reverse_operations(t) == 8 * (n - 1)


def test_a_gradient_by_the_return_sweep_stays_linear():
    study = ad.swell_study("speelpenning", [10, 20, 40], systems=[])
    assert [s.reverse_operations for s in study.swells] == [3 * (n - 1) for n in study.sizes]
    dags = [s.derivative_size.dag_operations for s in study.swells]
    trees = [s.derivative_size.tree_operations for s in study.swells]
    assert [b - a for a, b in itertools.pairwise(dags)] == [20, 40] or dags[2] < 4 * 40
    assert trees[2] > 3.5 * trees[1] > 12 * trees[0]


def test_shared_groups_count_as_each_alone():
    (formula,) = formulas(ad.trace(logistic(6), 0.2))
    (slope,) = derivatives([formula], symbol("x"))
    alone = [size(formula), size(slope), size(formula, slope)]
    assert sizes([formula], [slope], [formula, slope]) == alone


def test_table_1_of_baydin_and_others():
    study = ad.swell_study("logistic", range(1, 5), systems=[])
    found = [line[1:] for line in study.formulas("factored").cells]
    from adviz.render.math_tree import to_text

    texts = [[to_text(cell) for cell in line] for line in found]
    assert [line[0] for line in texts] == [
        "x",
        "4·x·(1 − x)",
        "16·x·(1 − x)·(1 − 2·x)²",
        "64·x·(1 − x)·(1 − 2·x)²·(1 − 8·x + 8·x²)²",
    ]
    assert [line[2] for line in texts] == [
        "1",
        "4 − 8·x",
        "16·(1 − 10·x + 24·x² − 16·x³)",
        "64·(1 − 42·x + 504·x² − 2640·x³ + 7040·x⁴ − 9984·x⁵ + 7168·x⁶ − 2048·x⁷)",
    ]
    # The published derivatives, term by term: a book's order of the terms is another.
    published = [
        {"1"},
        {"4·(1 − x)", "−4·x"},
        {"16·(1 − x)·(1 − 2·x)²", "−16·x·(1 − 2·x)²", "−64·x·(1 − x)·(1 − 2·x)"},
        {
            "64·(1 − x)·(1 − 2·x)²·(1 − 8·x + 8·x²)²",
            "−64·x·(1 − 2·x)²·(1 − 8·x + 8·x²)²",
            "−256·x·(1 − x)·(1 − 2·x)·(1 − 8·x + 8·x²)²",
            "128·x·(1 − x)·(1 − 2·x)²·(−8 + 16·x)·(1 − 8·x + 8·x²)",
        },
    ]
    assert [terms(line[1]) for line in texts] == published


def terms(text):
    """The terms of a sum, each with its sign."""
    found, depth, start = [], 0, 0
    for k, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and text[k : k + 3] in (" + ", " − "):
            found.append(text[start:k])
            start = k
    found.append(text[start:])
    return {
        f"−{term[3:]}" if term.startswith(" − ") else term.removeprefix(" + ") for term in found
    }


def test_a_formula_too_large_to_print_says_so_and_folds():
    formula = ad.trace(logistic(300), 0.2).formula()
    with pytest.raises(FormulaError, match=r"1\.53×10⁹¹ characters.*897 lines"):
        formula.to_python()
    for write in (formula.to_text, formula.to_latex, formula.to_mathml, formula.to_maxima):
        with pytest.raises(FormulaError):
            write()
    assert len(repr(formula)) < 600
    shown, note = repr(formula).splitlines()
    assert len(shown) <= 100
    assert re.match(r"Folded: \d\d of 3\.06×10⁹⁰ operations are shown", note)
    namespace = {}
    exec(formula.to_python(shared=True), namespace)
    assert namespace["y"](0.2) == formula(0.2) == logistic(300)(0.2)
    assert formula.graph(shared=False).source.count("->") < 60
    assert count_text(3**20_000) == "2.66×10⁹⁵⁴²"  # which Python itself refuses to write


def test_a_study_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match="no family 'logistics': choose 'logistic'"):
        ad.swell_study("logistics", [1])
    with pytest.raises(InputError, match="sizes must be a whole number of at least 1, got 0"):
        ad.swell_study("logistic", [0, 1])
    with pytest.raises(InputError, match=r"at=0\.3"):
        ad.swell_study(lambda n, x: x, [1])
    with pytest.raises(InputError, match=r"systems must be .SymPy diff. or .*got a str"):
        ad.swell_study("logistic", [1], systems=["Sympy"])
    with pytest.raises(InputError, match="2 outputs"):
        ad.swell(lambda x: (x, x), 1.0)


def test_a_recursion_of_the_users_own():
    def own(n, x):
        return x if n == 1 else own(n - 1, x) * np.sin(own(n - 1, x))

    study = ad.swell_study(own, [1, 2, 3, 8], at=0.4, systems=["SymPy diff"], seconds=60)
    assert study.swells[3].function_size.dag_operations == 2 * 7
    # AD follows the program, which calls itself twice; the DAG finds that out.
    assert study.swells[3].function_rows == 2 * (2**7 - 1)
    assert study.outcomes[3]["SymPy diff"].operations > study.outcomes[2]["SymPy diff"].operations
    assert "own(n, …)" in study.table().caption


def test_every_family_is_drawn():
    for name, family in FAMILIES.items():
        n = min(4, family.most)
        study = ad.swell_study(name, [1, 2, n], systems=[])
        figure = study.plot()
        labels = [line.get_label() for line in figure.axes[0].get_lines()]
        assert (
            labels
            == ["f′ tree", "f′ DAG", "f tree", "f DAG", "AD forward", "AD reverse"][: len(labels)]
        )
        assert family.title in figure.description
