"""The error study against the literature, against mpmath, and on difficult functions."""

import contextlib
import math

import flint
import mpmath
import numpy as np
import pytest

import adviz as ad
from tests.numeric.functions import BAYDIN_SLOPE, SQUIRE_TRAPP_SLOPE, baydin, squire_trapp

ORDERS = {"forward": 1, "central": 2, "5-point": 4, "7-point": 6, "9-point": 8}
ONE_SIDED = {order: ad.stencil(range(order + 1), name=f"order {order}") for order in (3, 5, 7)}


@pytest.fixture(scope="module")
def study():
    return ad.error_study(squire_trapp, 1.5)


class TestGoldens:
    def test_truth(self, study):
        assert study.truth == SQUIRE_TRAPP_SLOPE
        assert ad.error_study(baydin, 0.2, ("central",)).truth == pytest.approx(
            BAYDIN_SLOPE, rel=1e-15
        )

    def test_truth_has_fifty_digits(self, study):
        with mpmath.workdps(80):
            x = mpmath.mpf(1.5)
            s, c, e = mpmath.sin(x), mpmath.cos(x), mpmath.exp(x)
            below = s**3 + c**3
            slope = e / below - e * (3 * s * s * c - 3 * c * c * s) / below**2
            assert abs(mpmath.mpf(study.true.number) / slope - 1) < mpmath.mpf(10) ** -49

    @pytest.mark.parametrize(
        ("scheme", "step", "error", "attained"),
        [
            ("forward", 1.2e-8, 4.7e-8, 1.6e-8),
            ("central", 3e-6, 7.0e-11, 5.2e-11),
            ("5-point", 3.2e-4, 8.1e-13, 4.5e-13),
            ("7-point", 2.2e-3, 1.3e-13, 5.6e-14),
            ("9-point", 6e-3, 5.4e-14, 2.3e-14),
        ],
    )
    def test_the_best_steps_of_squire_and_trapps_function(
        self, study, scheme, step, error, attained
    ):
        best = next(o for o in study.optima if o.scheme == scheme)
        assert best.step == pytest.approx(step, rel=0.05)
        assert best.error == pytest.approx(error, rel=0.05)
        assert 1 / 3 < best.measured_step / step < 3
        assert 1 / 3 < best.measured_error / attained < 3

    def test_the_complex_step_loses_nothing(self, study):
        below = study.of("complex-step")
        below = below[below["step"] < 1e-9]
        assert len(below) > 100
        assert below["error"].max() < 1e-15
        assert np.median(below["error"]) < 2e-16

    def test_automatic_differentiation_has_no_step_to_choose(self, study):
        assert study.ad_forward < 2.3e-16
        assert study.ad_reverse < 2.3e-16


@pytest.mark.parametrize("function_at", [(squire_trapp, 1.5), (np.exp, 1.0), (np.log, 2.0)])
def test_measured_errors_follow_the_theory(function_at):
    orders = ORDERS | {scheme.name: order for order, scheme in ONE_SIDED.items()}
    schemes = (*ORDERS, *ONE_SIDED.values())
    study = ad.error_study(*function_at, schemes=schemes, steps=800)
    for best, (name, order) in zip(study.optima, orders.items(), strict=True):
        assert best.scheme == name
        assert best.order == order
        assert 1 / 3 < best.measured_step / best.step < 3
        rows = study.of(name)
        # The envelope: the largest error, beside theory, within half a decade.
        near = (rows["step"] > best.step / 1000) & (rows["step"] < best.step * 3)
        logs = np.log10(rows["step"][near])
        ratios = rows["error"][near] / best.curve(rows["step"][near])
        envelope = np.array([ratios[abs(logs - at) < 0.25].max() for at in logs])
        assert envelope.max() < 3
        assert envelope.min() > 1 / 3


