"""What mixtures of experts gain over dense models at fixed active FLOP, by the published laws in their printed form.

Krajewski et al. 2024 (arXiv:2402.07871), L = c + (g / G^gamma + a) N^-alpha + b D^-beta with G the granularity;
Abnar et al. 2025 (arXiv:2501.12370), L = e + a N^-alpha + b D^-beta + c (1-S)^-lambda + d (1-S)^-delta N^-gamma with
S the sparsity; Clark et al. 2022 (arXiv:2202.01169), log10 L = a log10 N + b log10 E' + c log10 N log10 E' + d at fixed
tokens. N of the first two counts all parameters, and the FLOP of a token follow from those in use; N of the third
counts those in use.
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.frontiers.gain import gain
from algoprogress.laws.scaling import ScalingLaw, constants

FEED_FORWARD = 2.0 / 3.0  # of a dense model's parameters; the experts copy these alone
LARGEST = 60.0  # in ln compute past the start, how far the search for the dense compute looks


def krajewski_law(*, granularity: float) -> ScalingLaw:
    """Return the law of fine-grained experts in active parameters and tokens; feed-forward layers alone have copies."""
    known = constants("krajewski_experts")
    total_over_active = 1.0 + FEED_FORWARD * (known["experts"] - 1.0)
    capacity = known["granular"] / granularity ** known["gamma"] + known["capacity"]
    capacity *= total_over_active ** -known["alpha"]
    support = known["support_low_flop"], known["support_high_flop"]
    rest = (known[name] for name in ("alpha", "data", "beta"))
    return ScalingLaw("Krajewski et al. 2024, experts", known["floor"], capacity, *rest, support_flop=support)


def krajewski_gain(compute_flop: float, *, granularity: float = 8.0) -> float:
    """Return the gain of experts over dense models, each at its best split; an upper bound, as routing is left out."""
    known = constants("krajewski_dense")
    dense = ScalingLaw("dense", *(known[name] for name in ("floor", "capacity", "alpha", "data", "beta")))
    experts = krajewski_law(granularity=granularity)
    return gain(dense, experts, compute_flop=compute_flop, extrapolate=True).value


def abnar_loss(parameters: float, tokens: float, sparsity: float) -> float:
    """Return the loss in nats of a model of so many parameters in all, of which a share, the sparsity, rests."""
    known, used = constants("abnar"), 1.0 - sparsity
    loss = known["floor"] + known["capacity"] * parameters ** -known["alpha"] + known["data"] * tokens ** -known["beta"]
    loss += known["sparse"] * used ** -known["lambda"]
    return loss + known["joint"] * used ** -known["delta"] * parameters ** -known["gamma"]


def abnar_optimum(compute_flop: float, sparsity: float) -> tuple[float, float]:
    """Return active parameters and loss of the best split of a compute, by search; all layers count as sparse."""
    pairs = compute_flop / FLOP_PER_PARAMETER_TOKEN

    def loss(log_active: float) -> float:
        active = np.exp(log_active)
        return abnar_loss(active / (1.0 - sparsity), pairs / active, sparsity)

    found = minimize_scalar(loss, bounds=(np.log(1e4), np.log(pairs / 1e4)), method="bounded", options={"xatol": 1e-10})
    return float(np.exp(found.x)), float(found.fun)


def abnar_gain(compute_flop: float, sparsity: float) -> float:
    """Return how many times the compute a dense model needs for what a sparse one reaches, each at its best split."""
    target, start = abnar_optimum(compute_flop, sparsity)[1], np.log(compute_flop)
    more = brentq(lambda more: abnar_optimum(np.exp(start + more), 0.0)[1] - target, -1.0, LARGEST, xtol=1e-10)
    return float(np.exp(more))


def clark_experts(experts: float) -> float:
    """Return the saturating count of experts, E' of the paper's equation for many and few experts."""
    known = constants("clark")
    shifted = experts - 1.0 + 1.0 / (1.0 / known["start"] - 1.0 / known["most"])
    return 1.0 / (1.0 / shifted + 1.0 / known["most"])


def clark_gain(parameters: float, experts: float) -> float:
    """Return the size of the dense model of the same loss over that of the model with experts; tokens are fixed."""
    known, size = constants("clark"), np.log10(parameters)
    many, one = (np.log10(clark_experts(each)) for each in (experts, 1.0))
    return float(10.0 ** ((known["b"] + known["c"] * size) * (many - one) / (known["a"] + known["c"] * one)))


def curves(points: int = 25) -> pd.DataFrame:
    """Return the gain by active training compute under each law, within its range and beyond.

    Columns: law, label, compute_flop, gain, inside (the compute of the mixture and of the dense model of equal loss lie
    within the range of the runs; the law at fixed tokens has a range of sizes).
    """
    fixed, rows = constants("clark"), []
    for flop in np.geomspace(1e18, 1e25, points):
        found = [("krajewski", "64 fine experts", constants("krajewski_experts"), krajewski_gain(flop))]
        found += [("abnar", f"1 in {used}", constants("abnar"), abnar_gain(flop, 1.0 - 1.0 / used)) for used in (8, 32)]
        for law, label, known, times in found:
            inside = known["support_low_flop"] <= flop and flop * times <= known["support_high_flop"]
            rows.append((law, label, flop, times, inside))
        size = flop / FLOP_PER_PARAMETER_TOKEN / fixed["tokens"]
        low, high = fixed["support_low_parameters"], fixed["support_high_parameters"]
        if size <= high * 1e3:
            rows.append(("clark", "64 experts, fixed tokens", flop, clark_gain(size, 64.0), low <= size <= high))
    return pd.DataFrame(rows, columns=["law", "label", "compute_flop", "gain", "inside"])
