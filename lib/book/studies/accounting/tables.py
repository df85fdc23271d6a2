"""The accounting as tables to read and to draw."""

import itertools

import pandas as pd

from algoprogress.show.words import written
from book.studies.accounting import sizes, study
from book.studies.scaling import study as scaling

DIRECTIONS = {"worse": "as published", "better": "consistent"}  # at whose compute Chinchilla's factor is taken


def steps() -> pd.DataFrame:
    """Return the published factors in order of adoption, each from where the one before it ends: start, end."""
    flop = float(study.frontier_compute_flop(study.LAST))
    frame = study.factors(study.as_printed(), flop).sort_values("adopted", kind="stable", ignore_index=True)
    end = frame["factor"].cumprod()
    return frame.assign(start=end / frame["factor"], end=end)


def factors() -> pd.DataFrame:
    """Return the factors at the frontiers of 2023 and 2025 to read, with Chinchilla's in both directions."""
    order = study.factors(study.as_printed(), 1e22)
    shown = {"factor": order["name"]}
    for year, (direction, words) in itertools.product((2023, 2025), DIRECTIONS.items()):
        found = study.factors(study.as_printed(direction=direction), float(study.frontier_compute_flop(year)))
        shown[f"{year}, {words}"] = [
            f"{written(row.factor, ',.3g' if row.factor < 100 else ',.0f')} ({written(100 * row.share, '.1f')}%)"
            for row in found.set_index("id").loc[order["id"]].itertuples()
        ]
    return pd.DataFrame(shown)


def variants(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.compared` to read."""
    totals = [each.text(",.3g" if each.bounded else ",.0f") for each in frame["total"]]
    end, share = frame["at_last_loss"].map("{:.0f}".format), frame["share"].map("{:.0%}".format)
    columns = {"way to count": frame["name"], "total in 2023": totals}
    return pd.DataFrame({**columns, "at the LSTM's last loss": end, "depends on scale": share})


def few_sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `sizes.compared` to read."""
    columns = {"way to count on few sizes": frame["how"], "total in 2023": frame["total"].map("{:,.3g}".format)}
    return pd.DataFrame({**columns, "interval": [each.covers for each in frame["total"]]})


def references(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.references` to read."""
    flop = [written(flop, ".1e") for flop in frame["compute_flop"]]
    shown = {"year": frame["year"].map(str), "FLOP": flop, "over the LSTM": frame["lstm"].map("{:,.3g}".format)}
    shown["over Kaplan's rule"] = frame["kaplan"].map("{:.3g}".format)
    shown["over a dense transformer"] = frame["dense"].map("{:.3g}".format)
    return pd.DataFrame(shown)


def widths_left_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `scaling.without_each_size` to read: exponent, and the total that follows."""
    keys, found = ["family", "hidden_dim"], sizes.left_out(float(study.frontier_compute_flop(study.LAST)))
    totals = frame[keys].merge(found, how="left", on=keys)["total"]
    shown = {"family": frame["family"].map(scaling.NAMES), "width left out": frame["hidden_dim"].map(str)}
    shown["exponent"] = [written(law.exponent, ".4f") for law in frame["law"]]
    return pd.DataFrame({**shown, "total in 2023": totals})
