"""Writing files: links, modes, pipes, full disks."""

import os
import stat
import subprocess
import sys

import pytest

import adviz as ad
from adviz.host.errors import FileError, InputError
from adviz.host.files import write_file


def _mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_link_is_followed_and_stays_one(tmp_path):
    kept, link = tmp_path / "kept" / "page.html", tmp_path / "link.html"
    kept.parent.mkdir()
    link.symlink_to(kept)
    write_file(link, "new")  # the file does not exist yet
    assert link.is_symlink()
    assert kept.read_text() == "new"
    write_file(link, "newer")
    assert link.is_symlink()
    assert kept.read_text() == "newer"
    assert os.listdir(kept.parent) == ["page.html"]
    endless = tmp_path / "endless"
    endless.symlink_to(endless)
    with pytest.raises(FileError):
        write_file(endless, "never")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_mode_and_a_new_one_has_that_of_the_umask(tmp_path, mode):
    path = tmp_path / "page.html"
    before = os.umask(0o027)
    try:
        write_file(path, "new")
        assert _mode(path) == 0o640
        path.chmod(mode)
        ad.trace(lambda x: x * x, 3.0).to_html(path)
    finally:
        os.umask(before)
    assert _mode(path) == mode
    assert path.read_text().startswith("<!doctype html>")


def test_a_file_that_cannot_be_written_whole_holds_what_it_held(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("before")
    program = (
        "import resource, sys, adviz as ad\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n    ad.trace(lambda x: x * x, 3.0).to_html(sys.argv[1])\n"
        "except ad.AdvizError as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-B", "-c", program, path], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"{path} cannot be written: file too large.\n"
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_device_is_written_into():
    assert not write_file(os.devnull, "gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    with pytest.raises(FileError, match="/dev/full cannot be written: no space left on device"):
        write_file("/dev/full", "x" * 100_000)


@pytest.mark.parametrize(
    ("name", "words"),
    [("no/page.html", "there is no folder"), (".", "it is a folder"), ("a\0b", "null")],
)
def test_a_path_that_is_no_file_is_refused(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=words):
        ad.trace(lambda x: x * x, 3.0).to_html(name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", [3, "", [], object()])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(InputError, match="path"):
        ad.trace(lambda x: x * x, 3.0).to_html(path)
