"""Which files of the project a page reads, lists and looks for, noted while it does.

The text of this module is part of the profile of every kernel that runs a page, and of what each Python that
the page starts does first, so it imports nothing of the project: the profile is what puts the project on the
module path.

A note is one line: the path, relative to the project, of a file that was read; the same with :data:`SAID`
before it, where it was read for its values; or a :data:`FACT`, as it was then.
"""

import functools
import hashlib
import os
import stat
import sys
import threading
from collections.abc import Callable
from importlib.machinery import PathFinder
from os import stat as state_of
from types import FrameType
from typing import Any, TypeVar

HARMLESS_PROGRAMS = {"fc-list", "lscpu", "sysctl", "system_profiler", "uname", "ldconfig", "git"}
"""Programs that libraries start to learn about the machine."""

OPAQUE_MODULES = {
    "duckdb",
    "fiona",
    "osgeo",
    "polars",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.json",
    "pyarrow.parquet",
    "pyogrio",
    "rasterio",
}
"""Modules that read files past Python: no event is raised."""

OPAQUE_EVENTS = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "sqlite3.connect"}

EVERYTHING = "*"
"""Line for what cannot be followed: any file may have been read, any folder listed."""

YAML_READER = "digital_clusters.yaml_files"
"""The module that reads YAML for its values: what else a file holds, such as comments, nobody sees."""

BETWEEN = {"codecs", "io", "pathlib"}
"""Modules that open a file for their caller."""

SAID = "/"
"""How the line of a file begins that was read for its values; no relative path begins so."""

FACT = "//"
"""How the line begins that tells a fact, in three words: its kind, what was found, and the path."""

NAMES = "names"
"""Fact: the hash of the names in a folder."""

THERE = "there"
"""Fact: ``file``, ``folder`` or ``nothing`` is what there is under a path."""

STARTED, FOLLOWED = f"{FACT}started ", f"{FACT}followed "
"""A process began to start a Python; a Python notes what it reads. Both name the process that started it."""

ASKING = {"exists", "is_dir", "is_file", "is_symlink", "isdir", "isfile", "islink", "lexists"}
"""Functions that ask for the state of a file and tell only whether it is there."""

RESOLVING = {"_joinrealpath", "realpath", "resolve"}
"""Functions that ask for it in order to follow links, and tell nothing of the file."""

ASKED_BY = {"genericpath", "glob", "ntpath", "os", "pathlib", "pathlib._local", "pathlib._os", "posixpath"}
"""Modules of these functions, and those between them and the system."""

READ_ONLY = os.O_RDONLY
ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR


def source_of(path: str) -> str:
    """The module that a compiled file was made of: the compiled one stays when its source is edited."""
    folder, name = os.path.split(path)
    if os.path.basename(folder) != "__pycache__":
        return path
    return os.path.join(os.path.dirname(folder), name.partition(".")[0] + ".py")


def is_read_for_values(frame: FrameType | None) -> bool:
    """Whether the one who opens a file, at ``frame`` or above, reads it for the values of its YAML."""
    name = ""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.partition(".")[0] not in BETWEEN:
            break
        frame = frame.f_back
    return name == YAML_READER


def is_opaque(module: str) -> bool:
    """Whether a module is there and reads files past Python; a library may try one that is not installed."""
    return module in OPAQUE_MODULES and PathFinder.find_spec(module.partition(".")[0]) is not None


def called_between(frame: FrameType | None) -> set[str]:
    """Functions of :data:`ASKED_BY` between who asks for the state of a file, and ``frame``."""
    called = set()
    while frame is not None and frame.f_globals.get("__name__") in ASKED_BY:
        called.add(frame.f_code.co_name)
        frame = frame.f_back
    return called


def is_visible(name: str) -> bool:
    """Whether a file or folder of that name is a source: not hidden, and nothing that Python makes."""
    return not (name.startswith(".") or name == "__pycache__" or name.endswith(".egg-info"))


def listing_hash(folder: str | os.PathLike[str]) -> str:
    """Sha256 of the visible names in a folder, and of which are folders; ``nothing`` where it is none."""
    try:
        with os.scandir(os.fspath(folder)) as entries:
            names = sorted(entry.name + "/" * entry.is_dir() for entry in entries if is_visible(entry.name))
    except OSError:
        return "nothing"
    return hashlib.sha256("\n".join(names).encode(errors="surrogateescape")).hexdigest()


def what_is_there(path: str | os.PathLike[str]) -> str:
    """What there is under a path: ``file``, ``folder`` or ``nothing``."""
    # asked as it was when this was loaded: it notes nothing of its own
    try:
        return "folder" if stat.S_ISDIR(state_of(path).st_mode) else "file"
    except (OSError, ValueError):
        return "nothing"


Told = TypeVar("Told")


