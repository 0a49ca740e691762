"""Figures and tables of the chapter on virtual clusters: drawn whole, labelled, with the model's numbers."""

import io
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.report.style import WIDTH
from digital_clusters.studies.virtual_clusters import figures, predictions, quotes, tables
from digital_clusters.studies.virtual_clusters.statements import TOPICS, abstract_table, statements
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour
from digital_clusters.theory.clusters.evolution import evolve
from digital_clusters.theory.clusters.marshall import MarshallianCluster, break_even
from digital_clusters.theory.clusters.phases import ensemble, phases
from digital_clusters.theory.clusters.size import ClusterSize
from digital_clusters.theory.clusters.trials import TRIALS, Outcome, summary

LABEL = "model, illustrative parameters"
TEAM, CLUSTER, HERE = DivisionOfLabour(), ClusterSize(), (0.6, 0.8)
PLACES = {"yours": HERE, "none": (0.0, 0.0)}


@pytest.fixture(scope="module")
def outcomes():
    """Every trial, with two short runs."""
    return {
        key: Outcome(
            trial,
            ensemble(
                trial.rules, 1, 2, platform=trial.platform, community=trial.community, periods=14
            ),
        )
        for key, trial in TRIALS.items()
    }  # fmt: skip


def settings(outcomes):
    return {key: outcomes[key].runs for key in ("traditional", "virtual")}


def drawings(outcomes):
    teams = {"free attention": DivisionOfLabour(attention=0.0), "attention": TEAM}
    clusters = {"finite": CLUSTER, "infinite": ClusterSize(world=math.inf, rent=0.1)}
    runs = settings(outcomes)
    ends = {name: several[0] for name, several in runs.items()}
    return {
        "margins": figures.marginal_gain_and_cost(TEAM, PLACES, label=LABEL),
        "depth": figures.depth_over_distance(TEAM, HERE, label=LABEL),
        "virtual": figures.going_virtual(TEAM, HERE, label=LABEL),
        "bounds": figures.bounded_or_not(teams, clusters, label=LABEL),
        "evolution": figures.evolution(runs, label=LABEL),
        "phases": figures.phases_over_time(runs, label=LABEL),
        "networks": figures.networks(ends, label=LABEL),
    }


def test_every_figure_is_stamped_drawn_whole_and_forgotten_by_pyplot(outcomes):
    before = dict(plt.rcParams)
    for name, fig in drawings(outcomes).items():
        assert [text.get_text() for text in fig.texts if text.get_gid() == "data-label"] == [LABEL], name
        assert fig.get_figwidth() == WIDTH
        file = io.BytesIO()
        fig.savefig(file, format="png", bbox_inches="tight")
        height, width = plt.imread(io.BytesIO(file.getvalue())).shape[:2]
        assert width >= WIDTH * 150 and height >= fig.get_figheight() * 150
        lowest = fig.axes[-1] if name == "evolution" else fig.axes[0]
        assert lowest.get_xlabel(), name
    assert figures.argument(label=LABEL).get_figwidth() == WIDTH
    assert plt.get_fignums() == [] and dict(plt.rcParams) == before


def test_gain_and_cost_cross_at_the_dots():
    ax = figures.marginal_gain_and_cost(TEAM, PLACES, label=LABEL).axes[0]
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    for dot, place in zip(dots, PLACES.values(), strict=True):
        (n,), (height,) = dot.get_data()
        assert n == pytest.approx(TEAM.optimum(*place))
        assert height == pytest.approx(float(TEAM.marginal_cost(n, *place)))


def test_a_division_without_end_has_no_dot():
    team = DivisionOfLabour(attention=0.0)
    ax = figures.marginal_gain_and_cost(team, {"none": (0.0, 0.0)}, label=LABEL).axes[0]
    assert not [line for line in ax.get_lines() if line.get_marker() == "o"]


def test_the_star_is_at_the_readers_distance_and_depth():
    fig = figures.depth_over_distance(TEAM, HERE, label=LABEL)
    for ax, distance in zip(fig.axes, HERE, strict=True):
        (star,) = [line for line in ax.get_lines() if line.get_marker() == "*"]
        assert star.get_xydata()[0] == pytest.approx([distance, TEAM.optimum(*HERE)])


