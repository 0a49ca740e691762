"""Figures of the core-periphery chapter: stamped, forgotten by pyplot, and drawing what the models say."""

from dataclasses import asdict

import matplotlib.pyplot as plt
import numpy as np
import pytest

from digital_clusters.studies.collaborative_agglomeration.of_theory import diagrams, figures, quotes, tables
from digital_clusters.theory.regions.core_periphery import CorePeriphery
from digital_clusters.theory.regions.footloose_entrepreneurs import FootlooseEntrepreneurs
from digital_clusters.theory.regions.linked_industries import LinkedIndustries
from digital_clusters.theory.regions.linked_regions import LinkedRegions

LABEL = "model, illustrative parameters"
FORCES = LinkedIndustries()
PAIR = LinkedRegions(FORCES, 0.4, 0.05, advantage=0.5)
RING = LinkedRegions(FORCES, 0.4, 0.05, (1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.5)

DRAWINGS = {
    "footloose_entrepreneurs": lambda: figures.footloose_entrepreneurs(
        FootlooseEntrepreneurs(5, 0.4), label=LABEL
    ),
    "core_periphery": lambda: figures.core_periphery(CorePeriphery(5, 0.4), label=LABEL),
    "correction": lambda: figures.correction(PAIR, 0.5, label=LABEL),
    "regimes": lambda: figures.regimes(FORCES, 0.5, label=LABEL),
    "turning_points": lambda: figures.turning_points(FORCES, label=LABEL),
    "integration": lambda: figures.integration(FORCES, 0.5, label=LABEL),
    "neighbours": lambda: figures.neighbours({"open": RING, "open too": RING}, 0.5, label=LABEL),
}


@pytest.fixture(scope="module")
def drawn():
    """Each figure drawn once."""
    return {name: draw() for name, draw in DRAWINGS.items()}


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_figure_is_stamped_and_forgotten_by_pyplot(drawn, name):
    fig = drawn[name]
    assert plt.get_fignums() == []
    assert [text.get_text() for text in fig.texts if text.get_gid() == "data-label"] == [LABEL]
    assert all(ax.get_xlabel() for ax in fig.axes)
    assert fig.axes[0].get_ylabel()


@pytest.mark.parametrize(
    ("name", "model"),
    [("footloose_entrepreneurs", FootlooseEntrepreneurs(5, 0.4)), ("core_periphery", CorePeriphery(5, 0.4))],
)
def test_dispersion_is_drawn_stable_on_one_side_of_the_break_point_only(drawn, name, model):
    lines = [line for line in drawn[name].axes[1].lines if len(line.get_xdata()) > 2]
    middle = [line for line in lines if np.allclose(line.get_ydata(), 0.5)]
    stable, unstable = sorted(middle, key=lambda line: line.get_linestyle() != "-")
    early, late = sorted([stable, unstable], key=lambda line: line.get_xdata()[0])
    assert max(early.get_xdata()) <= model.break_point() + 1e-9 <= min(late.get_xdata()) + 2e-9
    assert (early is stable) == (name == "footloose_entrepreneurs")


def test_dots_stand_on_the_turning_points(drawn):
    dots = [line for line in drawn["correction"].axes[0].lines if line.get_marker() == "o"]
    found = [float(np.ravel(dot.get_xdata())[0]) for dot in dots]
    assert found == pytest.approx([FORCES.turning_point(level) for level in figures.LEVELS])


def test_the_map_of_regimes_has_all_three(drawn):
    for ax in drawn["regimes"].axes:
        cells = ax.collections[0].get_array()
        assert set(np.unique(cells.compressed())) == {0, 1, 2}
    hatches = [patch.get_hatch() or "" for patch in drawn["regimes"].legends[0].get_patches()]
    assert len(set(hatches)) == 3
    for ax in drawn["regimes"].axes:
        assert {hatch for part in ax.collections[1:] for hatch in part.hatches} == set(hatches) - {""}


@pytest.mark.parametrize("draw", [diagrams.study_map, diagrams.argument])
def test_diagrams_are_stamped_and_forgotten_by_pyplot(draw):
    fig = draw(label=LABEL)
    assert plt.get_fignums() == []
    assert [text.get_text() for text in fig.texts if text.get_gid() == "data-label"] == [LABEL]


def test_every_strength_of_the_forces_is_in_the_table_with_its_value():
    assert set(tables.STRENGTHS) == set(asdict(FORCES))
    shown = tables.strengths(FORCES, label=LABEL).as_raw_html()
    assert all(symbol in shown and words in shown for symbol, words in tables.STRENGTHS.values())
    assert all(f">{value:g}<" in shown for value in asdict(FORCES).values())


def test_the_worked_examples_are_the_models(monkeypatch):
    found = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value, fmt="": found.update({name: format(value, fmt)}))
    model = FootlooseEntrepreneurs(5, 0.4)
    quotes.footloose(model)
    # below the sustain point the larger region loses entrepreneurs, above the break point it draws them
    assert found["gap-below"].startswith("-") and found["gap-above"].startswith("+")
    assert float(found["gap-freeness-below"]) < model.sustain_point() < float(found["gap-freeness-above"])
    quotes.forces(FORCES, 0.5)
    shares = [float(found[f"wedge-{name}"].rstrip("%")) for name in ("none", "half", "all")]
    assert shares[0] > shares[1] > 0 > shares[2]
    assert found["turn-apart"] == f"{FORCES.turning_point(0.5):.2f}"
    assert (
        found["correction-none"] == f"{float(FORCES.misallocation(0.0)):.3f}"
    )  # nothing is left at the peak
    quotes.forces(LinkedIndustries(barrier=0.0), 0.5)
    assert found["turn-apart"] == "none"


def test_trade_and_advantage_of_the_core_are_the_models(monkeypatch):
    found = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value, fmt="": found.update({name: format(value, fmt)}))
    quotes.regions(PAIR)
    assert found == {"trade": f"{PAIR.freeness:.3f}", "advantage": f"{np.e**0.5:.2f}"}
