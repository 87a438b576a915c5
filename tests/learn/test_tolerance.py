"""One network, its gradient by four methods."""

import numpy as np
import pytest

import adviz as ad


def test_training_tolerates_rough_gradients_but_differences_take_2n_evaluations():
    study = ad.learn.tolerance_study(steps=12, hidden=2)
    n = 64 * 2 + 2 + 2 * 10 + 10
    assert study.parameters == n
    assert study.evaluations == {
        "reverse mode": 1,
        "central differences": 2 * n,
        "float16": 1,
        "3 values": 1,
    }
    exact = np.array(study.losses["reverse mode"])
    assert exact[-1] < exact[0] - 0.1
    assert np.abs(study.losses["central differences"] - exact).max() < 1e-6
    assert 0 < np.abs(study.losses["float16"] - exact).max() < 1e-2
    assert study.losses["3 values"][0] == exact[0]
    assert study.losses["3 values"][-1] < exact[0]
    # Differences take as many times longer as they take evaluations, about.
    assert study.seconds["central differences"] > 5 * study.seconds["reverse mode"]
    again = ad.learn.tolerance_study(steps=12, hidden=2, gradients=("3 values",))
    assert again.losses["3 values"] == study.losses["3 values"]
    figure = study.plot()
    texts = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"reverse mode", "central differences", "float16", "3 values"} <= texts


def test_what_is_unknown_is_said():
    with pytest.raises(ad.AdvizError, match=r"'reverse mode' or 'central differences'.*'backprop'"):
        ad.learn.tolerance_study(gradients=("backprop",))
