"""What one asks of the library, one function each; `import algoprogress` offers them by name."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from algoprogress.data import own, tables
from algoprogress.data.check import read_text, validate
from algoprogress.data.sample import Sample
from algoprogress.engine import data_dir
from algoprogress.fits import fit as fits
from algoprogress.fits import profile as profiles
from algoprogress.fits import resample
from algoprogress.fits.fit import PENALTY
from algoprogress.frontiers import own_runs
from algoprogress.laws import catalogue
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
        return catalogue.read(name, tables.evaluations().published_sample())
    return own.read(name) if kind == "evaluations" else own_runs.read(name)


def check(path: Path | str, *, kind: str = "", compute: str = "training_compute_flop", bits: bool = False) -> str:
    """Return what a file of one's own holds, in lines to read; an empty `kind` is told by its header.

    `compute` names the column that counts as compute of training runs, and with `bits` their loss is in bits per token.
    Raises DataError or RunsError, which name file, row, column and rule.
    """
    path, kind = Path(path), kind or own.kind_of(path)
    if kind == "table":
        frame = validate(read_text(path, path.name), path.stem, path.name)
        return f"{path.name}: a table of the book, {len(frame)} rows, every rule of its schema holds"
    if kind == "runs":
        said = own_runs.described(own_runs.read(path, compute=compute, bits=bits), compute)
    else:
        sample = tables.evaluations().published_sample()
        if kind == "law":
            said = catalogue.described(catalogue.read(path, sample), sample)
        else:
            rows = own.read(path)
            _ = sample + rows  # raises if the book has a row already
            said = own.described(rows, sample)
    return f"{path.name}: {kind}, {'can be used, but see the notes' if 'note: ' in said else 'nothing wrong'}\n{said}"


def fit(law: Law, sample: Sample, *, method: str = "converged", penalty: float = PENALTY) -> fits.Fit:
    """Return the fit of a law to a sample: the global optimum, or with `method="published"` the authors' own stop.

    `penalty` is on each coefficient. Raises ValueError for another method, LawError if the law is unidentified.
    """
    if method not in ("converged", "published"):
        raise ValueError(f"method={method!r}: must be converged or published")
    return replace(getattr(fits, method)(law, sample, penalty=penalty), sample=sample)


def bootstrap(
    law: Law, sample: Sample, *, by: str = "paper", method: str = "converged", draws: int = 0, penalty: float = PENALTY
) -> resample.Draws:
    """Return the fits of a law to resampled papers or rows, by default as many as behind the numbers of the book.

    `method="published"` resamples rows and stops as the authors did. Results stay on disk; the work takes all cores, or
    the Dask cluster that the variable ALGOPROGRESS_SCHEDULER names. Raises as `fit`, and ValueError for another `by`.
    """
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
    if rate not in profiles.RATES:
        raise ValueError(f"rate {rate!r}: must be one of {', '.join(profiles.RATES)}")
    if found.sample is None:
        raise ValueError("the fit does not know its rows: make it by algoprogress.fit")
    return profiles.Profile.of(profiles.profile(found.law, found.sample, rate, values=values, penalty=found.penalty))
