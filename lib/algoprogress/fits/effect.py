"""What one's own evaluations do to the answer: the same fit and the same resamples, without them and with them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.data.sample import Sample
from algoprogress.fits import fit, likelihood, rates, resample
from algoprogress.fits.fit import Fit
from algoprogress.fits.resample import Draws
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate
from algoprogress.show.page import Drawn, Page
from algoprogress.show.style import encoded, house, interval, plain_ticks, subplots
from algoprogress.show.words import quantity

# As one types them, and as `Sample.rows` calls them.
ROWS = {each.replace(" ", "-"): each for each in ("all", "reviewed", "transformers", "since 2017", "best")}
DRAWS = 1_000
LIKELY = {False: "by likelihood, neither efficiency falls", True: "by likelihood, either may fall"}
MOVES = 3  # coefficients that are named in words


@dataclass(frozen=True)
class Answer:
    """The doubling time by one law on one sample, by a fit to all its rows and by resamples.

    `likely` has that by `likelihood`, if it was asked for, by whether an efficiency may fall.
    """

    label: str
    sample: Sample
    fit: Fit
    draws: Draws
    likely: dict[bool, Estimate] = field(default_factory=dict)

    @cached_property
    def months(self) -> Estimate:
        """Return the median doubling time of the resamples, in months, with its 95% interval."""
        return rates.doubling_time(self.draws)

    def line(self) -> dict[str, object]:
        """Return the answer as a line of a table; rates are yearly, shares are of the resamples but for R squared."""
        growth = rates.growth(self.fit.law, self.fit.reference, self.fit.params.to_numpy())
        return {
            "law": self.fit.law.id,
            "sample": self.label,
            "rows": self.fit.rows,
            "papers": int(self.sample.frame["paper_id"].nunique()),
            "doubling_time_months": rates.point_months(self.fit),
            "median_months": self.months.value,
            "low_months": self.months.low,
            "high_months": self.months.high,
            "undetermined": self.months.undetermined,
            **{
                f"likelihood{'_falling' * falling}_{end}_months": getattr(found, place)
                for falling, found in self.likely.items()
                for end, place in (("best", "value"), ("low", "low"), ("high", "high"))
            },
            "parameter_rate": float(growth.parameters[0]),
            "data_rate": float(growth.data[0]),
            **{name: float(hits.mean()) for name, hits in rates.slow(rates.growth_rates(self.draws)).items()},
            "unconverged": float((~self.draws.converged).mean()),
            "r_squared": self.fit.r_squared(self.sample),
            **{name: getattr(self.fit, name) for name in ("objective", "converged", "penalty")},
        }

    def printed(self) -> dict[str, str]:
        """Return the answer as it is read, by quantity."""
        line = self.line()
        return {
            **{name: f"{line[name]}" for name in ("rows", "papers")},
            "doubling time, months, all rows": quantity(line["doubling_time_months"], "months"),
            "median of resamples": quantity(self.months.value, "months"),
            "95% interval": self.months.span(),
            **{LIKELY[falling]: str(found) for falling, found in self.likely.items()},
            **{f"resamples above {each} months": f"{line[f'slower_than_{each}']:.1%}" for each in rates.SLOWER},
            "resamples without progress": f"{line['without_progress']:.1%}",
            "resamples not converged": f"{line['unconverged']:.1%}",
            "variance explained": f"{line['r_squared']:.1%}",
        }


@dataclass(frozen=True)
class Change:
    """The answer without one's own rows and with them; `own` rows were added, of which a sample `kept` some.

    `surprise_nats` is how far the kept rows lie above what the other rows predict for them, on average;
    `error_nats` and `own_error_nats` are root mean squared errors of that prediction for the book's rows and one's own.
    """

    before: Answer
    after: Answer | None = None
    own: int = 0
    kept: int = 0
    surprise_nats: float = np.nan
    error_nats: float = np.nan
    own_error_nats: float = np.nan

    @property
    def answers(self) -> list[Answer]:
        """Return one or both answers."""
        return [self.before] if self.after is None else [self.before, self.after]

    def frame(self) -> pd.DataFrame:
        """Return a line an answer: law, sample, rows, papers, months, median, low, high, rates, shares, R squared."""
        return pd.DataFrame([each.line() for each in self.answers])

    def moves(self) -> pd.DataFrame:
        """Return coefficient, before, after, spread (over resamples), moved (in spreads), most moved first."""
        if self.after is None:
            return pd.DataFrame(columns=["coefficient", "before", "after", "spread", "moved"])
        before, after, draws = self.before.fit.params, self.after.fit.params, self.before.draws
        spread = pd.Series(draws.kept.std(axis=0), index=list(draws.names))
        frame = pd.DataFrame({"before": before, "after": after, "spread": spread, "moved": (after - before) / spread})
        order = frame["moved"].abs().sort_values(ascending=False).index
        return frame.loc[order].rename_axis("coefficient").reset_index()

    def to_read(self) -> pd.DataFrame:
        """Return the answers as a table of ready strings: a line a quantity, a column an answer."""
        return pd.DataFrame({each.label: each.printed() for each in self.answers}).rename_axis("quantity").reset_index()

    def text(self) -> str:
        """Return the answers, and what moved, in lines to read."""
        found, drawn, table = self.before.fit, self.before.draws, self.to_read()
        head = f"law {found.law.id}: {found.law.name or found.law.capacity}; penalty {found.penalty:g}; "
        columns = []
        for name in table:
            cells = [name, *table[name]]
            padded, width = str.rjust if columns else str.ljust, max(map(len, cells))
            columns.append([padded(cell, width) for cell in cells])
        lines = map("  ".join, zip(*columns, strict=True))
        return "\n".join([f"{head}{len(drawn):,} resamples of {drawn.by}s", *lines, *self.remarks()])

    def page(self, made: dict[str, object]) -> Page:
        """Return a page on the answers: a sentence, the figure, both in numbers, what moved, and what `made` them."""
        law, now = self.before.fit.law, self.answers[-1].months
        said = f"The median doubling time by law {law.id} is {now}, with {self.before.draws.by}s resampled"
        if self.after is not None:
            said += f"; without your {self.own} rows it is {self.before.months}"
        report = Page(f"Doubling time of algorithmic progress, law {law.id}")
        report.add("", f"{said} (95% interval{'s' * (self.after is not None)})")
        alt = "Doubling times in months with their 95% intervals: " + "; ".join(
            f"{each.label}" for each in self.answers
        )
        svg = encoded(self.figure(), "svg", name="fig-own-months", alt=alt).decode()
        report.add("The answers", Drawn(svg, alt), self.to_read())
        moved = self.moves().head(2 * MOVES)
        report.add(
            "What moved", self.remarks(), moved.map(lambda cell: cell if isinstance(cell, str) else f"{cell:.3g}")
        )
        report.add("What made this", made)
        return report

    @house()
    def figure(self) -> Figure:
        """Return the doubling times with their intervals on a log axis, one below the other."""
        fig, ax = subplots(size="strip")
        found = [each.months for each in self.answers]
        ends = [end for each in found for end in (each.value, each.low, each.high) if 0 < end < np.inf]
        edges = 0.8 * min(ends, default=1.0), 1.5 * max(ends, default=100.0)
        for place, each in enumerate(self.answers):
            interval(ax, -place, each.months, "ours" if place else "published", edges)
        ax.set(xscale="log", xlim=edges, ylim=(0.5 - len(self.answers), 0.5), xlabel="doubling time, months")
        plain_ticks(ax.xaxis, edges)
        ax.set_yticks(-np.arange(len(self.answers)), [each.label for each in self.answers])
        return fig

    def remarks(self) -> list[str]:
        """Return sentences on what moved; none without own rows."""
        if self.after is None:
            return []
        said = [f"of your {self.own} rows {self.kept} are in this sample"]
        if not self.kept:
            return [*said, "so nothing moved"]
        before, after = self.before.months, self.after.months
        gap, width = after.value - before.value, np.nan if before.undetermined else before.high - before.low
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
        if self.before.fit.reference != self.after.fit.reference:
            said.append("one of your rows has the least model, corpus or date: constants are now relative to it")
        return said


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
    likely: bool = False,
) -> Change:
    """Return the answer of a sample of published evaluations without one's own rows and with them.

    Either is by the global optimum, with resampled papers or rows. `own` is as `own.read` returns it; `rows` is one of
    `ROWS` and holds for both; `likely` adds what the likelihood says. Raises ValueError for other rows or another `by`,
    DataError for an own row that the sample has already, LawError if the rows cannot identify the law.
    """
    if rows not in ROWS:
        raise ValueError(f"rows {rows!r}: must be one of {', '.join(ROWS)}")

    def answer(part: Sample, label: str) -> Answer:
        best = fit.converged(law, part, penalty=penalty, seed=seed)
        drawn = resample.bootstrap(law, part, by=by, penalty=penalty, draws=draws, seed=seed)
        return Answer(label, part, best, drawn, likelihood.doubling_times(law, part) if likely else {})

    base = sample.rows(ROWS[rows])
    before = answer(base, f"the {len(base)} rows")
    if own is None:
        return Change(before)
    wider = (sample + own).rows(ROWS[rows])
    mine = wider.frame[wider.frame["row"] > sample.frame["row"].max()]
    error = (base.frame["loss_nats"] - before.fit.predict(base.frame)).to_numpy()
    off = (mine["loss_nats"] - before.fit.predict(mine)).to_numpy() if len(mine) else np.array([np.nan])
    errors = (float(np.sqrt(np.mean(each**2))) for each in (error, off))
    return Change(before, answer(wider, "with yours"), len(own), len(mine), float(off.mean()), *errors)
