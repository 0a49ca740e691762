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
# # Accession: a council that cities join in several years
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
# The abstract estimates a matched difference-in-differences model beside its spatial one, and lets the strategy of
# regional integration enhance the correction; the effect of joining itself is our reading of such a model. The strategy
# is read as accession to the council of the Yangtze River Delta, which cities joined in several years, and studied as
# what it then is: a staggered treatment of few cities that lie side by side. What membership does to the correction
# and to diffusion is on the page before, {doc}`mechanism`.

# %% tags=["parameters"] limits={"draws": {"ge": 19}}
data = "twin"  # or "public": public numbers frozen, or made now
draws = 999  # permutations of accession
seed = 20110101  # of the permutations

# %%
import numpy as np
import pandas as pd

import digital_clusters as dc
from digital_clusters.studies.collaborative_agglomeration.specs import ACCESSION, COUNCIL

panel = dc.city_panel("twin")
print(*ACCESSION.in_words().split("; "), sep="\n")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: imports of figures and tables"}
from digital_clusters.analysis import adoption
from digital_clusters.report.figures.matching import bacon_scatter, group_time, propensity_overlap
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.collaborative_agglomeration import figures, joiners_tables
from digital_clusters.studies.collaborative_agglomeration import planted as planted_of
from digital_clusters.studies.collaborative_agglomeration import record as records
from digital_clusters.studies.collaborative_agglomeration.accession import evidence
from digital_clusters.studies.collaborative_agglomeration.accession import tables as accession_tables

# %% [markdown]
# ## Who joins, and when

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: every design of accession"}
designs = adoption.every_design(ACCESSION, panel, COUNCIL, draws=draws, seed=seed)
twin, kernel = records.adoption_record(designs), designs.matched["kernel"]
record = records.public_record(data)["adoption"]
planted_path = planted_of.accession_path(ACCESSION.first_year, ACCESSION.last_year)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: who joins when"}
accession_tables.cohorts({TWIN: twin["cohorts"], PUBLIC: record["cohorts"]})

# %% [markdown]
# Cities that are members in the first year have no year before. They cannot show what joining changed, and are
# *dropped* from every estimate below, {glue:text}`twin-always` on the twin and {glue:text}`public-always` in public
# data; only where the table says so they are kept as controls. {glue:text}`twin-joined` cities of the twin join
# later.
#
# ## Matching
#
# The propensity score is a logit of ever joining on the means of log GDP per head, population, structure, credit and
# co-agglomeration in the years before the first accession. Kernel matching (Epanechnikov, bandwidth 0.06) gives each
# member a weighted mean of similar cities {cite:p}`heckman_ichimura_todd_1997`; nearest-neighbour matching one city,
# without replacement, within 0.2 standard deviations of the logit {cite:p}`austin_2011`, and among equally near ones
# the first by code; a third match takes two cities with replacement within that distance.
#
# The plainest version, the one nearest city with replacement and no caliper, takes a logit, a search and a weighted
# regression:

# %%
from linearmodels import PanelOLS
from sklearn.linear_model import LogisticRegression

from digital_clusters.analysis.adoption import accession, matched

arrays = accession(ACCESSION, panel, COUNCIL)  # balanced, with what each city was before
joined = pd.Series(arrays.adoption, arrays.entity).groupby(level=0).first()
joined = joined[joined != ACCESSION.first_year]  # missing: never
before, member = arrays.before.loc[joined.index], joined.notna()
x = (before - before.mean()) / before.std()
logit = LogisticRegression(C=np.inf, tol=1e-8).fit(x, member)
score = pd.Series(logit.predict_proba(x)[:, 1], x.index)

# %%
ends = score.groupby(member).agg(["min", "max"])
score = score[score.between(ends["min"].max(), ends["max"].min())]  # the common support
never, ever = score[~member[score.index]], score[member[score.index]]
pairs = pd.Series({city: (never - s).abs().idxmin() for city, s in ever.items()})
weight = pairs.value_counts().add(pd.Series(1.0, pairs.index), fill_value=0)

