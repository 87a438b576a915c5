"""The formulas of the array rules' derivatives, each read in NumPy and compared with the rule.

Beside each formula stands what it says in NumPy, written by hand: z for the adjoint of the result
or the tangent of the operand, v for the result, and a and b for the operands.
"""

import numpy as np
import pytest
import scipy.linalg

import adviz as ad
from adviz.render.math_tree import BAR, DOT, Name, filled, to_latex, to_mathml, to_text
from adviz.render.row_formulas import form_of

draw = np.random.default_rng(11)
M23, M32, M33, N33 = (draw.normal(size=shape) for shape in ((2, 3), (3, 2), (3, 3), (3, 3)))
V2, V3, W3 = draw.normal(size=2), draw.normal(size=3), draw.normal(size=3)
STACK = draw.normal(size=(4, 2, 3))
POSITIVE = M33 @ M33.T + np.eye(3)
LOWER = np.tril(M33) + 3 * np.eye(3)
SYMMETRIC = M33 + M33.T


def inverse_transposed(a):
    return np.linalg.inv(a).T


def placed(part, shape, key):
    whole = np.zeros(shape)
    np.add.at(whole, key, part)
    return whole


def half_of_lower(a):
    return np.tril(a) - np.diag(np.diag(a)) / 2


def symmetric_part(a):
    return (a + a.T) / 2


def eigenvectors(a):
    return np.linalg.eigh(a)[1]


def from_the_end(z):
    return np.array([z[i:].sum(axis=0) for i in range(len(z))])


