"""Which files of the project a process reads, noted while it reads them.

The text of this module is part of the profile of every kernel that runs a page, so it imports nothing of
the project: the profile is what puts the project on the module path.
"""

import os
import sys
from types import FrameType

HARMLESS_PROGRAMS = {"fc-list", "lscpu", "sysctl", "system_profiler", "uname", "ldconfig", "git"}
"""Programs that libraries start to learn about the machine."""

OPAQUE_MODULES = {
    "duckdb",
    "fiona",
    "multiprocessing.popen_forkserver",
    "multiprocessing.popen_spawn_posix",
    "osgeo",
    "polars",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.json",
    "pyarrow.parquet",
    "pyogrio",
    "rasterio",
}
"""Modules that read files past Python, or in another process: no event is raised here."""

OPAQUE_EVENTS = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "sqlite3.connect"}

YAML_READER = "digital_clusters.yaml_files"
"""The module that reads YAML for its values: what else a file holds, such as comments, nobody sees."""

BETWEEN = {"codecs", "io", "pathlib"}
"""Modules that open a file for their caller."""

SAID = "/"
"""How the line of a file begins that was read for its values; no relative path begins so."""

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


def note_opened_files(root: str, target: str) -> None:
    """Write the project's files that this process reads to ``target``, relative to ``root``."""
    inner = root.rstrip(os.sep) + os.sep
    aside = tuple(os.path.join(root, name) + os.sep for name in ("_build", "src", ".git", ".venv"))
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644))
    seen = set()

    def write(line: str) -> None:
        if line not in seen:
            seen.add(line)
            # opened anew: a forked child, such as a shell line's, has closed what it inherited
            handle = os.open(target, os.O_WRONLY | os.O_APPEND)
            os.write(handle, f"{line}\n".encode(errors="surrogateescape"))
            os.close(handle)

    def note(path: int | str | bytes | os.PathLike, flags: object) -> None:
        if isinstance(path, int) or (isinstance(flags, int) and flags & ACCESS != READ_ONLY):
            return
        place = source_of(os.path.abspath(os.fsdecode(path)))
        if place.startswith(inner) and not place.startswith(aside):
            # this function, the hook, and who opens
            said = place.endswith((".yml", ".yaml")) and is_read_for_values(sys._getframe(2))
            write(SAID * said + place[len(inner) :])

    def hook(event: str, values: tuple) -> None:
        if event == "open":
            note(values[0], values[2])
        elif event == "subprocess.Popen":
            if os.path.basename(os.fsdecode(values[0])) not in HARMLESS_PROGRAMS:
                write("*")
        elif event in OPAQUE_EVENTS or (event == "import" and values[0] in OPAQUE_MODULES):
            write("*")

    sys.addaudithook(hook)
