"""A process that imports what a page imports, once, and forks a kernel for each run of it.

Started by its path, it imports no sibling. It starts no thread and creates no socket of a kernel, so that a
fork of it is what a new interpreter is after the same imports: its own random state, environment, working
directory, module path and streams are set before the kernel begins. It talks over one socket with the process
that started it, and ends with that process or when nobody has asked for a while; its kernels end with it.
"""

import builtins
import gc
import json
import logging
import os
import runpy
import select
import signal
import socket
import struct
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

IDLE_SECONDS = 60
"""Without a kernel and without a request the server ends; who needs one starts another."""

KERNEL_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "resource",
    "tornado.platform.asyncio",
    "tornado.queues",
)
"""What a kernel imports when it starts."""

ENDING_SECONDS = 2
"""What a thread that an import has started and stopped again may take to end."""

FORK_SAFE_THREADS = {"jemalloc_bg_thd"}
"""Threads of libraries that stop them around a fork by handlers of their own."""

HEADER = struct.Struct("!Q")


class Refused(Exception):
    """A fork of this process would not be what a new interpreter is; the text says why."""


class StandIn:
    """Stands for the running IPython while modules are imported, and notes what else they ask of it.

    A module that is imported in a kernel may look whether it is in one, as pandas does.
    """

    def __init__(self) -> None:
        self.kernel = self
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        raise AttributeError(name)

    def __enter__(self) -> "StandIn":
        import IPython

        self._module, self._original, self._is_here = IPython, IPython.get_ipython, True
        IPython.get_ipython = self._get
        builtins.get_ipython = lambda: self  # type: ignore[attr-defined]
        return self

    def __exit__(self, *_: object) -> None:
        self._is_here = False
        self._module.get_ipython = self._original
        del builtins.get_ipython  # type: ignore[attr-defined]

    def _get(self) -> Any:
        # a module may have kept this function: in a kernel it tells of the kernel
        if not self._is_here:
            return self._original()
        self.asked.add("get_ipython")
        return self


def send(channel: socket.socket, message: Mapping[str, Any], descriptors: list[int] | None = None) -> None:
    """Write one message with its length before it, and open files beside it."""
    text = json.dumps(message).encode()
    socket.send_fds(channel, [HEADER.pack(len(text))], descriptors or [])
    channel.sendall(text)


def receive(channel: socket.socket, most: int = 0) -> tuple[dict[str, Any], list[int]] | None:
    """Read one message and at most that many open files; ``None`` where the other side has ended."""
    try:
        head, descriptors, _, _ = socket.recv_fds(channel, HEADER.size, most)
        text = _exactly(channel, HEADER.unpack(head)[0]) if len(head) == HEADER.size else b""
    except ConnectionError:
        return None
    return (json.loads(text), descriptors) if text else None


def _exactly(channel: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = channel.recv(size)
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Server:
    """Waits for requests and for the ends of kernels; returns in a child, with what the child is to run."""

    def __init__(self, control: socket.socket):
        self._control = control
        self._channels: dict[int, socket.socket] = {}
        self._wake, self._woken = os.pipe()
        os.set_blocking(self._woken, False)
        signal.signal(signal.SIGCHLD, _do_nothing)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)

    def serve(self) -> dict | None:
        """The request of a child; ``None`` in the server itself, when it is to end."""
        while True:
            patience = None if self._channels else IDLE_SECONDS
            watched: list[Any] = [self._control, self._wake]
            ready, _, _ = select.select(watched, [], [], patience)
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._tell_ends()
            if self._control in ready:
                received = receive(self._control, 3)
                if received is None:
                    break
                request, descriptors = received
                if self._fork(descriptors):
                    return request
            elif not ready and not self._channels:
                break
        self._end_all()
        return None

    def _fork(self, descriptors: list[int]) -> bool:
        """Whether this is the child, in a session of its own, its streams the given ones."""
        channel = socket.socket(fileno=descriptors[0])
        try:
            process = os.fork()
        except OSError:
            # no room for a process: who asked sees the channel end, and starts a kernel anew
            channel.close()
            process = -1
        if process:
            for descriptor in descriptors[1:]:
                os.close(descriptor)
            if process > 0:
                self._channels[process] = channel
            return False
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (self._control.detach(), self._wake, self._woken):
            os.close(descriptor)
        for other in self._channels.values():
            other.close()
        for target, descriptor in enumerate((os.open(os.devnull, os.O_RDONLY), *descriptors[1:])):
            os.dup2(descriptor, target)
            os.close(descriptor)
        send(channel, {"process": os.getpid()})
        channel.close()
        return True

    def _tell_ends(self) -> None:
        while self._channels:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            channel = self._channels.pop(process)
            # who asked for the kernel may not wait for its end
            with suppress(OSError):
                send(channel, {"ended": os.waitstatus_to_exitcode(status)})
            channel.close()

    def _end_all(self) -> None:
        for process in self._channels:
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)


