"""What each table of ``data/`` may hold: columns, types, units, ranges, keys and rules.

A table is described once, here. The pandera schema that checks it and the column list of its manifest both follow
from that description.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa

FIRST_DAY = pd.Timestamp("2010-01-01")


@dataclass(frozen=True)
class Field:
    """One column. ``kind`` is text, integer, count (a whole number held as float), number or date."""

    name: str
    kind: str
    description: str
    unit: str = ""
    blank: bool = False
    allowed: tuple[str, ...] = ()
    above: float | None = None
    at_least: float | None = None

    def describe(self) -> dict[str, Any]:
        """Return the manifest's entry for this column."""
        return {
            "name": self.name,
            "type": self.kind,
            "unit": self.unit,
            "description": self.description,
            "allowed": self.allowed_text(),
        }

    def allowed_text(self) -> str:
        """Return the allowed values in words, built from the same facts that the checks use."""
        words = [check.error for check in self.checks()]
        return "; ".join([*words, "may be blank" if self.blank else "never blank"])

    def checks(self) -> list[pa.Check]:
        """Return the pandera checks of this column, each with its rule in words."""
        checks = []
        if self.allowed:
            values = [*self.allowed, ""] if self.blank else list(self.allowed)
            checks.append(pa.Check.isin(values, error=f"must be one of {', '.join(self.allowed)}"))
        if self.above is not None:
            checks.append(pa.Check.gt(self.above, error=f"must be above {self.above:g}"))
        if self.at_least is not None:
            checks.append(pa.Check.ge(self.at_least, error=f"must be {self.at_least:g} or more"))
        if self.kind == "date":
            checks.append(pa.Check.ge(FIRST_DAY, error=f"must be {FIRST_DAY.date()} or later"))
            checks.append(pa.Check(lambda dates: dates <= pd.Timestamp.today(), error="must not lie in the future"))
        return checks


@dataclass(frozen=True)
class Rule:
    """A rule over whole rows: ``holds(frame)`` is True for the rows that keep it."""

    columns: tuple[str, ...]
    text: str
    holds: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Table:
    """A table: its columns in order and the rules that its rows keep together."""

    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]

    @property
    def names(self) -> list[str]:
        """Return the column names in order."""
        return [field.name for field in self.fields]

    def field(self, name: str) -> Field:
        """Return the column called ``name``."""
        return next(field for field in self.fields if field.name == name)

    def schema(self, columns: list[str] | None = None) -> pa.DataFrameSchema:
        """Return the pandera schema; with ``columns``, of these columns alone and without row rules."""
        fields = [field for field in self.fields if columns is None or field.name in columns]
        rules = self.rules if columns is None else ()
        return pa.DataFrameSchema(
            {field.name: pa.Column(checks=field.checks(), nullable=field.blank) for field in fields},
            checks=[pa.Check(rule.holds, error=rule.text) for rule in rules],
        )


def _unique(*columns: str) -> Rule:
    """Return the rule that no two rows share the values of ``columns``."""
    text = f"{', '.join(columns)} must be unique; an earlier row has the same"
    return Rule(columns, text, lambda frame: ~frame.duplicated(list(columns)))


BENCHMARKS = ("wt103", "wt2", "ptb")
ARCHITECTURES = ("transformer", "other")
CONFIDENCES = ("low", "medium", "high")
EPOCHS_STATUSES = ("recovered", "above_75", "epoch_ai", "missing")
CORRECTABLE = ("perplexity", "parameters", "dataset_tokens", "publication_date", "architecture", "epochs", "vocabulary")
KINDS = (
    "sample",
    "coefficient",
    "objective",
    "interval",
    "headline",
    "forecast",
    "robustness",
    "validation",
    "identification",
    "prediction",
    "attribution",
    "ablation",
    "scaling",
    "accounting",
    "frontier",
    "benchmark",
)
STATUSES = ("published", "derived", "ours")
VERDICTS = (
    "reproduced",
    "reproduced but fragile",
    "not reproduced",
    "cannot be tested with public data",
    "ours, no published value",
)

