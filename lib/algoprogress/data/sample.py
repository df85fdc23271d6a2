"""The sample of evaluations: named filters that report what they remove, and the reviewed values."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.data.check import check_values, parse
from algoprogress.data.describe import Failure, refuse, table
from algoprogress.data.variables import Normalisation, Sizes, epochs_seen, logarithm

PUBLISHED_ROWS = 231
DEFAULT_CONFIDENCE = "medium"
KEY = ("system", "paper", "benchmark", "parameters")  # what tells one evaluation from another


@dataclass(frozen=True)
class Step:
    """One step of the funnel: the rows it kept and removed, and whether we recomputed it or cite it (published)."""

    name: str
    rule: str
    kept: int
    removed: int
    origin: str = "recomputed"


@dataclass(frozen=True, eq=False)
class Sample:
    """Evaluations and the steps that led to them.

    `frame` has one row per evaluation: the columns of ``evaluations.csv``, ``years_decimal``, ``loss_nats`` (per token)
    and, for each corrected column, ``<column>_reviewed`` (medium and high confidence); :meth:`reviewed` applies more.
    A table of another kind needs ``row``, ``paper_id``, ``years_decimal``, ``loss_nats`` and the `sizes` of its laws.
    """

    frame: pd.DataFrame
    funnel: tuple[Step, ...] = ()
    corrections: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=table("corrections").names))
    sizes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of evaluations."""
        return len(self.frame)

    def __getstate__(self) -> dict[str, object]:
        """Return what is pickled and hashed: a copy, as to print a frame rearranges how pandas holds its columns."""
        return vars(self) | {"frame": self.frame.copy(), "corrections": self.corrections.copy()}

    def reference(self) -> Normalisation | Sizes:
        """Return the constants of the variables of its laws."""
        return Sizes.of(self.frame, self.sizes) if self.sizes else Normalisation.of(self.frame)

    def where(self, mask: ArrayLike, name: str, rule: str) -> Sample:
        """Return the rows where ``mask`` is True, a step more in the funnel; ValueError if not a boolean a row."""
        keep = np.asarray(mask)
        if keep.dtype != bool or keep.shape != (len(self),):
            raise ValueError(f"filter {name!r} needs one boolean for each of {len(self)} rows")
        frame = self.frame[keep].reset_index(drop=True)
        step = Step(name, rule, len(frame), len(self) - len(frame))
        return replace(self, frame=frame, funnel=(*self.funnel, step))

    def published_sample(self) -> Sample:
        """Return the evaluations of the published fits, with every value as the authors used it."""
        rule = f"rows 1 to {PUBLISHED_ROWS}, values as the authors used them"
        return self.where(self.frame["row"] <= PUBLISHED_ROWS, "published sample", rule)

    def with_known(self, column: str) -> Sample:
        """Return the rows whose ``column`` is known."""
        return self.where(self.frame[column].notna(), f"known {column}", f"{column} is not blank")

    def reviewed(self, confidence: str = DEFAULT_CONFIDENCE, *, columns: Collection[str] | None = None) -> Sample:
        """Return the sample with corrections of this confidence (low, medium, high) and above, in all columns or some.

        A row whose right value is unknown goes; where a column may be blank (epochs, vocabulary) only the cell does.
        """
        chosen = confident(self.corrections, confidence)
        if columns is not None:
            chosen = chosen[chosen["column"].isin(columns)]
        chosen = chosen[chosen["row"].isin(self.frame["row"])]
        required = [column.name for column in table("evaluations").fields if not column.blank]
        swapped = replace(self, frame=derived(swap(self.frame, chosen)))
        of = "" if columns is None else f" of {', '.join(columns)}"
        rule = f"{len(chosen)} corrections{of} of {confidence} confidence or above; rows without a known value removed"
        return swapped.where(swapped.frame[required].notna().all(axis=1), "reviewed", rule)

    def with_epochs(self, missing: str) -> Sample:
        """Return the sample with a number of epochs on every row.

        `missing` says what becomes of unknown ones: "one" counts them as 1, as the authors do; "median" as the median
        of the known rows of the benchmark; "drop" removes the rows. Those above 75 stay. ValueError for another.
        """
        unknown = (self.frame["epochs_status"] == "missing").to_numpy()
        if missing == "drop":
            return self.where(~unknown, "known epochs", "epochs are not missing")
        if missing not in ("one", "median"):
            raise ValueError(f"missing='{missing}': count unknown epochs as 'one' or 'median', or 'drop' the rows")
        seen = pd.Series(epochs_seen(self.frame), self.frame.index).mask(unknown)
        typical = seen.groupby(self.frame["benchmark"]).transform("median") if missing == "median" else 1.0
        filled = replace(self, frame=self.frame.assign(epochs=self.frame["epochs"].mask(unknown, typical)))
        rule = f"{unknown.sum()} unknown numbers of epochs counted as {missing}"
        return filled.where(np.ones(len(self), bool), "epochs filled", rule)

    def transformers(self) -> Sample:
        """Return the rows of transformers."""
        return self.where(self.frame["architecture"] == "transformer", "transformers", "architecture is transformer")

    def since(self, year: int) -> Sample:
        """Return the rows published in a year or later."""
        return self.where(self.frame["years_decimal"] >= year, f"since {year}", f"published in {year} or later")

    def best(self) -> Sample:
        """Return the row with the lowest perplexity of each paper, the first of equals."""
        first = self.frame.groupby("paper_id")["perplexity"].rank(method="first") == 1.0
        return self.where(first, "top 1", "lowest perplexity of its paper")

    def rows(self, name: str) -> Sample:
        """Return a selection of the rows by its name; raise ValueError if it is none of `ROWS`."""
        if name not in ROWS:
            raise ValueError(f"rows {name!r}: must be one of {', '.join(ROWS)}")
        return ROWS[name](self)

    def __add__(self, own: pd.DataFrame) -> Sample:
        """Return the sample with own rows (of `data.own.read`) below it, numbered on; a known paper keeps its number.

        Raises DataError, by ``attrs["file"]``, for a row it has already (same system, paper, benchmark, parameters).
        """
        file, known = own.attrs.get("file", "own rows"), self.frame.set_index(list(KEY))["row"]
        keys = zip(own.index + 1, own[list(KEY)].itertuples(index=False, name=None), strict=True)
        rule = "must be new; row {} of evaluations.csv has the same"
        refuse([Failure(file, at, ", ".join(KEY), rule.format(known[key])) for at, key in keys if key in known.index])
        papers = self.frame.drop_duplicates("paper").set_index("paper")["paper_id"].to_dict()
        for paper in dict.fromkeys(own["paper"]):
            papers.setdefault(paper, max(papers.values()) + 1)
        numbers = self.frame["row"].max() + 1 + np.arange(len(own))
        added = derived(own.reset_index(drop=True)).assign(row=numbers, paper_id=own["paper"].map(papers).to_numpy())
        columns = {}
        for name in self.frame.columns:  # column by column: a column without any value has no type to be joined by
            source = name.removesuffix("_reviewed")
            values = list(added[source]) if source in added else [None] * len(added)
            columns[name] = pd.Series([*self.frame[name], *values]).astype(self.frame[name].dtype)
        step = Step("own rows", f"{len(own)} rows of {file} added", len(self) + len(own), 0)
        return replace(self, frame=pd.DataFrame(columns), funnel=(*self.funnel, step))

    def take(self, indices: ArrayLike) -> Sample:
        """Return the rows at these positions, in this order, repeats allowed; resampling adds no step."""
        return replace(self, frame=self.frame.iloc[np.asarray(indices)].reset_index(drop=True))

    def funnel_frame(self) -> pd.DataFrame:
        """Return the funnel as a table: name, rule, kept, removed, origin."""
        return pd.DataFrame(list(self.funnel))


