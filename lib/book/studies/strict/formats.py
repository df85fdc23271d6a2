"""What narrower number formats gain, by the law of Kumar et al. 2024 (arXiv:2411.04330), in three currencies.

A model of N parameters whose weights, activations and cache have P bits is worth N f(P) of them, with
f(P) = (1 - e^(-P/s))^3. The loss depends on N f(P) and D alone, so at 6 N D = C an equal loss on the frontier takes
equal C f(P), whatever the exponents. The scale s is not printed in our sources, but the best precision is: seven to
eight bits where FLOP are counted by their bits. The best P solves 3 x = e^x - 1 with x = P / s, so s follows.
"""

import functools

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from algoprogress.laws.scaling import constants
from algoprogress.show.estimate import Estimate

REFERENCE = 16.0  # bits
CURRENCIES = {"plain": "FLOP, however narrow", "bits": "FLOP times bits", "time": "time at the peak rate of an H100"}
OPTIMUM = "range of the stated best precision"
WIDTHS = (8.0, 16.0, 32.0)  # bits, for which the device states a rate


def worth(bits: float, scale_bits: float) -> float:
    """Return the share of its parameters that a model with numbers of so many bits is worth.

    >>> round(worth(16.0, 4.0), 3)
    0.946
    """
    return float((1.0 - np.exp(-bits / scale_bits)) ** constants("kumar")["parts"])


def scale_of_optimum(bits: float) -> float:
    """Return the scale, in bits, under which some precision is the best one where FLOP count by their bits."""
    parts = constants("kumar")["parts"]
    return float(bits / brentq(lambda x: parts * x - np.expm1(x), 0.5, 10.0, xtol=1e-12))


@functools.cache
def scales() -> tuple[float, float, float]:
    """Return the scale in bits that the stated optimum implies: its middle, and its ends."""
    low, high = constants("kumar")["optimum_low"], constants("kumar")["optimum_high"]
    return tuple(scale_of_optimum(low + share * (high - low)) for share in (0.5, 0.0, 1.0))


def gain(bits: float, currency: str, scale_bits: float) -> float:
    """Return the gain of some bits over `REFERENCE` at equal loss; raise KeyError if the currency has no such price."""
    of_device = {width: 1.0 / constants("h100")[f"bits_{width:.0f}"] for width in WIDTHS}
    price = {"plain": lambda _: 1.0, "bits": float, "time": of_device.__getitem__}[currency]
    return worth(bits, scale_bits) / worth(REFERENCE, scale_bits) * price(REFERENCE) / price(bits)


def gain_in_range(bits: float, currency: str) -> Estimate:
    """Return that gain at the middle of the stated best precision, and its range over that."""
    values = [gain(bits, currency, scale) for scale in scales()]
    return Estimate(values[0], min(values), max(values), OPTIMUM)


def curves() -> pd.DataFrame:
    """Return the gain over sixteen bits, over the range of the stated best precision: bits, currency, gain."""
    every = {currency: WIDTHS if currency == "time" else np.arange(3.0, 32.5, 0.5) for currency in CURRENCIES}
    rows = [(float(bits), each, gain_in_range(float(bits), each)) for each, widths in every.items() for bits in widths]
    return pd.DataFrame(rows, columns=["bits", "currency", "gain"])
