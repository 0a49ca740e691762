"""Errors that are meant to be read by the person at the keyboard.

Every error a user can cause derives from :class:`DigitalClustersError`. Its text says what was
wrong, where, and what to do; the command line prints that text alone, without a stack trace, and
exits with ``exit_code``.
"""

from typing import get_args


class DigitalClustersError(Exception):
    """Base class: something the user can mend."""

    exit_code = 1


class DataError(DigitalClustersError):
    """A raw table breaks its schema: wrong type, duplicate key, impossible value."""


class FileError(DigitalClustersError):
    """A file cannot be read or written: truncated, wrong checksum, wrong encoding, no permission."""


class MissingTableError(DigitalClustersError):
    """A source does not have the table or column that was asked for."""


class ParameterError(DigitalClustersError):
    """A parameter has an unknown name, a wrong type or a value outside its range."""

    exit_code = 2


class NotebookError(DigitalClustersError):
    """A notebook failed while it ran."""


class BuildError(DigitalClustersError):
    """The book could not be built from its executed pages."""


def check_option(name: str, value: str, options: object) -> None:
    """Raise a :class:`ParameterError` that lists the right words unless ``value`` is one of them."""
    words = get_args(options)
    if value not in words:
        raise ParameterError(f"{name} = {value!r} is not one of: {', '.join(words)}")
