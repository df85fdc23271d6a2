"""What one change of a small transformer is worth: the gain at a target loss, its noise, its grid, its learning rate.

Gundlach et al. 2025 compare two runs of a 64 wide transformer at one loss: the compute of the logged row nearest to it
in the one over that in the other, one seed each. The runs of their bars are not public; two earlier sets are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import t

from algoprogress.data import tables
from algoprogress.engine.cache import cached
from algoprogress.frontiers import runs
from book.studies.scaling import study as families

TARGET, EARLY_TARGET = families.ABLATION_LOSS, 5.33  # nats per token, of the bars and of an earlier figure
BASE = {"october": "baseline_modern", "september": {0.01: "gelu", 10**-2.5: "rotary"}}
FAILED = 7.0  # nats per token, above which a short run has not learned
SEEDED_TARGET = 5.33  # nats per token, which all seeded runs but the failed ones reach
SMALL = {  # ablation behind each small factor of the accounting: our id, id of the bar
    "rotary": "rotary_vs_learned",
    "pre_norm": "pre_vs_post",
    "cosine": "cosine_vs_invsqrt",
    "rms_norm": "rms_vs_layer",
    "learned": "learned_vs_sinusoidal",
    "swiglu": "swiglu_vs_gelu",
}


def nearest_row_flop(run: pd.DataFrame, loss_nats: float) -> float:
    """Return the compute of the logged row whose loss is nearest to a target, as the paper has it."""
    return float(run["training_compute_flop"].iloc[int((run["loss_nats"] - loss_nats).abs().to_numpy().argmin())])


def curves(collection: str) -> dict[tuple, pd.DataFrame]:
    """Return the runs of a collection by variant, seed and learning rate, in order of compute."""
    frame = tables.read("ablation_runs")
    frame = frame[frame["collection"] == collection].sort_values("tokens").assign(run="one")
    return {key: part for key, part in frame.groupby(["variant", "seed", "learning_rate"], sort=False)}


@cached
def october(loss_nats: float = TARGET) -> pd.DataFrame:
    """Return what each change of the modern transformer costs in compute at a loss, one seed.

    Columns: variant, nearest (gain by nearest rows, as published), gain (by lines between rows), final_loss_nats, and
    reached, whether the variant's run reaches the loss.
    """
    found = {key[0]: run for key, run in curves("october").items()}
    base = found[BASE["october"]]
    rows = []
    for name, run in found.items():
        at, least = nearest_row_flop(run, loss_nats), runs.reached(run, loss_nats)
        rows.append(
            (
                name,
                at / nearest_row_flop(base, loss_nats),
                least / runs.reached(base, loss_nats),
                float(run["loss_nats"].iloc[-1]),
                bool(np.isfinite(least)),
            )
        )
    frame = pd.DataFrame(rows, columns=["variant", "nearest", "gain", "final_loss_nats", "reached"])
    return frame.assign(gain=frame["gain"].where(frame["reached"]))


@cached
def seeded(loss_nats: float = SEEDED_TARGET) -> pd.DataFrame:
    """Return ln compute to a loss by variant of September over its seeds, and the gain over its forerunner.

    Runs are compared at the same learning rate. Columns: variant, learning_rate, seeds, mean, sd (of ln FLOP), gain
    (forerunner over variant), low, high (95%, t over seeds), final_sd_nats (of the final losses).
    """
    rows = []
    keys = pd.DataFrame(
        [
            (*key, runs.reached(run, loss_nats), run["loss_nats"].iloc[-1])
            for key, run in curves("september").items()
            if key[1] > 0
        ],
        columns=["variant", "seed", "learning_rate", "flop", "final"],
    )
    keys = keys[np.isfinite(keys["flop"])]
    for (variant, rate), part in keys.groupby(["variant", "learning_rate"], sort=False):
        if len(part) >= 2:
            logs = np.log(part["flop"])
            rows.append((variant, rate, len(part), logs.mean(), logs.std(), part["final"].std()))
    frame = pd.DataFrame(rows, columns=["variant", "learning_rate", "seeds", "mean", "sd", "final_sd_nats"])
    frame["base"] = [
        BASE["september"][min(BASE["september"], key=lambda r: abs(r - rate))] for rate in frame["learning_rate"]
    ]
    base = frame.set_index("variant")
    other = base.loc[frame["base"]].reset_index()
    gap = other["mean"] - frame["mean"]
    spread = pooled_sd(frame) * np.sqrt(1.0 / frame["seeds"] + 1.0 / other["seeds"])
    wide = t.ppf(0.975, int((frame["seeds"] - 1).sum())) * spread
    return frame.assign(gain=np.exp(gap), low=np.exp(gap - wide), high=np.exp(gap + wide))


def pooled_sd(frame: pd.DataFrame) -> float:
    """Return the standard deviation between seeds, pooled over variants, of ln compute to a loss."""
    free = frame["seeds"] - 1
    return float(np.sqrt((free * frame["sd"] ** 2).sum() / free.sum()))


def seed_noise() -> tuple[float, int]:
    """Return the pooled standard deviation of ln compute between seeds, and its degrees of freedom."""
    frame = seeded()
    return pooled_sd(frame), int((frame["seeds"] - 1).sum())


def grid_step() -> float:
    """Return the step in ln compute between logged rows at the target of the published bars.

    The least ratio above one of their stated computes: the bars of two schedules lie one row past the baseline.
    """
    table = tables.read("ablations")
    ratios = (table["worse_flop"] / table["better_flop"]).dropna()
    return float(np.log(ratios[ratios > 1.0].min()))


def early_bars() -> pd.Series:
    """Return the bars of the paper's earlier figure, at a loss of 5.33 and by nearest rows, from the runs of October.

    The optimiser and the LSTM are runs of the snapshot. Index: what is compared.
    """
    found = october(EARLY_TARGET).set_index("variant")["nearest"]
    base = next(run for key, run in curves("october").items() if key[0] == BASE["october"])
    single = {
        name: nearest_row_flop(families.run_of_size(name, size), EARLY_TARGET) / nearest_row_flop(base, EARLY_TARGET)
        for name, size in (("sgd", 64), ("lstm", 80))
    }
    return pd.Series(
        {
            "gelu_relu": found["swiglu_to_relu"] / found["swiglu_to_gelu"],
            "invsqrt": found["cosine_to_invsqrt"],
            "swiglu_gelu": found["swiglu_to_gelu"],
            "learned": found["rotary_to_learned"],
            "post": found["pre_to_post_norm"],
            **single,
        }
    )


@cached
def bars() -> pd.DataFrame:
    """Return the published gains of single changes with the error that their runs imply, largest first.

    One seed a run: the variance of a ln gain is twice that between seeds, and twice that of rounding to a logged row
    (a twelfth of its step squared). Columns: id, better, worse, plotted, gain, low, high (95%), differs (from one),
    october (the same change in the runs of October, nan where there is none), october_differs.
    """
    table = tables.read("ablations")
    table = table[(table["scale_dependent"] == 0) & table["plotted_gain"].notna()]
    table = table[~table["id"].isin(["modern_vs_retro_fit", "learned_vs_sinusoidal"])]
    noise, free = seed_noise()
    wide = t.ppf(0.975, free) * np.sqrt(2.0 * noise**2 + 2.0 * grid_step() ** 2 / 12.0)
    logs = np.log(table["plotted_gain"])
    again = october().set_index("variant")["gain"]
    same = {
        "adamw_vs_adam": "adamw_to_adam",
        "cosine_vs_invsqrt": "cosine_to_invsqrt",
        "cosine_vs_linear": "cosine_to_linear",
        "rms_vs_layer": "rmsnorm_to_layernorm",
        "swiglu_vs_gelu": "swiglu_to_gelu",
        "rotary_vs_learned": "rotary_to_learned",
        "rotary_vs_sinusoidal": "rotary_to_sinusoidal",
        "pre_vs_post": "pre_to_post_norm",
    }
    other = np.array([again.get(same.get(id, ""), np.nan) for id in table["id"]])
    found = table[["id", "better", "worse"]].assign(
        plotted=table["plotted_gain"],
        gain=table["gain"],
        low=np.exp(logs - wide),
        high=np.exp(logs + wide),
        differs=(np.abs(logs) > wide),
        october=other,
        october_low=other * np.exp(-wide),
        october_high=other * np.exp(wide),
    )
    return found.sort_values("plotted", ascending=False, ignore_index=True)


def nats_per_log_compute(loss_nats: float, family: str = "modern") -> float:
    """Return how much the loss falls per unit of ln compute along a family's law, at a loss."""
    law = families.law(family)
    return float(-law.exponent * (loss_nats - law.floor))


