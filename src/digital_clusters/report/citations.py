"""Labels in the list of references are what the text says.

The text cites by author and year, and sphinxcontrib-bibtex labels its list in another style; this one takes
the text's own templates.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

from pybtex.backends.plaintext import Backend
from pybtex.style.formatting.plain import Style as PlainStyle
from pybtex.style.labels import BaseLabelStyle

if TYPE_CHECKING:
    from pybtex.database import Entry as BibEntry
    from sphinxcontrib.bibtex.style.referencing import PersonStyle

STYLE = "author_year_labels"
"""Name of the style of the list, as ``bibtex_default_style`` of ``_config.yml`` has it."""


def citation_label(entry: "BibEntry") -> str:
    """The text that cites an entry, such as "Yu and Zhang, n.d."."""
    from sphinxcontrib.bibtex.style.template import join, year

    person = _person_style()
    said = join(sep=", ")[person.author_or_editor_or_title(full=False), year]
    return said.format_data({"entry": entry, "style": SimpleNamespace(person=person)}).render(Backend())


@cache
def _person_style() -> "PersonStyle":
    """How the text names authors; each one made looks through all installed packages for its parts."""
    from sphinxcontrib.bibtex.style.referencing import PersonStyle

    return PersonStyle()


class AuthorYearLabels(BaseLabelStyle):
    """Labels of a list of entries, in its order."""

    def format_labels(self, sorted_entries: Sequence["BibEntry"]) -> Iterator[str]:
        """One label an entry."""
        return map(citation_label, sorted_entries)


class AuthorYearList(PlainStyle):
    """The plain list, sorted by author and year, with these labels."""

    default_label_style = AuthorYearLabels


def register_style() -> None:
    """Make the style known to pybtex under its name."""
    from pybtex.plugin import register_plugin

    register_plugin("pybtex.style.formatting", STYLE, AuthorYearList)
