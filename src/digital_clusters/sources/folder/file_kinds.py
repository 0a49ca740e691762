"""Whether a file is what its name says, and whether the library that reads such files can read it."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digital_clusters.errors import FileError

READERS_RAISE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
)
"""What pandas' reader of Stata files raises on damaged bytes, beside the errors of calamine and pyarrow."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Around calls of a library that reads ``path``, and nothing else: its errors are the file's.

    Raises
    ------
    FileError
        For whatever calamine, pandas or pyarrow say of bytes they cannot read.
    """
    from pyarrow import ArrowException
    from python_calamine import CalamineError

    try:
        yield
    except MemoryError:
        raise FileError(f"{path.name} is damaged, or does not fit into memory") from None
    except (*READERS_RAISE, ArrowException, CalamineError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise FileError(
            f"{path.name} cannot be read ({reason}): it is truncated, or not what "
            "its name says. Export it again."
        ) from error


_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"


def check_kind(path: Path) -> None:
    """Compare what the first bytes say with the name of the file.

    Raises
    ------
    FileError
        If it is of another kind, or protected with a password.
    """
    with path.open("rb") as stream:
        start = stream.read(512)
    suffix, text = path.suffix.lower(), start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_OLE) and suffix in (".xls", ".xlsx"):
        _check_protection(path)
    if suffix == ".csv" and start.startswith((_ZIP, _OLE, _PARQUET)):
        kind = ".parquet file" if start.startswith(_PARQUET) else "workbook"
        raise FileError(f"{path.name} is a {kind} under the name of a text file: give it its own suffix")
    if suffix in (".csv", ".xls", ".xlsx") and text.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise FileError(f"{path.name} is a web page, not a table: open it in Excel and save it as .xlsx")
    if suffix in (".xls", ".xlsx") and not start.startswith((_ZIP, _OLE)) and b"\0" not in start[:64]:
        raise FileError(f"{path.name} is text under the name of a workbook: rename it to .csv")


def _check_protection(path: Path) -> None:
    data = path.read_bytes()
    encrypted = "EncryptedPackage".encode("utf-16-le") in data or _has_file_pass(data)
    if encrypted:
        raise FileError(
            f"{path.name} is protected with a password: open it in Excel and save it anew without a password"
        )


_BIFF_STARTS = (b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x09\x08\x08\x00\x00\x05\x05\x00")
"""Begin-of-file records of a workbook's globals, in BIFF 8 and BIFF 5 ([MS-XLS] 2.4.21)."""

_FILE_PASS, _FIRST_RECORDS = 0x2F, 12
"""The record that says a workbook is encrypted stands among the first ([MS-XLS] 2.4.117)."""


def _has_file_pass(data: bytes) -> bool:
    place = max(data.find(start) for start in _BIFF_STARTS)
    for _ in range(_FIRST_RECORDS if place >= 0 else 0):
        if place + 4 > len(data):
            return False
        kind, length = struct.unpack_from("<HH", data, place)
        if kind == _FILE_PASS:
            return True
        place += 4 + length
    return False