class Notes:
    """What a process reads, lists and looks for below a project, written to a file line by line.

    Parameters
    ----------
    root : str
        The project; ``_build``, ``src``, ``.git`` and ``.venv`` in it do not count.
    target : str
        The file; several processes may write to it.
    """

    def __init__(self, root: str, target: str):
        self._root, self._target = root.rstrip(os.sep), target
        self._inner = self._root + os.sep
        self._aside = tuple(self._inner + name + os.sep for name in ("_build", "src", ".git", ".venv"))
        self._seen: set[str] = set()
        self._own = threading.local()
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644))

    def write(self, line: str) -> None:
        """Add a line, also where there is one like it."""
        # opened anew: a forked child, such as a shell line's, has closed what it inherited
        handle = os.open(self._target, os.O_WRONLY | os.O_APPEND)
        os.write(handle, f"{line}\n".encode(errors="surrogateescape"))
        os.close(handle)

    def hook(self, event: str, values: tuple) -> None:
        """Note one audit event."""
        if getattr(self._own, "notes", False):
            # what is asked in order to note is no reading of the page's
            return
        if event == "open":
            self._opened(values[0], values[2])
        elif event in ("os.listdir", "os.scandir"):
            self._listed(values[0])
        elif event == "subprocess.Popen":
            self.starts(values[0])
        elif event in OPAQUE_EVENTS or (event == "import" and is_opaque(values[0])):
            self._once(EVERYTHING)

    def starts(self, program: Any) -> None:
        """Note that a program is started: a Python that says so itself is followed, no other one is."""
        name = os.path.basename(os.fsdecode(program))
        if name.startswith("python"):
            self.write(f"{STARTED}{os.getpid()}")
        elif name not in HARMLESS_PROGRAMS:
            self._once(EVERYTHING)

    def looks(self, path: Any, frame: FrameType | None) -> None:
        """Note that the state of a file is asked for, from ``frame``."""
        place = None if getattr(self._own, "notes", False) else self._place(path)
        if not place:
            return
        called = called_between(frame)
        if called & RESOLVING:
            return
        found = self._quietly(what_is_there, self._inner + place)
        if found != "file" or called & ASKING:
            self._once(f"{FACT}{THERE} {found} {place}")
            return
        # who does not ask whether it is there may ask how large it is
        self._read(place, frame)

    def _opened(self, path: Any, flags: object) -> None:
        if isinstance(flags, int) and flags & ACCESS != READ_ONLY:
            return
        place = self._place(path)
        if place is None:
            return
        if self._quietly(what_is_there, self._inner + place) == "folder":
            # paths may be relative to its descriptor from now on
            self._once(EVERYTHING)
            return
        # the hook, this function, and who opens
        self._read(place, sys._getframe(2))

    def _read(self, place: str, frame: FrameType | None) -> None:
        said = place.endswith((".yml", ".yaml")) and is_read_for_values(frame)
        self._once(SAID * said + place)

    def _listed(self, path: Any) -> None:
        place = self._place("." if path is None else path)
        if place is not None:
            self._once(f"{FACT}{NAMES} {self._quietly(listing_hash, self._inner + place)} {place}")

    def _place(self, path: Any) -> str | None:
        """Path below the project, empty for the project itself; ``None`` where it does not count."""
        if isinstance(path, int):
            return None
        place = source_of(os.path.abspath(os.fsdecode(path)))
        if "\n" in place:
            # a text that a library takes for a path, to see whether it is one
            return None
        if place == self._root:
            return ""
        counts = place.startswith(self._inner) and not (place + os.sep).startswith(self._aside)
        return place[len(self._inner) :] if counts else None

    def _quietly(self, do: Callable[[str], Told], value: str) -> Told:
        self._own.notes = True
        try:
            return do(value)
        finally:
            self._own.notes = False

    def _once(self, line: str) -> None:
        if line not in self._seen:
            self._seen.add(line)
            self._quietly(self.write, line)


def note_opened_files(root: str, target: str) -> Notes:
    """Write to ``target`` what this process reads, lists and looks for below ``root``, from now on."""
    notes = Notes(root, target)
    sys.addaudithook(notes.hook)
    for name in ("stat", "lstat", "access"):
        _watch_states(notes, name)
    _watch_starts(notes)
    return notes


def follow_child(root: str, target: str) -> None:
    """As :func:`note_opened_files`, in a process that one which is followed has started."""
    note_opened_files(root, target).write(f"{FOLLOWED}{os.getppid()}")


def _watch_states(notes: Notes, name: str) -> None:
    """No event is raised where the state of a file is asked for."""
    asked = getattr(os, name)

    @functools.wraps(asked)
    def ask(path: Any, *arguments: Any, **options: Any) -> Any:
        # what is relative to a descriptor is below a folder that was opened
        if options.get("dir_fd") is None:
            notes.looks(path, sys._getframe(1))
        return asked(path, *arguments, **options)

    for able in (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks):
        if asked in able:
            able.add(ask)
    setattr(os, name, ask)


def _watch_starts(notes: Notes) -> None:
    """No event is raised where multiprocessing or joblib start a process; subprocess raises its own."""
    try:
        import _posixsubprocess
    except ImportError:
        # Windows has none
        return
    start = _posixsubprocess.fork_exec

    @functools.wraps(start)
    def starting(command: Any, *arguments: Any) -> Any:
        if sys._getframe(1).f_globals.get("__name__") != "subprocess":
            notes.starts(command[0])
        return start(command, *arguments)

    _posixsubprocess.fork_exec = starting
