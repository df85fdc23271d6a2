"""What one change of a small transformer is worth: the gain at a target loss, its noise, its grid, its learning rate.

Gundlach et al. 2025 compare two runs of a 64 wide transformer at one loss: the compute of the logged row nearest to it
in the one over that in the other, one seed each. The runs of their bars are not public; two earlier sets are.
"""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from algoprogress.data import tables
from algoprogress.engine.cache import cached
from algoprogress.show.estimate import Estimate
from book.studies.scaling import study as scaling

TARGET = scaling.ABLATION_LOSS  # nats per token, of the published bars
EARLY_TARGET = 5.33  # nats per token, of an earlier figure; all seeded runs but the failed ones reach it
BASELINE = "baseline_modern"  # variant of October
FORERUNNERS = {0.01: "gelu", 0.0031623: "rotary"}  # variants of September, by learning rate
FAILED = 7.0  # nats per token, above which a short run has not learned
MEASURED = 1.33  # gain of all small changes together, as the paper has it
SEEDS = "95%, Student's t over seeds"
NOISE = "95%, seeds of an earlier set and the grid of logged rows"
RUNS = {  # by bar: the run of October that undoes its change, and the variant of September that makes or undoes it
    "adam_vs_sgd": ("", ""), "adamw_vs_adam": ("adamw_to_adam", ""),
    "cosine_vs_invsqrt": ("cosine_to_invsqrt", ""), "cosine_vs_linear": ("cosine_to_linear", ""),
    "rms_vs_layer": ("rmsnorm_to_layernorm", "rms"), "swiglu_vs_gelu": ("swiglu_to_gelu", "swiglu"),
    "rotary_vs_learned": ("rotary_to_learned", "learned"),
    "rotary_vs_sinusoidal": ("rotary_to_sinusoidal", "sinusoidal"), "pre_vs_post": ("pre_to_post_norm", "post"),
}  # fmt: skip
MULTIPLIED = ("rotary_vs_sinusoidal", "cosine_vs_invsqrt", "pre_vs_post", "rms_vs_layer", "swiglu_vs_gelu")
MULTIPLIED += ("adam_vs_sgd",)
BETTER = ("swiglu", "rms")  # variants of September that are the better ones of their bars
# Of the chain of changes, in order; the number of a step begins the name of its variant.
STEPS = ("2017", "learned positions", "GELU", "linear decay", "pre-norm", "AdamW", "cosine", "RMSNorm", "SwiGLU")
STEPS += ("rotary", "no dropout")


def reached(run: pd.DataFrame, loss_nats: float) -> float:
    """Return the least FLOP at which a run reached a loss, by straight lines in ln compute; infinite if it did not."""
    compute, loss = np.log(run["training_compute_flop"].to_numpy(float)), run["loss_nats"].to_numpy(float)
    below = np.flatnonzero(loss <= loss_nats)
    if not len(below):
        return np.inf
    last = below[0] + 1
    around = slice(max(last - 2, 0), last)
    return float(np.exp(np.interp(-loss_nats, -loss[around], compute[around])))


def nearest_row_flop(run: pd.DataFrame, loss_nats: float) -> float:
    """Return the compute of the logged row whose loss is nearest to a target, as the paper has it."""
    return float(run["training_compute_flop"].iloc[int((run["loss_nats"] - loss_nats).abs().to_numpy().argmin())])


def curves(collection: str) -> dict[tuple, pd.DataFrame]:
    """Return the runs of a collection by variant, seed and learning rate, in order of compute."""
    frame = tables.read("ablation_runs").query("collection == @collection").sort_values("tokens")
    return dict(iter(frame.groupby(["variant", "seed", "learning_rate"], sort=False)))


def october_runs() -> dict[str, pd.DataFrame]:
    """Return the runs of October, of which each variant has one."""
    return {variant: run for (variant, *_), run in curves("october").items()}


@cached
def october(loss_nats: float = TARGET) -> pd.DataFrame:
    """Return what each change of the modern transformer costs in compute at a loss, one seed.

    Columns: variant, nearest (gain, as published), gain (by lines between rows; nan if not reached), final_loss_nats.
    """
    runs, rows = october_runs(), []
    for name, run in runs.items():
        nearest, gain = (f(run, loss_nats) / f(runs[BASELINE], loss_nats) for f in (nearest_row_flop, reached))
        rows.append((name, nearest, gain if np.isfinite(gain) else np.nan, float(run["loss_nats"].iloc[-1])))
    return pd.DataFrame(rows, columns=["variant", "nearest", "gain", "final_loss_nats"])


