"""The command line: check one's own files, fit them, compare training runs, print the ledger."""

from __future__ import annotations

import argparse
import sys
import time

from algoprogress import __version__

ROWS = ("all", "reviewed", "transformers", "since-2017", "best")  # the names of effect.ROWS, slow to import
TEMPLATES = ("evaluations", "runs", "law")
BAD_INPUT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 if verdicts differ, 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="algoprogress",
        description="Algorithmic progress in language models, rebuilt.",
        epilog="Each command has --help with examples.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    for add in (_template_options, _check_options, _fit_options, _frontier_options, _claims_options):
        add(commands)
    chosen = parser.parse_args(arguments)
    return chosen.run(chosen)


def _command(commands, name: str, run, *, does: str, more: str = "", examples: tuple[str, ...]):
    """Return the parser of one command, whose help ends in examples."""
    epilog = f"{more}\n\nexamples:\n" + "\n".join(f"  algoprogress {name} {each}".rstrip() for each in examples)
    parser = commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=epilog.lstrip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _template_options(commands) -> None:
    parser = _command(
        commands,
        "template",
        print_template,
        does="print a file to start from: a header, and invented example rows to replace",
        examples=("evaluations > my_evaluations.csv", "runs > my_runs.csv", "law > my_law.csv"),
    )
    parser.add_argument("kind", choices=TEMPLATES, help="what the file is to hold")


def _check_options(commands) -> None:
    parser = _command(
        commands,
        "check",
        print_check,
        does="say what a file of one's own holds, or what is wrong with it, and change nothing",
        more="Errors name file, row, column and rule; the exit status is then 2. Tables of data/ are checked too.",
        examples=("my_evaluations.csv", "my_runs.csv --kind runs", "my_law.csv", "data/*.csv"),
    )
    parser.add_argument("files", nargs="+", metavar="FILE.csv", help="files to check")
    parser.add_argument("--kind", choices=TEMPLATES, default="", help="what they hold (default: told by the header)")
    parser.add_argument("--compute", default="training_compute_flop", metavar="COLUMN", help="compute of training runs")
    parser.add_argument("--bits", action="store_true", help="training runs have loss_bits, in bits per token")


def _fit_options(commands) -> None:
    parser = _command(
        commands,
        "fit",
        print_fit,
        does="print the doubling time with its interval, without and with one's own evaluations",
        more="Progress and time go to the screen; results are kept in _build/cache, so the same question is free.",
        examples=(
            "",
            "--add my_evaluations.csv",
            "--add my_evaluations.csv --rows transformers --csv answer.csv",
            "--law 12 --penalty 0 --by row",
            "--law-file my_law.csv",
        ),
    )
    parser.add_argument("--add", metavar="MY_EVALUATIONS.csv", help="own evaluations, to be fitted with the book's")
    parser.add_argument("--law", default="", metavar="ID", help="law of data/laws.csv or of --law-file (default: 7)")
    parser.add_argument("--law-file", metavar="MY_LAW.csv", help="own laws; all of them, unless --law is given")
    parser.add_argument("--penalty", type=float, default=0.0025, help="on each coefficient (default: 0.0025)")
    parser.add_argument(
        "--rows",
        choices=ROWS,
        default="all",
        help="all; reviewed values; transformers; since 2017; best row of each paper",
    )
    parser.add_argument("--draws", type=int, default=1_000, help="resamples (default: 1000)")
    parser.add_argument("--by", choices=("paper", "row"), default="paper", help="what is resampled (default: paper)")
    parser.add_argument("--csv", metavar="OUT.csv", help="also write the answers to a file")


def _frontier_options(commands) -> None:
    parser = _command(
        commands,
        "frontier",
        print_frontier,
        does="print how much less compute one algorithm needs than another, from a file of training runs",
        more="The gain is read at losses that both have reached, by several estimators, with 95% intervals over\n"
        "resampled runs. The file has the columns algorithm, run, training_compute_flop and loss_nats, a line a\n"
        "checkpoint in order of compute; parameters, if there, allows IsoFLOP minima and --by parameters.",
        examples=(
            "runs.csv --reference LSTM --new Transformer",
            "runs.csv --reference LSTM --new Transformer --loss 5.0 --figure frontier.svg --csv gains.csv",
        ),
    )
    parser.add_argument("runs", metavar="RUNS.csv", help="training runs of both algorithms")
    parser.add_argument("--reference", required=True, metavar="A", help="algorithm to gain over")
    parser.add_argument("--new", required=True, metavar="B", help="algorithm that gains")
    parser.add_argument("--loss", type=float, action="append", default=[], help="loss in nats per token; may repeat")
    parser.add_argument("--estimator", action="append", default=[], help="one of several; may repeat; default all")
    parser.add_argument("--floor", type=float, default=1.9, help="irreducible loss of the power law, nats per token")
    parser.add_argument(
        "--window",
        type=float,
        nargs=2,
        default=(0.0, float("inf")),
        metavar=("LOW", "HIGH"),
        help="range of compute to use",
    )
    parser.add_argument("--by", default="run", help="column to resample by, such as parameters (default: run)")
    parser.add_argument("--draws", type=int, default=2_000, help="resamples (default: 2000)")
    parser.add_argument("--compute", default="training_compute_flop", metavar="COLUMN", help="what counts as compute")
    parser.add_argument("--currency", default="", help="how compute was counted, in words, to be printed")
    parser.add_argument("--bits", action="store_true", help="read loss_bits, in bits per token, for loss_nats")
    parser.add_argument("--csv", metavar="OUT.csv", help="also write the gains to a file")
    parser.add_argument("--figure", metavar="OUT.svg", help="also draw the frontiers and the gain, as .svg or .png")


