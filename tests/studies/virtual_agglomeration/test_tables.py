"""Tables and figures of the chapters on virtual agglomeration, from made-up estimates and frozen facts."""

import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.declared import multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.analysis.multiverse.points import plan_points
from digital_clusters.analysis.readings import public_claims, public_estimates
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.instrumental import instrumental_variables
from digital_clusters.estimators.panel.leads_and_lags import lead_lag_effects
from digital_clusters.estimators.panel.mediation import mediation
from digital_clusters.estimators.resampling.permutation import PermutationTest
from digital_clusters.measures.panel import Panel
from digital_clusters.paths import RESULTS_VARIABLE
from digital_clusters.report import words as words_of
from digital_clusters.studies.virtual_agglomeration import figures, quotes, tables
from digital_clusters.studies.virtual_agglomeration.designs import is_comparable
from digital_clusters.studies.virtual_agglomeration.measured import tables as measure_tables
from digital_clusters.studies.virtual_agglomeration.measures import SHORT, VariantFacts
from digital_clusters.studies.virtual_agglomeration.record import NAME, public_measures
from digital_clusters.studies.virtual_agglomeration.specs import HETEROGENEITY, ROBUSTNESS, SPECS, STUDY
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION

RANDOM = np.random.default_rng(8)
ENTITY, TIME = np.divmod(np.arange(240), 8)
KEYS = {"entity": ENTITY, "time": TIME}
D, Z = RANDOM.standard_normal((2, 240))
M = np.column_stack([0.5 * D, 0.3 * D]) + RANDOM.standard_normal((240, 2))
Y = 0.2 * D + M @ [0.4, 0.5] + RANDOM.standard_normal(240)
PUBLIC = public_measures()
STAND_INS = {"villages": "taobao_villages", "digital finance": "digital_finance"}


def made_up(terms=("virtual",), value=0.2, error=0.01) -> Estimate:
    k = len(terms)
    return Estimate(
        tuple(terms), np.full(k, value), np.eye(k) * error**2, 3480, method="m", errors="clustered"
    )


def cells(table) -> list[list[str]]:
    """Text of the body's cells, row by row."""
    html = table.as_raw_html()
    body = html[html.index('<tbody class="gt_table_body">') : html.index("</tbody>")]
    rows = re.findall(r"<tr[ >].*?</tr>|<tr>.*?</tr>", body, flags=re.DOTALL)
    return [[_text(cell) for cell in re.findall(r"<td.*?</td>", row, flags=re.DOTALL)] for row in rows]


def _text(cell: str) -> str:
    return re.sub(r"<[^>]+>", "", cell.replace("<br>", " ")).strip()


def texts(fig) -> list[str]:
    return [text.get_text() for text in fig.findobj(match=lambda item: hasattr(item, "get_text"))]


def label_of(fig) -> str:
    return next(text.get_text() for text in fig.texts if text.get_gid() == "data-label")


# theory


def test_every_claim_has_an_arrow_with_its_specification_sign_and_unit():
    study = load_claims(STUDY)
    rows = cells(tables.arrows(study))
    assert [row[0] for row in rows] == [tables.SHORT[claim.key] for claim in study.claims]
    assert [row[3] for row in rows] == ["+" if claim.sign > 0 else "−" for claim in study.claims]
    assert [row[4] for row in rows] == [claim.unit for claim in study.claims]


def test_the_diagram_says_every_claim_and_names_the_additions():
    fig = figures.diagram()
    said = set(texts(fig))
    assert {name.partition(" (")[0] for name in tables.SHORT.values()} <= said
    assert "additions" in label_of(fig)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("baseline", "resilience on virtual agglomeration"),
        ("digital infrastructure", "resilience on virtual agglomeration × digital infrastructure"),
        (
            "through both",
            "resilience on virtual agglomeration, then with log misallocation and market demand",
        ),
    ],
)
def test_a_specification_in_words(key, words):
    assert tables.in_words(SPECS[key]) == words


# measurement


def facts():
    twin = replace(PUBLIC.resilience, label="synthetic twin", near_zero=[2020])
    return [twin, PUBLIC.resilience]