class TestParts:
    def test_they_add_up(self, study):
        data = study.data
        sums = data["truncation"] + data["roundoff"]
        differences = abs(data["truncation"] - data["roundoff"])
        slack = 1e-9 * sums
        assert np.all(data["error"] <= sums + slack)
        assert np.all(data["error"] >= differences - slack)

    @pytest.mark.parametrize("name", ["forward", "9-point", "richardson", "complex-step"])
    def test_truncation_is_that_of_exact_arithmetic(self, study, name):
        """Against mpmath's own f, at steps on both sides of where the series is used."""
        scheme = ad.scheme(name)

        def f(x):
            return mpmath.exp(x) / (mpmath.sin(x) ** 3 + mpmath.cos(x) ** 3)

        with mpmath.workdps(120):
            for row in study.of(name)[::37]:
                h = mpmath.mpf(float(row["step"]))
                if scheme.is_complex:
                    exact = f(mpmath.mpc(1.5, h)).imag / h
                else:
                    exact = (
                        sum(
                            mpmath.mpf(w.numerator)
                            / w.denominator
                            * f(1.5 + mpmath.mpf(s.numerator) / s.denominator * h)
                            for s, w in zip(scheme.nodes, scheme.weights, strict=True)
                        )
                        / h
                    )
                expected = abs(exact / study.true.number - 1)
                floor = 1e-48 / float(h)  # the truth has fifty digits
                assert row["truncation"] == pytest.approx(float(expected), rel=1e-6, abs=floor)

    def test_round_off_of_a_smooth_function_falls_with_h(self, study):
        rows = study.of("central")
        small, large = (np.median(part["roundoff"]) for part in (rows[60:100], rows[300:340]))
        assert 1e9 < small / large < 1e13

    def test_conditioning(self):
        assert ad.error_study(np.exp, 20.0, ("central",)).condition == pytest.approx(20)
        well = ad.error_study(lambda x: 2 * np.sin(x / 2) ** 2 / x**2, 1e-4, ("central",))
        badly = ad.error_study(lambda x: (1 - np.cos(x)) / x**2, 1e-4, ("central",))
        assert well.noise < 10
        assert badly.noise > 1e6
        assert badly.optima[0].measured_error > 100 * well.optima[0].measured_error
        assert "loses digits by itself" in " ".join(badly.remarks)
        assert badly.ad_forward > 1e-3  # AD differentiates the same formula


class TestBaydin:
    """A polynomial of degree 8: high orders have no truncation error at all."""

    def test_exact_schemes_have_no_predicted_v(self):
        study = ad.error_study(baydin, 0.2)
        best = {o.scheme: o for o in study.optima}
        for name in ("9-point", "richardson"):
            assert math.isnan(best[name].step)
            assert best[name].order is None
            assert study.of(name)["truncation"].max() == 0
            assert "no truncation error" in best[name].note
        for name in ("forward", "central", "5-point", "7-point"):
            assert 1 / 3 < best[name].measured_step / best[name].step < 3

    def test_figure_3_of_the_survey(self):
        """Forward is of order 1 and central of order 2 right of their best steps, 1/h left."""
        study = ad.error_study(baydin, 0.2, ("forward", "central"))
        for name, order in (("forward", 1), ("central", 2)):
            rows = study.of(name)
            for low, high, slope in ((1e-5, 1e-3, order), (1e-13, 1e-10, -1)):
                part = rows[(rows["step"] > low) & (rows["step"] < high)]
                fitted = np.polyfit(np.log10(part["step"]), np.log10(part["error"]), 1)[0]
                assert fitted == pytest.approx(slope, abs=0.25)


