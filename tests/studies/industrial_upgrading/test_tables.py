"""From replications to rows, saved results and the tables of the chapters."""

import json
from dataclasses import fields
from html import unescape
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.declared import Multiverse
from digital_clusters.analysis.multiverse.explored import Explored, frozen_multiverse
from digital_clusters.analysis.panel_facts import Facts
from digital_clusters.analysis.published import load_published
from digital_clusters.analysis.replication.columns import Replication
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.paths import RESULTS_VARIABLE
from digital_clusters.report import words as words_of
from digital_clusters.report.compare import Row
from digital_clusters.studies.industrial_upgrading import quotes, tables
from digital_clusters.studies.industrial_upgrading.contrasts import EffectsOverIndex, at_quantiles
from digital_clusters.studies.industrial_upgrading.printed_paper import (
    audit_findings,
    audit_sentences,
    audit_table,
    full_audit_table,
    hypotheses_table,
)
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS, CONTRASTS, EVERY_SPEC

PAPER = load_published("industrial_upgrading")


def made_up(terms, coefficient=-0.1, error=0.03) -> Estimate:
    return Estimate(
        terms=tuple(terms),
        coefficients=np.full(len(terms), coefficient),
        covariance=np.eye(len(terms)) * error**2,
        n_observations=2783,
        method="double_machine_learning",
        errors="robust",
        nuisance={"outcome": 0.4, "treatment:uil": 0.6},
    )


def replication(key: str, **coefficients) -> Replication:
    printed = next((column for column in PAPER.columns if column.key == key), None)
    terms = [term.term for term in printed.terms] if printed else ["uil", "uil:late_period"]
    return Replication(
        key=key,
        spec=COLUMNS.get(key) or CONTRASTS[key],
        printed=printed,
        estimates={"twin": made_up(terms, **coefficients), "public": None},
        truth={"uil": 0.02},
        notes={"twin": "", "public": "not in this test"},
    )


def test_a_printed_column_gives_a_row_for_each_of_its_terms():
    rows = tables.rows_of([replication("table2.column2"), replication("table6.column1")])
    assert [row.column for row in rows] == ["Table 2 (2)"] + 3 * ["Table 6 (1)"]
    assert [row.truth for row in rows] == [0.02, 0.02, None, None]
    assert rows[0].grade("twin") == "within one published s.e."
    assert rows[0].grade("public") == "not available"


def test_a_contrast_gives_its_interaction():
    (row,) = tables.rows_of([replication("after 2015 − to 2015")])
    assert (row.term, row.published) == ("uil:late_period", None)


def test_saved_rows_hold_key_printed_value_grade_and_estimate(tmp_path, monkeypatch):
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    quotes.save_rows("baseline", [replication("table2.column1", coefficient=-0.27)])
    (record,) = json.loads((tmp_path / "industrial_upgrading.baseline.json").read_text(encoding="utf-8"))
    assert record["key"] == "table2.column1"
    assert record["published"]["coefficient"] == -0.262
    assert record["twin"]["grade"] == "within one published s.e."
    assert record["twin"]["estimate"]["coefficients"] == [-0.27]
    assert record["public"] == {"estimate": None, "grade": "not available", "missing": "not in this test"}


def test_differences_are_those_of_the_right_columns():
    values = {"table5.column1": 0.2, "table5.column2": -0.1, "table5.column3": -0.3, "table5.column4": 0.1}
    rows = tables.rows_of([replication(key, coefficient=value) for key, value in values.items()])
    together = tables.rows_of([replication("after 2015 − to 2015", coefficient=-0.25)])
    html = tables.differences(rows, together, {}).as_raw_html()
    for difference in ("−0.300", "−0.400", "−0.250"):
        assert difference in html
    assert html.count("synthetic twin") >= 3
    assert "&lt;\xa00.001" in html


@pytest.mark.parametrize(
    ("p", "words"), [(0.0, "<\xa00.001"), (0.00099, "<\xa00.001"), (0.0437, "0.044"), (1, "1.000")]
)
def test_p_values_are_never_zero(p, words):
    assert words_of.p_value(p) == words


def test_the_audit_finds_what_the_paper_contradicts():
    wrong = [found for found in audit_findings(PAPER) if found.grade == "contradicts"]
    assert "Table 4 (4)" in [found.place for found in wrong if found.check == "sample size"]
    assert [found.id for found in wrong if "Table 6" in found.place] == ["C1", "C1"]
    assert "2,783" in audit_table(PAPER).as_raw_html()


def test_the_audit_finds_what_sits_ill_together():
    tense = {found.check: found.place for found in audit_findings(PAPER) if found.grade == "tension"}
    # a text that speaks of no centre and of no folds leaves both open
    assert tense["centring"] == "Table 6 (1) and (2)"
    assert tense["rescaling, coefficient"] == "Table 6 (1) → Table 6 (2), structure"
    assert tense["parts and whole"] == "Table 5 (1) and (2), Table 2 (2)"
    assert "stronger in the rapid phase" in tense["difference"]
    assert "smallest index" in tense["significance at a value of the moderator"]
    assert "resource-based" in tense["control that city effects hold"]
    assert tense["distance of extremes"] == "Table 1, EI"


