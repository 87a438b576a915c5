"""The functions of SciPy that have a derivative: how each is used, and what is pulled back.

This module needs SciPy. For an elementary function ``back`` is empty here, because its row in
:mod:`adviz.rules.scipy_special` has the partials.
"""

from __future__ import annotations

from scipy import integrate, interpolate, linalg, optimize, sparse, special
from scipy.sparse import linalg as sparse_linalg

from adviz.rules.scipy_stats import PROBABILITIES
from adviz.supported.examples import NAMES, Entry, Example, Shape

__all__ = ["OF_LINALG", "OF_SCIPY", "OF_SOLVERS", "OF_SPARSE", "OF_STATS"]

NAMES["linalg"], NAMES["special"], NAMES["sparse_linalg"] = linalg, special, sparse_linalg
NAMES["integrate"], NAMES["interpolate"], NAMES["optimize"] = integrate, interpolate, optimize
NAMES["sparse"] = sparse
NAMES["A"] = sparse.csc_array([[2.0, 0.0, 1.0], [0.0, 3.0, 0.0], [0.5, 0.0, 4.0]])
NAMES["M"] = sparse.csr_matrix([[0.0, 1.0, 0.0], [2.0, 0.0, 3.0]])

M33, M34, M43, V3, V4 = (3, 3), (3, 4), (4, 3), (3,), (4,)
_SPD = "s = a @ np.swapaxes(a, -1, -2) + np.diag([1.0, 2.0, 3.0]); "


def _of(source: str, *shapes: Shape, positive: bool = False) -> Example:
    return Example(source, shapes, positive)


def _row(source: str, *shapes: Shape, positive: bool = False) -> Entry:
    return Entry("", (Example(source, shapes or (M34,), positive),))


def _positive(source: str, *shapes: Shape) -> Entry:
    return _row(source, *shapes, positive=True)


def _of_two(name: str) -> Entry:
    """Return the entry of a function of two positive operands: of one shape, and broadcast."""
    source = f"special.{name}(a, b)"
    return Entry("", (_of(source, M34, M34, positive=True), _of(source, V4, (3, 1), positive=True)))


