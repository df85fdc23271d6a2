"""The robustness checks as tables to read: each with what is published and what its procedures give."""

from itertools import product

import pandas as pd

from algoprogress.show.estimate import NORMAL_975, Estimate
from algoprogress.show.words import written
from book.studies.robustness.study import CUTOFFS, HELD_DRAWS
from book.studies.verdicts import FOUND, MEANINGS, PUBLISHED, ledger_view, shown


def overview(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the checks: name, words, unit, id, published, protocol, converged, verdict (both, as badges), and each.

    They are listed in `data/shown_claims.csv`, where `mark` is the converged counterpart; KeyError if a claim lacks.
    """
    rows, lines = ledger.set_index("id"), []
    for check in shown(ledger, "robustness checks").itertuples():
        unit = check.found.unit
        published = Estimate.of_row(rows.loc[check.id], PUBLISHED, unit=unit)
        solved = Estimate.of_row(rows.loc[check.mark], FOUND, unit=unit) if check.mark else Estimate(float("nan"))
        lines.append((check.group, check.words, unit, check.id, published, check.found, solved))
    frame = pd.DataFrame(lines, columns=["name", "words", "unit", "id", "published", "protocol", "converged"])
    judged = rows.loc[frame["id"]].reset_index()
    return frame.assign(verdict=ledger_view(judged)["verdict"], **judged[list(MEANINGS)])


def to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `overview` to read."""
    titles = {"published": "published", "protocol": "stated procedure", "converged": "solved, papers"}
    words = frame["words"] + frame["unit"].map({"months": " (months)"}).fillna("")
    columns = {title: frame[name].map(_cell) for name, title in titles.items()}
    return pd.DataFrame({"check": frame["name"], "analysis": words, "verdict": frame["verdict"], **columns})


def _cell(found: Estimate) -> str:
    return str(found).replace(f" {found.unit.replace('^2', '²')}", "").replace("no progress", "∞")


def tally(frame: pd.DataFrame, question: str) -> pd.Series:
    """Return how many of the checks R1 to R22 got each verdict; a check counts by the worst of its claims."""
    places = {verdict: place for place, verdict in enumerate(MEANINGS[question])}  # what is not asked has none
    worst = frame[question].map(places).groupby(frame["name"]).max()
    return pd.Series({verdict: int((worst == place).sum()) for verdict, place in places.items()})


def exponents(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.held_exponents` to read, with and without a floor side by side.

    Where half of the draws make no progress, up to the error of counting them, a question mark stands for the middle.
    """
    first, floored = (frame[frame["floor"] == floor].set_index("paper") for floor in ("none", "by benchmark"))
    columns = {"exponents of": first.index}
    for name, column in (("of N", "alpha"), ("of D", "beta")):
        columns[name] = ["fitted" if pd.isna(value) else written(value, ".3f") for value in first[column]]
    columns["months, no floor"] = [_months(row) for row in first.itertuples()]
    columns["months, floor"] = [_months(row) for row in floored.itertuples()]
    columns["no progress, floor"] = floored["without_progress"].map("{:.0%}".format)
    columns["error, floor"] = ["1" if row.id == "free" else _cell(row.misfit) for row in floored.itertuples()]
    columns["floor, of the lowest loss"] = floored["floor_share"].map("{:.0%}".format)
    return pd.DataFrame(columns).reset_index(drop=True)


def middle(row) -> str:
    """Return the median months, a question mark if draws do not tell whether it is finite."""
    error = NORMAL_975 * 0.5 / HELD_DRAWS**0.5  # of a share of about half
    return "?" if abs(row.without_progress - 0.5) < error else _cell(row.months).split(" ")[0]


def _months(row) -> str:
    return f"{middle(row)} {_cell(row.months).split(' ', 1)[1]}"


def breaks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.breaks` to read."""
    before, after = (frame[frame["side"] == side].reset_index(drop=True) for side in ("before", "after"))
    months = {side: part["months"].map("{:.1f}".format) for side, part in (("before", before), ("after", after))}
    rise, faster = after["rise"].map("{:.2f}".format), after["faster"].map("{:.0%}".format)
    return after[["cutoff", "procedure"]].assign(**months, **{"rise of the rate": rise, "faster after": faster})


def printed_breaks(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the medians that the paper's figure shows before and after each cutoff: cutoff, side, months."""
    frame = pd.DataFrame(product(CUTOFFS, ("before", "after")), columns=["cutoff", "side"])
    ids = [f"ho.robust.r04.cut{row.cutoff}.{row.side}.protocol" for row in frame.itertuples()]
    return frame.assign(months=ledger.set_index("id").loc[ids, "published"].to_numpy())
