"""The command line: `algoprogress claims` prints the ledger."""

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
    chosen = parser.parse_args(arguments)
    return print_claims(chosen.pattern)


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
