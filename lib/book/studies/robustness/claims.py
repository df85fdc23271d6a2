"""The robustness checks R1 to R22 of Ho et al. 2024, each by its stated procedure and solved to the minimum."""

from collections.abc import Iterator

import numpy as np
from scipy.special import expit

from algoprogress.data import tables
from algoprogress.fits import bounded, fit
from algoprogress.fits.rates import Conditions, doubling_time_months, months_of
from algoprogress.show.estimate import Estimate
from book.studies.data import sheet
from book.studies.how_fast import allocated
from book.studies.identify import ridge
from book.studies.law.fits import main_sample, published_fit
from book.studies.robustness import clustered, pooled, transformer_gain
from book.studies.robustness import study as robustness
from book.studies.robustness.study import CONVERGED, COVERS
from book.studies.selection.study import published_cells, score

PROTOCOL = COVERS["published"]
POOLED = "95%, resampled rows and the ten specifications, published protocol"
POOLED_CONVERGED = "95%, resampled papers and the ten specifications, converged fits"
ITSELF = "none: it is itself a measure of uncertainty"
RATIO = "none: a ratio of two facts"
CHANGED = {  # checks that change the law or the rows, and the studies behind them
    "ho.robust.r05.months": "floor", "ho.robust.r06_dataset.months": "model7",
    "ho.robust.r06_seen_known.months": "seen_known", "ho.robust.r06_seen_filled.months": "seen_filled",
    "ho.robust.r06_diminishing_known.months": "diminishing_known",
    "ho.robust.r06_diminishing_filled.months": "diminishing_filled",
    "ho.robust.r06_repeated_filled.months": "repeated_filled", "ho.robust.r07_known.months": "vocabulary",
    "ho.robust.r07_imputed.months": "vocabulary_imputed", "ho.robust.r07_chosen.months": "vocabulary_chosen",
    "ho.robust.r13.months": "compute_only", "ho.robust.r16.months": "non_transformer",
}  # fmt: skip
BREAKS = {  # by cutoff
    2016: "ho.robust.r04.cut2016", 2017: "ho.robust.r04.cut2017", 2018: "ho.robust.r04.cut2018",
    2019: "ho.robust.r04.cut2019", 2020: "ho.robust.r04.cut2020",
}  # fmt: skip
SYSTEMS = {
    "ho.robust.r09.gpt2.months": "GPT-2", "ho.robust.r09.megatron.months": "Megatron",
    "ho.robust.r09.gopher.months": "Gopher",
}  # fmt: skip
GAINS = {  # of the ten specifications
    "ho.robust.r17.law10_0001": "law10_0001", "ho.robust.r17.law7_00025": "law7_00025",
    "ho.robust.r17.law15_001": "law15_001", "ho.robust.r17.law8_0005": "law8_0005",
    "ho.robust.r17.law15_0005": "law15_0005", "ho.robust.r17.law7_001": "law7_001",
    "ho.robust.r17.law12_002": "law12_002", "ho.robust.r17.law10_00025": "law10_00025",
    "ho.robust.r17.law10_0005": "law10_0005", "ho.robust.r17.law12_0005": "law12_0005",
}  # fmt: skip
SCORED = {"r12": ("14", "15"), "r14": ("13", "17"), "r15": ("12",)}  # laws
HELD = {  # studies whose exponents are held
    "ho.robust.exponents.hoffmann2022": "hoffmann2022", "ho.robust.exponents.besiroglu2024": "besiroglu2024",
    "ho.robust.exponents.muennighoff2023": "muennighoff2023", "ho.robust.exponents.sardana2023": "sardana2023",
    "ho.robust.exponents.minicpm2024": "minicpm2024", "ho.robust.exponents.krajewski2024": "krajewski2024",
    "ho.robust.exponents.gadre2024_c4": "gadre2024_c4", "ho.robust.exponents.llama2024": "llama2024",
    "ho.robust.exponents.olmo2025": "olmo2025",
}  # fmt: skip
UNTESTABLE = (
    "ho.robust.r19.share_low", "ho.robust.r19.share_high", "ho.robust.r20.subword", "ho.robust.r20.detokenisation",
    "ho.robust.r20.stride", "ho.robust.r20.wikipedia", "ho.robust.r21.january", "ho.robust.r21.imagenet",
)  # fmt: skip
GPT3_PARAMETERS = 175e9  # Brown et al. 2020


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    yield from changed()
    yield from pool()
    yield from forms()
    yield from breaks()
    yield from correlated()
    yield from _compared()
    yield from _scores()
    yield from gains()
    yield from exponents()
    for id in UNTESTABLE:
        yield id, Estimate.untestable("none: it rests on a table that is not public")


