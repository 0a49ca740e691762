"""Maps to given moments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError
from digital_clusters.sources.twin.moments import solve_map
from digital_clusters.sources.twin.streams import autoregressive, stream

# The fixed point stops at 1e-9 standard deviations.
SOLVED = 1e-7


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    least=st.floats(-4.5, -2.4),
    most=st.floats(2.4, 4.5),
    skew=st.floats(-0.2, 0.2),
)
def test_moments_are_met_and_order_is_kept(seed, least, most, skew):
    z = np.random.default_rng(seed).standard_normal(2000)
    x = 3 + z + skew * z**2 * np.sign(z)
    solved = solve_map(x, (10.0, 2.0, 10 + 2 * least, 10 + 2 * most))
    y = solved(x)
    np.testing.assert_allclose(
        [y.mean(), y.std(ddof=1), y.min(), y.max()], [10, 2, 10 + 2 * least, 10 + 2 * most], atol=SOLVED
    )
    wide = np.linspace(x.min() - 3, x.max() + 3, 500)
    assert (np.diff(solved(wide)) > 0).all()


def test_offset_enters_as_it_is():
    rng = np.random.default_rng(0)
    x, offset = rng.standard_normal(3000), 0.3 * rng.standard_normal(3000)
    solved = solve_map(x, (0.0, 1.0, -3.0, 3.0), offset=offset)
    y = np.clip(offset + solved(x), -3, 3)
    np.testing.assert_allclose([y.mean(), y.std(ddof=1), y.min(), y.max()], [0, 1, -3, 3], atol=SOLVED)


def test_one_offset_for_all_is_what_an_offset_each_is():
    x = np.random.default_rng(1).standard_normal(2000)
    wanted = (0.0, 1.0, -3.0, 3.0)
    assert solve_map(x, wanted) == solve_map(x, wanted, offset=np.zeros(len(x)))


def test_impossible_moments_are_refused():
    with pytest.raises(DataError, match="cannot meet"):
        solve_map(np.random.default_rng(0).standard_normal(500), (0.0, 1.0, -0.5, 0.5))


def test_streams_are_named_and_reproducible():
    assert stream(1, "a").random() == stream(1, "a").random()
    assert stream(1, "a").random() != stream(1, "b").random()
    assert stream(1, "a").random() != stream(2, "a").random()


def test_autoregressive_has_unit_variance_and_its_persistence():
    x = autoregressive(np.random.default_rng(0), (4000, 12), 0.6)
    assert x.std() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(x[:, 5], x[:, 6])[0, 1] == pytest.approx(0.6, abs=0.04)
