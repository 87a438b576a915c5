"""The command ``adviz``, run as from a shell."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

import adviz as ad
from adviz.cli import FRONT_DOOR, copy_lessons
from adviz.render.number import format_number

pytestmark = pytest.mark.slow

MODEL = """
import numpy as np

def f(x1, x2):
    return x1 * x2 + x2 - np.log(x1)

def bad(x):
    import math
    return math.log(x)

def fails(x):
    raise RuntimeError("no such state")

def total(a, x):
    return np.sum(a @ x)
"""


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(MODEL)
    return path


ADVIZ = [sys.executable, "-c", "import sys; from adviz.cli import main; sys.exit(main())"]


def adviz(*arguments, cwd):
    return subprocess.run(
        [*ADVIZ, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_a_function_of_a_file_is_traced(model):
    run = adviz("trace", "model.py:f", 3, -4, "--mode", "reverse", cwd=model.parent)
    assert run.returncode == 0, run.stderr
    assert "v̄₃·(1/v₋₁) + v̄₁·v₀" in run.stdout
    assert "−4.33333" in run.stdout


def test_arrays_are_written_as_lists(model):
    run = adviz("trace", "model.py:total", "[[1, 2], [3, 4]]", "[-1, 0.5]", cwd=model.parent)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].split() == ["y", "v₂", "−1"]


def test_the_seed_is_chosen(model):
    run = adviz("trace", "model.py:f", 3, -4, "--mode", "forward", "--seed", "x2", cwd=model.parent)
    assert run.stdout.splitlines()[-1].split()[-1] == "4"


def test_a_page_is_written(model):
    run = adviz("trace", "model.py:f", 3, -4, "--html", "page.html", cwd=model.parent)
    assert run.returncode == 0, run.stderr
    page = (model.parent / "page.html").read_text(encoding="utf-8")
    start = page.index('id="trace">') + len('id="trace">')
    document = json.loads(page[start : page.index("</script>", start)])
    assert document["rows"]["value"][2] == -12


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["model.py", "3"], "FILE.py:FUNCTION"),
        (["nowhere.py:f", "3"], "no file 'nowhere.py'"),
        (["model.py:g", "3"], "has no function 'g'; it has f, bad, fails, total"),
        (["model.py:f", "3"], "f(x1, x2) does not take 1 input: missing a required argument: 'x2'"),
        (["model.py:f", "3", "four"], "'four' is neither a number nor an array"),
        (["model.py:fails", "3"], "RuntimeError: no such state (model.py, line 12, in fails"),
        (["model.py:bad", "3"], "Write np.log"),
        (["broken.py:f", "3"], "SyntaxError"),
        (["model.py:f", "3", "4", "--seed", "z", "--mode", "forward"], "x1, x2"),
        (["model.py:f", "3", "4", "--html", "no/where.html"], "cannot be written"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_mistakes_are_told_in_a_line(model, arguments, says):
    (model.parent / "broken.py").write_text("def f(:\n")
    run = adviz("trace", *arguments, cwd=model.parent)
    assert run.returncode == 2
    assert says in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("x2", ["-4", "-4.0", "-4e-3", "-inf"])
def test_negative_inputs_are_no_options(model, x2):
    shown = adviz("trace", f"{model.name}:f", "3", x2, cwd=model.parent)
    assert shown.returncode == 0, shown.stderr
    assert format_number(float(x2)) in shown.stdout


def test_a_reader_may_stop_reading(model):
    command = f"{shlex.join([*ADVIZ, 'trace', f'{model.name}:f', '3', '-4'])} | true"
    run = subprocess.run(
        command, shell=True, cwd=model.parent, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""


def test_a_page_in_no_folder(model):
    shown = adviz("trace", "model.py:f", "3", "-4", "--html", "no/page.html", cwd=model.parent)
    assert shown.returncode == 2
    assert shown.stderr.startswith("adviz: no/page.html cannot be written: there is no folder ")
    assert shown.stderr.count("\n") == 1


def test_a_page_is_written_into_a_pipe_and_to_the_output(model):
    call = [*ADVIZ, "trace", f"{model.name}:f", "3", "-4", "--html"]
    shown = adviz(*call[3:], "/dev/stdout", cwd=model.parent)
    assert shown.stdout.startswith("<!doctype html>")
    assert shown.stdout.endswith("</html>\n")
    with open(model.parent / "out.html", "w") as file:
        subprocess.run([*call, "/dev/stdout"], cwd=model.parent, stdout=file, check=True)
    assert (model.parent / "out.html").read_text() == shown.stdout
    fifo = model.parent / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen([*call, fifo], cwd=model.parent) as writer:
        assert fifo.read_text() == shown.stdout
    assert writer.returncode == 0
    assert fifo.is_fifo()


@pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [(["trace", "model.py:f", "3", "-4"], ""), (["--version"], ""), (["--version"], "1")],
)
def test_an_output_on_a_full_disk_is_reported_in_a_line(model, arguments, unbuffered):
    with open("/dev/full", "w") as full:
        shown = subprocess.run(
            [*ADVIZ, *arguments],
            cwd=model.parent,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert shown.returncode == 2
    assert shown.stderr == "adviz: the output cannot be written: No space left on device.\n"


def test_a_closed_output_and_one_without_the_letters_are_no_errors(model):
    command = shlex.join([*ADVIZ, "trace", f"{model.name}:f", "3", "-4"])
    for redirected in (f"{command} >&-", f"PYTHONIOENCODING=ascii {command}"):
        run = subprocess.run(
            redirected, shell=True, cwd=model.parent, capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")
    assert r"\u221217.0986" in run.stdout


def test_a_file_that_ends_python_is_told(model):
    model.write_text("raise SystemExit(3)")
    shown = adviz("trace", "model.py:f", "3", cwd=model.parent)
    assert shown.returncode == 2
    assert shown.stderr == "adviz: model.py cannot be run: SystemExit: 3\n"


@pytest.mark.parametrize("name", ["json.py", "typing.py"])
def test_a_file_may_have_the_name_of_another_module(model, name):
    model.rename(model.parent / name)
    (model.parent / "neighbour.py").write_text("FACTOR = 2\n")
    text = (model.parent / name).read_text()
    (model.parent / name).write_text(f"import neighbour\nimport statistics\n{text}")
    elsewhere = model.parent / "elsewhere"  # Python itself would find the file beside it
    elsewhere.mkdir()
    shown = adviz("trace", f"../{name}:f", "3", "-4", cwd=elsewhere)
    assert shown.returncode == 0, shown.stderr
    assert "v₋₁ × v₀" in shown.stdout


def test_the_version_is_printed(tmp_path):
    assert adviz("--version", cwd=tmp_path).stdout == f"adviz {ad.__version__}\n"


def test_the_functions_of_a_file_are_its_own(model):
    model.write_text("from dataclasses import dataclass\nX = 3\n" + MODEL)
    shown = adviz("trace", "model.py:nope", "3", cwd=model.parent)
    assert "it has f, bad, fails, total.\n" in shown.stderr


def test_lessons_are_copied_once_and_a_readers_work_is_kept(tmp_path):
    folder = tmp_path / "mine"
    copies = copy_lessons(folder)
    assert FRONT_DOOR in {copy.name for copy in copies}
    assert len(copies) > 3
    copies[0].write_text("my notes")
    assert copy_lessons(folder) == []
    assert copies[0].read_text() == "my notes"


def wait_for_answer(request):
    """Ask until there is an answer: the address is printed a little before it is served."""
    for _ in range(100):
        try:
            urllib.request.urlopen(request, timeout=30).close()
            return
        except ConnectionError:
            time.sleep(0.2)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.2)
    pytest.fail("JupyterLab never answered at the address it printed.")


def test_an_interrupt_ends_jupyterlab_and_its_kernels(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runtime = tmp_path / "runtime"
    with subprocess.Popen(
        [*ADVIZ, "lessons", "--no-browser", f"--port={port}"],
        cwd=tmp_path,
        env=os.environ | {"JUPYTER_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        opened = f"/lab/tree/{FRONT_DOOR}?token="
        address = next(line.split()[-1] for line in process.stderr if opened in line)
        kernels = urllib.request.Request(address.replace(opened, "/api/kernels?token="), b"{}")
        try:
            wait_for_answer(kernels)
            assert len(list(runtime.glob("kernel-*.json"))) == 1
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert list(runtime.glob("kernel-*.json")) == []
    assert list(runtime.glob("jpserver-*.json")) == []  # a server that is killed leaves its own
