"""Compute-equivalent gains as tables to read and to draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.frontiers import runs
from algoprogress.show.words import written
from book.studies.ablations import study as ablation
from book.studies.accounting import study as accounting
from book.studies.attribution.tables import ends
from book.studies.scaling import study as families

COLLECTIONS = ("published", "reruns")
STEPS = {
    "00": "2017",
    "01": "learned positions",
    "02": "GELU",
    "03": "linear decay",
    "04": "pre-norm",
    "05": "AdamW",
    "06": "cosine",
    "07": "RMSNorm",
    "08": "SwiGLU",
    "09": "rotary",
    "10": "no dropout",
}
SEEDED = {
    "swiglu_vs_gelu": "swiglu",
    "rotary_vs_learned": "learned",
    "rotary_vs_sinusoidal": "sinusoidal",
    "rms_vs_layer": "rms",
    "pre_vs_post": "post",
}
ESTIMATORS = {
    "power law": "power law, floor 1.9",
    "floor": "power law, floor fitted",
    "envelope": "least loss so far",
    "isotonic": "isotonic, end points",
    "isoflop": "IsoFLOP minima",
}
SUPPORTED = 0.5  # share of resamples that must reach a loss for an interval to be shown


def points() -> pd.DataFrame:
    """Return the points of the figure of laws: those that none dominates, and the end of each run."""
    parts = []
    for collection in COLLECTIONS:
        for family in families.FAMILIES:
            found = families.of(family, collection)
            kept = runs.within(found, families.LEFT_TO)
            best = kept[runs.nondominated(*(kept[name].to_numpy(float) for name in runs.COLUMNS[1:]))]
            for frame, end in ((best.iloc[::4], False), (runs.end_points(kept), True)):
                parts.append(frame.assign(end=end))
    frame = pd.concat(parts, ignore_index=True)
    columns = ["collection", "family", "hidden_dim", "training_compute_flop", "above_nats", "end"]
    return frame.assign(above_nats=frame["loss_nats"] - families.FLOOR)[columns]


def lines() -> pd.DataFrame:
    """Return the laws of the figure on a grid of compute, with a mark within their fitted points."""
    parts, flop = [], np.geomspace(1e15, 1e19, 61)
    for collection in COLLECTIONS:
        choice = next(each for each in families.CHOICES if each.collection == collection)
        for family in families.FAMILIES:
            law = families.law(family, choice)
            low, high = law.support_flop
            parts.append(
                pd.DataFrame(
                    {
                        "collection": collection,
                        "family": family,
                        "training_compute_flop": flop,
                        "above_nats": law.coefficient * flop**law.exponent,
                        "inside": (flop >= low * 0.9) & (flop <= high * 1.1),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def laws(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the exponents of `families.laws` to read: a line a choice, a column a family."""
    cells = [ends(*row, ".3f") for row in zip(frame["exponent"], frame["low"], frame["high"], strict=True)]
    wide = frame.assign(cell=cells).pivot_table(index="choice", columns="family", values="cell", aggfunc="first")
    sizes = frame.pivot_table(index="choice", columns="family", values="sizes")
    names = list(dict.fromkeys(frame["choice"]))
    shown = {"choice": names}
    for family in families.FAMILIES:
        shown[families.NAMES[family]] = wide.loc[names, family].fillna("–").tolist()
    shown["sizes"] = [
        ", ".join(f"{value:.0f}" for value in sizes.loc[name, list(families.FAMILIES)].dropna()) for name in names
    ]
    return pd.DataFrame(shown)


def gains() -> pd.DataFrame:
    """Return `families.gains_in_range` of the three pairs, with the pair's name."""
    parts = [families.gains_in_range(*pair).assign(pair="_".join(pair)) for pair in families.PAIRS]
    return pd.concat(parts, ignore_index=True)


