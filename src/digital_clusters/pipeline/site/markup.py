"""Attributes of elements as text, whether the parser found one word or several."""

from bs4 import Tag


def class_names(tag: Tag) -> list[str]:
    """Classes of an element; none for one without."""
    return attribute(tag, "class").split()


def attribute(tag: Tag, name: str) -> str:
    """An attribute as it is written; empty where the element has none."""
    value = tag.get(name) or ""
    return value if isinstance(value, str) else " ".join(value)
