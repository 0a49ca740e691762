import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_notebook, new_output

from digital_clusters.report.glue import glue


@pytest.fixture
def shell():
    """What a notebook's kernel has: a shell that publishes what is displayed."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("value", "fmt", "text"),
    [(-0.0991, ".3f", "−0.099"), (2783, ",", "2,783"), (0.1, ".2f", "0.10"), ("as-is", "", "as-is")],
)
def test_the_book_reads_the_text_that_was_given(shell, value, fmt, text):
    from myst_nb.core.variables import format_plain_text
    from myst_nb.ext.glue import extract_glue_data

    with capture_output() as captured:
        assert glue("a name", value, fmt) == text
    [shown] = captured.outputs
    output = new_output("display_data", shown.data, metadata=shown.metadata)
    notebook = new_notebook(cells=[new_code_cell(outputs=[output])])
    [(name, stored)] = extract_glue_data(notebook, [0], None).items()
    assert name == "a name"
    assert format_plain_text(stored.data["text/plain"], "s") == text
    assert notebook.cells[0].outputs == []  # nothing is shown where it is made


def test_it_does_not_import_the_book_builder():
    lines = [
        "import sys",
        "from digital_clusters.report.glue import glue",
        "glue('a', 1)",
        "sys.exit('myst_nb' in sys.modules)",
    ]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True, capture_output=True)
