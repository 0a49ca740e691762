"""Pieces of sentences: values that are shown short, and words that are near a mistyped one."""

import difflib
import reprlib
from collections.abc import Iterable

LONGEST_VALUE = 60
"""Characters of a value that a message repeats."""

LONGEST_WORD = 80
"""Characters up to which a name is compared with the known ones; the comparison is quadratic."""


def shown(value: object) -> str:
    """``repr`` of a value, cut in its middle where it is long or deep."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = LONGEST_VALUE
    short.maxlist = short.maxtuple = short.maxdict = short.maxset = 4
    short.maxlevel = 3
    return shortened(short.repr(value), 3 * LONGEST_VALUE)


def shortened(text: str, most: int = LONGEST_VALUE) -> str:
    """A text of at most ``most`` characters; an ellipsis and the length stand for the rest.

    Examples
    --------
    >>> shortened("abcdefgh", 4)
    'abcd… (8 characters)'
    """
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def suggestion(name: str, words: Iterable[str]) -> str:
    """`` (did you mean 'folds'?)`` for a word near ``name``, nothing where none is."""
    if len(name) > LONGEST_WORD:
        return ""
    close = difflib.get_close_matches(name, list(words), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""