def serve_forks() -> None:
    """Import, say whether forks are sound, then serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    received = receive(control)
    if received is None:
        return
    wanted = received[0]
    # ipykernel keeps at its import which process a kernel ends with
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    path, environment = list(sys.path), dict(os.environ)
    try:
        opened, filters = _import_all(wanted)
        _check()
    except Refused as refusal:
        send(control, {"refused": str(refusal)})
        return
    sys.path[:] = path
    send(control, {"opened": opened})
    # objects that no collection looks at stay in memory that the forks share
    gc.freeze()
    request = Server(control).serve()
    if request is not None:
        set_by_imports = {n: v for n, v in os.environ.items() if environment.get(n) != v}
        _become(request, opened, set_by_imports)
        # a kernel sets its own filters before a page's imports set theirs
        runpy.run_path(sys.argv[0])["main"](lambda: _set_filters([*filters, *warnings.filters]))


def _import_all(wanted: dict) -> tuple[list[str], list[tuple]]:
    """Import what can be imported; the files of the project read on the way, and filters of warnings set.

    Raises
    ------
    Refused
        If a module asks more of a running kernel than whether there is one.
    """
    runpy.run_path(wanted["recorder"])["note_opened_files"](wanted["root"], wanted["opened"])
    sys.path.insert(0, os.path.join(wanted["root"], "src"))
    for name in KERNEL_MODULES:
        with suppress(ImportError):
            __import__(name)
    filters = list(warnings.filters)
    remarks = logging.getLogger("matplotlib.font_manager")
    remarks.addFilter(lambda record: not record.getMessage().startswith(wanted["unsaid"]))
    with StandIn() as running:
        for name, parts in wanted["modules"]:
            # what fails here fails in the page, where it is told
            with suppress(Exception):
                __import__(name, fromlist=parts)
    if running.asked:
        raise Refused(f"an import asks the running kernel for {', '.join(sorted(running.asked))}")
    noted = Path(wanted["opened"]).read_text(encoding="utf-8").splitlines()
    added = [entry for entry in warnings.filters if entry not in filters]
    _set_filters(filters)
    return noted, added


def _check() -> None:
    """Refuse where a fork would differ from a new interpreter.

    Raises
    ------
    Refused
    """
    deadline = time.monotonic() + ENDING_SECONDS
    while (others := _other_threads()) and time.monotonic() < deadline:
        time.sleep(0.01)
    if others:
        raise Refused(f"an import started the thread {', '.join(others)}")
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fstat(1).st_size or os.fstat(2).st_size:
        raise Refused("an import printed or warned, which a page would show")


def _other_threads() -> list[str]:
    """Names of threads beside the first that a fork would lose, sorted."""
    names = []
    for place in Path("/proc/self/task").iterdir():
        # one that ends meanwhile is none
        with suppress(OSError):
            names.append((place / "comm").read_text().strip())
    names.remove(Path("/proc/self/comm").read_text().strip())
    return sorted(set(names) - FORK_SAFE_THREADS)


def _become(request: dict, opened: list[str], set_by_imports: Mapping[str, str]) -> None:
    """Have the environment, folder, arguments and random state of a new interpreter."""
    os.environ.clear()
    os.environ.update(request["environment"], JPY_PARENT_PID=str(os.getppid()), **set_by_imports)
    os.chdir(request["folder"])
    sys.argv[:] = request["arguments"]
    if "numpy.random" in sys.modules:
        # Python's own generator is reseeded by the fork
        sys.modules["numpy.random"].seed()
    with open(request["opened"], "a", encoding="utf-8") as noted:
        noted.writelines(f"{line}\n" for line in opened)


def _set_filters(filters: Sequence[tuple]) -> None:
    """Put these in the place of the filters of warnings that are set."""
    # the same list: the interpreter's own half of the module holds it too
    present: Any = warnings.filters
    present[:] = filters
    with warnings.catch_warnings():
        # on its way out this tells the module that they changed
        pass


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """A handler: without one the signal would not wake the server."""


if __name__ == "__main__":
    serve_forks()