OF_SCIPY: dict[str, Entry] = {
    # sums of exponentials
    "logsumexp": Entry(
        "softmax(a) times the adjoint; to a weight eᵃ over the sum",
        (
            _of("special.logsumexp(a, axis=1)", M34),
            _of("special.logsumexp(a) * a", V4),
            _of("special.logsumexp(a, axis=(0, -1), keepdims=True)", (2, 3, 4)),
            _of("special.logsumexp(a, axis=0, b=b)", M34, V4, positive=True),
            _of("special.logsumexp(a, axis=1, b=b)", M34, M34, positive=True),
            _of("special.logsumexp(a, 1, b, return_sign=True)[0]", M34, M34),
            _of("special.logsumexp(a, 1, b=row * mask, keepdims=True, return_sign=True)[0]", M34),
            _of("special.logsumexp([a, b])", (), ()),
            _of("special.logsumexp(a, b=[b, 2 * b])", (2,), (), positive=True),
            _of("special.logsumexp([[b, 1.0], [2.0, b]], 0, b=a)", (2,), (), positive=True),
        ),
    ),
    "softmax": Entry(
        "y·(ȳ − Σ y·ȳ)",
        (
            _of("special.softmax(a, axis=1)", M34),
            _of("special.softmax(a) * a", V4),
            _of("special.softmax([a, b, 0.0])[1]", (), ()),
        ),
    ),
    "log_softmax": Entry(
        "ȳ − eʸ·Σ ȳ",
        (
            _of("special.log_softmax(a, axis=1)", M34),
            _of("special.log_softmax(a) * a", V4),
            _of("special.log_softmax([a, b, 0.0])[1]", (), ()),
        ),
    ),
    # gamma functions
    "gammaln": _positive("special.gammaln(a)"),
    "loggamma": _positive("special.loggamma(a)"),
    "gamma": _positive("special.gamma(a)"),
    "rgamma": _positive("special.rgamma(a)"),
    "digamma": _positive("special.digamma(a)"),
    "polygamma": Entry(
        "ψ⁽ⁿ⁺¹⁾(x) to x",
        (
            _of("special.polygamma(1, a + 1)", M34, positive=True),
            _of("special.polygamma(0, a)", (), positive=True),
            _of("special.polygamma([[0], [1], [2]], a + 1)", M34, positive=True),
        ),
    ),
    "multigammaln": Entry(
        "Σ ψ(a − j/2) to a",
        (
            _of("special.multigammaln(a + 1, 3)", M34, positive=True),
            _of("special.multigammaln(a, 1)", (), positive=True),
        ),
    ),
    "zeta": _positive("special.zeta(3.0, a + 1)"),
    "betaln": _of_two("betaln"),
    "beta": _of_two("beta"),
    "binom": _of_two("binom"),
    "poch": _of_two("poch"),
    "gammainc": _positive("special.gammainc(1.7, a)"),
    "gammaincc": _positive("special.gammaincc(1.7, a)"),
    "gammaincinv": _positive("special.gammaincinv(1.7, a / 3)"),
    "gammainccinv": _positive("special.gammainccinv(1.7, a / 3)"),
    "betainc": Entry(
        "the density of the beta distribution to x, nothing to its parameters",
        (
            _of("special.betainc(1.7, 2.5, a / 3)", M34, positive=True),
            _of("special.betainc(abs(row), 2.5, a / 3)", (3, 1), positive=True),
        ),
    ),
    # error functions and distributions
    "erf": _row("special.erf(a)"),
    "erfc": _row("special.erfc(a)"),
    "erfcx": _row("special.erfcx(a)"),
    "erfi": _row("special.erfi(a)"),
    "dawsn": _row("special.dawsn(a)"),
    "erfinv": _row("special.erfinv(a / 2)"),
    "erfcinv": _positive("special.erfcinv(a / 2)"),
    "ndtr": _row("special.ndtr(a)"),
    "log_ndtr": _row("special.log_ndtr(a)"),
    "ndtri": _positive("special.ndtri(a / 3)"),
    "ndtri_exp": _positive("special.ndtri_exp(-a)"),
    "stdtr": _row("special.stdtr(4.5, a)"),
    # logistic functions and entropies
    "expit": _row("special.expit(a)"),
    "logit": _positive("special.logit(a / 3)"),
    "log_expit": _row("special.log_expit(a)"),
    "xlogy": _of_two("xlogy"),
    "xlog1py": _of_two("xlog1py"),
    "entr": _positive("special.entr(a)"),
    "rel_entr": _of_two("rel_entr"),
    "kl_div": _of_two("kl_div"),
    # losses and transformations
    "huber": _of_two("huber"),
    "pseudo_huber": _of_two("pseudo_huber"),
    "boxcox": _of_two("boxcox"),
    # Bessel functions
    "j0": _row("special.j0(a)"),
    "j1": _positive("special.j1(a)"),
    "y0": _positive("special.y0(a)"),
    "y1": _positive("special.y1(a)"),
    "i0": _row("special.i0(a)"),
    "i1": _positive("special.i1(a)"),
    "i0e": _positive("special.i0e(a)"),
    "i1e": _positive("special.i1e(-a)"),
    "k0": _positive("special.k0(a)"),
    "k1": _positive("special.k1(a)"),
    "k0e": _positive("special.k0e(a)"),
    "k1e": _positive("special.k1e(a)"),
    "jv": _positive("special.jv(2, a)"),
    "yv": _positive("special.yv(0.5, a)"),
    "iv": _positive("special.iv(1.5, a)"),
    "kv": _positive("special.kv(2.5, a + 1)"),
    "ive": _positive("special.ive(2, a)"),
    "kve": _positive("special.kve(1, a)"),
    # integrals and inverse functions
    "expi": _positive("special.expi(a)"),
    "exp1": _positive("special.exp1(a)"),
    "expn": _positive("special.expn(3, a)"),
    "spence": _positive("special.spence(a + 1)"),
    "ellipk": _positive("special.ellipk(a / 3)"),
    "ellipe": _positive("special.ellipe(a / 3)"),
    "lambertw": Entry(
        "1 / (eʸ·(1 + y)); y is complex",
        (_of("np.real(special.lambertw(a))", M34, positive=True),),
    ),
    # SciPy's versions of functions of NumPy
    "log1p": _positive("special.log1p(a)"),
    "expm1": _row("special.expm1(a)"),
    "exp2": _row("special.exp2(a)"),
    "exp10": _row("special.exp10(a)"),
    "cbrt": _positive("special.cbrt(a)"),
}
"""The functions of ``scipy.special``."""


