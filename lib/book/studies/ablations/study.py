"""What one change of a small transformer is worth: the gain at a target loss, its noise, its grid, its learning rate.

Gundlach et al. 2025 compare two runs of a 64 wide transformer at one loss: the compute of the logged row nearest to it
in the one over that in the other, one seed each. The runs of their bars are not public; two earlier sets are.
"""

import numpy as np
import pandas as pd
from scipy.stats import t

from algoprogress.data import tables
from algoprogress.engine.cache import cached
from algoprogress.show.estimate import Estimate
from book.studies.scaling import study as scaling

TARGET = scaling.ABLATION_LOSS  # nats per token, of the published bars
EARLY_TARGET = 5.33  # nats per token, of an earlier figure; all seeded runs but the failed ones reach it
BASELINES = {"october": "baseline_modern", "september": {0.01: "gelu", 10**-2.5: "rotary"}}  # by learning rate
FAILED = 7.0  # nats per token, above which a short run has not learned
MEASURED = 1.33  # gain of all small changes together, as the paper has it
SEEDS = "95%, Student's t over seeds"
NOISE = "95%, seeds of an earlier set and the grid of logged rows"
OCTOBER = {  # run of October that undoes the change of a bar
    "adamw_vs_adam": "adamw_to_adam",
    "cosine_vs_invsqrt": "cosine_to_invsqrt",
    "cosine_vs_linear": "cosine_to_linear",
    "rms_vs_layer": "rmsnorm_to_layernorm",
    "swiglu_vs_gelu": "swiglu_to_gelu",
    "rotary_vs_learned": "rotary_to_learned",
    "rotary_vs_sinusoidal": "rotary_to_sinusoidal",
    "pre_vs_post": "pre_to_post_norm",
}
SEPTEMBER = {  # variant of September that makes or undoes the change of a bar
    "swiglu_vs_gelu": "swiglu",
    "rotary_vs_learned": "learned",
    "rotary_vs_sinusoidal": "sinusoidal",
    "rms_vs_layer": "rms",
    "pre_vs_post": "post",
}
BETTER = ("swiglu", "rms")  # variants of September that are the better ones of their bars
# Of the chain of changes, in order; the number of a step begins the name of its variant.
STEPS = ("2017", "learned positions", "GELU", "linear decay", "pre-norm", "AdamW", "cosine", "RMSNorm", "SwiGLU")
STEPS += ("rotary", "no dropout")