EVALUATIONS = Table(
    fields=(
        Field("row", "integer", "the authors' order: by paper title, then perplexity", above=0),
        Field("system", "text", "name in the authors' table"),
        Field("paper_id", "integer", "number of the paper, in order of title", above=0),
        Field("paper", "text", "title of the paper"),
        Field("benchmark", "text", "WikiText-103, WikiText-2 or Penn Treebank", allowed=BENCHMARKS),
        Field("publication_date", "date", "as the authors used it", "ISO date"),
        Field("parameters", "count", "model size, as the authors used it", "parameters", above=0),
        Field("dataset_tokens", "count", "corpus size (not tokens seen), as the authors used it", "tokens", above=0),
        Field("epochs", "number", "passes over the corpus", "epochs", blank=True, above=0),
        Field(
            "epochs_status",
            "text",
            "recovered: solved from the authors' fitted values; above_75: too many to solve for, figure unknown; "
            "epoch_ai: too many to solve for, figure of Epoch AI's database; missing: the authors had none and used 1",
            allowed=EPOCHS_STATUSES,
        ),
        Field("vocabulary", "count", "size of the output vocabulary", "tokens", blank=True, above=1),
        Field("perplexity", "number", "test perplexity, as the authors used it", "per token", above=1),
        Field("architecture", "text", "as in the authors' transformer fit", allowed=ARCHITECTURES),
        Field("training_compute_flop", "number", "Epoch AI's figure", "FLOP", blank=True, above=0),
        Field("epochs_epoch_ai", "number", "Epoch AI's figure", "epochs", blank=True, above=0),
        Field("source", "text", "which facts of the row come from which source"),
    ),
    rules=(
        _unique("row"),
        _unique("system", "paper_id", "benchmark", "parameters"),
        Rule(
            ("paper_id", "paper"),
            "one paper_id must stand for one title",
            lambda frame: frame.groupby("paper_id")["paper"].transform("nunique").le(1),
        ),
        Rule(
            ("epochs", "epochs_status"),
            "epochs are known exactly where the status is recovered or epoch_ai",
            lambda frame: frame["epochs"].notna() == frame["epochs_status"].isin(["recovered", "epoch_ai"]),
        ),
    ),
)

_FITTED = "log-perplexity that the authors' fit predicts: "
PUBLISHED_FITS = Table(
    fields=(
        Field("row", "integer", "row of evaluations.csv", above=0),
        Field("loss_nats", "number", "log of the perplexity as used", "nats per token", above=0),
        Field("fitted_model7", "number", _FITTED + "model 7", "nats per token", above=0),
        Field("fitted_year_break_2017", "number", _FITTED + "slopes that break in 2017", "nats per token", above=0),
        Field("fitted_effective_epochs", "number", _FITTED + "data discounted by epochs", "nats per token", above=0),
        Field("fitted_vocabulary", "number", _FITTED + "with a vocabulary term", "nats per token", True, above=0),
    ),
    rules=(_unique("row"),),
)

CORRECTIONS = Table(
    fields=(
        Field("row", "integer", "row of evaluations.csv", above=0),
        Field("system", "text", "name in evaluations.csv"),
        Field("column", "text", "column of evaluations.csv", allowed=CORRECTABLE),
        Field("as_used", "text", "value in evaluations.csv", blank=True),
        Field("reviewed", "text", "value that the paper supports; blank where it is not known", blank=True),
        Field("reason", "text", "why the value differs"),
        Field("source", "text", "where the reviewed value stands; recalled marks what was not at hand"),
        Field("confidence", "text", "how sure the review is", allowed=CONFIDENCES),
    ),
    rules=(
        _unique("row", "column"),
        Rule(
            ("as_used", "reviewed"),
            "the reviewed value must differ from the value as used",
            lambda frame: frame["as_used"] != frame["reviewed"],
        ),
    ),
)

LAWS = Table(
    fields=(
        Field("id", "text", "short name of the law"),
        Field("name", "text", "name in words"),
        Field("capacity", "text", "formula of the exponent of the capacity term"),
        Field("data", "text", "formula of the exponent of the data term", blank=True),
        Field("floor", "text", "formula of the terms that do not shrink", blank=True),
        Field("shared", "text", "coefficients that both terms share", blank=True),
        Field("links", "text", "what else ties the coefficients", blank=True),
        Field("published_as", "text", "where the papers use this law", blank=True),
        Field("note", "text", "remark", blank=True),
    ),
    rules=(_unique("id"),),
)

CLAIMS = Table(
    fields=(
        Field("id", "text", "short name of the claim"),
        Field("statement", "text", "the claim in our words"),
        Field("kind", "text", "what sort of number it is", allowed=KINDS),
        Field("unit", "text", "unit of the published value", blank=True),
        Field("published", "number", "published value", "see unit", blank=True),
        Field("published_low", "number", "lower end of the published interval", "see unit", blank=True),
        Field("published_high", "number", "upper end of the published interval", "see unit", blank=True),
        Field("tolerance", "number", "absolute difference that still counts as equal", "see unit", True, at_least=0),
        Field("check_against", "text", "id of a claim that this one must agree with", blank=True),
        Field("check_tolerance", "number", "absolute difference from that claim", "see unit", True, at_least=0),
        Field("expected_verdict", "text", "verdict that the tests hold us to", allowed=VERDICTS),
        Field("status", "text", "printed by the source, derived from it, or ours", allowed=STATUSES),
        Field("chapter", "text", "page of the book that treats it", blank=True),
        Field("place", "text", "where in the source", blank=True),
        Field("source", "text", "paper or notebook", blank=True),
        Field("note", "text", "remark", blank=True),
    ),
    rules=(
        _unique("id"),
        Rule(
            ("published_low", "published_high"),
            "the low end must not lie above the high end",
            lambda frame: ~(frame["published_low"] > frame["published_high"]),
        ),
        Rule(
            ("check_against",),
            "must be the id of another claim",
            lambda frame: frame["check_against"].isin([*frame["id"], ""]) & (frame["check_against"] != frame["id"]),
        ),
    ),
)