class TestHostile:
    def test_a_kink(self):
        with pytest.raises(ad.AdvizError, match=r"-1.0 on the left and 1.0 on the right"):
            ad.error_study(abs, 0.0)
        given = ad.error_study(abs, 0.0, ("central", "forward"), truth=0)
        assert given.of("central")["error"].max() == 0
        assert given.of("forward")["error"].min() == 1
        assert all(math.isnan(o.step) for o in given.optima)

    def test_a_jump_and_an_infinite_slope(self):
        for f in (np.sqrt, lambda x: 1.0 if x > 0 else 0.0, lambda x: np.sign(x) * abs(x) ** 0.5):
            with pytest.raises(ad.AdvizError, match="infinite slope or a jump"):
                ad.error_study(f, 0.0)

    def test_outside_the_domain(self):
        with pytest.raises(ad.AdvizError, match="choose a point inside"):
            ad.error_study(np.log, 0.0)
        study = ad.error_study(np.log, 1e-3, ("forward", "central"))
        assert np.isfinite(study.of("forward")["error"]).all()
        central = study.of("central")
        assert np.array_equal(np.isnan(central["error"]), central["step"] > 1e-3)
        assert "central: NaN at" in " ".join(study.remarks)
        assert 1 / 3 < study.optima[1].measured_step / study.optima[1].step < 3

    def test_an_edge_of_the_domain(self):
        study = ad.error_study(lambda x: x**1.5 + x, 0.0, ("forward", "central"))
        assert study.truth == 1
        assert np.isnan(study.of("central")["error"]).all()
        assert "central: NaN at every step" in " ".join(study.remarks)
        part = study.of("forward")
        assert part["error"] == pytest.approx(np.sqrt(part["step"]), rel=1e-6, abs=1e-15)

    def test_one_that_raises_at_some_points(self):
        def picky(x):
            if x < 0.9:
                raise ValueError("too small")
            return x**3

        study = ad.error_study(picky, 1.0, ("central",))
        rows = study.of("central")
        assert np.array_equal(np.isnan(rows["error"]), 1 - rows["step"] < 0.9)
        assert "picky raised ValueError: too small" in study.notes[0]
        with pytest.raises(ad.AdvizError, match=r"raised ValueError at x = 0\.5: too small"):
            ad.error_study(picky, 0.5)

    @pytest.mark.parametrize("f", [lambda x: 3.0, lambda x: 0 * x + 3.0], ids=["3", "0x + 3"])
    def test_a_constant(self, f):
        study = ad.error_study(f, 1.0, ("forward", "9-point", "complex-step"))
        assert not study.is_relative
        assert study.data["error"].max() == 0
        assert all("constant" in o.note and math.isnan(o.step) for o in study.optima)
        assert study.plot() is not None

    def test_a_line(self):
        study = ad.error_study(lambda x: 2 * x + 1, 0.3, ("forward", "central"))
        assert study.data["truncation"].max() == 0
        assert all(math.isnan(o.step) and "exact" in o.note for o in study.optima)

    def test_rounding_errors_vanish_only_if_they_are_small_beside_every_step(self):
        # x + 1e6 is exact at x0, but not beside it: there f is wrong by all of a tiny step
        study = ad.error_study(lambda x: (x + 1e6) - 1e6 + x**3, 1.0, ("forward",))
        (best,) = study.optima
        assert 0.2 < best.step / best.measured_step < 5
        assert 0.2 < best.error / best.measured_error < 5

    def test_a_vanishing_third_derivative_raises_the_order(self):
        f = lambda x: x**5 + x  # noqa: E731
        best = ad.optimal_step(f, 0.0, "central")
        assert math.isnan(best.step)  # f(0) is 0: near it rounding errors vanish with h
        best = ad.optimal_step(lambda x: 1 + x + x**5, 0.0, "central")
        assert best.order == 4
        assert "of order 4 here, not 2" in best.note

    @pytest.mark.parametrize(
        ("f", "x0", "said"),
        [
            (np.cos, 0.0, "even, or odd"),
            (lambda x: 1 / (1 + x * x), 0.0, "even, or odd"),
            (lambda x: abs(x) * x + x, 1e-3, "a branch or a kink about"),
            (lambda x: 2 * x if x > 0.5 else x, 0.6, "a branch or a kink about"),
            (lambda x: x * x, 1.0, "f is a polynomial here"),
            (lambda x: (1 - 2 * x) * x + x**30, 0.0, "f is a polynomial here"),  # x^30 is even
        ],
        ids=["cos", "runge", "kink", "branch", "square", "power"],
    )
    def test_only_what_its_trace_proves_to_be_a_polynomial_is_called_one(self, f, x0, said):
        best = ad.optimal_step(f, x0, "central")
        assert said in best.note
        assert ("polynomial" in best.note) == ("polynomial" in said)

    def test_a_branch_that_the_best_step_reaches_across(self):
        best = ad.optimal_step(lambda x: np.exp(np.maximum(x, 0.0)), 1e-9, "central")
        assert math.isnan(best.step)
        assert "reaches across a branch or a kink" in best.note

    @pytest.mark.parametrize("x0", [1e-300, 1e-12, 1e200])
    def test_functions_of_any_scale_have_a_best_step(self, x0):
        best = ad.optimal_step(np.log, x0, "central")
        assert best.step / x0 == pytest.approx(
            (1.5 * 2.0**-53 * 2 * abs(np.log(x0)) / 2) ** (1 / 3)
        )

    def test_a_truncation_error_of_high_order_is_not_missed(self):
        study = ad.error_study(lambda x: 1 + x + np.sin(x) ** 31, 0.0, ("central",), steps=[0.5, 1])
        expected = np.sin([0.5, 1.0]) ** 31 / [0.5, 1.0]
        assert study.of("central")["truncation"] == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("scheme", ["5-point", "9-point"])
    @pytest.mark.parametrize("f", [np.sin, np.tanh, np.arctan], ids=["sin", "tanh", "atan"])
    def test_rounding_errors_that_differ_around_the_point_are_measured_there(self, f, scheme):
        """Near x0 the values are small, and so are their rounding errors; at the nodes not."""
        (best,) = ad.error_study(f, 1e-6, (scheme,)).optima
        measured = max(best.measured_error, 2.0**-53)  # smaller only by chance
        assert 1 / 8 < best.error / measured < 8

    def test_an_even_function_at_0(self):
        study = ad.error_study(np.cos, 0.0, ("forward", "central"))
        assert not study.is_relative
        assert study.of("central")["error"].max() == 0
        assert study.of("forward")["error"][-1] == pytest.approx(1 - math.cos(1))

    def test_an_oscillation(self):
        study = ad.error_study(lambda x: np.sin(1e6 * x), 1.0, ("central",))
        best = study.optima[0]
        assert 1 / 3 < best.measured_step / best.step < 3
        assert best.step < 1e-8
        assert study.of("central")["truncation"][-1] == pytest.approx(1, rel=0.1)

    def test_a_branch_nearby(self):
        """Beyond the branch the Taylor series is another function's."""
        study = ad.error_study(lambda x: x * x if x > 1 else 7.0, 1.5, ("central",))
        rows = study.of("central")
        beyond = rows[rows["step"] > 0.5]
        h = beyond["step"]
        expected = abs(((1.5 + h) ** 2 - 7) / (2 * h) / 3 - 1)
        assert beyond["truncation"] == pytest.approx(expected, rel=1e-12, abs=1e-15)
        assert rows["truncation"][rows["step"] < 0.5].max() == 0
        kinked = ad.error_study(abs, 1.0, ("forward", "backward"))
        far = kinked.of("backward")[kinked.of("backward")["step"] > 0.99]
        assert np.array_equal(kinked.of("forward")["truncation"] > 0, np.zeros(400, bool))
        assert len(far)

    def test_a_function_of_plain_floats_needs_the_truth(self):
        with pytest.raises(ad.AdvizError, match=r"np\.exp.*truth="):
            ad.error_study(lambda x: math.exp(x), 1.0)
        study = ad.error_study(lambda x: math.exp(x), 1.0, ("central",), truth=mpmath.e)
        assert not study.in_one_call
        assert np.isnan(study.data["truncation"]).all()
        assert np.nanmin(study.of("central")["error"]) < 1e-9
        assert math.isnan(study.ad_forward)

    def test_what_is_no_study_is_said(self):
        with pytest.raises(ad.AdvizError, match="one number"):
            ad.error_study(lambda x: np.array([x, x]), 1.0)
        with pytest.raises(ad.AdvizError, match="None"):
            ad.error_study(lambda x: None, 1.0)
        with pytest.raises(ad.AdvizError, match="one input"):
            ad.error_study(np.exp, [1.0, 2.0])
        with pytest.raises(ad.AdvizError, match="float16, float32"):
            ad.error_study(np.exp, 1.0, dtype=int)
        with pytest.raises(ad.AdvizError, match="positive step"):
            ad.error_study(np.exp, 1.0, steps=[0.0])
        with pytest.raises(ad.AdvizError, match="same derivative"):
            ad.error_study(np.exp, 1.0, ("central", ad.scheme("central", 2)))
        random = np.random.default_rng(0)
        with pytest.raises(ad.AdvizError, match="two different values"):
            ad.error_study(lambda x: x + random.normal(), 1.0)

    def test_a_function_of_the_whole_array_is_called_point_by_point(self):
        study = ad.error_study(lambda x: x / np.max(x) * x, 2.0, ("central",), steps=50, truth=1)
        assert not study.in_one_call
        assert np.nanmin(study.of("central")["error"]) < 1e-12


