"""Numbers that the prose of the book quotes: made by a cell, read by ``{glue:text}``."""

_PREFIX = "application/papermill.record/"
"""What MyST-NB puts before a MIME type that is stored and not shown."""


def glue(name: str, value: object, fmt: str = "") -> str:
    """Store a value under a name that the markdown of the same page can quote.

    Does what ``myst_nb.glue(name, value, display=False)`` does without importing MyST-NB.

    Parameters
    ----------
    name : str
        Unique on the page; quoted in prose as ``{glue:text}`` with that name.
    value : object
        A number or text.
    fmt : str
        Format specification, such as ``".3f"``; minus signs are set as such.

    Returns
    -------
    str
        The text that was stored.

    Examples
    --------
    >>> quoted = glue("theta", -0.0991, ".3f")  # doctest: +ELLIPSIS
    {...'−0.099'...}
    >>> quoted
    '−0.099'
    """
    from IPython.display import display

    text = format(value, fmt)
    if not isinstance(value, str) and text.startswith("-"):
        text = "−" + text[1:]
    metadata = {"scrapbook": {"name": name, "mime_prefix": _PREFIX}}
    # quoted: MyST-NB evaluates the text as a literal and would turn 0.10 into 0.1
    display({_PREFIX + "text/plain": repr(text)}, raw=True, metadata=metadata)
    return text
