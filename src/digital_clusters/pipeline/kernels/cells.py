"""A kernel of its own for each page: started without ports, watched cell by cell, ended with its parent.

Kernels talk over sockets in a private folder (where the system has them), so that two which start at once
cannot ask for one port. A kernel ends with the process that started it: ipykernel watches its parent.
"""

import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from digital_clusters.errors import NotebookError, ParameterError
from digital_clusters.files import is_alive
from digital_clusters.pipeline.kernels import process as kernel_process
from digital_clusters.pipeline.kernels.forked import (
    ForkError,
    Imports,
    KernelServer,
    is_possible,
    provisioner_name,
    server_for,
)

CELL_SECONDS_VARIABLE = "DIGITAL_CLUSTERS_CELL_SECONDS"
CELL_SECONDS = 3600
"""Limit of time for one cell, unless the variable of the environment says another."""

START_ATTEMPTS = 4
FORKED_ATTEMPTS = 2
"""Starts that may be forks: a second for a server that has died; those after it start a kernel anew."""

START_SECONDS = 90
OUTPUT_SECONDS = 30
"""What output may take to arrive after its cell has ended."""

MOST_TEXT = 1_000_000
"""Characters that one cell may print."""

MOST_OUTPUT = 10_000_000
"""Characters of all outputs of one cell together, pictures as base64."""

LONGEST_SOCKET = 90
"""Characters of a socket's path; the system's limit is 104 on macOS and 108 on Linux."""

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
FAILING_LINE = re.compile(r"Cell In\s*\[\d+\], line (\d+)")
DRAWN = ("<svg", "<img", "<canvas", "<iframe", "<script")


class CellFailure(Exception):
    """A cell did not run to its end: ``index`` among all cells, ``line`` in its source, ``reason``."""

    def __init__(self, index: int, source: str, reason: str, line: int | None = None):
        super().__init__(reason)
        self.index, self.source, self.reason, self.line = index, source, reason, line


class Stop:
    """Ends the kernels of a run that is given up, and keeps new ones from starting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kernels: set[int] = set()
        self.requested = False

    def add(self, group: int) -> None:
        """Know a kernel by its group of processes; end it at once if all are to end."""
        with self._lock:
            self._kernels.add(group)
            if self.requested:
                _end(group)

    def forget(self, group: int | None) -> None:
        """A kernel has ended by itself; its number may be another's by now."""
        with self._lock:
            self._kernels.discard(group)

    def request(self) -> None:
        """End all kernels now."""
        with self._lock:
            self.requested = True
            for group in self._kernels:
                _end(group)


def cell_seconds() -> int:
    """Limit of time for one cell, in seconds.

    Raises
    ------
    ParameterError
        If ``DIGITAL_CLUSTERS_CELL_SECONDS`` is not a whole number above zero.
    """
    text = os.environ.get(CELL_SECONDS_VARIABLE, str(CELL_SECONDS))
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 9 and int(text)):
        raise ParameterError(f"{CELL_SECONDS_VARIABLE} must be whole seconds above 0, not {text[:40]!r}")
    return int(text)


def run_cells(
    notebook: Any,
    *,
    environment: Mapping[str, str],
    folder: str,
    log: Any,
    stop: Stop,
    imports: Imports | None = None,
) -> None:
    """Execute all cells of a notebook in a new kernel; outputs are put into ``notebook``.

    Parameters
    ----------
    notebook : NotebookNode
        With papermill's metadata.
    environment : mapping
        Of the kernel's process.
    folder : str
        Working directory of the kernel.
    log : file
        What cells print, and what the kernel says beside.
    stop : Stop
        Ends the kernel from another thread.
    imports : Imports, optional
        The kernel is forked from a process that has done these, where that is possible.

    Raises
    ------
    CellFailure
        For the first cell that fails, ends the kernel, takes too long or does not draw its figure.
    NotebookError
        If no kernel starts.
    """
    for attempt in range(1, START_ATTEMPTS + 1):
        with _private_folder() as private:
            server = _server(imports, environment) if attempt <= FORKED_ATTEMPTS else None
            client = _client(notebook, _manager(Path(private), server), log, stop)
            try:
                with _recorded(client.nb_man):
                    client.run(dict(environment), folder)
                return
            except (RuntimeError, OSError) as error:
                if client.started or stop.requested or attempt == START_ATTEMPTS:
                    reason = str(error).strip() or type(error).__name__
                    raise NotebookError(f"the kernel did not start ({attempt} tries): {reason}") from None


