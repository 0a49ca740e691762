"""What a reader sees of a page works by itself: no shown cell needs a name that only a removed cell makes."""

import builtins
import os
import subprocess
import symtable
import sys
from functools import cache
from pathlib import Path

import pytest

from digital_clusters.pipeline.notebooks import notebooks

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page for page in notebooks(ROOT)}

REMOVED = {"remove-cell", "remove-input"}
"""Tags of cells whose code is not on the page."""

LONGEST_CELL = 14
"""Lines of code of a shown cell: what fits beside the formula without scrolling."""

GIVEN = {*dir(builtins), "get_ipython", "display", "In", "__name__"}
"""Names that a kernel has."""

ROUNDING = 1e-8
"""Two ways through the same arithmetic, relative: sums of a few thousand doubles and roots to 1e-12."""

BY_HAND = {
    "virtual_clusters/theory": {
        "n_star": "team.optimum(*here)",
        "firms": "found.firms",
        "N": "there.firms",
        "y_star": "marshallian.product(there.firms, *here)",
        "openness": "run.aggregates.openness[-1]",
    },
    "book/method": {"theta": "found.term('d').value", "error": "found.term('d').error"},
    "book/twin": {
        "gini": "panel.frame.loc[row, 'gini']",
        "effect": "true_effects(panel.frame.loc[[row]])[0]",
        "correction": "misallocation.planted_correction(C, z, False, truth)",
    },
}
"""What a page computes by hand → the package's number, as names that its shown cells leave behind."""

HELD = {
    "book/twin": """\
from digital_clusters.studies.industrial_upgrading.calibration.countries import load_countries

# the design's promise: the exact recipe finds every printed coefficient within a printed standard error
missed = results[results["miss"].abs() > 1]
assert len(results) == 18 and missed.empty, missed.to_string()

# a frozen country comes out again; on another processor a coefficient at an edge may fall on the other side
kept, again = load_countries(), spread.count_met(countries)
assert again.index[0] == kept.seeds[0] and abs(int(again.iloc[0]) - kept.met[0]) <= 1, (again, kept)

# the turn is what puts methods off that absorb cities: without it each is nearer to the truth
assert tuple(methods["method"]) == ("recipe", *spread.ABSORBING)
apart, still = ((methods[name] - methods["truth"]).abs() for name in ("found", "found_still"))
assert (still < apart).all(), methods.to_string()

# the front page says that none of them finds the sign of the planted effect
assert (methods["found"] * methods["truth"] < 0).all(), methods.to_string()
""",
}
"""What holds of the names that a page's shown cells leave behind, so that nothing is estimated once more."""

RUN = {
    "industrial_upgrading/theory": {},
    "virtual_clusters/theory": {"replications": 2},
    "virtual_agglomeration/theory": {},
    "collaborative_agglomeration/theory": {},
    "book/method": {"replications": 2},
    "book/twin": {"replications": 1},
    "book/data": {},
    "book/policy": {},
}
"""Pages that are executed without their removed cells, with parameters that make them short."""


@cache
def code_cells(name: str) -> tuple:
    return tuple(cell for cell in PAGES[name].notebook.cells if cell.cell_type == "code")


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def shown(name: str) -> list:
    return [cell for cell in code_cells(name) if not tags(cell) & REMOVED]


def names(source: str) -> tuple[set[str], set[str]]:
    """Global names that code binds and that it uses, in any of its scopes.

    Examples
    --------
    >>> [sorted(part) for part in names("total = sum(row.x for row in rows)")]
    [['total'], ['rows', 'sum']]
    """
    top = symtable.symtable(source, "cell", "exec")
    made = [s for s in top.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()]
    bound = {s.get_name() for s in made}
    used = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    inner = list(top.get_children())
    while inner:
        scope = inner.pop()
        used |= {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        inner += scope.get_children()
    return bound, used - bound


def unmade(name: str) -> list[str]:
    """Names that a shown cell uses and neither it nor a shown cell above it makes."""
    made, wanting = set(GIVEN), []
    for cell in shown(name):
        bound, used = names(cell.source)
        wanting += sorted(used - made)
        made |= bound
    return wanting


def unlabelled(name: str) -> list[str]:
    """First lines of folded cells that do not say what unfolding them shows."""
    folded = [cell for cell in shown(name) if "hide-input" in tags(cell)]
    labels = [cell.metadata.get("mystnb", {}).get("code_prompt_show", "") for cell in folded]
    return [cell.source.splitlines()[0] for cell, label in zip(folded, labels, strict=True) if not label]


def too_long(name: str) -> list[int]:
    counts = [sum(map(is_code, cell.source.splitlines())) for cell in shown(name)]
    return [count for count in counts if count > LONGEST_CELL]


def is_code(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def test_names_are_told_apart():
    bound, used = names("import numpy as np\ndef f(x):\n    return np.mean(x) + other\ny = [i for i in z]")
    assert bound == {"np", "f", "y"} and used == {"other", "z"}


def test_a_name_of_a_removed_cell_is_seen(monkeypatch):
    from nbformat.v4 import new_code_cell

    cells = (
        new_code_cell("panel = 1", metadata={"tags": ["remove-cell"]}),
        new_code_cell("b = panel + a", metadata={"tags": ["hide-input"]}),
        new_code_cell("a = b"),
    )
    monkeypatch.setitem(globals(), "code_cells", lambda name: cells)
    assert unmade("any") == ["a", "panel"]
    assert unlabelled("any") == ["b = panel + a"]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_shown_cells_use_what_shown_cells_make(page):
    assert (unmade(page), unlabelled(page), too_long(page)) == ([], [], [])


def test_a_page_of_every_study_is_executed():
    studies = {page.split("/")[0] for page in PAGES}
    assert {page.split("/")[0] for page in RUN} == studies


@pytest.mark.slow
@pytest.mark.usefixtures("learnt_in_builds")
@pytest.mark.parametrize("page", sorted(RUN))
def test_a_page_runs_without_its_removed_cells(page, tmp_path):
    parts = []
    for cell in shown(page):
        parts.append(cell.source)
        if "parameters" in tags(cell):
            parts += [f"{name} = {value!r}" for name, value in RUN[page].items()]
    for hand, package in BY_HAND.get(page, {}).items():
        parts.append(f"assert abs({hand} - {package}) <= {ROUNDING} * abs({package}), ({hand}, {package})")
    parts += [HELD[page]] if page in HELD else []
    script = tmp_path / "page.py"
    script.write_text("\n\n".join(parts), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
