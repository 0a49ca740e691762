# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Baseline: does virtual agglomeration raise resilience?
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
#
# * {glue:text}`came-out-1`
#
# {glue:text}`came-out-reading`
# :::
#
# The first claim, by two-way fixed effects with errors clustered by city, by double machine learning as a
# check, and by leads and lags. On the twin the answer is known. The chapter shows that a baseline can pass
# every check on this page and still be wrong, and that controls of the wrong year can make an answer by
# themselves.

# %% tags=["parameters"] limits={"first_year": {"ge": 2008, "le": 2019}, "last_year": {"ge": 2008, "le": 2019, "span": 4}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2008  # of the sample on the twin
last_year = 2019
winsorise = 0.0  # share set to the quantile in each tail

# %% [markdown]
# ## The regression
#
# Equation {eq}`eq-virtual-baseline` with the annual response as the outcome and storefront density as the
# treatment, both as in {doc}`measurement`. First the data, by names of columns; `uil` is the index of industrial
# structure, `finance` log credit over GDP and `openness` log foreign investment over GDP.

# %%
import digital_clusters as dc
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE

panel = dc.city_panel("twin")
used = ["resilience", "virtual", *BASELINE.controls]
panel.frame.query("@first_year <= year <= @last_year")[used].describe().round(2)

# %% [markdown]
# Then what is to be estimated. A specification holds every choice and says itself in a sentence.

# %%
changes = {"first_year": first_year, "last_year": last_year, "winsorise": winsorise}
spec = BASELINE.change(**changes)
print(*spec.in_words().split("; "), sep="\n")

# %% [markdown]
# Then the estimate. Controls are reported below the treatment; they are those of the year before, for a reason
# given below.

# %%
baseline = dc.fit(spec, panel)
baseline

# %% [markdown]
# The same by hand, with the library a student would take. Errors differ in the fourth digit: *linearmodels*
# does not count the year effects among the parameters.

# %%
import pandas as pd
from linearmodels import PanelOLS

rows = baseline.sample.set_index(["city", "year"])
x = rows[["virtual", *baseline.design.control_names]]
model = PanelOLS(rows["resilience"], x, entity_effects=True, time_effects=True)
counted = {"group_debias": True, "auto_df": False, "count_effects": False}
by_hand = model.fit(cov_type="clustered", cluster_entity=True, **counted)
theta, names = baseline.term("virtual"), ["coefficient", "standard error"]
hand = [by_hand.params["virtual"], by_hand.std_errors["virtual"]]
pd.DataFrame({"by hand": hand, "package": [theta.value, theta.error]}, index=names)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what the tables and figures of this page are made with"}
from digital_clusters.analysis import designs as around
from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.power import load_power
from digital_clusters.analysis.readings import public_claims, public_estimates, twin_claims
from digital_clusters.report.verdicts import public_table, specs_figure, specs_table, verdicts_table
from digital_clusters.studies.virtual_agglomeration import designs, figures, tables
from digital_clusters.studies.virtual_agglomeration.record import public_measures
from digital_clusters.studies.virtual_agglomeration.specs import STUDY
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION
from digital_clusters.studies.virtual_agglomeration.tables import EFFECT

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the first claim, what is planted, and the baseline by four ways"}
study, key = load_claims(STUDY), ["raises_resilience"]
planted, power, public = VIRTUAL_AGGLOMERATION.planted_sizes(), load_power(STUDY), public_measures(data)
claims = twin_claims(VIRTUAL_AGGLOMERATION, changes, key)
found = {words: (value, "virtual") for words, value in designs.baseline_ways(changes).items()}

# %% tags=["remove-cell"]
from digital_clusters.analysis.scorecard.claimed import public_noises
from digital_clusters.report.glue import glue
from digital_clusters.report.verdicts import glue_claims
from digital_clusters.studies.virtual_agglomeration import quotes

quotes.save_estimates("baseline", found, panel.label)
glue_claims(claims, planted, {"first": "raises_resilience"})
quotes.quote("hidden", *found[designs.KNOWN])
glue("coverage", f"{100 * power.of(key[0])['coverage']:.0f} %")
glue("mean", power.of(key[0])["mean"], ".3f")
glue("countries", len(power.seeds))

# %% [markdown]
# Beside it stand the regression without controls and double machine learning, which replaces $X'\beta$ by
# gradient boosting on the controls, with city and year effects removed from outcome and treatment first and
# folds that keep cities whole {cite:p}`chernozhukov_2018`. The last line adds what no data set has: the twin's
# hidden factor, which opens shops and founds firms.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the first claim by four ways"}
note = f"Planted: {planted['raises_resilience']:.3f} {EFFECT}. Errors clustered by city."
specs_table(found, label=panel.label, note=note)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the first claim by four ways", "figure": {"caption": "The first claim by several ways, with 95 per cent intervals. The dashed line is the planted size.", "name": "fig-virtual-baseline"}, "image": {"alt": "Three estimates lie to the right of the planted line with intervals that do not reach it; the one that controls for the hidden factor lies on it."}}
specs_figure(found, xlabel=EFFECT, label=panel.label, truth=planted["raises_resilience"])

