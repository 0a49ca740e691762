"""A project of two small notebooks, complete enough for the real command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: Study
    chapters:
      - file: notebooks/study/first
      - file: notebooks/study/second
  - caption: Back matter
    chapters:
      - file: book/parameters
      - file: book/status
      - file: book/references
"""

NOTEBOOK = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # {title}
#
# The coefficient is $\\beta$.

# %% tags=["parameters"]
data = "twin"
folds = 5
outcome = "gini"

# %%
import json
import os
from pathlib import Path

from helpers.{module} import {function}

if folds == 13 and not Path("repaired").exists():
    raise ValueError("thirteen folds")
estimate = {{
    "terms": ["uil"],
    "coefficients": [{function}(folds)],
    "covariance": [[0.25]],
    "n_observations": 10,
    "method": "double_machine_learning",
    "errors": "robust",
}}
results = Path(os.environ["DIGITAL_CLUSTERS_RESULTS"])
results.joinpath("study.{section}.json").write_text(json.dumps([{{"key": "column1", "estimate": estimate}}]))
print(outcome, {function}(folds))
"""

FILES = {
    "_toc.yml": TOC,
    "_config.yml": (REPOSITORY / "_config.yml").read_text(encoding="utf-8"),
    "book/index.md": "# Small book\n\nAs {cite:t}`someone` shows, $x^2$, and {doc}`status` says when.\n",
    "book/references.md": "# References\n\n```{bibliography}\n```\n",
    "book/references.bib": "@book{someone, author={Ann One}, title={Two}, year={2020}, publisher={Three}}\n",
    "data/facts.yml": "answer: 42\n",
    "requirements.lock": "numpy==1\n",
    "src/helpers/__init__.py": "",
    "src/helpers/doubling.py": "def double(x):\n    return 2.0 * x\n",
    "src/helpers/tripling.py": "def triple(x):\n    from .base import times\n    return times(3.0, x)\n",
    "src/helpers/base.py": "def times(a, b):\n    return a * b\n",
    "notebooks/study/first.py": NOTEBOOK.format(
        title="First", module="doubling", function="double", section="first"
    ),
    "notebooks/study/second.py": NOTEBOOK.format(
        title="Second", module="tripling", function="triple", section="second"
    ),
}


class Project:
    """A folder with a project in it, and the command line to run there."""

    def __init__(self, root: Path):
        self.root = root
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    @property
    def environment(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if key != "DIGITAL_CLUSTERS_ROOT"}
        # MPLBACKEND: what a caller's shell may well have set, and what must not reach the kernels
        return inherited | {"PYTHONPATH": str(REPOSITORY / "src"), "MPLBACKEND": "Agg"}

    def command(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "digital_clusters.cli", *words],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def leftovers(self) -> list[Path]:
        """Temporary files and folders that a run should have cleared away."""
        patterns = ("*.tmp*", ".draft-*", ".book-*", ".*-old-*")
        return [path for pattern in patterns for path in (self.root / "_build").rglob(pattern)]


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)
