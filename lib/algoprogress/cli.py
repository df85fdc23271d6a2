"""The command line: templates, checks of one's own files, the doubling time with them, and gains of training runs."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from algoprogress import __version__, data
from algoprogress.engine import write_whole
from algoprogress.engine.ended import ended

ROWS = ("all", "reviewed", "transformers", "since-2017", "best")  # the names of effect.ROWS, slow to import too
FLOP = "training_compute_flop"
READING = ("compute", "bits", "columns", "flop_per_token", "tokens_per_step", "algorithms")  # of `own_file.read`
EXAMPLES = {
    "template": tuple(f"{kind} > my_{kind}.csv" for kind in data.KINDS),
    "check": (
        "my_evaluations.csv",
        "my_runs.csv --kind runs",
        "my_law.csv",
        "data/*.csv",
        "export.csv --columns loss=val_loss --fix runs.csv",
    ),
    "fit": (
        *("", "--add my_evaluations.csv", "--add my_evaluations.csv --rows transformers --csv answer.csv"),
        *("--law 12 --penalty 0 --by row", "--law-file my_law.csv"),
    ),
    "frontier": (
        "runs.csv --reference LSTM --new Transformer",
        "runs.csv --reference LSTM --new Transformer --loss 5.0 --figure frontier.svg --csv gains.csv",
    ),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 for bad input, or as `ended` says."""
    try:
        chosen = parser().parse_args(arguments)
    except SystemExit as left:  # help, the version, or what no command knows
        return int(left.code or 0)
    return ended(lambda: chosen.run(chosen))


def template(chosen: argparse.Namespace) -> int:
    """Print a file to start from: a header, and invented example rows to replace."""
    print(data.template(chosen.kind), end="")
    return 0


def check(chosen: argparse.Namespace) -> int:
    """Say what a file of one's own holds, or what is wrong with it, and change nothing.

    Errors name file, row, column and rule; the exit status is then 2. Tables of data/ are checked too.
    """
    from algoprogress import verbs

    _refuse_overwriting((chosen.fix,), chosen.files)
    if chosen.fix and len(chosen.files) > 1:
        raise OSError(f"--fix {chosen.fix}: must be of one file")

    def one(file: Path) -> int:
        print(verbs.check(file, kind=chosen.kind, fix=chosen.fix, **_reading(chosen)))
        return 0

    return max([ended(lambda file=file: one(file)) for file in chosen.files])


def fit(chosen: argparse.Namespace) -> int:
    """Print the doubling time with its interval, without and with one's own evaluations.

    Progress and time go to the screen; results are kept on disk, so that the same question is free.
    """
    import pandas as pd

    from algoprogress.data import own, tables
    from algoprogress.fits import effect
    from algoprogress.laws import catalogue
    from algoprogress.laws.law import LawError

    start, changes = time.perf_counter(), []
    report = _report(chosen)
    if not 0 <= chosen.penalty < float("inf"):
        raise LawError(f"--penalty {chosen.penalty}: must be zero or more")
    _refuse_overwriting((chosen.csv, chosen.report), (chosen.add, chosen.law_file))
    if chosen.draws < 2:
        raise LawError(f"--draws {chosen.draws}: must be two or more")
    sample = tables.evaluations().published_sample()
    mine = own.read(chosen.add) if chosen.add else None
    known = catalogue.read(chosen.law_file, sample) if chosen.law_file else catalogue.laws()
    wanted = [chosen.law] if chosen.law else list(known) if chosen.law_file else ["7"]
    if wanted[0] not in known:
        raise LawError(f"--law {wanted[0]}: must be one of {', '.join(known)}")
    options = {name: getattr(chosen, name) for name in ("rows", "penalty", "by", "draws")}
    for id in wanted:
        changes.append(effect.compared(known[id], sample, mine, likely=chosen.likelihood, **options))
        print(changes[-1].text())
    made = _made(options | {"law": ", ".join(wanted)}, (chosen.add, chosen.law_file))
    if chosen.csv:
        frame = pd.concat([each.frame() for each in changes])
        write_whole(
            chosen.csv, frame.assign(**{n: made[n] for n in made if n not in frame}).to_csv(index=False).encode()
        )
    report(lambda: [each.page(made) for each in changes])
    print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)
    return 0


