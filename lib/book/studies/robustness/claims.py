"""Recomputes the robustness checks of Ho et al. 2024, each by its stated procedure and solved to the minimum."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from scipy.special import expit

from algoprogress.data import tables
from algoprogress.fits import rates
from algoprogress.fits.rates import Conditions, published_interval_months
from algoprogress.show.estimate import Estimate
from book.studies.identify.claims import sign_share
from book.studies.law.fits import main_sample, published_fit, study
from book.studies.registry import recomputes
from book.studies.robustness import clustered, direct, pooled, transformer_gain
from book.studies.robustness import study as robustness
from book.studies.selection.claims import published_cells, score
from book.studies.specifications import curve

PROTOCOL = "95%, 100 resampled rows, published protocol"
CONVERGED = f"95%, {robustness.DRAWS:,} resampled papers, converged fits"
POOLED = "95%, resampled rows and the ten specifications, published protocol"
POOLED_CONVERGED = "95%, resampled papers and the ten specifications, converged fits"
STUDENT = "95%, Student's t, least squares"
PRIVATE = "none: it rests on a table that is not public"
SCORES = "none: the largest or smallest of several scores"
STUDIES = {
    "r05": "floor",
    "r06_dataset": "model7",
    "r06_seen_known": "seen_known",
    "r06_seen_filled": "seen_filled",
    "r06_diminishing_known": "diminishing_known",
    "r06_diminishing_filled": "diminishing_filled",
    "r06_repeated_filled": "repeated_filled",
    "r07_known": "vocabulary_known",
    "r07_imputed": "vocabulary_imputed",
    "r07_chosen": "vocabulary_chosen",
    "r13": "compute_only",
    "r15": "hicks_neutral",
    "r16": "non_transformer",
}
GPT3_PARAMETERS = 175e9  # Brown et al. 2020


def _months(name: str, how: str) -> Estimate:
    found = robustness.study(STUDIES[name])
    draws = robustness.protocol(found) if how == "protocol" else robustness.converged(found)
    low, median, high = robustness.months(draws)
    return Estimate(median, low, high, PROTOCOL if how == "protocol" else CONVERGED)


@recomputes(rf"ho\.robust\.({'|'.join(STUDIES)})\.months\.(protocol|converged)(?:\.interval)?")
def months(name: str, how: str) -> Estimate:
    """Return the median doubling time of an analysis that changes the law or the rows."""
    return _months(name, how)


@recomputes(r"ho\.robust\.r01\.months\.(protocol|converged)(?:\.interval)?")
def searched(how: str) -> Estimate:
    """Return the median doubling time by the authors' numerical search, or the exact solution of its question."""
    found = robustness.study("model7")
    if how == "protocol":
        values = pooled.searched_months(robustness.protocol(found), Conditions())
        low, median, high = np.nanpercentile(values, [2.5, 50.0, 97.5])
        return Estimate(float(median), float(low), float(high), PROTOCOL)
    draws = robustness.converged(found)
    with np.errstate(all="ignore"):  # draws whose answer lies before the calendar begins
        values = rates.numerical_doubling_time_months(draws.law, draws.reference, draws.params)
    values = np.where(values > 0, values, np.inf)[np.isfinite(values)]
    low, median, high = np.percentile(values, [2.5, 50.0, 97.5], method="nearest")
    return Estimate(float(median), float(low), float(high), f"{CONVERGED}, without those that have no optimum")


@recomputes(r"ho\.robust\.r02\.months\.(notebook|text|converged)(?:\.interval)?")
def pool(how: str) -> Estimate:
    """Return the median of the pooled draws of the ten specifications."""
    if how == "converged":
        low, median, high = rates.doubling_interval_months(pooled.converged(main_sample()))
        return Estimate(median, low, high, POOLED_CONVERGED)
    low, median, high = (float(value) for value in np.percentile(pooled.published(main_sample()), [2.5, 50.0, 97.5]))
    return Estimate(median, low, high, POOLED)


@recomputes(r"ho\.robust\.r03\.(shortest|longest)_median\.(protocol|converged)")
def forms(which: str, how: str) -> Estimate:
    """Return the shortest or longest median among all laws, each at its best penalty, with that law's interval."""
    frame = pooled.forms(main_sample())
    names = ("protocol_low", "protocol", "protocol_high") if how == "protocol" else ("low", "median", "high")
    place = frame[names[1]].idxmin() if which == "shortest" else frame[names[1]].idxmax()
    low, median, high = (float(frame.loc[place, name]) for name in names)
    return Estimate(median, low, high, f"{PROTOCOL if how == 'protocol' else CONVERGED}, of that law")


@functools.cache
def _breaks() -> pd.DataFrame:
    law, sample, _ = study("model7")
    return robustness.breaks(law, sample).set_index(["cutoff", "procedure", "side"])