def exponents() -> Iterator[tuple[str, Estimate]]:
    """Yield doubling times with the exponents held at values of experiments."""
    frame = robustness.held_exponents(tables.read("exponents"), main_sample()).set_index(["id", "floor"])
    yield "ho.robust.exponents.free.months", frame.loc[("free", "none"), "months"]
    yield "ho.robust.exponents.free.months.floor", frame.loc[("free", "by benchmark"), "months"]
    for stem, name in HELD.items():
        found = frame.loc[(name, "by benchmark")]
        yield f"{stem}.months", frame.loc[(name, "none"), "months"]
        yield f"{stem}.months.floor", found["months"]
        yield f"{stem}.misfit.floor", found["misfit"]
        yield f"{stem}.without_progress.floor", Estimate.exact(found["without_progress"], ITSELF, unit="share")
        yield f"{stem}.floor_share", Estimate.exact(found["floor_share"], "none: one fit", unit="share")


def changed() -> Iterator[tuple[str, Estimate]]:
    """Yield doubling times by the authors' search (R1), and by all checks that change the law or the rows."""
    searched = pooled.searched_months(robustness.protocol(robustness.study("model7")), Conditions())
    searched = Estimate.from_draws(searched, covers=PROTOCOL, unit="months", complete=True)
    solved, never = _solved()
    yield from _each("ho.robust.r01.months", searched, solved)
    yield "ho.robust.r01.never_matched", never
    floored, solved = robustness.study("floor"), robustness.converged(robustness.study("floor"))
    design, target, _ = fit.problem(floored.law, floored.sample)
    outside = ~bounded.Floors.of(design, target).inside(solved.params)
    counted = f"95%, Monte Carlo error of {len(outside):,} draws"
    yield "ho.robust.r05.outside", Estimate.of_share(outside, covers=counted)
    yield "ho.robust.r05.months.bounded", robustness.bounded_months(floored)
    for stem, name in CHANGED.items():
        yield from _each(stem, *_both(name))
    protocol, converged = _both("hicks_neutral")  # of which no interval is printed
    yield "ho.robust.r15.months.protocol", protocol
    yield "ho.robust.r15.months.converged", converged


def pool() -> Iterator[tuple[str, Estimate]]:
    """Yield the doubling time over the ten best specifications (R2)."""
    found = Estimate.from_draws(pooled.published(main_sample()), covers=POOLED, unit="months", complete=True)
    for id in ("ho.robust.r02.months.text", "ho.robust.r02.months.notebook"):
        yield id, found
        yield f"{id}.interval", found
    solved = Estimate.from_draws(pooled.converged(main_sample()), covers=POOLED_CONVERGED)
    yield "ho.robust.r02.months.converged", months_of(solved)


def forms() -> Iterator[tuple[str, Estimate]]:
    """Yield the shortest and the longest doubling time over the laws (R3)."""
    found = pooled.forms(main_sample())
    for how in ("protocol", "converged"):
        in_order = sorted(found[how], key=lambda months: months.value)
        yield f"ho.robust.r03.shortest_median.{how}", in_order[0]
        yield f"ho.robust.r03.longest_median.{how}", in_order[-1]


def _each(stem: str, protocol: Estimate, converged: Estimate) -> tuple[tuple[str, Estimate], ...]:
    """Return a result by the stated procedure with its id, again for its interval, and the converged one beside it."""
    return (f"{stem}.protocol", protocol), (f"{stem}.protocol.interval", protocol), (f"{stem}.converged", converged)


def _both(name: str) -> tuple[Estimate, Estimate]:
    """Return the doubling time of a study by the stated procedure and solved to the minimum."""
    study = robustness.study(name)
    return robustness.months(robustness.protocol(study)), robustness.months(robustness.converged(study))


def _solved() -> tuple[Estimate, Estimate]:
    """Return the exact solution of what the authors' numerical search asks: months, and how often there is none.

    Today's model of today's compute then never matches that of twice the compute, so the resample shows no progress.
    """
    draws = robustness.converged(robustness.study("model7"))
    with np.errstate(all="ignore"):  # draws whose answer lies before the calendar begins
        values = allocated.numerical_doubling_time_months(draws.law, draws.reference, draws.params)
        never = ~(values > 0)
        rate = np.where(never, 0.0, doubling_time_months(values))  # which turns months into a rate as well
    share = Estimate.of_share(never, covers=f"95%, Monte Carlo error of {len(never):,} draws")
    return months_of(Estimate.from_draws(rate, covers=CONVERGED)), share


