"""Yields the claims on the book's own training runs: those for which there are runs."""

from collections.abc import Iterator

import numpy as np

from algoprogress.show.estimate import Estimate
from book.studies.experiment import study

SHORT = {"lstm": "lstm", "transformer_2017": "2017", "transformer_today": "today"}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    frame = study.ends()
    yield "experiment.runs", Estimate.exact(len(frame))
    yield "experiment.budgets", Estimate.exact(len(study.budgets(frame)))
    yield "experiment.seed_noise", study.seed_noise(frame)[0]
    if len(study.budgets(frame)) >= study.LEAST:
        for name, short in SHORT.items():
            yield f"experiment.exponent.{short}", study.exponent_of(frame, name)
        for reference, new in study.PAIRS:
            names = f"{SHORT[reference]}_{SHORT[new]}"
            for id, found in (("exponent_gap", study.exponent_gap), ("trend", study.trend)):
                yield f"experiment.{id}.{names}", found(frame, reference, new)
                yield f"experiment.{id}.{names}.looks", found(frame, reference, new, looks=study.LOOKS)
            yield f"experiment.gain.{names}", study.mean_gain(frame, reference, new)
    changes = study.changes(frame)
    for row in changes[changes["budgets"] > 0].itertuples():
        yield f"experiment.change.{row.algorithm.removeprefix('today_')}", row.gain
    for id, found in (("experiment.product", study.product), ("experiment.interaction", study.interaction)):
        if np.isfinite(found(frame).value):
            yield id, found(frame)
