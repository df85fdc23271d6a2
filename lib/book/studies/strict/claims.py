"""Yields the claims of the strict view, each beside what public data support."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.speedrun import study as speedrun
from book.studies.strict import experts, formats, study

ARITHMETIC = "none: arithmetic on published numbers"
BETWEEN = "none: read off a line between published numbers"
CONSTANTS = "none: constants as printed"
COUNTED = "none: a count over the stated best precision"
WIDEST = "range over three laws, each with its 95% interval"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    yield "strict.claim.six_since_gpt3", study.whole_recipe()  # and what else bears on it
    for id, size in zip(("strict.six.at_smallest", "strict.six.at_largest"), study.figure_sizes(), strict=True):
        yield id, Estimate.exact(study.recipe_gain_at(size), BETWEEN)
    yield "strict.six.race", Estimate.exact(speedrun.total("tokens"), ARITHMETIC)
    yield "strict.six.race.over_training", Estimate.exact(study.over_training(), "none: one law, assumed")
    yield "strict.six.architecture.llama", study.architecture("Llama")
    yield "strict.six.architecture.mamba", study.architecture("Mamba")
    yield "strict.six.architecture.best", study.architecture(study.best_architecture())
    yield "strict.six.recipe", study.recipe()
    yield "strict.six.recipe.tuned", study.recipe("tuned, constant rate")
    for collection in ("published", "reruns"):
        yield f"strict.six.families.{collection}", study.family_gain(collection)
    for id, gain in _mixtures():
        yield id, Estimate.exact(gain, CONSTANTS)
    narrow = {currency: formats.gain_in_range(8.0, currency) for currency in formats.CURRENCIES}
    for currency, gain in narrow.items():
        yield f"strict.narrow.{currency}", gain
    gaining = {currency: gain.low > 1.0 for currency, gain in narrow.items()}
    yield "strict.narrow.share_all", Estimate.exact(sum(gaining.values()) / len(gaining), COUNTED)
    by_precision = (gaining["bits"] + gaining["time"]) / 2.0  # the currencies that weigh FLOP by precision
    yield "strict.claim.narrow_formats", Estimate.exact(by_precision, COUNTED)
    near = {law: study.near_share(law) for law in study.LAWS}
    ends = min(each.low for each in near.values()), max(each.high for each in near.values())
    yield "strict.claim.before_chinchilla", Estimate(near["besiroglu"].value, *ends, WIDEST)
    for law, share in near.items():
        yield f"strict.allocation.near.{law}", share
        yield f"strict.allocation.cost.median.{law}", study.cost_quantile(law, 0.5)
        yield f"strict.allocation.cost.q90.{law}", study.cost_quantile(law, 0.9)


def _mixtures() -> Iterator[tuple[str, float]]:
    """Yield the gain of mixtures by three laws, and the share of the laws by which they gain within their range."""
    frame = experts.curves()
    yield "strict.claim.mixtures", (frame[frame["inside"]].groupby("law")["gain"].min() > 1.0).mean()
    yield "strict.mixtures.krajewski.1e20", experts.krajewski_gain(1e20)
    yield "strict.mixtures.krajewski.1e25", experts.krajewski_gain(1e25, granularity=64)
    for used in (8, 32):
        yield f"strict.mixtures.abnar.1in{used}", experts.abnar_gain(1e21, 1.0 - 1.0 / used)
    known = experts.constants("clark")
    yield "strict.mixtures.clark.small", experts.clark_gain(known["support_low_parameters"], 64.0)
    yield "strict.mixtures.clark.large", experts.clark_gain(known["support_high_parameters"], 64.0)
