"""Where progress came from: the shares, growth, gains and allocations that the chapters and the ledger read.

Each function puts one table and one estimator together and keeps the result, so that a page and the ledger agree.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from scipy.stats import linregress, t

from algoprogress.data import tables
from algoprogress.data.sample import Sample, decimal_year
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.fits.rates import doubling_time_months, growth_rates
from algoprogress.fits.resample import Draws
from algoprogress.frontiers import chinchilla
from algoprogress.laws import catalogue
from algoprogress.laws import scaling as frontier
from algoprogress.laws.scaling import ScalingLaw
from book.studies.allocation import split as allocation
from book.studies.attribution import study as attribution
from book.studies.growth import compute as growth

DRAWS = 2_000  # resampled papers behind the shares
ALLOCATION_COMPUTES = np.geomspace(1e18, 1e27, 37)  # FLOP
TOP = 10  # a model is at the frontier if it was among so many largest when it appeared
KAPLAN = "kaplan2020"
NEAR_BEST = 1.1  # times the best loss at the same compute


def milestones() -> pd.DataFrame:
    """Return the nine systems of the paper's shares with years_decimal as the authors count them in that step."""
    frame = tables.read("milestones")
    return frame.assign(years_decimal=attribution.year_of(frame["publication_date"]))


def paper_draws(sample: Sample, law: str = "7", penalty: float = fit.PENALTY) -> Draws:
    """Return the converged fits of a law to resampled papers that the shares are taken over."""
    return resample.bootstrap(catalogue.law(law), sample, penalty=penalty, draws=DRAWS)


@cached
def published_shares(sample: Sample) -> pd.DataFrame:
    """Return the shares of all pairs under the published fit, a line a pair (`attribution.shares`), with ids.

    Columns as there, and start_id, end_id, fall_perplexity (of the predicted perplexity).
    """
    found = fit.published(catalogue.law("7"), sample)
    systems = milestones()
    frame = attribution.of_fit(found, systems)
    ids = systems.set_index("system")["id"]
    losses = predicted_losses(sample)
    perplexity = np.exp(losses)
    falls = perplexity[frame["start"]].to_numpy() - perplexity[frame["end"]].to_numpy()
    return frame.assign(
        start_id=ids[frame["start"]].to_numpy(), end_id=ids[frame["end"]].to_numpy(), fall_perplexity=falls
    )


def predicted_losses(sample: Sample) -> pd.Series:
    """Return the loss in nats that the published fit predicts of each milestone on WikiText-103, by name."""
    systems = milestones()
    found = fit.published(catalogue.law("7"), sample)
    frame = systems.assign(
        benchmark="wt103", architecture="transformer", epochs=1.0, epochs_status="recovered", vocabulary=50_257.0
    )
    return pd.Series(found.predict(frame), index=systems["system"])


@cached
def share_intervals(sample: Sample, *, procedure: str) -> pd.DataFrame:
    """Return median and 95% interval of each share: the "published" bootstrap, or "converged" over papers.

    Columns: start, end, factor, median, low, high.
    """
    law = catalogue.law("7")
    draws = resample.published_bootstrap(law, sample) if procedure == "published" else paper_draws(sample)
    return attribution.intervals(draws, milestones())


@cached
def specification_shares(sample: Sample, pairs: tuple[tuple[str, float], ...]) -> pd.DataFrame:
    """Return the shares of all pairs of systems at the optimum of each of some laws and penalties.

    Columns: law, penalty, start, end, each factor, compute, algorithms.
    """
    parts = []
    for law, penalty in pairs:
        found = fit.converged(catalogue.law(law), sample, penalty=penalty, starts=60)
        parts.append(attribution.of_fit(found, milestones()).assign(law=law, penalty=penalty))
    return pd.concat(parts, ignore_index=True)