def _of_matrices(back: str, *examples: Example) -> Entry:
    return Entry(back, examples)


OF_LINALG: dict[str, Entry] = {
    "solve": _of_matrices(
        "a⁻ᵀ·ȳ to b, −(a⁻ᵀ·ȳ)·yᵀ to what is read of a",
        _of("linalg.solve(a, b)", M33, V3),
        _of("linalg.solve(a, b, transposed=True)", M33, (3, 2)),
        _of("linalg.solve(a + 3 * np.eye(3), b, assume_a='sym')", M33, V3),
        _of("linalg.solve(a + 9 * np.eye(3), b, lower=True, assume_a='pos')", M33, V3),
    ),
    "solve_triangular": _of_matrices(
        "a⁻ᵀ·ȳ to b, −(a⁻ᵀ·ȳ)·yᵀ to the triangle of a",
        _of("linalg.solve_triangular(a + 3 * np.eye(3), b)", M33, V3),
        _of("linalg.solve_triangular(a + 3 * np.eye(3), b, trans='T', lower=True)", M33, (3, 2)),
        _of("linalg.solve_triangular(a, b, 1, unit_diagonal=True)", M33, V3),
    ),
    "inv": _of_matrices(
        "−yᵀ·ȳ·yᵀ to what is read of a",
        _of("linalg.inv(a)", M33),
        _of("linalg.inv(a + 9 * np.eye(3), assume_a='pos')", M33),
        _of("linalg.inv(a + 3 * np.eye(3), assume_a='lower triangular')", M33),
    ),
    "pinv": _of_matrices("Golub and Pereyra's formula", _of("linalg.pinv(a)", M43)),
    "det": _of_matrices(
        "the cofactors of a, det · a⁻ᵀ where there is an inverse",
        _of("linalg.det(a)", M33),
        _of("linalg.det(a)", (2, 3, 3)),
    ),
    "cholesky": _of_matrices(
        "L⁻ᵀ·Φ(Lᵀ·L̄)·L⁻¹, folded to the triangle of a",
        _of(_SPD + "linalg.cholesky(s)", M33),
        _of("linalg.cholesky(a + 9 * np.eye(3), lower=True)", M33),
    ),
    "cho_factor": _of_matrices(
        "as cholesky", _of(_SPD + "c, lower = linalg.cho_factor(s); np.triu(c)", M33)
    ),
    "cho_solve": _of_matrices(
        "two triangular systems",
        _of(_SPD + "linalg.cho_solve(linalg.cho_factor(s), b)", M33, V3),
        _of(_SPD + "linalg.cho_solve(linalg.cho_factor(s, lower=True), b)", M33, (3, 2)),
        _of("linalg.cho_solve((a + 3 * np.eye(3), True), b)", M33, V3),
    ),
    "eigvalsh": _of_matrices(
        "V·diag(w̄)·Vᵀ, folded to the triangle of a",
        _of("linalg.eigvalsh(a)", M33),
        _of("linalg.eigvalsh(a, lower=False)", M33),
    ),
    "svdvals": _of_matrices("U·diag(s̄)·Vᵀ", _of("linalg.svdvals(a)", M34)),
    "norm": _of_matrices(
        "a / norm",
        _of("linalg.norm(a)", M34),
        _of("linalg.norm(a, ord=3, axis=0)", M34),
        _of("linalg.norm(a, 'nuc')", M34),
    ),
    "expm": _of_matrices(
        "Fréchet's derivative at aᵀ in the direction ȳ",
        _of("linalg.expm(a)", M33),
        _of("linalg.expm(a * b)", (2, 3, 3), ()),
    ),
    "sqrtm": _of_matrices(
        "x of yᵀ·x + x·yᵀ = ȳ", _of("linalg.sqrtm(a @ a.T + np.diag([1.0, 2.0, 3.0]))", M33)
    ),
    "solve_sylvester": _of_matrices(
        "x of aᵀ·x + x·bᵀ = ȳ to q, −x·yᵀ to a, −yᵀ·x to b",
        _of(
            "linalg.solve_sylvester(a + 4 * np.eye(3), b[:2, :2] + 4 * np.eye(2), c)",
            M33,
            M33,
            (3, 2),
        ),
    ),
    "solve_continuous_lyapunov": _of_matrices(
        "as solve_sylvester",
        _of("linalg.solve_continuous_lyapunov(a + 4 * np.eye(3), b)", M33, M33),
    ),
    "toeplitz": _of_matrices(
        "sums along diagonals",
        _of("linalg.toeplitz(a)", V4),
        _of("linalg.toeplitz(a, b)", V3, V4),
    ),
    "hankel": _of_matrices(
        "sums along antidiagonals",
        _of("linalg.hankel(a)", V4),
        _of("linalg.hankel(a, b)", V3, V4),
    ),
    "circulant": _of_matrices("sums along diagonals", _of("linalg.circulant(a) ** 2", V4)),
    "leslie": _of_matrices(
        "the first row of ȳ to f, the entries below its diagonal to s",
        _of("linalg.leslie(a, b)", V4, V3),
    ),
    "block_diag": _of_matrices(
        "the blocks of ȳ", _of("linalg.block_diag(a, [[2.0]], b) ** 2", M34, V3)
    ),
}
"""The functions of ``scipy.linalg``."""


