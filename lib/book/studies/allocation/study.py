"""How well training compute was split between parameters and tokens, by one scaling law or another."""

import functools
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.data import tables
from algoprogress.data.sample import Sample, decimal_year
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine.cache import cached
from algoprogress.fits import fit
from algoprogress.laws import catalogue, scaling
from algoprogress.laws.scaling import ScalingLaw
from algoprogress.show.estimate import Estimate
from book.studies.allocation import chinchilla, split

AGREE = 2.0  # 6 N D and the recorded compute may differ by so many times, else the model is not dense or not as counted
CHINCHILLA_DATE = 2022.24  # end of March 2022
COMPUTES = np.geomspace(1e18, 1e27, 37)  # FLOP
HOFFMANN, KAPLAN = "hoffmann2022", "kaplan2020"
LEAST = 1e20  # FLOP of a model that is looked at
NEAR_BEST = 1.1  # times the best loss at the same compute
REFITTED = {"besiroglu": "Hoffmann's runs, refitted", "porian": "Porian et al. 2024, refitted"}
LAWS = (HOFFMANN, *REFITTED)
CURVES = {  # laws whose gain over Kaplan's split is followed, in words
    HOFFMANN: "Hoffmann et al., as printed", "besiroglu": "Hoffmann's runs, refitted",
    "porian": "Porian et al., refitted", "ho": "Ho et al., model 7",
}  # fmt: skip
SPLITS = {"law": "optimum of Kaplan's law", "rule": "Kaplan's rule"}  # which of the two splits of Kaplan et al. 2020
SIDES = {"all": (False, True), "under": (False,), "over": (True,)}  # of the optimum: more tokens than it has, or not
RUNS = "95%, 4,000 resampled runs"
DRAWS = 2_000
BEFORE, UNTIL, SINCE = ERAS = ("before 2020", "2020 to Chinchilla", "since Chinchilla")


def ho_law(sample: Sample) -> ScalingLaw:
    """Return the law that the fit of model 7 implies for WikiText-103 in 2023, which has no floor."""
    found = fit.converged(catalogue.law("7"), sample)
    value, reference = found.params, found.reference
    gone = 2023.0 - reference.year
    capacity = value["alpha_const"] - value["alpha_year"] * gone + value["alpha_param"] * np.log(reference.parameters)
    data = value["beta_const"] - value["beta_year"] * gone + value["beta_data"] * np.log(reference.tokens)
    constants = map(float, (0.0, np.exp(capacity), value["alpha_param"], np.exp(data), value["beta_data"]))
    support = _span(sample.frame["parameters"], sample.frame["dataset_tokens"])
    return ScalingLaw("Ho et al. 2024, model 7", *constants, support_flop=support)


def _span(parameters: pd.Series, tokens: pd.Series) -> tuple[float, float]:
    compute = FLOP_PER_PARAMETER_TOKEN * parameters * tokens
    return float(compute.min()), float(compute.max())


def chinchilla_runs() -> pd.DataFrame:
    """Return the digitised runs that Besiroglu et al. keep."""
    return tables.read("chinchilla_runs").query("outlier == 0").reset_index(drop=True)


def porian_runs() -> pd.DataFrame:
    """Return the tuned runs of Porian et al. on RefinedWeb near the best at their compute; others follow no law."""
    frame = tables.read("porian_runs").query("dataset == 'rw'")
    best = frame.groupby("training_compute_flop")["loss_nats"].transform("min")
    return frame[frame["loss_nats"] <= NEAR_BEST * best].reset_index(drop=True)


@functools.cache
def refitted(name: str) -> tuple[ScalingLaw, ScalingLaw]:
    """Return a law refitted here (a name of `REFITTED`) at its best fit, and with one element a resample of runs."""
    runs = {"besiroglu": chinchilla_runs, "porian": porian_runs}[name]()
    support = _span(runs["parameters"], runs["tokens"])
    best, drawn = (found.law(REFITTED[name], support) for found in (chinchilla.fit(runs), chinchilla.bootstrap(runs)))
    return replace(best, **{each: float(getattr(best, each)[0]) for each in split.CONSTANTS}), drawn