@cached
def dominance(sample: Sample) -> pd.DataFrame:
    """Return how surely compute explains more than half, for each pair of the paper's table.

    Columns: start, end, median, low, high (share of compute, papers resampled), over_half (share of the draws).
    """
    frame = attribution.shares(*_parts(paper_draws(sample)), milestones())
    chosen = frame.merge(table_pairs(), on=["start", "end"])
    groups = chosen.groupby(["start", "end"], sort=False)["compute"]
    return pd.DataFrame(
        {
            "median": groups.median(),
            "low": groups.quantile(0.025),
            "high": groups.quantile(0.975),
            "over_half": groups.agg(lambda values: (values > 0.5).mean()),
        }
    ).reset_index()


@cached
def jointly_over_half(sample: Sample) -> float:
    """Return the share of resampled papers in which compute explains more than half of every pair of the table."""
    frame = attribution.shares(*_parts(paper_draws(sample)), milestones())
    chosen = frame.merge(table_pairs(), on=["start", "end"])
    return float((chosen.groupby("draw")["compute"].min() > 0.5).mean())


def _parts(draws: Draws) -> tuple:
    return draws.law, draws.reference, draws.params[draws.converged]


def table_pairs() -> pd.DataFrame:
    """Return the twelve pairs that the paper's table 1 shows: start, end."""
    names = milestones().set_index("id")["system"]
    ends = {
        "rnn2012": ("lstm2016", "transformer2018", "gpt2", "gpt3", "gopher"),
        "lstm2016": ("transformer2018", "gpt2", "gpt3", "gopher"),
        "transformer2018": ("gpt2", "gpt3", "gopher"),
    }
    return pd.DataFrame(
        [(names[start], names[end]) for start, all_ends in ends.items() for end in all_ends], columns=["start", "end"]
    )


@cached
def frontier_shares(sample: Sample) -> pd.DataFrame:
    """Return the share of algorithms between consecutive records of compute among the evaluations, with intervals.

    Columns: start, end, year, median, low, high (papers resampled), and fell (share of the draws in which the share of
    the last step is below that of the first, the same on every line).
    """
    systems = attribution.largest_by_year(sample.frame)
    frame = attribution.along_frontier(paper_draws(sample), systems)
    groups = frame.groupby(["start", "end", "year"], sort=False)["algorithms"]
    wide = frame.pivot_table(index="draw", columns="year", values="algorithms")
    fell = float((wide.iloc[:, -1] < wide.iloc[:, 0]).mean())
    return (
        pd.DataFrame({"median": groups.median(), "low": groups.quantile(0.025), "high": groups.quantile(0.975)})
        .reset_index()
        .assign(fell=fell)
    )


@cached
def fall_of_share(sample: Sample) -> pd.DataFrame:
    """Return by draw how much smaller the share of algorithms is late than early, on the paper's own pairs.

    Early: from the recurrent network of 2012 to the transformer of 2018; late: from there to GPT-3. Columns: early,
    late, fall.
    """
    frame = attribution.shares(*_parts(paper_draws(sample)), milestones())
    names = milestones().set_index("id")["system"]
    pick = {"early": ("rnn2012", "transformer2018"), "late": ("transformer2018", "gpt3")}
    columns = {}
    for when, (start, end) in pick.items():
        part = frame[(frame["start"] == names[start]) & (frame["end"] == names[end])]
        columns[when] = part.set_index("draw")["algorithms"]
    return pd.DataFrame(columns).assign(fall=lambda table: table["early"] - table["late"]).reset_index(drop=True)


def laws() -> dict[str, ScalingLaw]:
    """Return the published scaling laws by id."""
    return {
        row.id: ScalingLaw(
            row.paper,
            row.floor_nats,
            row.capacity,
            row.alpha,
            row.data,
            row.beta,
            row.power,
            (row.support_low_flop, row.support_high_flop),
        )
        for row in tables.read("scaling_laws").itertuples()
    }


