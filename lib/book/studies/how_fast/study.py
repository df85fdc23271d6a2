"""The doubling time of effective compute under every procedure of the book, and what moves it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample, solver
from algoprogress.fits import rates as progress
from algoprogress.fits.minima import reached
from algoprogress.fits.rates import growth_rates, point_months, published_interval_months
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.fits.starts import random_starts
from algoprogress.laws import published as published_form
from algoprogress.laws.law import Law

TOLERANCES = (1e-6, 1e-7, 1e-8, 1e-10, 1e-12)  # of SLSQP; the first is SciPy's default
STARTS = 100  # random ones, of the search for minima


def procedures(
    law: Law, sample: Sample, *, penalty: float = fit.PENALTY, draws: Mapping[str, int] = DRAWS, seed: int = 0
) -> pd.DataFrame:
    """Return doubling times in months by procedure, one row each.

    Columns: procedure, point, low, median, high (95%), draws, covers (what the interval covers), role, and as shares
    of the draws without_progress, unconverged and single_start (only one of the starts found the solution).
    """
    published = resample.published_bootstrap(law, sample, penalty=penalty)
    numerical = progress.numerical_doubling_time_months(law, published.reference, published.params)
    point = fit.published(law, sample, penalty=penalty)
    stepwise = progress.numerical_doubling_time_months(law, point.reference, point.params.to_numpy())[0]
    low, median, high = np.nanpercentile(numerical, [2.5, 50.0, 97.5])
    rows = [
        _row(
            "published, closed form", point_months(point), published_interval_months(published), published, "published"
        ),
        _row("published, numerical", float(stepwise), (low, median, high), published, "published"),
    ]
    for strength, name in ((penalty, "converged"), (0.0, "converged, no penalty")):
        best = point_months(fit.converged(law, sample, penalty=strength))
        for by in ("row", "paper"):
            sampled = resample.bootstrap(law, sample, by=by, penalty=strength, draws=draws[by], seed=seed)
            interval = progress.doubling_interval_months(growth_rates(sampled))
            rows.append(
                _row(f"{name}, {by}s resampled", best, interval, sampled, "ours" if strength else "alternative")
            )
    return pd.DataFrame(rows)


def to_read(procedures: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `procedures` as a table to read: point, median with interval, and shares of the draws."""
    shown = procedures[["procedure", "draws"]].copy()
    shown.insert(1, "point", procedures["point"].map("{:.1f}".format))
    ends = zip(procedures["median"], procedures["low"], procedures["high"], strict=True)
    shown.insert(2, "median [95%]", [f"{median:.1f} [{low:.1f}, {high:.1f}]" for median, low, high in ends])
    for column, name in (("without_progress", "no progress"), ("unconverged", "open"), ("single_start", "one start")):
        shown[name] = [f"{share:.1%}" if np.isfinite(share) else "–" for share in procedures[column]]
    return shown


def share_faster(law: Law, sample: Sample, *, than_months: float) -> float:
    """Return the share of resampled papers, converged, whose doubling time is shorter than some months."""
    draws = resample.bootstrap(law, sample, by="paper", draws=DRAWS["paper"])
    return float((progress.doubling_time_months(growth_rates(draws)) < than_months).mean())


def spread(
    law: Law, sample: Sample, *, penalty: float = fit.PENALTY, draws: Mapping[str, int] = DRAWS, seed: int = 0
) -> pd.DataFrame:
    """Return the draws behind `procedures`: procedure, months (infinite without progress), role."""
    published = resample.published_bootstrap(law, sample, penalty=penalty)
    parts = [_months("published, closed form", published, "published")]
    for strength, name, role in ((penalty, "converged", "ours"), (0.0, "converged, no penalty", "alternative")):
        sampled = resample.bootstrap(law, sample, by="paper", penalty=strength, draws=draws["paper"], seed=seed)
        parts.append(_months(f"{name}, papers resampled", sampled, role))
    return pd.concat(parts, ignore_index=True)


def _months(name: str, draws: Draws, role: str) -> pd.DataFrame:
    return pd.DataFrame({"procedure": name, "months": progress.doubling_time_months(growth_rates(draws)), "role": role})


def staged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `stopping` with `kind` (stop or minimum) and the `label` that a figure writes beside a row."""
    minimum = frame["stage"].str.startswith("local minimum")
    kind = np.where(minimum, "minimum", "stop")
    best = frame["objective"] == frame["objective"].min()
    chosen = [frame.index == 0, best, minimum]
    words = np.select(chosen, ["default tolerance (published)", "global minimum", "other minimum"], "")
    return frame.assign(kind=kind, label=words)


def _row(name: str, point: float, interval: tuple[float, float, float], draws: Draws, role: str) -> dict[str, object]:
    low, median, high = interval
    return {
        "procedure": name,
        "point": point,
        "low": low,
        "median": median,
        "high": high,
        "without_progress": float((growth_rates(draws) <= 0).mean()),
        "unconverged": float((~draws.converged).mean()),
        "single_start": float((draws.found_by == 1).mean()) if draws.method == "converged" else np.nan,
        "draws": len(draws),
        "covers": f"resampled {draws.by}s",
        "role": role,
    }


@cached
def stopping(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> pd.DataFrame:
    """Return where the published protocol ends when its stopping rule is tightened, and the minima it could reach.

    Columns: stage, objective (nats squared), months (doubling time), residual (optimality residual).
    """
    design, target, reference = fit.problem(law, sample)
    penalties = fit.strengths(design, penalty)
    form = published_form.arranged(law, sample.frame, reference)
    stops = [published_form.slsqp(form, target, penalty, ftol=each, maxiter=10_000) for each in TOLERANCES]
    ends = published_form.reordered(np.array([stop.x for stop in stops]), form.names, design.names)
    points = random_starts(design, STARTS, 0)
    minima = reached(design, target, penalties=penalties, starts=points).params
    points = np.vstack([ends, minima])
    found = solver.evaluate(design, target, fit.equal_weights(design, len(points)), penalty=penalties, theta=points)
    stages = [f"SLSQP, tolerance {tolerance:.0e}" for tolerance in TOLERANCES]
    stages += [f"local minimum {rank + 1}" for rank in range(len(minima))]
    rate = progress.growth(law, reference, points).compute
    months = progress.doubling_time_months(rate)
    return pd.DataFrame({"stage": stages, "objective": found.objective, "months": months, "residual": found.residual})


@cached
def rounding(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, orders: int = 4, seed: int = 1) -> pd.DataFrame:
    """Return the published bootstrap interval when only the order of the rows in each sum changes.

    The order leaves every resample, objective and optimum as it is and changes the last bit of the sums. Columns:
    order, low, median, high in months; order 0 is the authors'.
    """
    rng = np.random.default_rng(seed)
    shuffles = [None, *(rng.permutation(len(sample)) for _ in range(orders))]
    intervals = [
        published_interval_months(resample.published_bootstrap(law, sample, penalty=penalty, order=order))
        for order in shuffles
    ]
    frame = pd.DataFrame(intervals, columns=["low", "median", "high"])
    return frame.rename_axis("order").reset_index()
