"""The pages of the book: which are notebooks, what they are called, how they are read."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digital_clusters.errors import BuildError, ParameterError
from digital_clusters.pipeline import parameters
from digital_clusters.wording import shortened, suggestion

if TYPE_CHECKING:
    from nbformat import NotebookNode

GENERATED = ("book/status", "book/parameters", "book/glossary", "book/codebook", "book/teaching")
"""Pages whose tables are written when the book is staged; a file of that name is their introduction."""

OWN = Path("notebooks") / "mine"
"""Folder below the project for a reader's own notebooks; they run, and are no pages of the book."""

SUFFIXES = (".py", ".md", ".ipynb", ".rst")


@dataclass(frozen=True)
class Page:
    """One entry of the table of contents.

    Attributes
    ----------
    entry : str
        As written in ``_toc.yml``: path below the project, without suffix.
    path : Path or None
        The file; ``None`` for a generated page without an introduction.
    is_notebook : bool
        Whether it is executed (jupytext text notebooks are).
    """

    entry: str
    path: Path | None
    is_notebook: bool

    @property
    def name(self) -> str:
        """``study/section`` for notebooks, ``book/page`` for the rest."""
        return self.entry.removeprefix("notebooks/")

    @property
    def file(self) -> Path:
        """The file of a page that has one, as every notebook does.

        Raises
        ------
        BuildError
            If the page is generated and has no introduction.
        """
        if self.path is None:
            raise BuildError(f"{self.entry}: a generated page without a file")
        return self.path

    @cached_property
    def notebook(self) -> "NotebookNode":
        """The notebook as nbformat, its kernel set to ``python3``; not to be changed in place."""
        return read(self.file)

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The parameters it declares, with their defaults."""
        return parameters.declared(self.notebook.cells, self.name)

    @cached_property
    def limits(self) -> dict[str, Any]:
        """What it allows less of than the project does: words or bounds, by parameter."""
        return parameters.limits(self.notebook.cells, self.name)


def read(path: Path) -> "NotebookNode":
    """Read a jupytext text notebook.

    Raises
    ------
    BuildError
        If the text is not a notebook.
    """
    import jupytext
    from nbformat import ValidationError

    try:
        notebook = jupytext.read(path)
    except (ValueError, ValidationError, jupytext.formats.JupytextFormatError) as error:
        first = str(error).strip().splitlines()[0]
        raise BuildError(f"{path}: not a jupytext notebook: {first}") from None
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def contents(root: Path) -> list[Page]:
    """All pages of ``_toc.yml``, in reading order.

    Raises
    ------
    BuildError
        If the table of contents is malformed or names a page that does not exist.
    """
    pages = [(entry, _page(root, entry)) for entry in _entries(root)]
    if missing := [entry for entry, page in pages if page is None]:
        named = ", ".join(f"'{entry}'" for entry in missing)
        raise BuildError(f"_toc.yml: there is no file for {named} (looked for {', '.join(SUFFIXES)})")
    return [page for _, page in pages if page is not None]


def notebooks(root: Path) -> list[Page]:
    """The pages that are executed, in reading order; a missing page of prose is no obstacle here."""
    found = (_page(root, entry) for entry in _entries(root))
    return [page for page in found if page and page.is_notebook]


def _entries(root: Path) -> list[str]:
    import yaml
    from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

    file = root / "_toc.yml"
    try:
        site = parse_toc_yaml(file)
    except (OSError, UnicodeDecodeError, MalformedError, yaml.YAMLError) as error:
        raise BuildError(f"{file}: {error}") from None
    ordered: dict[str, None] = {}

    def visit(entry: str) -> None:
        ordered[entry] = None
        for child in site[entry].child_files():
            visit(child)

    visit(site.root.docname)
    return list(ordered)


def own_notebooks(root: Path) -> list[Page]:
    """Notebooks of a reader, which the table of contents does not have."""
    entries = sorted(
        {(OWN / path.stem).as_posix() for path in (root / OWN).glob("*") if path.suffix in SUFFIXES}
    )
    return [page for entry in entries if (page := _page(root, entry)) and page.is_notebook]


def find(root: Path, name: str) -> Page:
    """The notebook called ``study/section`` or ``mine/name``; its path is understood too.

    Raises
    ------
    ParameterError
        If there is none; the text lists those there are.
    """
    pages = {page.name: page for page in (*notebooks(root), *own_notebooks(root))}
    wanted = name.removeprefix("./").removeprefix("notebooks/").removesuffix(".py").removesuffix(".md")
    if wanted not in pages:
        listed = ", ".join(pages) or "none"
        hint = suggestion(wanted, pages)
        raise ParameterError(f"no notebook '{shortened(name)}'{hint}; the notebooks are: {listed}")
    return pages[wanted]


def _page(root: Path, entry: str) -> Page | None:
    """The page of an entry; ``None`` if it has no file."""
    entry = entry.removesuffix(".md").removesuffix(".ipynb").removesuffix(".py").removesuffix(".rst")
    files = [root / f"{entry}{suffix}" for suffix in SUFFIXES if (root / f"{entry}{suffix}").is_file()]
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise BuildError(f"_toc.yml: '{entry}' is ambiguous: {names}; keep one of them")
    if not files and entry in GENERATED:
        return Page(entry, None, False)
    if not files:
        return None
    return Page(entry, files[0], _is_notebook(files[0]))


def _is_notebook(path: Path) -> bool:
    if path.suffix == ".py":
        return True
    if path.suffix != ".md":
        return False
    text = path.read_text(encoding="utf-8")
    header = text.split("\n---", 1)[0] if text.startswith("---") else ""
    return any(line.startswith(("jupytext:", "kernelspec:")) for line in header.splitlines())
