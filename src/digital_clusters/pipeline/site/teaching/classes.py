"""The teaching page, written from the plan of classes in ``data/teaching.yml``."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from digital_clusters.errors import BuildError
from digital_clusters.yaml_files import read_yaml

PLAN = "data/teaching.yml"
NEEDED = ("title", "question", "read", "figures", "exercises", "home")

INTRODUCTION = """\
# Teaching with this book

A plan of classes. Each has pages to read before it, figures to talk about, exercises with folded solutions,
and a command with which students bring a result of their own. Solutions are executed with the pages. Slides
are the figures of the class with their captions, as this edition of the book drew them; they scroll from
one to the next, follow the light or dark theme of the system, and print one to a sheet.
"""


@dataclass(frozen=True)
class PlannedClass:
    """One class.

    Attributes
    ----------
    number : int
        From one.
    title, question : str
    read : tuple of str
        Entries of pages.
    figures : tuple of str
        Names of figures.
    exercises : mapping of str to tuple of int
        Entry → numbers of its exercises.
    home : str
        A command.
    """

    number: int
    title: str
    question: str
    read: tuple[str, ...]
    figures: tuple[str, ...]
    exercises: Mapping[str, tuple[int, ...]]
    home: str

    @property
    def slides(self) -> str:
        """Address of its slides, from the folder of the book."""
        return f"slides/class-{self.number}.html"


def read_classes(file: Path) -> tuple[PlannedClass, ...]:
    """The classes of a plan, in order.

    Raises
    ------
    FileError
        If the file cannot be read.
    BuildError
        If a class lacks something.
    """
    found = []
    for number, told in enumerate(read_yaml(file).data["classes"], start=1):
        if missing := [name for name in NEEDED if not told.get(name)]:
            raise BuildError(f"{file.name}: class {number} has no {', '.join(missing)}")
        found.append(_class(number, told))
    return tuple(found)


def teaching_page(
    classes: Sequence[PlannedClass], entries: Collection[str], introduction: str | None = None
) -> str:
    """Markdown of the page.

    Parameters
    ----------
    classes : sequence of PlannedClass
    entries : collection of str
        Pages that there are.
    introduction : str, optional
        What stands above the classes, in place of the built-in text.

    Raises
    ------
    BuildError
        If a class names a page that is not there.
    """
    for one in classes:
        for entry in (*one.read, *one.exercises):
            if entry not in entries:
                raise BuildError(
                    f"{PLAN}: class {one.number} names the page {entry}, which is not in _toc.yml"
                )
    sections = ["\n\n".join(_section(one)) for one in classes]
    return "\n\n".join([introduction or INTRODUCTION, *sections]) + "\n"


def _class(number: int, told: Mapping[str, Any]) -> PlannedClass:
    return PlannedClass(
        number=number,
        title=told["title"],
        question=told["question"],
        read=tuple(told["read"]),
        figures=tuple(told["figures"]),
        exercises={entry: tuple(numbers) for entry, numbers in told["exercises"].items()},
        home=told["home"],
    )


def _section(one: PlannedClass) -> Iterator[str]:
    yield f"## Class {one.number}: {one.title}"
    yield f"*{one.question}*"
    exercises = "; ".join(
        f"{{doc}}`/{entry}` {', '.join(map(str, numbers))}" for entry, numbers in one.exercises.items()
    )
    figures = ", ".join(f"{{numref}}`{name}`" for name in one.figures)
    yield "\n".join(
        (
            f"* Read before: {', '.join(f'{{doc}}`/{entry}`' for entry in one.read)}",
            f"* Figures: {figures}",
            f"* Exercises: {exercises}",
            f"* Bring: `{one.home}`, with a choice of your own",
        )
    )
    data = f'data-figures="{" ".join(one.figures)}" data-title="{escape(one.title, quote=True)}"'
    link = f'<a class="slides" href="../{one.slides}" {data}>Slides of class {one.number}</a>'
    yield f"```{{raw}} html\n<p>{link}</p>\n```"
