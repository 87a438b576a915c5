"""What makes the site: its links, and the buttons that lead elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.site import OWN, ROOT, gather, links

LESSON = ROOT / "notebooks/00-start-here.ipynb"


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "one.html").write_text(
        '<h1 id="top">One</h1><a href="sub/two.html#there">a</a><a href="sub/two.html#gone">b</a>'
        '<a href="#top">c</a><a href="three.html">d</a><a href="https://example.org">e</a>'
        '<img src="data:image/png;base64,AAAA"><a href="sub/two.html?q=1">f</a>'
    )
    (tmp_path / "sub/two.html").write_text('<p id="there">Two</p><a href="../one.html#nope">g</a>')
    broken, external = links(tmp_path)
    assert broken == [
        "one.html: there is no place sub/two.html#gone",
        "one.html: there is no three.html",
        "sub/two.html: there is no place ../one.html#nope",
    ]
    assert external == {"https://example.org"}


def test_pages_stand_where_they_stand_in_the_repository(tmp_path):
    (tmp_path / "old.md").write_text("# Was there before\n")
    gather(tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert {"index.md", "conf.py", "docs/guide.md", "CHANGELOG.md", "api/index.rst"} <= found
    assert f"notebooks/{LESSON.name}" in found
    assert "old.md" not in found


def test_buttons_lead_to_the_repository_and_to_the_page_that_runs_it(tmp_path):
    shutil.copytree(OWN / "static", tmp_path / "static")
    shutil.copy(OWN / "conf.py", tmp_path)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(LESSON, tmp_path / "notebooks")
    (tmp_path / "index.md").write_text("# Site\n\n```{toctree}\nnotebooks/00-start-here\n```\n")
    command = [sys.executable, "-m", "sphinx", "--quiet", "--define=html_context.lite=lite"]
    environment = {**os.environ, "ADVIZ_REPOSITORY": "https://github.com/somebody/their-adviz"}
    environment["PYTHONPATH"] = str(ROOT)
    subprocess.run(
        [*command, tmp_path, tmp_path / "out"], env=environment, check=True, capture_output=True
    )
    page = Path(tmp_path, "out/notebooks/00-start-here.html").read_text()
    buttons = re.findall(r'<a href="([^"]*)"[^>]*class="btn [^"]*"', page, re.DOTALL)
    assert "../lite/lab/index.html?path=00-start-here.ipynb" in buttons
    place = "notebooks/00-start-here.ipynb"
    assert (
        f"https://mybinder.org/v2/gh/somebody/their-adviz/main?urlpath=lab/tree/{place}" in buttons
    )
    colab = f"https://colab.research.google.com/github/somebody/their-adviz/blob/main/{place}"
    assert colab in buttons
    assert "https://github.com/somebody/their-adviz" in buttons
