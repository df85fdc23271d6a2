"""Which laws and penalties cross-validation can tell apart: the studies behind the chapter on model selection."""

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from algoprogress.show.estimate import LEVEL, Estimate
from book.studies.law.fits import main_sample
from book.studies.selection import held_out
from book.studies.selection import published as protocol
from book.studies.selection.published import CHAINED, PENALTIES, Folds

LAWS = tuple(str(number) for number in range(1, 21))  # of the published comparison
# The penalties of the published comparison, as the ids of claims write them.
IN_IDS = {0.0: "0", 0.001: "0001", 0.0025: "00025", 0.005: "0005", 0.01: "001", 0.02: "002"}
RESTARTS, SHUFFLES = 5, 20
STARTS = 60  # of a converged fit to all rows here
LONGEST_MONTHS = 1_000.0  # a doubling time beyond is no progress within the span of the data
PAPERS = "95%, papers of the held-out rows, for the fits as they are"
CHOSEN = ("7", 0.0025)  # law and penalty that the paper chooses
EXTRAPOLATED = ("7", "12", "16", "18")


def laws() -> list[Law]:
    """Return the twenty laws of the published comparison."""
    return [catalogue.law(number) for number in LAWS]


def _tasks(sample: Sample) -> list[tuple[Law, Sample, float]]:
    """Return every law with the sample and every penalty."""
    return [(law, sample, penalty) for law in laws() for penalty in PENALTIES]


@cached
def published(sample: Sample) -> list[Folds]:
    """Return the published cross-validation of every law under every penalty, on the rows of `published_training`."""
    return mapped(protocol.in_order, _tasks(sample), label="published cross-validation")


@cached
def converged(sample: Sample, *, by: str) -> list[Folds]:
    """Return the converged cross-validation of every law under every penalty."""
    return held_out.cells(laws(), sample, by=by)


@functools.cache
def training() -> Sample:
    """Return the rows that the authors cross-validate."""
    return protocol.published_training(main_sample())


@functools.cache
def published_cells() -> dict[tuple[str, float], Folds]:
    """Return the published cross-validation of the authors' rows by law and penalty."""
    return {(cell.law, cell.penalty): cell for cell in published(training())}


def contest(cells: Sequence[Folds], sample: Sample) -> pd.DataFrame:
    """Return squared errors (nats²) by paper of the row, law and penalty; ValueError unless all have the same rows."""
    rows = cells[0].row
    if any(not np.array_equal(cell.row, rows) for cell in cells):
        raise ValueError("cross-validations can only be compared on the same rows")
    papers = sample.frame.set_index("row")["paper_id"].loc[rows].to_numpy()
    names = pd.MultiIndex.from_tuples([(cell.law, cell.penalty) for cell in cells], names=["law", "penalty"])
    return pd.DataFrame(np.column_stack([cell.squared_errors for cell in cells]), papers, names)


def differences(errors: pd.DataFrame, *, against: tuple[str, float] | None = None) -> pd.DataFrame:
    """Return how much worse each specification of a `contest` is than one of them, the best unless told, one line each.

    Columns: law, penalty, mse_nats2, difference_nats2 (an estimate, 95% for each comparison alone), error_nats2 (its
    standard error, clustered by paper). The interval covers which papers' rows were held out, not the fits.
    """
    apart = errors.to_numpy() - errors[[against or errors.mean().idxmin()]].to_numpy()
    error = [mean_error(column, errors.index) for column in apart.T]
    found = [around(*each) for each in zip(apart.mean(axis=0), error, strict=True)]
    columns = {"mse_nats2": errors.mean().to_numpy(), "difference_nats2": found, "error_nats2": error}
    return pd.DataFrame(columns, index=errors.columns).reset_index()


def around(value: float, error: float) -> Estimate:
    """Return a value in nats squared with its 95% interval, from its standard error clustered by paper."""
    return Estimate(float(value), float(value - 1.96 * error), float(value + 1.96 * error), PAPERS, "nats^2")