@cached
def chain() -> pd.DataFrame:
    """Return the final loss after each change from a transformer of 2017, at one learning rate and at the best one.

    All runs have the same compute. Columns: variant, shared_nats (at the rate at which no run failed), best_nats,
    best_rate, rates (that ended well), and shared_gain and best_gain over the first line, by the slope of the modern
    law at the mean of the two losses: a conversion, not a measurement.
    """
    frame = tables.read("learning_rates")
    frame = frame[(frame["study"] == "history") & frame["loss_nats"].notna()]
    wide = frame.pivot_table(index="variant", columns="learning_rate", values="loss_nats")
    shared = wide.max().idxmin()  # the rate whose worst run is the best: no run failed there
    best = wide.min(axis=1)
    found = pd.DataFrame(
        {
            "variant": wide.index,
            "shared_nats": wide[shared].to_numpy(),
            "best_nats": best.to_numpy(),
            "best_rate": wide.idxmin(axis=1).to_numpy(),
            "rates": (wide < FAILED).sum(axis=1).to_numpy(),
        }
    )
    for name in ("shared", "best"):
        losses = found[f"{name}_nats"]
        found[f"{name}_gain"] = [gain_of_fall(losses.iloc[0], loss) for loss in losses]
    return found


def gain_of_fall(before_nats: float, after_nats: float) -> float:
    """Return the gain that a fall of the loss at one compute is worth, by the slope of the modern law between them."""
    return float(np.exp((before_nats - after_nats) / nats_per_log_compute((before_nats + after_nats) / 2.0)))


