"""Functions with known derivatives, from the literature."""

import numpy as np


def squire_trapp(x):
    """SIAM Review 40 (1998), at 1.5."""
    return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)


def baydin(x):
    """Figure 3 of the survey (2018), at 0.2: a polynomial of degree 8."""
    return 64 * x * (1 - x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x * x) ** 2


SQUIRE_TRAPP_SLOPE = 3.62203370071632604
BAYDIN_SLOPE = 708288 / 78125