# %%
rows = pd.DataFrame({"y": arrays.outcome, "did": 1.0 * (arrays.time >= arrays.adoption)})
rows.index = pd.MultiIndex.from_arrays([arrays.entity, arrays.time], names=["city", "year"])
rows = rows.assign(w=weight.reindex(arrays.entity).to_numpy()).dropna()
model = PanelOLS(rows["y"], rows[["did"]], weights=rows["w"], entity_effects=True, time_effects=True)
by_hand = model.fit(cov_type="clustered", cluster_entity=True)
package = matched(ACCESSION, panel, COUNCIL, method="nearest", matching={"replacement": True}).did.term("did")
pd.DataFrame(
    {"effect": [by_hand.params["did"], package.value], "s.e.": [by_hand.std_errors["did"], package.error]},
    index=["by hand", "package"],
)

# %% [markdown]
# The effects agree; linearmodels counts the cities' effects in its correction for small samples, which is why its error
# is a little larger. Both errors take the match as given. {cite:t}`abadie_imbens_2006` count how often a control is
# used: one that stands for three members brings its noise in three times. For the change from before the first
# accession to the year of the last and after:

# %%
from digital_clusters.estimators.did.abadie_imbens import matched_difference
from digital_clusters.estimators.did.matching import att

near = matched(ACCESSION, panel, COUNCIL, method="nearest", matching={"replacement": True})
wide = pd.Series(arrays.outcome, [arrays.entity, arrays.time]).unstack().loc[near.units.index]
years = near.units["adoption"].agg(["min", "max"]).astype(int)
change = wide.loc[:, years["max"] :].mean(axis=1) - wide.loc[:, : years["min"] - 1].mean(axis=1)
given = att(change, near.matching).term("att")
counted = matched_difference(change, near.units["score"], near.matching).term("att")
rows = {"match as given": given, "uses of a control counted": counted}
pd.DataFrame({name: {"effect": one.value, "s.e.": one.error} for name, one in rows.items()}).T

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: propensity scores", "figure": {"caption": "Propensity scores of joining cities (above) and of others (below), and what kernel matching makes of them.", "name": "fig-collaborative-accession-overlap"}, "image": {"alt": "Mirrored histograms of propensity scores that overlap over most of their range."}}
units = kernel.units
propensity_overlap(units["score"], units["treated"], weights=units["weight"], label=TWIN)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: balance before and after matching", "figure": {"caption": "Standardised differences of means before and after kernel matching.", "name": "fig-collaborative-accession-balance"}, "image": {"alt": "Dots for six covariates that move towards zero after matching; the propensity score stays right of the line at ten per cent."}}
figures.balance(kernel.balance, TWIN)

# %% [markdown]
# Membership on the twin was assigned by place and not by these covariates; what there is to balance is chance. On the
# common support lie all but {glue:text}`twin-off` cities that never join; in public data all but
# {glue:text}`public-off`, since members there are richer and higher on the index. Beyond the line of
# {glue:text}`balance-line` per cent of a standard deviation matching leaves on the twin {glue:text}`balance-beyond`;
# where members have high scores, few others are near.
#
# ## Designs
#
# The effect differs by cohort and grows with the years, in the twin by construction. "The" effect is then an average,
# and each design has its own. The second column is what each design finds where the council's planted effect is all
# that moves misallocation: the number it would give without noise, bias of aggregation and spillovers to the controls
# included. The planted mean is told as designs measure it, against the year before and against cities never in the
# council; all that the council changes in its members is {glue:text}`mean-whole` on average.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what each design finds of the planted effect alone"}
mean_planted = accession_tables.mean_over_members(planted_path)
alone = planted_of.planted_estimates(ACCESSION, panel)

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors
from digital_clusters.studies.collaborative_agglomeration.accession import quotes as own

own.designs(twin, record, kernel.balance, alone, mean_planted)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every design on the twin"}
accession_tables.designs(twin["estimates"], TWIN, alone, mean_planted)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: every design on the twin", "figure": {"caption": "The same estimates with 95 per cent intervals.", "name": "fig-collaborative-accession-designs"}, "image": {"alt": "Seven negative estimates with overlapping intervals; the two-way ones lie farthest from zero."}}
figures.designs(twin["estimates"], label=TWIN, planted=mean_planted)

