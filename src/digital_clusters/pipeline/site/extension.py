"""The Sphinx extension of this book: its list of references, and what to run on a checkout."""

from pathlib import Path
from typing import Any

from digital_clusters.report.citations import register_style

TEXT_NOTEBOOKS = "notebooks/*/*.py"


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


def setup(app: Any) -> dict[str, bool]:
    """Register the style and look at the folder once the settings are known; called by Sphinx."""
    register_style()
    app.connect("config-inited", refuse_checkout)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
