"""Pictures out: a step as SVG and PDF, a pass as an animation, a graph as PDF."""

import itertools
import os
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

import adviz as ad
from adviz.render.outlines import Outline
from adviz.render.pass_steps import pass_steps, progress
from adviz.render.step_picture import HEIGHT, WIDTH, Pictures


def eq5(x1, x2):
    return x1 * x2 + x2 - np.log(x1)


def loop(x):
    for _ in range(70):
        x = 3.7 * x * (1 - x)
    return x


def layer(weights, b, x):
    hidden = np.tanh(weights @ x + b)
    return np.sum(hidden * hidden), np.max(hidden)


def a_trace():
    return ad.trace(eq5, 3, -4)


def test_the_steps_of_a_reverse_pass_add_up_to_the_gradient():
    trace = ad.trace(lambda x, y: (x * y + x, np.sin(x) * y), 1.5, -0.5)
    weights = (2.0, -3.0)
    steps = pass_steps(trace, "reverse", list(weights))
    assert [step.output for step in steps[:3]] == [0, 1, None]
    adjoints = {row.label: known.number for row, known in _by_row(trace, steps).items()}
    rows = ad.jacobian(trace.function, argnums=(0, 1))(1.5, -0.5)
    expected = np.array(weights) @ np.array(rows)
    assert [adjoints["v₋₁"], adjoints["v₀"]] == pytest.approx(list(expected))


def test_an_adjoint_is_complete_when_its_last_contribution_has_arrived():
    trace = a_trace()
    steps = pass_steps(trace, "reverse", [1.0])
    arrived = [progress(steps, k).get(0) for k in range(len(steps) + 1)]
    assert [known and (known.arrived, known.is_complete) for known in arrived] == [
        *[None] * 4,
        *[(1, False)] * 3,
        *[(2, True)] * 2,
    ]
    assert [step.user.label for step in steps] == ["v₄", "v₄", "v₄", "v₃", "v₂", "v₂", "v₁", "v₁"]