def mean_error(values: np.ndarray, papers: pd.Index) -> float:
    """Return the standard error of a mean of values that are correlated within papers (statsmodels)."""
    import statsmodels.api as sm  # slow to import

    if np.ptp(values) == 0.0:
        return 0.0
    groups = {"groups": papers.to_numpy()}
    return float(sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds=groups).bse[0])


def best_set(errors: pd.DataFrame, *, draws: int = 10_000, seed: int = 0) -> pd.DataFrame:
    """Return which specifications of a `contest` may be the best: a 95% confidence set, one line a specification.

    One leaves the set if another beats it by more, in standard errors, than the largest such lead that resampling whole
    papers brings about where there is none (multiple comparisons with the best, Hsu 1981, critical values from the
    bootstrap). Columns: law, penalty, mse_nats2, t (largest lead of another), critical, kept.

    The scale of each lead stays that of the sample; among simulated equals the best is then kept a point less often
    than it should. A scale anew in each draw mends that, but lets specifications that differ on a few papers only
    decide the critical values: a draw without these papers has next to no scale.
    """
    papers, membership = np.unique(errors.index, return_inverse=True)
    means, pulls = errors.mean().to_numpy(), np.zeros((len(papers), errors.shape[1]))
    np.add.at(pulls, membership, (errors.to_numpy() - means) / len(errors))  # how much each paper moves each mean
    times = np.random.default_rng(seed).multinomial(len(papers), np.full(len(papers), 1 / len(papers)), size=draws)
    moves = (times - 1.0) @ pulls
    covariance = pulls.T @ pulls
    spread = np.sqrt(np.maximum(np.add.outer(*[np.diag(covariance)] * 2) - 2.0 * covariance, 0.0))
    scale = np.where(spread > 1e-9, spread, np.inf)  # specifications with the same errors never beat each other
    leads = ((means[:, None] - means) / scale).max(axis=1)
    critical = [np.quantile(((moves[:, [one]] - moves) / scale[one]).max(axis=1), LEVEL) for one in range(len(leads))]
    frame = pd.DataFrame({"mse_nats2": means, "t": leads, "critical": critical}, index=errors.columns)
    return frame.assign(kept=frame["t"] <= frame["critical"]).reset_index()


def score(cell: Folds) -> Estimate:
    """Return the mean squared error of a cross-validation of the authors' rows, in nats squared; papers independent."""
    errors = contest([cell], training())
    return around(cell.mse_nats2, mean_error(errors.to_numpy()[:, 0], errors.index))


def best(sample: Sample) -> tuple[str, float]:
    """Return law and penalty with the smallest converged score, one row left out at a time."""
    return contest(converged(sample, by="row"), sample).mean().idxmin()


@cached
def months(sample: Sample) -> pd.DataFrame:
    """Return doubling times on all rows: law, penalty, months (infinite without progress, nan if none to measure)."""
    return pd.DataFrame(mapped(_months, _tasks(sample), label="doubling times"))


def _months(law: Law, sample: Sample, penalty: float) -> dict[str, object]:
    found = fit.converged.__wrapped__(law, sample, penalty=penalty, starts=STARTS)
    still = "year" not in f"{law.capacity} {law.data}"  # laws 16 and 17 leave no room for progress
    return {"law": law.id, "penalty": penalty, "months": np.nan if still else point_months(found)}


@cached
def scores(sample: Sample, whole: Sample) -> pd.DataFrame:
    """Return every law and penalty with its scores and its doubling time, one line each.

    `sample` holds the rows to cross-validate, `whole` all rows. Columns: law, penalty, published, by_row, by_paper and
    held_back (nats squared), kept_by_row and kept_by_paper (in the confidence set of the best), months.
    """
    frame = months(whole)
    for name, cells in (("published", published(sample)), ("held_back", held_out.held_back_cells(laws(), whole))):
        frame[name] = [cell.mse_nats2 for cell in cells]
    for by in ("row", "paper"):
        found = best_set(contest(converged(sample, by=by), sample))
        frame[[f"by_{by}", f"kept_by_{by}"]] = found[["mse_nats2", "kept"]]
    columns = ["published", "held_back", "by_row", "kept_by_row", "by_paper", "kept_by_paper", "months"]
    return frame[["law", "penalty", *columns]]