class TestPrecisions:
    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
    def test_the_best_error_of_central_differences_is_about_the_two_thirds_power(self, dtype):
        study = ad.error_study(np.exp, 1.0, ("central",), dtype=dtype)
        unit = float(np.finfo(dtype).eps) / 2
        assert study.data["approximation"].dtype == np.dtype(dtype)
        assert 0.1 < study.optima[0].measured_error / unit ** (2 / 3) < 3
        assert study.ad_forward <= 4 * unit
        assert study.ad_reverse <= 4 * unit

    def test_second_derivatives(self):
        schemes = [ad.scheme(name, 2) for name in ("central", "5-point", "richardson")]
        study = ad.error_study(np.exp, 1.0, schemes)
        for best in study.optima:
            assert 1 / 3 < best.measured_step / best.step < 3
        assert study.ad_forward < 1e-15


class TestBeside:
    def test_a_rigorous_ball(self, study):
        ball = study.ball()
        assert float(ball.mid()) == pytest.approx(study.truth, rel=1e-14)
        with flint.ctx.workprec(200), mpmath.workdps(60):
            truth = flint.arb(mpmath.nstr(study.true.number, 50))
            assert float(abs(ball - truth)) < 1e-48
        assert float(ball.rad()) < 1e-50

    @pytest.mark.parametrize("name", ["log10", "arctan", "|x|^2.5", "2^x"])
    def test_balls_of_other_functions(self, name):
        f = {
            "log10": np.log10,
            "arctan": np.arctan,
            "|x|^2.5": lambda x: abs(x) ** 2.5,
            "2^x": lambda x: 2.0**x,
        }[name]
        study = ad.error_study(f, 1.25, ("central",), steps=2)
        assert float(study.ball().mid()) == pytest.approx(study.truth, rel=1e-15)

    def test_a_ball_that_cannot_be_is_refused(self):
        unreplayed = ad.error_study(lambda x: math.exp(x), 1.0, ("central",), steps=2, truth="2.7")
        with pytest.raises(ad.AdvizError, match="cannot be replayed"):
            unreplayed.ball()

    def test_a_long_study_shows_how_far_it_is(self, monkeypatch):
        shown = []

        def watched(iterable, label, total=None):
            shown.append((label, len(iterable)))
            return contextlib.nullcontext(iterable)

        monkeypatch.setattr("adviz.progress.progress", watched)
        ad.error_study(lambda x: x if x > 100 else x * x, 1.0, ("5-point",), steps=400)
        assert shown == [("evaluating f", 4 * 400)]
        shown.clear()
        ad.error_study(np.exp, 1.0, ("5-point",), steps=400)
        assert not shown

    def test_peers_are_drawn_where_installed(self):
        study = ad.error_study(squire_trapp, 1.5, ("central",), peers=True)
        assert set(study.peers) == {"SciPy", "numdifftools"}
        assert np.nanmin(study.peers["SciPy"]) < 1e-9
        assert np.nanmin(study.peers["numdifftools"]) < 1e-9

    def test_a_data_frame(self, study):
        frame = study.to_frame()
        assert list(frame.columns) == list(study.data.dtype.names)
        assert len(frame) == 7 * 400
        assert frame.groupby("scheme")["error"].min()["richardson"] < 1e-13

    def test_what_it_shows(self, study):
        shown = study._repr_html_()
        assert "<script" not in shown
        assert "richardson" in shown
        assert "AD reverse" in str(study)
        assert "Condition number of f: 1.2" in str(study)
        figure = study.plot()
        assert figure.to_png().startswith(b"\x89PNG")
        texts = {t.get_text() for axes in figure.axes for t in axes.texts}
        assert {"forward", "9-point", "complex-step", "AD forward = reverse"} <= texts
        single = ad.error_study(np.exp, 1.0, ("central",)).plot()
        texts = " ".join(t.get_text() for t in single.axes[0].texts)
        for part in ("truncation", "round-off", "predicted h*", "measured", "AD"):
            assert part in texts
