"""The application that all commands are told to, and how it ends."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from digital_clusters import __version__
from digital_clusters.errors import DigitalClustersError, FileError

HANDLERS = "handlers of signals"
"""Key in the object of the context, into which typer writes keys of its own."""

GOES_ON = ("build", "calibrate", "data", "sweep")
"""Commands that find what had ended before they were stopped."""


class Interrupted(DigitalClustersError):
    """Ctrl-C."""

    exit_code = 130


class Terminated(DigitalClustersError):
    """The system, or another program, asked the command to end."""

    exit_code = 143


class RequestToEnd(KeyboardInterrupt):
    """As Ctrl-C, asked by the system: no handler of errors takes it for one."""


class Commands(TyperGroup):
    """The commands; an interrupt gets its own sentence where typer would end without a word."""

    def invoke(self, ctx):
        try:
            with _obeyed_once((ctx.obj or {}).get(HANDLERS)):
                return super().invoke(ctx)
        except RequestToEnd:
            raise Terminated(_stopped(ctx.invoked_subcommand, "was ended from outside")) from None
        except KeyboardInterrupt:
            raise Interrupted(_stopped(ctx.invoked_subcommand, "was interrupted")) from None


def _stopped(command: str | None, how: str) -> str:
    """What was stopped, what is left of it, and how to go on."""
    after = "what had ended is kept, and the same command goes on from there"
    if command not in GOES_ON:
        after = "the same command starts it again"
    return f"`digital-clusters {command}` {how}; nothing was left half-written: {after}"


class Endings:
    """Handler of signals that ask a command to end: the first is obeyed, and what ends then is given time.

    Kernels are ended and drafts removed on the way out. A second signal says so and waits; a third is obeyed
    at once.
    """

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Raise, or say what is waited for."""
        self.count += 1
        if self.count == 2:
            # print may be what the signal came into
            os.write(2, b"ending what still runs; once more ends at once\n")
            return
        raise RequestToEnd if number == signal.SIGTERM else KeyboardInterrupt


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


def obey(handlers: Mapping[signal.Signals, Any]) -> None:
    """Run the command of the command line; ``handlers`` of signals are put in place when it has ended.

    An error that the user can mend is one message and an exit code, no stack trace.
    """
    for stream in (sys.stdout, sys.stderr):
        # a locale that lacks a character shows its number, and no command ends over it
        stream.reconfigure(errors="backslashreplace")
    try:
        app(standalone_mode=True, obj={HANDLERS: handlers})
    except DigitalClustersError as error:
        _die(str(error), error.exit_code)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        _die(f"{error.strerror or error}{where}", FileError.exit_code)


@contextmanager
def _obeyed_once(handlers: Mapping[signal.Signals, Any] | None) -> Iterator[None]:
    """Ctrl-C and requests to end go to one :class:`Endings`, as long as a command runs."""
    endings = Endings()
    before = handlers or {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in before.items():
        # what runs in the background is told by its shell to ignore Ctrl-C
        if handler is not signal.SIG_IGN:
            signal.signal(number, endings)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
