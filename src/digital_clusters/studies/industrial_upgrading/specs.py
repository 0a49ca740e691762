"""Yu & Zhang: industrial structure upgrading and gaps of light within cities, 253 cities, 2011–2021.

:data:`COLUMNS` holds the published columns as specifications; the keys are those of
``data/published/industrial_upgrading.yml``. "1:4" and "1:5" sample splitting are five and six folds.
"""

from digital_clusters.analysis.spec import Spec

STUDY = "industrial_upgrading"


CONTROLS = ("education", "students", "science", "loans_deposits", "gdp_per_capita")
"""EI, SN, ES, DL and GDP of the paper's Table 1, in logs."""


NO_CONTROLS = Spec(
    method="double_machine_learning",
    outcome="gini",
    treatment="uil",
    first_year=2011,
    last_year=2021,
    fixed_effects="dummies",
    learner="gradient_boosting",
    folds=5,
    errors="robust",
)


BASELINE = NO_CONTROLS.change(controls=CONTROLS)


MODERATED = BASELINE.change(moderator="difi")


COLUMNS: dict[str, Spec] = {
    "table2.column1": NO_CONTROLS,
    "table2.column2": BASELINE,
    "table3.column1": BASELINE.change(folds=6),
    "table3.column2": BASELINE.change(learner="xgboost"),
    "table4.column1": BASELINE.change(winsorise=0.01),
    "table4.column2": BASELINE.change(winsorise=0.05),
    "table4.column3": BASELINE.change(exclude_municipalities=True),
    "table4.column4": BASELINE.change(controls=(*CONTROLS, "is_resource_based")),
    "table5.column1": BASELINE.change(last_year=2015),
    "table5.column2": BASELINE.change(first_year=2016),
    "table5.column3": BASELINE.change(group="above_median"),
    "table5.column4": BASELINE.change(group="below_median"),
    "table6.column1": MODERATED,
    "table6.column2": MODERATED.change(scaling="normalised"),
}


TWO_WAY = BASELINE.change(method="two_way_fixed_effects", errors="clustered")


ALTERNATIVES: dict[str, Spec] = {
    "recipe": BASELINE,
    "errors clustered by city": BASELINE.change(errors="clustered"),
    "folds and errors by city": BASELINE.change(fold_unit="clusters", errors="clustered"),
    "random forest": BASELINE.change(learner="random_forest", errors="clustered"),
    "linear learner": BASELINE.change(learner="linear", errors="clustered"),
    "Mundlak means": BASELINE.change(fixed_effects="mundlak", fold_unit="clusters", errors="clustered"),
    "two-way within": BASELINE.change(fixed_effects="within", fold_unit="clusters", errors="clustered"),
    "within, raw controls": BASELINE.change(
        fixed_effects="within_y_d", fold_unit="clusters", errors="clustered"
    ),
    "first differences": BASELINE.change(
        fixed_effects="first_differences", fold_unit="clusters", errors="clustered"
    ),
    "two-way fixed effects": TWO_WAY,
    "two-way fixed effects, Driscoll–Kraay": TWO_WAY.change(errors="driscoll_kraay"),
    "two-way fixed effects, no controls": TWO_WAY.change(controls=()),
}
"""What a referee would ask of Table 2, column 2: errors, folds, learners and absorbed city effects."""


CONTRASTS: dict[str, Spec] = {
    "after 2015 − to 2015": BASELINE.change(moderator="late_period", errors="clustered"),
    "high − low structure": BASELINE.change(moderator="high_structure", errors="clustered"),
    "after 2015 − to 2015, two-way fixed effects": TWO_WAY.change(moderator="late_period"),
    "high − low structure, two-way fixed effects": TWO_WAY.change(moderator="high_structure"),
    "digital index, two-way fixed effects": TWO_WAY.change(moderator="difi", scaling="normalised"),
}
"""Tables 5 and 6 as one regression each: the interaction is the difference between the groups."""


EVERY_SPEC = COLUMNS | ALTERNATIVES | CONTRASTS
"""All specifications of the paper and its referee; on public data the outcome is Eq. 1 over counties."""


READY_MADE = ", ready-made lights"
"""Ends the name of a specification with the Gini that comes ready made, weighted by population."""


PUBLIC_SPECS = EVERY_SPEC | {
    f"{key}{READY_MADE}": spec.change(outcome="gini_ready_made") for key, spec in EVERY_SPEC.items()
}
"""All specifications whose estimates on public data are frozen into ``data/results/``."""
