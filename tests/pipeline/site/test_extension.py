"""Plain Jupyter Book on a checkout is refused with the command to run; on a staged book it is not."""

from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from digital_clusters.pipeline.site.extension import refuse_checkout


def test_text_notebooks_are_refused_and_executed_ones_are_not(tmp_path):
    (tmp_path / "notebooks/study").mkdir(parents=True)
    app = SimpleNamespace(srcdir=str(tmp_path))
    (tmp_path / "notebooks/study/first.ipynb").write_text("{}")
    refuse_checkout(app, None)
    (tmp_path / "notebooks/study/first.py").write_text("# %%\n")
    with pytest.raises(ExtensionError, match="Run `make book`"):
        refuse_checkout(app, None)