def _claims_options(commands) -> None:
    parser = _command(
        commands,
        "claims",
        print_claims,
        does="print the papers' claims beside ours",
        more="The exit status is 1 if a verdict is not the one that data/claims.csv expects.",
        examples=("", "doubling_months", "gundlach.total_2023"),
    )
    parser.add_argument("pattern", nargs="?", default="", help="only ids that contain this, such as doubling_months")


def print_template(chosen: argparse.Namespace) -> int:
    """Print the template of a kind of file."""
    from algoprogress import own_files

    print(own_files.template(chosen.kind), end="")
    return 0


def print_check(chosen: argparse.Namespace) -> int:
    """Print what each file holds; return 2 and say why if any breaks a rule."""
    from algoprogress import own_files
    from algoprogress.data.check import DataError
    from algoprogress.frontiers.own_runs import RunsError

    status = 0
    for file in chosen.files:
        try:
            print(own_files.check(file, kind=chosen.kind, compute=chosen.compute, bits=chosen.bits))
        except (DataError, RunsError) as error:
            print(error, file=sys.stderr)
            status = BAD_INPUT
    return status


def print_fit(chosen: argparse.Namespace) -> int:
    """Print the answer without and with one's own evaluations; return 2 and say why if a file does not allow it."""
    import pandas as pd

    from algoprogress.data import own as own_evaluations
    from algoprogress.data import tables
    from algoprogress.data.check import DataError
    from algoprogress.fits import effect
    from algoprogress.laws import catalogue, own_laws
    from algoprogress.laws.law import LawError

    start, changes = time.perf_counter(), []
    try:
        _refuse_numbers(chosen)
        sample = tables.evaluations().published_sample()
        own = own_evaluations.read(chosen.add) if chosen.add else None
        known = own_laws.read(chosen.law_file, sample) if chosen.law_file else catalogue.laws()
        wanted = [chosen.law] if chosen.law else list(known) if chosen.law_file else ["7"]
        if wanted[0] not in known:
            raise LawError(f"--law {wanted[0]}: must be one of {', '.join(known)}")
        for id in wanted:
            changes.append(
                effect.compared(
                    known[id],
                    sample,
                    own,
                    file=chosen.add or "",
                    rows=chosen.rows,
                    penalty=chosen.penalty,
                    by=chosen.by,
                    draws=chosen.draws,
                )
            )
            print(changes[-1].text())
        if chosen.csv:
            pd.concat([each.frame() for each in changes]).to_csv(chosen.csv, index=False)
    except (DataError, LawError, OSError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)
    return 0


def _refuse_numbers(chosen: argparse.Namespace) -> None:
    from algoprogress.laws.law import LawError

    if not 0 <= chosen.penalty < float("inf"):
        raise LawError(f"--penalty {chosen.penalty}: must be zero or more")
    if chosen.draws < 2:
        raise LawError(f"--draws {chosen.draws}: must be two or more")


def print_frontier(chosen: argparse.Namespace) -> int:
    """Print the gain of one algorithm over another; return 2 and say why if the file does not allow it."""
    from algoprogress.frontiers import own_runs

    flop = chosen.compute == "training_compute_flop"
    words = chosen.currency or ("training FLOP, as the file counts them" if flop else f"{chosen.compute}, by the file")
    window = tuple(chosen.window)
    try:
        if chosen.figure:
            from algoprogress.frontiers import plot  # what draws takes a second to load

            plot.figure_format(chosen.figure)  # refused before the work, not after it
        frame = own_runs.read(chosen.runs, compute=chosen.compute, bits=chosen.bits)
        found = own_runs.compare(
            frame,
            reference=chosen.reference,
            new=chosen.new,
            losses=tuple(chosen.loss),
            floor=chosen.floor,
            estimators=tuple(chosen.estimator),
            window=window,
            by=chosen.by,
            draws=chosen.draws,
            currency=words,
        )
        print(found.text())
        if chosen.csv:
            found.frame().to_csv(chosen.csv, index=False)
        if chosen.figure:
            plot.draw(found, chosen.figure)
            print(f"figure: {chosen.figure}")
    except (own_runs.RunsError, OSError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    return 0


def print_claims(chosen: argparse.Namespace) -> int:
    """Print the ledger as a table; return 1 if a verdict is not the expected one."""
    from book.ledger import ledger

    frame = ledger.ledger()
    shown = frame[frame["id"].str.contains(chosen.pattern, regex=False)]
    columns = ["id", "published", "estimate", "low", "high", "unit", "verdict"]
    print(shown[columns].to_string(index=False, na_rep="", float_format=lambda value: f"{value:.6g}"))
    print(", ".join(f"{count} {verdict}" for verdict, count in shown["verdict"].value_counts().items()))
    surprises = ledger.surprises(shown)
    if len(surprises):
        print(f"{len(surprises)} verdicts differ from data/claims.csv: {', '.join(surprises['id'])}", file=sys.stderr)
    return int(len(surprises) > 0)


if __name__ == "__main__":
    sys.exit(main())
