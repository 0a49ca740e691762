"""Numbers that the chapter on accession quotes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.words import PUBLIC, TWIN, number
from digital_clusters.sources.twin.spillovers import project_country
from digital_clusters.studies.collaborative_agglomeration import joiners_tables, quotes
from digital_clusters.studies.collaborative_agglomeration.accession.evidence import RobustAccession
from digital_clusters.studies.collaborative_agglomeration.planted import council_change
from digital_clusters.studies.collaborative_agglomeration.specs import ACCESSION, STUDY


def designs(
    twin: Mapping[str, Any],
    public: Mapping[str, Any],
    balance: pd.DataFrame,
    alone: Sequence[float],
    mean: float,
) -> None:
    """Quote the designs of both sources and save them.

    Parameters
    ----------
    twin, public : mapping
        Of ``adoption_record``.
    balance : pandas.DataFrame
        Of kernel matching on the twin.
    alone : sequence of float
        What each design finds of the planted effect alone.
    mean : float
        Planted effect over the city-years of members, against cities that never join.
    """
    save(STUDY, "accession", [{"data": TWIN} | dict(twin), {"data": PUBLIC} | dict(public)])
    quotes.counts({"twin": twin, "public": public})
    quotes.balance(balance)
    quotes.tests_before(twin)
    quotes.shares(twin)
    quotes.planted_designs(twin["estimates"], alone, mean)
    quotes.public_designs(public["estimates"], mean)
    glue("mean-whole", number(whole_change()))


def whole_change() -> float:
    """Mean of all that the council changes in cities that join after the first year, while they are members.

    The trial's bias is against it. Designs measure the change since the year before joining, less that of
    cities never in the council, and these changes are not all of it.
    """
    country = project_country()
    years = country.truth.country.years
    kept = (years >= ACCESSION.first_year) & (years <= ACCESSION.last_year)
    joined = country.places["delta_council_year"].to_numpy(dtype=float, na_value=np.nan)[:, None]
    treated = (years[kept] >= joined) & (joined > ACCESSION.first_year)
    return float(council_change(country)[:, kept][treated].mean())


def robust(found: RobustAccession) -> None:
    """Quote the robust estimators of both sources and their trial, and save them."""
    joiners_tables.quote_joiners({"twin": found.found[TWIN], "public": found.found[PUBLIC]})
    joiners_tables.quote_trial(found.trial)
    joiners_tables.quote_isolated(load_frozen("neighbours").facts["exact"])
    save(STUDY, "joiners", [{"data": label} | dict(record) for label, record in found.found.items()])
    sizes = [row["size"] for row in found.trial if row["size"] is not None]
    glue("trial-size-least", f"{min(sizes):.0%}")
    glue("trial-size-most", f"{max(sizes):.0%}")
