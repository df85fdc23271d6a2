"""Figures and tables of the living benchmark: what each record took, and how fast each part falls at several losses."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import unpacked
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import written
from book.chart import log_axis, rows, words
from book.studies.speedrun import study

PART_ROLES = {"minutes": "published", "tokens": "ours", "minutes_per_token": "alternative"}
KINDS = {  # of change, as the table labels records and as this book writes them
    "Architecture": "architecture", "Optimizer": "optimiser", "Systems": "systems", "Hyperparameter": "hyperparameter",
}  # fmt: skip
PART_WORDS = {"minutes": "time", "tokens": "tokens", "minutes_per_token": "time per token"}


@house()
def records(frame: pd.DataFrame, bends: pd.DataFrame, pace_months: float) -> Figure:
    """Return each record over the last by part (`study.records`), with bent lines (`study.halving`) and a pace."""
    fig, ax = subplots(size="wide")
    for part, role in PART_ROLES.items():
        drawn, known = ROLES[role], frame.dropna(subset=part)
        dates, values = known["years_decimal"], known[part] / known[part].iloc[-1]
        ax.scatter(dates, values, s=12, color=drawn.colour, marker=drawn.marker, alpha=0.7, linewidth=0)
        pieces = unpacked(bends[bends["part"] == part])
        years = np.r_[pieces["start"], pieces["end"].iloc[-1]]
        falls = np.r_[0.0, np.cumsum((pieces["end"] - pieces["start"]) * 12.0 * np.log(2.0) / pieces["months"])]
        shift = (np.log(values) + np.interp(dates, years, falls)).mean()
        ax.plot(years, np.exp(shift - falls), color=drawn.colour, linestyle=drawn.line, linewidth=1.4)
        label(ax, years[0], np.exp(shift), PART_WORDS[part], role, offset=(-6, 6), ha="right", annotation_clip=False)
    years = np.array([frame["years_decimal"].min(), frame["years_decimal"].max()])
    pace = 2.0 ** (12.0 * (years[1] - years) / pace_months)
    ax.plot(years, pace, color=COLOURS["muted"], linewidth=1, linestyle=(0, (1, 2)))
    label(ax, years[0], pace[0], "pace of\nHo et al.", "muted", offset=(-6, -4), ha="right", annotation_clip=False)
    ax.set(yscale="log", xlim=(2023.95, 2026.7))
    halves = np.arange(2024.0, 2027.0, 0.5)
    ax.set_xticks(halves, [f"{'Jul' if each % 1 else 'Jan'} {int(each)}" for each in halves])
    ax.set(ylabel="times the last record (log scale)", xlabel="date of the record")
    log_axis(ax.yaxis, (1, 2, 5, 10, 20, 40))
    return fig


@house()
def losses(frame: pd.DataFrame) -> Figure:
    """Return the halving time of time and of tokens by target loss (`study.halving_at_losses`), 95% intervals."""
    fig, ax = subplots(size="column")
    edges, values = (2.5, 80.0), sorted(frame["loss_nats"].unique())
    for part, shift in (("minutes", 0.14), ("tokens", -0.14)):
        for row in frame[frame["part"] == part].itertuples():
            place = shift - values.index(row.loss_nats)
            interval(ax, place, row.months, PART_ROLES[part], edges, width=1.8, size=5.5)
    rows(ax, -np.arange(len(values)), [f"{value:.2f}" for value in values])
    ax.set(xscale="log", xlim=edges, xlabel="months to halve (log scale)", ylabel="target loss, nats per token")
    log_axis(ax.xaxis, (3, 6, 8, 12, 24, 48))
    words(ax, 0.0, 1.02, "◆ time", "published")
    words(ax, 0.25, 1.02, "● tokens", "ours")
    return fig


def halving_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.halving` to read: a line a part and choice of records."""
    lines = []
    for (first, part), group in frame.groupby(["first", "part"], sort=False):
        bend = group.iloc[-1]
        named = study.PARTS[part], study.BASELINES[first], f"{bend['records']}"
        lines.append((*named, *group["months"], bend["date"], written(bend["p_value"], ".4f")))
    months = ["months to halve", "before a bend", "after it"]
    columns = ["what falls", "records that count", "n", *months, "date of the bend", "p of no bend"]
    return pd.DataFrame(lines, columns=columns)


def flop_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.flop_parts` to read."""
    names = {"part": "what falls", "total": "times, first to last", "months": "months to halve"}
    return frame.assign(part=frame["part"].map(study.FLOP)).rename(columns=names)


def races_table() -> pd.DataFrame:
    """Return how many times a year each part falls in the race of the larger model and in the other meanwhile."""
    tracks = {"medium": "larger model, a year", "same time": "smaller model, the same months"}
    found = {words: [study.yearly(track, part) for part in study.RACED] for track, words in tracks.items()}
    return pd.DataFrame({"what falls": [study.FLOP[part] for part in study.RACED]} | found)


def losses_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.halving_at_losses` to read."""
    wide = frame.pivot_table("months", "loss_nats", "part", aggfunc="first").rename(index="{:.2f}".format)
    return wide.rename(columns={"minutes": "wall-clock time"}).rename_axis(columns=None).reset_index(names="loss, nats")


def largest_table() -> pd.DataFrame:
    """Return the eight records that saved most tokens, with the share of the whole fall that each is."""
    frame = study.records().dropna(subset="gain_tokens")
    logs = np.log(frame["gain_tokens"])
    frame = frame.assign(share=logs / logs.sum()).nlargest(8, "gain_tokens")
    specs = {"record": "{}", "publication_date": "{0.day}\xa0{0:%b\xa0%Y}", "gain_tokens": "{:.2f}", "share": "{:.0%}"}
    shown = pd.DataFrame({name: frame[name].map(spec.format) for name, spec in specs.items()})
    return shown.set_axis(["record", "date", "times fewer tokens", "share of the fall"], axis=1)