BEST_MINIMA = Table(
    fields=(
        Field("draw", "integer", "number of the resample, in the order of the seeded stream", above=0),
        Field("slsqp_objective", "number", "best objective by SLSQP with exact gradient", "nats squared", above=0),
        Field("newton_objective", "number", "best objective by the library's solver", "nats squared", above=0),
    ),
    rules=(_unique("draw"),),
)

COVERAGE = Table(
    fields=(
        Field("sample", "integer", "number of the simulated sample", above=0),
        Field("penalty", "number", "strength of the penalty on each parameter", at_least=0),
        Field("by", "text", "what is resampled", allowed=("row", "paper")),
        Field("true_rate", "number", "growth rate of effective compute in the simulation", "per year, natural log"),
        Field("low", "number", "2.5th percentile of the resamples' growth rate", "per year, natural log"),
        Field("median", "number", "median of the resamples' growth rate", "per year, natural log"),
        Field("high", "number", "97.5th percentile of the resamples' growth rate", "per year, natural log"),
        Field("unconverged", "number", "share of the resamples that did not converge", at_least=0),
    ),
    rules=(_unique("sample", "penalty", "by"),),
)

OLMO_LADDER = Table(
    fields=(
        Field("run", "text", "name of the training run"),
        Field("parameters", "count", "model size, as its repository counts it", "parameters", above=0),
        Field("tokens", "number", "training tokens, one pass", "tokens", above=0),
        Field("loss_wt103", "number", "loss on WikiText-103, not trained on it", "nats per OLMo token", above=0),
    ),
    rules=(_unique("run"),),
)

GADRE_RUNS = Table(
    fields=(
        Field("run", "text", "name of the training run"),
        Field("training_set", "text", "what it was trained on", allowed=("c4_original", "rpj", "rw_original")),
        Field("parameters", "count", "model size", "parameters", above=0),
        Field("tokens", "number", "training tokens, one pass", "tokens", above=0),
        Field("loss_ptb", "number", "loss on Penn Treebank, not trained on it", "nats per GPT-NeoX token", above=0),
    ),
    rules=(_unique("run"),),
)

_RATE = "growth rate of effective "
POSTERIOR = Table(
    fields=(
        Field("chain", "integer", "number of the chain", above=0),
        Field("draw", "integer", "number of the draw within its chain", above=0),
        Field("rate", "number", _RATE + "compute", "per year, natural log"),
        Field("parameter_rate", "number", _RATE + "parameters", "per year, natural log"),
        Field("data_rate", "number", _RATE + "data", "per year, natural log"),
        Field("parameter_exponent", "number", "scaling exponent of parameters", above=0),
        Field("data_exponent", "number", "scaling exponent of data", above=0),
        Field("paper_sd", "number", "standard deviation of the papers' effects", "nats per token", above=0),
        Field("error_sd", "number", "scale of the rows' errors", "nats per token", above=0),
        Field("tail", "number", "degrees of freedom of the errors", above=0),
    ),
    rules=(_unique("chain", "draw"),),
)

POSTERIOR_CHECKS = Table(
    fields=(
        Field("variant", "text", "name of the variant of the model"),
        Field("low", "number", "2.5th percentile of the growth rate of effective compute", "per year, natural log"),
        Field("median", "number", "its median", "per year, natural log"),
        Field("high", "number", "its 97.5th percentile", "per year, natural log"),
        Field("correlation", "number", "of the growth rates of parameters and data, over the draws"),
        Field("draws", "integer", "draws of all chains after warm-up", above=0),
        Field("r_hat", "number", "largest R-hat of the reported quantities", above=0),
        Field("ess_bulk", "number", "smallest bulk effective sample size of the reported quantities", "draws", above=0),
        Field("ess_tail", "number", "smallest tail effective sample size of the reported quantities", "draws", above=0),
        Field("divergences", "integer", "transitions that diverged", at_least=0),
        Field("within", "number", "share of rows within their 95% interval of prediction for a new paper", at_least=0),
        *(Field(f"within_{name}", "number", f"the same, of {name}", at_least=0) for name in BENCHMARKS),
        Field("elpd", "number", "expected log density of a paper left out, summed over papers", "nats"),
        Field("elpd_se", "number", "its standard error", "nats", at_least=0),
        Field("pareto_k", "number", "largest Pareto k of the papers left out"),
        Field("made_by", "text", "digest of code, variant, rows and libraries that made the draws"),
    ),
    rules=(_unique("variant"),),
)

