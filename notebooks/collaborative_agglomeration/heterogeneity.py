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
# # Heterogeneity: tiers, places, and the two sides of the turning point
#
# :::{admonition} What came out
# :class: note
# On real cities the effect is compared between four groups and the rest. {glue:text}`public-groups-sentence`
# {glue:text}`came-out`
# :::
#
# The abstract distinguishes central from peripheral cities, and the left from the right of the turning point. The
# first is a split by what a city *is*; the second one by the *treatment itself*, so that a city changes sides when its
# treatment moves.

# %% tags=["parameters"] limits={"first_year": {"ge": 2003, "le": 2020}, "last_year": {"ge": 2003, "le": 2020, "span": 8}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2004  # of the twin's sample
last_year = 2020
weights = "nearest"  # spatial weights: who is whose neighbour

# %%
import pandas as pd

import digital_clusters as dc
from digital_clusters.studies.collaborative_agglomeration import groups
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE, STUDY, weighted

panel = groups.with_thirds(dc.city_panel("twin"))
spec = weighted(BASELINE.change(first_year=first_year, last_year=last_year), weights)
print(*spec.in_words().split("; "), sep="\n")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: imports of figures and tables, and the record of public data"}
from digital_clusters.analysis.spatial.curves import mean_moderator, turning
from digital_clusters.report.figures import estimates as plots
from digital_clusters.sources.tables import LABELS
from digital_clusters.studies.collaborative_agglomeration import planted as truth
from digital_clusters.studies.collaborative_agglomeration import sides, tables
from digital_clusters.studies.collaborative_agglomeration.record import public_record

TWIN, PUBLIC = LABELS["twin"], LABELS["public"]
record = public_record(data)

# %% tags=["remove-cell"]
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.words import number
from digital_clusters.studies.collaborative_agglomeration import quotes

# %% [markdown]
# ## Groups of cities
#
# Four binary variables take the place of the moderator: capitals of provinces, old industrial bases, and the western
# and the eastern third of the map. The twin's map is fictional and has no east, centre and west of China; thirds by
# longitude are the nearest thing. In the twin the effect of co-agglomeration depends on internet use and on the
# council, and on none of these four: every planted difference is zero.

# %%
plain, kept = (groups.group_specs(spec, keep_moderator=keep) for keep in (False, True))
without, with_product = groups.differences(plain, panel), groups.differences(kept, panel)
with_product[["words", "value", "standard_error", "p", "holm"]]

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the planted differences, and how far groups differ in internet use"}
planted = dict.fromkeys(kept, 0.0)
gaps = groups.moderator_gaps(plain, panel, "internet")

# %% tags=["remove-cell"]
save(STUDY, "heterogeneity", with_product.to_dict("records"))
quotes.groups({"twin": with_product.to_dict("records"), "public": record["groups"]})
quotes.years_of_designs()
quotes.nearest_group(with_product, without)
glue("chance-any", f"{1 - 0.95 ** len(with_product):.0%}")
glue("gap-capitals", number(next(iter(gaps.values())), 2))
spread = panel.frame.query("@first_year <= year <= @last_year")["internet"].std()
glue("gap-capitals-sd", number(next(iter(gaps.values())) / spread, 2))

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: differences between groups"}
tables.differences(with_product, TWIN, planted, "Internet use and its product stay in the model.")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: differences between groups", "figure": {"caption": "Differences of the direct effect between groups with 95 per cent intervals, with and without the product of co-agglomeration and internet use in the model.", "name": "fig-collaborative-heterogeneity-groups"}, "image": {"alt": "Two intervals for each of four groups around zero; that of provincial capitals with the product reaches furthest to the left."}}
plots.differences_figure({"with the product": with_product, "without it": without}, label=TWIN, truth=0.0)

# %% [markdown]
# A difference of this kind is the coefficient of the product of co-agglomeration and membership of the group, carried
# through the spatial multiplier. Without neighbours it is the coefficient itself, which any library of panel
# regressions gives:

# %%
from linearmodels import PanelOLS

alone = spec.change(method="two_way_fixed_effects", moderator="is_provincial_capital")
fitted = dc.fit(alone, panel)
rows = pd.MultiIndex.from_frame(fitted.sample[["city", "year"]])
x = pd.DataFrame(fitted.design.regressors, rows, fitted.design.names)
y = pd.Series(fitted.design.outcome, rows, name="misallocation")
by_library = PanelOLS(y, x, entity_effects=True, time_effects=True).fit(
    cov_type="clustered", cluster_entity=True
)
by_hand = {"linearmodels": by_library.params[fitted.product], "package": fitted.term(fitted.product).value}
pd.DataFrame(by_hand, index=["difference"])

# %% [markdown]
# And Holm's rule, used below, sorts the p values, multiplies the smallest by their number, the next by one less, and
# never lets a later one be smaller:

# %%
p = with_product.set_index("words")["p"].sort_values()
holm = (p * list(range(len(p), 0, -1))).cummax().clip(upper=1)
pd.DataFrame({"p": p, "by hand": holm, "package": with_product.set_index("words")["holm"]}).loc[p.index]

# %% [markdown]
# {glue:text}`twin-groups-sentence` Nothing of the kind is planted. The smallest p value is that of
# {glue:text}`nearest-group`: {glue:text}`nearest-value` with p = {glue:text}`nearest-p`. So many tests at 5 per cent, if
# independent, find something by chance in {glue:text}`chance-any` of studies; corrected for that, by Holm's rule
# {cite:p}`holm_1979`, its p value is {glue:text}`nearest-holm`.
#
# A difference also depends on what else may bend the curve: without the product of co-agglomeration and internet use
# the same difference is {glue:text}`nearest-without`. Capitals have {glue:text}`gap-capitals` more internet users per 10
# residents on average, {glue:text}`gap-capitals-sd` standard deviations.
#
# ## Left and right of the turning point

# %%
curve = dc.fit(spec, panel)
shown = ["coagglomeration", "coagglomeration^2", "coagglomeration:internet"]
curve.table().loc[shown, ["coefficient", "standard_error", "low", "high"]].round(4)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: three ways to tell the sides apart, at the estimated and the planted point"}
point, _ = turning(curve)
planted_point = float(truth.planted_turning_points(mean_moderator(curve), gap=truth.index_gap(panel)))
ways = [
    row
    for words, at in (("estimated", point.value), ("planted", planted_point))
    for row in sides.ways(spec, panel, at, words)
]

# %% tags=["remove-cell"]
for name, value in (("turn", point.value), ("turn-planted", planted_point)):
    glue(name, number(value, 2))
quotes.sides_apart(ways)

# %% [markdown]
# The estimated turning point is {glue:text}`turn`, the planted one {glue:text}`turn-planted`. Three ways to tell the
# sides apart: the quadratic's marginal effect at the mean of each side; a broken line, two slopes in one model of all
# city-years; and two separate regressions, one for the city-years on each side. Planted is what the same regression
# finds of the planted curve alone (for the quadratic: the planted effect at the same value).

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: effects on both sides"}
tables.by_side(ways, TWIN)

# %% [markdown]
# Of {glue:text}`sides-pairs` pairs {glue:text}`sides-signs` have a negative effect below and a positive one above, the
# least of them {glue:text}`sides-least` standard errors from zero. The three ways are not equally good tests.
#
# * A sample cut by the treatment keeps a city only in the years in which it is on that side. Cities that cross are in
#   both samples with a part of their years, and the change at the moment of crossing is in neither.
# * Who crosses is not random: growth of the index moves a city over, and so does a shock to it. City effects are
#   estimated from what is left.
# * Neighbours are cut away with their years, so the split regressions have no spatial terms.
# * The cut is at an *estimated* point. Two slopes on either side of the minimum of a fitted curve have the right
#   signs by construction more often than not; their p values do not count the search for the point. The joint test of
#   {doc}`baseline` has its slopes at two quantiles of the index, which are not searched for.
#
# ## Public data

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: differences in public data"}
tables.differences(pd.DataFrame(record["groups"]), PUBLIC, note="Thirds by longitude of the centroids.")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: differences in public data", "figure": {"caption": "Differences of the direct effect of the index of two sectors between groups of real cities, with 95 per cent intervals.", "name": "fig-collaborative-heterogeneity-public"}, "image": {"alt": "One interval for each of four groups of real cities around zero."}}
plots.differences_figure({"public data": pd.DataFrame(record["groups"])}, label=PUBLIC)

# %% [markdown]
# On public data, {glue:text}`years-curve`, with the index of two sectors: {glue:text}`public-groups-sentence` No map is
# fictional here, so thirds by longitude are west and east of China, and nothing is known of the true differences. Sides
# are not compared: where public data have a turning point at all ({doc}`robustness`), it is estimated with other years
# and another moderator.
#
# ## What a reader may conclude
#
# * On public data {glue:text}`public-groups-short`.
# * On the twin, where no difference exists, {glue:text}`twin-groups-short`. That one of four splits is below 5 per cent
#   happens by chance in {glue:text}`chance-any` of studies if the splits are independent.
# * On the twin {glue:text}`sides-signs` of {glue:text}`sides-pairs` pairs of slopes have the two signs of a U. The estimated
#   point was searched for, and their p values do not count the search; that of the joint test on all city-years
#   ({doc}`baseline`) does not rest on the point.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("collaborative_agglomeration", "heterogeneity")

# %% [markdown]
# :::{admonition} What survives
# :class: tip
# {glue:text}`survives`
#
# *The words*: {glue:text}`survives-words` Line by line: {doc}`/book/scorecard`.
# :::
