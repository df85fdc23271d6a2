"""The robustness checks of Ho et al. 2024, each by its stated procedure and solved to the minimum."""

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import bounded, fit, rates, resample, solver
from algoprogress.fits.rates import Conditions, growth_rates
from algoprogress.fits.resample import Draws
from algoprogress.fits.solver import Solutions
from algoprogress.laws import catalogue
from algoprogress.laws.law import Design, Law
from algoprogress.show.estimate import Estimate
from book.studies.data import variants
from book.studies.law import fits

DRAWS = 1_000  # resampled papers of each converged analysis
HELD_DRAWS = 400  # of each pair of held exponents, of which there are many
HELD_STARTS, HELD_STEPS = 4, 400  # of each of these, and the most steps of a start
CUTOFFS = (2016, 2017, 2018, 2019, 2020)
CONVERGED = fits.RESAMPLED.format(DRAWS)
COVERS = {"published": fits.PUBLISHED_ROWS, "converged": CONVERGED}  # by the method of draws
HELD = f"95%, {HELD_DRAWS} resampled papers, converged fits, no penalty"


@dataclass(frozen=True)
class Study:
    """One analysis that changes the law or the rows: what is fitted, to what, under which penalty."""

    law: Law
    sample: Sample
    penalty: float = fit.PENALTY


@functools.cache
def study(name: str) -> Study:
    """Return a study by name, of these checks or of the fits that the paper reports; raise KeyError for another."""
    law, sample = catalogue.law("7"), fits.main_sample()
    seen, diminishing = (variants.with_data(law, each) for each in ("log_tokens_seen", "log_effective_tokens"))
    known, filled = sample.with_epochs("drop"), sample.with_epochs("one")
    own = {
        "seen_known": (seen, known), "diminishing_known": (diminishing, known),
        "seen_filled": (seen, filled), "diminishing_filled": (diminishing, filled),
        "repeated_filled": (variants.with_data(law, "log_repeated_tokens"), filled),
        "vocabulary_imputed": (catalogue.law("19"), sample), "vocabulary_chosen": (catalogue.law("19"), sample, 0.02),
    }  # fmt: skip
    return Study(*(own[name] if name in own else fits.study(name)))


def protocol(of: Study, *, skip: int = 0) -> Draws:
    """Return the published bootstrap of a study; `skip` is how many draws of the seeded stream came before."""
    return resample.published_bootstrap(of.law, of.sample, penalty=of.penalty, skip=skip)


def converged(of: Study) -> Draws:
    """Return the converged fits of a study to resampled papers."""
    return resample.bootstrap(of.law, of.sample, penalty=of.penalty, draws=DRAWS)


def months(draws: Draws, at: Conditions | None = None) -> Estimate:
    """Return the median doubling time with its 95%: on months under the published protocol, else on rates."""
    rate, covers = growth_rates(draws, at), COVERS[draws.method]
    if draws.method == "published":
        found = rates.doubling_time_months(rate, signed=True)
        return Estimate.from_draws(found, covers=covers, unit="months", complete=True)
    return rates.months_of(Estimate.from_draws(rate, covers=covers))


