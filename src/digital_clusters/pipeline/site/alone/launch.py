"""Addresses at which a page's notebook opens to be run: Binder, Colab, JupyterLab.

All come from the one address of the repository, and there are none without it.
"""

import re
from urllib.parse import quote

from digital_clusters.pipeline.site.alone.download import FOLDER
from digital_clusters.pipeline.site.plan import BookPlan

GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")
PAGES_BRANCH = "gh-pages"
"""Branch of the repository that holds the published book, with the notebooks that stand alone."""

BINDER = "https://mybinder.org/v2/gh/{owner}/{name}/HEAD?urlpath={place}"
COLAB = "https://colab.research.google.com/github/{owner}/{name}/blob/{branch}/{folder}/{entry}.ipynb"
LAB = "https://mybinder.org/v2/gh/{owner}/{name}/HEAD?urlpath=lab"
AS_NOTEBOOK = "lab/tree/{source}?factory=Jupytext%20Notebook"
"""Path in JupyterLab that opens a text notebook as a notebook."""


def launch_links(entry: str, plan: BookPlan) -> list[tuple[str, str]]:
    """Words and addresses for an executed page; none for others, or without a repository on GitHub.

    Binder makes the environment from ``environment.yml`` and ``postBuild`` and opens the text notebook;
    JupyterLab is the same environment with all pages; Colab opens the notebook that stands alone, from the
    branch of the published book, whose first cell fetches the project.
    """
    found = GITHUB.fullmatch(plan.repository)
    if found is None or entry not in plan.ran:
        return []
    suffix = ".py" if entry.startswith("notebooks/") else ".md"
    words = {
        "owner": found[1],
        "name": found[2],
        "place": quote(AS_NOTEBOOK.format(source=entry + suffix), safe=""),
        "branch": PAGES_BRANCH,
        "folder": FOLDER,
        "entry": entry,
    }
    forms = {"Open on Binder": BINDER, "Open in Colab": COLAB, "JupyterLab on Binder": LAB}
    return [(text, form.format(**words)) for text, form in forms.items()]
