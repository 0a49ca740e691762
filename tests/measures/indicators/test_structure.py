import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import DataError
from digital_clusters.measures.indicators.structure import sector_gap, upgrading_index

ROUNDING = 1e-12
"""One division of doubles."""

amounts = st.floats(0, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("sectors", "expected"),
    [
        ((1, 0, 0), 1.0),
        ((0, 0, 1), 3.0),
        ((1 / 3, 1 / 3, 1 / 3), 2.0),
        ((7.7, 37.8, 54.5), 2.468),
        ((27.7, 47.7, 24.6), 1.969),
    ],
)
def test_reference_values(sectors, expected):
    assert upgrading_index(*sectors)[0] == pytest.approx(expected, abs=ROUNDING)


@given(amounts, amounts, amounts, st.floats(1e-3, 1e3))
def test_bounds_scale_and_direction(first, second, third, scale):
    if first + second + third > 1e-3:
        value = upgrading_index(first, second, third)[0]
        assert 1 - ROUNDING <= value <= 3 + ROUNDING
        assert upgrading_index(first * scale, second * scale, third * scale)[0] == pytest.approx(value)
        assert upgrading_index(first, second, third + 1)[0] >= value - ROUNDING


def test_missing_and_empty_are_missing():
    found = upgrading_index([1, np.nan, 0], [1, 1, 0], [1, 1, 0])
    assert found == pytest.approx([2.0, np.nan, np.nan], nan_ok=True)


def test_sectors_must_add_to_gdp():
    assert upgrading_index([10], [40], [50], gdp=[102])[0] == pytest.approx(2.4)
    with pytest.raises(DataError, match="in 1 row.*20.0%, in row 1"):
        upgrading_index([10, 10], [40, 40], [50, 50], gdp=[100, 125])
    assert sector_gap([10.0], [40.0], [50.0], [125.0])[0] == pytest.approx(-0.2)


def test_negative_value_added_is_refused():
    with pytest.raises(DataError, match="negative"):
        upgrading_index([-1], [2], [3])