def breaks() -> Iterator[tuple[str, Estimate]]:
    """Yield doubling times before and after a cutoff, and how often progress is faster after it (R4)."""
    model7 = robustness.study("model7")
    frame = robustness.breaks(model7.law, model7.sample).replace({"procedure": {"published": "protocol"}})
    for (cutoff, how), part in frame.groupby(["cutoff", "procedure"], sort=False):
        stem, found = BREAKS[cutoff], part.set_index("side")
        yield f"{stem}.before.{how}", found.loc["before", "months"]
        yield f"{stem}.after.{how}", found.loc["after", "months"]
        yield f"{stem}.faster_share.{how}", Estimate.exact(found.loc["after", "faster"], ITSELF)


def correlated() -> Iterator[tuple[str, Estimate]]:
    """Yield doubling time and correlation with errors correlated within papers, on the public rows (R8)."""
    law, sample = robustness.study("model7").law, main_sample()
    protocol, solved = clustered.published_bootstrap(law, sample), tables.read("correlated_draws")
    covers = COVERS["converged"]
    rate = Estimate.from_draws(solved.loc[solved["converged"] == 1, "rate"], covers=covers)
    yield from _each("ho.robust.r08.months", robustness.months(clustered.of_law(protocol)), months_of(rate))
    stop, best = expit(clustered.published(law, sample)[-1]), clustered.correlation(clustered.best(law, sample))[0]
    drawn = Estimate.from_draws(clustered.correlation(protocol), value=float(stop), covers=PROTOCOL, complete=True)
    yield "ho.robust.r08.correlation.protocol", drawn
    solved_for = Estimate.from_draws(solved["correlation"], value=float(best), covers=covers)
    yield "ho.robust.r08.correlation.converged", solved_for


def _compared() -> Iterator[tuple[str, Estimate]]:
    """Yield direct comparisons of systems (R9, R21, R22), and the share of resamples with progress (R10)."""
    halving = robustness.regressions(tables.read("direct_comparisons"))
    for id, system in SYSTEMS.items():
        yield id, halving[halving.index.str.startswith(system)].iloc[0]
    yield "ho.robust.r10.sign_share", ridge.by_procedure().loc["published_procedure", "sign_share"]
    frame = main_sample().frame
    own = frame.assign(training_compute_flop=sheet.beside(frame)["training_compute_flop_sheet"])  # the authors'
    for name, rows, within in (("main", own, False), ("main_within", own, True), ("main_epoch_ai", frame, False)):
        largest = robustness.largest_cut(rows, within_benchmark=within)
        yield f"ho.robust.r21.{name}", Estimate.exact(largest, "none: the largest of many comparisons", unit="times")
    tokens, parameters = (frame.set_index("system")[name] for name in ("dataset_tokens", "parameters"))
    gpt3 = tokens["GPT3-6.7B (rerun of original)"] / GPT3_PARAMETERS  # the rerun was trained on GPT-3's dataset
    yield "ho.robust.r22.gpt3_tokens_per_parameter", Estimate.exact(gpt3, RATIO)
    chinchilla = tokens["Chinchilla"] / parameters["Chinchilla"]
    yield "ho.robust.r22.chinchilla_tokens_per_parameter", Estimate.exact(chinchilla, RATIO)


def _scores() -> Iterator[tuple[str, Estimate]]:
    """Yield cross-validated scores by the published protocol (R11 to R15), and the exponent of compute (R13)."""
    in_order: dict[str, list] = {}  # by law, the best first
    for (law, _), cell in sorted(published_cells().items(), key=lambda item: item[1].mse_nats2):
        in_order.setdefault(law, []).append(cell)
    yield "ho.robust.r11.lowest_score", score(in_order["7"][0])
    yield "ho.robust.r11.highest_score", score(in_order["7"][-1])
    for check, laws in SCORED.items():
        for law in laws:
            yield f"ho.robust.{check}.law{law}_score", score(in_order[law][0])
    yield "ho.robust.r13.score", score(published_cells()["18", 0.0])
    exponents = robustness.protocol(robustness.study("compute_only"))["alpha_compute"]
    exponent = published_fit("compute_only").params["alpha_compute"]
    yield "ho.robust.r13.exponent", Estimate.from_draws(exponents, value=exponent, covers=PROTOCOL, complete=True)


def gains() -> Iterator[tuple[str, Estimate]]:
    """Yield the compute-equivalent gain of the transformer by specification (R17) and by training compute (R18)."""
    frame = transformer_gain.by_specification(main_sample()).set_index("name")
    for stem, name in GAINS.items():
        yield from _each(stem, *frame.loc[name, ["protocol", "converged"]])
    for stem, flop in (("ho.robust.r18.gain_1e25", 1e25), ("ho.robust.r18.gain_1e22", 1e22)):
        gains = (transformer_gain.of_law7(main_sample(), flop, published=published) for published in (True, False))
        yield from _each(stem, *gains)
