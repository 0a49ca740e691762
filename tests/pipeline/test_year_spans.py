"""Every notebook whose years can be chosen says how many its estimates need, before a kernel starts."""

from pathlib import Path

import pytest

import digital_clusters as dc
from digital_clusters.analysis.designs import lead_lag
from digital_clusters.errors import ParameterError
from digital_clusters.pipeline.notebooks import notebooks
from digital_clusters.pipeline.parameters import validate_parameters
from digital_clusters.studies.collaborative_agglomeration import specs as collaborative
from digital_clusters.studies.virtual_agglomeration import specs as virtual

PAGES = [
    page for page in notebooks(Path(__file__).parents[2]) if {"first_year", "last_year"} <= {*page.defaults}
]

HARDEST = {
    "virtual_agglomeration/baseline": virtual.BASELINE,
    "virtual_agglomeration/heterogeneity": virtual.HETEROGENEITY["regional integration"],
    "virtual_agglomeration/mechanism": virtual.MECHANISM["through both"],
    "virtual_agglomeration/robustness": virtual.ROBUSTNESS["recovery as outcome"],
    "collaborative_agglomeration/baseline": collaborative.BASELINE,
    "collaborative_agglomeration/heterogeneity": collaborative.HETEROGENEITY["provincial capitals"],
    "collaborative_agglomeration/robustness": collaborative.ROBUSTNESS["storefront density as control"],
}
"""The regression of a page that needs most years: growth does not recover each year, cities join in few."""

LEADS = {"virtual_agglomeration/baseline": 2}
"""Leads and lags that a page adds to it."""


def windows(page, years):
    """First and last year of every window of that many years that a page allows."""
    low, high = page.limits["first_year"]["ge"], page.limits["last_year"]["le"]
    return [{"first_year": first, "last_year": first + years - 1} for first in range(low, high - years + 2)]


def test_pages_with_years_are_looked_at():
    assert {page.name for page in PAGES} >= set(HARDEST)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_fewer_years_than_a_page_needs_are_refused(page):
    needed = page.limits["last_year"]["span"]
    assert needed > 1, "no city changes within a year"
    for chosen in windows(page, needed):
        assert validate_parameters(page.name, page.defaults, chosen, page.limits).items() >= chosen.items()
    for chosen in windows(page, needed - 1):
        with pytest.raises(ParameterError, match=f"at least {needed} years"):
            validate_parameters(page.name, page.defaults, chosen, page.limits)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.name in HARDEST], ids=lambda page: page.name)
def test_what_is_allowed_can_be_estimated(page):
    panel = dc.city_panel("twin")
    for chosen in windows(page, page.limits["last_year"]["span"]):
        made = dc.fit(HARDEST[page.name].change(**chosen), panel)
        if around := LEADS.get(page.name):
            made = lead_lag(made, leads=around, lags=around)
        assert made.estimate.n_observations > 0
