"""The cells that a reader sees, run by themselves: what is computed by hand equals the package."""

import ast
import builtins
from pathlib import Path

import jupytext
import numpy as np
import pandas as pd
import pytest

CHAPTERS = Path(__file__).parents[3] / "notebooks/industrial_upgrading"
PAGES = ("theory", "measurement", "baseline", "heterogeneity", "robustness", "mechanism", "public_data")
LONGEST_CELL = 14

ROUNDING = 1e-9
"""Relative: the same sums in another order differ by rounding only."""

GRID = 1e-4
"""Of a maximum that is looked for on a grid: the distance of its points."""

TOLERANCES = {"theory": {"rtol": 0, "atol": GRID}}


def cells(page: str):
    return [cell for cell in jupytext.read(CHAPTERS / f"{page}.py").cells if cell.cell_type == "code"]


def lines_of_code(source: str) -> list[str]:
    return [line for line in source.splitlines() if line.strip() and not line.startswith("#")]


def run(source: str, names: dict) -> object:
    """Execute a cell and give what it would show: the value of its last line."""
    tree = ast.parse(source)
    shown = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(shown.value), "cell", "eval"), names) if shown else None


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_by_hand_equals_the_package_and_shown_cells_need_no_other(page):
    names, compared = {}, []
    for cell in cells(page):
        if not cell.metadata.get("tags") or "parameters" in cell.metadata["tags"]:
            shown = run(cell.source, names)
            if isinstance(shown, pd.DataFrame) and "by hand" in shown:
                compared.append(shown)
    assert compared, f"{page} computes nothing by hand"
    for table in compared:
        assert len(table), f"{page} compares nothing"
        for other in table.columns.drop("by hand"):
            tolerance = TOLERANCES.get(page, {"rtol": ROUNDING})
            np.testing.assert_allclose(
                table["by hand"].astype(float), table[other].astype(float), **tolerance
            )


DRAWS = ("Code of the figure: ", "Code of the figure that moves: ", "Code of the table: ")


@pytest.mark.parametrize("page", PAGES)
def test_a_shown_cell_is_short_and_a_folded_one_says_what_it_draws(page):
    for cell in cells(page):
        tags = cell.metadata.get("tags", [])
        if "hide-input" in tags:
            words = cell.metadata["mystnb"]["code_prompt_show"]
            assert words.startswith(DRAWS), words
        elif not tags:
            assert len(lines_of_code(cell.source)) <= LONGEST_CELL, cell.source


@pytest.mark.parametrize("page", PAGES)
def test_no_cell_needs_a_name_that_only_a_removed_cell_makes(page):
    made, used = set(dir(builtins)), set()
    for cell in cells(page):
        if "remove-cell" in cell.metadata.get("tags", []):
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
            elif isinstance(node, ast.alias):
                made.add((node.asname or node.name).partition(".")[0])
            elif isinstance(node, ast.FunctionDef | ast.arg):
                made.add(node.name if isinstance(node, ast.FunctionDef) else node.arg)
    assert used <= made, used - made
