"""Kernels that are forked from a process that has done a page's imports, instead of started anew.

What a page shows is the same; what it saves is the second that its imports take. Where a fork is not
possible, or not sound, a kernel is started anew.
"""

import ast
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from digital_clusters.paths import LEARNT_VARIABLE, RESULTS_VARIABLE, ROOT_VARIABLE
from digital_clusters.pipeline.kernels import server as server_process
from digital_clusters.pipeline.kernels.environment import (
    FIGURE_SETTINGS,
    FONT_REMARK,
    OPENED_VARIABLE,
    RECORDER,
)
from digital_clusters.pipeline.kernels.process import SETTINGS_VARIABLE

IMPORT_SECONDS = 90
"""What the imports of a page may take on a busy machine."""

FORK_SECONDS = 30
END_SECONDS = 3
PROVISIONER = "digital-clusters-forked"

OWN_VARIABLES = (
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    LEARNT_VARIABLE,
    "MATPLOTLIBRC",
    OPENED_VARIABLE,
    RESULTS_VARIABLE,
    SETTINGS_VARIABLE,
)
"""Variables that each kernel has of its own; none of them decides anything at an import."""


class ForkError(RuntimeError):
    """No kernel was forked; one can be started anew."""


Modules = tuple[tuple[str, tuple[str, ...]], ...]
"""Modules to import, each with the names that are taken from it, which may be modules too."""

LIBRARIES: Modules = (
    ("numpy", ()),
    ("pandas", ()),
    ("scipy", ("integrate", "linalg", "optimize", "sparse", "spatial", "special", "stats")),
    ("scipy.sparse", ("csgraph", "linalg")),
    ("pydantic", ()),
    ("yaml", ()),
    ("joblib", ()),
    ("matplotlib", ("figure", "ticker")),
    ("great_tables", ()),
    ("sklearn", ("ensemble", "linear_model", "metrics", "model_selection", "pipeline", "preprocessing")),
    ("xgboost", ()),
)
"""Installed packages that most pages of a book load; a page that does without one only finds it loaded.

None is the project's own, reads files past Python, starts a program, or sets up the kernel that loads it, as
pyplot's backend for pages does.
"""


@dataclass(frozen=True)
class Imports:
    """What a server imports before it forks, for which run.

    Attributes
    ----------
    run : str
        A run's own mark: what a server read serves one run only, for files may be saved before the next.
    modules : Modules
    """

    run: str
    modules: Modules


def imported_by(cells: Iterable[Any]) -> Modules:
    """Modules that the code cells of a notebook import, whatever else they do, in their order.

    Imports below an ``if``, in a function or after a line that is no Python are not among them.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell
    >>> imported_by([new_code_cell("import numpy as np; from math import pi"), new_code_cell("x = 1")])
    (('numpy', ()), ('math', ('pi',)))
    """
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for cell in cells:
        if cell.cell_type != "code":
            continue
        try:
            lines = ast.parse(cell.source).body
        except SyntaxError:
            break
        for line in lines:
            if isinstance(line, ast.Import):
                found |= dict.fromkeys((alias.name, ()) for alias in line.names)
            elif isinstance(line, ast.ImportFrom) and line.module and not line.level:
                found[line.module, tuple(alias.name for alias in line.names)] = None
    return tuple(found)


def is_possible() -> bool:
    """Whether this system forks soundly and shows a process's threads: Linux does."""
    return sys.platform == "linux"