@pytest.mark.parametrize("here", [(0.0, 0.0), (0.0, 1.0), (3.0, 0.0), (100.0, 100.0)])
def test_any_distance_a_reader_may_choose_is_drawn_and_tabled(here):
    figures.depth_over_distance(TEAM, here, label=LABEL)
    figures.going_virtual(TEAM, here, label=LABEL)
    assert "Depth and size" in tables.depths(CLUSTER, here).as_raw_html()
    assert "Decided by" in predictions.predictions_table(CLUSTER, here).as_raw_html()


def test_bands_and_shares_are_those_of_the_runs(outcomes):
    runs = outcomes["virtual"].runs
    top = figures.evolution({"it": runs}, label=LABEL).axes[0]
    middle = np.median([run.aggregates.firms for run in runs], axis=0)
    assert top.get_lines()[0].get_ydata() == pytest.approx(middle)
    areas = figures.phases_over_time({"it": runs}, label=LABEL).axes[0].collections
    height = {area.get_label(): np.ptp(area.get_paths()[0].vertices[:, 1]) for area in areas}
    seen = {str(label) for run in runs for label in phases(run.aggregates)}
    assert seen <= set(height) and all(height[label] > 0 for label in seen)


def test_a_map_without_links_is_drawn():
    lonely = evolve(TRIALS["traditional"].rules, np.random.default_rng(1), periods=1)
    fig = figures.networks({"one period": lonely}, label=LABEL)
    assert f"{len(lonely.norm)} firms" in fig.axes[0].get_xlabel()


def test_a_map_counts_the_links_across_regions(outcomes):
    run = settings(outcomes)["virtual"][0]
    crossing = run.region[:, None] != run.region
    pairs = np.triu(np.ones_like(run.links), 1).astype(bool)
    fig = figures.networks({"it": run}, label=LABEL)
    assert f"{(pairs & run.links & crossing).sum():,} across regions" in fig.axes[0].get_xlabel()
    thick = [line.get_linewidth() for line in fig.axes[0].get_lines() if line.get_zorder() == 1]
    assert max(thick) == pytest.approx(6) and min(thick) > 0


# tables and quoted numbers


def quoted(call, monkeypatch):
    found = {}

    def keep(name, value, fmt=""):
        found[name] = format(value, fmt)

    monkeypatch.setattr(quotes, "glue", keep)
    call()
    return found


def test_quoted_depths_are_the_models(monkeypatch):
    found = quoted(lambda: quotes.depth(CLUSTER, HERE), monkeypatch)
    assert found["n-here"] == f"{TEAM.optimum(*HERE):.1f}" and found["n-traditional"] == "10.0"
    assert (found["spatial"], found["psychological"]) == ("0.60", "0.80")
    assert found["complement"] in ("reinforce each other", "replace each other")
    best = float(found["yield-here"])
    assert best >= max(float(found["yield-half"]), float(found["yield-twice"]))
    assert float(found["yield-twice-virtual"]) > float(found["yield-twice"])


def test_the_words_of_the_complement_follow_its_sign():
    free = DivisionOfLabour(attention=0.0)
    assert predictions.complement(free, (1.0, 0.0), 1.0) == "reinforce each other"
    assert predictions.complement(free, (1.0, 1.0), 0.0) == "replace each other"
    assert predictions.complement(DivisionOfLabour(gain=0.1), (1.0, 1.0), 1.0).startswith("neither")


def test_depths_have_the_steps_of_the_story():
    frame = predictions.equilibria(CLUSTER, HERE)
    assert frame.loc["virtual", ["spatial", "psychological"]].tolist() == [0.0, HERE[1]]
    assert frame.loc["both", "depth"] > max(frame.loc["virtual", "depth"], frame.loc["community", "depth"])
    assert frame["goods"].to_numpy() == pytest.approx((frame["firms"] / frame["depth"]).to_numpy())


def test_tables_of_trials_name_every_trial(outcomes, monkeypatch):
    text = tables.trials(outcomes).as_raw_html()
    assert all(trial.name in text for trial in TRIALS.values()) and LABEL in text
    assert "platform" in tables.starting(outcomes, ("traditional", "virtual")).as_raw_html()
    assert "rule as stated" in tables.rule(outcomes, ("traditional",)).as_raw_html()
    found = quoted(lambda: quotes.trials(outcomes), monkeypatch)
    assert {f"path-{key}" for key in TRIALS} <= set(found)
    low, high = (float(end.rstrip("%")) for end in found["limits-virtual"].split(" to "))
    assert low <= float(found["path-virtual"].rstrip("%")) <= high and high - low > 50  # two runs say little
    assert (found["runs"], found["one-run"], found["rule-regions"]) == ("2", "50%", "9")


