"""Names of points as files: what is particular about each, whatever the file system takes for equal."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

LONGEST_NAME = 80
"""Bytes of a point's name before a hash takes the place of the rest."""


def point_id(point: Mapping[str, Any]) -> str:
    """A file name that says what is particular about a point.

    Examples
    --------
    >>> point_id({"folds": 6, "learner": "lasso"})
    'folds-6_learner-lasso'
    """
    text = "_".join(f"{name}-{_word(value)}" for name, value in point.items()) or "defaults"
    if len(text.encode(errors="surrogatepass")) <= LONGEST_NAME and _is_plain(text) and _is_reversible(point):
        return text
    return name_with_digest(text, point)


def _is_plain(text: str) -> bool:
    """Whether a name is safe in every file system, also where case and composed letters are alike."""
    alike = unicodedata.normalize("NFC", text).casefold()
    return bool(re.fullmatch(r"[\w.+-]+", text)) and text == alike


def _is_reversible(point: Mapping[str, Any]) -> bool:
    """Whether no value holds the marks that separate names, values and items."""
    words = [
        item for value in point.values() for item in (value if isinstance(value, list | tuple) else [value])
    ]
    return not any("+" in str(word) or re.search(r"_\w*-", str(word)) for word in words)


def name_with_digest(text: str, point: Mapping[str, Any]) -> str:
    """A short part of a name that is too long or not plain, and a hash that is the point's own."""
    digest = hashlib.sha256(json.dumps(point, sort_keys=True, default=str).encode()).hexdigest()[:10]
    short = re.sub(r"[^\w.+-]+", "-", text).encode(errors="replace")[: LONGEST_NAME - 11]
    return f"{short.decode(errors='ignore')}-{digest}"


def _word(value: Any) -> str:
    if isinstance(value, bool | None):
        return str(value).lower()
    return "+".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)
