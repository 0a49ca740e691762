"""The Sphinx extension of this book: its list of references, and what to run on a checkout."""

from pathlib import Path
from typing import Any

from digital_clusters.report.citations import register_style

TEXT_NOTEBOOKS = "notebooks/*/*.py"

SAID_NOTHING = ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering")
"""Extensions that do not say whether several processes may read pages. They may: the one does nothing for
HTML while pages are read, the other numbers sections when all have been."""


def refuse_checkout(app: Any, config: Any) -> None:
    """Refuse a folder of text notebooks: they are executed and staged before Jupyter Book reads them.

    Raises
    ------
    sphinx.errors.ExtensionError
        Where the folder holds text notebooks.
    """
    from sphinx.errors import ExtensionError

    if any(Path(app.srcdir).glob(TEXT_NOTEBOOKS)):
        raise ExtensionError(
            "the pages of this book are text notebooks, which are executed before Jupyter Book reads them. "
            "Run `make book`, or `digital-clusters build`; for one page `digital-clusters run NAME --html`"
        )


def allow_processes(app: Any, config: Any) -> None:
    """Let several processes read pages where only silence of :data:`SAID_NOTHING` is against it."""
    for name in SAID_NOTHING:
        extension = app.extensions.get(name)
        if extension is not None and extension.parallel_read_safe is None:
            extension.parallel_read_safe = True


def setup(app: Any) -> dict[str, bool]:
    """Register the style and look at the folder once the settings are known; called by Sphinx."""
    register_style()
    app.connect("config-inited", refuse_checkout)
    app.connect("config-inited", allow_processes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