OF_SPARSE: dict[str, Entry] = {
    "A @ x": _of_matrices(
        "Aᵀ·ȳ",
        _of("A @ a", V3),
        _of("A.T @ a", (3, 2)),
        _of("A.dot(a)", V3),
        _of("M @ a", V3),
    ),
    "x @ A": _of_matrices("ȳ·Aᵀ", _of("a @ A", V3), _of("a @ M.T", M43)),
    "A * x": _of_matrices("as A @ x, for sparse matrices", _of("M * a", V3), _of("M.T * a", (2,))),
    "csr_array((x, places)) @ y": _of_matrices(
        "each entry its factor times the adjoint of its row",
        _of("sparse.csr_array((a, ([0, 1, 2, 0], [0, 1, 2, 2]))) @ b", V4, V3),
        _of("sparse.diags([a, b], [0, 1], shape=(3, 4)) @ (1.0 + np.arange(4.0))", V3, V3),
    ),
    "scipy.sparse.linalg.spsolve": _of_matrices(
        "A⁻ᵀ·ȳ to b; to entries of A the product with −xᵀ",
        _of("sparse_linalg.spsolve(A, a)", V3),
        _of("sparse_linalg.spsolve(sparse.diags(2 + a**2).tocsc(), b)", V3, V3),
        _of("sparse_linalg.spsolve(A.tocsr(), a)", (3, 2)),
        _of("sparse_linalg.spsolve(A, a)", (3, 1)),
    ),
}
"""Products and systems of equations with a constant sparse matrix A or M."""


def _distribution(methods: str, *examples: Example) -> Entry:
    """Return an entry whose examples import ``scipy.stats``, a slow import, only when they run."""
    return Entry(
        methods if ":" in methods else f"{methods}: to x and the parameters",
        tuple(
            Example(f"from scipy import stats; {example.source}", example.shapes, example.positive)
            for example in examples
        ),
    )


