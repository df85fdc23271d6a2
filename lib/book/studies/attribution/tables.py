"""Where progress came from, as tables to read and to draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.fits import resample
from algoprogress.fits.rates import doubling_interval_months, growth_rates
from algoprogress.fits.resample import DRAWS
from algoprogress.laws import scaling as frontier
from algoprogress.show.words import written
from book.studies.attribution import sources
from book.studies.growth import compute as growth
from book.studies.robustness import study as robustness
from book.studies.selection import published as crossval
from book.studies.selection import study as selection

TERMS = ("2", "3", "5", "6", "7", "8", "9", "10", "12", "15")  # laws whose year stands in one term or both
PAIRS = (
    ("gundlach_lstm", "gundlach_modern"),
    ("gundlach_retro", "gundlach_modern"),
    ("gundlach_lstm", "gundlach_retro"),
    ("xlstm_transformer", "xlstm_xlstm"),
)
AT = (1e19, 1e21, 1e22, 3e23, 2.53e24, 1e25, 5e26)  # FLOP


def ends(middle: float, low: float, high: float, spec: str = ".2f") -> str:
    """Return a value with its interval in brackets.

    >>> ends(1.0, 0.5, float("inf"), ".1f")
    '1.0 [0.5, ∞]'
    """
    return f"{written(middle, spec)} [{written(low, spec)}, {written(high, spec)}]"


def compute_of_pairs(sample: Sample) -> pd.DataFrame:
    """Return the share of compute of the twelve pairs of the paper's table: published, and solved with intervals.

    Columns: start, end, published, median, low, high, over_half.
    """
    published = sources.published_shares(sample)[["start", "end", "compute"]].rename(columns={"compute": "published"})
    return sources.dominance(sample).merge(published, on=["start", "end"])


def published(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `sources.published_shares` to read."""
    names = {
        "parameters": "parameters",
        "data": "data",
        "parameter_efficiency": "parameter efficiency",
        "data_efficiency": "data efficiency",
        "compute": "compute in all",
    }
    shown = {
        "from": frame["start"],
        "to": frame["end"],
        "fall of perplexity": frame["fall_perplexity"].map(lambda value: written(value, ".2f")),
    }
    for column, name in names.items():
        shown[name] = frame[column].map(lambda value: written(100.0 * value, ".1f") + "%")
    return pd.DataFrame(shown)


def frontier_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `sources.frontier_shares` to read."""
    rows = zip(frame["median"], frame["low"], frame["high"], strict=True)
    return pd.DataFrame(
        {
            "from": frame["start"],
            "to": frame["end"],
            "year": frame["year"].map("{:.1f}".format),
            "share of algorithms": [ends(*row) for row in rows],
        }
    )


def across_specifications(sample: Sample) -> pd.DataFrame:
    """Return the share of compute of the paper's pairs over the laws and penalties that validation keeps.

    Columns: start, end, median, low, high (law 7, papers resampled), compute_low, compute_high (over specifications),
    specifications (how many validation keeps).
    """
    training = crossval.published_training(sample)
    scores = selection.scores(training, sample)
    kept = scores[scores["kept_by_row"]]
    chosen = kept[kept["law"].isin(TERMS)]
    pairs = tuple((row.law, float(row.penalty)) for row in chosen.itertuples())
    groups = sources.specification_shares(sample, pairs).groupby(["start", "end"])["compute"]
    wide = pd.DataFrame({"compute_low": groups.min(), "compute_high": groups.max()}).reset_index()
    return sources.dominance(sample).merge(wide, on=["start", "end"]).assign(specifications=len(kept))


def specifications(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `across_specifications` to read."""
    rows = zip(frame["median"], frame["low"], frame["high"], strict=True)
    ranges = zip(frame["compute_low"], frame["compute_high"], strict=True)
    return pd.DataFrame(
        {
            "from": frame["start"],
            "to": frame["end"],
            "law 7 [95%]": [ends(*row) for row in rows],
            "over laws and penalties": [f"{written(low)} to {written(high)}" for low, high in ranges],
        }
    )


def models_by_frontier() -> pd.DataFrame:
    """Return the models with a training compute: model, years_decimal, training_compute_flop, frontier (bool)."""
    models = sources.compute_models("all")
    largest = growth.frontier(models, top=sources.TOP)["model"]
    columns = ["model", "years_decimal", "training_compute_flop"]
    return models[columns].assign(frontier=models["model"].isin(largest))