SIMULATION = Table(
    fields=(
        Field("sample", "integer", "number of the simulated sample", above=0),
        Field("floor", "text", "whether the truth has an irreducible loss", allowed=("no", "yes")),
        Field("data", "text", "what counts as data in the truth", allowed=("dataset", "seen")),
        Field("procedure", "text", "how the sample is read"),
        Field("true_rate", "number", "growth rate of effective compute in the simulation", "per year, natural log"),
        Field("low", "number", "lower end of the 95% interval of the growth rate", "per year, natural log"),
        Field("median", "number", "median of the growth rate", "per year, natural log"),
        Field("high", "number", "upper end of the 95% interval of the growth rate", "per year, natural log"),
        Field("covers", "integer", "1 if the procedure's own interval holds the truth, else 0", at_least=0),
    ),
    rules=(_unique("sample", "floor", "data", "procedure"),),
)

EXPONENTS = Table(
    fields=(
        Field("id", "text", "short name of the study"),
        Field("paper", "text", "authors and year"),
        Field("alpha", "number", "exponent of parameters in L = E + A N^-alpha + B D^-beta", above=0),
        Field("beta", "number", "exponent of data in the same law", above=0),
        Field("floor_nats", "number", "irreducible loss E of the same fit", "nats per token", True, at_least=0),
        Field("runs", "text", "what was trained"),
        Field("source", "text", "where the values stand"),
        Field("note", "text", "remark", blank=True),
    ),
    rules=(_unique("id"),),
)

DIRECT_COMPARISONS = Table(
    fields=(
        Field("baseline", "text", "system whose performance is held fixed"),
        Field("system", "text", "system that performs about as well; the baseline's own line comes first"),
        Field("publication_date", "date", "as the authors used it", "ISO date"),
        Field("training_compute_flop", "number", "as the authors used it", "FLOP", above=0),
        Field("source", "text", "where the values stand"),
        Field("note", "text", "remark", blank=True),
    ),
    rules=(_unique("baseline", "system"),),
)

SPECIFICATIONS = Table(
    fields=(
        Field(
            "optimiser",
            "text",
            "published: SLSQP from zeros with its default stopping rule; converged: the best minimum of many starts",
            allowed=("published", "converged"),
        ),
        Field("penalty", "number", "strength of the penalty on each parameter", at_least=0),
        Field(
            "data",
            "text",
            "what counts as data: the dataset, tokens seen, or tokens with repeated epochs at diminishing returns",
            allowed=("dataset", "seen", "effective"),
        ),
        Field(
            "missing",
            "text",
            "unknown epochs: not needed, counted as one or as the benchmark's median, or dropped",
            allowed=("none", "one", "median", "drop"),
        ),
        Field("floor", "text", "whether the law has an irreducible loss by benchmark", allowed=("no", "yes")),
        Field("progress", "text", "a rate for each term, or one for both", allowed=("separate", "shared")),
        Field(
            "rows",
            "text",
            "which rows are fitted",
            allowed=("top 3", "top 1", "transformers", "since 2017", "reviewed"),
        ),
        Field("vocabulary", "text", "whether the law has a term in the vocabulary", allowed=("no", "yes")),
        Field(
            "value",
            "text",
            "perplexity as the authors used it, or the system's own on that benchmark",
            allowed=("as used", "own"),
        ),
        Field("n", "integer", "rows", above=0),
        Field("papers", "integer", "papers that the rows are from", above=0),
        Field("mse_nats2", "number", "mean squared error on all rows", "nats squared", at_least=0),
        Field("r_squared", "number", "share of the variance of the loss that the fit explains"),
        Field("rate", "number", _RATE + "compute, fit to all rows", "per year, natural log"),
        Field("low", "number", "its 2.5th percentile over resampled papers", "per year, natural log"),
        Field("high", "number", "its 97.5th percentile over resampled papers", "per year, natural log"),
        Field("parameter_rate", "number", _RATE + "parameters", "per year, natural log"),
        Field("data_rate", "number", _RATE + "data", "per year, natural log"),
        Field("parameter_exponent", "number", "scaling exponent of parameters"),
        Field("data_exponent", "number", "scaling exponent of data"),
        Field("converged", "integer", "1 if the optimiser reports success on all rows, else 0", at_least=0),
        Field("unconverged", "number", "share of the resamples without success", at_least=0),
        Field("draws", "integer", "resamples", above=0),
    ),
    rules=(_unique("optimiser", "penalty", "data", "missing", "floor", "progress", "rows", "vocabulary", "value"),),
)

MILESTONES = Table(
    fields=(
        Field("id", "text", "short name, as in the ids of claims"),
        Field("system", "text", "name"),
        Field("parameters", "number", "model size, as the authors used it", "parameters", above=0),
        Field("dataset_tokens", "number", "corpus size, as the authors used it", "tokens", above=0),
        Field("publication_date", "date", "as the authors used it", "ISO date"),
        Field("source", "text", "where the values stand"),
    ),
    rules=(_unique("id"),),
)

