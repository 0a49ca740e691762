"""The entry point: what a signal says while the commands are still being imported.

Until it runs Python's own traceback is what Ctrl-C gets, so it imports next to nothing, no types either.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

HOW = {signal.SIGINT: (130, "was interrupted"), signal.SIGTERM: (143, "was ended from outside")}
"""Signal that asks a command to end → exit code, and what is said."""


def main() -> NoReturn:
    """Import the commands, then run the one that is asked for."""
    before = {number: signal.getsignal(number) for number in HOW}
    for number, handler in before.items():
        # what runs in the background is told by its shell to ignore Ctrl-C
        if handler is not signal.SIG_IGN:
            signal.signal(number, _end)
    from digital_clusters.cli.commands import obey

    obey(before)
    sys.exit(0)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Nothing has begun that could be ended: no import, and no handler of errors in one, has a say."""
    code, how = HOW[signal.Signals(number)]
    told = f"error: `digital-clusters` {how} before its command began: the same command starts it again\n"
    os.write(2, told.encode())
    os._exit(code)