def compute_growth(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `sources.compute_growth` to read."""
    lines = []
    for models, part in frame.groupby("models", sort=False):
        stretches = [ends(row.months, row.months_low, row.months_high, ".1f") for row in part.itertuples()]
        row = part.iloc[0]
        bend = ends(row["year"], row["year_low"], row["year_high"], ".1f")
        lines.append((models, str(row["rows"]), *stretches, bend, p_value(row["p_value"])))
    return pd.DataFrame(lines, columns=["models", "n", "straight", "before the bend", "after it", "bend", "p"])


def p_value(value: float) -> str:
    """Return a p value of a test with a thousand draws as it is written.

    >>> p_value(0.0), p_value(0.8471)
    ('below 0.001', '0.847')
    """
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def detectable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `acceleration.detectable` to read."""
    rows = zip(frame["rise"], frame["rise_low"], frame["rise_high"], strict=True)
    return pd.DataFrame(
        {
            "cutoff": frame["cutoff"].astype(str),
            "change": [ends(*row) for row in rows],
            "would show": frame["detectable"].map("{:.2f}".format),
        }
    )


def domains(sample: Sample) -> pd.DataFrame:
    """Return doubling times by field: as stated, recomputed where observations are public, and ours.

    Columns: name, measure, months, low_months, high_months, ends, source, role.
    """
    stated = tables.read("domains").assign(role="published")
    stated = stated.rename(columns={"field": "name"})
    found = sources.efficiency()
    ours = pd.DataFrame(
        {
            "name": "training to " + found["target"] + "'s level",
            "measure": "training compute",
            "months": found["months"],
            "low_months": found["low"],
            "high_months": found["high"],
            "ends": found["covers"],
            "source": "Hernandez & Brown 2020, recomputed",
            "role": "alternative",
        }
    )
    draws = resample.bootstrap(robustness.study("model7").law, sample, draws=DRAWS["paper"])
    low, median, high = doubling_interval_months(growth_rates(draws))
    last = {
        "name": "language models",
        "measure": "training compute at fixed loss",
        "months": median,
        "low_months": low,
        "high_months": high,
        "ends": "95%, papers resampled",
        "source": "this book",
        "role": "ours",
    }
    return pd.concat([stated, ours, pd.DataFrame([last])], ignore_index=True)


def domains_to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `domains` to read."""
    shown = {"field": frame["name"], "what doubles": frame["measure"]}
    for column, name in (("months", "months"), ("low_months", "low"), ("high_months", "high")):
        shown[name] = [written(value, ".0f") if pd.notna(value) else "–" for value in frame[column]]
    return pd.DataFrame({**shown, "ends": frame["ends"], "source": frame["source"]})


def transformer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `transformer.by_choice` to read, at two computes."""
    keys = ["form", "penalty", "flags"]
    near, far = (frame[frame["compute_flop"] == flop].set_index(keys) for flop in (1e20, 1e25))
    shown = far.reset_index()[keys].assign(penalty=lambda table: table["penalty"].map("{:g}".format))
    for name, part in (("gain at 10²⁰ FLOP", near), ("gain at 10²⁵ FLOP", far)):
        rows = zip(part["median"], part["low"], part["high"], strict=True)
        shown[name] = [" ".join(ends(*row, ",.1f").split()) for row in rows]
    rows = zip(far["years"], far["years_low"], far["years_high"], strict=True)
    return shown.assign(years=[ends(*row, ".1f") for row in rows])


def controlled() -> pd.DataFrame:
    """Return gains between architectures trained by one recipe, at the ends of the range of losses that both reach.

    Columns: reference, new, and those of `frontier.gain_at_loss`. Two laws whose ranges share no loss have one line
    without a gain.
    """
    known, parts = sources.laws(), []
    for reference, new in PAIRS:
        laws = (known[reference], known[new])
        losses = [frontier.optimal_loss(law, np.array(law.support_flop)) for law in laws]
        high, low = min(each.max() for each in losses), max(each.min() for each in losses)
        inner = [high - 1e-9, low + 1e-9] if high > low else [np.nan]  # a hair within, for the sake of rounding
        gains = frontier.gain_at_loss(*laws, inner)
        parts.append(gains.assign(reference=laws[0].name, new=laws[1].name, gain=frontier.masked(gains)))
    return pd.concat(parts, ignore_index=True)


def controlled_to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `controlled` to read."""
    shown = {"reference": frame["reference"], "new": frame["new"]}
    for column, name, spec in (
        ("loss_nats", "loss, nats", ".2f"),
        ("reference_flop", "FLOP of the reference", ".1e"),
        ("gain", "gain", ".2f"),
    ):
        shown[name] = [written(value, spec) if pd.notna(value) else "–" for value in frame[column]]
    return pd.DataFrame(shown)


def kaplan(frame: pd.DataFrame) -> pd.DataFrame:
    """Return gains over Kaplan's split at some computes, by law, a star where the law is extrapolated."""
    shown = {"FLOP": [written(flop, ".2g" if flop < 1e4 else ".1e") for flop in AT]}
    part = frame[frame["at"] == "worse"]
    for law, rows in part.groupby("law", sort=False):
        logs = np.log(rows["compute_flop"])
        cells = []
        for flop in AT:
            gain, low, high = (
                float(np.exp(np.interp(np.log(flop), logs, np.log(rows[name])))) for name in ("gain", "low", "high")
            )
            inside = rows.loc[rows["inside"], "compute_flop"]
            star = "" if len(inside) and inside.min() <= flop <= inside.max() else "\\*"
            cells.append((written(gain) if np.isnan(low) else ends(gain, low, high)) + star)
        shown[law] = cells
    return pd.DataFrame(shown)


def eras(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `sources.realised_eras` to read; groups of fewer than three models have no interval."""
    names = {"hoffmann2022": "Hoffmann, printed", "besiroglu": "Hoffmann, refitted", "porian": "Porian, refitted"}
    sides = {"all": "all", "under": "fewer tokens", "over": "more tokens"}
    shown = frame[["era"]].assign(side=frame["side"].map(sides), law=frame["law"].map(names), models=frame["models"])
    cells = []
    for row in frame.itertuples():
        few = "–" if row.models == 0 else written(row.median)
        cells.append(ends(row.median, row.low, row.high) if row.models >= 3 else few)
    wide = shown.assign(cell=cells, models=shown["models"].astype(str))
    table = wide.pivot_table(index=["era", "side"], columns="law", values="cell", aggfunc="first", sort=False)
    return table.rename_axis(columns=None).reset_index()