def frontier(chosen: argparse.Namespace) -> int:
    """Print how much less compute one algorithm needs than another, from a file of training runs.

    The gain is read at losses that both have reached, by several estimators, with 95% intervals over errors of runs.
    The file has the columns algorithm, run, training_compute_flop and loss_nats, a line a checkpoint in order of
    compute; parameters, if there, allows IsoFLOP minima and --by parameters.
    """
    from algoprogress.frontiers import own_file, own_runs
    from algoprogress.frontiers.runs import RunsError

    report = _report(chosen)
    _refuse_overwriting((chosen.csv, chosen.figure, chosen.report), (chosen.runs,))
    if chosen.draws < 2:
        raise RunsError(f"--draws {chosen.draws}: must be two or more")
    if chosen.reference == chosen.new:
        raise RunsError(f"--reference {chosen.reference} --new {chosen.new}: must be two algorithms")
    if chosen.figure or chosen.report:
        from algoprogress.frontiers import own_figure
    if chosen.figure:
        own_figure.figure_format(chosen.figure)  # refused before the work, not after it
    frame = own_file.read(chosen.runs, **_reading(chosen))
    counted = "training FLOP, as the file counts them" if chosen.compute == FLOP else f"{chosen.compute}, by the file"
    options = {name: getattr(chosen, name) for name in ("reference", "new", "floor", "window", "by", "draws")}
    options |= {"losses": chosen.loss, "estimators": chosen.estimator, "currency": chosen.currency or counted}
    found = own_runs.compare(frame, **options)
    print(found.text())
    made = _made(options | _reading(chosen), (chosen.runs,))
    if chosen.csv:
        kept = {name: made[name] for name in ("by", "draws", "seed", "version", "file_sha256")}
        write_whole(chosen.csv, found.frame().assign(**kept).to_csv(index=False).encode())
    if chosen.figure:
        own_figure.draw(found, chosen.figure)
        print(f"figure: {chosen.figure}")
    report(lambda: [own_figure.page(found, made)])
    return 0


def _report(chosen: argparse.Namespace) -> Callable[[Callable[[], list]], None]:
    """Return what writes pages to the report that is asked for, if one is; another ending is refused at once."""
    if not chosen.report:
        return lambda pages: None
    from algoprogress.show import page

    write = {"html": page.Page.html, "md": page.Page.markdown}[page.page_format(chosen.report)]

    def written(pages: Callable[[], list]) -> None:
        write_whole(chosen.report, write(page.joined(pages())).encode())
        print(f"report: {chosen.report}")

    return written


def _made(options: dict[str, object], files: tuple[str | Path, ...]) -> dict[str, object]:
    """Return what made an answer: the options as told, seed, version, and the digest of each file that was read."""
    from algoprogress.data import reader

    made = {name: each for name, each in options.items() if each or each == 0}
    made |= {"seed": 0, "version": __version__, "file_sha256": ""}
    for path in map(Path, filter(None, files)):
        made |= {"file": path.name, "file_sha256": reader.digest(path)}
    return made


