"""The robustness checks of Ho et al. 2024, each by its stated procedure and solved to the minimum."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress import batch, catalogue, fit, headline, parallel, progress, published_form, resample, tables
from algoprogress.cache import cached
from algoprogress.law import Law
from algoprogress.progress import Conditions
from algoprogress.resample import Draws
from algoprogress.sample import Sample
from algoprogress.schemas import BENCHMARKS

DRAWS = 1_000  # resampled papers of each converged analysis
CUTOFFS = (2016, 2017, 2018, 2019, 2020)
TOP_TEN = (("10", 0.001), ("7", 0.0025), ("15", 0.01), ("8", 0.005), ("15", 0.005), ("7", 0.01), ("12", 0.02),
           ("10", 0.0025), ("10", 0.005), ("12", 0.005))  # fmt: skip
BEST_PENALTY = {"1": 0.02, "2": 0.001, "3": 0.02, "4": 0.0025, "5": 0.0025, "6": 0.01, "7": 0.0025, "8": 0.005,
                "9": 0.02, "10": 0.001, "11": 0.01, "12": 0.02, "13": 0.01, "15": 0.01}  # fmt: skip
BY_BENCHMARK = ("4", "5", "6", "10", "11")  # laws whose rate of progress differs by benchmark
CELLS_PENALTY = 0.001  # that the notebook's cells on epochs use, where the paper says 0.0025
NOISE_DRAWS = 2_000


@dataclass(frozen=True)
class Study:
    """One analysis that changes the law or the rows: what is fitted, to what, under which penalty."""

    law: Law
    sample: Sample
    penalty: float = fit.PENALTY


@functools.cache
def study(name: str) -> Study:
    """Return a study by name; raise KeyError for an unknown one."""
    law, sample = catalogue.law("7"), tables.evaluations().published_sample()
    other = (sample.frame["architecture"] == "other").to_numpy()
    seen, diminishing = (catalogue.with_data(law, variable) for variable in ("log_tokens_seen", "log_effective_tokens"))
    known, filled = sample.with_epochs("drop"), sample.with_epochs("one")
    return {
        "model7": Study(law, sample),
        "floor": Study(catalogue.with_floor(law), sample),
        "seen_known": Study(seen, known),
        "seen_filled": Study(seen, filled),
        "diminishing_known": Study(diminishing, known),
        "diminishing_filled": Study(diminishing, filled),
        "repeated_filled": Study(catalogue.with_data(law, "log_repeated_tokens"), filled),
        "vocabulary_known": Study(catalogue.with_vocabulary(law), sample.with_known("vocabulary")),
        "vocabulary_imputed": Study(catalogue.law("19"), sample),
        "compute_only": Study(catalogue.law("18"), sample),
        "hicks_neutral": Study(catalogue.law("12"), sample),
        "non_transformer": Study(law, sample.where(other, "no transformers", "architecture is not transformer")),
    }[name]


def protocol(of: Study, *, skip: int = 0) -> Draws:
    """Return the published bootstrap of a study; `skip` is how many draws of the seeded stream came before."""
    return following(of.law, of.sample, of.penalty, skip) if skip else resample.published_bootstrap(
        of.law, of.sample, penalty=of.penalty
    )


def converged(of: Study) -> Draws:
    """Return the converged fits of a study to resampled papers."""
    return resample.bootstrap(of.law, of.sample, penalty=of.penalty, draws=DRAWS)


@cached
def following(law: Law, sample: Sample, penalty: float, skip: int) -> Draws:
    """Return a published bootstrap whose resamples follow `skip` others in the seeded stream.

    The authors seed once and then bootstrap one specification after another.
    """
    design, target, reference = fit.problem(law, sample)
    form = published_form.arranged(law, sample.frame, reference)
    indices = resample.published_indices(len(target), draws=skip + resample.PUBLISHED_DRAWS)[skip:]
    tasks = [(form, target, penalty, piece) for piece in np.array_split(indices, 10)]
    found = parallel.mapped(resample._published_draws, tasks, label="published bootstrap")
    params, objective, success = (np.concatenate(column) for column in zip(*found, strict=True))
    params = published_form.reordered(params, form.names, design.names)
    return Draws(law, reference, design.names, params, objective, np.full(len(params), np.nan), success,
                 np.ones(len(params), int), "row", "published", 0)  # fmt: skip
