"""The claims on pairs with runs of 2022 to 2026, and on what Marin and Clark et al. say of theirs."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal import study as pairs
from book.studies.recent import routing, shapes, study
from book.studies.recent.pairs import NAMED, ROUTERS

ARITHMETIC = "none: arithmetic on published constants"
ONE_RUN = "none: one run a shape"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    for name, pair in NAMED.items():
        ends = f"frontier.{name}.early", f"frontier.{name}.late"
        yield from zip(ends, pairs.early_and_late(pair), strict=True)
        yield f"frontier.{name}.range", pairs.mean_gain(pair)
        yield f"frontier.{name}.trend", pairs.trend(pair)
        yield f"frontier.{name}.second", study.second(pair)
        if pair.counted is not None:
            yield f"frontier.{name}.counted", study.as_counted(pair)
    yield "frontier.schedule_dolma.upper_trend", study.second_trend(NAMED["schedule_dolma"], above=0.5)
    yield "recent.near_absence.optimisers", study.largest_of_optimisers()
    yield "recent.near_absence.mixtures", study.second(NAMED["dense_april"])
    yield "recent.routing.fades", pairs.trend(NAMED["routed_sbase64"])
    for name, (router, _) in ROUTERS.items():
        yield f"recent.routing.{name}.cutoff", routing.cutoff(router)
        yield f"recent.routing.{name}.left_out", routing.left_out(router)
    yield "recent.bridge.wikitext", routing.bridge()
    for budget in ("1e21", "1e23"):
        yield f"recent.forecast.{budget}", Estimate.exact(study.forecast(float(budget)), ARITHMETIC)
        yield f"recent.forecast.{budget}.ours", study.own_forecast(float(budget))
        miss = study.constants("marin_april")[f"measured_{budget}"] / study.forecast(float(budget)) - 1.0
        yield f"recent.forecast.{budget}.miss", Estimate.exact(miss, ARITHMETIC)
        yield f"recent.forecast.{budget}.compute", Estimate.exact(study.in_compute(budget), ARITHMETIC)
    for size in shapes.SIZES:
        yield f"recent.shapes.{size}.flop", Estimate.exact(shapes.gain(size, "flop"), ONE_RUN)
        yield f"recent.shapes.{size}.hours", Estimate.exact(shapes.gain(size, "hours"), ONE_RUN)
