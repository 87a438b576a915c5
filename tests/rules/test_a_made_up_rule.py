"""A made-up array rule and a made-up elemental, each in one expression.

Everything that reads a trace has to handle them, with no other file changed.
"""

import ast
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import adviz as ad
from adviz.core.definitions import definitions
from adviz.core.elementals import ELEMENTALS
from adviz.costs.counting import forward_operations, operations, reverse_operations
from adviz.rules.array_rules import RULES
from adviz.rules.operation_counts import Cost
from adviz.rules.rule import Rule

A = np.array([[0.5, -1.0], [2.0, 0.25]])


@pytest.fixture
def twist():
    """The square of a matrix, transposed: vᵢⱼ = (a a)ⱼᵢ times a whole number."""
    yield RULES.setdefault(
        "twist",
        Rule(
            "twist",
            lambda a, times: times * (a @ a).T,
            (lambda bar, v, a, times: times * (bar.T @ a.T + a.T @ bar.T),),
            lambda dots, v, a, times: times * (dots[0] @ a + a @ dots[0]).T,
            cost=lambda shapes, shape, times: Cost(100, 200, [300]),
            reach=lambda a, times: a,
            series=lambda k, v, a, times: times * sum(a(j) @ a(k - j) for j in range(k + 1)).T,
            formula="{times} ⋈ {0}ᵀ",
            pull_formula=("{times}·({bar}ᵀ {0}ᵀ + {0}ᵀ {bar}ᵀ)",),
            push_formula=("{times}·({dot} {0} + {0} {dot})ᵀ",),
            code="({times} * ({0} @ {0}).T)",
            back="n·(aᵀ·ȳᵀ + ȳᵀ·aᵀ)",
            example="twist(a, times=2)",
        ),
    )
    del RULES["twist"]


@pytest.fixture
def bare():
    """The same operation by a rule that says no more than it must."""
    return Rule(
        "bare",
        lambda a, times: times * (a @ a).T,
        (lambda bar, v, a, times: times * (bar.T @ a.T + a.T @ bar.T),),
        lambda dots, v, a, times: times * (dots[0] @ a + a @ dots[0]).T,
    )


@pytest.fixture
def softer():
    """ln(1 + a²)."""
    yield ad.define(
        "softer",
        lambda a: np.log1p(a * a),
        lambda a, v: 2 * a / (1 + a * a),
        symbol="§",
    )
    del ELEMENTALS["softer"]
    definitions.remove("softer")


@pytest.fixture
def bell():
    """An elemental that other systems know by their own names."""
    yield ad.define(
        "bell",
        lambda a: math.erfc(a),
        lambda a, v: -2 / math.sqrt(math.pi) * np.exp(-a * a),
        sympy="erfc",
        maxima="erfz",
    )
    del ELEMENTALS["bell"]
    definitions.remove("bell")


def plain_twist(a):
    return 2 * (a @ a).T