LANGUAGE_MODELS = Table(
    fields=(
        Field("model", "text", "name in Epoch AI's database"),
        Field("publication_date", "date", "as in the database", "ISO date"),
        Field("organization", "text", "who trained it", blank=True),
        Field("parameters", "number", "model size", "parameters", True, above=0),
        Field("dataset_tokens", "number", "corpus size", "tokens", True, above=0),
        Field("epochs", "number", "passes over the corpus", "epochs", True, above=0),
        Field("training_compute_flop", "number", "Epoch AI's figure", "FLOP", True, above=0),
        Field("confidence", "text", "Epoch AI's grade of the compute", blank=True),
        Field("base_model", "text", "the model that it was fine-tuned from", blank=True),
        Field("notability", "text", "why Epoch AI counts it among the notable models", blank=True),
    ),
    rules=(_unique("model"),),
)

SCALING_LAWS = Table(
    fields=(
        Field("id", "text", "short name of the law"),
        Field("paper", "text", "authors and year"),
        Field("floor_nats", "number", "E in L = E + (A N^-alpha + B D^-beta)^power", "nats per token", at_least=0),
        Field("capacity", "number", "A in the same law", above=0),
        Field("alpha", "number", "exponent of parameters", above=0),
        Field("data", "number", "B in the same law", above=0),
        Field("beta", "number", "exponent of data", above=0),
        Field("power", "number", "exponent of the sum", above=0),
        Field("support_low_flop", "number", "least training compute of the runs behind it", "FLOP", above=0),
        Field("support_high_flop", "number", "largest training compute of these runs", "FLOP", above=0),
        Field("unit", "text", "per which token, on which text the loss is"),
        Field("source", "text", "where the constants stand"),
        Field("note", "text", "remark", blank=True),
    ),
    rules=(_unique("id"),),
)

CHINCHILLA_RUNS = Table(
    fields=(
        Field("run", "integer", "number of the point", above=0),
        Field("parameters", "number", "model size, read off the figure", "parameters", above=0),
        Field("tokens", "number", "training compute over six times the size", "tokens", above=0),
        Field("loss_nats", "number", "final loss, read off the figure", "nats per token", above=0),
        Field("outlier", "integer", "1 for the five highest losses, which Besiroglu et al. leave out", at_least=0),
    ),
    rules=(_unique("run"),),
)

PORIAN_RUNS = Table(
    fields=(
        Field("dataset", "text", "RefinedWeb or OpenWebText2", allowed=("rw", "owt2")),
        Field("training_compute_flop", "number", "as the repository counts it", "FLOP", above=0),
        Field("parameters", "number", "model size", "parameters", above=0),
        Field("tokens", "number", "training tokens", "tokens", above=0),
        Field("loss_nats", "number", "validation loss", "nats per token", above=0),
    ),
    rules=(_unique("dataset", "training_compute_flop", "parameters"),),
)

DOMAINS = Table(
    fields=(
        Field("field", "text", "what improves"),
        Field("measure", "text", "what doubles or halves"),
        Field("months", "number", "doubling time as stated", "months", True, above=0),
        Field("low_months", "number", "lower end, of an interval or a range over problems", "months", True, above=0),
        Field("high_months", "number", "upper end", "months", True, above=0),
        Field("ends", "text", "what the ends are", allowed=("none", "95% interval", "range over problems")),
        Field("source", "text", "where the value stands"),
    ),
    rules=(_unique("field", "measure", "source"),),
)

EFFICIENCY = Table(
    fields=(
        Field("target", "text", "system whose performance is held fixed"),
        Field("system", "text", "system that reaches it"),
        Field("publication_date", "date", "as in the repository", "ISO date"),
        Field("training_compute_flop", "number", "training compute to the target", "FLOP", above=0),
    ),
    rules=(_unique("target", "system"),),
)

FAMILY_RUNS = Table(
    fields=(
        Field("run", "text", "name of the run"),
        Field(
            "collection",
            "text",
            "published: the runs of the paper's figure; snapshot: logs of November 2025; reruns: those of 2026",
            allowed=("published", "snapshot", "reruns"),
        ),
        Field(
            "family",
            "text",
            "lstm and lstm2 have one and two layers; modern, modern25 (narrower feed-forward) and sgd (trained "
            "by SGD) are transformers of today, retro is one of 2017",
            allowed=("lstm", "lstm2", "modern", "modern25", "retro", "sgd"),
        ),
        Field("hidden_dim", "integer", "width of the model", above=0),
        Field("parameters", "number", "model size, the embedding counted once", "parameters", above=0),
        Field("tokens", "number", "training tokens so far", "tokens", above=0),
        Field("training_compute_flop", "number", "as the profiler logged it, three digits", "FLOP", above=0),
        Field("loss_nats", "number", "validation loss", "nats per token", above=0),
    ),
    rules=(_unique("run", "tokens"),),
)

ABLATION_RUNS = Table(
    fields=(
        Field(
            "collection",
            "text",
            "october: one seed, changes from the modern transformer; september: four seeds, from its forerunner",
            allowed=("october", "september"),
        ),
        Field("variant", "text", "what was changed"),
        Field("seed", "integer", "seed of the run; zero where none is stated", at_least=0),
        Field("learning_rate", "number", "peak learning rate", above=0),
        Field("tokens", "number", "training tokens so far", "tokens", above=0),
        Field("training_compute_flop", "number", "as the profiler logged it, three digits", "FLOP", above=0),
        Field("loss_nats", "number", "validation loss", "nats per token", above=0),
    ),
    rules=(_unique("collection", "variant", "seed", "learning_rate", "tokens"),),
)

