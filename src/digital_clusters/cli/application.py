"""The application that all commands are told to, and how it ends."""

import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.core import TyperGroup

from digital_clusters import __version__
from digital_clusters.errors import DigitalClustersError, FileError


class Interrupted(DigitalClustersError):
    """Ctrl-C."""

    exit_code = 130


class Terminated(DigitalClustersError):
    """The system, or another program, asked the command to end."""

    exit_code = 143


class Commands(TyperGroup):
    """The commands; an interrupt gets its own sentence where typer would end without a word."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; nothing was left half-written") from None


app = typer.Typer(
    cls=Commands,
    name="digital-clusters",
    help="Executable replications of studies of the digital economy in urban China.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(no_args_is_help=True, help="The public data: fetch, check, describe.")
app.add_typer(data_app, name="data")

Jobs = Annotated[
    int | None, typer.Option(min=1, help="Notebooks at a time; default: one a core, at least 2.")
]
Mirror = Annotated[
    Path | None, typer.Option(help="Folder with the public files; default: DIGITAL_CLUSTERS_MIRROR.")
]


def main() -> NoReturn:
    """Entry point: an error that the user can mend is one message and an exit code, no stack trace."""
    for stream in (sys.stdout, sys.stderr):
        # a locale that lacks a character shows its number, and no command ends over it
        stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app(standalone_mode=True)
    except DigitalClustersError as error:
        _die(str(error), error.exit_code)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        _die(f"{error.strerror or error}{where}", FileError.exit_code)
    sys.exit(0)


def _terminate(*_: object) -> NoReturn:
    """As an exception, so that kernels are ended and drafts removed on the way out."""
    raise Terminated("ended from outside; nothing was left half-written")


def _die(message: str, code: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    if version:
        print(f"digital-clusters {__version__}")
        raise typer.Exit
