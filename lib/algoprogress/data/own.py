"""One's own files: what kind a file is, and evaluations to fit beside those of the book."""

from pathlib import Path

import pandas as pd

from algoprogress.data import KINDS, SIGNS, exports, reader, template, template_path
from algoprogress.data.check import short_form, validate
from algoprogress.data.describe import DataError, Failure, names, refuse, table
from algoprogress.data.sample import KEY, Sample

__all__ = ["KINDS", "described", "kind_of", "read", "template", "template_path"]
NEEDED = ("system", "paper", "benchmark", "publication_date", "parameters", "dataset_tokens")
NEEDED += ("perplexity", "architecture")
OPTIONAL = ("epochs", "vocabulary", "source")
RANGED = ("parameters", "dataset_tokens", "perplexity")
NUMBERS = [*RANGED, "epochs", "vocabulary"]
MOST = 1e18  # parameters or tokens, far beyond what there is
LOW_PERPLEXITY = 5.0  # the least of the book's rows; a number below it is more often a loss in nats


def kind_of(path: Path | str) -> str:
    """Return the kind of a file by its header: of `KINDS`, or "table" for one of the book; DataError for another."""
    path = Path(path)
    brought = reader.read(path)
    header = list(brought.frame.columns)
    if path.stem in names() and set(header) == set(table(path.stem).names):
        return "table"
    if told := [kind for kind, sign in SIGNS.items() if sign in header]:
        return told[0]
    if exports.known(brought):
        return "runs"
    words = "; ".join(f"{kind} by {sign}" for kind, sign in SIGNS.items())
    raise DataError([Failure(path.name, None, "", f"what it holds cannot be told by its header ({words})")])


def read(path: Path | str) -> pd.DataFrame:
    """Return the evaluations of a file with the columns `NEEDED`, epochs, epochs_status, vocabulary and source.

    The file has either all columns of `data/evaluations.csv`, or those of `NEEDED` with any of `OPTIONAL`. Raises
    DataError, which names file, row, column and rule, for everything that breaks the rules of that table.
    """
    path = Path(path)
    brought = reader.plain_numbers(reader.read(path), NUMBERS)
    text = brought.frame
    if set(text.columns) >= set(table("evaluations").names):
        rows = validate(text, "evaluations", path.name)[[*NEEDED, *OPTIONAL, "epochs_status"]]
    else:
        rows = _short(text, path.name)
    rows.index = text.index  # by which messages count
    rows.attrs |= {"file": path.name, "notes": brought.notes}
    return rows


def _short(text: pd.DataFrame, file: str) -> pd.DataFrame:
    """Return the typed rows of a file in the short form."""
    text, rows, failures = short_form(text, "evaluations", file, NEEDED, OPTIONAL, KEY)
    for name in ("parameters", "dataset_tokens"):
        large = text.index[rows[name] > MOST]
        failures += [Failure(file, int(at) + 1, name, f"must be below {MOST:g}", text.loc[at, name]) for at in large]
    refuse(sorted(failures, key=lambda failure: failure.row or 0))
    status = rows["epochs"].notna().map({True: "own", False: "missing"})
    return rows.assign(source=rows["source"].fillna("own row"), epochs_status=status)


def described(own: pd.DataFrame, sample: Sample) -> str:
    """Return what a file of evaluations holds, in lines to read, and where it goes beyond a sample."""
    dates = own["publication_date"].dt.strftime("%Y-%m-%d")
    shared = own["paper"].isin(sample.frame["paper"]).groupby(own["paper"]).any().sum()
    lines = [
        f"rows           {len(own)} of {own['paper'].nunique()} papers ({shared} of them known to the book)",
        "benchmarks     " + _counts(own["benchmark"]),
        "architectures  " + _counts(own["architecture"]),
        f"published      {dates.min()} to {dates.max()}",
        *(f"{name:<15}{own[name].min():.4g} to {own[name].max():.4g}" for name in RANGED),
        f"epochs         known for {own['epochs'].notna().sum()} of {len(own)}; no law but those on epochs needs them",
    ]
    return "\n".join([*lines, *(f"note: {note}" for note in (*own.attrs["notes"], *_notes(own, sample.frame)))])


def _counts(values: pd.Series) -> str:
    return ", ".join(f"{name} {count}" for name, count in values.value_counts().items())


def _notes(own: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    """Return what is within the rules and yet worth a second look, and what it would do."""
    where = {f"a perplexity below {LOW_PERPLEXITY:g}; is it a loss in nats?": own["perplexity"] < LOW_PERPLEXITY}
    for name in (*RANGED, "publication_date"):
        said = f"{name} outside of the {len(known)} rows of the book; a fit now reaches there"
        where[said] = ~own[name].between(known[name].min(), known[name].max())
    same = own.duplicated(["system", "paper", "perplexity"], keep=False) & (
        own.groupby("system")["benchmark"].transform("nunique") > 1
    )
    where["one perplexity on two benchmarks; was it measured on both?"] = same
    plain = own["system"].map(_plain)
    twice = own.assign(plain=plain).duplicated(["plain", "benchmark", "parameters"], keep=False)
    where["names that differ by capitals, spaces or marks only; one system counts twice"] = twice
    words = [(index, said) for said, found in where.items() for index in own.index[found]]
    for index, row in own.iterrows():
        alike = known[(known["benchmark"] == row["benchmark"]) & (known["perplexity"] == row["perplexity"])]
        alike = alike[(alike["parameters"] == row["parameters"]) | (alike["system"].map(_plain) == plain[index])]
        words += [(index, f"looks like row {each} of the book, which would count twice") for each in alike["row"]]
    rows: dict[str, list[str]] = {}
    for index, said in words:
        rows.setdefault(said, []).append(str(index + 1))
    return [f"row {', '.join(found)}: {said}" for said, found in rows.items()]


def _plain(name: str) -> str:
    """Return the letters and digits of a name, in small letters."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