def estimators() -> pd.DataFrame:
    """Return the gain of each pair at two losses by each estimator, to read; a dash where there is no support."""
    parts = []
    for pair in families.PAIRS:
        frame = families.by_estimator(*pair, (families.ABLATION_LOSS, 5.0))
        cells = [_supported(row) for row in frame.itertuples()]
        wide = frame.assign(cell=cells).pivot_table(
            index="estimator", columns="loss_nats", values="cell", aggfunc="first"
        )
        wide = wide.loc[list(ESTIMATORS)].rename(columns=lambda loss: f"at {loss:g}").reset_index()
        name = f"{families.NAMES[pair[0]]} to {families.NAMES[pair[1]]}"
        parts.append(wide.assign(estimator=wide["estimator"].map(ESTIMATORS)).assign(pair=name))
    frame = pd.concat(parts, ignore_index=True)
    return frame[["pair", "estimator", *(name for name in frame.columns if name.startswith("at "))]]


def _supported(row) -> str:
    if not np.isfinite(row.gain):
        return "–"
    return ends(row.gain, row.low, row.high) if row.share >= SUPPORTED else written(row.gain)


def left_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `families.left_out` to read: the exponent of a family without each width, and the total that follows."""
    printed = {name: families.as_draw(families.law(name)) for name in ("lstm", "retro")}
    flop = float(accounting.frontier_compute_flop(accounting.LAST))
    rows = []
    for row in frame.itertuples():
        without = np.array([[row.coefficient, row.exponent, families.FLOOR]])
        total = "–"
        if row.family in printed:
            pair = printed | {row.family: without}
            total = written(accounting.totals(accounting.Accounting(pair["lstm"], pair["retro"]), flop)[0], ",.0f")
        rows.append((families.NAMES[row.family], str(row.hidden_dim), written(row.exponent, ".4f"), total))
    return pd.DataFrame(rows, columns=["family", "width left out", "exponent", "total in 2023"])


def bars() -> pd.DataFrame:
    """Return `ablation.bars` with the seeded runs of September beside: seeded, seeded_low, seeded_high.

    There the gain is that of the better over the worse; a variant that the paper has as the worse is turned round.
    """
    frame, seeds = ablation.bars(), ablation.seeded().set_index("variant")
    rows = []
    for id in frame["id"]:
        name = SEEDED.get(id)
        if name is None:
            rows.append((np.nan,) * 3)
            continue
        found = seeds.loc[name, ["low", "gain", "high"]].to_numpy(float)
        rows.append(tuple(found) if name in ("swiglu", "rms") else tuple(1.0 / found[::-1]))
    extra = pd.DataFrame(rows, columns=["seeded_low", "seeded", "seeded_high"], index=frame.index)
    return pd.concat([frame, extra], axis=1)


def bars_to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `bars` to read."""

    def cells(point: str, low: str, high: str) -> list[str]:
        return ["–" if np.isnan(row[point]) else ends(row[point], row[low], row[high]) for _, row in frame.iterrows()]

    return pd.DataFrame(
        {
            "better": frame["better"],
            "worse": frame["worse"],
            "published": cells("plotted", "low", "high"),
            "differs from one": np.where(frame["differs"], "yes", "no"),
            "October": cells("october", "october_low", "october_high"),
            "September, seeds": cells("seeded", "seeded_low", "seeded_high"),
        }
    )


def chain() -> pd.DataFrame:
    """Return `ablation.chain` with a short name of each step."""
    frame = ablation.chain()
    return frame.assign(name=[STEPS[variant[:2]] for variant in frame["variant"]])


