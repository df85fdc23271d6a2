"""Tables of the chapter on the law: the formulas of the published laws, and the coefficients of model 7."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.fits.fit import Fit
from algoprogress.laws import catalogue
from book.studies.law import fits


def formulas() -> pd.DataFrame:
    """Return the formulas of each published law; a name in `shared` has one coefficient in both terms."""
    rows = []
    for law in catalogue.laws().values():
        beside = [f"floor `{law.floor}`" if law.floor else "", *(f"shared `{name}`" for name in law.shared)]
        rows.append((law.id, f"`{law.capacity}`", f"`{law.data}`" if law.data else "none", " ".join(beside)))
    return pd.DataFrame(rows, columns=["law", "capacity term", "data term", "beside"])


def by_compute() -> pd.DataFrame:
    """Return months under the law in compute alone by what is taken for compute: compute, rows, months (estimate)."""
    words = {
        "compute_only": "6 N times the dataset, as published",
        "compute_seen": "6 N times tokens seen",
        "compute_dataset": "6 N times the dataset, rows with a reported compute",
        "compute_reported": "as reported by Epoch AI, the same rows",
    }
    lines = [(said, len(fits.study(name)[1]), fits.converged_median(name)) for name, said in words.items()]
    return pd.DataFrame(lines, columns=["compute", "rows", "months"])


def coefficients(published: Fit, converged: Fit) -> pd.DataFrame:
    """Return the coefficients of model 7: coefficient, stated (in print), published (protocol) and converged."""
    claimed = tables.read("claims").set_index("id")["published"]
    stated = [claimed[f"ho.model7.{name}.published_point"] for name in published.params.index]
    frame = pd.DataFrame({"stated": stated, "published": published.params, "converged": converged.params})
    return frame.rename_axis("coefficient").reset_index()
