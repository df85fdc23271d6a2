"""Former names of `laws.scaling`, until nothing calls them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.laws.scaling import ScalingLaw, gain_over_split

gain_over_allocation = gain_over_split


def loss(law, parameters, tokens):
    """Return the loss in nats per token of models of some parameters trained on some tokens."""
    return law.loss_of(parameters, tokens)


def exponent(law):
    """Return the exponent of compute along the frontier."""
    return law.exponent


def optimal_allocation(law, compute_flop):
    """Return the parameters and tokens that minimise the loss."""
    return law.split(compute_flop)


def optimal_loss(law, compute_flop):
    """Return the lowest loss in nats per token that a training compute can reach."""
    return law.loss(compute_flop)


def compute_for_loss(law, loss_nats):
    """Return the least training compute in FLOP that reaches a loss; nan at and below the floor."""
    return law.compute(loss_nats)


def searched_allocation(law: ScalingLaw, compute_flop: float) -> tuple[float, float]:
    """Return the optimal split for one law and compute by numerical search."""
    pairs = np.log(compute_flop / FLOP_PER_PARAMETER_TOKEN)

    def above(log_parameters: float) -> float:
        return float(loss(law, np.exp(log_parameters), np.exp(pairs - log_parameters)))

    found = minimize_scalar(above, bounds=(0.0, pairs), method="bounded", options={"xatol": 1e-12})
    return float(np.exp(found.x)), float(np.exp(pairs - found.x))


def gain_at_loss(reference, new, loss_nats):
    """Return how many times the compute the reference needs for what the new law reaches, at each loss."""
    losses = np.atleast_1d(np.asarray(loss_nats, float))
    computes = {name: compute_for_loss(law, losses) for name, law in (("reference", reference), ("new", new))}
    inside = _supported(reference, computes["reference"]) & _supported(new, computes["new"])
    with np.errstate(over="ignore"):
        gain = computes["reference"] / computes["new"]
    return pd.DataFrame(
        {
            "loss_nats": losses,
            "reference_flop": computes["reference"],
            "new_flop": computes["new"],
            "gain": gain,
            "inside": inside & np.isfinite(gain),
        }
    )


def gain_at_compute(reference, new, compute_flop, *, of="new"):
    """Return the same at the loss that one of the two (`of` is "new" or "reference") reaches with some compute."""
    if of not in ("new", "reference"):
        raise ValueError(f"of='{of}': the compute is that of the 'new' or of the 'reference' law")
    return gain_at_loss(reference, new, optimal_loss(new if of == "new" else reference, compute_flop))


def masked(gains):
    """Return the gains of `gain_at_loss` with those outside of the support missing."""
    return gains["gain"].where(gains["inside"])


def _supported(law, compute_flop):
    low, high = law.support_flop
    return (compute_flop >= low) & (compute_flop <= high)
