"""What one's own evaluations do to the answer: the same fit and the same resamples, without them and with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.fits import fit, rates, resample
from algoprogress.fits.fit import Fit
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import quantity, written

ROWS = {
    "all": "all",
    "reviewed": "reviewed",
    "transformers": "transformers",
    "since-2017": "since 2017",
    "best": "best",
}  # as one types them, and as `Sample.rows` calls them
DRAWS = 1_000
MOVES = 3  # coefficients that are named in words


@dataclass(frozen=True)
class Answer:
    """The doubling time by one law on one sample, in months: `point` by all rows, `months` median and 95% of resamples.

    `spread` is the standard deviation of each coefficient over the resamples; the rates are yearly.
    """

    label: str
    fit: Fit
    papers: int
    point: float
    months: Estimate
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
        before, after = self.before.months, self.after.months
        gap, width = after.value - before.value, before.high - before.low
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
    growth = rates.growth(law, best.reference, best.params.to_numpy())
    return Answer(
        label=label,
        fit=best,
        papers=int(sample.frame["paper_id"].nunique()),
        point=rates.point_months(best),
        months=rates.doubling_time(drawn),
        without_progress=float((rates.growth_rates(drawn) <= 0).mean()),
        unconverged=float((~drawn.converged).mean()),
        r_squared=best.r_squared(sample),
        parameter_rate=float(growth.parameters[0]),
        data_rate=float(growth.data[0]),
        spread=pd.Series(drawn.params[drawn.converged].std(axis=0), index=list(drawn.names)),
    )


def compared(
    law: Law,
    sample: Sample,
    own: pd.DataFrame | None = None,
    *,
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
    base = sample.rows(ROWS[rows])
    options = {"penalty": penalty, "by": by, "draws": draws, "seed": seed}
    before = answer(law, base, label=f"the {len(base)} rows", **options)
    if own is None:
        return Change(before, None, by, draws)
    wider = (sample + own).rows(ROWS[rows])
    mine = wider.frame[wider.frame["row"] > sample.frame["row"].max()]
    after = answer(law, wider, label="with yours", **options)
    error = (base.frame["loss_nats"] - before.fit.predict(base.frame)).to_numpy()
    off = (mine["loss_nats"] - before.fit.predict(mine)).to_numpy() if len(mine) else np.array([np.nan])
    return Change(
        before=before,
        after=after,
        by=by,
        draws=draws,
        own=len(own),
        kept=len(mine),
        surprise_nats=float(off.mean()),
        error_nats=float(np.sqrt(np.mean(error**2))),
        own_error_nats=float(np.sqrt(np.mean(off**2))),
        rescaled=before.fit.reference != after.fit.reference,
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
        "doubling_time_months": each.point,
        "median_months": each.months.value,
        "low_months": each.months.low,
        "high_months": each.months.high,
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
        "doubling time, months, all rows": quantity(each.point, "months"),
        "median of resamples": quantity(each.months.value, "months"),
        "95% interval": each.months.span(),
        "resamples without progress": f"{each.without_progress:.1%}",
        "resamples not converged": f"{each.unconverged:.1%}",
        "variance explained": f"{each.r_squared:.1%}",
    }
