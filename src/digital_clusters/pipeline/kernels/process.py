"""What runs in the process of a kernel before the first cell; started by its path, so it imports no sibling.

The kernel may write nowhere into the folders that a build reads or publishes, and sends a bounded amount of
text for each cell.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SETTINGS_VARIABLE = "DIGITAL_CLUSTERS_KERNEL"
"""JSON with ``protected`` (folders) and ``most_text`` (characters a cell)."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

CHANGING = {
    "os.chmod": (0,),
    "os.link": (1,),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
    # below these two, names are relative to descriptors of folders
    "shutil.move": (0, 1),
    "shutil.rmtree": (0,),
}
"""Audit event → the arguments that are paths of what it changes."""


class Guard:
    """An audit hook that refuses to open for writing, rename or remove anything in some folders.

    Compiled modules (``__pycache__``) are no results of a page and stay allowed.
    """

    def __init__(self, folders: list[str]):
        self._folders = {form for folder in folders for form in _forms(folder)}

    def __call__(self, event: str, arguments: tuple) -> None:
        if event == "open":
            path, _, flags = arguments
            paths = [path] if isinstance(flags, int) and flags & WRITING else []
        else:
            paths = [arguments[position] for position in CHANGING.get(event, ())]
        for path in paths:
            self._check(path)

    def _check(self, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return
        named = os.fsdecode(path)
        for form in _forms(named):
            parts = Path(form).parents
            inside = form in self._folders or any(str(parent) in self._folders for parent in parts)
            if inside and "__pycache__" not in form:
                raise PermissionError(
                    f"a page must not write into data/, src/ or _build/html: {named}; "
                    "save results with digital_clusters.report.results.save"
                )


class Meter:
    """Lets a stream pass ``most`` characters a cell and says what it holds back."""

    def __init__(self, most: int):
        self._most = most
        self._left = most

    def refill(self, *_: object) -> None:
        """A new cell begins."""
        self._left = self._most

    def limit(self, stream) -> None:
        """Put the meter before ``stream.write``."""
        write = stream.write

        def limited(text: str) -> int:
            if not isinstance(text, str) or len(text) <= self._left:
                self._left -= len(text) if isinstance(text, str) else 0
                return write(text)
            if self._left >= 0:
                write(text[: self._left])
                write(f"\n[the output of this cell is cut after {self._most:,} characters]\n")
                self._left = -1
            return len(text)

        stream.write = limited


def main(ready: Callable[[], None] = lambda: None) -> None:
    """Start an IPython kernel with the command line's arguments; ``ready`` is called before it serves."""
    settings = json.loads(os.environ.pop(SETTINGS_VARIABLE))
    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    app.initialize()
    meter = Meter(settings["most_text"])
    meter.limit(sys.stdout)
    meter.limit(sys.stderr)
    app.shell.events.register("pre_run_cell", meter.refill)
    sys.addaudithook(Guard(settings["protected"]))
    ready()
    app.start()


def _forms(path: str) -> set[str]:
    """The path as written and as it is once links are followed."""
    return {os.path.abspath(path), os.path.realpath(path)}


if __name__ == "__main__":
    main()
