"""Recomputes the claims on where progress came from: attribution, growth, the transformer, allocation."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from algoprogress.data import tables
from algoprogress.laws import scaling as frontier
from algoprogress.show.estimate import Estimate
from book.studies.attribution import sources
from book.studies.growth import acceleration
from book.studies.growth import compute as growth
from book.studies.law.fits import main_sample
from book.studies.registry import recomputes
from book.studies.robustness import study as robustness
from book.studies.robustness import transformer_gain
from book.studies.transformer import study as transformer

ROWS = "95%, 100 resampled rows, published protocol"
PAPERS = f"95%, {sources.DRAWS:,} resampled papers, converged fits"
ARITHMETIC = "none: arithmetic on stated figures"
POINT = "none: a property of one fit; its interval over rows is with the shares"
RUNS = "95%, 4,000 resampled runs"
ORGANISATIONS = f"95%, {growth.DRAWS:,} resampled organisations"
NAME = "rnn2012|lstm2016|transformer2018|transformerxl|gpt2|megatron|gpt3|gopher|chinchilla"
STACK = {"physical_doubling_before": 6.0, "physical_doubling_2018": 1.5, "algorithmic": 7.5}  # months, as in figure 5


@functools.cache
def _shares() -> pd.DataFrame:
    return sources.published_shares(main_sample()).set_index(["start_id", "end_id"])


@functools.cache
def _intervals(procedure: str) -> pd.DataFrame:
    return sources.share_intervals(main_sample(), procedure=procedure).set_index(["start", "end", "factor"])


@recomputes(rf"ho\.shapley\.({NAME})_({NAME})\.(parameters|data|parameter_efficiency|data_efficiency|compute)")
def share(start: str, end: str, factor: str) -> Estimate:
    """Return the Shapley share of a factor between two systems under the published fit."""
    row = _shares().loc[(start, end)]
    ends = _intervals("published").loc[(row["start"], row["end"], factor)]
    return Estimate(float(row[factor]), float(ends["low"]), float(ends["high"]), ROWS)


@recomputes(rf"ho\.shapley\.({NAME})_({NAME})\.(compute|algorithms)\.converged")
def converged_share(start: str, end: str, factor: str) -> Estimate:
    """Return the median share of compute or of algorithms over resampled papers, converged."""
    row = _shares().loc[(start, end)]
    ends = _intervals("converged").loc[(row["start"], row["end"], factor)]
    return Estimate(float(ends["median"]), float(ends["low"]), float(ends["high"]), PAPERS)


@recomputes(rf"ho\.shapley\.({NAME})_({NAME})\.fall_perplexity")
def fall(start: str, end: str) -> Estimate:
    """Return the fall of the predicted perplexity between two systems under the published fit."""
    return Estimate(float(_shares().loc[(start, end), "fall_perplexity"]), covers=POINT)


@recomputes(rf"ho\.shapley\.loss\.({NAME})")
def predicted(system: str) -> Estimate:
    """Return the loss in nats that the published fit predicts of a system."""
    name = tables.read("milestones").set_index("id").loc[system, "system"]
    return Estimate(float(sources.predicted_losses(main_sample())[name]), covers=POINT)


@recomputes(r"ho\.shapley\.table_compute\.(least|most)")
def table_range(which: str) -> Estimate:
    """Return the least or largest share of compute among the pairs of the paper's table, published fit."""
    frame = _shares().reset_index().merge(sources.table_pairs(), on=["start", "end"])
    row = frame.loc[frame["compute"].idxmin() if which == "least" else frame["compute"].idxmax()]
    ends = _intervals("published").loc[(row["start"], row["end"], "compute")]
    return Estimate(float(row["compute"]), float(ends["low"]), float(ends["high"]), f"{ROWS}, of that pair")