# %% [markdown]
# The static two-way estimate weighs comparisons by group sizes and by the variance of treatment within their window
# {cite:p}`goodman_bacon_2021`. Two kinds mislead: comparisons with cities that joined *earlier*, whose own effect is
# still growing and enters with a minus, and with members from the first year on, for whom the same holds.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: kinds of comparison"}
accession_tables.bacon({TWIN: twin["bacon"], PUBLIC: record["bacon"]})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: two-by-two comparisons", "figure": {"caption": "Every two-by-two comparison behind the two-way estimate that keeps the first year's members.", "name": "fig-collaborative-accession-bacon"}, "image": {"alt": "Scatter of estimates against weights; comparisons with earlier members lie nearer to zero."}}
bacon_scatter(designs.bacon, ylabel=figures.YLABEL, label=TWIN)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: weights of city-years", "figure": {"caption": "Weight of the effect in each city and year in the two-way estimate that keeps the first year's members. Below zero the effect enters with the wrong sign.", "name": "fig-collaborative-accession-weights"}, "image": {"alt": "Lines of weights by cohort over years; that of the first year's members turns negative."}}
figures.cell_weights(designs, label=TWIN)

# %% [markdown]
# Kept, those members give {glue:text}`share-negative-kept` per cent of treated city-years a negative weight
# {cite:p}`chaisemartin_dhaultfoeuille_2020`; dropped, {glue:text}`share-negative`. Of the planted effect, whose mean is
# {glue:text}`mean-planted`, the two-way regression then finds {glue:text}`two-way-kept-alone` and
# {glue:text}`two-way-alone`. So in this panel staggering misleads only through the members of the first year: cities
# that never join are many, and {glue:text}`share-never` per cent of the weight are comparisons with them. *Matching*
# makes them few: with one control for each member only {glue:text}`share-never-matched` per cent of the weight are left
# for them, the rest compares members with members, some of which joined earlier, and the matched designs find
# {glue:text}`matched-alone` of the planted effect. The matched sample is balanced, but more of its comparisons use
# members of earlier years, which group-time estimation avoids. The distance of the two-way estimate,
# {glue:text}`two-way`, from what it should find is not staggering. It compares with *all* years before joining, in
# which the joining cities happened to have larger wedges than in the last one; group-time effects compare with the last
# one only.
#
# ## Year by year

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: group-time effects by years since joining", "figure": {"caption": "Effects of accession by years since joining by group-time estimation, against cities that never join, base in the year before, with 95 per cent intervals. The planted path is a counterfactual: the same country without a council.", "name": "fig-collaborative-accession-event"}, "image": {"alt": "Event study: near zero before joining, falling steadily afterwards; green diamonds mark the planted path."}}
figures.path(twin["group_time"], TWIN, planted_path)

# %% [markdown]
# A second path is that of a regression on an indicator for every year since joining but the one before it:

# %%
kept = arrays.adoption != ACCESSION.first_year
since = pd.Series(arrays.time - arrays.adoption).clip(lower=-5)[kept]  # missing for cities that never join
indicators = pd.get_dummies(since.astype("Int64"), dtype=float).drop(columns=-1)
indicators.columns = [str(k).replace("-", "−") for k in indicators]
indicators.index = pd.MultiIndex.from_arrays([arrays.entity[kept], arrays.time[kept]])
y = pd.Series(arrays.outcome[kept], indicators.index, name="y")
two_way = PanelOLS(y, indicators, entity_effects=True, time_effects=True)
by_library = two_way.fit(cov_type="clustered", cluster_entity=True)
by_library.params.round(3).rename("years since joining").to_frame().T

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: two-way event study", "figure": {"caption": "Two-way event study, cohort of the first year dropped; the fifth year before joining holds all earlier ones.", "name": "fig-collaborative-accession-twoway"}, "image": {"alt": "Event study with four years before joining slightly above zero and a falling path afterwards."}}
figures.path(twin["event_study"], TWIN, planted_path)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure that moves: the event study by estimator"}
figures.live_paths({"group-time": twin["group_time"], "two-way": twin["event_study"]}, TWIN, planted_path)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects of each cohort", "figure": {"caption": "Effects of each cohort in each year.", "name": "fig-collaborative-accession-cohorts"}, "image": {"alt": "Four panels, one a cohort, with grey estimates before joining and coloured ones after it."}}
group_time(designs.group_time, ylabel="log points", label=TWIN)

# %% [markdown]
# The first figure averages the effects of each cohort in each year {cite:p}`callaway_santanna_2021`, the second is of
# the regression. Both paths follow the planted one. Far from joining they rest on one or two small cohorts and jump where
# the composition changes. The planted path is not exactly zero before joining: earlier members go on improving and
# reach later ones through their neighbours, a spillover that no design on this page removes, because the cities never
# in the council are reached as well.
#
# Are the years before joining zero? Members are few, and clustered errors of few treated cities are too small.
# Permuting whole residual paths over the cities gives a test that does not depend on them
# {cite:p}`freedman_lane_1983`; permuting the years of joining does the same for the effect
# {cite:p}`phipson_smyth_2010`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: tests of what came before"}
accession_tables.pretrend({TWIN: twin, PUBLIC: record})