@pytest.mark.parametrize(
    ("function", "inputs", "which"),
    [
        (eq5, (3, -4), "primal"),
        (eq5, (3, -4), "forward"),
        (eq5, (3, -4), "reverse"),
        (loop, (0.3,), "reverse"),
        (layer, (np.eye(2) / 3, np.ones(2), np.arange(2.0)), "forward"),
        (layer, (np.eye(2) / 3, np.ones(2), np.arange(2.0)), "reverse"),
    ],
)
def test_nothing_is_cut_off_and_no_text_lies_on_another(function, inputs, which):
    trace = ad.trace(function, *inputs)
    pictures = Pictures(trace, which, None, 6)
    count = len(pictures.steps)
    for number in sorted({1, (count + 1) // 2, count}):
        figure = pictures.draw(number)
        (axes,) = figure.axes
        boxes = {}
        for text in axes.get_children():
            if isinstance(text, Outline):
                box = text.get_path().get_extents()
                assert 0 <= box.x0 < box.x1 <= WIDTH, text.text
                assert 0 <= box.y0 < box.y1 <= HEIGHT, text.text
                boxes[text] = box.padded(-0.5)
        for one, other in itertools.combinations(boxes, 2):
            assert not boxes[one].overlaps(boxes[other]), (number, one.text, other.text)


def test_an_svg_says_what_it_shows_and_needs_no_font(tmp_path):
    trace = a_trace()
    text = trace.to_svg(which="reverse", step=7)
    root = ET.fromstring(text)
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title.text.endswith("step 7 of 8 of the reverse pass: " + WORDS_OF_STEP_7)
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    path = tmp_path / "step.svg"
    assert a_trace().to_svg(path, "reverse", 7) is None
    assert path.read_text(encoding="utf-8") == text
    assert trace.to_svg(which="reverse") == trace.to_svg(which="reverse", step=8) != text


WORDS_OF_STEP_7 = "v̄₋₁ += v̄₁·(∂v₁/∂v₋₁) = v̄₁·v₀ = 1 × (−4) = −4"


def test_a_pdf_has_a_page_for_each_step_and_is_always_the_same(tmp_path):
    trace, path = a_trace(), tmp_path / "steps.pdf"
    trace.to_pdf(path, "forward")
    assert _pages(path.read_bytes()) == len(trace.rows)
    trace.to_pdf(path, "reverse", 2)
    first = path.read_bytes()
    assert _pages(first) == 1
    trace.to_pdf(path, "reverse", step=2)
    assert path.read_bytes() == first


def test_an_animation_has_a_frame_for_each_step(tmp_path):
    trace = ad.trace(lambda x: x * x, 3.0)
    for suffix, format_name in ((".gif", "GIF"), (".png", "PNG"), (".webp", "WEBP")):
        path = tmp_path / f"square{suffix}"
        trace.to_animation(path, "reverse", 0.5)
        with Image.open(path) as image:
            assert (image.format, image.size, image.n_frames) == (format_name, (1280, 720), 3)
            frames, durations = set(), []
            for k in range(3):
                image.seek(k)
                frames.add(image.convert("RGB").tobytes())
                durations.append(image.info["duration"])
            assert image.info["loop"] == 0
        assert len(frames) == 3
        if suffix != ".webp":  # of which Pillow tells when a frame ends
            assert durations == [500, 500, 1500]
    trace.to_animation(tmp_path / "part.gif", "reverse", first=2)
    with Image.open(tmp_path / "part.gif") as image:
        assert image.n_frames == 2


def test_what_cannot_be_drawn_is_refused_in_words_and_nothing_is_written(tmp_path):
    trace, long = a_trace(), ad.trace(loop, 0.3)
    refused = [
        (lambda: trace.to_svg(tmp_path / "a.svg", "reverse", 9), "at most 8, got 9"),
        (lambda: trace.to_svg(which="sideways"), "which"),
        (lambda: trace.to_animation(tmp_path / "a.mp4"), r"end it with \.png, \.apng, \.gif or"),
        (lambda: trace.to_animation(tmp_path / "a.gif", first=4, last=2), "last"),
        (lambda: trace.to_animation(tmp_path / "a.gif", seconds=0), "seconds"),
        (lambda: long.to_animation(tmp_path / "a.gif", "reverse"), "281 steps .* at most 200"),
        (lambda: long.to_pdf(tmp_path / "a.pdf"), "choose some of them, as with step=1"),
    ]
    for call, words in refused:
        with pytest.raises(ad.AdvizError, match=words):
            call()
    with pytest.raises(OSError, match="there is no folder"):
        trace.to_pdf(tmp_path / "nowhere" / "a.pdf", step=1)
    assert os.listdir(tmp_path) == []


def test_a_graph_is_written_as_pdf_though_the_engine_writes_none(tmp_path):
    picture = a_trace().graph("reverse")
    written = picture.render(tmp_path / "graph.gv", format="pdf")
    assert sorted(os.listdir(tmp_path)) == ["graph.gv", "graph.gv.pdf"]
    assert os.path.samefile(written, tmp_path / "graph.gv.pdf")
    drawn = (tmp_path / "graph.gv.pdf").read_bytes()
    assert drawn == picture.pipe(format="pdf") == picture.pipe("pdf")
    assert _pages(drawn) == 1
    svg = ET.fromstring(picture.pipe(format="svg", encoding="utf-8"))
    width, height = (float(svg.get(name).removesuffix("pt")) for name in ("width", "height"))
    (box,) = re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", drawn)
    assert [float(number) for number in box] == pytest.approx([width, height], abs=2)
    picture.render(outfile=tmp_path / "other.pdf", cleanup=True)
    assert sorted(os.listdir(tmp_path)) == ["graph.gv", "graph.gv.pdf", "other.pdf"]


def _pages(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


def _by_row(trace, steps):
    return {trace.rows[slot]: known for slot, known in progress(steps, len(steps)).items()}