def _monte_carlo(share_of_draws: float, draws: int) -> Estimate:
    ends = binomtest(round(share_of_draws * draws), draws).proportion_ci(method="wilson")
    return Estimate(share_of_draws, float(ends.low), float(ends.high), f"95%, Monte Carlo error of {draws:,} draws")


@recomputes(r"ho\.claim\.compute_dominates(\.least_sure)?")
def compute_dominates(least: str | None) -> Estimate:
    """Return the share of resampled papers in which compute explains over half: of every pair, or of the worst pair."""
    if least:
        return _monte_carlo(float(sources.dominance(main_sample())["over_half"].min()), sources.DRAWS)
    return _monte_carlo(sources.jointly_over_half(main_sample()), sources.DRAWS)


@recomputes(r"ho\.claim\.algorithm_share_fell(\.points)?")
def share_fell(points: str | None) -> Estimate:
    """Return the share of resampled papers in which the share of algorithms fell, or by how much it fell."""
    falls = sources.fall_of_share(main_sample())["fall"]
    if points:
        low, median, high = np.quantile(falls, [0.025, 0.5, 0.975])
        return Estimate(float(median), float(low), float(high), PAPERS)
    return _monte_carlo(float((falls > 0).mean()), len(falls))


@recomputes(r"ho\.claim\.no_acceleration(\.detectable|\.spline_change|\.spline_detectable|\.slowest_detectable)?")
def no_acceleration(what: str | None) -> Estimate:
    """Return how many of five cutoffs show a change of pace, or what change could have been seen, per year."""
    if what in (".spline_change", ".spline_detectable"):
        found = acceleration.change(main_sample())
        if what == ".spline_detectable":
            return Estimate(found["detectable"], covers="none: a property of the design")
        return Estimate(found["median"], found["low"], found["high"], "95%, 1,000 resampled papers, converged fits")
    frame = acceleration.detectable(main_sample())
    if what:
        return Estimate(float(frame["detectable"].min()), covers="none: a property of the design")
    seen = (frame["rise_low"] > 0) | (frame["rise_high"] < 0)
    return Estimate(float(seen.sum()), covers="none: a count of intervals that leave out zero")


@functools.cache
def _choices() -> pd.DataFrame:
    return transformer.by_choice(main_sample()).set_index(["form", "penalty", "flags", "compute_flop"])


@recomputes(r"ho\.transformer\.ceg_1e(22|25)\.published")
def published_gain(power: str) -> Estimate:
    """Return the median compute-equivalent gain of the transformer, published protocol."""
    return transformer_gain.of_law7(main_sample(), 10.0 ** int(power), published=True)


@recomputes(r"ho\.transformer\.ceg_1e(20|22|25)\.(free|exponents|penalised)(?:\.(unpenalised|reviewed|strong))?")
def gain(power: str, form: str, how: str | None) -> Estimate:
    """Return the median gain, converged, by the way to write the effect, the penalty and the flags."""
    name = {"free": "factor, free", "exponents": "exponents", "penalised": "factor, penalised"}[form]
    penalty = {"unpenalised": 0.0, "strong": 0.01}.get(how, 0.0025)
    row = _choices().loc[(name, penalty, "reviewed" if how == "reviewed" else "as used", 10.0 ** int(power))]
    covers = f"95%, {transformer.DRAWS} resampled papers, converged fits"
    return Estimate(float(row["median"]), float(row["low"]), float(row["high"]), covers)


@recomputes(r"ho\.transformer\.years(?:\.(published_pace|penalised))?")
def years(how: str | None) -> Estimate:
    """Return how many years of progress the transformer is worth at 1e25 FLOP."""
    if how == "published_pace":
        gains = transformer_gain.of_law7(main_sample(), 1e25, published=True)
        pace = robustness.months(robustness.protocol(robustness.study("model7"))).value
        years = gains.map(lambda gain: float(np.log2(gain) * pace / 12.0), unit="years")
        return years.covering(f"{ROWS}, of the gain alone")
    name = "factor, penalised" if how == "penalised" else "factor, free"
    row = _choices().loc[(name, 0.0025, "as used", 1e25)]
    covers = f"95%, {transformer.DRAWS} resampled papers, converged fits, gain and pace of the same fit"
    return Estimate(float(row["years"]), float(row["years_low"]), float(row["years_high"]), covers)