# %% [markdown]
# The estimate is {glue:text}`first-twin`, interval {glue:text}`first-interval`; planted is
# {glue:text}`first-planted`. Controls barely move it and machine learning takes off a part of the excess:
# both adjust for what is measured, and the confounder is not. With the hidden factor as a control the
# estimate is {glue:text}`hidden`, interval {glue:text}`hidden-interval`.

# %% [markdown]
# ## Controls that hold the outcome
#
# The outcome is the growth of GDP. Income is GDP per head; credit and foreign investment are divided by GDP. In
# the outcome's own year all three contain it, and a regression that holds them fixed compares cities that grew
# with cities that had the same income *after* growing. That is a *bad control*
# {cite:p}`angrist_pischke_2009`: what the treatment adds to growth is added to the control as well, and is
# taken out with it. Of the year before, the same columns are causes and no consequences.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: a control that holds the outcome", "figure": {"caption": "Income of the year before moves both and is to be controlled. Income of this year holds this year's growth: given it, whoever grew more must have been pulled down by something else, and treatment and growth are compared among those.", "name": "fig-virtual-bad-controls"}, "image": {"alt": "Causal diagram. Income of the year before points at virtual agglomeration and at growth. Growth points at income of this year, and so do unseen prices, residents and revisions."}}
figures.bad_controls()

# %% [markdown]
# In the twin nothing of the kind is planted: timing makes no difference there. So it is planted here, in the
# last three lines: a unit of relative growth adds to income and takes from credit over GDP in the same year, by
# about twice what goes with it in public data. The effect is what it was. The hidden factor is a control in all
# lines, so that what is left beside the planted size comes from the timing. Standard errors are in parentheses:

# %%
for words, one in designs.control_timings(changes).items():
    print(f"{words:55s} {one.term('virtual').value:.3f} ({one.term('virtual').error:.3f})")

# %% tags=["remove-cell"]
quotes.feedback(designs.control_timings(changes))

# %% [markdown]
# Planted is {glue:text}`first-planted`. Without feedback the two timings agree ({glue:text}`plain-same` and
# {glue:text}`plain-before`). With it, controls of the same year leave {glue:text}`fed-same`, an interval that
# shuts the truth out; controls of the year before give {glue:text}`fed-before`.

# %% [markdown]
# ## Leads and lags
#
# If growth moved before the storefronts did, something else would be behind both. The regression holds
# density two years ahead to two years back; its sample reaches two years beyond the last, so that no outcome
# of the study is lost at the end.

# %%
path = around.lead_lag(baseline, leads=2, lags=2)
path.estimate.to_frame().loc[list(path.estimate.terms[:5])].round(4)