def ho_law(sample: Sample, *, year: float = 2023.0, penalty: float = fit.PENALTY) -> ScalingLaw:
    """Return the law that a fit of model 7 implies for WikiText-103 in one year, which has no floor."""
    found = fit.converged(catalogue.law("7"), sample, penalty=penalty)
    value, reference = found.params, found.reference
    gone = year - reference.year
    capacity = value["alpha_const"] - value["alpha_year"] * gone + value["alpha_param"] * np.log(reference.parameters)
    data = value["beta_const"] - value["beta_year"] * gone + value["beta_data"] * np.log(reference.tokens)
    compute = 6.0 * sample.frame["parameters"] * sample.frame["dataset_tokens"]
    return ScalingLaw(
        "Ho et al. 2024, model 7",
        0.0,
        float(np.exp(capacity)),
        float(value["alpha_param"]),
        float(np.exp(data)),
        float(value["beta_data"]),
        1.0,
        (float(compute.min()), float(compute.max())),
    )


def chinchilla_runs() -> pd.DataFrame:
    """Return the digitised runs that Besiroglu et al. keep."""
    frame = tables.read("chinchilla_runs")
    return frame[frame["outlier"] == 0].reset_index(drop=True)


def porian_runs(dataset: str = "rw") -> pd.DataFrame:
    """Return the tuned runs of Porian et al. on one dataset whose loss is near the best at their compute.

    Runs of far too large or too small models, up to three times the best loss, follow no additive law; `NEAR_BEST` says
    how far is near.
    """
    frame = tables.read("porian_runs")
    frame = frame[frame["dataset"] == dataset]
    best = frame.groupby("training_compute_flop")["loss_nats"].transform("min")
    return frame[frame["loss_nats"] <= NEAR_BEST * best].reset_index(drop=True)


@functools.cache
def refits() -> dict[str, chinchilla.Refit]:
    """Return the laws refitted here, each with its bootstrap over runs: besiroglu and porian."""
    return {"besiroglu": chinchilla.bootstrap(chinchilla_runs()), "porian": chinchilla.bootstrap(porian_runs())}


def _compute_range(runs: pd.DataFrame) -> tuple[float, float]:
    compute = 6.0 * runs["parameters"] * runs["tokens"]
    return float(compute.min()), float(compute.max())


def refitted(name: str) -> tuple[ScalingLaw, ScalingLaw]:
    """Return a refitted law at its best fit, and with one element a draw."""
    runs = chinchilla_runs() if name == "besiroglu" else porian_runs()
    words = {"besiroglu": "Hoffmann's runs, refitted", "porian": "Porian et al. 2024, refitted"}[name]
    support = _compute_range(runs)
    best = chinchilla.fit(runs).law(words, support)
    constants = (best.floor, best.capacity, best.alpha, best.data, best.beta)
    single = ScalingLaw(words, *(float(np.asarray(each)[0]) for each in constants), 1.0, support)
    return single, refits()[name].law(words, support)


def kaplan_gain(name: str, compute_flop: float, *, at: str = "worse") -> tuple[float, float, float]:
    """Return the gain of a refitted law's optimum over Kaplan's split: best fit, and 95% over resampled runs."""
    best, draws = refitted(name)
    kaplan = laws()[KAPLAN]
    point = float(frontier.gain_over_allocation(best, kaplan, compute_flop, at=at))
    flops = np.full(len(draws.floor), compute_flop)
    low, high = np.nanquantile(frontier.gain_over_allocation(draws, kaplan, flops, at=at), [0.025, 0.975])
    return point, float(low), float(high)


@cached
def kaplan_curves(sample: Sample) -> pd.DataFrame:
    """Return the gain over Kaplan's split against compute under each set of constants (`allocation.kaplan_gains`).

    Refitted laws have low and high (95%, runs resampled).
    """
    known = laws()
    chosen = {
        "Hoffmann et al., as printed": known["hoffmann2022"],
        "Hoffmann's runs, refitted": refitted("besiroglu")[0],
        "Porian et al., refitted": refitted("porian")[0],
        "Ho et al., model 7": ho_law(sample),
    }
    frame = allocation.kaplan_gains(chosen, known[KAPLAN], ALLOCATION_COMPUTES).assign(low=np.nan, high=np.nan)
    for name, words in (("besiroglu", "Hoffmann's runs, refitted"), ("porian", "Porian et al., refitted")):
        for at in ("worse", "better"):
            rows = (frame["law"] == words) & (frame["at"] == at)
            ends = [kaplan_gain(name, flop, at=at)[1:] for flop in frame.loc[rows, "compute_flop"]]
            frame.loc[rows, ["low", "high"]] = ends
    return frame


