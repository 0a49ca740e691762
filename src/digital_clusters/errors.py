"""Errors that are meant to be read by the person at the keyboard.

Every error a user can cause derives from :class:`DigitalClustersError`. Its text says what was
wrong, where, and what to do; the command line prints that text alone, without a stack trace, and
exits with ``exit_code``.
"""

from collections.abc import Iterable
from typing import Any, get_args

from digital_clusters.wording import shown, suggestion


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


def check_option(name: str, value: object, options: Any) -> None:
    """Refuse a word that is none of the right ones.

    Parameters
    ----------
    name : str
        What the caller calls the option.
    value : object
    options : typing.Literal or iterable of str

    Raises
    ------
    ParameterError
        With the right words, and the one that ``value`` is nearly.
    """
    words: Iterable[str] = get_args(options) or tuple(options)
    if not isinstance(value, str) or value not in words:
        near = suggestion(value, words) if isinstance(value, str) else ""
        raise ParameterError(f"{name} = {shown(value)} is not one of: {', '.join(words)}{near}")
