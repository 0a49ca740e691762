"""Wu, Tao & Peng: collaborative agglomeration, digital technology and misallocation, cities 2003–2020.

:data:`SPECS` holds every regression of the study by name. The abstract prints no number: its sentences are
the claims of ``data/published/collaborative_agglomeration.yml``, each tied to one of these.
"""

from digital_clusters.analysis.adoption import Policy
from digital_clusters.analysis.spec import Spec
from digital_clusters.sources.columns import words_of

STUDY = "collaborative_agglomeration"


CONTROLS = ("income", "population", "uil", "finance")
"""Log GDP per head, log population, index of structure, log credit over GDP: of the year before.

Output is in the wedges and in three of the four, so that of the same year they would be outcomes too.
"""


MEMBERSHIP = ("delta_member", "years_as_member", "coagglomeration:delta_member")
"""The integration strategy: membership of the delta council, its years, and what it adds to the index."""


COUNCIL = Policy(
    year="delta_council_year", covariates=("income", "population", "uil", "finance", "coagglomeration")
)
"""Accession to the delta council."""


def mapped() -> dict[str, str]:
    """Columns whose Moran's I is told, and their names."""
    return {column: words_of(column) for column in ("coagglomeration", "misallocation")}


# the twin begins in 2003, and controls are of the year before
BASELINE = Spec(
    method="spatial_panel",
    outcome="misallocation",
    treatment="coagglomeration",
    squared=True,
    moderator="internet",
    controls=CONTROLS,
    control_timing="year_before",
    contemporaneous=MEMBERSHIP,
    first_year=2004,
    last_year=2020,
    weights="nearest",
    spatial_model="durbin",
    correction="transformation",
    errors="clustered",
)


BENT = "coagglomeration^2:internet"
"""Lets internet use bend the curve, not only tilt it."""


NOT_SPATIAL = BASELINE.change(method="two_way_fixed_effects")


DIFFUSION = Spec(
    method="two_way_fixed_effects",
    outcome="internet",
    treatment="neighbours_lead",
    moderator="delta_member",
    controls=CONTROLS,
    control_timing="year_before",
    first_year=2004,
    last_year=2020,
    errors="clustered",
)


ACCESSION = Spec(
    method="two_way_fixed_effects",
    outcome="misallocation",
    treatment="delta_member",
    first_year=2003,
    last_year=2020,
    errors="clustered",
)


ROBUSTNESS: dict[str, Spec] = {
    "baseline": BASELINE,
    "no spatial terms": NOT_SPATIAL,
    "membership alone as control": BASELINE.change(controls=()),
    "controls of the same year": BASELINE.change(control_timing="same_year"),
    "controls of the base year, by year": BASELINE.change(control_timing="base_year_by_year"),
    "square times internet use": BASELINE.change(contemporaneous=(*MEMBERSHIP, BENT)),
    "contiguity": BASELINE.change(weights="contiguity"),
    "inverse distance": BASELINE.change(weights="inverse_distance"),
    "economic distance": BASELINE.change(weights="economic"),
    "nested distance": BASELINE.change(weights="nested"),
    "without bias correction": BASELINE.change(correction="none"),
    "bias subtracted": BASELINE.change(correction="bias"),
    "errors of the information matrix": BASELINE.change(errors="homoskedastic"),
    "level of misallocation": BASELINE.change(outcome="misallocation_level"),
    "capital only, level": BASELINE.change(outcome="capital_misallocation"),
    "labour only, level": BASELINE.change(outcome="labour_misallocation"),
    "storefront density as control": BASELINE.change(contemporaneous=(*MEMBERSHIP, "storefront_density")),
    "winsorised at 1 %": BASELINE.change(winsorise=0.01),
    "without municipalities": BASELINE.change(exclude_municipalities=True),
    "index a year earlier": BASELINE.change(lag=1),
    "to 2011": BASELINE.change(last_year=2011),
    "from 2012": BASELINE.change(first_year=2012),
}


LINEAR = NOT_SPATIAL.change(squared=False, moderator=None)


INSTRUMENTED = LINEAR.change(
    method="instrumental_variables", instrument="coagglomeration_before", first_year=2005
)


HETEROGENEITY: dict[str, Spec] = {
    "provincial capitals": BASELINE.change(moderator="is_provincial_capital"),
    "old industrial bases": BASELINE.change(moderator="is_old_industrial_base"),
}


MECHANISM: dict[str, Spec] = {
    "accession": ACCESSION,
    "diffusion": DIFFUSION,
}


_PUBLIC = BASELINE.change(moderator=None, first_year=2003, last_year=2016, controls=("income", "uil"))


PUBLIC: dict[str, Spec] = {
    "public": _PUBLIC,
    "public, contiguity": _PUBLIC.change(weights="contiguity"),
    "public, no spatial terms": _PUBLIC.change(method="two_way_fixed_effects", errors="clustered"),
    "public, without bias correction": _PUBLIC.change(correction="none"),
    "public, controls of the same year": _PUBLIC.change(control_timing="same_year"),
    "public, membership alone as control": _PUBLIC.change(controls=()),
    "public, level of misallocation": _PUBLIC.change(outcome="misallocation_level"),
    "public, internet users": _PUBLIC.change(moderator="internet"),
    "public, internet users, square too": _PUBLIC.change(
        moderator="internet", contemporaneous=(*MEMBERSHIP, BENT)
    ),
    "public, digital finance": _PUBLIC.change(moderator="digital_finance", first_year=2011),
    "public, digital finance, controls of the same year": _PUBLIC.change(
        moderator="digital_finance", first_year=2011, control_timing="same_year"
    ),
    "public, accession": ACCESSION.change(last_year=2016),
    "public, diffusion": DIFFUSION.change(last_year=2019, controls=("income", "uil")),
}
"""What can be touched with public data: two sectors, capital to 2016, internet users from 2003."""


SPECS = ROBUSTNESS | HETEROGENEITY | MECHANISM | PUBLIC | {"instrumented": INSTRUMENTED, "linear": LINEAR}
"""Every specification of the study by name."""