@recomputes(r"ho\.transformer\.(slope|slope_detectable)")
def slope(what: str) -> Estimate:
    """Return how the gain grows with compute under exponents by architecture, or the growth that could be seen."""
    found = transformer.slope(main_sample())
    if what == "slope_detectable":
        return Estimate(found["detectable"], covers="none: a property of the design")
    covers = f"95%, {transformer.DRAWS} resampled papers, converged fits"
    return Estimate(found["median"], found["low"], found["high"], covers)


@recomputes(r"growth\.stack\.(\w+)")
def stack(what: str) -> Estimate:
    """Return a number of the published stack by its own arithmetic."""
    before = growth.factor(STACK["physical_doubling_before"], 8.0)
    year = growth.factor(STACK["physical_doubling_2018"], 1.0)
    physical, algorithmic = before * year, growth.factor(STACK["algorithmic"], 9.0)
    values = {
        "physical_figure": physical,
        "algorithmic_figure": algorithmic,
        "physical_share": np.log(physical) / np.log(physical * algorithmic),
        "product_figure": physical * algorithmic,
        "product_text": 1e6 * 22_000,
        "physical_at_six_months": growth.factor(6.0, 9.0),
        "algorithmic_at_published_pace": growth.factor(8.4, 9.0),
        "physical_share_text": np.log(1e6) / np.log(2.2e10),
    }
    return Estimate(float(values[what]), covers=ARITHMETIC)


@recomputes(r"growth\.compute_months\.(all|notable|frontier)")
def compute_months(which: str) -> Estimate:
    """Return the doubling time of physical training compute since 2012, a straight line."""
    frame = sources.compute_growth()
    row = frame[(frame["models"] == which) & (frame["bends"] == 0)].iloc[0]
    return Estimate(float(row["months"]), float(row["months_low"]), float(row["months_high"]), ORGANISATIONS)


@recomputes(r"growth\.bend\.(all|notable|frontier)\.(year|p_value)")
def bend(which: str, what: str) -> Estimate:
    """Return the most likely date of a bend in the growth of compute, or the p value of no bend."""
    frame = sources.compute_growth()
    row = frame[(frame["models"] == which) & (frame["bends"] == 1)].iloc[0]
    if what == "p_value":
        return Estimate(float(row["p_value"]), covers="none: a test statistic")
    return Estimate(*(float(row[name]) for name in ("year", "year_low", "year_high")), ORGANISATIONS)


@recomputes(r"growth\.(effective|physical|algorithmic)_2012_2025")
def grown(part: str) -> Estimate:
    """Return how many times a part of effective compute has grown from 2012 to 2025."""
    frame = sources.effective_stack(main_sample())
    row = frame[(frame["part"] == part) & (frame["year"] == 2025.0)].iloc[0]
    covers = "95%, resampled organisations and papers"
    return Estimate(float(row["median"]), float(row["low"]), float(row["high"]), covers)


FLOPS = {"1e19": 1e19, "1e21": 1e21, "1e22": 1e22, "3e23": 3e23, "2p53e24": 2.53e24, "1e25": 1e25, "5e26": 5e26}