def known_laws() -> dict[str, ScalingLaw]:
    """Return the laws of other papers as printed, and those refitted here at their best fit, by id."""
    return scaling.published() | {name: refitted(name)[0] for name in REFITTED}


def kaplan_split(by: str) -> ScalingLaw:
    """Return a law whose optimum is a split of Kaplan et al. 2020: of their law ("law") or their rule ("rule").

    The law of their equation 1.5 is best at N ~ C^0.575; their rule, as Gundlach et al. write it, is
    N = 1.3e9 (C / 8.64e19)^0.73. Of the rule the losses mean nothing.
    """
    if by == "law":
        return scaling.published()[KAPLAN]
    alpha, beta = 1.0 - 0.73, 0.73  # the optimum has N ~ C^(beta / (alpha + beta))
    ratio = 1.3e9 * (FLOP_PER_PARAMETER_TOKEN / 8.64e19) ** beta  # N at 6 N D = 6
    return ScalingLaw(SPLITS[by], 0.0, beta / alpha * ratio, alpha, 1.0, beta)


def kaplan_power(by: str) -> float:
    """Return the power of compute as which the parameters of a split of Kaplan et al. 2020 grow."""
    law = kaplan_split(by)
    return float(law.beta / (law.alpha + law.beta))


def kaplan_gain(law: ScalingLaw, compute_flop: ArrayLike, *, by: str = "law", at: str = "worse") -> np.ndarray:
    """Return how many times less compute a law's optimum takes than a split of Kaplan's (`split.gain_over_split`)."""
    return split.gain_over_split(law, kaplan_split(by), compute_flop, at=at)


def refitted_gain(name: str, compute_flop: float, *, by: str = "law", at: str = "worse") -> Estimate:
    """Return the same under a refitted law, with its interval over resampled runs."""
    best, drawn = refitted(name)
    low, high = best.support_flop
    covers = RUNS if low <= compute_flop <= high else f"{RUNS}, extrapolated past the runs"
    draws = kaplan_gain(drawn, np.full(len(drawn.floor), compute_flop), by=by, at=at)
    return Estimate.from_draws(draws, value=float(kaplan_gain(best, compute_flop, by=by, at=at)), covers=covers)


@cached
def kaplan_curves(sample: Sample) -> pd.DataFrame:
    """Return the gain over both splits of Kaplan's at their compute, by law.

    Columns: by (of `SPLITS`), law, compute_flop, gain, inside (of the law's support).
    """
    laws, parts = known_laws() | {"ho": ho_law(sample)}, []
    for by, (name, said) in itertools.product(SPLITS, CURVES.items()):
        gains = [Estimate.exact(g, "none: constants as stated") for g in kaplan_gain(laws[name], COMPUTES, by=by)]
        if name in REFITTED:
            gains = [refitted_gain(name, flop, by=by) for flop in COMPUTES]
        inside = np.clip(COMPUTES, *laws[name].support_flop) == COMPUTES
        parts.append(pd.DataFrame({"by": by, "law": said, "compute_flop": COMPUTES, "gain": gains, "inside": inside}))
    return pd.concat(parts, ignore_index=True)


