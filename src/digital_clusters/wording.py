"""Pieces of sentences: values that are shown short, and words that are near a mistyped one."""

import difflib
import html
import re
import reprlib
from collections.abc import Iterable, Sequence
from pathlib import Path

LONGEST_VALUE = 60
"""Characters of a value that a message repeats."""

LONGEST_WORD = 80
"""Characters up to which a name is compared with the known ones; the comparison is quadratic."""


def shown(value: object) -> str:
    """``repr`` of a value on one line, cut in its middle where it is long or deep."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = LONGEST_VALUE
    short.maxlist = short.maxtuple = short.maxdict = short.maxset = 4
    short.maxlevel = 3
    return shortened(short.repr(value).replace("\n", " "), 3 * LONGEST_VALUE)


def shortened(text: str, most: int = LONGEST_VALUE) -> str:
    """A text of at most ``most`` characters; an ellipsis and the length stand for the rest.

    Examples
    --------
    >>> shortened("abcdefgh", 4)
    'abcd… (8 characters)'
    """
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def with_caption(table: str, words: str) -> str:
    """The HTML of a table with these words as its title.

    Examples
    --------
    >>> with_caption("<table><tr></tr></table>", "Years & cities")
    '<table><caption>Years &amp; cities</caption><tr></tr></table>'
    """
    opening, rest = table.split(">", 1)
    return f"{opening}><caption>{html.escape(words)}</caption>{rest}"


def suggestion(name: str, words: Iterable[str]) -> str:
    """`` (did you mean 'folds'?)`` for a word near ``name``, nothing where none is.

    A name that words have after their last slash means all of them.

    Examples
    --------
    >>> suggestion("baseline", ["one/theory", "one/baseline", "two/baseline"])
    " (did you mean 'one/baseline' or 'two/baseline'?)"
    """
    return _asked(_near(name, list(words)))


def suggestion_of_listed(value: object, listed: str | None) -> str:
    """As :func:`suggestion`, for words that stand in quotes in a sentence.

    Examples
    --------
    >>> suggestion_of_listed("robst", "'robust' or 'clustered'")
    " (did you mean 'robust'?)"
    """
    return suggestion(value, re.findall("'([^']*)'", listed or "")) if isinstance(value, str) else ""


def file_suggestion(path: Path) -> str:
    """As :func:`suggestion`, for a path where nothing is: what its folder has under a name near it."""
    try:
        beside = sorted(other.name for other in path.parent.iterdir())
    except OSError:
        return ""
    return _asked(str(path.parent / name) for name in _near(path.name, beside))


def _near(name: str, known: Sequence[str]) -> list[str]:
    if len(name) > LONGEST_WORD:
        return []
    ends = [word for word in known if word.rpartition("/")[1:] == ("/", name)]
    return ends or difflib.get_close_matches(name, known, n=1)


def _asked(meant: Iterable[str]) -> str:
    named = " or ".join(map(repr, meant))
    return f" (did you mean {named}?)" if named else ""
