"""The command line: `algoprogress claims` prints the ledger, `algoprogress frontier` compares training runs."""

from __future__ import annotations

import argparse
import sys

from algoprogress import __version__


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="algoprogress", description="Algorithmic progress in language models, rebuilt."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser(
        "claims", help="print the papers' claims beside ours", description="Print the ledger."
    )
    listing.add_argument("pattern", nargs="?", default="", help="only ids that contain this, such as doubling_months")
    _frontier_options(commands)
    chosen = parser.parse_args(arguments)
    return print_frontier(chosen) if chosen.command == "frontier" else print_claims(chosen.pattern)


def _frontier_options(commands) -> None:
    """Add the command that compares the runs of two algorithms."""
    parser = commands.add_parser(
        "frontier",
        help="how much less compute one algorithm needs than another, from a file of training runs",
        description="Print the compute-equivalent gain of one algorithm over another at losses that both have reached, "
        "by several estimators, with 95%% intervals over resampled runs.",
        epilog="The file is a CSV with the columns algorithm, run, training_compute_flop and loss_nats, a line a "
        "checkpoint in order of compute; parameters, if there, allows IsoFLOP minima and --by parameters. "
        "Example: algoprogress frontier runs.csv --reference LSTM --new Transformer --loss 5.0",
    )
    parser.add_argument("runs", metavar="RUNS.csv", help="training runs of both algorithms")
    parser.add_argument("--reference", required=True, metavar="A", help="algorithm to gain over")
    parser.add_argument("--new", required=True, metavar="B", help="algorithm that gains")
    parser.add_argument("--loss", type=float, action="append", default=[], help="loss in nats per token; may repeat")
    parser.add_argument("--estimator", action="append", default=[], help="one of several; may repeat; default all")
    parser.add_argument("--floor", type=float, default=1.9, help="irreducible loss of the power law, nats per token")
    parser.add_argument("--window", type=float, nargs=2, default=(0.0, float("inf")), metavar=("LOW", "HIGH"),
                        help="range of compute to use")  # fmt: skip
    parser.add_argument("--by", default="run", help="column to resample by, such as parameters (default: run)")
    parser.add_argument("--draws", type=int, default=2_000, help="resamples (default: 2000)")
    parser.add_argument("--compute", default="training_compute_flop", metavar="COLUMN", help="what counts as compute")
    parser.add_argument("--currency", default="", help="how compute was counted, in words, to be printed")
    parser.add_argument("--bits", action="store_true", help="read loss_bits, in bits per token, for loss_nats")
    parser.add_argument("--csv", metavar="OUT.csv", help="also write the gains to a file")


def print_frontier(chosen: argparse.Namespace) -> int:
    """Print the gain of one algorithm over another; return 2 and say why if the file does not allow it."""
    from algoprogress import own_runs  # slow to import, and --help needs none of it

    words = chosen.currency or f"{chosen.compute}, as the file counts it"
    try:
        frame = own_runs.read(chosen.runs, compute=chosen.compute, bits=chosen.bits)
        found = own_runs.compare(
            frame, reference=chosen.reference, new=chosen.new, losses=tuple(chosen.loss), floor=chosen.floor,
            estimators=tuple(chosen.estimator), window=tuple(chosen.window), by=chosen.by, draws=chosen.draws,
            currency=words,
        )  # fmt: skip
    except own_runs.RunsError as error:
        print(error, file=sys.stderr)
        return 2
    print(found.text())
    if chosen.csv:
        found.gains.to_csv(chosen.csv, index=False)
    return 0


def print_claims(pattern: str) -> int:
    """Print the ledger as a table; return 1 if a verdict is not the expected one."""
    from algoprogress import claims  # slow to import, and --help needs none of it

    frame = claims.ledger()
    shown = frame[frame["id"].str.contains(pattern, regex=False)]
    columns = ["id", "published", "estimate", "low", "high", "unit", "verdict"]
    print(shown[columns].to_string(index=False, na_rep="", float_format=lambda value: f"{value:.6g}"))
    print(", ".join(f"{count} {verdict}" for verdict, count in shown["verdict"].value_counts().items()))
    surprises = claims.surprises(shown)
    if len(surprises):
        print(f"{len(surprises)} verdicts differ from data/claims.csv: {', '.join(surprises['id'])}", file=sys.stderr)
    return int(len(surprises) > 0)


if __name__ == "__main__":
    sys.exit(main())
