"""Numbers and words that sentences of the chapters take from tables."""

import pandas as pd
import pytest

from digital_clusters.studies.collaborative_agglomeration import quotes


@pytest.fixture
def said(monkeypatch):
    found = {}
    monkeypatch.setattr(quotes, "glue", found.__setitem__)
    return found


def test_a_balanced_panel_has_as_many_cities_as_rows_a_year(said):
    years = {"first_year": 2003, "last_year": 2016}
    quotes.with_every_year({"public": years | {"n": 140}, "public, internet users": years | {"n": 28}})
    assert (said["all-cities"], said["internet-cities"], said["internet-years"]) == (10, 2, "2003–2016")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ([0.05, -0.2], "log GDP per head"),
        ([0.3, 0.2], "propensity score, log GDP per head"),
        ([0.1, 0.0], "nothing"),
    ],
)
def test_what_matching_leaves_beyond_the_line_is_named(said, left, words):
    quotes.balance(pd.DataFrame({"difference_after": left}, index=["propensity score", "income"]))
    assert (said["balance-line"], said["balance-beyond"]) == ("10", words)


def test_a_test_rejects_at_five_per_cent_and_not_beyond(said):
    quotes.tests_before({"wald_p": 0.05, "pretrend_p": 0.051, "placebo_p": 0.001})
    assert said == {"twin-wald": "rejects", "twin-pretrend": "does not reject", "twin-placebo": "is rejected"}


def test_the_range_of_losses_is_of_the_years_that_are_asked_for(said):
    table = pd.DataFrame({"year": [2000, 2003, 2004, 2005], "loss": [0.4, 0.2, 0.1, 0.15]})
    quotes.losses({"public": table}, (2003, 2005))
    assert (said["loss-public-first"], said["loss-public-from"]) == ("40%", "2000")
    assert (said["loss-public-low"], said["loss-public-low-year"]) == ("10%", "2004")
    assert (said["loss-public-high"], said["loss-public-high-year"]) == ("20%", "2003")
