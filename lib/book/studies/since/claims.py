"""Yields the published falls of the price of inference at an equal score, divided by that of hardware."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.since import study


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    found = study.adjusted().set_index(["benchmark", "restriction"])["factor"]
    for benchmark, name in study.BENCHMARKS.items():
        for restriction, short in study.RESTRICTIONS.items():
            yield f"gundlach2025.price.{name}.{short}", found[benchmark, restriction]
    yield "gundlach2025.price.algorithms", found["GPQA", "cheapest of open"]
    raw = study.prices().query("divided_by == 'nothing'").set_index(["benchmark", "restriction"])["factor"]
    yield "gundlach2025.price.frontier", raw["GPQA", "cheapest of all"]
    for benchmark in ("AIME", "SWE-Bench", "ARC-AGI"):
        yield f"gundlach2025.price.frontier.{study.BENCHMARKS[benchmark]}", raw[benchmark, "cheapest of all"]