LEARNING_RATES = Table(
    fields=(
        Field(
            "study",
            "text",
            "history: one change after the other from 2017; october: one change each",
            allowed=("history", "october"),
        ),
        Field("variant", "text", "what was changed"),
        Field("learning_rate", "number", "peak learning rate", above=0),
        Field("tokens", "number", "training tokens", "tokens", True, above=0),
        Field("training_compute_flop", "number", "at the end of the run", "FLOP", True, above=0),
        Field(
            "loss_nats",
            "number",
            "final validation loss; blank where the run diverged",
            "nats per token",
            True,
            above=0,
        ),
    ),
    rules=(_unique("study", "variant", "learning_rate"),),
)

ABLATIONS = Table(
    fields=(
        Field("id", "text", "short name of the comparison"),
        Field("better", "text", "variant with the smaller loss"),
        Field("worse", "text", "variant that it is compared with"),
        Field(
            "plotted_gain",
            "number",
            "compute-equivalent gain as plotted; blank where it was not",
            "times",
            True,
            above=0,
        ),
        Field("gain", "number", "the same at full precision", "times", above=0),
        Field("better_flop", "number", "compute of the better variant at the target loss", "FLOP", True, above=0),
        Field("worse_flop", "number", "compute of the worse variant", "FLOP", True, above=0),
        Field("target_loss_nats", "number", "loss at which they are compared", "nats per token", above=0),
        Field("scale_dependent", "integer", "1 if the paper takes it as dependent on scale", at_least=0),
    ),
    rules=(_unique("id"),),
)

INNOVATIONS = Table(
    fields=(
        Field("id", "text", "short name of the innovation"),
        Field("name", "text", "what replaced what"),
        Field("adopted", "integer", "year in which the accounting adopts it", at_least=2010),
        Field(
            "gain",
            "number",
            "compute-equivalent gain as measured; blank where it follows from laws",
            "times",
            True,
            above=0,
        ),
        Field(
            "kind",
            "text",
            "how its factor enters the accounting",
            allowed=("laws", "ablation", "literature", "omitted"),
        ),
        Field("source", "text", "where the value stands"),
    ),
    rules=(_unique("id"),),
)

SPEEDRUN_RECORDS = Table(
    fields=(
        Field("record", "integer", "number of the record", above=0),
        Field("publication_date", "date", "as listed", "ISO date"),
        Field("minutes", "number", "wall-clock time to the target loss on eight H100", "minutes", above=0),
        Field("steps", "integer", "optimiser steps; zero where no log is there", at_least=0),
        Field("batch_tokens", "number", "tokens a step; blank where it changes in the run", "tokens", True, above=0),
        Field("tokens", "number", "training tokens; blank where no log is there", "tokens", True, above=0),
        Field("final_loss_nats", "number", "validation loss at the end", "nats per token", True, above=0),
    ),
    rules=(_unique("record"),),
)

SPEEDRUN_CURVES = Table(
    fields=(
        Field("record", "integer", "number of the record", above=0),
        Field("step", "integer", "optimiser step", above=0),
        Field("loss_nats", "number", "validation loss", "nats per token", above=0),
        Field("seconds", "number", "training time so far", "seconds", above=0),
    ),
    rules=(_unique("record", "step"),),
)

XLSTM_RUNS = Table(
    fields=(
        Field("architecture", "text", "which model", allowed=("transformer_llama", "xlstm_mlstm")),
        Field("context", "integer", "tokens of context in training", above=0),
        Field("budget", "text", "the authors' name of the group of about one compute"),
        Field("parameters", "number", "model size, embedding included", "parameters", above=0),
        Field("tokens", "number", "training tokens", "tokens", above=0),
        Field("training_compute_flop", "number", "six times parameters times tokens", "FLOP", above=0),
        Field("loss_nats", "number", "final validation loss on DCLM", "nats per token", above=0),
    ),
    rules=(_unique("architecture", "budget", "parameters", "tokens", "loss_nats"),),
)

STEPLAW_CELLS = Table(
    fields=(
        Field("architecture", "text", "dense, or a mixture with so many experts of so many active"),
        Field("parameters", "number", "all parameters but the embedding", "parameters", above=0),
        Field("active_parameters", "number", "those that a token passes", "parameters", above=0),
        Field("tokens", "number", "training tokens", "tokens", above=0),
        Field("training_compute_flop", "number", "six times active parameters times tokens", "FLOP", above=0),
        Field("loss_nats", "number", "least smoothed training loss over the grid", "nats per token", above=0),
        Field("final_loss_nats", "number", "last training loss of the same run", "nats per token", above=0),
        Field("runs", "integer", "runs of the grid of learning rates and batches", above=0),
    ),
    rules=(_unique("architecture", "parameters", "active_parameters", "tokens"),),
)

