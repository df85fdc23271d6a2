"""Exponential and logarithm of the C library, which round alike on every processor.

NumPy's own for AVX-512 differ in the last bit of some values, on which hangs where SLSQP stops (`published_form`).
"""

import math

import numpy as np


def exponential(exponent: np.ndarray) -> np.ndarray:
    """Return e to the power of each element.

    >>> exponential(np.array([0.0, 1.0])).tolist() == [1.0, math.e]
    True
    """
    return np.exp(exponent.astype(complex)).real  # NumPy leaves complex numbers to the C library


def logarithm(values: np.ndarray) -> np.ndarray:
    """Return the natural logarithm of each element; nan stays nan. Raises ValueError for zero or less.

    >>> logarithm(np.array([1.0, math.e])).tolist()
    [0.0, 1.0]
    """
    return np.array([math.log(value) for value in np.asarray(values, float).tolist()])