# Function, operands, and for each operand what its adjoint is.
ADJOINTS = {
    "matrix times matrix": (
        lambda a, b: a @ b,
        (M23, M32),
        ("v̄ bᵀ", lambda z, v, a, b: z @ b.T),
        ("aᵀ v̄", lambda z, v, a, b: a.T @ z),
    ),
    "matrix times vector": (
        lambda a, b: a @ b,
        (M23, V3),
        ("v̄ bᵀ", lambda z, v, a, b: np.outer(z, b)),
        ("aᵀ v̄", lambda z, v, a, b: a.T @ z),
    ),
    "vector times matrix": (
        lambda a, b: a @ b,
        (V2, M23),
        ("b v̄", lambda z, v, a, b: b @ z),
        ("a v̄ᵀ", lambda z, v, a, b: np.outer(a, z)),
    ),
    "vector times vector": (
        lambda a, b: a @ b,
        (V3, W3),
        ("v̄·b", lambda z, v, a, b: z * b),
        ("v̄·a", lambda z, v, a, b: z * a),
    ),
    "stack times matrix": (
        lambda a, b: a @ b,
        (STACK, M32),
        ("v̄ bᵀ", lambda z, v, a, b: z @ b.T),
        ("∑_(axis 0) aᵀ v̄", lambda z, v, a, b: sum(x.T @ y for x, y in zip(a, z, strict=True))),
    ),
    "contraction": (
        lambda a, b: np.einsum("ij,jk->ik", a, b),
        (M23, M32),
        ("∑_k v̄_ik b_jk", lambda z, v, a, b: np.einsum("ik,jk->ij", z, b)),
        ("∑_i v̄_ik a_ij", lambda z, v, a, b: np.einsum("ik,ij->jk", z, a)),
    ),
    "contraction to a number": (
        lambda a, b: np.einsum("ij,ij->", a, b),
        (M23, M32.T),
        ("v̄ b_ij", lambda z, v, a, b: z * b),
        ("v̄ a_ij", lambda z, v, a, b: z * a),
    ),
    "entrywise product": (
        lambda a, b: a * b,
        (M23, M32.T),
        ("v̄ ⊙ b", lambda z, v, a, b: z * b),
        ("v̄ ⊙ a", lambda z, v, a, b: z * a),
    ),
    "product with a row": (
        lambda a, b: a * b,
        (M23, V3),
        ("v̄ ⊙ b", lambda z, v, a, b: z * b),
        ("∑_(axis 0) v̄ ⊙ a", lambda z, v, a, b: (z * a).sum(axis=0)),
    ),
    "product with a column": (
        lambda a, b: a * b,
        (M23, V2[:, None]),
        ("v̄ ⊙ b", lambda z, v, a, b: z * b),
        ("∑_(axis 1) v̄ ⊙ a", lambda z, v, a, b: (z * a).sum(axis=1, keepdims=True)),
    ),
    "product with a number": (
        lambda a, b: a * b,
        (M23, 1.5),
        ("v̄·b", lambda z, v, a, b: z * b),
        ("∑_(all entries) v̄ ⊙ a", lambda z, v, a, b: np.sum(z * a)),
    ),
    "difference of a row": (
        lambda a, b: a - b,
        (M23, V3),
        ("v̄", lambda z, v, a, b: z),
        ("−∑_(axis 0) v̄", lambda z, v, a, b: -z.sum(axis=0)),
    ),
    "tanh": (np.tanh, (M23,), ("v̄ ⊙ (1 − v²)", lambda z, v, a: z * (1 - v**2))),
    "exp": (np.exp, (M23,), ("v̄ ⊙ v", lambda z, v, a: z * v)),
    "sum": (np.sum, (M23,), ("v̄ in every entry", lambda z, v, a: np.full(a.shape, z))),
    "sum along an axis": (
        lambda a: np.sum(a, axis=-1),
        (M23,),
        ("v̄ along axis 1", lambda z, v, a: np.repeat(z[:, None], 3, axis=1)),
    ),
    "sum along two axes": (
        lambda a: np.sum(a, axis=(0, 2)),
        (STACK,),
        ("v̄ along axes 0, 2", lambda z, v, a: np.broadcast_to(z[None, :, None], a.shape)),
    ),
    "largest": (
        np.max,
        (M23,),
        ("v̄ where a is largest", lambda z, v, a: np.where(a == a.max(), z, 0)),
    ),
    "smallest along an axis": (
        lambda a: np.min(a, axis=0),
        (M23,),
        (
            "v̄ where a is smallest along axis 0",
            lambda z, v, a: np.where(a == a.min(axis=0), z, 0),
        ),
    ),
    "cumulative sum": (np.cumsum, (V3,), ("∑_(j ≥ i) v̄_j", lambda z, v, a: from_the_end(z))),
    "cumulative sum along an axis": (
        lambda a: np.cumsum(a, axis=0),
        (M33,),
        ("∑_(j ≥ i along axis 0) v̄_j", lambda z, v, a: from_the_end(z)),
    ),
    "transpose": (lambda a: a.T, (M23,), ("v̄ᵀ", lambda z, v, a: z.T)),
    "order of axes": (
        lambda a: a.transpose(1, 2, 0),
        (STACK,),
        ("transpose(v̄, axes = (2, 0, 1))", lambda z, v, a: z.transpose(2, 0, 1)),
    ),
    "reshape": (
        lambda a: a.reshape(3, 2),
        (M23,),
        ("v̄ as 2×3", lambda z, v, a: z.reshape(2, 3)),
    ),
    "ravel": (np.ravel, (M23,), ("v̄ as 2×3", lambda z, v, a: z.reshape(2, 3))),
    "broadcast": (
        lambda a: np.broadcast_to(a, (2, 3)),
        (V3,),
        ("∑_(axis 0) v̄", lambda z, v, a: z.sum(axis=0)),
    ),
    "entry": (
        lambda a: a[1, 2],
        (M23,),
        ("v̄ into place [1, 2]", lambda z, v, a: placed(z, a.shape, (1, 2))),
    ),
    "slice": (
        lambda a: a[:, 1:],
        (M23,),
        (
            "v̄ into place [:, 1:]",
            lambda z, v, a: placed(z, a.shape, (slice(None), slice(1, None))),
        ),
    ),
    "list of indices": (
        lambda a: a[[2, 0, 2]],
        (V3,),
        ("v̄ into place [[2, 0, 2]]", lambda z, v, a: placed(z, a.shape, [2, 0, 2])),
    ),
    "choice": (
        lambda a, b: np.where(M23 > 0, a, b),
        (M23, V3),
        (
            f"where({np.sum(M23 > 0)} of 6, v̄, 0)",
            lambda z, v, a, b: np.where(M23 > 0, z, 0),
        ),
        (
            f"∑_(axis 0) where({np.sum(M23 > 0)} of 6, 0, v̄)",
            lambda z, v, a, b: np.where(M23 > 0, 0, z).sum(axis=0),
        ),
    ),
    "joined": (
        lambda a, b: np.concatenate([a, b], axis=1),
        (M23, M33[:2]),
        ("v̄[:, 0:3]", lambda z, v, a, b: z[:, 0:3]),
        ("v̄[:, 3:6]", lambda z, v, a, b: z[:, 3:6]),
    ),
    "stacked": (
        lambda a, b: np.stack([a, b], axis=1),
        (V3, W3),
        ("v̄[:, 0]", lambda z, v, a, b: z[:, 0]),
        ("v̄[:, 1]", lambda z, v, a, b: z[:, 1]),
    ),
    "rolled": (
        lambda a: np.roll(a, 1),
        (V3,),
        ("v̄ rolled back", lambda z, v, a: np.roll(z, -1)),
    ),
    "flipped": (np.flip, (M23,), ("v̄ flipped back", lambda z, v, a: z[::-1, ::-1])),
    "turned": (np.rot90, (M23,), ("v̄ turned back", lambda z, v, a: np.rot90(z, -1))),
    "tiled": (
        lambda a: np.tile(a, 2),
        (V3,),
        ("∑_copies v̄", lambda z, v, a: z[:3] + z[3:]),
    ),
    "repeated": (
        lambda a: np.repeat(a, 2),
        (V3,),
        ("∑_copies v̄", lambda z, v, a: z[::2] + z[1::2]),
    ),
    "padded": (
        lambda a: np.pad(a, 1),
        (M23,),
        ("v̄[1:3, 1:4]", lambda z, v, a: z[1:-1, 1:-1]),
    ),
    "taken": (
        lambda a: np.take(a, [1, 1, 0]),
        (V3,),
        ("v̄ into the places taken", lambda z, v, a: placed(z, a.shape, [1, 1, 0])),
    ),
    "deleted": (
        lambda a: np.delete(a, 1),
        (V3,),
        ("v̄ into the places kept", lambda z, v, a: np.array([z[0], 0, z[1]])),
    ),
    "diagonal": (np.diagonal, (M33,), ("v̄ on the diagonal", lambda z, v, a: np.diag(z))),
    "inverse": (np.linalg.inv, (M33,), ("−vᵀ v̄ vᵀ", lambda z, v, a: -v.T @ z @ v.T)),
    "solution": (
        np.linalg.solve,
        (M33, M32),
        ("−(a⁻ᵀ v̄) vᵀ", lambda z, v, a, b: -(inverse_transposed(a) @ z) @ v.T),
        ("a⁻ᵀ v̄", lambda z, v, a, b: inverse_transposed(a) @ z),
    ),
    "solution of a triangular system": (
        lambda a, b: scipy.linalg.solve_triangular(a, b, lower=True),
        (LOWER, M32),
        None,  # only the triangle is read, which takes a row of its own
        ("a⁻ᵀ v̄", lambda z, v, a, b: inverse_transposed(np.tril(a)) @ z),
    ),
    "determinant": (
        np.linalg.det,
        (M33,),
        ("v̄·v·a⁻ᵀ", lambda z, v, a: z * v * inverse_transposed(a)),
    ),
    "logarithm of the determinant": (
        lambda a: np.linalg.slogdet(a)[1],
        (M33,),
        ("v̄·a⁻ᵀ", lambda z, v, a: z * inverse_transposed(a)),
    ),
    "Cholesky factor": (
        lambda a: np.linalg.cholesky(symmetric_part(a)),  # it reads one triangle only
        (POSITIVE,),
        (
            "sym(v⁻ᵀ Φ(vᵀ v̄) v⁻¹)",
            lambda z, v, a: symmetric_part(
                inverse_transposed(v) @ half_of_lower(v.T @ z) @ np.linalg.inv(v)
            ),
        ),
    ),
    "singular values": (
        np.linalg.svdvals,
        (M33,),
        (
            "U diag(v̄) Vᵀ",
            lambda z, v, a: np.linalg.svd(a)[0] @ np.diag(z) @ np.linalg.svd(a)[2],
        ),
    ),
    "nuclear norm": (
        lambda a: np.linalg.norm(a, "nuc"),
        (M33,),
        ("v̄·U Vᵀ", lambda z, v, a: z * np.linalg.svd(a)[0] @ np.linalg.svd(a)[2]),
    ),
    "matrix exponential": (
        scipy.linalg.expm,
        (M33,),
        ("L(aᵀ, v̄)", lambda z, v, a: scipy.linalg.expm_frechet(a.T, z, compute_expm=False)),
    ),
    "Sylvester's equation": (
        scipy.linalg.solve_sylvester,
        (M33, N33, POSITIVE),
        None,
        None,
        (
            "solve_sylvester(aᵀ, bᵀ, v̄)",
            lambda z, v, a, b, c: scipy.linalg.solve_sylvester(a.T, b.T, z),
        ),
    ),
}

