"""What law 7 at its minimum predicts of runs that its authors never saw, and what was observed of them."""

import itertools
from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.law.fits import main_sample
from book.studies.out_of_sample import study

RUNS = {
    "ho.out_of_sample.olmo": "OLMo 2 ladder",
    "ho.out_of_sample.gadre_c4": "Gadre et al., c4_original",
    "ho.out_of_sample.gadre_rpj": "Gadre et al., rpj",
    "ho.out_of_sample.gadre_rw": "Gadre et al., rw_original",
}
PARTS = {"": "all", "within.": "within"}  # of the runs
QUANTITIES = {"fall": "fall", "parameter_elasticity": "parameters", "data_elasticity": "data"}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    found = study.compared(main_sample()).set_index(["study", "runs", "quantity", "reading"])["estimate"]
    for (stem, name), (part, runs) in itertools.product(RUNS.items(), PARTS.items()):
        for said, quantity in QUANTITIES.items():
            yield f"{stem}.{part}{said}_predicted", found[name, runs, quantity, "law 7, converged"]
            yield f"{stem}.{part}{said}_observed", found[name, runs, quantity, "observed"]
    for stem, name in RUNS.items():
        for end in ("small", "large"):
            yield f"{stem}.tokens_per_word_{end}", found[name, "all", f"per_word_{end}", "law 7, converged"]
    for stem, each in zip(RUNS, study.studies(), strict=True):
        yield f"{stem}.floor", Estimate.exact(study.with_floor(each).floor, "none: one fit", unit="nats")
    yield "ho.out_of_sample.tokens_per_word", study.tokens_per_word()
    for row in study.per_word(main_sample()).itertuples():
        yield f"ho.out_of_sample.olmo.loss_{row.end}_predicted", row.predicted
        yield f"ho.out_of_sample.olmo.loss_{row.end}_observed", row.observed