@cached
def seeded(loss_nats: float = EARLY_TARGET) -> pd.DataFrame:
    """Return ln compute to a loss by variant of September over its seeds, and the forerunner's over it at its rate.

    Columns: variant, learning_rate, seeds, mean, sd (of ln FLOP), gain (95%, Student's t over seeds), final_sd_nats.
    """
    rows = [(*key, reached(run, loss_nats), run["loss_nats"].iloc[-1]) for key, run in curves("september").items()]
    runs = pd.DataFrame(rows, columns=["variant", "seed", "learning_rate", "flop", "final"])
    runs = runs[(runs["seed"] > 0) & np.isfinite(runs["flop"])].assign(log=np.log(runs["flop"]))
    groups = runs.groupby(["variant", "learning_rate"], sort=False)
    named = {"seeds": ("log", "size"), "mean": ("log", "mean"), "sd": ("log", "std"), "final_sd_nats": ("final", "std")}
    frame = groups.agg(**named).query("seeds >= 2").reset_index()
    other = frame.set_index("variant").loc[frame["learning_rate"].map(FORERUNNERS)].reset_index()
    gap = other["mean"] - frame["mean"]
    wide = student(frame) * pooled_sd(frame) * np.sqrt(1.0 / frame["seeds"] + 1.0 / other["seeds"])
    gains = zip(np.exp(gap), np.exp(gap - wide), np.exp(gap + wide), strict=True)
    return frame.assign(gain=[Estimate(*each, SEEDS) for each in gains])


def pooled_sd(frame: pd.DataFrame) -> float:
    """Return the standard deviation between seeds of ln compute to a loss, pooled over the variants of `seeded`."""
    free = frame["seeds"] - 1
    return float(np.sqrt((free * frame["sd"] ** 2).sum() / free.sum()))


def student(frame: pd.DataFrame) -> float:
    """Return the 97.5% quantile of Student's t with the degrees of freedom of `pooled_sd`."""
    return float(stdtrit((frame["seeds"] - 1).sum(), 0.975))


def grid_step() -> float:
    """Return the step in ln compute between logged rows at the target: the least ratio above one of stated computes."""
    table = tables.read("ablations")
    ratios = (table["worse_flop"] / table["better_flop"]).dropna()
    return float(np.log(ratios[ratios > 1.0].min()))


def bar_error() -> float:
    """Return how far the 95% interval of a ln gain between two runs of one seed each reaches to either side.

    The variance is twice that between seeds, and twice that of rounding to a logged row: a twelfth of its step squared.
    """
    frame = seeded()
    return student(frame) * np.sqrt(2.0 * pooled_sd(frame) ** 2 + 2.0 * grid_step() ** 2 / 12.0)


def early_bars() -> pd.Series:
    """Return the bars of an earlier figure, at 5.33 nats by nearest rows: October's runs, two of the snapshot."""
    found = october(EARLY_TARGET).set_index("variant")["nearest"]
    gains = {"swiglu_gelu": found["swiglu_to_gelu"], "invsqrt": found["cosine_to_invsqrt"]}
    gains |= {"learned": found["rotary_to_learned"], "post": found["pre_to_post_norm"]}
    gains["gelu_relu"] = found["swiglu_to_relu"] / found["swiglu_to_gelu"]
    base = nearest_row_flop(october_runs()[BASELINE], EARLY_TARGET)
    for name, size in (("sgd", 64), ("lstm", 80)):
        runs = scaling.of(name, "snapshot")
        gains[name] = nearest_row_flop(runs[runs["hidden_dim"] == size], EARLY_TARGET) / base
    return pd.Series(gains)


@cached
def bars() -> pd.DataFrame:
    """Return the published gains of single changes beside the same change in two other sets of runs, largest first.

    Columns: id, better, worse, differs (the published gain from one), and estimates: published (as plotted), gain (of
    stated computes), october (one seed), september (over seeds), nan without such a run.
    """
    table = tables.read("ablations").query("scale_dependent == 0 and id != 'modern_vs_retro_fit'")
    table = table.dropna(subset="plotted_gain").sort_values("plotted_gain", ascending=False, ignore_index=True)
    wide, again, seeds = bar_error(), october().set_index("variant")["gain"], seeded().set_index("variant")["gain"]

    def estimated(gain: float) -> Estimate:
        return Estimate(gain, gain * np.exp(-wide), gain * np.exp(wide), NOISE)

    def over_seeds(variant: str) -> Estimate:
        found = seeds.get(variant, Estimate.untestable(SEEDS))
        return found if variant in BETTER else found.map(lambda gain: 1.0 / gain)

    return table[["id", "better", "worse"]].assign(
        published=[estimated(gain) for gain in table["plotted_gain"]],
        gain=[estimated(gain) for gain in table["gain"]],
        differs=np.log(table["plotted_gain"]).abs() > wide,
        october=[estimated(again.get(RUNS[id][0], np.nan)) for id in table["id"]],
        september=[over_seeds(RUNS[id][1]) for id in table["id"]],
    )