class ForkedProcess:
    """A kernel that another process forked, with what jupyter_client asks of a process it started."""

    stdin = stdout = stderr = None

    def __init__(self, channel: socket.socket, process: int):
        self._channel, self.pid = channel, process
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Exit code; ``None`` while it runs. One without a server counts as killed: it ends with it."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Exit code, once there is one, or ``None`` after so many seconds."""
        if self.returncode is None and self._is_told(timeout):
            received = server_process.receive(self._channel)
            self._channel.close()
            self.returncode = -signal.SIGKILL if received is None else received[0]["ended"]
        return self.returncode

    def _is_told(self, timeout: float | None) -> bool:
        self._channel.settimeout(timeout)
        try:
            self._channel.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, TimeoutError):
            return False
        except ConnectionError:
            return True
        finally:
            self._channel.settimeout(None)
        return True

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel alone."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class KernelServer:
    """A process that has done the imports of some page and forks kernels.

    Parameters
    ----------
    imports : Imports
    environment : mapping
        Of a kernel that is to be forked; what is a kernel's own is left out.

    Raises
    ------
    ForkError
        If the process does not start, or a fork of it would not be what a new kernel is.
    """

    def __init__(self, imports: Imports, environment: Mapping[str, str]):
        self.imports, self.common = imports, _common(environment)
        self._lock, self._has_failed = threading.Lock(), False
        # there as long as the server: forks note there too what they open, beside their own note
        self._place = Path(tempfile.mkdtemp(prefix=f"dcl-{os.getpid()}-"))
        self._start(self._place)

    def _start(self, place: Path) -> None:
        (place / "matplotlibrc").write_text(FIGURE_SETTINGS, encoding="utf-8")
        (place / "printed").touch()
        ours, theirs = socket.socketpair()
        with theirs, (place / "printed").open("ab") as printed:
            self._process = subprocess.Popen(
                [sys.executable, "-P", server_process.__file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                env=self.common | {"MATPLOTLIBRC": str(place / "matplotlibrc")},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control = ours
        wanted = {
            "root": self.common[ROOT_VARIABLE],
            "recorder": str(RECORDER),
            "opened": str(place / "opened.txt"),
            "modules": self.imports.modules,
            "unsaid": FONT_REMARK,
        }
        ours.settimeout(IMPORT_SECONDS)
        try:
            server_process.send(ours, wanted)
            told = server_process.receive(ours)
        except (OSError, TimeoutError):
            told = None
        ours.settimeout(None)
        if told is None or "refused" in told[0]:
            self.close()
            raise ForkError("the server of kernels did not start" if told is None else told[0]["refused"])

    def fork(self, command: list[str], **options: Any) -> ForkedProcess:
        """A kernel with the arguments, environment, folder and streams of :class:`subprocess.Popen`.

        Raises
        ------
        ForkError
            If the server has ended.
        """
        environment = options["env"]
        request = {
            "arguments": command[command.index("-P") + 1 :],
            "environment": environment,
            "folder": str(options["cwd"]),
            "opened": environment[OPENED_VARIABLE],
        }
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                streams = [options["stdout"].fileno(), options["stderr"].fileno()]
                server_process.send(self._control, request, [theirs.fileno(), *streams])
            ours.settimeout(FORK_SECONDS)
            received = server_process.receive(ours)
            ours.settimeout(None)
        except OSError:
            received = None
        if received is None or "process" not in received[0]:
            ours.close()
            self._has_failed = True
            raise ForkError("the server of kernels has ended, or the fork has")
        return ForkedProcess(ours, received[0]["process"])

    def serves(self, imports: Imports, environment: Mapping[str, str]) -> bool:
        """Whether a kernel of that run and environment is a fork of this server, and it is there."""
        is_same = imports == self.imports and _common(environment) == self.common
        return is_same and not self._has_failed and self._process.poll() is None

    def close(self) -> None:
        """End the server, and with it every kernel that still runs."""
        self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            # amid an import it does not listen, and has no kernels yet
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._place, ignore_errors=True)


class _Servers:
    """The server of this process, one at a time, and what was refused."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: list[KernelServer] = []
        self._refused: dict[Imports, str] = {}

    def server(self, imports: Imports, environment: Mapping[str, str]) -> KernelServer:
        with self._lock:
            if imports in self._refused:
                raise ForkError(self._refused[imports])
            for server in self._servers:
                if server.serves(imports, environment):
                    return server
            try:
                made = KernelServer(imports, environment)
            except ForkError as error:
                self._refused[imports] = str(error)
                raise
            self._servers.append(made)
            return made

    def forget(self, run: str) -> None:
        with self._lock:
            for server in [server for server in self._servers if server.imports.run == run]:
                self._servers.remove(server)
                server.close()


_SERVERS = _Servers()


def server_for(imports: Imports, environment: Mapping[str, str]) -> KernelServer:
    """The server of a run in this process, started if there is none.

    Raises
    ------
    ForkError
        If there can be none.
    """
    return _SERVERS.server(imports, environment)


def end_servers(run: str) -> None:
    """End the servers that a run has started in this process."""
    _SERVERS.forget(run)


@cache
def provisioner_name() -> str:
    """Name under which jupyter_client finds the class that forks kernels."""
    from jupyter_client.provisioning.factory import KernelProvisionerFactory as Factory

    Factory.provisioners[PROVISIONER] = EntryPoint(
        PROVISIONER, f"{__name__}:forked_provisioner", Factory.GROUP_NAME
    )
    return PROVISIONER


def forked_provisioner(**options: Any) -> Any:
    """A provisioner that asks ``parent.server`` for its kernel."""
    return _provisioner_class()(**options)


@cache
def _provisioner_class() -> type:
    from jupyter_client.provisioning import LocalProvisioner

    class ForkedProvisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
            manager: Any = self.parent
            self.process = manager.server.fork(cmd, **self._scrub_kwargs(options))
            # the kernel leads a session of its own
            self.pid = self.pgid = self.process.pid
            self.cwd = options["cwd"]
            return self.connection_info

    return ForkedProvisioner


def _common(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in OWN_VARIABLES}
