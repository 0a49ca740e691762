"""Virtual agglomeration and urban economic resilience, cities 2008–2019 (an abstract without tables).

:data:`SPECS` holds every regression of the study by name. The abstract prints no number: its sentences are
the claims of ``data/published/virtual_agglomeration.yml``, each tied to one of these.
"""

from typing import Any

from digital_clusters.analysis.spec import Spec

STUDY = "virtual_agglomeration"


CONTROLS = ("income", "population", "uil", "finance", "openness")
"""Log GDP per head, log population, index of structure, log credit and foreign investment over GDP.

Three of the five hold the GDP of their year, of which the outcome is the growth: in the outcome's own year
they are outcomes themselves. The study's design takes them from the year before.
"""


BASELINE = Spec(
    method="two_way_fixed_effects",
    outcome="resilience",
    treatment="virtual",
    controls=CONTROLS,
    control_timing="year_before",
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
    "controls of the same year": BASELINE.change(control_timing="same_year"),
    "controls of the base year by year": BASELINE.change(control_timing="base_year_by_year"),
    "growth gap as outcome": BASELINE.change(outcome="growth_gap"),
    "resistance as outcome": BASELINE.change(outcome="resistance"),
    "recovery as outcome": BASELINE.change(outcome="recoverability"),
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


TO_2016 = {"last_year": 2016}
"""Wedges need investment, which ends in 2016."""


def _stand_in(words: str, base: Spec) -> dict[str, Spec]:
    """Every regression of a stand-in for virtual agglomeration, by name."""
    wedges = TO_2016 if base.last_year > TO_2016["last_year"] else {}
    changes: dict[str, dict[str, Any]] = {
        "": {},
        ", controls of the same year": {"control_timing": "same_year"},
        ", controls of the base year by year": {"control_timing": "base_year_by_year"},
        ", no controls": {"controls": ()},
        ", winsorised": {"winsorise": 0.01},
        ", growth gap": {"outcome": "growth_gap"},
        ", growth gap, controls of the same year": {"outcome": "growth_gap", "control_timing": "same_year"},
        ", old industrial base": {"moderator": "is_old_industrial_base"},
        ", digital infrastructure": {"moderator": "digital_infrastructure"},
        ", mobile telephones": {"moderator": "mobile"},
        ", regional integration": {"moderator": "delta_member"},
        ", fusion with industry": {"moderator": "fusion"},
        ", secondary sector": {"moderator": "lq_manufacturing"},
        " on misallocation": {"outcome": "misallocation"} | wedges,
        " on market demand": {"outcome": "market_demand"},
    }
    return {f"{words}{name}": base.change(**change) for name, change in changes.items()}


PUBLIC: dict[str, Spec] = {
    **_stand_in("villages", _VILLAGES),
    **_stand_in("digital finance", _FINANCE),
    "digital finance, old industrial base, controls of the same year": _FINANCE.change(
        moderator="is_old_industrial_base", control_timing="same_year"
    ),
    "digital finance, recovery": _FINANCE.change(outcome="recoverability", last_year=2023),
    "digital finance, resistance": _FINANCE.change(outcome="resistance", last_year=2023),
    "digital finance, through both": _FINANCE.change(mediators=MEDIATED.mediators, **TO_2016),
    "digital finance, telecommunications as instrument": _FINANCE.change(
        method="instrumental_variables", instrument="telecom_shift"
    ),
}
"""What can be touched with public data: both treatments are stand-ins (see the chapter on measurement)."""


SPECS = ROBUSTNESS | HETEROGENEITY | MECHANISM | PUBLIC
"""Every specification of the study by name."""
