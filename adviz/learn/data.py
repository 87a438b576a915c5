"""Data to learn from."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from adviz.host import checks
from adviz.host.errors import InputError, MissingPackageError
from adviz.host.source import describe

__all__ = ["digits"]

Examples = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def digits(test_part: float = 0.2, seed: int = 0) -> tuple[Examples, Examples]:
    """Return scikit-learn's handwritten digits, some to train on and some to test with.

    They are 1797 images of 8 × 8 pixels from the UCI repository's *Optical recognition of
    handwritten digits* (Alpaydin and Kaynak, 1998).

    Parameters
    ----------
    test_part : float
        The fraction kept for the test.
    seed : int
        Determines which images these are.

    Returns
    -------
    (x, labels), (x, labels)
        For training and for the test: images of shape (examples, 64) with entries from 0 to 1,
        and the digits that they show.

    Raises
    ------
    InputError
        If ``test_part`` is not between 0 and 1.
    MissingPackageError
        If scikit-learn is not installed.

    Examples
    --------
    >>> (x, labels), (test_x, test_labels) = digits()
    >>> x.shape, test_x.shape, labels.shape
    ((1438, 64), (359, 64), (1438,))
    """
    test_part = checks.number(test_part, "test_part", least=0, most=1)
    seed = checks.count(seed, "seed", least=0, most=2**64)
    images, labels = _digits_of_scikit_learn()
    order = np.random.default_rng(seed).permutation(len(images))
    count = round(test_part * len(images))
    if not 0 < count < len(images):
        raise InputError(
            f"test_part={test_part!r} leaves nothing to train on or to test with: {describe()}. "
            "Give a part between 0 and 1, as in digits(0.2)."
        )
    test, train = order[:count], order[count:]
    return (images[train], labels[train]), (images[test], labels[test])


def _digits_of_scikit_learn() -> Examples:
    """Return all images and what they show.

    They are read from scikit-learn's folder: to import it takes two seconds, and in a class 80 MB
    a learner.
    """
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        raise MissingPackageError(
            "ad.learn.digits() takes the images from scikit-learn, which is not installed: "
            "pip install scikit-learn."
        )
    file = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
    table = np.loadtxt(file, delimiter=",") if file.is_file() else _table_of_digits()
    return table[:, :-1] / 16, table[:, -1].astype(int)


def _table_of_digits() -> np.ndarray[Any, Any]:
    """Ask scikit-learn, should it keep them elsewhere."""
    from sklearn.datasets import load_digits

    return np.column_stack(load_digits(return_X_y=True))
