"""The command line: templates, checks of one's own files, the doubling time with them, and gains of training runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer
from typer import Argument, Option

from algoprogress import __version__

BAD_INPUT = 2
Kind = Literal["evaluations", "runs", "law"]
Rows = Literal["all", "reviewed", "transformers", "since-2017", "best"]  # the names of effect.ROWS, slow to import
Unit = Literal["paper", "row"]

# What is slow to import is imported within the commands, so that help comes at once.
app = typer.Typer(
    help="Algorithmic progress in language models, rebuilt.",
    epilog="Each command has --help with examples.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 2 for bad input."""
    try:
        app(arguments, prog_name="algoprogress")
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def _examples(name: str, *examples: str) -> str:
    return "\b\nexamples:\n" + "\n".join(f"  algoprogress {name} {each}".rstrip() for each in examples)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _common(version: Annotated[bool, Option("--version", callback=_print_version, is_eager=True)] = False) -> None:
    pass


@contextmanager
def _refusing() -> Iterator[None]:
    """Say in plain words what is wrong with a file or an option, and leave with `BAD_INPUT`."""
    from algoprogress.data.describe import DataError
    from algoprogress.frontiers.runs import RunsError
    from algoprogress.laws.law import LawError

    try:
        yield
    except (DataError, LawError, RunsError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None


def _refuse_overwriting(outputs: tuple[str, ...], inputs: tuple[str | Path, ...]) -> None:
    """Raise DataError if an output is one of the files that are read."""
    from algoprogress.data.describe import DataError, Failure

    for output in filter(None, outputs):
        for path in filter(None, inputs):
            if Path(output).exists() and Path(path).exists() and Path(output).samefile(path):
                raise DataError([Failure(str(output), None, "", "is a file to be read: write the answer elsewhere")])


@app.command(epilog=_examples("template", *(f"{kind} > my_{kind}.csv" for kind in ("evaluations", "runs", "law"))))
def template(kind: Annotated[Kind, Argument(help="what the file is to hold")]) -> None:
    """Print a file to start from: a header, and invented example rows to replace."""
    from algoprogress.data import own

    typer.echo(own.template(kind), nl=False)


@app.command(epilog=_examples("check", "my_evaluations.csv", "my_runs.csv --kind runs", "my_law.csv", "data/*.csv"))
def check(
    files: Annotated[list[Path], Argument(metavar="FILE.csv", help="files to check")],
    kind: Annotated[Optional[Kind], Option(help="what they hold (default: told by the header)")] = None,  # noqa: UP045
    compute: Annotated[str, Option(metavar="COLUMN", help="compute of training runs")] = "training_compute_flop",
    bits: Annotated[bool, Option("--bits", help="training runs have loss_bits, in bits per token")] = False,
) -> None:
    """Say what a file of one's own holds, or what is wrong with it, and change nothing.

    Errors name file, row, column and rule; the exit status is then 2. Tables of data/ are checked too.
    """
    from algoprogress import verbs

    status = 0
    for file in files:
        try:
            with _refusing():
                typer.echo(verbs.check(file, kind=kind or "", compute=compute, bits=bits))
        except typer.Exit as left:
            status = left.exit_code
    raise typer.Exit(status)


@app.command(
    epilog=_examples(
        "fit",
        "",
        "--add my_evaluations.csv",
        "--add my_evaluations.csv --rows transformers --csv answer.csv",
        "--law 12 --penalty 0 --by row",
        "--law-file my_law.csv",
    )
)
def fit(
    add: Annotated[str, Option(metavar="MY.csv", help="own evaluations, to be fitted with the book's")] = "",
    law: Annotated[str, Option(metavar="ID", help="law of data/laws.csv or of --law-file (default: 7)")] = "",
    law_file: Annotated[str, Option(metavar="MY_LAW.csv", help="own laws; all of them, unless --law is given")] = "",
    penalty: Annotated[float, Option(help="on each coefficient (default: 0.0025)", show_default=False)] = 0.0025,
    rows: Annotated[
        Rows, Option(help="all; reviewed values; transformers; since 2017; best row of each paper")
    ] = "all",
    draws: Annotated[int, Option(help="resamples")] = 1_000,
    by: Annotated[Unit, Option(help="what is resampled")] = "paper",
    csv: Annotated[str, Option(metavar="OUT.csv", help="also write the answers to a file")] = "",
) -> None:
    """Print the doubling time with its interval, without and with one's own evaluations.

    Progress and time go to the screen; results are kept on disk, so that the same question is free.
    """
    import pandas as pd

    from algoprogress.data import own, tables
    from algoprogress.fits import effect
    from algoprogress.laws import catalogue
    from algoprogress.laws.law import LawError

    start, changes = time.perf_counter(), []
    with _refusing():
        if not 0 <= penalty < float("inf"):
            raise LawError(f"--penalty {penalty}: must be zero or more")
        _refuse_overwriting((csv,), (add, law_file))
        if draws < 2:
            raise LawError(f"--draws {draws}: must be two or more")
        sample = tables.evaluations().published_sample()
        mine = own.read(add) if add else None
        known = catalogue.read(law_file, sample) if law_file else catalogue.laws()
        wanted = [law] if law else list(known) if law_file else ["7"]
        if wanted[0] not in known:
            raise LawError(f"--law {wanted[0]}: must be one of {', '.join(known)}")
        options = {"rows": rows, "penalty": penalty, "by": by, "draws": draws}
        for id in wanted:
            changes.append(effect.compared(known[id], sample, mine, **options))
            typer.echo(changes[-1].text())
        if csv:
            pd.concat([each.frame() for each in changes]).to_csv(csv, index=False)
    typer.echo(f"{time.perf_counter() - start:.1f} s", err=True)


@app.command(
    epilog=_examples(
        "frontier",
        "runs.csv --reference LSTM --new Transformer",
        "runs.csv --reference LSTM --new Transformer --loss 5.0 --figure frontier.svg --csv gains.csv",
    )
)
def frontier(
    runs: Annotated[Path, Argument(metavar="RUNS.csv", help="training runs of both algorithms")],
    reference: Annotated[str, Option(metavar="A", help="algorithm to gain over")],
    new: Annotated[str, Option(metavar="B", help="algorithm that gains")],
    loss: Annotated[Optional[list[float]], Option(help="loss in nats per token; may repeat")] = None,  # noqa: UP045
    estimator: Annotated[Optional[list[str]], Option(help="one of several; may repeat; default all")] = None,  # noqa: UP045
    floor: Annotated[float, Option(help="irreducible loss of the power law, nats per token")] = 1.9,
    window: Annotated[
        tuple[float, float], Option(metavar="LOW HIGH", help="range of compute to use", show_default=False)
    ] = (0.0, float("inf")),
    by: Annotated[str, Option(help="column whose groups share an error, such as parameters")] = "run",
    draws: Annotated[int, Option(help="resamples")] = 2_000,
    compute: Annotated[str, Option(metavar="COLUMN", help="what counts as compute")] = "training_compute_flop",
    currency: Annotated[str, Option(help="how compute was counted, in words, to be printed")] = "",
    bits: Annotated[bool, Option("--bits", help="read loss_bits, in bits per token, for loss_nats")] = False,
    csv: Annotated[str, Option(metavar="OUT.csv", help="also write the gains to a file")] = "",
    figure: Annotated[
        str, Option(metavar="OUT.svg", help="also draw the frontiers and the gain, as .svg or .png")
    ] = "",
) -> None:
    """Print how much less compute one algorithm needs than another, from a file of training runs.

    The gain is read at losses that both have reached, by several estimators, with 95% intervals over errors of runs.
    The file has the columns algorithm, run, training_compute_flop and loss_nats, a line a checkpoint in order of
    compute; parameters, if there, allows IsoFLOP minima and --by parameters.
    """
    from algoprogress.frontiers import own_figure, own_runs
    from algoprogress.frontiers.runs import RunsError

    flop = compute == "training_compute_flop"
    words = currency or ("training FLOP, as the file counts them" if flop else f"{compute}, by the file")
    options = {"losses": loss or (), "estimators": estimator or (), "floor": floor, "window": window}
    with _refusing():
        _refuse_overwriting((csv, figure), (runs,))
        if draws < 2:
            raise RunsError(f"--draws {draws}: must be two or more")
        if reference == new:
            raise RunsError(f"--reference {reference} --new {new}: must be two algorithms")
        if figure:
            own_figure.figure_format(figure)  # refused before the work, not after it
        frame = own_runs.read(runs, compute=compute, bits=bits)
        found = own_runs.compare(frame, reference=reference, new=new, by=by, draws=draws, currency=words, **options)
        typer.echo(found.text())
        if csv:
            found.frame().to_csv(csv, index=False)
        if figure:
            own_figure.draw(found, figure)
            typer.echo(f"figure: {figure}")


if __name__ == "__main__":
    raise SystemExit(main())
