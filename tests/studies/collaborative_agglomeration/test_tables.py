"""Tables and figures of the chapters on collaborative agglomeration, from made-up records."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report import estimates, words
from digital_clusters.report.figures import estimates as plots
from digital_clusters.studies.collaborative_agglomeration import figures, quotes, tables
from digital_clusters.studies.collaborative_agglomeration.accession import tables as accession_tables
from digital_clusters.studies.collaborative_agglomeration.measured import tables as measured

TWIN, PUBLIC = words.TWIN, words.PUBLIC


def stamped(fig, label=TWIN):
    assert [t.get_text() for t in fig.texts if t.get_gid() == "data-label"] == [label]
    fig.draw_without_rendering()
    return fig.axes


def legend(fig):
    return [text.get_text() for found in fig.legends for text in found.get_texts()]


def grid(slope=1.0, zero=2.5) -> pd.DataFrame:
    c = np.linspace(1, 4, 7)
    parts = []
    for factor, kind in enumerate(estimates.KINDS, start=1):
        value = factor * slope * (c - zero)
        parts.append(
            pd.DataFrame({"c": c, "kind": kind, "effect": value, "low": value - 0.2, "high": value + 0.2})
        )
    found = pd.concat(parts, ignore_index=True)
    return found.assign(
        standard_error=0.1, simulated_low=found["low"], simulated_high=found["high"], quantile=0.5
    )


def side(left=-0.3, right=0.3, width=0.1) -> dict:
    def effect(value):
        return {"effect": value, "standard_error": width / 2, "low": value - width, "high": value + width}

    names = [f"{kind} {where}" for where in ("left", "right") for kind in estimates.KINDS]
    found = {name: effect(left if "left" in name else right) for name in names}
    return found | {"square": [0.2, 0.02], "rho": [0.25, 0.03], "n": 5220, "outcome": "misallocation"}


# measurement


def test_contours_of_the_index_cover_the_sample():
    frame = pd.DataFrame({"lq_manufacturing": [0.5, 1.8], "lq_producer_services": [0.4, 1.2]})
    (ax,) = stamped(figures.index_contours(frame, label=TWIN))
    assert ax.get_xlim()[1] > 1.8 and ax.get_xlim() == ax.get_ylim()


def test_trends_have_a_row_a_measure_and_a_column_a_source():
    rows = [{"year": y, "mean": 1.0, "low": 0.5, "median": 1.1, "high": 2.0} for y in (2003, 2004)]
    records = {label: {"a": rows, "b": rows} for label in (TWIN, PUBLIC)}
    axes = stamped(figures.trends(records, {"a": "A", "b": "B"}), f"{TWIN}, {PUBLIC}")
    assert len(axes) == 4 and [ax.get_ylabel() for ax in axes] == ["A", "", "B", ""]


def test_public_maps_take_places_from_the_facts_of_the_project():
    clusters = {"city": [110000, 310000], "cluster": ["high-high", "not significant"]}
    found = {"cities": clusters, "left": 0, "level": 0.05, "permutations": 99}
    mean = {"city": [110000, 310000], "value": [2.5, 3.0]}
    record = {"patterns": {"mean_index": mean, "clusters": {"misallocation": found}}}
    stamped(figures.public_map(record), PUBLIC)
    fig = figures.public_clusters(record, "misallocation")
    stamped(fig, PUBLIC)
    assert legend(fig) == ["not significant (1)", "high-high (1)"]
    assert measured.cluster_counts(found) == {"clustered": "1", "chance": "0", "left": "0"}


def test_range_of_moran_counts_the_clear_years():
    years = [{"year": y, "moran": m, "p_permutation": p} for y, m, p in ((1, 0.1, 0.01), (2, 0.3, 0.2))]
    assert quotes.moran_range({"co-agglomeration": years}, "coagglomeration") == {
        "low": "0.10",
        "high": "0.30",
        "clear": "1 of 2",
    }


def test_weights_table_shows_a_range_of_links_only_where_there_is_one():
    row = {"kind": "nearest", "cities": 9, "links_mean": 5.0, "links_min": 5, "links_max": 5, "islands": 0}
    other = row | {"kind": "contiguity", "links_mean": 4.4, "links_min": 1, "islands": 2}
    html = measured.weights({TWIN: [row | {"note": "a rule"}, other | {"note": "another"}]}).as_raw_html()
    assert "4.4 (1–5)" in html and "5 (5–5)" not in html and "a rule" in html


# effects


def test_effects_figure_marks_turning_points_and_what_is_planted():
    found = grid()
    planted = np.column_stack([np.linspace(-1, 1, 7)] * 3)
    fig = figures.effects(
        found, label=TWIN, planted=planted, turning=(2.5, [(2.4, 2.6)]), planted_turning=2.6
    )
    stamped(fig)
    assert {"planted", "turning point", "its Fieller set", "planted turning point"} <= set(legend(fig))
    plain = figures.effects(found, label=PUBLIC)
    stamped(plain, PUBLIC)
    assert legend(plain) == ["95 % band, delta", "estimate"]


def test_crossing_is_where_the_line_is_zero():
    assert quotes.crossing(grid(zero=2.2), "indirect") == pytest.approx(2.2)


def test_effects_table_has_planted_sizes_only_where_there_are_some():
    rows = grid().head(3)
    with_planted = tables.effects(rows, TWIN, np.array([[0.123, 0.2, 0.3]])).as_raw_html()
    assert "0.123" in with_planted and "Planted" in with_planted
    assert "Planted" not in tables.effects(rows, PUBLIC).as_raw_html()


def test_coefficients_stand_beside_their_spatial_lags():
    terms = ("income", "finance", "W·income", "rho", "sigma2")
    estimate = Estimate(terms, [1.5, 2.5, 3.5, 0.25, 9.0], np.eye(5), 100, "spatial_panel", "clustered", 10)
    html = estimates.coefficients_table(estimate, TWIN).as_raw_html()
    assert "log GDP per head" in html and "3.500" in html and "9.000" not in html


def test_small_p_values_are_not_zero():
    assert [words.p_text(p) for p in (1e-9, 0.0456, None)] == ["<\xa00.001", "0.046", "–"]


# variants


def test_variants_without_spatial_terms_have_no_indirect_effect():
    found = {"base": side() | {"product": [-0.03, 0.01]}, "plain": side() | {"rho": None}}
    found["plain"] = {key: value for key, value in found["plain"].items() if "indirect" not in key}
    html = tables.variants(found, TWIN).as_raw_html()
    assert "Product" in html and html.count("–") >= 4
    fig = figures.variants(found, label=TWIN, planted={name: 0.1 for name in side() if " " in name})
    direct, indirect = stamped(fig)
    assert [len(ax.containers) for ax in (direct, indirect)] == [2, 2]


def test_one_wide_interval_does_not_set_the_axis():
    found = {f"spec {k}": side() for k in range(8)} | {"wide": side(left=-9, width=20)}
    direct, _ = stamped(figures.variants(found, label=TWIN))
    assert direct.get_xlim()[0] > -1


def test_omission_is_shown_as_a_product():
    row = {
        "term": "income",
        "without": 0.25,
        "with_it": 0.21,
        "moves": -0.4,
        "moves_error": 0.1,
        "effect": -0.1,
    }
    html = tables.omission([row], tables.TERMS, "a variable", TWIN).as_raw_html()
    assert "0.040" in html and "log GDP per head" in html and "−0.100" in html


def test_differences_show_adjusted_p_values():
    row = {"words": "a, less b", "value": -0.16, "standard_error": 0.07, "low": -0.3, "high": -0.02}
    table = pd.DataFrame([row | {"p": 0.031, "holm": 0.123, "benjamini_hochberg": 0.1, "n": 10}])
    html = tables.differences(table, TWIN, {"a, less b": 0.0}).as_raw_html()
    assert "0.031" in html and "0.123" in html and "Planted" in html
    stamped(plots.differences_figure({"one": table, "two": table}, label=TWIN, truth=0.0))


# accession


def design_rows(values=(-0.2, -0.18)) -> list[dict]:
    names = ("two-way, cohort of the first year dropped", "two-way, that cohort kept as control")
    return [
        {
            "design": n,
            "value": v,
            "standard_error": 0.02,
            "low": v - 0.04,
            "high": v + 0.04,
            "n": 90,
            "cities": 9,
        }
        for n, v in zip(names, values, strict=True)
    ]


def test_designs_show_what_they_find_of_the_planted_effect():
    html = accession_tables.designs(design_rows(), TWIN, [-0.171, -0.159], -0.165).as_raw_html()
    assert "−0.171" in html and "−0.165" in html
    assert "planted" not in accession_tables.designs(design_rows(), PUBLIC).as_raw_html()
    stamped(figures.designs(design_rows(), label=TWIN, planted=-0.17))


def test_planted_path_is_averaged_by_cities():
    path = pd.DataFrame({"relative": [-1, 0, 1], "effect": [9.0, -1.0, -2.0], "n_units": [3, 3, 1]})
    assert accession_tables.mean_over_members(path) == pytest.approx(-1.25)


def test_path_figure_puts_the_planted_effect_at_its_year():
    path = [{"relative": e, "effect": -0.1 * e, "low": -1.0, "high": 1.0} for e in (-1, 0, 1)]
    planted = pd.DataFrame({"relative": [0, 1, 5], "effect": [-0.3, -0.4, -9.0]})
    (ax,) = stamped(figures.path(path, TWIN, planted))
    (truth,) = [line for line in ax.lines if line.get_label() == "true effect"]
    assert np.nan_to_num(truth.get_ydata()).tolist() == [0.0, -0.3, -0.4]


def test_cohorts_are_aligned_by_year():
    found = {
        TWIN: [{"year": 2010.0, "cities": 6}, {"year": None, "cities": 40}],
        PUBLIC: [{"year": 1997.0, "cities": 15}],
    }
    html = accession_tables.cohorts(found).as_raw_html()
    assert html.index("1997") < html.index("2010") < html.index("not in these years")


def test_decomposition_and_tests_stand_side_by_side():
    kinds = [{"kind": kind, "weight": 0.25, "estimate": -0.1} for kind in accession_tables.CONTROL_WORDS]
    html = accession_tables.bacon({TWIN: kinds, PUBLIC: kinds}).as_raw_html()
    assert html.count("25.0") == 8
    record = {"wald_p": 0.02, "pretrend_p": 0.14, "placebo_p": 0.001, "draws": 999}
    assert "0.140" in accession_tables.pretrend({TWIN: record}).as_raw_html()


def test_a_test_that_one_source_lacks_is_a_dash():
    rows = [
        {"test": "LM lag", "null": "no lag", "statistic": 3.0, "degrees_of_freedom": 1, "p_value": 0.08},
        {"test": "Hausman", "null": "random", "statistic": 9.0, "degrees_of_freedom": 4, "p_value": 0.06},
    ]
    found = {"synthetic twin": rows[:1], "public data": rows}
    html = estimates.tests_table(found).as_raw_html()
    last = html.split("Hausman")[1].split("</tr>")[0]
    assert last.count("–</td>") == 3 and "9.0" in last and "0.060" in last


def test_moran_has_one_line_for_all_sources_and_its_values_in_the_note():
    row = {"null": "none", "statistic": 4.0, "degrees_of_freedom": 1, "p_value": 0.04}
    names = {
        "synthetic twin": "Moran's I of residuals, 0.109: z² of Cliff and Ord",
        "public data": "Moran's I of residuals, -0.063: z² of Cliff and Ord",
    }
    html = estimates.tests_table(
        {label: [row | {"test": test}] for label, test in names.items()}
    ).as_raw_html()
    assert html.count("z² of Cliff and Ord") == 1 and "–</td>" not in html
    assert "synthetic twin 0.109, public data −0.063" in html