class TestAnArrayRule:
    @pytest.mark.parametrize("said", ["twist", "bare"])
    def test_is_swept_in_both_modes_to_the_second_order_and_in_batches(self, said, request):
        rule = request.getfixturevalue(said)

        def f(a):
            return np.sin(rule(a, times=2))

        def g(a):
            return np.sin(plain_twist(a))

        ad.check_grads(f, (A,), order=2)
        np.testing.assert_allclose(ad.jacfwd(f)(A), ad.jacfwd(g)(A))
        np.testing.assert_allclose(ad.jacrev(f)(A), ad.jacrev(g)(A))
        hessian = ad.hessian(lambda a: np.sum(f(a) ** 2))(A)
        np.testing.assert_allclose(hessian, ad.hessian(lambda a: np.sum(g(a) ** 2))(A))

    @pytest.mark.parametrize("said", ["twist", "bare"])
    def test_has_a_series(self, said, request):
        rule = request.getfixturevalue(said)
        curve = ((A,), ([np.ones((2, 2)), A, A.T],))
        found, expected = ad.jet(lambda a: rule(a, times=2), *curve), ad.jet(plain_twist, *curve)
        np.testing.assert_allclose(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1])

    def test_its_operations_are_counted_as_it_says(self, twist, bare):
        trace = ad.trace(lambda a: twist(a, times=2), A)
        assert (operations(trace), forward_operations(trace)) == (100, 200)
        assert reverse_operations(trace) == 300
        with pytest.raises(ad.AdvizError, match="The arithmetic of bare is not counted"):
            operations(ad.trace(lambda a: bare(a, times=2), A))

    def test_reaches_what_it_says_and_else_everything(self, twist, bare):
        said = ad.sparsity_pattern(lambda a: twist(a, times=2), A).toarray()
        np.testing.assert_array_equal(said, np.eye(4, dtype=bool))
        assert ad.sparsity_pattern(lambda a: bare(a, times=2), A).toarray().all()

    @pytest.mark.parametrize(
        ("said", "written"), [("twist", "(2 * (a @ a).T)"), ("bare", "bare(a, times=2)")]
    )
    def test_is_compiled(self, said, written, request):
        rule = request.getfixturevalue(said)
        compiled = ad.compile(lambda a: rule(a, times=2) + 1.0)
        np.testing.assert_allclose(compiled(A), plain_twist(A) + 1.0)
        np.testing.assert_allclose(compiled(A.T), plain_twist(A.T) + 1.0)
        assert written in compiled.source
        gradient = ad.grad(lambda a: np.sum(rule(a, times=2) ** 2))
        np.testing.assert_allclose(ad.compile(gradient)(A), gradient(A))

    def test_is_printed_as_it_says(self, twist, bare):
        table = ad.trace(lambda a: twist(a, times=2), A).table()
        assert "2⋈v₀" in table.to_text().replace(" ", "")
        assert "⋈" in table.to_latex()
        assert "<mo>⋈</mo>" in table.to_mathml()
        assert "bare(" in ad.trace(lambda a: bare(a, times=2), A).table().to_text()
        trace = ad.trace(lambda a: np.sum(twist(a, times=2)), A)
        assert "2·(v̄₁ᵀ v₀ᵀ + v₀ᵀ v̄₁ᵀ)" in trace.table("reverse").to_text()
        assert "2·(v̇₀ v₀ + v₀ v̇₀)ᵀ" in trace.table("forward").to_text()
        assert "∂bare(" in ad.trace(lambda a: bare(a, times=2), A).table("reverse").to_text()

    def test_is_played(self, twist):
        document = json.dumps(ad.trace(lambda a: twist(a, times=2), A).to_document())
        assert "twist" in document

    def test_is_in_the_catalogue(self, twist):
        (line,) = ad.catalogue("twist")
        assert line == ("twist", "n·(aᵀ·ȳᵀ + ȳᵀ·aᵀ)", "twist(a, times=2)")


class TestAnElemental:
    def test_is_swept_in_both_modes_to_the_second_order_and_in_batches(self, softer):
        ad.check_grads(softer, (0.7,), order=2)
        ad.check_grads(lambda a: softer(a) * a[0], (A,), order=2)
        jacobian = ad.jacrev(lambda a: softer(a))(A[0])
        np.testing.assert_allclose(jacobian, np.diag(2 * A[0] / (1 + A[0] ** 2)))

    def test_has_a_series_a_pattern_and_a_cost(self, softer):
        curve = ((0.3,), ([1.0, 0.5, -1.0],))
        found, expected = ad.jet(softer, *curve), ad.jet(lambda a: np.log(1 + a * a), *curve)
        np.testing.assert_allclose(found[1], expected[1])
        pattern = ad.sparsity_pattern(softer, A[0]).toarray()
        np.testing.assert_array_equal(pattern, np.eye(2, dtype=bool))
        assert operations(ad.trace(softer, A)) == A.size

    def test_is_compiled_and_written_as_python(self, softer):
        def f(x):
            return softer(x) * x

        compiled = ad.compile(f)
        assert compiled(0.7) == f(0.7)
        assert compiled(-1.2) == f(-1.2)
        assert ad.trace(f, 0.7).formula().to_python() == "ad.ELEMENTALS['softer'](x) * x"

    def test_is_exported_by_its_name_there_or_in_terms_of_others(self, softer, bell):
        assert str(ad.trace(lambda x: softer(x), 0.7).to_sympy()) == "log(x**2 + 1)"
        trace = ad.trace(lambda x: bell(x), 0.7)
        assert str(trace.to_sympy()) == "erfc(x)"
        assert trace.formula().to_maxima() == "erfz(x)"
        assert ad.Trace.from_sympy(trace.to_sympy(), x=0.7).value == bell(0.7)

    def test_is_printed_and_played(self, softer):
        trace = ad.trace(softer, 0.7)
        table = trace.table()
        assert "§" in table.to_text()
        assert "§" in table.to_latex()
        assert "<mi>§</mi>" in table.to_mathml()
        assert "softer" in json.dumps(trace.to_document())

    def test_is_in_the_catalogue(self, softer):
        (line,) = ad.catalogue("softer")
        assert line.name == "ad.softer"
        assert line.back == "(2·a)/(1 + a²)"


