"""What the chapters on mechanisms and accession say in words of records."""

import numpy as np
import pytest

from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.studies.collaborative_agglomeration import joiners_tables, quotes, sentences
from digital_clusters.studies.collaborative_agglomeration.accession import quotes as of_accession
from digital_clusters.studies.collaborative_agglomeration.accession import tables as accession_tables
from digital_clusters.studies.collaborative_agglomeration.joiners import public_joiners
from digital_clusters.studies.collaborative_agglomeration.mechanism import quotes as of_mechanism
from digital_clusters.studies.collaborative_agglomeration.specs import STUDY
from digital_clusters.studies.collaborative_agglomeration.tables import LOG_SIZE


@pytest.fixture
def said(monkeypatch):
    found = {}
    for module in (quotes, joiners_tables, of_mechanism, of_accession):
        monkeypatch.setattr(module, "glue", found.__setitem__)
    return found


def test_shares_by_an_option_are_those_of_its_specifications_alone():
    explored = frozen_multiverse(STUDY)
    told = sentences.options_sentence(explored, LOG_SIZE, "years")
    table = explored.table[(explored.table["outcome"] == LOG_SIZE) & (explored.table["problem"] == "")]
    own = table[(table["claim"] == "inverted_u") & (table["years"] == "from 2011")]
    share = np.mean((own["p_value"] < 0.05) & (own["value"] > 0))
    assert f"inverted U 0% with years “all”, {share:.0%} with years “from 2011”" in told
    assert "corrects at home" not in told and "integration diffuses" in told


def test_every_interval_of_the_public_table_is_counted(said):
    record = public_joiners()
    joiners_tables.quote_joiners({"public": record})
    body = (
        joiners_tables.robust_table(record, "public data")
        .as_raw_html()
        .split("<tbody")[1]
        .split("</tbody")[0]
    )
    assert said["public-holding"].endswith(f" of {body.count('<tr')}")


@pytest.mark.parametrize(
    ("breakdown", "clause"),
    [
        (0.0, "holds zero at every M̄, as the interval under parallel trends does"),
        (0.434, "leaves out zero up to M̄ = 0.43"),
    ],
)
def test_a_set_that_holds_zero_from_the_start_is_not_said_to_leave_it_out(said, breakdown, clause):
    joiners_tables.quote_joiners({"twin": public_joiners() | {"breakdown": breakdown}})
    assert said["twin-breakdown"] == clause


def test_the_planted_mean_says_what_it_is_measured_against():
    row = {
        "design": "a",
        "value": -0.2,
        "standard_error": 0.1,
        "low": -0.4,
        "high": 0.0,
        "n": 10,
        "cities": 2,
    }
    html = accession_tables.designs([row], "synthetic twin", [-0.17], -0.172).as_raw_html()
    assert "since the year before joining, less that of cities never in the council: −0.172" in html


@pytest.mark.parametrize(("value", "word"), [(0.03, "differs"), (0.01, "does not differ")])
def test_a_bend_differs_from_zero_or_not(said, monkeypatch, value, word):
    monkeypatch.setattr(quotes, "shift", lambda *given: None)
    of_mechanism.moving(None, None, None, {of_mechanism.BEND: (value, 0.01)})
    assert (said["bend-differs"], said["bend"]) == (word, f"{value:.3f} (0.010)")
    assert said["bend-planted"] == "−0.030"