def interaction(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `ablation.interaction` to read."""
    stars = ["" if inside else "\\*" for inside in frame["inside"]]
    rows = zip(frame["together"], frame["low"], frame["high"], strict=True)
    return pd.DataFrame(
        {
            "from": frame["path"].map(families.NAMES),
            "loss, nats": frame["loss_nats"].map("{:.3f}".format),
            "single gains multiplied": frame["product"].map(written),
            "together": [ends(*row) + star for row, star in zip(rows, stars, strict=True)],
        }
    )


def split(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `ablation.split` to read."""
    names = tables.read("innovations").set_index("id")["name"]
    return pd.DataFrame(
        {
            "change": frame["id"].map(names),
            "alone": frame["single"].map(written),
            "shrunk alike, as published": frame["proportional"].map(written),
            "Shapley, one joint interaction": frame["shapley"].map(written),
            "as the last, all of it": frame["last"].map(written),
        }
    )


def waterfall() -> pd.DataFrame:
    """Return the published factors in order of adoption, each from where the one before it ends: start, end."""
    flop = float(accounting.frontier_compute_flop(accounting.LAST))
    frame = accounting.factors(accounting.as_printed(), flop).sort_values("adopted", kind="stable", ignore_index=True)
    end = frame["factor"].cumprod()
    return frame.assign(start=end / frame["factor"], end=end)


def factors() -> pd.DataFrame:
    """Return the factors at the frontiers of 2023 and 2025 to read, with Chinchilla's in both directions."""
    shown, names = {}, tables.read("innovations").set_index("id")["name"]
    for year in (2023, 2025):
        flop = float(accounting.frontier_compute_flop(year))
        for direction, words in (("worse", "as published"), ("better", "consistent")):
            of = accounting.as_printed(direction=direction, printed_split=direction == "worse")
            frame = accounting.factors(of, flop).set_index("id")
            shown[f"{year}, {words}"] = [
                f"{written(row.factor, ',.3g' if row.factor < 100 else ',.0f')} ({written(100 * row.share, '.1f')}%)"
                for row in frame.loc[_order()].itertuples()
            ]
    return pd.DataFrame({"factor": [names[id] for id in _order()], **shown})


def _order() -> list[str]:
    return list(accounting.factors(accounting.as_printed(), 1e22)["id"])


def variants(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `accounting.compared` to read."""
    cells = [
        written(row.total, ",.0f") if np.isnan(row.low) else ends(row.total, row.low, row.high, ",.3g")
        for row in frame.itertuples()
    ]
    return pd.DataFrame(
        {
            "way to count": frame["name"],
            "total in 2023": cells,
            "where the LSTM's data end": frame["at_data_end"].map(lambda value: written(value, ".0f")),
            "depends on scale": [f"{100 * value:.0f}%" for value in frame["share"]],
        }
    )


def references(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `accounting.references` to read."""
    return pd.DataFrame(
        {
            "year": frame["year"].map("{:.0f}".format),
            "FLOP": frame["compute_flop"].map(lambda v: written(v, ".1e")),
            "over the LSTM": [ends(row.lstm, row.lstm_low, row.lstm_high, ",.3g") for row in frame.itertuples()],
            "over Kaplan's split": frame["kaplan"].map(lambda v: written(v, ".3g")),
            "over a dense transformer": frame["dense"].map(lambda v: written(v, ".3g")),
        }
    )


STATEMENTS = (  # statement of the paper, id that decides it, our verdict and reason in words
    ("Modern transformers gain on LSTMs at small scale", "gundlach.ceg_lstm_modern.loss_5277.direct", "supported"),
    (
        "The gain over LSTMs grows with scale, to today's transformer",
        "gundlach.exponent_gap.lstm_modern.reruns15",
        "supported by two sets of runs, not by the published window",
    ),
    (
        "The gain over LSTMs grows with scale, to the transformer of 2017",
        "gundlach.exponent_gap.lstm_retro.reruns15",
        "weakened: the reruns do not show it",
    ),
    (
        "From 2017 to today the gain does not depend on scale",
        "gundlach.exponent_gap.retro_modern.reruns15",
        "contradicted by the reruns",
    ),
    ("The total at the frontier of 2023", "gundlach.total_2023.interval", "not supported: any order of magnitude fits"),
    ("Most of it depends on scale", "gundlach.scale_dependent_share_2023", "weakened: none to nearly all"),
    ("Own ablations are worth less than ten times", "gundlach.ablations_under_10x", "supported"),
)


def statements(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's statements with the number that decides each and our verdict."""
    known = ledger.set_index("id")
    rows = []
    for statement, id, verdict in STATEMENTS:
        row = known.loc[id]
        spec = ".3f" if row["unit"] == "" else (".0%" if row["unit"] == "share" else ",.3g")
        rows.append((statement, row["statement"], ends(row["estimate"], row["low"], row["high"], spec), verdict))
    return pd.DataFrame(rows, columns=["the paper", "what decides", "estimate", "verdict"])