def test_the_span_names_cities_years_and_the_widest_year():
    twin, public = cells(measure_tables.spans(facts()))
    assert twin[4] == "2020" and public[4] == "none"
    assert public[1] == str(PUBLIC.resilience.cities)
    widest = max(PUBLIC.resilience.by_year, key=lambda row: row["response_sd"])
    assert public[5].startswith(str(widest["year"]))


def test_windows_are_one_row_each_and_say_where_the_data_cut_them():
    rows = cells(measure_tables.windows(facts()))
    assert len(rows) == 2 * len(PUBLIC.resilience.windows)
    first, last = PUBLIC.resilience.windows[0], PUBLIC.resilience.windows[-1]
    assert rows[-1][1] == f"{last['start']}–{last['end']}"
    assert rows[0][2] == f"{first['phase']}, cut by the data"


def test_figures_of_resilience_have_a_column_a_source_and_carry_both_labels():
    spread, explosion = (
        figures.spread(facts()),
        figures.explosion(facts()),
    )
    assert len(spread.axes) == 4
    assert label_of(spread) == label_of(explosion) == "synthetic twin, public data"


def test_the_definitions_are_drawn_as_densities():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.standard_normal(60) for name in SHORT}).assign(year=2019)
    fig = figures.definitions(Panel(frame, "twin", "synthetic twin", ""), 2019, SHORT)
    lines = fig.axes[0].get_lines()
    areas = [np.trapezoid(line.get_ydata(), line.get_xdata()) for line in lines]
    np.testing.assert_allclose(areas, 1.0, atol=0.02)  # tails beyond the axis are cut off


def test_every_indicator_has_public_years_or_a_reason():
    for row in cells(measure_tables.indicators("twin", (2008, 2019))):
        assert row[3] != "–" or row[4], row
        assert "`" not in row[4] and "is_" not in row[0]
    missing, proxies = measure_tables.public_gaps("twin")
    assert "virtual" in missing and "taobao_villages" in proxies


def test_variants_stand_beside_their_public_estimates():
    twin = [VariantFacts("common elasticities", 100, 0, 1.0, 1.0)]
    rows = cells(measure_tables.variants(twin, {"common elasticities": made_up()}, PUBLIC))
    assert rows[0][-2:] == ["0.200 (0.010)", f"{made_up().n_observations:,}"]
    assert len(rows) == 1 + 2 * len(PUBLIC.variants)
    labels = ["public data, villages", "public data, digital finance"]
    assert [row[1] for row in rows[1:]] == labels * len(PUBLIC.variants)


# estimates


def test_saved_estimates_come_back(tmp_path, monkeypatch):
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    quotes.save_estimates("baseline", {"words": (made_up(), "virtual")}, "synthetic twin")
    (row,) = json.loads((tmp_path / f"{STUDY}.baseline.json").read_text(encoding="utf-8"))
    assert (row["key"], row["term"], row["data"]) == ("words", "virtual", "synthetic twin")
    assert Estimate.from_dict(row["estimate"])["virtual"][0] == pytest.approx(0.2)


def test_leads_and_lags_in_figure_and_table():
    path = lead_lag_effects(Y, D, **KEYS, leads=1, lags=1, name="virtual")
    fig = figures.path(path, 0.3)
    diamonds = next(line for line in fig.axes[0].get_lines() if line.get_marker() == "D")
    assert diamonds.get_ydata().tolist() == [0.0, 0.3, 0.0]
    twin, public, *others = cells(tables.leads({"density": path}, PUBLIC))
    total, error = path.cumulative.coefficients[0], path.cumulative.standard_errors[0]
    assert twin[4] == f"{total:.3f} ({error:.3f})".replace("-", "−")
    assert public[2] == f"{PUBLIC.leads['digital finance']['statistic']:.2f}"
    assert [public[0], *(row[0] for row in others)] == list(PUBLIC.leads)
    assert label_of(figures.public_path(PUBLIC)) == "public data"


