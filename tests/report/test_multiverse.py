import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.multiverse.declared import Axis, Multiverse
from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.errors import ParameterError
from digital_clusters.report import multiverse as shown
from digital_clusters.report.figures.multiverse import specification_curve, standing

DECLARED = Multiverse(
    study="toy",
    base={},
    claims={"up": {"statement": "y rises with x", "term": "x", "sign": 1}},
    axes={"controls": {"options": {"none": {}, "one": {}}}, "years": {"options": {"all": {}, "late": {}}}},
)


def points(values, p_values):
    options = [(a, b) for a in ("none", "one") for b in ("all", "late")]
    frame = pd.DataFrame(options, columns=["controls", "years"]).assign(claim="up")
    return frame.assign(value=values, error=0.1, p_value=p_values, n=100, problem="")


@pytest.mark.parametrize(
    ("values", "p_values", "word"),
    [
        ([1, 1, 1, 1], [0.01] * 4, "robust"),
        ([1, 1, 1, -1], [0.01, 0.01, 0.01, 0.9], "mostly"),
        ([-1, -1, -1, 1], [0.01, 0.01, 0.01, 0.01], "against"),
        ([-1, -1, 1, 1], [0.9] * 4, "not detected"),
        ([-1, -1, 1, 1], [0.01, 0.9, 0.01, 0.9], "mixed"),
    ],
)
def test_the_word_means_what_it_says(values, p_values, word):
    explored = Explored(DECLARED, points(values, p_values), pd.DataFrame())
    assert shown.stands(explored.summary().iloc[0]) == word
    assert word in shown.STANDINGS


def test_tables_hold_every_number_they_name():
    joint = pd.DataFrame([{"claim": "up", "p_median": 0.0004, "p_share": 0.25}])
    found = Explored(DECLARED, points([0.1, 0.2, 0.3, 0.4], [0.9, 0.9, 0.01, 0.01]), joint, {"too few": 3}, 1)
    text = shown.summary_table(found, title="All", label="public data").as_raw_html()
    for part in ("0.250", "0.100 to 0.400", "100%", "50%", "0.280", "mixed", "public data"):
        assert part in text, part
    moves = shown.moves_table(found, title="Choices", label="public data").as_raw_html()
    assert moves.index("controls") < moves.index("years")
    assert "y rises with x" in text and "y rises with x" in moves
    strongest = shown.moves_table(found, title="Choices", label="public data", most=1).as_raw_html()
    assert "controls" in strongest and "years" not in strongest
    left_out = shown.left_out_table(found, title="Left out", label="public data").as_raw_html()
    assert "too few" in left_out and "the same regression" in left_out
    assert "negative" not in shown.claims_in_words(found, title="Claims", label="public data").as_raw_html()


def test_rules_of_errors_are_compared_on_the_same_coefficients():
    """Two of three coefficients have both rules, with errors 1.5 and 2.5 times those of the first."""
    declared = DECLARED.model_copy(
        update={"axes": DECLARED.axes | {"errors": Axis(options={"by city": {}, "by year": {}})}}
    )
    rows = [("none", "all", "by city", 0.1, 0.01), ("none", "all", "by year", 0.15, 0.2)]
    rows += [("one", "all", "by city", 0.2, 0.01), ("one", "all", "by year", 0.5, 0.01)]
    rows += [("one", "late", "by city", 0.2, 0.9)]
    frame = pd.DataFrame(rows, columns=["controls", "years", "errors", "error", "p_value"])
    frame = frame.assign(claim="up", value=1.0, n=100, problem="")
    shuffled = frame.sample(frac=1, random_state=1, ignore_index=True)
    tables = [
        shown.error_rules_table(
            Explored(declared, points, pd.DataFrame()), title="Errors", label="public data"
        ).as_raw_html()
        for points in (frame, shuffled)
    ]
    for text in tables:
        for part in ("by year", ">2<", "2.000", "1.550 to 2.450", "50%", "100%"):
            assert part in text, part


def test_the_sentence_has_median_range_and_shares():
    row = Explored(DECLARED, points([-0.1, 0.2, 0.3, 0.4], [0.01, 0.9, 0.01, 0.01]), pd.DataFrame()).summary()
    text = shown.claim_sentence(row.iloc[0])
    for part in ("Median 0.250", "−0.100 to 0.400", "4 specifications", "75%", "50%", "25%", "0.280"):
        assert part in text


def test_the_curve_draws_every_specification_and_every_option_that_varies():
    frame = points([0.4, -0.3, 0.2, 0.1], [0.01, 0.01, 0.9, 0.9]).assign(years="all")
    fig = specification_curve(
        frame, ["controls", "years"], sign=1, ylabel="effect", label="public data", printed=-0.1
    )
    above, below = fig.axes
    drawn = np.concatenate([line.get_ydata() for line in above.lines])
    assert set(frame["value"]) <= set(drawn)
    assert [text.get_text() for text in below.get_yticklabels()] == ["controls: none", "controls: one"]
    assert standing(frame, 1).tolist() == ["as claimed", "the other sign", "not clear", "not clear"]
    with pytest.raises(ParameterError, match="at least one"):
        specification_curve(frame.iloc[:0], [], sign=1, ylabel="effect", label="public data")


def test_shares_and_distances_are_told_by_unit():
    found = Explored(DECLARED, points([0.1, 0.2, 0.3, 0.4], [0.9, 0.9, 0.01, 0.01]), pd.DataFrame())
    # controls move the estimate by 0.2, years by 0.1: variances 0.01 and 0.0025
    shares = shown.shares_table(found, title="Shares", label="public data").as_raw_html()
    statements = [claim.statement for claim in DECLARED.claims.values()]
    assert all(statement in shares for statement in statements)
    assert "80%" in shares and "20%" in shares and "-0%" not in shares
    anchor = {"controls": "none", "years": "all"}
    distance = shown.distance_table(found, anchor, title="Distance", label="public data").as_raw_html()
    assert "controls: none, years: all" in distance and "0.200 to 0.300" in distance and "50%" in distance
    assert "median estimates go: up from 0.100 to 0.400 (0% to 100%); in" in shown.distance_sentence(
        found, anchor
    )