def test_every_claim_of_the_study_has_a_prediction_and_every_prediction_a_claim():
    found = predictions.predictions(CLUSTER, HERE)
    assert set(found) == {claim.key for claim in load_claims(predictions.STUDY).claims}
    assert {one.says for one in found.values()} == {"implied", "conditional", "silent"}


def test_no_prediction_about_resilience_is_called_implied():
    found = predictions.predictions(CLUSTER, HERE)
    for key in ("raises_resilience", "through_misallocation", "through_demand"):
        assert found[key].says == "silent"


def test_every_topic_of_the_abstract_has_its_row(outcomes):
    found = statements(CLUSTER, outcomes)
    assert tuple(statement.topic for statement in found) == TOPICS
    text = abstract_table(CLUSTER, outcomes).as_raw_html()
    assert all(statement.says.split(";")[0] in text for statement in found) and LABEL in text


def test_statements_carry_the_numbers_of_the_models(outcomes):
    shown = {statement.topic: statement.shown for statement in statements(CLUSTER, outcomes)}
    assert f"{TEAM.optimum(0, 0):.1f}" in shown["interface rule"]
    assert f"{CLUSTER.equilibrium(0, 0).firms:,.0f}" in shown["borderless size"]
    shares = predictions_of_paths(outcomes)
    assert shares["traditional"] in shown["traditional path"] and shares["virtual"] in shown["virtual path"]


def test_a_community_is_counted_in_every_run_that_has_one_whatever_its_path(outcomes):
    labels = np.array(["quantity"] * 4 + ["community"] * 4 + ["borderless"] * 6)
    short = np.array(["quantity"] * 11 + ["community"] * 3)

    class Seen(Outcome):
        def labels(self, rule=None):
            return [labels, short]

    seen = outcomes | {"norms_at_once": Seen(outcomes["norms_at_once"].trial, outcomes["virtual"].runs)}
    assert summary(seen).loc["norms_at_once", "on_path"] == 0
    shown = {statement.topic: statement.shown for statement in statements(CLUSTER, seen)}
    assert "50% where norms give way at once" in shown["firm into community"]


def test_without_psychological_cost_the_community_changes_nothing():
    rules = TRIALS["no_strangers"].rules
    both = [
        ensemble(rules, 1, 2, platform=True, community=community, periods=14) for community in (True, False)
    ]
    for one, other in zip(*both, strict=True):
        assert np.array_equal(one.links, other.links)


def test_at_break_even_number_is_quoted_with_its_elasticity_of_product(monkeypatch):
    found = quoted(lambda: quotes.marshall(CLUSTER, (1.0, 1.0)), monkeypatch)
    at = MarshallianCluster(CLUSTER, break_even(CLUSTER, 1.0))
    firms = at.equilibrium(1.0, 1.0).firms
    doubled, virtual = (
        at.product(2 * firms, 1.0, 1.0),
        MarshallianCluster(CLUSTER, 0.0).product(1.0, 0.0, 1.0),
    )
    assert at.product(firms, 1.0, 1.0) == pytest.approx(virtual)
    # the elasticity falls as product per head rises, so that a doubling shows a little less
    assert 0.95 < math.log2(doubled / virtual) / float(found["break-even-product"]) < 1
    assert float(found["break-even-product"]) > float(found["break-even"])


def predictions_of_paths(outcomes):
    on_path = {
        key: [found == outcome.trial.expected for found in outcome.paths()]
        for key, outcome in outcomes.items()
    }
    return {key: f"{sum(found) / len(found):.0%}" for key, found in on_path.items()}


def test_more_buyers_change_product_per_head_only_with_marshalls_term():
    text = tables.economies_of_number(CLUSTER, HERE, (0.0, 0.05), (1.0, 3.0)).as_raw_html()
    plain = MarshallianCluster(CLUSTER, 0.0).product(1.0, *HERE)
    assert text.count(f">{plain:.1f}<") == 2
