"""Recomputes the claims of the strict view, each beside what public data support."""

from __future__ import annotations

from algoprogress.show.estimate import Estimate
from book.studies.registry import recomputes
from book.studies.scaling import study as families
from book.studies.strict import experts, formats
from book.studies.strict import study as strict_claims

ARITHMETIC = "none: arithmetic on published numbers"
CONSTANTS = "none: constants as printed"
LAWS = f"95% of {len(strict_claims.SLOPES)} laws that turn loss into compute; assumed"
SIZES = "95% of the sizes from 125 million to 1.3 billion parameters, not of a sampling error"
BUDGETS = "95% of two texts and all budgets from 1e18 FLOP"
OPTIMUM = "95% of the stated best precision, which is a range"


@recomputes(r"strict\.claim\.six_since_gpt3")
def six() -> Estimate:
    """Return the gain of today's whole recipe over GPT-2's at the middle of the sizes of Mamba's figure."""
    return Estimate(*strict_claims.whole_recipe(), SIZES)


@recomputes(r"strict\.six\.at_(smallest|largest)")
def six_at(end: str) -> Estimate:
    """Return the same at an end of these sizes."""
    size = strict_claims.figure_sizes()[end == "largest"]
    return Estimate(strict_claims.factorial_at(size), covers="none: read off a line between published numbers")


@recomputes(r"strict\.six\.race(\.over_training)?")
def race(part: str | None) -> Estimate:
    """Return the fall of tokens in the public race, or what of it the baseline's many tokens explain."""
    value = strict_claims.race_over_training() if part else strict_claims.race()
    return Estimate(value, covers="none: one law, assumed" if part else ARITHMETIC)


@recomputes(r"strict\.six\.architecture\.(llama|mamba|best)")
def architecture(model: str) -> Estimate:
    """Return the gain of an architecture over GPT-3's at equal size and tokens."""
    name = strict_claims.best_architecture() if model == "best" else model.capitalize()
    return Estimate(*strict_claims.architectures(name), LAWS)


@recomputes(r"strict\.six\.recipe(\.tuned)?")
def recipe(tuned: str | None) -> Estimate:
    """Return the gain of a training recipe over Kaplan's, all else equal."""
    return Estimate(*strict_claims.recipe("tuned, constant rate" if tuned else "matched decay"), BUDGETS)


@recomputes(r"strict\.six\.families\.(published|reruns)")
def family(collection: str) -> Estimate:
    """Return the gain of today's transformer over that of 2017 at a low loss that both reached."""
    covers = f"95%, {families.DRAWS:,} resampled sizes"
    return Estimate(*strict_claims.family_gain(collection), covers)


@recomputes(r"strict\.mixtures\.krajewski\.1e(20|25)")
def krajewski(power: str) -> Estimate:
    """Return the gain by the law of fine experts at some compute, with its best stated granularity there."""
    granularity = experts.GRANULARITY if power == "20" else 64
    return Estimate(experts.krajewski_gain(10.0 ** int(power), granularity=granularity), covers=CONSTANTS)


@recomputes(r"strict\.mixtures\.abnar\.1in(8|32)")
def abnar(used: str) -> Estimate:
    """Return the gain by the law of sparsity at 1e21 FLOP with one in so many parameters in use."""
    return Estimate(experts.abnar_gain(1e21, 1.0 - 1.0 / int(used)), covers=CONSTANTS)


@recomputes(r"strict\.mixtures\.clark\.(small|large)")
def clark(size: str) -> Estimate:
    """Return the gain of 64 experts at fixed tokens, at an end of the sizes behind the law."""
    known = experts.constants("clark")
    parameters = known["support_low_parameters" if size == "small" else "support_high_parameters"]
    return Estimate(experts.clark_gain(parameters, 64.0), covers=CONSTANTS)


@recomputes(r"strict\.claim\.mixtures")
def mixtures() -> Estimate:
    """Return the share of the published laws by which mixtures gain within their range."""
    frame = experts.curves()
    gaining = frame[frame["inside"]].groupby("law")["gain"].min() > 1.0
    return Estimate(float(gaining.mean()), covers=CONSTANTS)


@recomputes(r"strict\.narrow\.(plain|bits|time)")
def narrow(currency: str) -> Estimate:
    """Return the gain of eight bits over sixteen in a currency."""
    return Estimate(*formats.eight_bits(currency), OPTIMUM)


@recomputes(r"strict\.(claim\.narrow_formats|narrow\.share_all)")
def narrow_share(which: str) -> Estimate:
    """Return the share of currencies in which eight bits gain: of those that weigh FLOP by precision, or of all."""
    asked = formats.CURRENCIES if which == "narrow.share_all" else ("bits", "time")
    gaining = [formats.eight_bits(currency)[1] > 1.0 for currency in asked]
    return Estimate(sum(gaining) / len(gaining), covers="none: a count over the stated best precision")


@recomputes(r"strict\.claim\.before_chinchilla")
def before_chinchilla() -> Estimate:
    """Return the share of models from 2018 until Chinchilla near the least compute for their loss."""
    by_law = [strict_claims.near_share(law) for law in ("besiroglu", "hoffmann2022", "porian")]
    ends = min(each[1] for each in by_law), max(each[2] for each in by_law)
    return Estimate(by_law[0][0], *ends, "95%, Wilson, the widest over three laws")


@recomputes(r"strict\.allocation\.near\.(besiroglu|hoffmann2022|porian)")
def near(law: str) -> Estimate:
    """Return the same share under one law."""
    return Estimate(*strict_claims.near_share(law), "95%, Wilson")


@recomputes(r"strict\.allocation\.cost\.(median|q90)\.(besiroglu|hoffmann2022|porian)")
def cost(what: str, law: str) -> Estimate:
    """Return a quantile of the compute spent over the least, models resampled."""
    level = 0.5 if what == "median" else 0.9
    return Estimate(*strict_claims.cost_quantile(law, level), f"95%, {strict_claims.DRAWS:,} resampled models")
