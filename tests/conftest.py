"""The same examples on every machine, however busy it is; and, if asked, no adviz.fast."""

import importlib.abc
import sys

from hypothesis import settings

settings.register_profile("adviz", deadline=None, derandomize=True, database=None)
settings.load_profile("adviz")


def pytest_addoption(parser):
    parser.addoption(
        "--without-fast",
        action="store_true",
        help="test as if the folder adviz/fast had been deleted",
    )


def pytest_configure(config):
    if config.getoption("--without-fast"):
        assert "adviz" not in sys.modules, "adviz was imported before adviz.fast could be hidden"
        sys.meta_path.insert(0, WithoutFast())
        for folder in ("adviz/fast", "tests/fast"):
            config.option.ignore.append(str(config.rootpath / folder))


class WithoutFast(importlib.abc.MetaPathFinder):
    """Finds adviz.fast nowhere, as Python does where there is no such folder."""

    def find_spec(self, name, path=None, target=None):
        if name == "adviz.fast":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
