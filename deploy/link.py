"""Print the link for a class: it starts a learner's server, fetches the lessons and opens one.

    python deploy/link.py https://hub.example.org --repository https://example.org/adviz.git

Without ``--repository`` it is the address that pyproject.toml gives under ``[project.urls]``, or
the variable ADVIZ_REPOSITORY.
The hub needs nbgitpuller, which keeps what a learner has changed when the link is opened again.
"""

from __future__ import annotations

import argparse
import os
import tomllib
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
FOLDER = "adviz-lessons"
"""The lessons' folder in a learner's home. (Python would take one called adviz for the package.)"""
FIRST_LESSON = "00-start-here.ipynb"


def link(hub: str, repository: str, lesson: str = FIRST_LESSON, branch: str = "main") -> str:
    """Return the address that opens a lesson for whoever follows it, as themselves."""
    query = {
        "repo": repository,
        "branch": branch,
        "targetpath": FOLDER,
        "urlpath": f"lab/tree/{FOLDER}/notebooks/{lesson}",
    }
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(query)}"


def repository_address() -> str | None:
    """Return the address of this repository, if it is set; the site finds it in the same places."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address: str | None = project.get("urls", {}).get("Repository")
    return os.environ.get("ADVIZ_REPOSITORY") or address


def main() -> None:
    """Run the command."""
    lessons = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    parser = argparse.ArgumentParser(description="Print the link that opens a lesson on a hub.")
    parser.add_argument("hub", help="the hub's address, such as https://hub.example.org")
    parser.add_argument("--repository", default=repository_address(), help="where the lessons are")
    parser.add_argument("--lesson", default=FIRST_LESSON, choices=lessons, metavar="FILE.ipynb")
    parser.add_argument("--branch", default="main")
    options = parser.parse_args()
    if options.repository is None:
        parser.error("say where the lessons are: --repository https://…")
    print(link(options.hub, options.repository, options.lesson, options.branch))


if __name__ == "__main__":
    main()