# %% [markdown]
# That nothing precedes joining holds on the twin but for that small spillover. At 5 per cent the Wald test
# {glue:text}`twin-wald` it and the permutation {glue:text}`twin-pretrend` it; that accession has no effect
# {glue:text}`twin-placebo` by permuting its years.
#
# ## Other estimators, neighbours, and trends that deviate
#
# The two-way estimate is not the only one that can be had without the members of the first year.
# {cite:t}`sun_abraham_2021` and {cite:t}`callaway_santanna_2021` compare each cohort with the year before it joined;
# {cite:t}`chaisemartin_dhaultfoeuille_2024` let cities that join later serve as controls as well;
# {cite:t}`borusyak_jaravel_spiess_2024` and {cite:t}`gardner_2022` carry the city and year effects of untreated
# city-years over to treated ones, so that all years before joining count. Imputation by hand, for the balanced panel of
# this page:

# %%
table = pd.DataFrame({"city": arrays.entity, "year": arrays.time, "joins": arrays.adoption})
rows = table.assign(m=arrays.outcome)[arrays.adoption != ACCESSION.first_year].reset_index(drop=True)
treated = rows["year"] >= rows["joins"]
effects = np.hstack([pd.get_dummies(rows[key], dtype=float) for key in ("city", "year")])
untreated = np.linalg.lstsq(effects[~treated], rows["m"][~treated], rcond=None)[0]
imputed = (rows["m"] - effects @ untreated)[treated].mean()
complete = panel.complete("misallocation", years=(ACCESSION.first_year, ACCESSION.last_year))
imputation = dc.robust_did(complete, "misallocation", adoption="delta_council_year", method="imputation")
pd.DataFrame({"by hand": [imputed], "package": [imputation.term("att").value]}, index=["imputation"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: robust estimators, the donut and the bounds"}
robust = evidence.robust_accession(panel, data, twin["estimates"], alone)

# %% tags=["remove-cell"]
own.robust(robust)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: robust estimators on the twin"}
joiners_tables.robust_table(robust.found[TWIN], TWIN, robust.planted)

# %% [markdown]
# *Neighbours.* The claim is about space, so that cities next to a member are no untouched controls. A donut leaves out
# the {glue:text}`twin-reached` cities that never join and have a member among their five nearest; the effect on them
# compares them with cities that have none {cite:p}`butts_2021`. On the twin the ring's effect is {glue:text}`twin-ring`
# and the donut moves the estimate from {glue:text}`twin-imputed` to {glue:text}`twin-donut`: the controls are many, and
# few of them are reached.
#
# *Few joiners.* The wild cluster bootstrap of the two-way estimate {cite:p}`cameron_gelbach_miller_2008`, which
# draws signs for whole cities with the effect set to zero, has p {glue:text}`twin-wild-p` where the t test has
# {glue:text}`twin-t-p`.
#
# *Trends that deviate.* A pre-trend test that does not reject is no proof. {cite:t}`rambachan_roth_2023` ask how much is
# left of an effect if trends may deviate after joining as much as they changed before it, or M̄ times as much. The
# confidence set here is the union of one test for each change before joining, with the least favourable critical value
# {cite:p}`andrews_roth_pakes_2023`; its coverage is never below the stated one, and it is wide.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: bounds under deviations from parallel trends"}
joiners_tables.honest_table(robust.found)

# %% [markdown]
# On the twin the set {glue:text}`twin-breakdown`; on public data it {glue:text}`public-breakdown`.
#
# What these methods are worth is counted in other countries of the same truth, with the council and without it:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the methods in other synthetic countries"}
joiners_tables.joiners_trial_table(robust.trial, robust.countries)

# %% [markdown]
# Robust estimators share the bias of the two-way one here, {glue:text}`trial-sun-bias` and
# {glue:text}`trial-static-bias`: staggering is not what is wrong once the first members are dropped. The bias is of the
# planted effect alone, part of which reaches cities before they join and those that never do; the planted mean of the
# table of designs leaves that part out. {doc}`../../book/inference` isolates this with a spillover whose reach is
# known: where it ends at neighbours, imputation is off by {glue:text}`isolated-plain-ring` of the effect and the donut
# by {glue:text}`isolated-donut-ring`; where it goes on beyond them, by {glue:text}`isolated-plain-beyond` and
# {glue:text}`isolated-donut-beyond`. On the twin it goes on beyond them, since what happens to a city moves its
# neighbours, and with the donut the bias of imputation is {glue:text}`trial-donut-bias`, without it
# {glue:text}`trial-imputation-bias`. Of the clustered tests that of imputation, whose error leaves each city out of its
# own comparison, comes nearest to its size of 5 per cent, with {glue:text}`trial-imputation-size`; Sun–Abraham's
# rejects in {glue:text}`trial-sun-size`. The bootstrap rejects in {glue:text}`trial-wild-size` and permuting the years
# in {glue:text}`trial-dealt-size` where no council was founded: joiners lie side by side and share their shocks, which
# neither draws. Where joiners drift off in a line, the interval under parallel trends holds the zero effect in
# {glue:text}`trial-plain-coverage` of countries and the bounds at M̄ = 1 in {glue:text}`trial-honest-coverage`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: robust estimators on public data"}
joiners_tables.robust_table(robust.found[PUBLIC], PUBLIC)

# %% [markdown]
# {glue:text}`public-holding` intervals hold zero; the robust estimates go from {glue:text}`public-robust-range`, the
# donut gives {glue:text}`public-donut`, and the bootstrap of the two-way estimate has p {glue:text}`public-wild-p`.
#
# ## Public data
#
# The same designs for the real council, up to 2016. The cohorts of 2018 and 2019 fall outside, and the members of
# 1997 and 2003 are always treated.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: balance in public data", "figure": {"caption": "Balance in public data, kernel matching.", "name": "fig-collaborative-accession-balance-public"}, "image": {"alt": "Dots for six covariates: large differences before matching, mostly below a fifth of a standard deviation after it."}}
figures.balance(pd.DataFrame(record["balance"]).set_index("term"), PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every design on public data"}
accession_tables.designs(record["estimates"], PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects by years since joining, public data", "figure": {"caption": "Effects of accession by years since joining in public data.", "name": "fig-collaborative-accession-event-public"}, "image": {"alt": "Event study with wide intervals that hold zero in every year."}}
figures.path(record["group_time"], PUBLIC)

# %% [markdown]
# With {glue:text}`public-joined` joining cities and noisy wedges {glue:text}`public-zero` intervals hold zero, and
# {glue:text}`public-planted` the mean effect that is planted in the twin.
#
# ## What a reader may conclude
#
# * Accession lowers misallocation on the twin by every design. Which years before joining count moves the estimate
#   more than staggering does, once members of the first year are dropped; and no design removes what members do to
#   cities outside.
# * Few cities join, and they lie side by side. Where no council was founded, tests at 5 per cent reject in
#   {glue:text}`trial-size-least` to {glue:text}`trial-size-most` of countries, those by bootstrap and by permutation
#   among them. Of what came before, the Wald test {glue:text}`twin-wald` that it is nothing and the permutation
#   {glue:text}`twin-pretrend` it.
# * On public data {glue:text}`public-zero` designs have an interval that holds zero.

# %% tags=["remove-cell"]
quote_survivors("collaborative_agglomeration", "accession")

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
# Gardner's two stages take the same regression of untreated city-years as imputation. Should the estimate differ?
# Should the error?
#
# *Change this:* `digital-clusters run collaborative_agglomeration/accession -p seed=7 --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
two_stage = dc.robust_did(complete, "misallocation", adoption="delta_council_year", method="two_stage")
for words_of, one in {"imputation": imputation, "two stages": two_stage}.items():
    print(f"{words_of}: {one.term('att').value:.4f} ({one.term('att').error:.4f})")
print("The mean of what is left over is the same; the errors treat the first stage in different ways.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Leave out the joiners of one year at a time. Does the effect rest on one of them?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
joins = complete.frame["delta_council_year"]
for year in sorted(set(joins[joins.between(ACCESSION.first_year + 1, ACCESSION.last_year)])):
    others = dc.Panel.of(complete.frame[joins.ne(year).fillna(True)])
    found = dc.robust_did(others, "misallocation", adoption="delta_council_year", method="imputation")
    print(f"without those of {year:.0f}: {found.term('att').value:.3f} ({found.term('att').error:.3f})")