def test_every_finding_is_shown_with_its_arithmetic():
    findings = audit_findings(PAPER)
    html = full_audit_table(PAPER).as_raw_html()
    assert all(found.implied in unescape(html) for found in findings)
    words = audit_sentences(PAPER).as_raw_html()
    assert words.count("contradicts</td>") == sum(found.grade == "contradicts" for found in findings)


def test_every_prediction_is_in_the_table_of_hypotheses():
    html = hypotheses_table(PAPER).as_raw_html()
    assert html.count("Table 5") == 4 and html.count("Table 6") == 2


@pytest.fixture
def quoted(monkeypatch):
    kept = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value: kept.__setitem__(name, str(value)))
    return kept


def test_distances_from_the_truth_say_who_is_nearer_than_the_recipe(quoted):
    truth, found = 0.06, dict.fromkeys(("recipe", *quotes.ABSORBING), -0.2) | {"recipe": -0.09}
    found |= {"first differences": -0.06, "two-way within": 0.2}
    rows = [
        Row(
            column=name,
            term="uil",
            twin=made_up(["uil"], coefficient=value),
            public_note="not in this test",
            truth=truth,
        )
        for name, value in found.items()
    ]
    quotes.distances(rows)
    assert quoted["distance-farther"] == f"{len(quotes.ABSORBING) - 2} of {len(quotes.ABSORBING)}"
    assert quoted["distance-nearer"] == "two-way within, first differences (2)"
    assert (quoted["distance-truth"], quoted["distance-recipe"]) == ("0.060", "−0.090")


def test_movements_are_the_ends_of_the_ready_made_series_before_and_after_2014(quoted):
    moved = {2002: 0.03, 2012: 0.044, 2013: 0.05, 2014: 0.02, 2015: 0.01}
    rows = [("ready made", year, value) for year, value in moved.items()] + [("Eq. (1)", 2014, 0.9)]
    quotes.movements(pd.DataFrame(rows, columns=["series", "year", "movement"]))
    assert (quoted["moved-early-least"], quoted["moved-early-most"]) == ("0.030", "0.050")
    assert (quoted["moved-later-least"], quoted["moved-later"]) == ("0.010", "0.020")
    assert (quoted["moved-2012"], quoted["moved-2013"]) == ("0.044", "0.050")


def test_printed_gaps_and_the_size_of_the_effect_are_arithmetic_on_the_tables(quoted):
    quotes.printed_gaps(PAPER)
    quotes.size_of_effect(PAPER)
    assert quoted == {
        "gap-halves": "4.1",
        "gap-kinds": "3.9",
        "gap-rapid": "0.6",
        "size-effect": "−0.014",
        "size-share": "10%",
    }


def test_what_table_6_implies_for_the_early_period_is_its_line_at_the_mean_index_of_those_years(quoted):
    frame = pd.DataFrame({"city": 1, "year": [2014, 2015, 2016], "difi": [80.0, 160.0, 900.0]})
    quotes.implied_early(PAPER, Panel.of(frame))
    line = -0.139 - 0.565 * (120 - 185.837) / (359.683 - 21.260)
    assert quoted == {"early-index": "120", "early-implied": f"−{-line:.3f}", "early-printed": "0.156"}


def test_every_claim_and_series_has_a_sentence_with_its_word(quoted):
    declared = Multiverse(
        study="toy",
        base={},
        claims={"H1": {"statement": "falls", "term": "uil", "sign": -1}},
        axes={"series": {"splits": True, "options": {"Eq. (1) over counties": {}, "ready made": {}}}},
    )
    table = pd.DataFrame(
        {"claim": "H1", "series": list(declared.axes["series"].options), "value": [-0.1, 0.2]}
    )
    table = table.assign(error=0.05, p_value=[0.01, 0.5], n=9, problem="")
    quotes.hypotheses(Explored(declared, table, pd.DataFrame()))
    assert quoted["H1-counties"].startswith("robust. Median −0.100")
    assert quoted["H1-ready"].startswith("not detected. Median 0.200")


def test_regressions_against_the_hypotheses_are_counted_by_their_controls(quoted):
    explored = frozen_multiverse("industrial_upgrading")
    quotes.other_sign(explored)
    table = explored.table.query("claim != 'H1' and value > 0 and p_value < 0.05")  # claimed: negative
    for name, series in (("counties", "Eq. (1) over counties"), ("ready", "ready made, by population")):
        found = table.loc[table["series"] == series, "controls"]
        assert quoted[f"other-{name}"] == f"{found.str.contains('first year').sum()} of {len(found)}"
    assert {claim.sign for claim in explored.declared.claims.values()} == {-1}