def _density(
    name: str, arguments: str, *shapes: Shape, tail: str = "", of_shapes: bool = True
) -> Entry:
    """Return the entry of a continuous distribution: logpdf and pdf, or a tail probability.

    ``of_shapes`` says whether that has a derivative in the shape parameters, too.
    """
    methods, tails = "logpdf, pdf", "cdf, sf, logcdf, logsf"
    if not of_shapes:
        methods += f": to x and the parameters; {tails}: to x, loc and scale"
    elif name in PROBABILITIES:
        methods += f", {tails}"
    density = _of(f"stats.{name}.logpdf({arguments})", *shapes, positive=True)
    if not tail:
        return _distribution(
            methods, density, _of(f"stats.{name}.pdf({arguments})", *shapes, positive=True)
        )
    used = shapes[: 1 + ("b" in tail) + (" c" in tail or "=c" in tail)]
    return _distribution(methods, density, _of(f"stats.{name}.{tail}", *used, positive=True))


def _mass(*examples: Example) -> Entry:
    return _distribution("logpmf, pmf", *examples)


_TWO, _THREE = (M34, ()), (M34, (), ())
_COVARIANCE = "s = c @ c.T + np.eye(3); "

OF_STATS: dict[str, Entry] = {
    "beta": _density("beta", "a / 3, b, c", *_THREE, tail="sf(a / 3, 2.3, 1.7)", of_shapes=False),
    "cauchy": _density("cauchy", "a, b, c", *_THREE),
    "chi2": _density("chi2", "a, b, scale=c", *_THREE, tail="logcdf(a, 2.3)", of_shapes=False),
    "expon": _density("expon", "a, scale=b", *_TWO, tail="logsf(a, scale=b)"),
    "gamma": _density("gamma", "a, b, scale=c", *_THREE, tail="logsf(a, 2.3)", of_shapes=False),
    "gumbel_l": _density("gumbel_l", "a, b, c + 1", *_THREE),
    "gumbel_r": _density("gumbel_r", "a, b, c + 1", *_THREE, tail="logcdf(a, b, c + 1)"),
    "halfcauchy": _density("halfcauchy", "a, scale=b", *_TWO),
    "halfnorm": _density("halfnorm", "a, scale=b", *_TWO),
    "invgamma": _density("invgamma", "a + 1, b, scale=c", *_THREE),
    "laplace": _density("laplace", "a + 2, b, c", *_THREE),
    "logistic": _density("logistic", "a, b, c", *_THREE, tail="cdf(a, b, c)"),
    "lognorm": _density("lognorm", "a, b, scale=c", *_THREE, tail="sf(a, b, scale=c)"),
    "norm": _density("norm", "a, b, c", *_THREE, tail="logcdf(a, b, c)"),
    "pareto": _density("pareto", "a + 3, b, scale=c", *_THREE),
    "rayleigh": _density("rayleigh", "a, scale=b", *_TWO),
    "skewnorm": _density("skewnorm", "a, b, 0.2, c", *_THREE),
    "t": _density("t", "a, b, 0.2, c", *_THREE, tail="cdf(a, 2.3, 0.5)", of_shapes=False),
    "uniform": _density("uniform", "a, 0.2, b + 3", *_TWO, tail="cdf(a, 0.2, b + 3)"),
    "weibull_min": _density("weibull_min", "a, b, scale=c", *_THREE, tail="logsf(a, b, scale=c)"),
    "multivariate_normal": _distribution(
        "logpdf, pdf",
        _of(_COVARIANCE + "stats.multivariate_normal.logpdf(a, b, s)", (4, 3), (3,), (3, 3)),
        _of("stats.multivariate_normal.logpdf(a, b, 2.0)", (3,), (3,)),
    ),
    "bernoulli": _mass(_of("stats.bernoulli.logpmf(mask, a / 3)", V4, positive=True)),
    "binom": _mass(_of("stats.binom.logpmf([0, 1, 2, 5], 5, a / 3)", V4, positive=True)),
    "geom": _mass(_of("stats.geom.logpmf([1, 2, 3, 9], a / 3)", V4, positive=True)),
    "nbinom": _mass(_of("stats.nbinom.logpmf([0, 1, 2, 9], a, b / 3)", V4, V4, positive=True)),
    "poisson": _mass(
        _of("stats.poisson.logpmf([0, 1, 2, 9], a)", V4, positive=True),
        _of("stats.poisson.pmf(key, np.exp(a))", M34),
    ),
}
"""The distributions of ``scipy.stats``."""


