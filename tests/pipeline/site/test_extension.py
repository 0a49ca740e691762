"""Plain Jupyter Book on a checkout is refused with the command to run; on a staged book it is not."""

from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from digital_clusters.pipeline.site.extension import SAID_NOTHING, allow_processes, refuse_checkout


def test_text_notebooks_are_refused_and_executed_ones_are_not(tmp_path):
    (tmp_path / "notebooks/study").mkdir(parents=True)
    app = SimpleNamespace(srcdir=str(tmp_path))
    (tmp_path / "notebooks/study/first.ipynb").write_text("{}")
    refuse_checkout(app, None)
    (tmp_path / "notebooks/study/first.py").write_text("# %%\n")
    with pytest.raises(ExtensionError, match="Run `make book`"):
        refuse_checkout(app, None)


def test_only_silence_about_several_processes_is_overruled():
    silent, unsafe, other = (SimpleNamespace(parallel_read_safe=said) for said in (None, False, None))
    app = SimpleNamespace(extensions={SAID_NOTHING[0]: silent, SAID_NOTHING[1]: unsafe, "another": other})
    allow_processes(app, None)
    assert [each.parallel_read_safe for each in (silent, unsafe, other)] == [True, False, None]
