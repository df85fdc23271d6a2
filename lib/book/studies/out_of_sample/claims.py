"""Recomputes what the fitted laws predict of runs that their authors never saw, beside what was observed."""

from __future__ import annotations

import functools

import pandas as pd

from algoprogress.show.estimate import Estimate
from book.studies.law.fits import CONVERGED_PAPERS, main_sample
from book.studies.out_of_sample import study as outside
from book.studies.registry import recomputes

STUDIES = {
    "olmo": "OLMo 2 ladder",
    "gadre_c4": "Gadre et al., c4_original",
    "gadre_rpj": "Gadre et al., rpj",
    "gadre_rw": "Gadre et al., rw_original",
}
QUANTITIES = {"fall": "fall", "parameter_elasticity": "parameters", "data_elasticity": "data"}


@functools.cache
def table() -> pd.DataFrame:
    """Return the comparison by study, quantity and reading."""
    return outside.compared(main_sample()).set_index(["study", "quantity", "reading"])


@recomputes(r"ho\.out_of_sample\.(olmo|gadre_c4|gadre_rpj|gadre_rw)\.(\w+)_(predicted|observed)")
def compared(study: str, quantity: str, which: str) -> Estimate:
    """Return a quantity of a study, predicted by law 7 at its minimum or observed."""
    reading = "law 7, converged" if which == "predicted" else "observed"
    row = table().loc[(STUDIES[study], QUANTITIES[quantity], reading)]
    if which == "predicted":
        return Estimate(row["value"], row["low"], row["high"], CONVERGED_PAPERS)
    covers = "none: two runs as they are" if quantity == "fall" else "95%, least squares over the runs, robust errors"
    return Estimate(row["value"], row["low"], row["high"], covers)