@cached
def realised() -> pd.DataFrame:
    """Return how models were split against each law (`allocation.realised`), with the id of the law."""
    known = laws() | {"besiroglu": refitted("besiroglu")[0], "porian": refitted("porian")[0]}
    models = tables.read("language_models")
    return pd.concat(
        [allocation.realised(models, known[id]).assign(law=id) for id in ("hoffmann2022", "besiroglu", "porian")],
        ignore_index=True,
    )


@cached
def realised_eras() -> pd.DataFrame:
    """Return the gains by era, side and law (`allocation.eras`); intervals over resampled models."""
    return pd.concat(
        [allocation.eras(part).assign(law=law) for law, part in realised().groupby("law", sort=False)],
        ignore_index=True,
    )


def compute_models(which: str) -> pd.DataFrame:
    """Return the models whose compute grows: "all", "notable" or "frontier" (see `growth`). Raises KeyError."""
    models = tables.read("language_models")
    return {
        "all": lambda: growth.known(models),
        "notable": lambda: growth.known(models, notable=True),
        "frontier": lambda: growth.frontier(growth.known(models), top=TOP),
    }[which]()


@cached
def compute_growth() -> pd.DataFrame:
    """Return the growth of training compute by choice of models, straight and with the one bend that fits best.

    Columns: models, bends, those of `growth.Slopes.frame`; p_value, year, year_low, year_high of the bend's test.
    """
    parts = []
    for which in ("all", "notable", "frontier"):
        models = compute_models(which)
        test = growth.bend(models)
        for breaks in ((), (test.year,)):
            frame = growth.slopes(models, breaks=breaks).frame()
            parts.append(
                frame.assign(
                    models=which,
                    bends=len(breaks),
                    p_value=test.p_value,
                    year=test.year,
                    year_low=test.low,
                    year_high=test.high,
                )
            )
    return pd.concat(parts, ignore_index=True)


@cached
def effective_stack(sample: Sample) -> pd.DataFrame:
    """Return the stack of physical and algorithmic growth from 2012 to 2025 (`growth.stack`).

    Physical: the straight line through the frontier, organisations resampled; algorithmic: model 7, papers resampled.
    """
    physical = growth.slopes(compute_models("frontier")).draws[:, 0]
    algorithmic = growth_rates(resample.bootstrap(catalogue.law("7"), sample, draws=resample.DRAWS["paper"]))
    return growth.stack(physical, np.clip(algorithmic, -12.0, 12.0), np.arange(2012.0, 2026.0))


def efficiency() -> pd.DataFrame:
    """Return the halving time of training compute to each target of Hernandez & Brown 2020, a line a target.

    Columns: id, target, systems, months, low, high (95%, Student's t; blank for two systems), covers, factor.
    """
    lines = []
    for target, part in tables.read("efficiency").groupby("target", sort=False):
        years, logs = decimal_year(part["publication_date"]), np.log(part["training_compute_flop"])
        line = linregress(years, logs)
        reach = t.ppf(0.975, len(part) - 2) * line.stderr if len(part) > 2 else np.nan
        rate = -line.slope
        low, high = (float(doubling_time_months(each)) for each in (rate + reach, rate - reach))
        if len(part) > 2:
            covers = "95%, Student's t, least squares"
        else:  # nan compares as no progress, which would be infinite
            covers, low, high = "none: two systems", np.nan, np.nan
        lines.append(
            (
                target.lower().replace("-", ""),
                target,
                len(part),
                float(doubling_time_months(rate)),
                low,
                high,
                covers,
                float(np.exp(logs.max() - logs.min())),
            )
        )
    return pd.DataFrame(lines, columns=["id", "target", "systems", "months", "low", "high", "covers", "factor"])