def test_every_other_measure_has_a_unit():
    other = {name: spec for name, spec in ROBUSTNESS.items() if not is_comparable(spec)}
    assert set(tables.UNITS) == set(other)
    found = {name: (made_up((spec.treatment,)), spec.treatment) for name, spec in other.items()}
    assert all(
        tables.UNITS[name] in row[0]
        for name, row in zip(found, cells(tables.other_measures(found)), strict=True)
    )


def test_instruments_show_both_intervals():
    strong = instrumental_variables(Y, D + Z, Z, **KEYS, terms=["virtual"])
    (row,) = cells(tables.instruments({"all": strong}, 0.16))
    low, high = strong.anderson_rubin.intervals[0]
    assert row[4] == words_of.interval(low, high)
    assert row[3] == words_of.interval(*strong.estimate.interval()[0])


def test_countries_are_summarised_by_method():
    parts = pd.DataFrame(
        {
            "method": ["a", "b"] * 2,
            "coefficient": [3.0, 5, 5, 7],
            "effect": 2.0,
            "rest": [1.0, 3, 3, 5],
            "seed": [1, 1, 2, 2],
        }
    )
    first, second = cells(tables.countries(parts))
    assert first[:4] == ["a", "4.000", "2.000", "2.000"]
    assert second[5:] == ["3.000", "5.000"]


def test_placebos_of_both_kinds_of_data():
    draws = np.linspace(-1, 1, 201)
    rows = cells(tables.placebos(PermutationTest(2.0, draws, 0.005, 0.005, False), PUBLIC))
    assert rows[0][2:5] == ["2.000", "[−0.950, 0.950]", "0.005"]
    assert [row[0] for row in rows[1:]] == list(PUBLIC.placebos)


# splits and mechanisms


@pytest.fixture
def family() -> pd.DataFrame:
    columns = ("p", "p_wild", "holm", "benjamini_hochberg", "romano_wolf")
    frame = pd.DataFrame(0.03, index=list(HETEROGENEITY), columns=columns)
    return frame.assign(coefficient=0.05, standard_error=0.02)


def test_splits_without_a_planted_size_show_none(family):
    planted = dict.fromkeys(family.index, 0.04) | {"fusion with industry": float("nan")}
    rows = cells(tables.splits(family, planted))
    assert [row[1] for row in rows] == ["0.040", "0.040", "0.040", "–"]
    fig = figures.splits(family, planted)
    assert label_of(fig) == "synthetic twin"
    assert [tick.get_text() for tick in fig.axes[0].get_yticklabels()] == list(family.index)


def test_relabelling_stands_beside_the_interaction(family):
    test = PermutationTest(-0.1, np.zeros(99), 0.01, 0.01, False)
    (row,) = cells(tables.relabelled({"old industrial base": test}, family))
    assert row[1:5] == ["0.050", "0.030", "−0.100", "0.010"]


def test_mediation_by_steps_and_by_parts():
    found = mediation(
        Y, D, M, **KEYS, terms=["virtual"], mediators=["misallocation", "market_demand"], draws=100
    )
    names = {"misallocation": "misallocation", "market_demand": "market demand"}
    rows = cells(tables.steps(found, names))
    assert len(rows) == 6
    direct, error = found.direct
    assert rows[3][1:3] == [f"{direct:.3f}", f"{error:.3f}"]
    table = cells(tables.parts({"plain": found}, [0.4, 0.2, 0.1, 0.1, 0.2], list(names.values())))
    assert [row[0] for row in table][2] == "via misallocation"
    assert tables.mediation_parts(found)[0] == pytest.approx(
        tables.mediation_parts(found)[1] + tables.mediation_parts(found)[4]
    )


# public data


def shown_keys(table) -> set[str]:
    """Keys of the frozen file that a table's first column begins with."""
    known = sorted(load_frozen(STUDY).estimates, key=len, reverse=True)
    return {next(key for key in known if row[0].startswith(key)) for row in cells(table)}


