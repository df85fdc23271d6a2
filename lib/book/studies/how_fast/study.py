"""The doubling time of effective compute of model 7 under every procedure, and what moves it: stopping and rounding."""

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, rates, resample, solver
from algoprogress.fits.rates import growth_rates, point_months
from algoprogress.laws import published as published_form
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate
from book.studies.how_fast import allocated
from book.studies.law import fits

MODEL = "model7"
CLOSED = "published, closed form"
# Converged fits: name, penalty (None: the published one), role in the figures.
CONVERGED = (("converged", None, "ours"), ("converged, no penalty", 0.0, "alternative"))
TOLERANCES = (1e-6, 1e-7, 1e-8, 1e-10, 1e-12)  # of SLSQP; the first is SciPy's default
STARTS = 100  # random ones, of the search for minima


def procedures() -> pd.DataFrame:
    """Return doubling times by procedure: procedure, point (months, all rows), months (of resamples), draws, role.

    And shares of the draws: without_progress, unconverged, single_start (found by one start only; nan if published).
    """
    stop, draws = fits.published_fit(MODEL), fits.published_draws(MODEL)
    numerical = allocated.numerical_doubling_time_months(stop.law, stop.reference, stop.params.to_numpy())[0]
    found = [
        (CLOSED, point_months(stop), fits.published_median(MODEL), draws, "published"),
        ("published, numerical", float(numerical), numerical_median(), draws, "published"),
    ]
    for name, penalty, role in CONVERGED:
        point = point_months(fits.converged_fit(MODEL, penalty))
        for by in ("row", "paper"):
            months, draws = fits.converged_median(MODEL, by, penalty), fits.converged_draws(MODEL, by, penalty)
            found.append((f"{name}, {by}s resampled", point, months, draws, role))
    rows = []
    for name, point, months, draws, role in found:
        without, unconverged = (growth_rates(draws) <= 0).mean(), (~draws.converged).mean()
        single = (draws.found_by == 1).mean() if draws.method == "converged" else np.nan
        rows.append((name, point, months, len(draws), role, without, unconverged, single))
    columns = ["procedure", "point", "months", "draws", "role", "without_progress", "unconverged", "single_start"]
    return pd.DataFrame(rows, columns=columns)


def numerical_median() -> Estimate:
    """Return the median doubling time in months by the procedure of `allocated`, over the published bootstrap."""
    draws = fits.published_draws(MODEL)
    months = allocated.numerical_doubling_time_months(draws.law, draws.reference, draws.params)
    return Estimate.from_draws(months, covers=fits.PUBLISHED_ROWS, unit="months", complete=True)


def spread() -> pd.DataFrame:
    """Return the draws behind three of the `procedures`: procedure, months (infinite without progress), role."""
    drawn = [(CLOSED, fits.published_draws(MODEL), "published")]
    for name, penalty, role in CONVERGED:
        drawn.append((f"{name}, papers resampled", fits.converged_draws(MODEL, "paper", penalty), role))
    parts = [(name, rates.doubling_time_months(growth_rates(draws)), role) for name, draws, role in drawn]
    frame = pd.DataFrame(parts, columns=["procedure", "months", "role"])
    return frame.explode("months", ignore_index=True).astype({"months": float})


def tail(penalty: float | None = None) -> dict[str, Estimate]:
    """Return shares of the resamples of papers, solved: `slower_than_12` months and so on, and `without_progress`."""
    slow = rates.slow(growth_rates(fits.converged_draws(MODEL, "paper", penalty)))
    covers = f"95%, Monte Carlo error of {len(slow['without_progress']):,} draws"
    return {name: Estimate.of_share(hits, covers=covers) for name, hits in slow.items()}


def tails() -> pd.DataFrame:
    """Return `tail` and the 90% interval of the two converged objectives to read: objective, shares, within90."""
    rows = []
    for words, penalty in (("with the penalty", None), ("without it", 0.0)):
        shares = {name.replace("_", " "): share for name, share in tail(penalty).items()}
        within90 = fits.converged_median(MODEL, penalty=penalty, level=0.9)
        rows.append({"objective": words, **shares, "months, 90% interval": within90})
    return pd.DataFrame(rows)


@cached
def stopping(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> pd.DataFrame:
    """Return where ever tighter stops of the published protocol end, and minima: stage, objective, months, residual."""
    design, target, reference = fit.problem(law, sample)
    penalties = fit.strengths(design, penalty)
    form = published_form.arranged(law, sample.frame, reference)
    stops = [published_form.slsqp(form, target, penalty, ftol=each, maxiter=10_000) for each in TOLERANCES]
    ends = published_form.reordered(np.array([stop.x for stop in stops]), form.names, design.names)
    minima = solver.reached(design, target, penalties=penalties, starts=solver.random_starts(design, STARTS, 0)).params
    points = np.vstack([ends, minima])
    found = solver.evaluate(design, target, fit.equal_weights(design, len(points)), penalty=penalties, theta=points)
    stages = [f"SLSQP, tolerance {tolerance:.0e}" for tolerance in TOLERANCES]
    stages += [f"local minimum {rank + 1}" for rank in range(len(minima))]
    months = rates.doubling_time_months(rates.growth(law, reference, points).compute)
    return pd.DataFrame({"stage": stages, "objective": found.objective, "months": months, "residual": found.residual})


def staged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `stopping` with `kind` (stop or minimum) and the `label` that a figure writes beside a row."""
    minimum = frame["stage"].str.startswith("local minimum")
    best = frame["objective"] == frame["objective"].min()
    known = ["default tolerance (published)", "global minimum", "other minimum"]
    words = np.select([frame.index == 0, best, minimum], known, "")
    return frame.assign(kind=np.where(minimum, "minimum", "stop"), label=words)


@cached
def rounding(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, orders: int = 4, seed: int = 1) -> pd.DataFrame:
    """Return the published bootstrap when only the order of the rows in each sum changes: order, months (estimate).

    The order leaves every resample and optimum as it is and changes the last bit of the sums; order 0 is the authors'.
    """
    rng, found = np.random.default_rng(seed), []
    for order in [None, *(rng.permutation(len(sample)) for _ in range(orders))]:
        draws = resample.published_bootstrap(law, sample, penalty=penalty, order=order)
        months = rates.doubling_time_months(growth_rates(draws), signed=True)
        found.append(Estimate.from_draws(months, covers=fits.PUBLISHED_ROWS, unit="months", complete=True))
    return pd.DataFrame({"order": range(len(found)), "months": found})
