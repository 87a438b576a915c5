"""The laboratories of Jacobians, eliminations and schedules, without a browser."""

import numpy as np
import pytest

import adviz as ad
from adviz.render.graph import Graph
from adviz.render.views import Player


def f(x1, x2, x3):
    a = x1 * x2
    b = np.sin(a) + x3
    return a * b, b / x3


@pytest.fixture
def lab():
    return ad.jacobian_lab(f, 1.0, 0.5, 2.0)


def box(lab, name):
    (found,) = [box for box in lab.controls["passes"]._boxes.values() if box.description == name]
    return found


def test_a_box_makes_a_pass_and_takes_it_back(lab):
    assert not lab.shown[0].passes.known.any()
    box(lab, "x₂").value = True
    assert lab.values["passes"] == (("forward", 1),)
    assert lab.shown[0].passes.known.tolist() == [[False, True, False]] * 2
    box(lab, "y₁").value = True
    assert lab.values["passes"] == (("forward", 1), ("reverse", 0))
    assert lab.shown[0].passes.known.sum() == 4
    box(lab, "x₂").value = False
    assert lab.shown[0].passes.known.tolist() == [[True] * 3, [False] * 3]


def test_passes_set_by_name_tick_their_boxes(lab):
    lab.set(passes=[("reverse", 1)])
    assert box(lab, "y₂").value
    with pytest.raises(ad.AdvizError, match="no pass"):
        lab.set(passes=[("reverse", 7)])


def test_the_sweep_of_the_last_pass_is_played(lab):
    lab.set(passes=[("reverse", 0), ("forward", 2)], play=True)
    assert isinstance(lab.shown[1], Player)
    assert lab.shown[1].document["view"] == {"pass": "forward", "input": 2, "output": 0}
    lab.set(passes=[])
    assert "No pass" in repr(lab.shown[1])


@pytest.mark.parametrize(("find", "r"), [("J r", [1.0, -2.0, 0.5]), ("rᵀ J", [3.0, -1.0])])
def test_a_product_is_found_while_the_matrix_stays_unknown(lab, find, r):
    jacobian = ad.jacobian(lambda x: np.stack(f(*x)))(np.array([1.0, 0.5, 2.0]))
    lab.set(find=find, r=", ".join(map(str, r)), passes=[("forward", 0)], play=True)
    mode, _, result = lab.shown[0].product
    expected = jacobian @ r if mode == "forward" else np.array(r) @ jacobian
    assert np.allclose(result, expected)
    assert repr(lab.shown[0]).count("?") == 6
    assert "from 1" in lab.shown[0].summary
    lab.set(r="")
    assert np.allclose(lab.shown[0].product[1], 1.0)


@pytest.mark.parametrize(
    ("find", "r", "message"),
    [
        ("J r", "1, 2", "r has 2 numbers, and J r takes one for each input of f, which has 3"),
        ("rᵀ J", "1, 2, 3", "takes one for each output of f, which has 2"),
        ("J r", "1; 2; 3", "write numbers with commas between"),
    ],
)
def test_an_r_that_does_not_fit_is_told_and_what_was_shown_stays(lab, find, r, message):
    before = repr(lab.shown[0])
    lab.set(find=find, r=r)
    assert message in lab.problem
    assert repr(lab.shown[0]) == before


def test_the_paths_of_an_entry_are_listed_and_marked(lab):
    lab.set(entry=(0, 0))
    picture, told = lab.shown[2:]
    assert isinstance(picture, Graph)
    assert "is the sum over 2 paths" in told.text
    options = lab.controls["path"].options
    assert len(options) == 3
    assert picture.source.count("penwidth") == 0
    lab.set(path=1)
    picture, told = lab.shown[2:]
    assert told.text.endswith(f"Marked: {options[2][0]}")
    assert picture.source.count("penwidth") == options[2][0].count("→")
    lab.set(entry=(1, 0))
    assert lab.controls["path"].label == "all of them"
    lab.set(entry=None)
    assert lab.controls["entry"].label == "no entry"
    assert [repr(thing) for thing in lab.shown[2:]] == ["", ""]


