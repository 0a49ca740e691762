"""The chapters: what a reader sees runs by itself, and what is done by hand gives the package's numbers."""

import ast
import builtins
from pathlib import Path

import jupytext
import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parents[3] / "notebooks" / "virtual_agglomeration"
PAGES = sorted(path.stem for path in FOLDER.glob("*.py"))

LINES = 14
"""Of code in a cell that a reader sees or can unfold."""

ROUNDING = 1e-8
"""Relative: the same least squares in another order of operations, of columns of order one."""

OTHER_COUNT = 0.01
"""Relative, of clustered errors: linearmodels counts one parameter less for each year and none for the
clusters, (1 − 17/3480) against (1 − 5/3480) under the root, and 1/(N − 1) for 1/N."""

CHANCE = 0.3
"""Relative, of the spread of a hundred placebos: four times 1/√200, its Monte Carlo error for a normal."""

TOLERANCES = {"standard error": OTHER_COUNT, "s.d. of placebos": CHANCE}


def kept(page: str) -> list:
    """Code cells of a page that are not removed from the book."""
    cells = jupytext.read(FOLDER / f"{page}.py").cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    return [cell for cell in code if "remove-cell" not in cell.metadata.get("tags", ())]


def used(source: str) -> set[str]:
    names = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    query = {"first_year", "last_year"} if "@first_year" in source else set()
    return {node.id for node in names if isinstance(node.ctx, ast.Load)} | query


def bound(source: str) -> set[str]:
    """Names that a cell gives a value, at its top or within."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return found


@pytest.mark.parametrize("page", PAGES)
def test_what_a_reader_sees_does_not_depend_on_removed_cells(page):
    there = set(dir(builtins))
    for cell in kept(page):
        there |= bound(cell.source)
        assert not used(cell.source) - there, cell.source


@pytest.mark.parametrize("page", PAGES)
def test_cells_are_short_and_folded_ones_say_what_they_hold(page):
    for cell in kept(page):
        lines = [line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")]
        assert len(lines) <= LINES, cell.source
        if "hide-input" in cell.metadata.get("tags", ()):
            assert cell.metadata["mystnb"]["code_prompt_show"].startswith("Code"), cell.source


def by_hand(page: str) -> list[pd.DataFrame]:
    """Comparisons on a page: the cells that end in one, and the cells above that make their names."""
    cells = [cell.source for cell in kept(page)]
    wanted = [i for i, source in enumerate(cells) if '"by hand"' in source]
    needed, names = set(wanted), set()
    for i in range(max(wanted), -1, -1):
        if i in needed or bound(cells[i]) & names:
            needed.add(i)
            names |= used(cells[i])
    space: dict = {}
    found = []
    for i in sorted(needed):
        *head, last = ast.parse(cells[i]).body
        exec(compile(ast.Module(head, []), page, "exec"), space)
        mode = "eval" if isinstance(last, ast.Expr) else "exec"
        tree = ast.Expression(last.value) if isinstance(last, ast.Expr) else ast.Module([last], [])
        value = eval(compile(tree, page, mode), space)
        found += [value] if i in wanted else []
    return found


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_by_hand_and_by_the_package_the_numbers_are_the_same(page):
    tables = by_hand(page)
    assert tables
    for table in tables:
        for name, row in table.iterrows():
            tolerance = TOLERANCES.get(str(name), ROUNDING)
            scale = max(abs(row["package"]), float(table["package"].abs().max()) * (tolerance == ROUNDING))
            assert np.isfinite(row["by hand"]) and row["package"] is not None, name
            assert row["by hand"] == pytest.approx(row["package"], abs=tolerance * scale), name
