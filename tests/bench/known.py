"""HO-1000: fixed resamples of model 7, and the best minimum known of each.

`python -m bench.known` searches every resample from many starts with two solvers and writes
`data/best_minima.csv`, which the benchmarks and the tests hold the estimator to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.engine import parallel
from algoprogress.fits import fit, solver
from algoprogress.laws import catalogue
from algoprogress.laws.law import Design
from bench import peers
from book import computed

DRAWS, SEED = 1_000, 20240309
INDICES_SHA256 = "b237d2fefdb6ab53289b2cad8e91a021945cfae9196b3dd600f496cbaf4e13cc"
STARTS = 20  # of each solver for each resample
PIECE = 10  # resamples of one task


@dataclass(frozen=True)
class Resamples:
    """Model 7 on fixed resamples of the published rows.

    `indices` and `weights` (draws x rows) say the same in two ways; `penalties` has one strength a parameter.
    """

    frame: pd.DataFrame
    design: Design
    target: np.ndarray
    penalties: np.ndarray
    indices: np.ndarray
    weights: np.ndarray

    @property
    def zeros(self) -> np.ndarray:
        """Return the point that the authors start from."""
        return np.zeros(len(self.design.names))

    def resample(self, draw: int) -> pd.DataFrame:
        """Return the rows of one draw."""
        return self.frame.iloc[self.indices[draw]]


def resamples() -> Resamples:
    """Return HO-1000; raise ValueError if the random stream gives other resamples than those of the table."""
    sample = tables.evaluations().published_sample()
    design, target, _ = fit.problem(catalogue.law("7"), sample)
    rows = len(target)
    indices = np.random.default_rng(SEED).integers(0, rows, (DRAWS, rows))
    if hashlib.sha256(indices.astype("<i8").tobytes()).hexdigest() != INDICES_SHA256:
        raise ValueError("the random stream gives other resamples than those of data/best_minima.csv")
    weights = np.stack([np.bincount(draw, minlength=rows) for draw in indices]) / rows
    return Resamples(sample.frame, design, target, fit.strengths(design, fit.PENALTY), indices, weights)


def best() -> np.ndarray:
    """Return the best objective known of each resample, in nats squared."""
    return tables.read("best_minima")[["slsqp_objective", "newton_objective"]].min(axis=1).to_numpy()


def search() -> pd.DataFrame:
    """Return the best objective of each resample by tight SLSQP and by our solver, each from its own starts.

    Columns: draw (from 1), slsqp_objective and newton_objective (nats squared). Takes about a quarter of an hour.
    """
    case = resamples()
    first = solver.mixed(case.design, case.target, STARTS, SEED)
    second = solver.mixed(case.design, case.target, STARTS, SEED + 1)
    pieces = np.array_split(case.weights, DRAWS // PIECE)
    tasks = [(case.design, case.target, weights, case.penalties, first, second) for weights in pieces]
    found = np.vstack(parallel.mapped(_searched, tasks, label="best minima"))
    return pd.DataFrame(
        {"draw": np.arange(1, DRAWS + 1), "slsqp_objective": found[:, 0], "newton_objective": found[:, 1]}
    )


def _searched(design, target, weights, penalties, first, second) -> np.ndarray:
    """Return the best objective of each draw by either solver, shape (draws, 2)."""
    ends = np.array(
        [[peers.tuned_slsqp(design, target, each, penalties, start).x for start in first] for each in weights]
    )
    many = np.repeat(weights, len(first), axis=0)
    slsqp = solver.evaluate(design, target, many, penalty=penalties, theta=ends.reshape(len(many), -1))
    ours = solver.minimise(design, target, many, penalty=penalties, starts=np.tile(second, (len(weights), 1)))
    values = (slsqp.objective, np.where(ours.converged, ours.objective, np.inf))
    return np.column_stack([np.nanmin(value.reshape(len(weights), -1), axis=1) for value in values])


def main() -> None:
    """Search, and write the table with its manifest."""
    text = search().map(lambda value: repr(int(value)) if value >= 1 else repr(float(value)))
    for path in computed.seal_texts({"best_minima": text}):
        print(f"wrote {tables.label(path)}")


if __name__ == "__main__":
    from bench import known

    known.main()
