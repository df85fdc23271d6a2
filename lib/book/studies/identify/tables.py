"""Turns what the data identify into tables to read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.fits.rates import doubling_time_months
from algoprogress.show.words import written

NAMES = {"compute": "effective compute", "parameters": "effective parameters", "data": "effective data"}


def months(rate: float) -> str:
    """Return a growth rate as its doubling time in months; no progress is infinite.

    >>> months(np.log(2.0)), months(-0.1)
    ('12.0', '∞')
    """
    return written(float(doubling_time_months(rate)), ".1f")


def intervals(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `identify.intervals` to read: rates and, for compute, doubling times."""
    compute = frame["rate"] == "compute"
    ranges = [
        f"{written(row.point)} [{written(row.low)}, {written(row.high)}]" for row in frame.itertuples(index=False)
    ]
    doubling = [
        f"{months(row.point)} [{months(row.high)}, {months(row.low)}]" if of else "–"
        for of, row in zip(compute, frame.itertuples(index=False), strict=True)
    ]
    cuts = [written(cut) if np.isfinite(cut) else "–" for cut in frame["cut"]]
    shown = {"rate of": frame["rate"].map(NAMES), "method": frame["method"], "per year [95%]": ranges}
    return pd.DataFrame({**shown, "months [95%]": doubling, "cut": cuts, "stretches": frame["pieces"].astype(str)})


def minima(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return results of `identify.minima` to read, one after the other; minima of a few starts only are left out."""
    frame = pd.concat(frames, ignore_index=True)
    frame = frame[frame["share"] >= 0.01]
    return pd.DataFrame(
        {
            "penalty": frame["penalty"].map("{:g}".format),
            "objective, nats²": frame["objective"].map("{:.5f}".format),
            "share of starts": frame["share"].map("{:.0%}".format),
            "parameters, per year": [written(value) for value in frame["parameters"]],
            "data, per year": [written(value) for value in frame["data"]],
            "compute, per year": [written(value) for value in frame["compute"]],
            "months": [written(value, ".1f") for value in frame["months"]],
        }
    )


def constants(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `identify.constants` to read: doubling times with the penalty and without."""
    with_penalty, without = (frame[frame["penalty"] == value] for value in (frame["penalty"].max(), 0.0))
    sizes = [[written(value, ".1e") for value in with_penalty[name]] for name in ("parameters", "tokens")]
    return pd.DataFrame(
        {
            "constants": with_penalty["constants"].tolist(),
            "parameters": sizes[0],
            "tokens": sizes[1],
            "year": with_penalty["year"].map("{:.1f}".format).tolist(),
            "months": [written(value, ".1f") for value in with_penalty["months"]],
            "next minimum": [written(value, ".1f") for value in with_penalty["other_months"]],
            "months, no penalty": [written(value, ".1f") for value in without["months"]],
        }
    )


def spectrum(frame: pd.DataFrame, *, loadings: int = 3) -> pd.DataFrame:
    """Return the result of `identify.spectrum` to read, each direction with its largest loadings."""
    parameters = frame.drop(columns=["direction", "eigenvalue", "spread", "log_doubling", "share"])
    shown = []
    for _, row in parameters.iterrows():
        largest = row.abs().nlargest(loadings).index
        shown.append(", ".join(f"{written(row[name])} {name}" for name in largest))
    return pd.DataFrame(
        {
            "direction": frame["direction"],
            "eigenvalue": [written(value, ".1e") for value in frame["eigenvalue"]],
            "largest loadings": shown,
            "standard deviation": frame["spread"].map("{:.3f}".format),
            "effect on ln months": frame["log_doubling"].map("{:.3f}".format),
            "share": frame["share"].map("{:.0%}".format),
        }
    )


def falls(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `identify.falls` to read: parts and sum of the yearly fall of the loss, and their ties."""
    shown = {"procedure": frame["procedure"]}
    for part, name in (("capacity", "through capacity"), ("data", "through data"), ("fall", "sum")):
        ends = zip(*(frame[f"{part}_{end}"] for end in ("median", "low", "high")), strict=True)
        shown[name] = [f"{written(a, '.3f')} [{written(b, '.3f')}, {written(c, '.3f')}]" for a, b, c in ends]
    shown["correlation"] = [written(value) for value in frame["correlation"]]
    shown["of ranks"] = [written(value) for value in frame["rank_correlation"]]
    shown["α + β > 0"] = frame["sign_share"].map("{:.1%}".format)
    shown["progress"] = frame["progress_share"].map("{:.1%}".format)
    return pd.DataFrame(shown)


def ridge(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `identify.ridge` to read."""
    written_columns = {
        name: [written(value, spec) for value in frame[column]]
        for name, column, spec in (
            ("α_year", "alpha_year", ".3f"),
            ("β_year", "beta_year", ".3f"),
            ("slope in theory", "theory", ".2f"),
            ("−capacity / data", "ratio", ".2f"),
            ("slope of the draws", "draws", ".2f"),
        )
    }
    return pd.DataFrame({"minimum": frame["minimum"], **written_columns, "share": frame["share"].map("{:.0%}".format)})
