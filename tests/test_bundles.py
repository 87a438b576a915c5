"""The bundles that outputs carry are made from the modules and sheets beside them."""

import pytest

from adviz import player
from tests.bundles import bundles


@pytest.fixture(scope="module")
def made():
    return bundles()


def test_each_is_made_from_what_stands_beside_it(made):
    stale = [file for file, text in made.items() if text != player.bundle(file)]
    assert not stale, f"make bundles writes {', '.join(stale)} anew"