@cached
def breaks(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the doubling time before and after each cutoff, by the published protocol and converged.

    One line per cutoff, procedure ("published" or "converged") and side ("before" or "after"), columns: cutoff,
    procedure, side, months (an estimate) and, the same on both sides, rise (an estimate: the paired difference of the
    growth rates, after minus before, per year, natural log) and faster (share of the draws in which it is positive).
    The published resamples of all cutoffs follow each other in one seeded stream.
    """
    lines = []
    for place, cutoff in enumerate(CUTOFFS):
        of = Study(variants.with_year_break(law, cutoff), sample)
        sides = {"before": Conditions(year=cutoff - 1.0), "after": Conditions(year=2023.0)}
        for draws in (protocol(of, skip=100 * place), converged(of)):
            before, after = (growth_rates(draws, at) for at in sides.values())
            complete = draws.method == "published"
            rise = Estimate.from_draws(after - before, covers=COVERS[draws.method], complete=complete)
            both = rise, float((after > before).mean())
            lines += [(cutoff, draws.method, side, months(draws, at), *both) for side, at in sides.items()]
    return pd.DataFrame(lines, columns=["cutoff", "procedure", "side", "months", "rise", "faster"])


@cached
def held_exponents(exponents: pd.DataFrame, sample: Sample, *, draws: int = HELD_DRAWS, seed: int = 0) -> pd.DataFrame:
    """Return the doubling time of model 7 with its scaling exponents held at values of experiments, without a penalty.

    One line per study of `exponents` (id, paper, alpha, beta) and floor ("none" or "by benchmark", which is fitted
    above zero and below the lowest loss on the benchmark), after two with the exponents fitted.
    Columns: id, paper, alpha, beta, floor, mse_nats2 and point (months) of the fit to all rows, floor_share (the
    largest floor over the lowest loss there), months and misfit (estimates, papers resampled: the latter is the error
    over that of fitted exponents and the same floor), without_progress and unconverged (shares of the draws).
    """
    law, lines, tasks = catalogue.law("7"), [], []
    known = exponents[["id", "paper", "alpha", "beta"]].to_dict("records")
    for row in [{"id": "free", "paper": "fitted to these rows", "alpha": np.nan, "beta": np.nan}, *known]:
        held = {} if row["id"] == "free" else {"alpha_param": row["alpha"], "beta_data": row["beta"]}
        for floor, of in (("none", law), ("by benchmark", variants.with_floor(law))):
            lines.append({**row, "floor": floor})
            tasks.append((Study(of, sample, 0.0), held, draws, seed))
    solved = mapped(_held, tasks, label="exponents held")
    for place, (line, (rate, found, facts)) in enumerate(zip(lines, solved, strict=True)):
        free = solved[place % 2][1]  # with the exponents fitted, of the same floor
        both, error = found.converged & free.converged, found.objective / free.objective
        misfit = Estimate.from_draws(error[1:][both[1:]], value=error[0], covers=HELD, unit="times")
        months = rates.months_of(Estimate.from_draws(rate, covers=HELD))
        line |= {**facts, "months": months, "misfit": misfit}
    return pd.DataFrame(lines)


@cached
def bounded_months(of: Study, *, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Return the median doubling time of a study with a floor, which is kept within its bounds, papers resampled."""
    rate, _, _ = _held(of, {}, draws, seed)
    return rates.months_of(Estimate.from_draws(rate, covers=CONVERGED))


def _held(of: Study, held: dict[str, float], draws: int, seed: int) -> tuple[np.ndarray, Solutions, dict[str, float]]:
    """Return the growth rates of resamples, all solutions (that of all rows first), and facts."""
    design, target, reference = fit.problem(of.law, of.sample)
    resamples = resample.paper_weights(resample.groups(of.sample, "paper"), draws, np.random.default_rng(seed))
    found = _minima(design, target, np.vstack([fit.equal_weights(design, 1), resamples]), of.penalty, held, seed)
    rate = rates.growth(of.law, reference, found.params).compute
    kept = rate[1:][found.converged[1:]]
    facts = {"mse_nats2": float(found.objective[0]), "point": float(rates.doubling_time_months(rate[0]))}
    facts["floor_share"] = float((design.parts(found.params[0])[0] / target).max())
    facts |= {"without_progress": float((kept <= 0).mean()), "unconverged": float((~found.converged).mean())}
    return kept, found, facts


def _minima(design: Design, target: np.ndarray, weights: np.ndarray, penalty: float, held, seed: int) -> Solutions:
    """Return each line's best minimum, floors in bounds, coefficients held: from starts, then far minima of others."""
    options = {"penalty": fit.strengths(design, penalty), "held": tuple(held), "limit": HELD_STEPS}
    starts, fixed = solver.mixed(design, target, HELD_STARTS, seed), np.isin(design.names, options["held"])
    for _ in range(2):
        starts[:, fixed] = [held[name] for name in design.names if name in held]
        every = bounded.minimise(design, target, weights, starts=np.tile(starts, (len(weights), 1)), **options)
        value = np.where(every.converged, every.objective, np.inf).reshape(len(weights), -1)
        best = value.argmin(axis=1) + np.arange(len(weights)) * value.shape[1]
        found = Solutions(*(part[best] for part in vars(every).values()))
        starts = np.vstack([starts, solver.spread_out(design, found.params[found.converged], HELD_STARTS)])
    return found


def regressions(comparisons: pd.DataFrame) -> pd.Series:
    """Return the halving time of training compute at each baseline's performance: estimates in months by baseline.

    Ordinary least squares of ln compute on the date (appendix A), whose months and days count as the authors count
    them, as twelfths and 365ths of a year; the 95% are Student's t, infinite where compute may not fall.
    """
    import statsmodels.api as sm  # slow to import

    found = {}
    for name, part in comparisons.groupby("baseline", sort=False):
        date, logs = part["publication_date"].dt, np.log(part["training_compute_flop"].to_numpy(float))
        years = (date.year + date.month / 12 + date.day / 365).to_numpy(float)
        line = sm.OLS(logs, sm.add_constant(years)).fit()
        rate = Estimate(-line.params[1], *-line.conf_int()[1][::-1], "95%, Student's t, least squares")
        found[name] = rates.months_of(rate)
    return pd.Series(found)


def largest_cut(frame: pd.DataFrame, *, within_benchmark: bool) -> float:
    """Return the largest factor of compute that a later system saves at a lower perplexity, on another text or not."""
    known = frame[frame["training_compute_flop"].notna()]
    pairs = known.merge(known, how="cross", suffixes=("", "_later"))
    better = (pairs["years_decimal_later"] > pairs["years_decimal"]) & (pairs["perplexity_later"] < pairs["perplexity"])
    pairs = pairs[better & ((pairs["benchmark"] == pairs["benchmark_later"]) | (not within_benchmark))]
    return float((pairs["training_compute_flop"] / pairs["training_compute_flop_later"]).max())