RECIPE_RUNS = Table(
    fields=(
        Field("dataset", "text", "RefinedWeb or OpenWebText2", allowed=("rw", "owt2")),
        Field(
            "recipe",
            "text",
            "the authors' stage; architecture, data and FLOP count are shared",
            allowed=(
                "2_count_last_layer_flops",
                "3_short_warmup",
                "4_matched_cosine_decay",
                "5_tuned_hyperparameters_constant_lr",
            ),
        ),
        Field("training_compute_flop", "number", "as the repository counts it", "FLOP", above=0),
        Field("parameters", "number", "model size", "parameters", above=0),
        Field("tokens", "number", "training tokens", "tokens", above=0),
        Field("loss_nats", "number", "validation loss", "nats per token", above=0),
    ),
    rules=(_unique("dataset", "recipe", "training_compute_flop", "parameters"),),
)

_ON = "loss on "
TRAINING_SET_RUNS = Table(
    fields=(
        Field("run", "text", "name of the training run"),
        Field("training_set", "text", "what it was trained on", allowed=("c4_original", "rpj", "rw_original")),
        Field("parameters", "number", "model size", "parameters", above=0),
        Field("tokens", "number", "training tokens, one pass", "tokens", above=0),
        Field("loss_openlm", "number", _ON + "recent papers, news and code", "nats per GPT-NeoX token", above=0),
        Field("loss_ptb", "number", _ON + "Penn Treebank", "nats per GPT-NeoX token", above=0),
        Field("loss_c4", "number", _ON + "C4", "nats per GPT-NeoX token", above=0),
        Field("loss_rw", "number", _ON + "RefinedWeb", "nats per GPT-NeoX token", above=0),
        Field("loss_rpj", "number", _ON + "RedPajama", "nats per GPT-NeoX token", above=0),
    ),
    rules=(_unique("run"),),
)

REPETITION_RUNS = Table(
    fields=(
        Field("run", "text", "label of the run"),
        Field("parameters", "number", "model size", "parameters", above=0),
        Field("tokens", "number", "training tokens, repeated ones counted again", "tokens", above=0),
        Field("unique_tokens", "number", "tokens before repetition", "tokens", above=0),
        Field("loss_nats", "number", "validation loss on C4", "nats per token", above=0),
    ),
    rules=(_unique("run", "parameters"),),
)

CROSSINGS = Table(
    fields=(
        Field("study", "text", "the first experiment or the larger one", allowed=("main", "scale_up")),
        Field("size", "text", "model size"),
        Field("target_bpb", "number", "loss on Wikipedia to reach", "bits per byte", above=0),
        Field("algorithm", "text", "recipe", allowed=("A0_gpt2", "A1_modern")),
        Field("training_set", "text", "what it was trained on", allowed=("D0_openwebtext", "D1_modern")),
        Field("gpu_hours", "number", "time to the target; blank where it was never reached", "hours", True, above=0),
        Field("censored", "integer", "1 where the target was never reached", at_least=0),
    ),
    rules=(_unique("study", "size", "algorithm", "training_set"),),
)

GAIN_GROUPS = ("whole path", "whole recipe", "one change", "experts", "allocation", "data", "other fields")
LITERATURE_GAINS = Table(
    fields=(
        Field("id", "text", "short name of the gain"),
        Field("change", "text", "what is compared"),
        Field("baseline", "text", "with what"),
        Field("gain", "number", "times less than the baseline; blank: a range", "times", True, above=0),
        Field("low", "number", "low end of the stated range", "times", True, above=0),
        Field("high", "number", "high end of the stated range", "times", True, above=0),
        Field("scale", "text", "at which scale"),
        Field("metric", "text", "what is held equal"),
        Field("kind", "text", "how it was obtained"),
        Field("source", "text", "where it stands"),
        Field("note", "text", "remark", blank=True),
        Field("group", "text", "what sort of change, in our words", allowed=GAIN_GROUPS),
        Field(
            "retuned",
            "text",
            "whether the baseline was tuned again, in our reading",
            allowed=("yes", "no", "not stated", "not applicable"),
        ),
        Field(
            "currency",
            "text",
            "in what the gain is counted, in our reading",
            allowed=("FLOP", "tokens", "steps", "wall clock", "GPU-hours"),
        ),
    ),
    rules=(
        _unique("id"),
        Rule(
            ("gain", "low"),
            "a gain or a range must be given",
            lambda frame: frame["gain"].notna() | frame["low"].notna(),
        ),
    ),
)