def _server(imports: Imports | None, environment: Mapping[str, str]) -> KernelServer | None:
    """What forks the kernel, or ``None`` where it is to be started anew."""
    if imports is None or not is_possible():
        return None
    try:
        return server_for(imports, environment)
    except ForkError:
        # the page is the same, and takes as long as its imports do
        return None


def clear_dead_folders() -> None:
    """Remove the private folders of processes that were killed."""
    for path in Path(tempfile.gettempdir()).glob("dcl-*-*"):
        owner = path.name.split("-")[1]
        if owner.isdigit() and not is_alive(int(owner)) and path.stat().st_uid == os.getuid():
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _private_folder() -> Iterator[str]:
    """Connection file and sockets of one kernel."""
    # /tmp where the user's own temporary folder has too long a path for a socket
    short = len(tempfile.gettempdir()) <= LONGEST_SOCKET - len("/dcl-1234567-12345678/k-ipc-12345")
    folder = tempfile.mkdtemp(prefix=f"dcl-{os.getpid()}-", dir=None if short else "/tmp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _recorded(manager: Any) -> Iterator[None]:
    """Start, end and duration in the notebook's metadata, as papermill writes them."""
    manager.notebook_start()
    try:
        yield
    finally:
        manager.notebook_complete()


def _end(group: int) -> None:
    # a kernel that has just ended by itself is what is wanted
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


@cache
def _client_class() -> type:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient

    class PageClient(PapermillNotebookClient):
        """Runs every cell or raises :class:`CellFailure`; nothing is ended in silence."""

        def run(self, environment: dict[str, str], folder: str) -> None:
            self.started, self.size, self.group = False, 0, None
            self.reply: dict[str, Any] = {}
            self.on_cell_executed = self._note_reply
            self.reset_execution_trackers()
            options = {"env": environment, "cwd": folder}
            try:
                with self.setup_kernel(**options, stdout=self.stdout_file, stderr=self.stderr_file):
                    self.started = True
                    for index, cell in enumerate(self.nb.cells):
                        self._run_cell(index, cell)
                    self.set_widgets_metadata()
            finally:
                self.stop.forget(self.group)

        def start_new_kernel(self, **options: Any) -> None:
            super().start_new_kernel(**options)
            self.group = self.km.provisioner.pid
            self.stop.add(self.group)

        def process_message(self, msg: dict, cell: Any, cell_index: int) -> Any:
            self._cut(msg)
            return super().process_message(msg, cell, cell_index)

        def _run_cell(self, index: int, cell: Any) -> None:
            self.reply, self.size = {}, 0
            self.nb_man.cell_start(cell, index)
            try:
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                raise CellFailure(index, cell.source, *_told(error)) from None
            except CellTimeoutError:
                raise CellFailure(index, cell.source, self._late()) from None
            except DeadKernelError:
                raise CellFailure(index, cell.source, _died(self.stop)) from None
            finally:
                self.nb_man.cell_complete(cell, cell_index=index)
            if problem := _silent_end(cell, self.reply):
                raise CellFailure(index, cell.source, problem)

        def _late(self) -> str:
            if self.reply:
                return f"its output did not arrive within {OUTPUT_SECONDS} seconds"
            return (
                f"it ran longer than {self.timeout} seconds, the limit of time for a cell "
                f"({CELL_SECONDS_VARIABLE} sets another)"
            )

        def _note_reply(self, cell: Any, cell_index: int, execute_reply: dict) -> None:
            self.reply = execute_reply["content"]

        def _cut(self, msg: dict) -> None:
            """Keep what one cell shows within bounds; what is left out is said in its place."""
            shown = msg["content"].get("data") if "content" in msg else None
            if not isinstance(shown, dict) or msg["header"]["msg_type"] == "comm_msg":
                return
            size = sum(len(part) for part in shown.values() if isinstance(part, str))
            self.size += size
            if self.size > MOST_OUTPUT:
                note = f"[an output of {size:,} characters is left out: a cell may show {MOST_OUTPUT:,}]"
                msg["content"]["data"] = {"text/plain": note}

    return PageClient


def _client(notebook: Any, manager: Any, log: Any, stop: Stop) -> Any:
    from papermill.engines import NotebookExecutionManager

    client = _client_class()(
        NotebookExecutionManager(notebook, progress_bar=False),
        km=manager,
        timeout=cell_seconds(),
        startup_timeout=START_SECONDS,
        iopub_timeout=OUTPUT_SECONDS,
        shutdown_kernel="immediate",
        stdout_file=log,
        stderr_file=log,
        log=_silent_log(),
    )
    client.stop = stop
    # a manager that is handed over counts as somebody else's, and would be left running
    client.owns_km = True
    return client


@cache
def _silent_log() -> logging.Logger:
    """For what nbclient says beside its exceptions, which carry all a reader needs."""
    log = logging.getLogger("digital_clusters.kernels")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    return log


def _manager(private: Path, server: KernelServer | None) -> Any:
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    program = [sys.executable, "-P", kernel_process.__file__]
    metadata = {"kernel_provisioner": {"provisioner_name": provisioner_name()}} if server else {}

    class Specs(KernelSpecManager):
        """Only this interpreter: a kernel that the reader installed under the same name is not meant."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(
                argv=[*program, "-f", "{connection_file}"],
                language="python",
                display_name="Python 3",
                metadata=metadata,
            )

    transport = "tcp" if sys.platform == "win32" else "ipc"
    manager: Any = AsyncKernelManager(
        kernel_spec_manager=Specs(), transport=transport, connection_file=str(private / "k")
    )
    manager.server = server
    return manager


def _told(error: Any) -> tuple[str, int | None]:
    """What an exception in a cell says, and the line of the cell it comes from."""
    found = FAILING_LINE.search(COLOURS.sub("", error.traceback))
    line = int(found.group(1)) if found else None
    if error.ename == "SystemExit":
        return "it ends the kernel (sys.exit or SystemExit), so the cells after it would not run", line
    return f"{error.ename}: {error.evalue}".rstrip(": "), line


def _died(stop: Stop) -> str:
    return "interrupted" if stop.requested else "the kernel died, perhaps for want of memory"


def _silent_end(cell: Any, reply: Mapping[str, Any]) -> str | None:
    """Why a cell that raised nothing did not do what it is there for, or ``None``."""
    outputs = cell.get("outputs", ())
    asked = any(item.get("source") == "ask_exit" for item in reply.get("payload", ()))
    if asked or any(output.get("ename") == "SystemExit" for output in outputs):
        return "it ends the kernel (exit, quit or sys.exit), so the cells after it would not run"
    if cell.cell_type != "code" or not cell.source.strip():
        return None
    if reply.get("status") not in ("ok", "error"):
        return "the kernel gave it up"
    caption = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption")
    if caption and not any(_is_drawn(output.get("data", {})) for output in outputs):
        return "it has the caption of a figure and draws none"
    return None


def _is_drawn(data: Mapping[str, Any]) -> bool:
    html = str(data.get("text/html", ""))
    pictures = any(kind.startswith(("image/", "application/vnd.")) for kind in data)
    return pictures or any(tag in html for tag in DRAWN)