def splits(models: pd.DataFrame, law: ScalingLaw) -> pd.DataFrame:
    """Return how models were split against the optimum of a law, one line a model.

    Only models with parameters, tokens and compute of at least `LEAST` whose 6 N D agrees with the recorded compute;
    fine-tunes are left out. Columns: model, years_decimal, compute_flop (6 N D), tokens_per_parameter,
    optimal_tokens_per_parameter, gain (compute spent over the least for the same loss), over (more tokens a parameter
    than optimal), inside (of the law's support).
    """
    tokens = models["dataset_tokens"] * models["epochs"].fillna(1.0).clip(lower=1.0)
    compute = FLOP_PER_PARAMETER_TOKEN * models["parameters"] * tokens
    ratio = compute / models["training_compute_flop"]
    kept = ratio.between(1.0 / AGREE, AGREE) & (compute >= LEAST) & (models["base_model"] == "")
    part, compute, tokens = models[kept], compute[kept].to_numpy(), tokens[kept].to_numpy()
    parameters = part["parameters"].to_numpy()
    best_parameters, best_tokens = law.split(compute)
    found = part[["model"]].assign(years_decimal=decimal_year(part["publication_date"]), compute_flop=compute)
    found["tokens_per_parameter"] = tokens / parameters
    found["optimal_tokens_per_parameter"] = best_tokens / best_parameters
    found["gain"] = split.gain_of_optimum(law, parameters, tokens)
    found["over"] = found["tokens_per_parameter"] > found["optimal_tokens_per_parameter"]
    found["inside"] = np.clip(compute, *law.support_flop) == compute
    return found.sort_values("years_decimal", ignore_index=True)


def realised() -> pd.DataFrame:
    """Return how models were split against each of `LAWS` (`splits`), with the id of the law."""
    models, laws = tables.read("language_models"), known_laws()
    return pd.concat([splits(models, laws[id]).assign(law=id) for id in LAWS], ignore_index=True)


def drawn(frame: pd.DataFrame, law: str, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return gain and over of `chosen` models of `splits` (draws x models): models and runs of the law resampled.

    Of a law that was not refitted here, nothing but the models is resampled.
    """
    rows = np.random.default_rng(0).choice(np.flatnonzero(chosen), (DRAWS, chosen.sum()))
    gain, over, compute, ratio = (
        frame[name].to_numpy()[rows] for name in ("gain", "over", "compute_flop", "tokens_per_parameter")
    )
    if law in REFITTED:
        laws = refitted(law)[1]
        laws = replace(laws, **{name: getattr(laws, name)[:DRAWS, None] for name in split.CONSTANTS})
        parameters = np.sqrt(compute / FLOP_PER_PARAMETER_TOKEN / ratio)
        gain, over = split.gain_of_optimum(laws, parameters, ratio * parameters), parameters < laws.split(compute)[0]
    return gain, over


def covers(law: str) -> str:
    """Return what the interval of a quantity of `drawn` covers."""
    return f"95%, {DRAWS:,} resampled models" + (" and runs of the law" if law in REFITTED else "")


def eras(frame: pd.DataFrame, law: str) -> pd.DataFrame:
    """Return the median gain of `splits` under a law by era and side, with intervals over `drawn` models and laws.

    Columns: era, side ("all", "under", "over": fewer or more tokens than optimal), models (how many), gain and share
    (estimates; of the era's models on that side).
    """
    edges, lines, said = [-np.inf, 2020.0, CHINCHILLA_DATE, np.inf], [], covers(law)
    era = pd.cut(frame["years_decimal"], edges, labels=ERAS, right=False)
    for name, (side, sides) in itertools.product(ERAS, SIDES.items()):
        chosen = (era == name).to_numpy()
        part = frame[chosen]
        on = part["over"].isin(sides)
        gain = share = Estimate.exact(np.nan, said)
        if on.any():
            gains, over = drawn(frame, law, chosen)
            there = np.isin(over, sides)
            medians = [np.median(row[kept]) for row, kept in zip(gains, there, strict=True) if kept.any()]
            gain = Estimate.from_draws(medians, value=part.loc[on, "gain"].median(), covers=said)
            share = Estimate.from_draws(there.mean(axis=1), value=on.mean(), covers=said, unit="share")
        lines.append((name, side, on.sum(), gain, share))
    return pd.DataFrame(lines, columns=["era", "side", "models", "gain", "share"])


def realised_eras() -> pd.DataFrame:
    """Return `eras` under each of `LAWS`, with the id of the law."""
    frame = realised()
    return pd.concat([eras(frame[frame["law"] == law], law).assign(law=law) for law in LAWS], ignore_index=True)