# -- each fact lives once ------------------------------------------------------------------------


HOME = Path(ad.__file__).parent
# mistakes.py is a table, too: of what people take for the rules of operations.
WHERE_THEY_ARE_DEFINED = ("core/elementals.py", "rules/", "supported/", "mistakes.py")


NAMES_IN_A_NEW_PROCESS = """
import builtins, json, operator
import scipy.special
from adviz.core.elementals import BY_UFUNC, ELEMENTALS
from adviz.rules.array_rules import RULES
from adviz.rules.scipy_special import add_rows
add_rows()
names = {row.name for row in (*ELEMENTALS.values(), *BY_UFUNC.values())} | set(RULES)
print(json.dumps([n for n in names if not hasattr(operator, n) and not hasattr(builtins, n)]))
"""


def names_of_operations():
    """The names of rows and rules, but for those that are Python's as well: add, max.

    In this process tests have added some of their own.
    """
    run = [sys.executable, "-c", NAMES_IN_A_NEW_PROCESS]
    return set(
        json.loads(subprocess.run(run, capture_output=True, check=True, cwd=HOME.parent).stdout)
    )


def strings_in(nodes):
    return {
        part.value
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def names_known_in(source, names):
    """The operations that a module knows by their names: by looking one up, comparing, listing."""
    found = set()
    tree = ast.parse(source)
    public = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id="ELEMENTALS" | "RULES"), slice=part):
                found |= names & strings_in([part])
            case ast.Compare(left=left, comparators=others):
                sides = [left, *others]
                if any(isinstance(side, ast.Attribute) and side.attr == "name" for side in sides):
                    found |= names & strings_in(sides)
            case ast.Match(cases=cases):
                found |= names & strings_in([case.pattern for case in cases])
            case ast.Dict(keys=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts):
                listed = names & strings_in([p for p in parts if isinstance(p, ast.Constant)])
                found |= listed if len(listed) > 1 else set()
            case ast.List(elts=parts) if node not in public:
                listed = names & strings_in([p for p in parts if isinstance(p, ast.Constant)])
                found |= listed if len(listed) > 1 else set()
    return found


def test_no_module_knows_an_operation_by_its_name():
    names = names_of_operations()
    known = {}
    for file in HOME.rglob("*.py"):
        module = file.relative_to(HOME).as_posix()
        if not module.startswith(WHERE_THEY_ARE_DEFINED):
            found = names_known_in(file.read_text(), names)
            if found:
                known[module] = found
    assert known == {}


@pytest.mark.parametrize(
    "source",
    [
        'ELEMENTALS["arctan2"]',
        'row.name == "arctan2"',
        'row.name in ("log", "sinh")',
        'TABLE = {"arctan2": 1, "log": 2}',
        'match row.name:\n    case "transpose": pass',
    ],
)
def test_such_a_name_would_be_found(source):
    assert names_known_in(source, names_of_operations())