# The same for what a tangent of the operand gives, where the operation is not linear.
TANGENTS = {
    "inverse": (np.linalg.inv, (M33,), ("−v ȧ v", lambda z, v, a: -v @ z @ v)),
    "solution": (
        np.linalg.solve,
        (M33, M32),
        ("−a⁻¹ ȧ v", lambda z, v, a, b: -np.linalg.inv(a) @ z @ v),
        ("a⁻¹ ḃ", lambda z, v, a, b: np.linalg.inv(a) @ z),
    ),
    "determinant": (
        np.linalg.det,
        (M33,),
        ("v·trace(a⁻¹ ȧ)", lambda z, v, a: v * np.trace(np.linalg.inv(a) @ z)),
    ),
    "logarithm of the determinant": (
        lambda a: np.linalg.slogdet(a)[1],
        (M33,),
        ("trace(a⁻¹ ȧ)", lambda z, v, a: np.trace(np.linalg.inv(a) @ z)),
    ),
    "Cholesky factor": (
        np.linalg.cholesky,
        (POSITIVE,),
        (
            "v Φ(v⁻¹ ȧ v⁻ᵀ)",
            lambda z, v, a: (
                v @ half_of_lower(np.linalg.inv(v) @ symmetric_part(z) @ inverse_transposed(v))
            ),
        ),
    ),
    "singular values": (
        np.linalg.svdvals,
        (M33,),
        (
            "diagonal(Uᵀ ȧ V)",
            lambda z, v, a: np.diag(np.linalg.svd(a)[0].T @ z @ np.linalg.svd(a)[2].T),
        ),
    ),
    "matrix exponential": (
        scipy.linalg.expm,
        (M33,),
        ("L(a, ȧ)", lambda z, v, a: scipy.linalg.expm_frechet(a, z, compute_expm=False)),
    ),
    "largest along an axis": (
        lambda a: np.max(a, axis=1),
        (M23,),
        (
            "ȧ where a is largest along axis 1",
            lambda z, v, a: np.sum(np.where(a == a.max(axis=1, keepdims=True), z, 0), axis=1),
        ),
    ),
    "matrix product": (
        lambda a, b: a @ b,
        (M23, M32),
        ("ȧ b", lambda z, v, a, b: z @ b),
        ("a ḃ", lambda z, v, a, b: a @ z),
    ),
    "joined": (
        lambda a, b: np.concatenate([a, b]),
        (V3, V2),
        (
            "concatenate(ȧ, 0, axis = 0)",
            lambda z, v, a, b: np.concatenate([z, np.zeros(2)]),
        ),
        (
            "concatenate(0, ḃ, axis = 0)",
            lambda z, v, a, b: np.concatenate([np.zeros(3), z]),
        ),
    ),
    "product with a row": (
        lambda a, b: a * b,
        (M23, V3),
        ("ȧ ⊙ b", lambda z, v, a, b: z * b),
        ("ḃ ⊙ a", lambda z, v, a, b: z * a),
    ),
}


