"""The scenarios of effective compute until 2030; all of them are extrapolations."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.outlook import study

POOLED = "none: a property of the pooled scenario"
OF_COMPUTE = ("bent_compute", "half_compute")
COMPONENTS = ("procedure", "specifications", "sampling", "line", "organisations")


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    found = study.table().set_index(["scenario", "part"])["within95"]
    for scenario in (*study.PROCEDURES, *OF_COMPUTE, "pooled"):
        yield f"outlook.effective_compute_2030.{scenario}", found[scenario, "effective"]
    for scenario in (*study.PROCEDURES, "pooled"):
        yield f"outlook.algorithms_2030.{scenario}", found[scenario, "algorithms"]
    for scenario in ("answer", *OF_COMPUTE, "pooled"):
        yield f"outlook.physical_compute_2030.{scenario}", found[scenario, "physical"]
    split = study.split().set_index("component")
    for component in COMPONENTS:
        yield f"outlook.variance_share.{component}", Estimate.exact(split.loc[component, "share"], POOLED)
        yield f"outlook.decades.{component}", Estimate.exact(split.loc[component, "width_known"], POOLED)
    yield "outlook.decades.now", Estimate.exact(split["width"].iloc[0], POOLED)
