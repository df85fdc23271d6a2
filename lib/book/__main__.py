"""The report's own commands: `python -m book build|test|notebooks|pdf|claims [PATTERN]|changes|release`."""

import argparse
import sys

from algoprogress.engine import root
from book.ledger import ledger, versions
from book.site import build, pdf
from book.studies.verdicts import MEANINGS

COLUMNS = ["id", "published", "estimate", "low", "high", "unit", "arithmetic", "conclusion", "code"]


def claims(pattern: str) -> int:
    """Print the ledger, or the claims whose id holds the pattern; return 1 if a verdict is not the expected one."""
    frame = ledger.ledger()
    shown = frame[frame["id"].str.contains(pattern, regex=False)]
    print(shown[COLUMNS].to_string(index=False, na_rep="", float_format=lambda value: f"{value:.6g}"))
    for question in MEANINGS:
        print(question, *(f"{count} {word or 'not asked'}," for word, count in shown[question].value_counts().items()))
    surprises = ledger.surprises(shown)
    if len(surprises):
        print(f"{len(surprises)} verdicts differ from data/claims.csv: {', '.join(surprises['id'])}", file=sys.stderr)
    return int(len(surprises) > 0)


COMMANDS = {
    "build": ("execute every chapter and build the site", lambda _: build.build(root())),
    "test": ("build the site if it changed, then test everything", lambda _: build.test(root())),
    "notebooks": ("write the chapters as notebooks", lambda _: build.notebooks(root())),
    "pdf": ("print the built site as one PDF", lambda _: pdf.main()),
    "claims": ("print the papers' claims beside ours", claims),
    "changes": ("print what moved since the last version", lambda _: versions.print_changes()),
    "release": ("keep the results of this version", lambda _: versions.release()),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status."""
    words = "; ".join(f"{name}: {said}" for name, (said, _) in COMMANDS.items())
    parser = argparse.ArgumentParser(prog="python -m book", description=words)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("pattern", nargs="?", default="", help="for `claims`: a part of their ids")
    chosen = parser.parse_args(arguments)
    return COMMANDS[chosen.command][1](chosen.pattern)


if __name__ == "__main__":
    sys.exit(main())
