"""Hypothesis settings that do not depend on the machine, and options to run fewer tests."""

import sys
from collections import Counter

from hypothesis import settings

settings.register_profile("adviz", deadline=None, derandomize=True, database=None)
settings.register_profile("long", deadline=None, max_examples=5000, print_blob=True, database=None)
settings.load_profile("adviz")

SAMPLE = 10
"""One case of so many is tested of what ``sampled`` marks."""


def pytest_addoption(parser):
    parser.addoption(
        "--without-fast",
        action="store_true",
        help="test as if the folder adviz/fast had been deleted",
    )
    parser.addoption(
        "--sample",
        action="store_true",
        help=f"leave out all but a {SAMPLE}th of what is marked sampled",
    )
    parser.addoption(
        "--quick",
        action="store_true",
        help="leave out what --sample does, and what is marked slow",
    )
    parser.addoption(
        "--long",
        action="store_true",
        help="draw 5,000 new examples for each property, and run what is marked long",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out by --quick")
    config.addinivalue_line("markers", "sampled: a case among hundreds, for a part of --quick")
    config.addinivalue_line("markers", "long: run by --long only")
    if config.getoption("--long"):
        settings.load_profile("long")
    if config.getoption("--without-fast"):
        assert "adviz" not in sys.modules, "adviz was imported before adviz.fast could be hidden"
        sys.modules["adviz.fast"] = None  # as Python says that there is no such module
        for folder in ("adviz/fast", "tests/fast"):
            config.option.ignore.append(str(config.rootpath / folder))


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long") is not None]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    if config.getoption("--quick") or config.getoption("--sample"):
        quick = dict.fromkeys(quick_ones(items, with_slow=not config.getoption("--quick")))
        config.hook.pytest_deselected(items=[item for item in items if item not in quick])
        items[:] = quick


def quick_ones(items, *, with_slow):
    """Yield the tests to run: of each function another sample, so that all cases come up."""
    functions, cases = {}, Counter()
    for item in items:
        if item.get_closest_marker("sampled") is not None:
            function = functions.setdefault(item.function, len(functions))
            cases[function] += 1
            if (cases[function] + function) % SAMPLE:
                continue
        if with_slow or item.get_closest_marker("slow") is None:
            yield item
