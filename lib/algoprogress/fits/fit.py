"""Fits a law by mean squared error + delta sum |theta| (Ho et al. 2024, 3.1): as published, and to the optimum."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.fits import solver
from algoprogress.fits.solver import SAME_OBJECTIVE, random_starts
from algoprogress.laws import published as published_form
from algoprogress.laws.law import Design, Law

PENALTY = 0.0025  # delta of the published model 7
STARTS_OF_MANY = 20  # from minima of a part of so many rows that the whole is slow


@dataclass(frozen=True)
class Fit:
    """A fitted law: `params` by name, `objective` = `mse` + penalty in nats squared, of so many `starts`.

    `residual` is the largest element of the smallest subgradient; `share` of the starts came within 1e-8 of it.
    """

    law: Law
    reference: Normalisation
    params: pd.Series
    objective: float
    mse: float
    penalty: float
    residual: float
    converged: bool
    iterations: int
    evaluations: int
    starts: int
    share: float
    rows: int
    method: str
    sample: Sample | None = None  # what it was fitted to, where a verb has fitted it

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the predicted loss in nats per token of each row."""
        return self.law.design(frame, self.reference).predict(self.params.to_numpy())

    def r_squared(self, sample: Sample) -> float:
        """Return the share of the variance of the loss that the fit explains on a sample."""
        observed = sample.frame["loss_nats"]
        return float(1.0 - ((observed - self.predict(sample.frame)) ** 2).mean() / observed.var(ddof=0))


def strengths(design: Design, penalty: float, exempt: tuple[str, ...] = ()) -> np.ndarray:
    """Return the penalty on each parameter; parameters named in `exempt` carry none."""
    return np.where(np.isin(design.names, exempt), 0.0, penalty)


@cached
def published(law: Law, sample: Sample, *, penalty: float = PENALTY, reference: Normalisation | None = None) -> Fit:
    """Return the fit by the published protocol: SLSQP from zeros, stopped where the objective moves by less than 1e-6.

    That is well before the optimum (see `residual`, `published_form`). Raises LawError if the law is unidentified.
    """
    design, target, reference = problem(law, sample, reference)
    form = published_form.arranged(law, sample.frame, reference)
    result = published_form.slsqp(form, target, penalty)
    theta = published_form.reordered(result.x, form.names, design.names)
    penalties = strengths(design, penalty)
    found = solver.evaluate(design, target, equal_weights(design, 1), penalty=penalties, theta=theta[None])
    found = replace(found, objective=np.array([result.fun]))  # in the authors' order of sums
    effort = {"starts": 1, "share": 1.0, "iterations": int(result.nit), "evaluations": int(result.nfev)}
    return _fit(law, reference, design, found, penalties, method="published", **effort)


@cached
def converged(
    law: Law,
    sample: Sample,
    *,
    penalty: float = PENALTY,
    exempt: tuple[str, ...] = (),
    starts: int = 300,
    seed: int = 0,
    reference: Normalisation | None = None,
) -> Fit:
    """Return the best minimum over many random starts; LawError if unidentified, RuntimeError if none converged."""
    design, target, reference = problem(law, sample, reference)
    penalties = strengths(design, penalty, exempt)
    begin = random_starts(design, starts, seed)
    if len(rows := solver.thinned(design)) < len(design):
        minima = solver.reached(design.take(rows), target[rows], penalties=penalties, starts=begin)
        times = np.ceil(minima.share * STARTS_OF_MANY).astype(int)  # of each that a part of the rows has, by its share
        begin = np.repeat(minima.params, times, axis=0) if len(minima) else begin
    found = solver.minimise(design, target, equal_weights(design, 1), penalty=penalties, starts=begin)
    if not found.converged.any():
        raise RuntimeError(f"law {law.id}: none of {starts} starts converged")
    best = int(np.argmin(np.where(found.converged, found.objective, np.inf)))
    share = float((found.objective < found.objective[best] + SAME_OBJECTIVE).mean())
    only = solver.Solutions(*(column[[best]] for column in vars(found).values()))
    effort = {"iterations": int(only.iterations[0]), "evaluations": int(found.iterations.sum())}
    return _fit(law, reference, design, only, penalties, method="converged", starts=starts, share=share, **effort)


def problem(
    law: Law, sample: Sample, reference: Normalisation | None = None
) -> tuple[Design, np.ndarray, Normalisation]:
    """Return the design, the observed loss in nats and the normalisation; raise LawError if not identified."""
    reference = reference or sample.reference()
    design = law.design(sample.frame, reference).require_identified()
    return design, sample.frame["loss_nats"].to_numpy(float), reference


def equal_weights(design: Design, count: int) -> np.ndarray:
    """Return weights that give every row the same share, one line a problem."""
    return np.full((count, len(design)), 1.0 / len(design))


def _fit(law, reference, design: Design, found: solver.Solutions, penalties: np.ndarray, **facts) -> Fit:
    """Return the `Fit` of the first of some solutions."""
    theta, objective = found.params[0], float(found.objective[0])
    return Fit(
        law=law,
        reference=reference,
        params=pd.Series(theta, index=list(design.names)),
        objective=objective,
        mse=objective - float(np.abs(theta) @ penalties),
        penalty=float(penalties.max()),
        residual=float(found.residual[0]),
        converged=bool(found.converged[0]),
        rows=len(design),
        **facts,
    )