# %% tags=["remove-cell"]
quotes.leads_tests(public)
glue("leads-p", path.leads_test.p_value, ".2f")
glue("lag", float(path.estimate.coefficients[3]), ".3f")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: leads and lags on the twin", "figure": {"caption": "Leads and lags of storefront density on the twin. Diamonds: what is planted, an effect in the year itself and none before or after.", "name": "fig-virtual-leads"}, "image": {"alt": "Five estimates. Both leads are near zero, the year itself is far above zero and above the planted effect, the lags are slightly below zero."}}
figures.path(path, planted["raises_resilience"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: leads and lags on public data", "figure": {"caption": "Leads and lags of digital finance on public data.", "name": "fig-virtual-leads-public"}, "image": {"alt": "Five estimates with intervals that hold zero. The lead of two years lies above zero, the others below it."}}
figures.public_path(public)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: are the leads zero?"}
tables.leads({"storefront density": path}, public)

# %% [markdown]
# On the twin the leads are jointly not told from zero (p = {glue:text}`leads-p`) and the estimate is biased all the same:
# the hidden factor moves storefronts and growth in the *same* year, where leads cannot see it. It also leaves
# a trace where nothing is planted, a negative lag of {glue:text}`lag`, because the factor persists and the
# past treatment stands in for its mean reversion. Clean leads rule out one kind of cause and no more.
#
# On public data the answer depends on the controls. With those of the same year the leads of digital finance
# differ from zero (F = {glue:text}`leads-same-f`, p = {glue:text}`leads-same-p`); with those of the year before
# they are not told from it (F = {glue:text}`leads-before-f`, p = {glue:text}`leads-before-p`). It depends on the lags
# too: without any, the same test has F = {glue:text}`leads-alone-f` and p = {glue:text}`leads-alone-p`. A test that
# turns with either choice is no ground for a verdict.

# %% [markdown]
# ## Verdict on the first claim

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the verdict on the first claim"}
verdicts_table(study, claims, planted, power, key)

# %% [markdown]
# The verdict says that the sign was found, and does not ask for the size. *Coverage* does:
# over {glue:text}`countries` other synthetic countries the mean estimate is {glue:text}`mean`, and the
# interval holds the planted size in {glue:text}`coverage` of them instead of 95 %.
#
# ## Public data
#
# Neither stand-in is the study's treatment: villages are rural clusters on a published list, digital finance
# is payments and credit.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: both stand-ins on public data"}
estimates = public_estimates(VIRTUAL_AGGLOMERATION, data)
shown = {words: (estimates[words][0], estimates[words][0].terms[0]) for words in designs.PUBLIC_BASELINE}
note = (
    "Relative growth, or log points for the growth gap, per log point of villages (2014–2016) or s.d. of the "
    "index (2011–2019; resistance and recovery to 2023). Errors clustered by city; controls of the year before, "
    "where nothing else is said."
)
specs_table(shown, label="public data", note=note)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the verdict on public data"}
public_table(study, public_claims(VIRTUAL_AGGLOMERATION, data), key)

# %% tags=["remove-cell"]
quotes.public_controls(estimates)
quotes.phases(public)
glue("public-detectable", public_noises(STUDY)[key[0]].detectable, ".3f")

# %% [markdown]
# The sign is made by the year of the controls. With those of the same year villages have a negative coefficient that
# is not told from zero, {glue:text}`villages-same`, and digital finance one that is, {glue:text}`finance-same`: the second
# a reader would call *opposite*. With those of the year before they are {glue:text}`villages-before` (N =
# {glue:text}`villages-before-n`) and {glue:text}`finance-before` (N = {glue:text}`finance-before-n`), with a base year by
# year {glue:text}`villages-base` and {glue:text}`finance-base`. Rows of the same year stay in the table as what
# they are, a warning.
#
# *Resistance* and *recovery* are the response in years of a slowdown and of a recovery of the country
# ({doc}`measurement`). Of the years of the index {glue:text}`recovery-index` belong to a recovery, all others to a
# slowdown: digital finance goes with a response of {glue:text}`finance-resistance` in the latter and
# {glue:text}`finance-recovery` in the former. Rebounds of a single year, in an epidemic and after it, are no
# test of recoverability. {doc}`mechanism` puts all public estimates side by side.

# %% [markdown]
# ## What a reader may conclude
#
# * On the twin the sign is found and the size is not. The recipe reports too much, with an interval that
#   excludes the truth, and neither controls, nor machine learning, nor leads show it.
# * Controls that hold the outcome can make a sign. On public data they lower the coefficients of both stand-ins,
#   and over all years that of digital finance differs from zero with them only; in a country whose truth is known
#   the same timing hides a good part of an effect that is there.
# * Public stand-ins neither support the claim nor refute it: they are other treatments. It is not their noise that
#   leaves it open: villages would show an effect of {glue:text}`public-detectable`, less than the
#   {glue:text}`first-planted` of the twin, if a standard deviation of theirs counted for one of storefronts
#   ({doc}`mechanism`).
# * A reader may not conclude that the study's own estimate has this bias. Whether a hidden factor exists in
#   China is not known; that the recipe could not see one is.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("virtual_agglomeration", "baseline")

# %% [markdown]
# :::{admonition} What survives
# :class: tip
# {glue:text}`survives`
#
# *The words*: {glue:text}`survives-words` Line by line: {doc}`/book/scorecard`.
# :::

# %% [markdown]
# ## Exercises
#
# Each has a solution that was executed with this page. *Change this* runs the page with another choice.
#
# :::{admonition} Exercise 1
# :class: tip
# Winsorise every variable at 5 per cent in each tail. Does the interval hold the planted size now? What kind of
# error can trimming mend, and which is this?
#
# *Change this:* `digital-clusters run virtual_agglomeration/baseline -p winsorise=0.05 --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
for tail in (0.0, 0.01, 0.05):
    cut = dc.fit(spec.change(winsorise=tail), panel).term("virtual")
    held = cut.low <= planted["raises_resilience"] <= cut.high
    where = "inside" if held else "outside"
    print(
        f"{tail:.0%} in each tail: {cut.value:.3f} [{cut.low:.3f}, {cut.high:.3f}], the planted size is {where}"
    )
print("Trimming helps against outliers; a hidden factor is in every city and year.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Compute errors as if rows were independent. By which factor does the standard error change, and which assumption
# of the clustered one is given up?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
by_row = dc.fit(spec.change(errors="robust"), panel).term("virtual")
print(f"clustered {theta.error:.4f}, by row {by_row.error:.4f}: a factor of {by_row.error / theta.error:.2f}")
print("By row, the years of a city are taken for independent draws.")

# %% [markdown]
# :::{admonition} Exercise 3
# :class: tip
# Use one lead and one lag instead of two. Does the test of the lead see the hidden factor? Why could no number of
# leads?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 3", "code_prompt_hide": "Hide the solution"}
short = around.lead_lag(baseline, leads=1, lags=1)
print(f"p of the leads: two {path.leads_test.p_value:.2f}, one {short.leads_test.p_value:.2f}")
print(
    "The factor moves treatment and outcome in the same year: next year's treatment adds nothing to see it by."
)