_BY_F = "−ȳ F_y⁻¹ F_x, from F(y, x) = 0"
_BY_SLOPE = "the same with ∇f in the place of F"
_SQUARE = "lambda y, a: y * y - a"
_VALLEY = "lambda y, a: np.sum(np.cosh(y - a))"
_DECAY = "lambda t, y, b: -b * y"
_CUBES = "lambda y, a: y**3 + y[::-1] - a"

OF_SOLVERS: dict[str, Entry] = {
    **{
        f"optimize.{name}": Entry(_BY_F, (_of(f"optimize.{name}({call})", (), positive=True),))
        for name, call in (
            *(
                (name, f"{_SQUARE}, 0, 9, args=(a,)")
                for name in ("brentq", "brenth", "ridder", "bisect")
            ),
            ("toms748", f"{_SQUARE}, 0, 9, args=(a,)"),
            ("newton", f"{_SQUARE}, 1.0, args=(a,)"),
        )
    },
    "optimize.root_scalar": Entry(
        _BY_F, (_of(f"optimize.root_scalar({_SQUARE}, args=(a,), x0=1.0).root", (), positive=True),)
    ),
    "optimize.root": Entry(
        _BY_F,
        (_of(f"optimize.root({_CUBES}, a, args=(a,)).x", V3, positive=True),),
    ),
    "optimize.fsolve": Entry(
        _BY_F, (_of(f"optimize.fsolve({_CUBES}, a, args=(a,))", V3, positive=True),)
    ),
    "optimize.fixed_point": Entry(
        "the same with y − g(y) in the place of F",
        (_of("optimize.fixed_point(lambda y, a: np.cos(y) + a / 9, 0.5, args=(a,))", ()),),
    ),
    "optimize.minimize": Entry(
        _BY_SLOPE, (_of(f"optimize.minimize({_VALLEY}, 0.0 * a, args=(a,), tol=1e-9).x", V3),)
    ),
    "optimize.minimize_scalar": Entry(
        _BY_SLOPE, (_of(f"optimize.minimize_scalar({_VALLEY}, args=(a,), tol=1e-12).x", ()),)
    ),
    "integrate.quad": Entry(
        "ȳ ∫ f_x dt; ȳ f(b) to b, −ȳ f(a) to a",
        (_of("integrate.quad(lambda t, a: np.exp(-t * a), 0, b, args=(a,))[0]", (), ()),),
    ),
    "integrate.quad_vec": Entry(
        "likewise",
        (_of("integrate.quad_vec(lambda t, a: np.exp(-t * a), 0, 1, args=(a,))[0]", V3),),
    ),
    "integrate.solve_ivp": Entry(
        "λ(t₀) to y₀, ∫ f_xᵀ λ dt, with λ' = −f_yᵀ λ",
        (_of(f"integrate.solve_ivp({_DECAY}, (0, 1), a, args=(b,), rtol=1e-7).y[:, -1]", V3, ()),),
    ),
    "integrate.odeint": Entry(
        "likewise", (_of(f"integrate.odeint({_DECAY}, a, [0, 0.5, 1], (b,), tfirst=True)", V3, ()),)
    ),
    "interpolate.CubicSpline": Entry(
        "those of its rows: a system of equations, and a polynomial",
        (_of("interpolate.CubicSpline([0, 1, 3], a)(b)", V3, V4),),
    ),
}
"""SciPy's functions that are given functions, or points of one."""