@recomputes(r"ho\.robust\.r04\.cut(\d{4})\.(before|after)\.(protocol|converged)")
def at_break(cutoff: str, side: str, how: str) -> Estimate:
    """Return the median doubling time on one side of a cutoff."""
    row = _breaks().loc[(int(cutoff), "published" if how == "protocol" else "converged", side)]
    covers = PROTOCOL if how == "protocol" else CONVERGED
    return Estimate(float(row["median"]), float(row["low"]), float(row["high"]), covers)


@recomputes(r"ho\.robust\.r04\.cut(\d{4})\.faster_share\.(protocol|converged)")
def faster(cutoff: str, how: str) -> Estimate:
    """Return the share of the draws in which progress is faster after a cutoff."""
    row = _breaks().loc[(int(cutoff), "published" if how == "protocol" else "converged", "after")]
    return Estimate(float(row["faster"]), covers="none: it is itself a measure of uncertainty")


@functools.cache
def _clustered(how: str):
    law, sample, _ = study("model7")
    return clustered.published_bootstrap(law, sample) if how == "protocol" else clustered.bootstrap(law, sample)


@recomputes(r"ho\.robust\.r08\.months\.(protocol|converged)(?:\.interval)?")
def clustered_months(how: str) -> Estimate:
    """Return the median doubling time with errors correlated within papers, on the public rows."""
    draws = _clustered(how)
    low, median, high = robustness.months(clustered.of_law(draws))
    return Estimate(median, low, high, PROTOCOL if how == "protocol" else CONVERGED)


@recomputes(r"ho\.robust\.r08\.correlation\.(protocol|converged)")
def correlation(how: str) -> Estimate:
    """Return the correlation of the errors within papers, on the public rows."""
    law, sample, _ = study("model7")
    if how == "protocol":
        theta = clustered.published(law, sample)[None]
        draws = _clustered("protocol")
        point = float(expit(theta[0, -1]))
    else:
        draws = _clustered("converged")
        point = float(clustered.correlation(clustered.best(law, sample))[0])
    low, high = np.nanpercentile(clustered.correlation(draws)[~clustered.lost(draws)], [2.5, 97.5])
    return Estimate(point, float(low), float(high), PROTOCOL if how == "protocol" else CONVERGED)


@recomputes(r"ho\.robust\.r09\.(gpt2|megatron|gopher)\.months")
def direct_months(baseline: str) -> Estimate:
    """Return the halving time of training compute at one system's performance."""
    place = {"gpt2": "GPT-2", "megatron": "Megatron", "gopher": "Gopher"}[baseline]
    frame = direct.regressions(tables.read("direct_comparisons"))
    row = frame[frame["baseline"].str.startswith(place)].iloc[0]
    return Estimate(*(float(row[name]) for name in ("months", "low", "high")), STUDENT)


@recomputes(r"ho\.robust\.r10\.sign_share")
def positive_sum() -> Estimate:
    """Return the share of resamples in which the year coefficients have a positive sum, published protocol."""
    return sign_share("published_procedure")


@recomputes(r"ho\.robust\.r11\.(lowest|highest)_score")
def by_penalty(which: str) -> Estimate:
    """Return the lowest or highest cross-validated score of law 7 among the penalties, published protocol."""
    found = [cell for (law, _), cell in published_cells().items() if law == "7"]
    return score((min if which == "lowest" else max)(found, key=lambda cell: cell.mse_nats2))


@recomputes(r"ho\.robust\.(?:r12|r13|r14|r15)\.law(\d+)_score")
def best_score(law: str) -> Estimate:
    """Return the lowest cross-validated score of a law among the penalties, published protocol."""
    return score(min((cell for (of, _), cell in published_cells().items() if of == law), key=lambda c: c.mse_nats2))


@recomputes(r"ho\.robust\.r13\.score")
def compute_score() -> Estimate:
    """Return the cross-validated score of the law in compute alone without a penalty, published protocol."""
    return score(published_cells()["18", 0.0])


@recomputes(r"ho\.robust\.r13\.exponent")
def compute_exponent() -> Estimate:
    """Return the exponent of compute under the law in compute alone, published protocol."""
    found = robustness.study("compute_only")
    draws = robustness.protocol(found)["alpha_compute"]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Estimate(float(published_fit("compute_only").params["alpha_compute"]), float(low), float(high), PROTOCOL)


@recomputes(r"ho\.robust\.r17\.law(\d+)_(\d+)\.(protocol|converged)(?:\.interval)?")
def transformer(law: str, digits: str, how: str) -> Estimate:
    """Return the compute-equivalent gain of the transformer at 1e25 FLOP under one of the ten specifications."""
    frame = transformer_gain.by_specification(main_sample())
    row = frame[(frame["law"] == law) & np.isclose(frame["penalty"], float(f"0.{digits[1:]}"))].iloc[0]
    names = ("protocol", "protocol_low", "protocol_high") if how == "protocol" else ("median", "low", "high")
    covers = PROTOCOL if how == "protocol" else CONVERGED
    return Estimate(*(float(row[name]) for name in names), covers)