def _refuse_overwriting(outputs: tuple[str, ...], inputs: tuple[str | Path, ...]) -> None:
    """Raise DataError if an output is one of the files that are read."""
    from algoprogress.data.describe import DataError, Failure

    for output in filter(None, outputs):
        for path in filter(None, inputs):
            if Path(output).exists() and Path(path).exists() and Path(output).samefile(path):
                raise DataError([Failure(str(output), None, "", "is a file to be read: write the answer elsewhere")])


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; what is slow to import is imported within them, so that help comes at once."""
    found = argparse.ArgumentParser(
        "algoprogress",
        description="Algorithmic progress in language models, rebuilt.",
        epilog="Each command has --help with examples.",
    )
    found.add_argument("--version", action="version", version=__version__)
    commands = found.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], int]) -> Callable[..., argparse.Action]:
        name, words = run.__name__, [line.strip() for line in run.__doc__.splitlines()]
        examples = "\n".join(f"  algoprogress {name} {each}".rstrip() for each in EXAMPLES[name])
        texts = {"description": "\n".join(words), "epilog": f"examples:\n{examples}", "help": words[0]}
        made = commands.add_parser(name, formatter_class=argparse.RawDescriptionHelpFormatter, **texts)
        made.set_defaults(run=run)
        return made.add_argument

    add = command(template)
    add("kind", choices=data.KINDS, help="what the file is to hold")

    add = command(check)
    add("files", nargs="+", type=Path, metavar="FILE.csv", help="files to check")
    add("--kind", choices=data.KINDS, default="", help="what they hold (default: told by the header)")
    add("--fix", default="", metavar="OUT.csv", help="also write what was read, cleaned, and say what changed")
    _of_runs(add)

    add = command(fit)
    add("--add", default="", metavar="MY.csv", help="own evaluations, to be fitted with the book's")
    add("--law", default="", metavar="ID", help="law of data/laws.csv or of --law-file (default: 7)")
    add("--law-file", default="", metavar="MY_LAW.csv", help="own laws; all of them, unless --law is given")
    add("--penalty", type=float, default=0.0025, help="on each coefficient (default: %(default)s)")
    rows = "all; reviewed values; transformers; since 2017; best row of each paper"
    add("--rows", choices=ROWS, default="all", help=rows)
    add("--draws", type=int, default=1_000, help="resamples (default: %(default)s)")
    add("--by", choices=("paper", "row"), default="paper", help="what is resampled (default: %(default)s)")
    add("--likelihood", action="store_true", help="also the book's own reading, errors shared within papers")
    add("--csv", default="", metavar="OUT.csv", help="also write the answers to a file")
    add("--report", default="", metavar="OUT.html", help="also write one page on the answer, as .html or .md")

    add = command(frontier)
    add("runs", type=Path, metavar="RUNS.csv", help="training runs of both algorithms")
    add("--reference", required=True, type=_name, metavar="A", help="algorithm to gain over")
    add("--new", required=True, type=_name, metavar="B", help="algorithm that gains")
    add("--loss", type=float, action="append", default=[], help="loss in nats per token; may repeat")
    add("--estimator", action="append", default=[], metavar="NAME", help="one of several; may repeat (default: all)")
    add("--floor", type=float, help="also a power law above this irreducible loss, in the unit of the file")
    window = {"nargs": 2, "type": float, "default": (0.0, float("inf")), "metavar": ("LOW", "HIGH")}
    add("--window", help="range of compute to use", **window)
    add("--by", default="run", metavar="COLUMN", help="whose groups share an error, such as parameters (default: run)")
    add("--draws", type=int, default=2_000, help="resamples (default: %(default)s)")
    _of_runs(add)
    add("--currency", default="", metavar="WORDS", help="how compute was counted, to be printed")
    add("--csv", default="", metavar="OUT.csv", help="also write the gains to a file")
    add("--figure", default="", metavar="OUT.svg", help="also draw the frontiers and the gain, as .svg or .png")
    add("--report", default="", metavar="OUT.html", help="also write one page on the answer, as .html or .md")
    return found


def _name(word: str) -> str:
    """Return a name as a file in UTF-8 has it, also where the terminal's encoding is a poorer one."""
    try:
        return os.fsencode(word).decode()
    except UnicodeError:
        return word


def _pairs(words: str) -> dict[str, str]:
    """Return pairs such as loss=val_loss,run=name as a table; ValueError for anything else."""
    return dict(pair.split("=", 1) for pair in words.split(","))


def _reading(chosen: argparse.Namespace) -> dict[str, object]:
    """Return the options of `own_file.read`."""
    return {name: getattr(chosen, name) for name in READING}


def _of_runs(add: Callable[..., argparse.Action]) -> None:
    """Add the options that say how a file of training runs is to be read."""
    add("--compute", default=FLOP, metavar="COLUMN", help="what counts as compute of runs (default: %(default)s)")
    add("--columns", type=_pairs, default={}, metavar="loss=val_loss,...", help="names that columns of runs have")
    tokens = "training FLOP of a token, where runs have tokens and no compute (default: six times parameters)"
    add("--flop-per-token", type=float, metavar="FLOP", help=tokens)
    add("--tokens-per-step", type=float, metavar="TOKENS", help="where runs have steps and neither tokens nor compute")
    names = "names that runs of exports begin with (default: the first word of each)"
    add("--algorithms", type=lambda words: words.split(","), default=[], metavar="A,B", help=names)
    add("--bits", action="store_true", help="runs have loss_bits, in bits per token, for loss_nats")


if __name__ == "__main__":
    raise SystemExit(main())