RATE_GROUPS = (
    "loss of language models",
    "capability of language models",
    "capability per parameter",
    "time to one loss",
    "accuracy of vision models",
    "judged from the literature",
)
GROWTH_RATES = Table(
    fields=(
        Field("id", "text", "short name of the estimate"),
        Field("study", "text", "authors and year"),
        Field("quantity", "text", "what grows or halves"),
        Field("central", "number", "central value", "see unit", above=0),
        Field("low", "number", "low end", "see unit", True, above=0),
        Field("high", "number", "high end", "see unit", True, above=0),
        Field("unit", "text", "unit of the three", allowed=("months", "days", "x per year", "x total")),
        Field("interval", "text", "what low and high are", blank=True),
        Field("period", "text", "years that it covers"),
        Field("note", "text", "remark", blank=True),
        Field("source", "text", "where it stands"),
        Field("group", "text", "what is measured, in our words", allowed=RATE_GROUPS),
    ),
    rules=(_unique("id"),),
)

RECIPE_MINIMA = Table(
    fields=(
        Field("dataset", "text", "training text: OpenWebText2 or RefinedWeb", allowed=("owt2", "rw")),
        Field(
            "recipe",
            "text",
            "training recipe; all share one architecture and one count of compute",
            allowed=("kaplan", "short warm-up", "matched decay", "tuned, constant rate"),
        ),
        Field("training_compute_flop", "number", "budget", "FLOP", above=0),
        Field("parameters", "number", "at the minimum", "parameters", above=0),
        Field("loss_nats", "number", "least loss, interpolated by the authors", "nats per token", above=0),
        Field("loss_sd_nats", "number", "its bootstrap standard deviation", "nats per token", at_least=0),
    ),
    rules=(_unique("dataset", "recipe", "training_compute_flop"),),
)

ARCHITECTURE_PERPLEXITIES = Table(
    fields=(
        Field("model", "text", "architecture"),
        Field("perplexity", "number", "validation perplexity after 15 billion tokens", above=1),
    ),
    rules=(_unique("model"),),
)

LAW_CONSTANTS = Table(
    fields=(
        Field("law", "text", "law or device"),
        Field("constant", "text", "name of the constant"),
        Field("value", "number", "as printed"),
        Field("unit", "text", "unit", blank=True),
        Field("source", "text", "where it stands"),
        Field("note", "text", "remark", blank=True),
    ),
    rules=(_unique("law", "constant"),),
)

TABLES: dict[str, Table] = {
    "evaluations": EVALUATIONS,
    "published_fits": PUBLISHED_FITS,
    "corrections": CORRECTIONS,
    "laws": LAWS,
    "claims": CLAIMS,
    "exponents": EXPONENTS,
    "direct_comparisons": DIRECT_COMPARISONS,
    "best_minima": BEST_MINIMA,
    "coverage": COVERAGE,
    "olmo_ladder": OLMO_LADDER,
    "gadre_runs": GADRE_RUNS,
    "posterior": POSTERIOR,
    "posterior_checks": POSTERIOR_CHECKS,
    "simulation": SIMULATION,
    "specifications": SPECIFICATIONS,
    "milestones": MILESTONES,
    "language_models": LANGUAGE_MODELS,
    "scaling_laws": SCALING_LAWS,
    "chinchilla_runs": CHINCHILLA_RUNS,
    "porian_runs": PORIAN_RUNS,
    "domains": DOMAINS,
    "efficiency": EFFICIENCY,
    "family_runs": FAMILY_RUNS,
    "ablation_runs": ABLATION_RUNS,
    "learning_rates": LEARNING_RATES,
    "ablations": ABLATIONS,
    "innovations": INNOVATIONS,
    "speedrun_records": SPEEDRUN_RECORDS,
    "speedrun_curves": SPEEDRUN_CURVES,
    "xlstm_runs": XLSTM_RUNS,
    "steplaw_cells": STEPLAW_CELLS,
    "recipe_runs": RECIPE_RUNS,
    "training_set_runs": TRAINING_SET_RUNS,
    "repetition_runs": REPETITION_RUNS,
    "crossings": CROSSINGS,
    "literature_gains": LITERATURE_GAINS,
    "growth_rates": GROWTH_RATES,
    "recipe_minima": RECIPE_MINIMA,
    "architecture_perplexities": ARCHITECTURE_PERPLEXITIES,
    "law_constants": LAW_CONSTANTS,
}
BUILT = (
    "evaluations",
    "published_fits",
    "olmo_ladder",
    "gadre_runs",
    "language_models",
    "chinchilla_runs",
    "porian_runs",
    "efficiency",
    "family_runs",
    "ablation_runs",
    "learning_rates",
    "ablations",
    "speedrun_records",
    "speedrun_curves",
    "xlstm_runs",
    "steplaw_cells",
    "recipe_runs",
    "training_set_runs",
    "repetition_runs",
    "crossings",
    "literature_gains",
    "growth_rates",
    "recipe_minima",
    "architecture_perplexities",
)
HAND_KEPT = (
    "corrections",
    "laws",
    "claims",
    "exponents",
    "direct_comparisons",
    "milestones",
    "scaling_laws",
    "domains",
    "innovations",
    "law_constants",
)
COMPUTED = (
    "best_minima",
    "coverage",
    "posterior",
    "posterior_checks",
    "simulation",
    "specifications",
)  # by commands of the library, named in the manifests
