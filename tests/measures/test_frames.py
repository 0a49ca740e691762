import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, MissingTableError
from digital_clusters.measures.frames import align, cube, ratio

ROWS = pd.DataFrame(
    {
        "city": [2, 1, 1, 2],
        "industry": ["C", "C", "I", "C"],
        "year": [2010, 2010, 2010, 2011],
        "employment": [3.0, 1.0, 2.0, 5.0],
    }
)


def test_rows_in_any_order_fall_on_their_place_and_absent_ones_are_missing():
    grid = cube(ROWS, ["employment"], "a test")
    expected = np.array([[[1, 2], [3, np.nan]], [[np.nan, np.nan], [5, np.nan]]])
    assert grid.values["employment"] == pytest.approx(expected, nan_ok=True)
    assert grid.present.tolist() == [[True, True], [False, True]]
    assert grid.of_industries("employment", ["C"]) == pytest.approx(
        np.array([[1, 3], [np.nan, 5]]), nan_ok=True
    )


def test_frame_of_a_grid_has_the_city_years_of_the_source_and_no_other():
    grid = cube(ROWS, ["employment"], "a test")
    frame = grid.frame({"value": np.array([[10.0, 20.0], [30.0, 40.0]])})
    assert frame.to_dict("list") == {"city": [1, 2, 2], "year": [2010, 2010, 2011], "value": [10, 20, 40]}


def test_a_second_table_is_aligned_on_the_first():
    grid = cube(ROWS, ["employment"], "a test")
    people = pd.DataFrame({"city": [1, 2, 9], "year": [2010, 2011, 2010], "population": [7.0, 8.0, 9.0]})
    found = align(people, "population", grid, "a test")
    assert found == pytest.approx(np.array([[7, np.nan], [np.nan, 8]]), nan_ok=True)


def test_ratio_is_missing_where_it_is_not_defined():
    assert ratio([1, 1, np.nan, 0], [2, 0, 1, 4]) == pytest.approx([0.5, np.nan, np.nan, 0], nan_ok=True)


def test_a_missing_column_is_named_with_those_there():
    with pytest.raises(MissingTableError, match="a test needs 'storefronts'; columns there: city, industry"):
        cube(ROWS, ["storefronts"], "a test")


def test_repeated_keys_negative_values_and_unknown_industries_are_refused():
    with pytest.raises(DataError, match="1 row.*'city': 2"):
        cube(pd.concat([ROWS, ROWS.iloc[:1]]), ["employment"], "a test")
    with pytest.raises(DataError, match="smallest -3"):
        cube(ROWS.assign(employment=[-3.0, 1, 2, 5]), ["employment"], "a test")
    with pytest.raises(DataError, match="no row of industry M; there are C, I"):
        cube(ROWS, ["employment"], "a test").of_industries("employment", ["C", "M"])
