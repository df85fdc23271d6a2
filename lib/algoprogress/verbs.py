"""What one asks of the library, one function each; `import algoprogress` offers them by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from algoprogress.data import own, reader, tables
from algoprogress.data.check import read_text, validate
from algoprogress.data.sample import Sample
from algoprogress.engine import data_dir, write_whole

if TYPE_CHECKING:  # what fits and draws is slow to import, and a check of a file needs neither
    from algoprogress.fits import fit as fits
    from algoprogress.fits import profile as profiles
    from algoprogress.fits import resample
    from algoprogress.laws.law import Law


def read(name: Path | str) -> pd.DataFrame | Mapping[str, Law]:
    """Return a table by its name, or what a file of one's own holds: evaluations, training runs, or laws by id.

    Raises DataError or RunsError, which name file, row, column and rule.
    """
    if (data_dir() / f"{name}.csv").exists():
        return tables.read(str(name))
    kind = own.kind_of(name)
    if kind == "table":
        return tables.read(Path(name).stem, name)
    if kind == "law":
        from algoprogress.laws import catalogue

        return catalogue.read(name, tables.evaluations().published_sample())
    if kind == "evaluations":
        return own.read(name)
    from algoprogress.frontiers import own_file

    return own_file.read(name)


def check(path: Path | str, *, kind: str = "", fix: Path | str = "", **of_runs: object) -> str:
    """Return what a file of one's own holds, in lines to read; an empty `kind` is told by its header.

    `of_runs` are the options of `own_file.read`, which say how training runs are to be read. With `fix` the file is
    written there as it was taken: in UTF-8, with commas, our names of columns, and plain numbers. Raises DataError or
    RunsError, which name file, row, column and rule.
    """
    path = Path(path)
    kind = kind or ("runs" if path.is_dir() or of_runs.get("columns") else own.kind_of(path))
    if kind == "table":
        frame = validate(read_text(path, path.name), path.stem, path.name)
        return f"{path.name}: a table of the book, {len(frame)} rows, every rule of its schema holds"
    if kind == "runs":
        from algoprogress.frontiers import own_file

        frame = own_file.read(path, **of_runs)
        said = own_file.described(frame, of_runs.get("compute", own_file.FLOP))
        if fix:
            taken = own_file.text(path, **of_runs)
    else:
        sample = tables.evaluations().published_sample()
        if kind == "law":
            from algoprogress.laws import catalogue

            said = catalogue.described(catalogue.read(path, sample), sample)
        else:
            rows = own.read(path)
            _ = sample + rows  # raises if the book has a row already
            said = own.described(rows, sample)
        taken = reader.plain_numbers(reader.read(path), own.NUMBERS if kind == "evaluations" else [])
    if fix:
        write_whole(fix, taken.frame.to_csv(index=False, lineterminator="\n").encode())
        changes = "".join(f"\n  {note}" for note in taken.notes) or " nothing"
        said += f"\nwritten to {fix}; changed:{changes}"
    return f"{path.name}: {kind}, {'can be used, but see the notes' if 'note: ' in said else 'nothing wrong'}\n{said}"


def fit(law: Law, sample: Sample, *, method: str = "converged", penalty: float | None = None) -> fits.Fit:
    """Return the fit of a law to a sample: the global optimum, or with `method="published"` the authors' own stop.

    `penalty` is on each coefficient, the published 0.0025 unless told. Raises ValueError for another method, LawError
    if the law is unidentified.
    """
    from algoprogress.fits import fit as fits

    if method not in ("converged", "published"):
        raise ValueError(f"method={method!r}: must be converged or published")
    penalty = fits.PENALTY if penalty is None else penalty
    return replace(getattr(fits, method)(law, sample, penalty=penalty), sample=sample)


def bootstrap(
    law: Law,
    sample: Sample,
    *,
    by: str = "paper",
    method: str = "converged",
    draws: int = 0,
    penalty: float | None = None,
) -> resample.Draws:
    """Return the fits of a law to resampled papers or rows, by default as many as behind the numbers of the book.

    `method="published"` resamples rows and stops as the authors did. Results stay on disk; the work takes all cores, or
    the Dask cluster that the variable ALGOPROGRESS_SCHEDULER names. Raises as `fit`, and ValueError for another `by`.
    """
    from algoprogress.fits import fit as fits
    from algoprogress.fits import resample

    penalty = fits.PENALTY if penalty is None else penalty
    if method == "published":
        return resample.published_bootstrap(law, sample, penalty=penalty, draws=draws or resample.PUBLISHED_DRAWS)
    if method != "converged":
        raise ValueError(f"method={method!r}: must be converged or published")
    resample.groups(sample, by)
    return resample.bootstrap(law, sample, by=by, penalty=penalty, draws=draws or resample.DRAWS[by])


def profile(found: fits.Fit, rate: str = "compute", *, values: tuple[float, ...] = ()) -> profiles.Profile:
    """Return the profile of a yearly growth rate under the penalty of a fit: its curve, interval and `plot`.

    `rate` is that of effective compute, parameters or data; `values` (natural log) are a grid of 41 unless told. Raises
    ValueError for another rate, or for a fit that does not know its rows, not being made by `fit`.
    """
    from algoprogress.fits import profile as profiles

    if rate not in profiles.RATES:
        raise ValueError(f"rate {rate!r}: must be one of {', '.join(profiles.RATES)}")
    if found.sample is None:
        raise ValueError("the fit does not know its rows: make it by algoprogress.fit")
    return profiles.Profile.of(profiles.profile(found.law, found.sample, rate, values=values, penalty=found.penalty))