def test_more_paths_than_can_be_listed():
    def doubling(x):
        for _ in range(100):
            x = x * np.sin(x)
        return x

    lab = ad.jacobian_lab(doubling, 0.5)
    lab.set(passes=[("forward", 0)], entry=(0, 0))
    assert f"{2**100:,} paths, of which 40 can be marked" in lab.shown[3].text
    assert "can be read up to 60" in lab.shown[2].text
    assert f"{2**100 - 8:,} more" in lab.shown[0]._repr_html_()


def test_an_entry_with_no_path():
    lab = ad.jacobian_lab(lambda x1, x2: (x1 * x1, x2), 3, 4)
    lab.set(passes=[("forward", 1)], entry=(0, 1))
    assert "no path at all" in lab.shown[3].text
    assert "no path" in lab.shown[0]._repr_html_()


def test_names_of_the_users_are_text_on_the_page():
    lab = ad.jacobian_lab(lambda weights: {"<b>": weights["<i>"] * 2.0}, {"<i>": 1.0})
    lab.set(passes=[("forward", 0)])
    assert "<i>'" not in lab.shown[0]._repr_html_()
    assert "&lt;i&gt;" in lab.shown[0]._repr_html_()


@pytest.mark.parametrize("shape", [(100_000,), (25,)])
def test_too_many_inputs_say_what_to_use(shape):
    with pytest.raises(ad.AdvizError, match=r"not formed here.*ad\.jvp.*ad\.grad.*sparsity"):
        ad.jacobian_lab(lambda x: x * x, np.ones(shape))


def test_too_many_outputs_say_what_to_use():
    with pytest.raises(ad.AdvizError, match=r"30 outputs.*ad\.vjp"):
        ad.jacobian_lab(lambda x: [x * k for k in range(30)], 1.0)


def test_an_elimination_is_stepped_through_in_orders_of_all_kinds():
    lab = ad.elimination_lab(f, 1.0, 0.5, 2.0)
    expected = ad.jacobian(lambda x: np.stack(f(*x)))(np.array([1.0, 0.5, 2.0]))
    between = len(lab.shown[0].state.left)
    for order, total in lab.totals.items():
        lab.set(order=order, steps=between)
        state = lab.shown[0].state
        assert np.allclose(state.jacobian(), expected)
        assert state.multiplications == total
        assert "is the Jacobian" in repr(lab.shown[0])
    lab.controls["own"].value = "v2, v1"
    assert lab.values["order"] == "my own"
    assert [step.slot - 2 for step in lab.shown[0].state.steps] == [2, 1]
    lab.set(own="v2, v9")
    assert "No row between is called" in lab.problem


def test_too_large_a_graph_for_an_elimination():
    def long(x):
        for _ in range(80):
            x = np.sin(x)
        return x

    with pytest.raises(ad.AdvizError, match="81 rows, and an elimination is looked at up to 60"):
        ad.elimination_lab(long, 1.0)


def test_a_schedule_is_watched():
    lab = ad.checkpoint_lab(lambda x: 3.5 * x * (1 - x), 0.3, steps=10)
    assert "15 steps run again" in lab.shown[0].text
    assert "Kept: no state." in lab.shown[0].text
    lab.set(actions=0)
    assert lab.shown[0].text.startswith("0 of 38 actions done. Kept: state 0.")
    lab.set(actions=4)
    assert "Kept: states 0, 4, 7 and a trace" in lab.shown[0].text
    lab.set(snapshots=1)
    assert "45 steps run again" in lab.shown[0].text


def test_whole_arrays_that_cannot_be_taken_apart():
    for laboratory in (ad.jacobian_lab, ad.elimination_lab):
        with pytest.raises(ad.AdvizError, match=r"every number by itself.*ad\.jacobian\(f\)"):
            laboratory(np.linalg.inv, np.eye(2))


@pytest.mark.parametrize("steps", [0, "10", 2.5])
def test_a_chain_needs_a_number_of_steps(steps):
    with pytest.raises(ad.AdvizError, match="steps must be a whole number"):
        ad.checkpoint_lab(lambda x: 2 * x, 3.0, steps)
