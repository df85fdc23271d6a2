"""Small files that users bring (`tests/cases`): what can be read is read, what is odd is doubted, the rest refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from algoprogress import cli as command
from algoprogress.data import own, reader, tables
from algoprogress.frontiers import own_file, own_runs

CASES = Path(__file__).parents[1] / "cases"
READ = {  # and what is noted of it
    "e01_same_two_benchmarks": "row 1, 2: one perplexity on two benchmarks",
    "e03_dup_case": "row 1, 2: names that differ by capitals, spaces or marks only",
    "e13_tab": "cells are parted by tabs",
    "e15_utf16": "the file is in UTF-16",
    "e22_trailing_newline_name": "column system: stray spaces or line breaks are left out (row 1)",
    "e28_blank_line": "1 blank or comment line passed over",
    "e30_ppl_is_loss": "row 1: a perplexity below 5; is it a loss in nats?",
    "e33_comment": "1 blank or comment line passed over",
    "e34_capital_header": "the columns are taken for system, paper, benchmark",
    "e35_space_header": "the columns are taken for system, paper, benchmark",
    "e39_known_row_other_spelling": "row 1, 2: looks like row 55 of the book",
    "e40_trailing_blank_line": "1 blank or comment line passed over",
    "e42_fullwidth": "column parameters: digits of full width are plain ones (row 1)",
    "r05_semicolon": "cells are parted by semicolons",
    "r06_tab": "cells are parted by tabs",
    "r08_utf16": "the file is in UTF-16",
    "r13_perplexity_low": "losses up to 19.5",
    "r14_bpb": "losses down to 0.95: in bits, or by bytes or letters?",
    "r15_trailing_newline_name": "column algorithm: stray spaces or line breaks are left out (rows 21, 22",
    "r18_case_space": "algorithms new, New differ by capitals only",
    "r24_new_is_worse": "nothing wrong",
    "r25_three_runs": "3 runs of old: an interval over so few says little",
    "r26_seeds": "12 runs of old at 4 sizes and computes: repeats",
    "r28_nan_parameters": "runs of old without parameters, 1, count for no IsoFLOP minimum",
    "r37_na_name": "algorithm     NA: 4 runs",
    "r38_decimal_comma": "column loss_nats: commas are decimal ones",
    "r41_trailing_commas": "nothing wrong",
    "r42_blank_lines": "3 blank or comment lines passed over",
    "r43_comment": "1 blank or comment line passed over",
    "r45_bad_mathtext": "algorithm     $\\foo$ 5: 4 runs",
    "s01_muon_adamw_bits_per_byte": "losses down to 0.937",
    "s02_isoflop_grid_against_best_runs": "runs of moe_v16_adamh without parameters, 11, count",
    "s05_unannealed_reference_truth_3": "old with checkpoints, new with ends only",
    "s06_isoflop_off_centre_8x_truth_3": "new has its lowest loss at the smallest or largest size in 5 of 5 grids",
}
REFUSED = {
    "e11_noheader": "the first row must name the columns; is the header missing?",
    "e19_huge_int": "row 1, column parameters: must be below 1e+18",
    "e43_plus_inf_size": "row 1, column parameters: must be below 1e+18",
    "l02_braces_import": "row 1, column capacity: law a: cannot build",
    "l03_np_exp": "row 1, column capacity: law a: cannot build",
    "l05_braces": "row 1, column capacity: law a: cannot build",
    "l15_since_import": "row 1, column capacity: law a: cannot build",
    "l16_to_csv": "row 1, column capacity: law a: cannot build",
    "l18_braces_to_csv": "row 1, column capacity: law a: cannot build",
    "l22_power9": "the only power is **2, not **9",
    "l25_bignum_brace": "row 1, column capacity: law a: cannot build",
    "l31_stealth": "row 1, column capacity: law mine: cannot build",
    "r01_placeholders": "row 3, column loss_nats: must be a number above zero (found 'nan')",
    "r02_carrydown": "row 5, column run: must not be blank",
    "r04_noheader": "the first row must name the columns; is the header missing?",
    "r29_text_parameters": "row 5, column parameters: must be a number above zero (found '2M')",
    "r30_bad_cells_other_alg": "row 41, column training_compute_flop: must be a number above zero (found '?')",
    "r36_diverged": "row 11, column loss_nats: must be a number above zero (found 'nan')",
    "r39_thousand": "row 11: quotes must enclose a whole cell",
    "r40_ansi": r"row 21, column algorithm: must not hold characters that cannot be printed (found '\x1b[31mnew",
}


def test_every_case_is_tried():
    assert {path.stem for path in CASES.glob("*.csv")} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is_read_and_what_is_odd_is_said(name, capsys):
    assert command.main(["check", str(CASES / f"{name}.csv")]) == 0
    assert READ[name] in capsys.readouterr().out


@pytest.mark.parametrize("name", REFUSED)
def test_the_rest_is_refused_and_writes_nothing(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command.main(["check", str(CASES / f"{name}.csv")]) == 2
    said = capsys.readouterr()
    assert REFUSED[name] in said.err and said.err.startswith(f"{name}.csv") and "\x1b" not in said.err + said.out
    assert not list(tmp_path.iterdir())


def test_every_bad_cell_is_named_at_once(capsys):
    assert command.main(["check", str(CASES / "r01_placeholders.csv")]) == 2
    found = capsys.readouterr().err
    for row, cell in ((1, "64B"), (4, "inf"), (1, "#N/A"), (2, "?"), (3, "nan"), (4, "-3")):
        assert f"row {row}, column" in found and f"(found {cell!r})" in found


def test_separators_and_spelling_change_no_number():
    """The same runs and the same evaluations, however the file writes them."""
    plain = own_file.read(CASES / "r42_blank_lines.csv").reset_index(drop=True)
    for name in ("r05_semicolon", "r06_tab", "r08_utf16", "r38_decimal_comma", "r41_trailing_commas", "r43_comment"):
        assert own_file.read(CASES / f"{name}.csv").reset_index(drop=True).equals(plain), name
    first = own.read(CASES / "e33_comment.csv")
    for name in ("e13_tab", "e15_utf16", "e22_trailing_newline_name", "e34_capital_header"):
        assert own.read(CASES / f"{name}.csv").equals(first), name


def test_a_comma_that_may_part_thousands_or_decimals_is_refused(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("algorithm;run;training_compute_flop;loss_nats\na;1;1e15;5,191\n", encoding="utf-8")
    with pytest.raises(tables.DataError, match="row 1, column loss_nats: may have a decimal comma or"):
        own_file.read(path)
    path.write_text("algorithm;run;training_compute_flop;loss_nats\na;1;1e15;5,19\n", encoding="utf-8")
    assert own_file.read(path)["loss_nats"].tolist() == [5.19]


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "runs.csv"
    for content, said in ((b"PK\x03\x04\0\0", "no text"), (b"", "is empty"), (b"\n\n# a\n", "is empty")):
        path.write_bytes(content)
        with pytest.raises(tables.DataError, match=said):
            reader.read(path)
    with pytest.raises(tables.DataError, match="cannot be read"):
        reader.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "reference", "new", "low", "high"),
    [
        ("s01_muon_adamw_bits_per_byte", "adamw_llama_scaling", "muon_llama_scaling", 1.1, 1.35),
        ("s02_isoflop_grid_against_best_runs", "dense nemotron", "moe_v16_adamh", 5.5, 8.5),  # known as 6 to 8
        ("s05_unannealed_reference_truth_3", "old", "new", 2.8, 3.2),
    ],
)
def test_known_answers_are_found(name, reference, new, low, high):
    found = own_runs.compare(own_file.read(CASES / f"{name}.csv"), reference=reference, new=new, draws=0)
    gains = found.gains.loc[found.gains["estimator"] == "smooth", "gain"]
    assert len(gains) == 3 and all(low < gain.value < high for gain in gains)
    pairs = own_runs.paired(found)
    assert all(low < gain < high for gain in pairs) and len(pairs) == (0 if name.startswith("s02") else 4)


def test_what_no_estimator_measures_is_one_line(capsys):
    path = str(CASES / "s01_muon_adamw_bits_per_byte.csv")
    words = ["--reference", "adamw_llama_scaling", "--new", "muon_llama_scaling", "--draws", "200"]
    assert command.main(["frontier", path, *words]) == 0
    said = capsys.readouterr().out
    assert said.startswith("adamw_llama_scaling needs 1.21 times the compute of muon_llama_scaling")
    assert said.count("no gain by isoflop: ") == 1 and "no data" not in said
    assert "for muon_llama_scaling in 4 of 4" in said