def trees_of(f, operands, which):
    """Return how the term of each operand of the last row is written, with letters in it."""
    trace = ad.trace(f, *operands)
    row = [r for r in trace.rows if len(r.operands) == len(operands)][-1]
    parts = {name: Name(letter).tree() for name, letter in zip("012v", "abcv", strict=True)}
    trees = []
    for k, term in enumerate(form_of(row, 6).terms_of(which)):
        if term is None:
            trees.append(None)
            continue
        carrier = Name("v", None, BAR) if which == "reverse" else Name("abc"[k], None, DOT)
        body = filled(term.body, {**parts, "carrier": carrier.tree()}, numbers=False)
        trees.append(["mrow", ["mo", "−"], body] if term.negative else body)
    return trees


def cases(table):
    return [
        pytest.param(f, operands, k, *expected, id=f"{name}, operand {k}")
        for name, (f, operands, *formulas) in table.items()
        for k, expected in enumerate(formulas)
        if expected is not None
    ]


@pytest.mark.parametrize(("f", "operands", "k", "formula", "reading"), cases(ADJOINTS))
def test_the_formula_of_an_adjoint_says_what_is_pulled_back(f, operands, k, formula, reading):
    (tree,) = trees_of(f, operands, "reverse")[k : k + 1]
    assert to_text(tree) == formula
    v, pull = ad.vjp(f, *operands)
    bar = np.random.default_rng(k).normal(size=np.shape(v))
    np.testing.assert_allclose(pull(bar)[k], reading(bar, v, *operands), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("f", "operands", "k", "formula", "reading"), cases(TANGENTS))
