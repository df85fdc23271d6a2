"""Yields the claims of the strict view, each beside what public data support."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.speedrun import study as speedrun
from book.studies.strict import experts, formats, study

ARITHMETIC = "none: arithmetic on published numbers"
BETWEEN = "none: read off a line between published numbers"
CONSTANTS = "none: constants as printed"
COUNTED = "none: a count over the stated best precision"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    yield from _since_gpt3()
    yield from ((id, Estimate.exact(value, CONSTANTS)) for id, value in _mixtures())
    yield from _narrow()
    yield from _before_chinchilla()


def _since_gpt3() -> Iterator[tuple[str, Estimate]]:
    """Yield what bears on the gain since GPT-3 without mixtures of experts."""
    yield "strict.claim.six_since_gpt3", study.whole_recipe()
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


def _narrow() -> Iterator[tuple[str, Estimate]]:
    """Yield the gain of eight bits over sixteen in each currency, and the share of currencies in which they gain."""
    gains = {currency: formats.gain_in_range(8.0, currency) for currency in formats.CURRENCIES}
    yield from ((f"strict.narrow.{currency}", gain) for currency, gain in gains.items())
    gaining = {currency: gain.low > 1.0 for currency, gain in gains.items()}
    yield "strict.narrow.share_all", Estimate.exact(sum(gaining.values()) / len(gaining), COUNTED)
    by_precision = (gaining["bits"] + gaining["time"]) / 2.0  # the currencies that weigh FLOP by precision
    yield "strict.claim.narrow_formats", Estimate.exact(by_precision, COUNTED)


def _before_chinchilla() -> Iterator[tuple[str, Estimate]]:
    """Yield the share of models until Chinchilla near the least compute for their loss, and quantiles of their cost."""
    shares = {law: study.near_share(law) for law in study.LAWS}
    ends = min(each.low for each in shares.values()), max(each.high for each in shares.values())
    widest = "95%, Wilson, the widest over three laws"
    yield "strict.claim.before_chinchilla", Estimate(shares["besiroglu"].value, *ends, widest)
    for law, share in shares.items():
        yield f"strict.allocation.near.{law}", share
        yield f"strict.allocation.cost.median.{law}", study.cost_quantile(law, 0.5)
        yield f"strict.allocation.cost.q90.{law}", study.cost_quantile(law, 0.9)