def test_signs_outside_of_the_declared_list_are_counted(quoted):
    frozen = load_frozen("industrial_upgrading")
    quotes.outside_the_list(frozen)
    table = tables.both_series(frozen).as_raw_html()
    assert "uil" not in table and "structure × after 2015" in table
    moderated = [key for key, spec in EVERY_SPEC.items() if spec.moderator]
    assert int(quoted["outside-count"]) == len(EVERY_SPEC) - len(moderated)
    alone = EVERY_SPEC.keys() - set(moderated)
    above = [key for key in alone if frozen.estimates[key].term("uil").value > 0]
    assert int(quoted["outside-counties"]) == len(above) and "table2.column1" in above


def test_a_coefficient_per_index_point_keeps_digits_in_the_table_of_every_specification():
    frozen = load_frozen("industrial_upgrading")
    page = tables.both_series(frozen).as_raw_html()
    product = frozen.estimates["table6.column1"].term("uil:difi")
    assert abs(product.value) < product.error < 0.001
    assert f"({words_of.number(product.error, 5)})" in page and "(0.000)" not in page


def test_variables_and_raw_tables_that_lost_rows_have_words():
    frozen = load_frozen("industrial_upgrading")
    known = Facts(**{field.name: frozen.facts[field.name] for field in fields(Facts)})
    for page in (tables.dropped(known).as_raw_html(), tables.refusals(known).as_raw_html()):
        assert "loans_deposits" not in page and ">city_year<" not in page
    assert "log loans and deposits" in tables.dropped(known).as_raw_html()


def test_effects_at_quantiles_lie_on_the_line():
    index = np.linspace(0.0, 60.0, 61)
    observed = np.linspace(0.0, 60.0, 7) ** 2 / 60
    shape = SimpleNamespace(effect=1 - index / 30, lower=-index, upper=2 * index)
    curve = EffectsOverIndex("a", shape, index, observed, truth=None)
    found = at_quantiles([curve])
    assert found["index"].tolist() == pytest.approx(np.quantile(observed, [0.1, 0.5, 0.9]))
    assert found["effect"].tolist() == pytest.approx(1 - found["index"] / 30)
    assert found["upper"].tolist() == pytest.approx(2 * found["index"]) and found["truth"].isna().all()


def test_what_is_known_of_the_sample_is_quoted_by_series_and_way(quoted):
    lines = [
        {"sample": k, "distance": 0.02 * k, "spec": spec + ending, "value": value + k, "error": 0.1, "n": 9}
        for k in (1, 2)
        for spec, value in (("table2.column2", 10), ("two-way fixed effects", 20))
        for ending in ("", ", ready-made lights")
    ]
    known = {
        "candidates": 290,
        "excluded": {"1": "A: UIL beyond"},
        "certain": {"2": "B: DL of 3", "3": "C: x"},
    }
    quotes.possible_cities(known | {"overlap": 0.895, "estimates": lines})
    assert quoted["sample-certain-names"] == "B, C" and quoted["sample-excluded"] == "1"
    assert quoted["sample-two-way-counties"] == "21.000 to 22.000"
    assert quoted["sample-recipe-ready"] == "11.000 to 12.000"
    assert quoted["sample-overlap"] == "90%" and quoted["sample-count"] == "2"
    assert quoted["sample-chance"] == f"{(2 + 251 * 251 / 287) / 253:.0%}"
    assert (quoted["sample-gap"], quoted["sample-least"]) == ("0.200", "1.900")


def test_what_is_left_between_cities_is_quoted_beside_noise(monkeypatch):
    said = {}
    monkeypatch.setattr(quotes, "glue", said.__setitem__)
    shares = dict.fromkeys(quotes.LEFT.values(), 0.01) | {quotes.LEFT["boosting"]: 0.6}
    table = pd.DataFrame({"way": list(shares), "share": list(shares.values()), "noise": 0.1})
    quotes.leftover(table, "public data")
    assert (said["left-boosting"], said["left-times"], said["left-xgboost-times"]) == ("60%", "6.0", "0.1")
    assert (said["left-noise"], said["left-data"]) == ("10%", "public data")


@pytest.mark.parametrize(("far", "place"), [(0.9, 2), (0.05, 1)])
def test_learners_are_ordered_by_prediction_and_told_by_distance(monkeypatch, far, place):
    said = {}
    monkeypatch.setattr(quotes, "glue", said.__setitem__)

    def row(column, fit, value):
        class Found:
            nuisance = {"treatment:uil": fit}

            def __getitem__(self, term):
                return value, 0.1

        return SimpleNamespace(column=column, term_label=column, truth=0.0, twin=Found())

    quotes.predicting([row("recipe", 0.5, 0.1), row("linear learner", 0.8, -far)])
    assert "linear learner (0.800), gradient boosting (0.500)" in said["predicting"]
    assert f"{far:.3f}, 0.100 away" in said["predicting"]
    assert f"number {place} by nearness" in said["predicting"]
