"""How well training compute was split between parameters and tokens, by one scaling law or another."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.data.sample import decimal_year
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.laws import scaling as frontier
from algoprogress.laws.scaling import ScalingLaw

AGREE = 2.0  # 6 N D and the recorded compute may differ by so many times, else the model is not dense or not as counted
CHINCHILLA_DATE = 2022.24  # end of March 2022


def realised(models: pd.DataFrame, law: ScalingLaw, *, least_flop: float = 1e20) -> pd.DataFrame:
    """Return how models were split against the optimum of a law, one line a model.

    Only models with parameters, tokens and compute of at least `least_flop` whose 6 N D agrees with the recorded
    compute; fine-tunes are left out. Columns: model, years_decimal, compute_flop (6 N D), tokens_per_parameter,
    optimal_tokens_per_parameter, gain (compute spent over the least for the same loss), over (more tokens a parameter
    than optimal), inside (of the law's support).
    """
    tokens = models["dataset_tokens"] * models["epochs"].fillna(1.0).clip(lower=1.0)
    compute = FLOP_PER_PARAMETER_TOKEN * models["parameters"] * tokens
    ratio = compute / models["training_compute_flop"]
    kept = ratio.between(1.0 / AGREE, AGREE) & (compute >= least_flop) & (models["base_model"] == "")
    part, compute, tokens = models[kept], compute[kept].to_numpy(), tokens[kept].to_numpy()
    parameters = part["parameters"].to_numpy()
    best_parameters, best_tokens = frontier.optimal_allocation(law, compute)
    low, high = law.support_flop
    return pd.DataFrame(
        {
            "model": part["model"].to_numpy(),
            "years_decimal": decimal_year(part["publication_date"]).to_numpy(),
            "compute_flop": compute,
            "tokens_per_parameter": tokens / parameters,
            "optimal_tokens_per_parameter": best_tokens / best_parameters,
            "gain": frontier.gain_of_optimum(law, parameters, tokens),
            "over": tokens / parameters > best_tokens / best_parameters,
            "inside": (compute >= low) & (compute <= high),
        }
    ).sort_values("years_decimal", ignore_index=True)


def eras(frame: pd.DataFrame, *, draws: int = 2_000, seed: int = 0) -> pd.DataFrame:
    """Return the median gain and the share over-trained by era, with 95% intervals over resampled models.

    Eras: before 2020, from 2020 until Chinchilla, since. Columns: era, side ("all", "under", "over": fewer or more
    tokens than optimal), models, median, low, high, share (of the era's models).
    """
    edges = [-np.inf, 2020.0, CHINCHILLA_DATE, np.inf]
    names = ["before 2020", "2020 to Chinchilla", "since Chinchilla"]
    era = pd.cut(frame["years_decimal"], edges, labels=names, right=False)
    rng = np.random.default_rng(seed)
    lines = []
    for name in names:
        whole = frame[era == name]
        sides = {"all": whole, "under": whole[~whole["over"]], "over": whole[whole["over"]]}
        for side, part in sides.items():
            values = part["gain"].to_numpy()
            picks = rng.choice(values, (draws, len(values))) if len(values) else np.full((1, 1), np.nan)
            low, high = np.quantile(np.median(picks, axis=1), [0.025, 0.975])
            median = float(np.median(values)) if len(values) else np.nan
            share = len(part) / max(len(whole), 1)
            lines.append((name, side, len(part), median, float(low), float(high), share))
    return pd.DataFrame(lines, columns=["era", "side", "models", "median", "low", "high", "share"])


def kaplan_gains(laws: dict[str, ScalingLaw], allocation: ScalingLaw, compute_flop: np.ndarray) -> pd.DataFrame:
    """Return the gain of each law's optimum over another split, against compute, in both directions.

    Columns: law, compute_flop, at ("worse" or "better"), gain, inside (of the law's support).
    """
    lines = []
    for name, law in laws.items():
        low, high = law.support_flop
        for at in ("worse", "better"):
            gain = frontier.gain_over_allocation(law, allocation, compute_flop, at=at)
            lines.append(
                pd.DataFrame(
                    {
                        "law": name,
                        "compute_flop": compute_flop,
                        "at": at,
                        "gain": gain,
                        "inside": (compute_flop >= low) & (compute_flop <= high),
                    }
                )
            )
    return pd.concat(lines, ignore_index=True)
