"""The chapters as a student reads them: shown code stands alone and gives what the package gives."""

import ast
import builtins
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import numpy as np
import pytest

from digital_clusters.studies.collaborative_agglomeration.specs import STUDY

CHAPTERS = Path(__file__).parents[3] / "notebooks" / STUDY
NAMES = sorted(path.stem for path in CHAPTERS.glob("*.py"))
LINES = 14
"""Of code in a cell: what fits under a figure without scrolling."""

EXACT = 1e-8
"""The same sums in another order."""
LOGIT = 1e-6
"""The two logits stop at other points; the pairs are the same, and so is the regression."""
STEP = 2e-4
"""Of the grid over ρ: the maximum lies within half of it, and effects move with ρ by a factor below two."""
SMALL_SAMPLE = 0.025
"""Relative: linearmodels counts the effects of cities in the correction of clustered errors, n / (n − k)."""


def cells(name: str, hidden: tuple[str, ...]) -> list[str]:
    """Source of the code cells without any of the ``hidden`` tags."""
    found = jupytext.read(CHAPTERS / f"{name}.py").cells
    return [
        cell.source
        for cell in found
        if cell.cell_type == "code" and not set(hidden) & set(cell.metadata.get("tags", ()))
    ]


@cache
def ran(name: str) -> dict[str, Any]:
    """Names that the visible cells define, run by themselves; ``shown`` holds what each cell ends in."""
    space: dict[str, Any] = {}
    shown = []
    for source in cells(name, ("remove-cell", "hide-input")):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), space)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), name, "eval"), space))
    return space | {"shown": shown}


def used_before_defined(sources: list[str]) -> set[str]:
    known, missing = set(dir(builtins)), set()
    for source in sources:
        nodes = list(ast.walk(ast.parse(source)))
        stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        stored |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        stored |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                stored |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        loaded = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        known |= stored
        missing |= loaded - known
    return missing


@pytest.mark.parametrize("name", NAMES)
def test_shown_code_uses_nothing_that_only_removed_cells_define(name):
    assert used_before_defined(cells(name, ("remove-cell",))) == set()
    assert used_before_defined(cells(name, ("remove-cell", "hide-input"))) == set()


@pytest.mark.parametrize("name", NAMES)
def test_cells_are_short_and_folded_ones_say_what_they_hold(name):
    for cell in jupytext.read(CHAPTERS / f"{name}.py").cells:
        if cell.cell_type != "code":
            continue
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= LINES, cell.source
        if "hide-input" in cell.metadata.get("tags", ()):
            assert cell.metadata["mystnb"]["code_prompt_show"].startswith("Code"), cell.source


def test_theory_types_the_critical_points_and_the_turn():
    space = ran("theory")
    assert space["typed"] == pytest.approx(space["freeness"], abs=EXACT)
    grid = space["c"][1]
    assert np.allclose(space["least"], space["peaks"], atol=grid)


@pytest.mark.slow
def test_measurement_makes_index_wedge_and_moran_by_hand():
    space = ran("measurement")
    panel = space["panel"].frame.set_index(["city", "year"])
    index = panel["coagglomeration"]
    assert np.allclose(space["by_hand"].reindex(index.index), index, atol=EXACT)
    last = panel["misallocation"].xs(space["last_year"], level="year")
    assert len(last) == 290 and np.allclose(space["log_size"].reindex(last.index), last, atol=EXACT)
    assert space["lost"] == pytest.approx(space["package"], abs=EXACT)
    assert space["moran"] == pytest.approx(space["found"]["moran"].iloc[0], abs=EXACT)


@pytest.mark.slow
def test_baseline_finds_rho_effects_and_turn_by_hand():
    from digital_clusters.analysis.spatial.curves import effects_at, turning

    space = ran("baseline")
    hand, durbin = space["by_hand"], space["durbin"]
    effects = effects_at(durbin, space["low"], draws=2).set_index("kind")["effect"]
    assert hand["ρ"] == pytest.approx(durbin.term("rho").value, abs=STEP)
    for kind in ("direct", "indirect"):
        assert hand[kind] == pytest.approx(effects[kind], abs=2 * STEP)
    assert space["turn"] == pytest.approx(turning(space["curve"])[0].value, abs=EXACT)


@pytest.mark.slow
def test_heterogeneity_has_the_product_and_holms_rule_by_hand():
    space = ran("heterogeneity")
    product, fitted = space["fitted"].product, space["fitted"]
    assert space["by_library"].params[product] == pytest.approx(fitted.term(product).value, abs=EXACT)
    holm = space["with_product"].set_index("words")["holm"]
    assert np.allclose(space["holm"].reindex(holm.index), holm, atol=EXACT)


@pytest.mark.slow
def test_robustness_has_the_omission_and_the_instrument_by_hand():
    space = ran("robustness")
    assert np.allclose(space["identity"], space["without"][space["terms"]], atol=EXACT)
    by_package = space["fitted"].term("coagglomeration").value
    assert space["two_stage"].params["coagglomeration"] == pytest.approx(by_package, abs=EXACT)


@pytest.mark.slow
def test_accession_matches_and_follows_years_by_hand():
    from digital_clusters.estimators.did.staggered import event_study

    space = ran("accession")
    hand, package = space["by_hand"], space["package"]
    assert hand.params["did"] == pytest.approx(package.value, abs=LOGIT)
    assert hand.std_errors["did"] == pytest.approx(package.error, rel=SMALL_SAMPLE)
    assert space["imputed"] == pytest.approx(space["imputation"].term("att").value, abs=EXACT)
    arrays = space["arrays"]
    path = event_study(arrays.outcome, **arrays.keys, leads=5).path.set_index("relative")["effect"].drop(-1)
    assert np.allclose(space["by_library"].params, path, atol=EXACT)
