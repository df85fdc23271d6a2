"""What law 7 at its minimum predicts of runs that its authors never saw, and what was observed of them."""

from __future__ import annotations

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.law.fits import main_sample
from book.studies.out_of_sample import study

RUNS = {
    "olmo": "OLMo 2 ladder",
    "gadre_c4": "Gadre et al., c4_original",
    "gadre_rpj": "Gadre et al., rpj",
    "gadre_rw": "Gadre et al., rw_original",
}
QUANTITIES = {"fall": "fall", "parameter_elasticity": "parameters", "data_elasticity": "data"}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    found = study.compared(main_sample()).set_index(["study", "quantity", "reading"])["estimate"]
    for runs, name in RUNS.items():
        for said, quantity in QUANTITIES.items():
            yield f"ho.out_of_sample.{runs}.{said}_predicted", found[name, quantity, "law 7, converged"]
            yield f"ho.out_of_sample.{runs}.{said}_observed", found[name, quantity, "observed"]
