"""Equilibria of gaps whose roots are known by construction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.theory.regions.long_run import find_equilibria, symmetric_slope

ROOT = 1e-10
"""Roots are bracketed to 1e-13; simple roots leave room for the steepness of the gap."""

CURVATURE = 1e-9
"""A central difference with step 1e-5 errs by 1e-10 times a third derivative of a few units."""


@given(st.floats(0.02, 0.48), st.sampled_from([-1.0, 1.0]))
def test_a_cubic_gap_has_its_three_roots_and_their_stability(distance, sign):
    found = find_equilibria(lambda share: sign * (share - 0.5) * (distance**2 - (share - 0.5) ** 2))
    inside = [point for point in found if 0 < point.share < 1]
    assert [point.share for point in inside] == pytest.approx([0.5 - distance, 0.5, 0.5 + distance], abs=ROOT)
    assert [point.stable for point in inside] == ([True, False, True] if sign > 0 else [False, True, False])
    corners = [point for point in found if point.share in (0.0, 1.0)]
    assert len(corners) == (0 if sign > 0 else 2)
    assert all(point.stable for point in corners)


def test_slope_is_the_derivative_at_equal_shares():
    assert symmetric_slope(np.sin) == pytest.approx(np.cos(0.5), abs=CURVATURE)


def test_neighbouring_equilibria_differ_in_stability():
    found = find_equilibria(lambda share: np.sin(4 * np.pi * (share - 0.5)) + 0.1 * (share - 0.5))
    kinds = [point.stable for point in found]
    assert len(kinds) >= 5
    assert all(a != b for a, b in zip(kinds, kinds[1:], strict=False))
