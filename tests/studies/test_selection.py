"""What the chapter on model selection says: the printed table, the confidence set, the chain, and later years."""

from __future__ import annotations

import pytest

from algoprogress.data import tables
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws import catalogue
from algoprogress.show.estimate import unpacked
from book.studies.selection import figures, study
from book.studies.selection import published as protocol
from book.studies.selection.published import PENALTIES

SAMPLE = tables.evaluations().published_sample()
TRAINING = study.training()


@pytest.fixture(scope="module")
def scores():
    return study.scores(TRAINING, SAMPLE)


def test_the_printed_table_returns_but_for_one_law(scores):
    printed = figures.against_printed(scores)
    assert len(printed) == 120
    exact = printed["difference"].abs() < 1e-12
    assert exact.sum() == 114
    assert set(printed.loc[~exact, "law"]) == {"20"}
    assert printed.loc[~exact, "difference"].abs().between(5e-6, 1e-3).all()
    agreement = figures.agreement(printed).set_index("law")
    assert agreement.loc["7"].tolist()[:2] == [6, 6]
    assert agreement.loc["20", "equal"] == 0


def test_the_cells_are_those_of_the_single_functions(scores):
    cells = scores.set_index(["law", "penalty"])
    assert cells.loc[("7", 0.0), "published"] == protocol.published(catalogue.law("7"), TRAINING, penalty=0.0).mse_nats2
    found = fit.converged.__wrapped__(catalogue.law("12"), SAMPLE, penalty=0.005, starts=100)
    assert cells.loc[("12", 0.005), "months"] == pytest.approx(point_months(found), rel=1e-6)
    assert scores["months"].isna().groupby(scores["law"]).all().loc[lambda none: none].index.tolist() == ["16", "17"]


@pytest.mark.parametrize("by", ["row", "paper"])
def test_many_specifications_may_be_the_best_and_those_without_progress_may_not(scores, by):
    kept = scores[f"kept_by_{by}"]
    assert not kept[scores["law"].isin(["16", "17"])].any()
    assert kept[scores["law"].isin(["7", "10", "12", "18"]) & (scores["penalty"] == 0.005)].all()
    found = study.kept(scores, by=by)
    assert found.specifications == kept.sum() > 60
    months = scores.loc[kept, "months"]
    assert (found.months.low, found.still) == (months.min(), (months > 1_000).sum())
    assert found.months.high == months[months < 1_000].max() > 3 * found.months.low


def test_the_best_is_the_smallest_score():
    cells = {(cell.law, cell.penalty): cell.mse_nats2 for cell in study.converged(TRAINING, by="row")}
    assert study.best(TRAINING) == min(cells, key=cells.__getitem__) == ("7", 0.005)
    assert figures.leaders(TRAINING)["rank"].tolist()[:12] == list(range(1, 13))


def test_the_chain_gains_from_having_seen_the_row():
    chains, orders = study.chains(TRAINING), study.orders(TRAINING)
    found = study.luck(chains, orders)
    assert found.leak > 2 * found.leak_error > 0
    assert (found.orders, found.lower) == (study.SHUFFLES, 0)
    assert study.luck(chains, orders, penalty=0.005).lower == study.SHUFFLES  # the other way round
    blind = chains[chains["variant"] == "the same, blind to the row"]
    assert all(found.low > 0 for found in blind["difference_nats2"])
    restarted = chains.set_index(["penalty", "variant"])["mse_nats2"]
    for penalty in study.CHAINED:  # more steps on the same fold change next to nothing
        gap = restarted[penalty, "each fold from zeros"] - restarted[penalty, "each fold restarted"]
        assert abs(gap) < 2e-4


def test_compute_alone_keeps_its_pace_when_later_years_are_cut_off():
    ahead = study.extrapolated(SAMPLE)
    chosen = ahead[(ahead["penalty"] == 0.0025) & (ahead["cut"] >= 2019)].set_index(["law", "cut"])
    spread = {law: chosen.loc[law, "months"].max() / chosen.loc[law, "months"].min() for law in ("7", "18")}
    assert spread["18"] < spread["7"]
    assert (chosen.loc["18", "rmse_nats"] < chosen.loc["16", "rmse_nats"]).all()
    shown = ahead[ahead["penalty"] == 0.0025]
    assert (shown["rmse_nats"] < shown["rmse_mean_nats"]).all()
    assert (shown.loc[shown["law"] == "16", "bias_nats"] < 0).all()  # without progress, losses too high


def test_compute_alone_is_within_a_standard_error_of_the_chosen_law():
    held = study.contest(study.converged(TRAINING, by="row"), TRAINING)
    table = unpacked(study.differences(held, against=study.CHOSEN)).set_index(["law", "penalty"]).loc["18"]
    assert (table["difference_nats2"].abs() < table["error_nats2"]).all()
    sizes = [len(catalogue.law(law).design(SAMPLE.frame).names) for law in ("7", "18")]
    assert sizes[0] == 2 * sizes[1]


@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_ids_of_the_ledger_spell_the_penalty(penalty):
    digits = study.IN_IDS[penalty]
    assert float(f"{digits[0]}.{digits[1:]}") == penalty


def test_a_star_marks_a_cell():
    frame = study.scores(TRAINING, SAMPLE)
    plain = figures.grid(frame, "by_row")
    starred = figures.grid(frame, "by_row", mark=(frame["law"] == "3") & (frame["penalty"] == 0.01))
    assert plain["law"].tolist() == [str(number) for number in range(1, 21)]
    changed = (plain != starred).to_numpy()
    assert changed.sum() == 1
    assert starred.loc[2, "penalty 0.01"] == plain.loc[2, "penalty 0.01"] + "\\*"