@recomputes(r"ho\.robust\.r18\.gain_1e(\d+)\.(protocol|converged)(?:\.interval)?")
def transformer_at(power: str, how: str) -> Estimate:
    """Return the compute-equivalent gain of the transformer under law 7, at a training compute."""
    low, median, high = transformer_gain.of_law7(main_sample(), 10.0 ** int(power), published=how == "protocol")
    return Estimate(median, low, high, PROTOCOL if how == "protocol" else CONVERGED)


@recomputes(r"ho\.robust\.(?:r19\.share_(?:low|high)|r20\.\w+|r21\.january|r21\.imagenet|r08\.rows)")
def private() -> Estimate:
    """Return nothing: the numbers rest on tables or experiments that are not public."""
    return Estimate(np.nan, covers=PRIVATE)


@recomputes(r"ho\.robust\.r21\.main(_within)?")
def reduction(within: str | None) -> Estimate:
    """Return the largest factor by which a later and better system needed less compute, on Epoch AI's figures."""
    found = direct.reductions(main_sample().frame, within_benchmark=bool(within))
    return Estimate(float(found["factor"].max()), covers="none: the largest of many comparisons")


@recomputes(r"ho\.robust\.r22\.(gpt3|chinchilla)_tokens_per_parameter")
def tokens_per_parameter(which: str) -> Estimate:
    """Return the reference lines of the figure on the split between parameters and data."""
    frame = main_sample().frame.set_index("system")
    if which == "chinchilla":
        row = frame.loc["Chinchilla"]
        return Estimate(float(row["dataset_tokens"] / row["parameters"]), covers="none: a ratio of two facts")
    row = frame.loc["GPT3-6.7B (rerun of original)"]  # trained on GPT-3's dataset
    return Estimate(float(row["dataset_tokens"] / GPT3_PARAMETERS), covers="none: a ratio of two facts")


@recomputes(r"ho\.robust\.exponents\.(\w+?)\.months(\.floor)?")
def held(id: str, floor: str | None) -> Estimate:
    """Return the median doubling time with the exponents held at the values of an experiment, converged, papers."""
    frame = robustness.held_exponents(tables.read("exponents"), main_sample())
    row = frame[(frame["id"] == id) & (frame["floor"] == ("by benchmark" if floor else "none"))].iloc[0]
    covers = f"95%, {robustness.HELD_DRAWS} resampled papers, converged fits, no penalty"
    return Estimate(*(float(row[name]) for name in ("median", "low", "high")), covers)


@recomputes(r"ho\.spec_curve\.doubling_months(?:\.(converged|published)_optimiser|\.(unpenalised))?")
def over_specifications(optimiser: str | None, unpenalised: str | None) -> Estimate:
    """Return the median doubling time over the specifications, or over a part of them."""
    frame = tables.read("specifications")
    frame = frame[frame["optimiser"] == optimiser] if optimiser else frame
    frame = frame[frame["penalty"] == 0.0] if unpenalised else frame
    low, median, high = curve.quantiles(frame)
    return Estimate(median, low, high, f"95% of {len(frame):,} specifications, no resampling")


@recomputes(r"ho\.spec_curve\.variance\.(\w+)\.(alone|involved)")
def explained(choice: str, what: str) -> Estimate:
    """Return the share of the variance over specifications that a choice explains."""
    frame = curve.variance(tables.read("specifications")).set_index("choice")
    return Estimate(float(frame.loc[choice, what]), covers="none: a property of the chosen set of specifications")


@recomputes(r"ho\.spec_curve\.(specifications|holds_published|no_progress)")
def curve_fact(what: str) -> Estimate:
    """Return how many specifications there are, or which share of them has a property."""
    frame = curve.months(tables.read("specifications"))
    published = published_interval_months(robustness.protocol(robustness.study("model7")))[1]
    facts = {
        "specifications": len(frame),
        "holds_published": ((frame["months_low"] <= published) & (published <= frame["months_high"])).mean(),
        "no_progress": (frame["rate"] <= 0).mean(),
    }
    return Estimate(float(facts[what]), covers="none: a property of the chosen set of specifications")


@recomputes(r"ho\.spec_curve\.leave_out\.(paper|row)\.(shortest|longest)(\.unpenalised)?")
def left_out(by: str, which: str, unpenalised: str | None) -> Estimate:
    """Return the shortest or longest doubling time with one paper or row left out, converged."""
    frame = curve.leave_outs(main_sample())
    penalised = frame["penalty"] > 0
    part = frame.loc[(frame["by"] == by) & (penalised != bool(unpenalised)), "months"]
    value = float(part.min() if which == "shortest" else part.max())
    return Estimate(value, covers="none: the most extreme of many fits")
