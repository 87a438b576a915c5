"""What a release needs: one version everywhere, and a package installed with its types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import adviz
from tests.release import NotReadyError, check_texts

ROOT = Path(__file__).parent.parent


@pytest.fixture
def checkout(tmp_path):
    """The three texts that name version 1.2.3."""
    (tmp_path / "adviz").mkdir()
    (tmp_path / "adviz" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [1.2.3] - 2027-01-02\n")
    (tmp_path / "CITATION.cff").write_text(
        "cff-version: 1.2.0\nversion: 1.2.3\ndate-released: 2027-01-02\n"
    )
    return tmp_path


def test_texts_that_agree_are_accepted(checkout):
    check_texts(checkout, "1.2.3")


def test_the_texts_of_this_version_agree():
    check_texts(ROOT, adviz.__version__)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("adviz/__init__.py", "1.2.3", "1.2.2", "another __version__"),
        ("CHANGELOG.md", "[1.2.3] - 2027-01-02", "[Unreleased]", "no section"),
        ("CITATION.cff", "version: 1.2.3", "version: 1.2.2", "'version: 1.2.3'"),
        ("CITATION.cff", "2027-01-02", "2027-01-01", "'date-released: 2027-01-02'"),
    ],
)
def test_a_text_that_disagrees_is_named(checkout, file, old, new, says):
    path = checkout / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(NotReadyError, match=file) as refused:
        check_texts(checkout, "1.2.3")
    assert says in str(refused.value)


def test_a_version_has_three_numbers(checkout):
    with pytest.raises(NotReadyError, match=r"not of the form 1\.2\.3"):
        check_texts(checkout, "1.2")


@pytest.mark.slow
def test_a_type_checker_reads_the_types_of_an_installed_adviz(tmp_path):
    def run(*command):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    uv = (sys.executable, "-m", "uv", "--quiet")
    install = ("pip", "install", "--reinstall-package", "adviz-autodiff")  # not as built before
    python = tmp_path / "installed" / "bin" / "python"
    assert run(*uv, "venv", "--python", sys.executable, tmp_path / "installed") == (0, "")
    assert run(*uv, *install, "--python", python, "--no-deps", ROOT) == (0, "")
    (tmp_path / "user.py").write_text("import adviz\n\nreveal_type(adviz.trace)\nadviz.define(3)\n")
    code, found = run(
        *(sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "user.py")
    )
    assert code == 1
    assert "def (f: def (*Any, **Any) -> Any, *inputs: Any" in found.replace("typing.", "")
    assert 'Argument 1 to "define" has incompatible type "int"; expected "str"' in found
