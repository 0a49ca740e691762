import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, MissingTableError
from digital_clusters.measures.panel import DROPPED_COLUMNS, Panel


def panel(**columns):
    frame = pd.DataFrame({"city": [1, 1, 2], "year": [2011, 2012, 2011], "name": ["a", "b", "c"]} | columns)
    return Panel(frame, "twin", "synthetic twin", "f" * 64, missing={"students": "not published"})


def test_hash_follows_the_content():
    first = panel(gini=[0.1, 0.2, 0.3])
    assert first.hash == panel(gini=[0.1, 0.2, 0.3]).hash
    others = [
        panel(gini=[0.1, 0.2, np.nextafter(0.3, 1)]),
        panel(uil=[0.1, 0.2, 0.3]),
        panel(gini=[0.1, 0.2, 0.3], name=["a", "b", "d"]),
        panel(gini=[0.1, 0.2, 0.3], is_municipality=[True, False, False]),
    ]
    assert len({first.hash, *(other.hash for other in others)}) == 5


def test_what_it_holds():
    some = panel()
    assert (some.n_cities, some.years, some.is_balanced) == (2, (2011, 2012), False)
    assert some.dropped.columns.tolist() == DROPPED_COLUMNS and some.dropped.empty
    assert some.require("year", "city").columns.tolist() == ["year", "city"]


def test_a_missing_column_gives_the_reason():
    with pytest.raises(MissingTableError, match="synthetic twin has no 'students': not published"):
        panel().require("city", "students")
    with pytest.raises(MissingTableError, match="its columns are city, year, name"):
        panel().require("height")


# a reader's own frame


def own(**columns) -> pd.DataFrame:
    keys = {"code": [2, 1, 1, 2], "t": [2012, 2011, 2012, 2011]}
    return pd.DataFrame(keys | {"y": [4.0, 1.0, 2.0, 3.0]} | columns)


def of(frame=None, **options) -> Panel:
    return Panel.of(own() if frame is None else frame, **{"city": "code", "year": "t"} | options)


def test_a_frame_becomes_a_sorted_panel():
    found = of()
    assert found.frame.columns.tolist() == ["city", "year", "y"]
    assert found.frame["y"].tolist() == [1, 2, 3, 4]
    assert (found.n_cities, found.years, found.is_balanced) == (2, (2011, 2012), True)
    assert (found.source, found.label) == ("own", "your data")


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(4)), st.permutations(["code", "t", "y"]))
def test_rows_and_columns_in_any_order_are_the_same_panel(rows, columns):
    frame = own().loc[list(rows), list(columns)]
    assert of(frame).fingerprint == of().fingerprint
    pd.testing.assert_frame_equal(of(frame).frame[["city", "year", "y"]], of().frame)


def test_the_fingerprint_follows_the_content():
    assert of(own(y=[4.0, 1.0, 2.0, 3.5])).fingerprint != of().fingerprint


def test_keys_may_stand_in_the_index():
    pd.testing.assert_frame_equal(of(own().set_index(["code", "t"])).frame, of().frame)


def test_codes_may_be_text_categories_or_whole_floats():
    text = of(own(code=["b", "a", "a", "b"])).frame["city"]
    assert text.tolist() == ["a", "a", "b", "b"]
    categories = of(own(code=pd.Categorical(["b", "a", "a", "b"]))).frame["city"]
    assert categories.tolist() == text.tolist()
    assert of(own(code=[2.0, 1.0, 1.0, 2.0])).fingerprint == of().fingerprint


def test_nullable_numbers_become_plain_ones():
    frame = own(y=pd.array([4.0, 1.0, None, 3.0], "Float64"), d=pd.array([1, 0, 0, 1], "Int64"))
    found = of(frame).frame
    assert found["y"].isna().tolist() == [False, True, False, False]
    assert (found["y"].dtype, found["d"].dtype) == (np.float64, np.int64)


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        (own(), {"city": "cod"}, r"no column 'cod' for the city: .*Did you mean 'code'\?.*city=…"),
        (own(), {"year": "year"}, "no column 'year' for the year: its columns are code, t, y"),
        (own(city=[1, 1, 1, 1]), {}, "another column is called 'city'"),
        (own(code=[2, 1, None, 2]), {}, "'code': 1 of 4 rows have no city, such as row 2"),
        (own(code=["b", "", "a", "b"]), {}, "'code': 1 of 4 rows have no city"),
        (own(code=["b", 1, "a", "b"]), {}, "mixes text and numbers"),
        (own(t=[2012.5, 2011, 2012, 2011]), {}, "holds 2012.5.*whole numbers"),
        (own(t=["2012", "2011", "2012", "2011"]), {}, r"text with frame\['t'\].astype\(int\)"),
        (own(t=pd.to_datetime(["2012", "2011", "2012", "2011"])), {}, r"frame\['t'\].dt.year"),
        (own(t=[2012, np.inf, 2012, 2011]), {}, "1 of 4 rows have no year"),
        (own(t=[2011, 2011, 2012, 2011]), {}, r"1 pairs of city and year .*\(2, 2011\): keep one"),
        (own().iloc[:0], {}, "has no rows"),
        (own().rename(columns={"y": "t"}), {}, "two columns are called 't'"),
        ([1, 2], {}, "pandas.DataFrame, not of a list"),
    ],
)
def test_a_frame_that_is_no_panel_is_refused_in_words(frame, options, words):
    with pytest.raises(DataError, match=words):
        of(frame, **options)


def test_a_panel_says_what_it_holds():
    text = repr(of(own(income=[1.0, 2.0, 3.0, 4.0])))
    assert text.splitlines() == [
        "your data: 2 cities × 2 years (2011–2012), balanced",
        "columns: city (code), year, y, income (log yuan)",
    ]
    assert "not balanced: 3 of 4 city-years" in repr(panel())


def test_a_panel_prints_as_a_table_with_gaps_and_escaped_names():
    html = of(own(income=[1.0, None, 3.0, 4.0]), label="<mine>")._repr_html_()
    assert "&lt;mine&gt;" in html and "log GDP per head" in html and "<td>1</td>" in html


def test_a_wrong_column_offers_the_near_ones():
    with pytest.raises(MissingTableError, match=r"has no 'incme'.*Did you mean 'income'\?"):
        of(own(income=[1.0, 2.0, 3.0, 4.0])).require("incme")


def test_complete_leaves_out_city_years_or_cities():
    some = of(own(y=[4.0, None, 2.0, 3.0], z=[1.0, 2.0, 3.0, 4.0]))
    assert some.complete("y").frame["y"].tolist() == [2, 3, 4]
    assert some.complete("y", balanced=True).frame["city"].tolist() == [2, 2]
    assert some.complete("y", years=(2012, 2012), balanced=True).frame["city"].tolist() == [1, 2]
    with pytest.raises(DataError, match="no city-year of your data has all of y"):
        some.complete("y", years=(1990, 1991))


def test_rows_that_cannot_be_told_apart_are_refused():
    with pytest.raises(DataError, match="1 rows of the panel have no city"):
        panel(city=[1, None, 2])
    with pytest.raises(DataError, match="1 rows of the panel have no year"):
        panel(year=[2011, 2012, np.nan])
    with pytest.raises(DataError, match="city 1 in 2011 more than once"):
        panel(year=[2011, 2011, 2011])
