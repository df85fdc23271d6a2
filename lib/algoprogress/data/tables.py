"""Load the tables of ``data/``, each checked against its schema and its manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from algoprogress.data.check import DataError, Failure, read_text, refuse, validate
from algoprogress.data.sample import Sample, Step, correction_failures, decimal_year, derived, with_reviewed_columns
from algoprogress.engine.places import data_dir, root

__all__ = ["DataError", "Failure", "Sample", "Step", "decimal_year", "validate"]


def evaluations(path: Path | str | None = None) -> Sample:
    """Return all evaluations as a sample, with the published steps that came before the table.

    Parameters
    ----------
    path
        Another table with the same columns. Its manifest and ``corrections.csv`` are used if they lie beside it.

    Raises
    ------
    DataError
        If the table, its manifest and the corrections do not hold together.
    """
    place = _place("evaluations", path)
    frame = _load("evaluations", path)
    steps = [Step(**step, origin="published") for step in _manifest_beside(place).get("published_steps", [])]
    steps.append(Step("table", f"rows of {place.name}", len(frame), 0))
    review = place.with_name("corrections.csv")
    if path is not None and not review.exists():
        return Sample(derived(frame), tuple(steps))
    corrected = _load("corrections", None if path is None else review)
    refuse(correction_failures(corrected, frame, label(review)))
    return Sample(with_reviewed_columns(derived(frame), corrected), tuple(steps), corrected)


def published_fits(path: Path | str | None = None) -> pd.DataFrame:
    """Return the loss, in nats per token, that the authors' fits predict for each row of the evaluations."""
    return _load("published_fits", path)


def corrections(path: Path | str | None = None) -> pd.DataFrame:
    """Return the corrections; ``as_used`` and ``reviewed`` stay text, as their type follows the column they mend."""
    return _load("corrections", path)


def laws(path: Path | str | None = None) -> pd.DataFrame:
    """Return the catalogue of laws; all columns are text, "" where blank."""
    return _load("laws", path)


def claims(path: Path | str | None = None) -> pd.DataFrame:
    """Return the claims with their published values, units and tolerances."""
    return _load("claims", path)


def exponents(path: Path | str | None = None) -> pd.DataFrame:
    """Return scaling exponents of parameters and data that controlled experiments found."""
    return _load("exponents", path)


def direct_comparisons(path: Path | str | None = None) -> pd.DataFrame:
    """Return date and training compute, in FLOP, of systems that perform about as well as a baseline."""
    return _load("direct_comparisons", path)


def best_minima(path: Path | str | None = None) -> pd.DataFrame:
    """Return the best objective known of each of the fixed resamples (`tests.bench.known`), in nats squared."""
    return _load("best_minima", path)


def coverage(path: Path | str | None = None) -> pd.DataFrame:
    """Return the bootstrap intervals on simulated samples, as yearly growth rates."""
    return _load("coverage", path)


def olmo_ladder(path: Path | str | None = None) -> pd.DataFrame:
    """Return the final losses of the runs of the OLMo 2 ladder, in nats per token of its tokenizer."""
    return _load("olmo_ladder", path)


def gadre_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return the final losses of the runs of Gadre et al. 2024, in nats per token of their tokenizer."""
    return _load("gadre_runs", path)


def posterior(path: Path | str | None = None) -> pd.DataFrame:
    """Return the kept draws of the posterior."""
    return _load("posterior", path)


def posterior_checks(path: Path | str | None = None) -> pd.DataFrame:
    """Return rates, diagnostics and checks of every variant of the model, as yearly rates."""
    return _load("posterior_checks", path)


def simulation(path: Path | str | None = None) -> pd.DataFrame:
    """Return what every procedure says of simulated samples, as yearly growth rates."""
    return _load("simulation", path)


def specifications(path: Path | str | None = None) -> pd.DataFrame:
    """Return the doubling time under every combination of choices."""
    return _load("specifications", path)


def milestones(path: Path | str | None = None) -> pd.DataFrame:
    """Return the systems between which the paper divides the credit."""
    return _load("milestones", path)


def language_models(path: Path | str | None = None) -> pd.DataFrame:
    """Return language models with their training compute (Epoch AI)."""
    return _load("language_models", path)


def scaling_laws(path: Path | str | None = None) -> pd.DataFrame:
    """Return published scaling laws with their range of training compute."""
    return _load("scaling_laws", path)


def chinchilla_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return the runs of Hoffmann et al. 2022 as digitised by Besiroglu et al. 2024."""
    return _load("chinchilla_runs", path)


def porian_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return the runs of the tuned recipe of Porian et al. 2024."""
    return _load("porian_runs", path)


def domains(path: Path | str | None = None) -> pd.DataFrame:
    """Return published doubling times of algorithms in other fields."""
    return _load("domains", path)


def efficiency(path: Path | str | None = None) -> pd.DataFrame:
    """Return training compute to fixed targets by date (Hernandez & Brown 2020)."""
    return _load("efficiency", path)


def family_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return checkpoints of LSTMs and transformers of several sizes (Gundlach et al. 2025)."""
    return _load("family_runs", path)