@recomputes(r"allocation\.ceg_kaplan\.(\w+)\.(hoffmann|besiroglu|porian|ho)(\.better)?(?:\.search)?")
def kaplan(compute: str, law: str, better: str | None) -> Estimate:
    """Return the gain of a law's optimal split over Kaplan's, at the compute of the worse split unless told."""
    at, flop = "better" if better else "worse", FLOPS[compute]
    if law in ("besiroglu", "porian"):
        point, low, high = sources.kaplan_gain(law, flop, at=at)
        outside = not (sources.refitted(law)[0].support_flop[0] <= flop <= sources.refitted(law)[0].support_flop[1])
        return Estimate(point, low, high, RUNS + (", extrapolated past the runs" if outside else ""))
    chosen = sources.laws()["hoffmann2022"] if law == "hoffmann" else sources.ho_law(main_sample())
    value = float(frontier.gain_over_allocation(chosen, sources.laws()[sources.KAPLAN], flop, at=at))
    return Estimate(value, covers="none: constants as printed" if law == "hoffmann" else "none: one fit")


@recomputes(r"allocation\.(gpt3|palm)\.(gain|loss|optimal_loss)")
def realised_by_name(system: str, what: str) -> Estimate:
    """Return the gain of the optimum over the split of a system at its stated compute, by the constants as printed."""
    tokens, flop = {"gpt3": (300e9, 3e23), "palm": (780e9, 2.53e24)}[system]
    law, parameters = sources.laws()["hoffmann2022"], flop / (6.0 * tokens)
    values = {
        "gain": frontier.gain_of_optimum(law, parameters, tokens),
        "loss": frontier.loss(law, parameters, tokens),
        "optimal_loss": frontier.optimal_loss(law, flop),
    }
    return Estimate(float(values[what]), covers="none: constants as printed")


@recomputes(r"allocation\.refit\.(floor|alpha|beta|capacity|data)")
def refit(what: str) -> Estimate:
    """Return a constant of the law refitted to the digitised runs."""
    best, draws = sources.refitted("besiroglu")
    low, high = np.quantile(getattr(draws, what), [0.025, 0.975])
    return Estimate(float(getattr(best, what)), float(low), float(high), RUNS)


@recomputes(r"allocation\.realised\.(hoffmann2022|besiroglu|porian)(?:\.(before|since)(?:\.(under|over))?)?")
def realised(law: str, era: str | None, side: str | None) -> Estimate:
    """Return the median compute spent over the least for the same loss: from 2020 to Chinchilla unless told."""
    name = {"before": "before 2020", "since": "since Chinchilla", None: "2020 to Chinchilla"}[era]
    frame = sources.realised_eras()
    row = frame[(frame["law"] == law) & (frame["era"] == name) & (frame["side"] == (side or "all"))].iloc[0]
    return Estimate(float(row["median"]), float(row["low"]), float(row["high"]), "95%, 2,000 resampled models")


@recomputes(r"allocation\.over_trained_share\.(until|since)")
def over_trained(era: str) -> Estimate:
    """Return the share of models with more tokens a parameter than optimal by Hoffmann's runs, refitted."""
    frame = sources.realised_eras()
    name = "since Chinchilla" if era == "since" else "2020 to Chinchilla"
    part = frame[(frame["law"] == "besiroglu") & (frame["era"] == name)].set_index("side")
    count, models = int(part.loc["over", "models"]), int(part.loc["all", "models"])
    ends = binomtest(count, models).proportion_ci(method="wilson")
    return Estimate(count / models, float(ends.low), float(ends.high), f"95%, of {models} models")


@recomputes(r"domains\.efficiency\.(\w+)")
def efficiency(target: str) -> Estimate:
    """Return the halving time of the training compute to a target, least squares on dates."""
    row = sources.efficiency().set_index("id").loc[target]
    return Estimate(*(float(row[name]) for name in ("months", "low", "high")), row["covers"])


@recomputes(r"allocation\.(gpt2|palm)_text")
def in_text(system: str) -> Estimate:
    """Return the exact gain at the compute that the paper marks for a system, by the constants as printed."""
    flop = {"gpt2": 1e21, "palm": 2.53e24}[system]
    laws = sources.laws()
    value = frontier.gain_over_allocation(laws["hoffmann2022"], laws[sources.KAPLAN], flop, at="worse")
    return Estimate(float(value), covers="none: constants as printed")