ROWS: dict[str, Callable[[Sample], Sample]] = {  # selections by name; the specifications call some otherwise
    **dict.fromkeys(("all", "top 3"), lambda sample: sample),
    "reviewed": Sample.reviewed,
    "transformers": Sample.transformers,
    "since 2017": lambda sample: sample.since(2017),
    **dict.fromkeys(("best", "top 1"), Sample.best),
}


def decimal_year(dates: pd.Series) -> pd.Series:
    """Return dates as numbers, year + (day of year - 1) / 365, in leap years too (as in the authors' notebooks)."""
    return dates.dt.year + (dates.dt.day_of_year - 1) / 365


def derived(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with ``years_decimal`` (years) and ``loss_nats`` (log perplexity, nats per token)."""
    years = decimal_year(frame["publication_date"])
    return frame.assign(years_decimal=years, loss_nats=logarithm(frame["perplexity"]))


def confident(corrections: pd.DataFrame, confidence: str) -> pd.DataFrame:
    """Return the corrections of this confidence and above; raise ValueError if it is not low, medium or high."""
    grades = table("corrections").field("confidence").allowed
    if confidence not in grades:
        raise ValueError(f"confidence must be one of {', '.join(grades)}, not {confidence!r}")
    return corrections[corrections["confidence"].isin(grades[grades.index(confidence) :])]


def swap(frame: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with corrected values, missing where unknown; epochs get the status "reviewed" or "missing"."""
    columns = {}
    for column, part in corrections.groupby("column"):
        cells = part["reviewed"].to_frame(column)
        values = parse(cells, [table("evaluations").field(column)], "corrections.csv")[0][column].set_axis(part["row"])
        corrected = frame["row"].isin(values.index)
        columns[column] = frame[column].mask(corrected, frame["row"].map(values))
        if column == "epochs":
            status = columns[column].notna().map({True: "reviewed", False: "missing"})
            columns["epochs_status"] = frame["epochs_status"].mask(corrected, status)
    return frame.assign(**columns)


def with_reviewed_columns(frame: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with ``<column>_reviewed`` for every column that has a correction."""
    swapped = swap(frame, confident(corrections, DEFAULT_CONFIDENCE))
    return frame.assign(**{f"{column}_reviewed": swapped[column] for column in corrections["column"].unique()})


def correction_failures(corrections: pd.DataFrame, frame: pd.DataFrame, file: str) -> list[Failure]:
    """Return where the corrections do not fit the evaluations in ``frame``: row, system, value as used, new value."""
    known = frame.set_index("row")
    lost = ~corrections["row"].isin(known.index)
    failures = _flag(corrections.loc[lost, "row"], "evaluations.csv has no such row", file)
    present = corrections[~lost]
    other = present["system"] != known.loc[present["row"], "system"].set_axis(present.index)
    failures += _flag(present.loc[other, "system"], "must be the system of that row of evaluations.csv", file)
    for column, part in present.groupby("column"):
        failures += check_values(part["reviewed"].rename(column), "evaluations", file, "reviewed")[1]
        now = known.loc[part["row"], column].set_axis(part.index)
        values, wrong = check_values(part["as_used"].rename(column), "evaluations", file, "as_used")
        same = (values == now) | (values.isna() & now.isna())
        differs = part.loc[~same, "as_used"].drop([failure.row - 1 for failure in wrong], errors="ignore")
        failures += wrong + _flag(differs, "must equal the value in evaluations.csv", file)
    return failures


def _flag(cells: pd.Series, rule: str, file: str) -> list[Failure]:
    """Return one failure for each cell."""
    return [Failure(file, int(index) + 1, str(cells.name), rule, str(cell)) for index, cell in cells.items()]