def test_every_frozen_estimate_is_on_a_page():
    found = public_estimates(VIRTUAL_AGGLOMERATION)
    assert shown_keys(tables.every_public(found)) == set(load_frozen(STUDY).estimates)
    leads = {f"{words}, leads and lags" for words in PUBLIC.leads}
    ways = {f"{words} on misallocation, {row.name}" for row in PUBLIC.variants for words in STAND_INS}
    assert leads | ways == set(load_frozen(NAME).estimates)


def test_the_withheld_results_are_shown_with_their_number():
    rows = {row[0]: row for row in cells(tables.every_public(public_estimates(VIRTUAL_AGGLOMERATION)))}
    old = next(row for name, row in rows.items() if name.startswith("digital finance, old industrial base"))
    b = (
        load_frozen(STUDY)
        .estimates["digital finance, old industrial base"]
        .term("digital_finance:is_old_industrial_base")
    )
    assert old[1] == f"{words_of.number(b.value)} ({words_of.number(b.error)})"


def test_every_claim_has_a_sentence_from_the_whole_multiverse():
    study, explored = load_claims(STUDY), frozen_multiverse(STUDY)
    rows = cells(tables.what_public_data_say(study, explored, public_claims(VIRTUAL_AGGLOMERATION)))
    assert [unescape(row[0]) for row in rows if row[0]] == [claim.statement for claim in study.claims]
    products = [claim for claim in study.claims if claim.quantity == "indirect_effect"]
    assert len(rows) == len(explored.summary()) + len(products)
    assert all("four times in five" in row[2] for row in rows)


def test_the_multiverse_speaks_of_claims_and_terms_that_there_are():
    declared = read_multiverse(multiverse_file(STUDY))
    keys = {claim.key: claim for claim in load_claims(STUDY).claims}
    for name, tested in declared.claims.items():
        key, _, stand_in = name.partition(", ")
        assert stand_in in STAND_INS
        assert tested.sign == keys[key].sign and tested.term.startswith(STAND_INS[stand_in])
    assert {name.partition(", ")[0] for name in declared.claims} == {
        key for key, claim in keys.items() if claim.quantity == "coefficient"
    }


def test_what_is_frozen_was_declared_as_it_is_now():
    frozen, declared = frozen_multiverse(STUDY), read_multiverse(multiverse_file(STUDY))
    assert frozen.declared == declared
    assert len(frozen.table) == len(plan_points(declared).points)
    assert not frozen.table["problem"].any()


def test_the_least_likeness_of_what_counts_storefronts_is_quoted(monkeypatch):
    found = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value, fmt="": found.update({name: format(value, fmt)}))
    names = ["density", "quotient", "exposure", "specialisation", "information"]
    within = pd.DataFrame(np.eye(5), names, names)
    within.loc["quotient", "exposure"] = within.loc["exposure", "quotient"] = 0.3
    within.loc["density", ["quotient", "exposure"]] = within.loc[["quotient", "exposure"], "density"] = 0.7
    within.loc["density", ["specialisation", "information"]] = [-0.2, 0.1]
    quotes.definitions(within)
    assert found == {"alike-least": "0.30", "with-specialisation": "-0.20", "with-information": "0.10"}


def test_ways_to_measure_misallocation_are_quoted_with_both_stand_ins(monkeypatch):
    found = {}
    monkeypatch.setattr(quotes, "glue", found.__setitem__)
    public = public_measures("twin")
    quotes.variants({"one": made_up(), "two": made_up()}, public)
    own = public.estimates["villages on misallocation, elasticities of each city"].term("taobao_villages")
    assert f"{quotes.number(own.value)} ({quotes.number(own.error)})" in found["public-variants"]
    assert found["finance-count"] == len(public.variants) and found["finance-clear"] == "none"


def test_a_split_is_kept_when_no_correction_takes_it(monkeypatch):
    found = {}
    monkeypatch.setattr(quotes, "glue", found.__setitem__)
    family = pd.DataFrame(
        {"holm": [0.01, 0.01], "benjamini_hochberg": [0.01, 0.01], "romano_wolf": [0.05, 0.06]}
    )
    quotes.corrected(family)
    assert found == {"splits-kept": 1, "splits-tested": 2}