def reached(runs: pd.DataFrame, loss_nats: float) -> float:
    """Return the least training compute in FLOP at which any of the runs has reached a loss; infinite if none has.

    Between two checkpoints of a run the loss is taken as a straight line in ln compute.
    """
    best = np.inf
    for _, run in runs.groupby("run", sort=False):
        compute, loss = np.log(run["training_compute_flop"].to_numpy(float)), run["loss_nats"].to_numpy(float)
        below = np.flatnonzero(loss <= loss_nats)
        if not len(below):
            continue
        first = below[0]
        at = compute[first]
        if first and loss[first - 1] > loss[first]:
            at = np.interp(-loss_nats, [-loss[first - 1], -loss[first]], [compute[first - 1], compute[first]])
        best = min(best, float(np.exp(at)))
    return best


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

    Columns: variant, nearest (gain by nearest rows, as published), gain (by lines between rows; nan where the variant's
    run does not reach the loss), final_loss_nats.
    """
    found = {key[0]: run for key, run in curves("october").items()}
    base = found[BASELINES["october"]]
    rows = []
    for name, run in found.items():
        nearest = nearest_row_flop(run, loss_nats) / nearest_row_flop(base, loss_nats)
        gain = reached(run, loss_nats) / reached(base, loss_nats)
        rows.append((name, nearest, gain if np.isfinite(gain) else np.nan, float(run["loss_nats"].iloc[-1])))
    return pd.DataFrame(rows, columns=["variant", "nearest", "gain", "final_loss_nats"])


@cached
def seeded(loss_nats: float = EARLY_TARGET) -> pd.DataFrame:
    """Return ln compute to a loss by variant of September over its seeds, and the gain over its forerunner.

    Runs are compared at the same learning rate. Columns: variant, learning_rate, seeds, mean, sd (of ln FLOP), gain
    (forerunner over variant, 95% by Student's t over seeds), final_sd_nats (of the final losses).
    """
    every = pd.DataFrame(
        [
            (*key, reached(run, loss_nats), run["loss_nats"].iloc[-1])
            for key, run in curves("september").items()
            if key[1] > 0
        ],
        columns=["variant", "seed", "learning_rate", "flop", "final"],
    )
    every, rows = every[np.isfinite(every["flop"])], []
    for (variant, rate), part in every.groupby(["variant", "learning_rate"], sort=False):
        if len(part) >= 2:
            logs = np.log(part["flop"])
            rows.append((variant, rate, len(part), logs.mean(), logs.std(), part["final"].std()))
    frame = pd.DataFrame(rows, columns=["variant", "learning_rate", "seeds", "mean", "sd", "final_sd_nats"])
    base = BASELINES["september"]
    names = [base[min(base, key=lambda known: abs(known - rate))] for rate in frame["learning_rate"]]
    other = frame.set_index("variant").loc[names].reset_index()
    gap = other["mean"] - frame["mean"]
    spread = pooled_sd(frame) * np.sqrt(1.0 / frame["seeds"] + 1.0 / other["seeds"])
    wide = t.ppf(0.975, degrees_of_freedom(frame)) * spread
    gains = zip(np.exp(gap), np.exp(gap - wide), np.exp(gap + wide), strict=True)
    return frame.assign(gain=[Estimate(*each, SEEDS) for each in gains])


def pooled_sd(frame: pd.DataFrame) -> float:
    """Return the standard deviation between seeds of ln compute to a loss, pooled over the variants of `seeded`."""
    free = frame["seeds"] - 1
    return float(np.sqrt((free * frame["sd"] ** 2).sum() / free.sum()))


def degrees_of_freedom(frame: pd.DataFrame) -> int:
    """Return the degrees of freedom of `pooled_sd`."""
    return int((frame["seeds"] - 1).sum())


def grid_step() -> float:
    """Return the step in ln compute between logged rows at the target of the published bars.

    The least ratio above one of their stated computes: the bars of two schedules lie one row past the baseline.
    """
    table = tables.read("ablations")
    ratios = (table["worse_flop"] / table["better_flop"]).dropna()
    return float(np.log(ratios[ratios > 1.0].min()))


def bar_error() -> float:
    """Return how far the 95% interval of a ln gain between two runs of one seed each reaches to either side.

    The variance is twice that between seeds, and twice that of rounding to a logged row: a twelfth of its step squared.
    """
    frame = seeded()
    return t.ppf(0.975, degrees_of_freedom(frame)) * np.sqrt(
        2.0 * pooled_sd(frame) ** 2 + 2.0 * grid_step() ** 2 / 12.0
    )


def early_bars() -> pd.Series:
    """Return the bars of the paper's earlier figure, at a loss of 5.33 and by nearest rows, from the runs of October.

    The optimiser and the LSTM are runs of the snapshot. Index: what is compared.
    """
    found = october(EARLY_TARGET).set_index("variant")["nearest"]
    base = next(run for key, run in curves("october").items() if key[0] == BASELINES["october"])
    single = {}
    for name, size in (("sgd", 64), ("lstm", 80)):
        known = scaling.of(name, "snapshot")
        run = known[known["hidden_dim"] == size]
        single[name] = nearest_row_flop(run, EARLY_TARGET) / nearest_row_flop(base, EARLY_TARGET)
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
    """Return the published gains of single changes beside the same change in two other sets of runs, largest first.

    Columns: id, better, worse, published (as plotted), gain (of the stated computes), differs (the published gain from
    one), october (one seed), september (over seeds); a change without a run there is an estimate of nan. The first
    three intervals are 95%, by `bar_error`.
    """
    table = tables.read("ablations")
    table = table[(table["scale_dependent"] == 0) & table["plotted_gain"].notna()]
    table = table[~table["id"].isin(["modern_vs_retro_fit", "learned_vs_sinusoidal"])]
    table = table.sort_values("plotted_gain", ascending=False, ignore_index=True)
    wide, again, seeds = bar_error(), october().set_index("variant")["gain"], seeded().set_index("variant")["gain"]

    def estimated(gain: float) -> Estimate:
        return Estimate(gain, gain * np.exp(-wide), gain * np.exp(wide), NOISE)

    def over_seeds(id: str) -> Estimate:
        variant = SEPTEMBER.get(id)
        found = Estimate.untestable(SEEDS) if variant is None else seeds[variant]
        return found if variant in BETTER else found.map(lambda gain: 1.0 / gain)

    return table[["id", "better", "worse"]].assign(
        published=[estimated(gain) for gain in table["plotted_gain"]],
        gain=[estimated(gain) for gain in table["gain"]],
        differs=np.log(table["plotted_gain"]).abs() > wide,
        october=[estimated(again.get(OCTOBER.get(id, ""), np.nan)) for id in table["id"]],
        september=[over_seeds(id) for id in table["id"]],
    )


@cached
def chain() -> pd.DataFrame:
    """Return the final loss after each change from a transformer of 2017, at one learning rate and at the best one.

    All runs have the same compute. Columns: variant, name, shared_nats (at the rate at which no run failed), best_nats,
    rates (that ended well), and shared_gain and best_gain over the first line, by the slope of the modern law at the
    mean of the two losses: a conversion, not a measurement.
    """
    frame = tables.read("learning_rates")
    frame = frame[(frame["study"] == "history") & frame["loss_nats"].notna()]
    wide = frame.pivot_table(index="variant", columns="learning_rate", values="loss_nats")
    shared = wide.max().idxmin()  # the rate whose worst run is the best: no run failed there
    found = pd.DataFrame({"shared_nats": wide[shared], "best_nats": wide.min(axis=1)}).reset_index()
    found.insert(1, "name", [STEPS[int(variant[:2])] for variant in found["variant"]])
    found["rates"] = (wide < FAILED).sum(axis=1).to_numpy()
    for name in ("shared", "best"):
        losses = found[f"{name}_nats"]
        found[f"{name}_gain"] = [gain_of_fall(losses.iloc[0], loss) for loss in losses]
    return found


def gain_of_fall(before_nats: float, after_nats: float) -> float:
    """Return the gain that a fall of the loss at one compute is worth, by the slope of the modern law between them."""
    law, middle = scaling.law("modern"), (before_nats + after_nats) / 2.0
    nats_per_log_compute = -law.exponent * (middle - law.floor)
    return float(np.exp((before_nats - after_nats) / nats_per_log_compute))


def small_gains() -> pd.Series:
    """Return the gain of each small innovation of the accounting as measured on its own, by id."""
    table = tables.read("innovations")
    return table[table["kind"].isin(["ablation", "omitted"])].set_index("id")["gain"]


def interaction_exponent(measured: float = MEASURED) -> float:
    """Return the exponent that shrinks the product of the small gains to their measured gain together."""
    return float(np.log(measured) / np.log(small_gains().prod()))


def plotted(id: str) -> float:
    """Return the gain of a bar of the paper as plotted."""
    return float(tables.read("ablations").set_index("id").loc[id, "plotted_gain"])


def product_with_optimiser() -> Estimate:
    """Return the product of the small gains and of the optimiser's, with the errors of its seven bars."""
    wide = bar_error() * np.sqrt(7.0)
    value = float(small_gains().prod()) * plotted("adam_vs_sgd")
    return Estimate(value, value * np.exp(-wide), value * np.exp(wide), NOISE)


@cached
def interaction() -> pd.DataFrame:
    """Return the product of single gains beside the gain of all together, from 2017 to today and from the LSTM.

    The gain together is by unrounded laws at a loss, with its 95% interval over resampled sizes. Columns: path,
    loss_nats, product, together, ratio (together over product), inside (the fitted points of both laws).
    """
    small, rows = float(small_gains().prod()), []
    for reference, product in (("retro", small), ("lstm", small * plotted("retro_vs_lstm_fit"))):
        for loss in (scaling.ABLATION_LOSS, scaling.LOW_LOSS):
            together, inside = (f(reference, "modern", loss) for f in (scaling.gain_by_law, scaling.inside))
            rows.append((reference, loss, product, together, together.value / product, inside))
    return pd.DataFrame(rows, columns=["path", "loss_nats", "product", "together", "ratio", "inside"])


def split(together: float) -> pd.DataFrame:
    """Return three ways to divide the gain of all small changes among them.

    Single gains bound no division: each effect of the others on one is unknown. Columns: id, single; proportional (all
    logs shrunk alike, as published); shapley (the interaction taken as one of all changes, whose Shapley value is an
    equal part each); last (the change as the last of an order, if the interaction falls all on it).
    """
    singles = np.log(small_gains())
    missing = np.log(together) - singles.sum()
    logs = {
        "single": singles,
        "proportional": singles * np.log(together) / singles.sum(),
        "shapley": singles + missing / len(singles),
        "last": singles + missing,
    }
    return np.exp(pd.DataFrame(logs)).rename_axis("id").reset_index()