@cached
def chains(sample: Sample, *, penalties: Sequence[float] = CHAINED) -> pd.DataFrame:
    """Return variants of the chosen law's chain by penalty: variant, and `differences` from the published one."""
    law, backwards, parts = catalogue.law(CHOSEN[0]), tuple(range(len(sample)))[::-1], []
    for penalty in penalties:
        variants = {
            "published chain": protocol.published(law, sample, penalty=penalty),
            "the same, blind to the row": protocol.kept_blind(law, sample, penalty=penalty),
            "reversed": protocol.published(law, sample, penalty=penalty, order=backwards),
            "each fold from zeros": protocol.published(law, sample, penalty=penalty, chained=False),
            "each fold restarted": protocol.restarted(law, sample, penalty=penalty, restarts=RESTARTS),
            "converged": held_out.leave_out(law, sample, penalty=penalty),
        }
        errors = contest([replace(cell, law=name) for name, cell in variants.items()], sample)
        parts.append(differences(errors, against=("published chain", penalty)).rename(columns={"law": "variant"}))
    return pd.concat(parts, ignore_index=True)


@cached
def orders(sample: Sample, *, penalties: Sequence[float] = CHAINED, shuffles: int = SHUFFLES) -> pd.DataFrame:
    """Return the published score of the chosen law with its folds in random orders: penalty, order, mse_nats2."""
    lines = []
    for penalty in penalties:
        cells = protocol.shuffled(catalogue.law(CHOSEN[0]), sample, penalty=penalty, shuffles=shuffles)
        lines += [(penalty, order, cell.mse_nats2) for order, cell in enumerate(cells)]
    return pd.DataFrame(lines, columns=["penalty", "order", "mse_nats2"])


@cached
def extrapolated(sample: Sample) -> pd.DataFrame:
    """Return how well laws fitted before a year predict the rows after it (`held_out.extrapolation`)."""
    return held_out.extrapolation([catalogue.law(id) for id in EXTRAPOLATED], sample, penalties=(0.0, fit.PENALTY))


def authors_scores() -> pd.DataFrame:
    """Return `scores` of the authors' rows."""
    return scores(training(), main_sample())


def authors_chains() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `chains` and `orders` of the authors' rows."""
    return chains(training()), orders(training())


def kept(frame: pd.DataFrame, *, by: str = "row") -> pd.Series:
    """Return what the confidence set of `scores` holds: how many specifications, and their doubling times.

    `months` (an estimate) is their median with the range over those with progress; `still` counts those without, or
    with none that can be measured.
    """
    found = frame.loc[frame[f"kept_by_{by}"], "months"]
    moving = found[found < LONGEST_MONTHS]
    ends = (float(value) for value in (found.median(), moving.min(), moving.max()))
    range_of_set = Estimate(*ends, "range over the specifications that may be the best", "months")
    return pd.Series({"specifications": len(found), "months": range_of_set, "still": len(found) - len(moving)})


def luck(chained: pd.DataFrame, shuffled: pd.DataFrame, *, penalty: float = CHOSEN[1]) -> pd.Series:
    """Return what the published chain owes to what under one penalty, in nats squared, from `chains` and `orders`.

    `leak` and `leak_error` are the paired gain from having seen the predicted row, with its standard error; of
    `orders` random orders of the folds, `lower` score below the published one, and `middle` is their median.
    """
    table = chained[chained["penalty"] == penalty].set_index("variant")
    drawn = shuffled.loc[shuffled["penalty"] == penalty, "mse_nats2"]
    blind = table.loc["the same, blind to the row"]
    lower = int((drawn < table.loc["published chain", "mse_nats2"]).sum())
    facts = {"leak": blind["difference_nats2"].value, "leak_error": blind["error_nats2"]}
    return pd.Series({**facts, "orders": len(drawn), "lower": lower, "middle": drawn.median()})