def test_the_formula_of_a_tangent_says_what_is_pushed(f, operands, k, formula, reading):
    (tree,) = trees_of(f, operands, "forward")[k : k + 1]
    assert to_text(tree) == formula
    dots = [np.zeros(np.shape(operand)) for operand in operands]
    dots[k] = np.random.default_rng(k).normal(size=np.shape(operands[k]))
    if f is np.linalg.cholesky:
        dots[k] = symmetric_part(dots[k])
    v, tangent = ad.jvp(f, operands, tuple(dots))
    np.testing.assert_allclose(tangent, reading(dots[k], v, *operands), rtol=1e-10, atol=1e-12)


def test_formulas_are_written_for_a_page_and_for_a_paper_as_well():
    (left, right) = trees_of(lambda a, b: a @ b, (M23, M32), "reverse")
    assert to_latex(right) == r"{a}^{\text{T}}\,\bar{v}"
    assert "<msup><mi>b</mi><mtext>T</mtext></msup>" in to_mathml(left)
    (index, _) = trees_of(lambda a, b: np.einsum("ij,jk->ik", a, b), (M23, M32), "reverse")
    assert to_latex(index) == r"\sum_{k}\,\bar{v}_{\operatorname{ik}}\,b_{\operatorname{jk}}"
    (_, summed) = trees_of(lambda a, b: a * b, (M23, V3), "reverse")
    assert to_latex(summed) == r"\sum_{\text{axis 0}}\,\bar{v}\odot a"


def test_a_rule_that_says_nothing_of_it_is_written_as_a_map():
    trace = ad.trace(lambda a: np.linalg.pinv(a), M23)
    text = trace.table("reverse").to_text()
    assert "∂pinv(ȳ)" in text or "∂pinv(v̄₁)" in text
