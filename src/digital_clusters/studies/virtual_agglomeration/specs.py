"""Virtual agglomeration and urban economic resilience, cities 2008–2019 (an abstract without tables).

:data:`SPECS` holds every regression of the study by name. The abstract prints no number: its sentences are
the claims of ``data/published/virtual_agglomeration.yml``, each tied to one of these.
"""

from digital_clusters.analysis.spec import Spec

STUDY = "virtual_agglomeration"


CONTROLS = ("income", "population", "uil", "finance", "openness")
"""Log GDP per head, log population, index of structure, log credit and foreign investment over GDP."""


BASELINE = Spec(
    method="two_way_fixed_effects",
    outcome="resilience",
    treatment="virtual",
    controls=CONTROLS,
    first_year=2008,
    last_year=2019,
    errors="clustered",
)


DOUBLE_ML = BASELINE.change(
    method="double_machine_learning", fixed_effects="within_y_d", fold_unit="clusters"
)


INSTRUMENTED = BASELINE.change(method="instrumental_variables", instrument="telephone_shift")


MEDIATED = BASELINE.change(mediators=("misallocation", "market_demand"))


ROBUSTNESS: dict[str, Spec] = {
    "baseline": BASELINE,
    "no controls": BASELINE.change(controls=()),
    "growth gap as outcome": BASELINE.change(outcome="growth_gap"),
    "composite as outcome": BASELINE.change(outcome="resilience_composite"),
    "location quotient of storefronts": BASELINE.change(treatment="virtual_quotient"),
    "specialisation of storefronts": BASELINE.change(treatment="virtual_specialisation"),
    "exposure to storefronts": BASELINE.change(treatment="virtual_exposure"),
    "information industry": BASELINE.change(treatment="virtual_information"),
    "winsorised at 1 %": BASELINE.change(winsorise=0.01),
    "winsorised at 5 %": BASELINE.change(winsorise=0.05),
    "without municipalities": BASELINE.change(exclude_municipalities=True),
    "without municipalities and capitals": BASELINE.change(
        exclude_municipalities=True, exclude_provincial_capitals=True
    ),
    "treatment a year earlier": BASELINE.change(lag=1),
    "to 2013": BASELINE.change(last_year=2013),
    "from 2014": BASELINE.change(first_year=2014),
    "Driscoll–Kraay errors": BASELINE.change(errors="driscoll_kraay"),
    "double machine learning": DOUBLE_ML,
    "telephones as instrument": INSTRUMENTED,
}


HETEROGENEITY: dict[str, Spec] = {
    "old industrial base": BASELINE.change(moderator="is_old_industrial_base"),
    "digital infrastructure": BASELINE.change(moderator="digital_infrastructure"),
    "regional integration": BASELINE.change(moderator="delta_member"),
    "fusion with industry": BASELINE.change(moderator="fusion"),
}
"""Each split as one regression: the interaction is the difference. *Integration* has two readings."""


MECHANISM: dict[str, Spec] = {
    "misallocation": BASELINE.change(outcome="misallocation"),
    "market demand": BASELINE.change(outcome="market_demand"),
    "through both": MEDIATED,
    "complementarity": BASELINE.change(moderator="geographic"),
}


_VILLAGES = BASELINE.change(treatment="taobao_villages", first_year=2014, last_year=2016)


_FINANCE = BASELINE.change(treatment="digital_finance", first_year=2011)


PUBLIC: dict[str, Spec] = {
    "villages": _VILLAGES,
    "villages, winsorised": _VILLAGES.change(winsorise=0.01),
    "villages, no controls": _VILLAGES.change(controls=()),
    "villages, growth gap": _VILLAGES.change(outcome="growth_gap"),
    "villages on misallocation": _VILLAGES.change(outcome="misallocation"),
    "villages, old industrial base": _VILLAGES.change(moderator="is_old_industrial_base"),
    "villages, regional integration": _VILLAGES.change(moderator="delta_member"),
    "digital finance": _FINANCE,
    "digital finance, winsorised": _FINANCE.change(winsorise=0.01),
    "digital finance, growth gap": _FINANCE.change(outcome="growth_gap"),
    "digital finance on misallocation": _FINANCE.change(outcome="misallocation", last_year=2016),
    "digital finance, old industrial base": _FINANCE.change(moderator="is_old_industrial_base"),
    "digital finance, regional integration": _FINANCE.change(moderator="delta_member"),
}
"""What can be touched with public data: both treatments are stand-ins (see the chapter on measurement)."""


SPECS = ROBUSTNESS | HETEROGENEITY | MECHANISM | PUBLIC
"""Every specification of the study by name."""
