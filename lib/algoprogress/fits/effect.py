"""What one's own evaluations do to the answer: the same fit and the same resamples, without them and with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data.own import joined
from algoprogress.data.sample import Sample
from algoprogress.fits import fit, resample
from algoprogress.fits import rates as progress
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import growth_rates, point_months
from algoprogress.laws.law import Law
from algoprogress.show.words import quantity, span, written
from book.studies.specifications import study as multiverse

ROWS = {
    "all": "top 3",
    "reviewed": "reviewed",
    "transformers": "transformers",
    "since-2017": "since 2017",
    "best": "top 1",
}  # as one types them, and as the specifications call them
DRAWS = 1_000
MOVES = 3  # coefficients that are named in words


@dataclass(frozen=True)
class Answer:
    """The doubling time by one law on one sample: of all rows, and median and 95% of resamples, in months."""

    label: str
    fit: Fit
    papers: int
    months: float
    low: float
    median: float
    high: float
    without_progress: float
    unconverged: float
    r_squared: float
    parameter_rate: float
    data_rate: float
    spread: pd.Series


@dataclass(frozen=True)
class Change:
    """The answer without one's own rows and with them; `own` rows were added, of which a sample `kept` some.

    `surprise_nats` is how far the kept rows lie above what the other rows predict for them, on average;
    `error_nats` and `own_error_nats` are root mean squared errors of that prediction for the book's rows and one's own.
    """

    before: Answer
    after: Answer | None
    by: str
    draws: int
    own: int = 0
    kept: int = 0
    surprise_nats: float = np.nan
    error_nats: float = np.nan
    own_error_nats: float = np.nan
    rescaled: bool = False

    def frame(self) -> pd.DataFrame:
        """Return a line an answer: label, rows, papers, months, median, low, high, rates, shares and R squared."""
        return pd.DataFrame([_line(each) for each in (self.before, self.after) if each is not None])

    def moves(self) -> pd.DataFrame:
        """Return the coefficients, most moved first: coefficient, before, after, spread, moved (in spreads).

        The spread is the standard deviation over the resamples without one's own rows. Empty without own rows.
        """
        if self.after is None:
            return pd.DataFrame(columns=["coefficient", "before", "after", "spread", "moved"])
        before, after = self.before.fit.params, self.after.fit.params
        frame = pd.DataFrame({"before": before, "after": after, "spread": self.before.spread})
        frame["moved"] = (after - before) / frame["spread"]
        order = frame["moved"].abs().sort_values(ascending=False).index
        return frame.loc[order].rename_axis("coefficient").reset_index()

    def to_read(self) -> pd.DataFrame:
        """Return the answers as a table of ready strings: a line a quantity, a column an answer."""
        shown = {each.label: _printed(each) for each in (self.before, self.after) if each is not None}
        return pd.DataFrame(shown).rename_axis("quantity").reset_index()

    def text(self) -> str:
        """Return the answers, and what moved, in lines to read."""
        law = self.before.fit.law
        lines = [
            f"law {law.id}: {law.name or law.capacity}; penalty {self.before.fit.penalty:g}; "
            f"{self.draws:,} resamples of {self.by}s"
        ]
        table = self.to_read()
        widths = [max(len(str(cell)) for cell in (name, *table[name])) for name in table]
        for row in (list(table), *table.itertuples(index=False)):
            cells = [
                str(cell).ljust(width) if not place else str(cell).rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            lines.append("  ".join(cells))
        return "\n".join([*lines, *self.remarks()])

    def remarks(self) -> list[str]:
        """Return sentences on what moved; none without own rows."""
        if self.after is None:
            return []
        said = [f"of your {self.own} rows {self.kept} are in this sample"]
        if not self.kept:
            return [*said, "so nothing moved"]
        gap = self.after.median - self.before.median
        width = self.before.high - self.before.low
        if np.isfinite(gap):
            share = f", {abs(gap) / width:.1%} of the width of the interval" if np.isfinite(width) and width else ""
            said.append(f"the median moved by {gap:+.2g} months{share}")
        side = "above" if self.surprise_nats > 0 else "below"
        said.append(
            f"your rows lie {abs(self.surprise_nats):.2f} nats {side} what the others predict for them "
            f"(error {self.own_error_nats:.2f}, of the others {self.error_nats:.2f})"
        )
        most = [f"{row.coefficient} {row.moved:+.2f}" for row in self.moves().head(MOVES).itertuples()]
        said.append("moved most, in standard deviations over resamples: " + ", ".join(most))
        if self.rescaled:
            said.append("one of your rows has the least model, corpus or date: constants are now relative to it")
        return said


def answer(
    law: Law,
    sample: Sample,
    *,
    label: str = "",
    penalty: float = fit.PENALTY,
    by: str = "paper",
    draws: int = DRAWS,
    seed: int = 0,
) -> Answer:
    """Return the doubling time by a law on a sample, by the global optimum, with resampled papers or rows.

    Raises LawError if the rows cannot identify the law.
    """
    best = fit.converged(law, sample, penalty=penalty, seed=seed)
    drawn = resample.bootstrap(law, sample, by=by, penalty=penalty, draws=draws, seed=seed)
    rates = growth_rates(drawn)
    low, median, high = progress.doubling_interval_months(rates)
    growth = progress.growth(law, best.reference, best.params.to_numpy())
    spread = pd.Series(drawn.params[drawn.converged].std(axis=0), index=list(drawn.names))
    return Answer(
        label,
        best,
        int(sample.frame["paper_id"].nunique()),
        point_months(best),
        low,
        median,
        high,
        float((rates <= 0).mean()),
        float((~drawn.converged).mean()),
        best.r_squared(sample),
        float(growth.parameters[0]),
        float(growth.data[0]),
        spread,
    )


def compared(
    law: Law,
    sample: Sample,
    own: pd.DataFrame | None = None,
    *,
    file: str = "own rows",
    rows: str = "all",
    penalty: float = fit.PENALTY,
    by: str = "paper",
    draws: int = DRAWS,
    seed: int = 0,
) -> Change:
    """Return the answer of a sample of published evaluations without one's own rows and with them.

    `own` is as `own_evaluations.read` returns it; `rows` is one of `ROWS` and holds for both. Raises ValueError for
    other rows or another `by`, DataError for an own row that the sample has already, LawError as `answer` does.
    """
    if rows not in ROWS:
        raise ValueError(f"rows {rows!r}: must be one of {', '.join(ROWS)}")
    chosen = multiverse.Specification(rows=ROWS[rows])
    base = multiverse.sample_of(chosen, sample)
    options = {"penalty": penalty, "by": by, "draws": draws, "seed": seed}
    before = answer(law, base, label=f"the {len(base)} rows", **options)
    if own is None:
        return Change(before, None, by, draws)
    wider = multiverse.sample_of(chosen, joined(sample, own, file=file))
    mine = wider.frame[wider.frame["row"] > sample.frame["row"].max()]
    after = answer(law, wider, label="with yours", **options)
    error = (base.frame["loss_nats"] - before.fit.predict(base.frame)).to_numpy()
    off = (mine["loss_nats"] - before.fit.predict(mine)).to_numpy() if len(mine) else np.array([np.nan])
    root = np.sqrt([np.mean(error**2), np.mean(off**2)])
    return Change(
        before,
        after,
        by,
        draws,
        len(own),
        len(mine),
        float(off.mean()),
        float(root[0]),
        float(root[1]),
        before.fit.reference != after.fit.reference,
    )


def spoken_moves(change: Change, most: int = 2 * MOVES) -> pd.DataFrame:
    """Return the coefficients that moved most as a table of ready strings: before, after, spread, moved."""
    frame = change.moves().head(most)
    places = {"before": ".3f", "after": ".3f", "spread": ".3f", "moved": ".2f"}
    shown = {name: [written(value, spec) for value in frame[name]] for name, spec in places.items()}
    return pd.DataFrame({"coefficient": [f"`{name}`" for name in frame["coefficient"]], **shown}).rename(
        columns={"moved": "moved, in spreads"}
    )


def _line(each: Answer) -> dict[str, object]:
    return {
        "law": each.fit.law.id,
        "sample": each.label,
        "rows": each.fit.rows,
        "papers": each.papers,
        "doubling_time_months": each.months,
        "median_months": each.median,
        "low_months": each.low,
        "high_months": each.high,
        "parameter_rate": each.parameter_rate,
        "data_rate": each.data_rate,
        "without_progress": each.without_progress,
        "unconverged": each.unconverged,
        "r_squared": each.r_squared,
        "objective": each.fit.objective,
        "converged": each.fit.converged,
        "penalty": each.fit.penalty,
    }


def _printed(each: Answer) -> dict[str, str]:
    return {
        "rows": f"{each.fit.rows}",
        "papers": f"{each.papers}",
        "doubling time, months, all rows": quantity(each.months, "months"),
        "median of resamples": quantity(each.median, "months"),
        "95% interval": span(each.low, each.high, "months"),
        "resamples without progress": f"{each.without_progress:.1%}",
        "resamples not converged": f"{each.unconverged:.1%}",
        "variance explained": f"{each.r_squared:.1%}",
    }