def ablation_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return checkpoints of small transformers with one thing changed (Gundlach et al. 2025)."""
    return _load("ablation_runs", path)


def learning_rates(path: Path | str | None = None) -> pd.DataFrame:
    """Return final losses of small transformers by variant and learning rate (Gundlach et al. 2025)."""
    return _load("learning_rates", path)


def ablations(path: Path | str | None = None) -> pd.DataFrame:
    """Return the published comparisons of one variant with another (Gundlach et al. 2025)."""
    return _load("ablations", path)


def innovations(path: Path | str | None = None) -> pd.DataFrame:
    """Return the innovations of the accounting of Gundlach et al. 2025, with year and gain."""
    return _load("innovations", path)


def speedrun_records(path: Path | str | None = None) -> pd.DataFrame:
    """Return the records of a public race to one loss: date, minutes, steps and tokens."""
    return _load("speedrun_records", path)


def speedrun_curves(path: Path | str | None = None) -> pd.DataFrame:
    """Return the validation losses logged in the runs of the records."""
    return _load("speedrun_curves", path)


def xlstm_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return final losses of transformers and xLSTMs by size at fixed compute (Beck et al. 2026)."""
    return _load("xlstm_runs", path)


def steplaw_cells(path: Path | str | None = None) -> pd.DataFrame:
    """Return the least loss over a grid of recipes of dense models and mixtures of experts (Li et al. 2025)."""
    return _load("steplaw_cells", path)


def recipe_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return the runs of four recipes of one architecture at fixed compute (Porian et al. 2024)."""
    return _load("recipe_runs", path)


def training_set_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return final losses on five texts of models trained on three (Gadre et al. 2024)."""
    return _load("training_set_runs", path)


def repetition_runs(path: Path | str | None = None) -> pd.DataFrame:
    """Return final losses of models trained on repeated text (Muennighoff et al. 2023)."""
    return _load("repetition_runs", path)


def crossings(path: Path | str | None = None) -> pd.DataFrame:
    """Return the time to one loss of two recipes on two training sets."""
    return _load("crossings", path)


def literature_gains(path: Path | str | None = None) -> pd.DataFrame:
    """Return compute-equivalent gains as published, with what each is a gain over and in which currency."""
    return _load("literature_gains", path)


def growth_rates(path: Path | str | None = None) -> pd.DataFrame:
    """Return published rates of progress, each in its own unit."""
    return _load("growth_rates", path)


def recipe_minima(path: Path | str | None = None) -> pd.DataFrame:
    """Return the least loss by budget of training recipes that share all else (Porian et al. 2024)."""
    return _load("recipe_minima", path)


def architecture_perplexities(path: Path | str | None = None) -> pd.DataFrame:
    """Return perplexities of architectures of one size after the same tokens (Beck et al. 2024, Table 1)."""
    return _load("architecture_perplexities", path)


def law_constants(path: Path | str | None = None) -> pd.DataFrame:
    """Return constants of laws that are not of the common form, and of a device."""
    return _load("law_constants", path)


def manifest(name: str) -> dict[str, Any]:
    """Return the manifest of a table: title, sources, licence, columns, rows, sha256.

    Raises
    ------
    DataError
        If the manifest is missing or is not JSON.
    """
    return read_manifest(data_dir() / f"{name}.manifest.json")


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest at ``path``."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError([Failure(label(path), None, "", "the manifest is missing")]) from None
    except ValueError as error:
        raise DataError([Failure(label(path), None, "", f"the manifest must be JSON: {error}")]) from error


def label(path: Path) -> str:
    """Return the name of a file in messages: its path inside the repository, or its own name outside."""
    return path.relative_to(root()).as_posix() if path.is_relative_to(root()) else path.name


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _place(name: str, path: Path | str | None) -> Path:
    """Return where a table lies: ``path``, or its own place in ``data/``."""
    return data_dir() / f"{name}.csv" if path is None else Path(path)


def _load(name: str, path: Path | str | None) -> pd.DataFrame:
    """Return a validated table; it must match its manifest, which a table of another path may go without."""
    place = _place(name, path)
    frame = validate(read_text(place, label(place)), name, label(place))
    entry = manifest(name) if path is None else _manifest_beside(place)
    if entry and (entry.get("rows"), entry.get("sha256")) != (len(frame), sha256(place.read_bytes())):
        command = f"python -m algoprogress.data.seal --seal --only {name}"
        rule = f"the table changed without its manifest; if the change is meant, run: {command}"
        raise DataError([Failure(label(place), None, "", rule)])
    return frame


def _manifest_beside(place: Path) -> dict[str, Any]:
    """Return the manifest beside a table, or nothing if there is none."""
    path = place.with_suffix(".manifest.json")
    return read_manifest(path) if path.exists() else {}
