"""What the public data support of the strict view: given a loss, all is adjusted to reach it with the fewest FLOP.

Each function puts a table or runs beside one claim of that view; what it rests on is said with it. Gains that rest on a
law which was fitted to other runs are marked as assumed.
"""

import functools

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.interpolate import interp1d

from algoprogress.data import tables
from algoprogress.laws import scaling as laws
from algoprogress.laws.scaling import constants
from algoprogress.show.estimate import Estimate
from book.studies.allocation import split
from book.studies.allocation import study as allocation
from book.studies.scaling import study as scaling
from book.studies.speedrun import study as speedrun

SLOPES = ("hoffmann2022", "besiroglu2024", "muennighoff2023", "gadre_c4", "xlstm_transformer")  # laws of transformers
MIDDLE = "besiroglu2024"
LEAST_FLOP = 1e18  # from which recipes are compared: the least budget of Mamba's figure
FIRST_YEAR, NEAR = 2018.0, 1.5  # models that count, and how many times the least compute is near it
FACTORIAL = {"dva_algo_124m": 1.24e8, "dva_algo_355m": 3.55e8, "dva_algo_1.5b": 1.5e9}  # parameters by id
LAWS = dict(besiroglu="Hoffmann's runs, refitted", hoffmann2022="Hoffmann, as printed", porian="Porian, tuned runs")
BY_SLOPES = f"range over {len(SLOPES)} laws that turn loss into compute; assumed"
BY_SIZE = "range over the sizes from 125 million to 1.3 billion parameters"
BY_BUDGET = "range over two texts and all budgets from 1e18 FLOP"


def architecture_gain(model: str, law: str) -> float:
    """Return the gain of an architecture over GPT-3's at equal size and tokens, by the slope of a law: assumed.

    Along a frontier L - E ~ C^-s, so the reference needs ((L_ref - E) / (L_new - E))^(1/s) times the compute.
    """
    loss = np.log(tables.read("architecture_perplexities").set_index("model")["perplexity"])
    known = laws.published()[law]
    return float(((loss["GPT-3"] - known.floor) / (loss[model] - known.floor)) ** (1.0 / known.exponent))


def architecture(model: str) -> Estimate:
    """Return the median of that gain over `SLOPES`, and its range."""
    return ranged([architecture_gain(model, law) for law in SLOPES], BY_SLOPES)


def ranged(values: ArrayLike, covers: str) -> Estimate:
    """Return the median of some values and their range, which is no sampling interval."""
    return Estimate(float(np.median(values)), float(np.min(values)), float(np.max(values)), covers)


def best_architecture() -> str:
    """Return the architecture of least perplexity in the table."""
    return tables.read("architecture_perplexities").set_index("model")["perplexity"].idxmin()


@functools.cache
def recipe_gains(new: str = "matched decay") -> pd.DataFrame:
    """Return the gain of a training recipe over Kaplan's at equal loss: dataset, compute_flop (Kaplan's), gain.

    The new recipe's compute lies between its budgets on a straight line of loss in ln compute; budgets whose loss it
    does not span are left out.
    """
    parts = []
    for dataset, part in tables.read("recipe_minima").groupby("dataset"):
        old, better = (part[part["recipe"] == name].sort_values("training_compute_flop") for name in ("kaplan", new))
        losses = better["loss_nats"].to_numpy()
        old = old[old["loss_nats"].between(losses.min(), losses.max())]
        flop, needed = (each["training_compute_flop"] for each in (old, better))
        gains = flop / np.exp(np.interp(-old["loss_nats"], -losses, np.log(needed)))
        parts.append(pd.DataFrame({"dataset": dataset, "compute_flop": flop, "gain": gains}))
    return pd.concat(parts, ignore_index=True)


def recipe(new: str = "matched decay") -> Estimate:
    """Return the median gain of a recipe over Kaplan's from `LEAST_FLOP` on, and its range."""
    return ranged(recipe_gains(new).query("compute_flop >= @LEAST_FLOP")["gain"], BY_BUDGET)


@functools.cache
def family_gain(collection: str) -> Estimate:
    """Return the gain of today's transformer over that of 2017, so of more years, at a low loss."""
    found = scaling.measured_gains("retro", "modern", (scaling.LOW_LOSS,), collection)
    return found["gain"][0]


def recipe_gain_at(parameters: ArrayLike) -> np.ndarray:
    """Return the gain of today's recipe over GPT-2's at a size, in GPU-hours: straight in logs through three sizes."""
    gains = tables.read("literature_gains").set_index("id")["gain"][list(FACTORIAL)]
    line = interp1d(np.log(list(FACTORIAL.values())), np.log(gains), fill_value="extrapolate")
    return np.exp(line(np.log(parameters)))


def whole_recipe() -> Estimate:
    """Return that gain at the middle of the sizes of Mamba's figure, in logs, and its range over them."""
    return ranged(recipe_gain_at(np.geomspace(*figure_sizes(), 1_001)), BY_SIZE)


def figure_sizes() -> tuple[float, float]:
    """Return the least and the largest number of parameters in Mamba's figure."""
    return constants("sizes")["mamba_low"], constants("sizes")["mamba_high"]


def over_training() -> float:
    """Return what the first record of the race loses by its many tokens, by Hoffmann's runs refitted: assumed."""
    tokens = speedrun.records()["tokens"].dropna().iloc[0]
    return float(split.gain_of_optimum(laws.published()[MIDDLE], speedrun.PARAMETERS, tokens))


@functools.cache
def early_models(law: str) -> pd.DataFrame:
    """Return the models from 2018 until Chinchilla as `allocation.realised` has them under a law of `LAWS`."""
    frame = allocation.realised()
    early = frame["years_decimal"].between(FIRST_YEAR, allocation.CHINCHILLA_DATE)
    return frame[early & (frame["law"] == law)].reset_index(drop=True)


@functools.cache
def _drawn(law: str) -> tuple[np.ndarray, str]:
    """Return what these models spent over the least, resampled with the runs of the law (draws x models), and words."""
    models = early_models(law)
    gains, _ = allocation.drawn(models, law, np.ones(len(models), bool))
    return gains, allocation.covers(law)


def near_share(law: str) -> Estimate:
    """Return the share of these models that spent at most `NEAR` times the least compute for their loss."""
    (gains, covers), near = _drawn(law), early_models(law)["gain"] <= NEAR
    return Estimate.from_draws((gains <= NEAR).mean(axis=1), value=near.mean(), covers=covers, unit="share")


def cost_quantile(law: str, level: float) -> Estimate:
    """Return a quantile of the compute these models spent over the least, with 95% over models and runs of the law."""
    (gains, covers), value = _drawn(law), early_models(law)["gain"].quantile(level)
    return Estimate.from_draws(np.quantile(gains, level, axis=1), value=value, covers=covers)