@cached
def chain() -> pd.DataFrame:
    """Return the final loss after each change from a transformer of 2017, all with the same compute.

    Columns: variant, name, shared_nats (at the rate at which no run failed), best_nats, rates (that ended well), and
    shared_gain and best_gain over the first line, converted by the slope of the modern law between the two losses.
    """
    frame = tables.read("learning_rates").query("study == 'history'").dropna(subset="loss_nats")
    wide = frame.pivot_table(index="variant", columns="learning_rate", values="loss_nats")
    shared = wide.max().idxmin()  # the rate whose worst run is the best: no run failed there
    found = pd.DataFrame({"shared_nats": wide[shared], "best_nats": wide.min(axis=1)}).reset_index()
    found.insert(1, "name", [STEPS[int(variant[:2])] for variant in found["variant"]])
    found["rates"] = (wide < FAILED).sum(axis=1).to_numpy()
    law = scaling.law("modern")
    for name in ("shared", "best"):
        losses = found[f"{name}_nats"]
        nats_per_log_compute = -law.exponent * ((losses[0] + losses) / 2.0 - law.floor)
        found[f"{name}_gain"] = np.exp((losses[0] - losses) / nats_per_log_compute)
    return found


def small_gains() -> pd.Series:
    """Return the gain of each small innovation of the accounting as measured on its own, by id."""
    table = tables.read("innovations")
    return table[table["kind"].isin(["ablation", "omitted"])].set_index("id")["gain"]


def interaction_exponent(measured: float = MEASURED) -> float:
    """Return the exponent that shrinks the product of the small gains to their measured gain together."""
    return float(np.log(measured) / np.log(small_gains().prod()))


def bar(id: str, column: str = "plotted_gain") -> float:
    """Return the gain of a bar of the paper as plotted, or as `gain` by the stated computes of its runs."""
    return float(tables.read("ablations").set_index("id").loc[id, column])


def product_error() -> float:
    """Return how far the 95% interval of the ln of the product of `MULTIPLIED` reaches to either side.

    Bars over one baseline run share its noise, so that of k such bars it counts k squared times and not k.
    """
    shared = tables.read("ablations").set_index("id").loc[list(MULTIPLIED)].groupby("better_flop").size()
    return bar_error() * np.sqrt((len(MULTIPLIED) + (shared**2).sum()) / 2.0)


def product_with_optimiser() -> Estimate:
    """Return the product of the small gains and of Adam's, whose SGD ends above the loss, with errors of the bars."""
    value = float(small_gains().prod()) * bar("adam_vs_sgd", "gain")
    return Estimate(value, *(value * np.exp(np.array([-1.0, 1.0]) * product_error())), NOISE)


@cached
def interaction() -> pd.DataFrame:
    """Return the product of single gains beside the gain of all together by unrounded laws, 95% over sizes.

    Columns: path, loss_nats, product, together, ratio (together over product), inside (the fitted points of both laws).
    """
    small, rows = float(small_gains().prod()), []
    for reference, product in (("retro", small), ("lstm", small * bar("retro_vs_lstm_fit"))):
        for loss in (scaling.ABLATION_LOSS, scaling.LOW_LOSS):
            together, inside = (f(reference, "modern", loss) for f in (scaling.gain_by_law, scaling.inside))
            rows.append((reference, loss, product, together, together.value / product, inside))
    return pd.DataFrame(rows, columns=["path", "loss_nats", "product", "together", "ratio", "inside"])


def split(together: float) -> pd.DataFrame:
    """Return three ways to divide the gain of all small changes among them, as single gains bound no division.

    Columns: id, single, proportional (all logs shrunk alike, as published), shapley (the interaction is one of all and
    falls on them in equal parts), last (it falls all on the change, as the last of an order).
    """
    singles = np.log(small_gains())
    missing = np.log(together) - singles.sum()
    logs = {"single": singles, "proportional": singles * np.log(together) / singles.sum()}
    logs |= {"shapley": singles + missing / len(singles), "last": singles + missing}
    return np.exp(pd.DataFrame(logs)).rename_axis("id").reset_index()