@cached
def retuned() -> pd.DataFrame:
    """Return each change of the modern transformer at the shared learning rate and each at its best one.

    Short runs of one compute. Columns: variant, shared_nats, best_nats, shared_gain, best_gain: of the modern one over
    the variant, by the slope of the modern law.
    """
    frame = tables.read("learning_rates")
    frame = frame[(frame["study"] == "october") & frame["loss_nats"].notna()]
    wide = frame.pivot_table(index="variant", columns="learning_rate", values="loss_nats")
    base, best = wide.loc["swiglu"], wide.min(axis=1)
    shared = base.idxmin()
    names = [name for name in wide.index if best[name] > base.min()]
    rows = [
        (
            name,
            wide.loc[name, shared],
            best[name],
            gain_of_fall(wide.loc[name, shared], base[shared]),
            gain_of_fall(best[name], base.min()),
        )
        for name in names
    ]
    return pd.DataFrame(rows, columns=["variant", "shared_nats", "best_nats", "shared_gain", "best_gain"])


@cached
def interaction() -> pd.DataFrame:
    """Return the product of single gains beside the gain of all together, from 2017 to today and from the LSTM.

    The gain together is by unrounded laws at a loss, with its 95% interval over resampled sizes. Columns: path,
    loss_nats, product, together, low, high, ratio (together over product), inside.
    """
    table = tables.read("ablations").set_index("id")["plotted_gain"]
    small = float(np.prod([small_gain(id) for id in SMALL]))
    rows = []
    for reference, product in (("retro", small), ("lstm", small * float(table["retro_vs_lstm_fit"]))):
        for loss in (families.ABLATION_LOSS, families.LOW_LOSS):
            found = families.gain_by_law(reference, "modern", loss)
            rows.append(
                (
                    reference,
                    loss,
                    product,
                    found["gain"],
                    found["low"],
                    found["high"],
                    found["gain"] / product,
                    found["inside"],
                )
            )
    return pd.DataFrame(rows, columns=["path", "loss_nats", "product", "together", "low", "high", "ratio", "inside"])


def small_gain(id: str) -> float:
    """Return the gain of a small innovation of the accounting as measured on its own."""
    return float(tables.read("innovations").set_index("id").loc[id, "gain"])


@cached
def split(together: float) -> pd.DataFrame:
    """Return three ways to divide the gain of all small changes among them.

    Single gains bound no division: each effect of the others on one is unknown. Columns: id, single; proportional (all
    logs shrunk alike, as published); shapley (the interaction taken as one of all changes, whose Shapley value is an
    equal part each); first and last (the change as the first and as the last of an order, if the interaction falls on
    whichever come later, all of it).
    """
    singles = pd.Series({id: np.log(small_gain(id)) for id in SMALL})
    missing = np.log(together) - singles.sum()
    frame = pd.DataFrame({"id": singles.index, "single": singles.to_numpy()})
    frame["proportional"] = singles.to_numpy() * np.log(together) / singles.sum()
    frame["shapley"] = singles.to_numpy() + missing / len(singles)
    frame["last"] = singles.to_numpy() + missing
    return frame.assign(**{name: np.exp(frame[name]) for name in ("single", "proportional", "shapley", "last")})


def products() -> dict[str, float]:
    """Return the gains of the ablations together: measured, and multiplied, without and with the optimiser."""
    table = tables.read("ablations").set_index("id")["plotted_gain"]
    small = float(np.prod([small_gain(id) for id in SMALL]))
    return {
        "measured": families.gain_by_law("retro", "modern", TARGET)["gain"],
        "multiplied": small,
        "with_optimiser": small * float(table["adam_vs_sgd"]),
    }
