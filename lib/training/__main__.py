"""Train from the command line: `python -m training grid` for the experiment, `... one` for a single search."""

import argparse
import os
import sys
from pathlib import Path

from algoprogress.engine import write_whole
from algoprogress.engine.ended import ended
from training import TrainingError

RUNS = Path("_build/experiment/runs.csv")


def parser() -> argparse.ArgumentParser:
    """Return the commands and their options."""
    main = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = main.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("grid", help="the runs of the experiment; what is there already is not trained again")
    whole.add_argument("--grid", choices=("small", "full"), default="small")
    one = commands.add_parser("one", help="one algorithm at one budget: sizes around the best, each at tuned rates")
    one.add_argument("--algorithm", required=True, help="a row of data/algorithms.csv")
    one.add_argument("--budget", required=True, type=float, help="training FLOP, such as 1e12")
    one.add_argument("--seeds", type=int, default=1, help="runs of the best, each of another seed")
    again = commands.add_parser("again", help="train some runs of a file once more and say how far their losses differ")
    again.add_argument("--count", type=int, default=3)
    best = commands.add_parser("best", help="write the runs at their best rates, for algoprogress frontier")
    best.add_argument("--to", type=Path, required=True, help="file to write")
    best.add_argument("--runs", type=Path, default=RUNS, help="file of runs (default: %(default)s)")
    for each in (whole, one, again):
        each.add_argument("--text", type=Path, help="a text file of your own instead of the books")
        each.add_argument("--runs", type=Path, default=RUNS, help="file of runs (default: %(default)s)")
        each.add_argument("--workers", type=int, default=os.cpu_count(), help="processes of one thread each")
    return main


def run(chosen: argparse.Namespace) -> int:
    """Train what was asked for and say how it went."""
    from training import again, log, search, text
    from training.algorithms import algorithm

    if chosen.command == "best":
        found = search.best_rates(log.read(chosen.runs))
        write_whole(chosen.to, found.to_csv(index=False, lineterminator="\n").encode())
        return 0
    if chosen.workers < 1:
        raise TrainingError(f"--workers {chosen.workers}: must be at least one")
    if chosen.command == "one":
        algorithm(chosen.algorithm)
        if not 0 < chosen.budget < float("inf"):
            raise TrainingError(f"--budget {chosen.budget:g}: must be training FLOP above zero")
        search.widths(chosen.algorithm, chosen.budget)
        stages = [search.grid((chosen.budget,), (chosen.algorithm,), range(chosen.seeds))]
    elif chosen.command == "grid":
        stages = search.GRIDS[chosen.grid]
    on = text.read(chosen.text)
    if chosen.command == "again":
        print(again.text(again.trained_again(chosen.runs, on, chosen.count, chosen.workers)))
        return 0
    frame = search.searched(stages, chosen.runs, on, workers=chosen.workers)
    print(search.told(frame))
    print(f"{len(log.ends(frame))} runs in {chosen.runs}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 2 for bad input."""
    chosen = parser().parse_args(arguments)
    return ended(lambda: run(chosen))


if __name__ == "__main__":
    sys.exit(main())
