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
# # Mechanism: a moving turning point, and the council
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
# :::
#
# Two mechanisms are named in the abstract. Digital technology strengthens the correction and delays the turning
# point; regional integration corrects misallocation by itself, strengthens the correction, and intensifies the
# diffusion of digital technology between cities. The first is in the model of {doc}`baseline`. The second is read
# here as accession to the council of the Yangtze River Delta, which cities joined in several years, and studied as
# what it then is: a staggered treatment of few cities.

# %% tags=["parameters"]
data = "twin"  # or "public": public numbers frozen, or made now
weights = "nearest"  # spatial weights of the twin's spatial models
draws = 999  # permutations of accession
seed = 20110101  # of the permutations

# %%
import numpy as np
import pandas as pd

import digital_clusters as dc
from digital_clusters.studies.collaborative_agglomeration.specs import (
    ACCESSION,
    BASELINE,
    COUNCIL,
    DIFFUSION,
    STUDY,
    weighted,
)

panel = dc.city_panel("twin")
spec = weighted(BASELINE, weights)
print(*spec.in_words().split("; "), sep="\n")

# %%
curve = dc.fit(spec, panel)
terms = ["coagglomeration", "coagglomeration^2", "coagglomeration:internet"]
curve.table().loc[terms, :"high"].round(4)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: imports of figures and tables"}
from digital_clusters.analysis import adoption
from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.power import load_power
from digital_clusters.analysis.readings import public_claims, public_estimates, twin_claims
from digital_clusters.analysis.spatial import curves
from digital_clusters.report import verdicts as claimed_tables
from digital_clusters.report import words
from digital_clusters.report.figures.matching import bacon_scatter, group_time, propensity_overlap
from digital_clusters.report.figures.turning_points import turning_path
from digital_clusters.studies.collaborative_agglomeration import figures, tables
from digital_clusters.studies.collaborative_agglomeration import planted as planted_of
from digital_clusters.studies.collaborative_agglomeration import record as records
from digital_clusters.studies.collaborative_agglomeration.accession import tables as accession_tables

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the record of accession on public data"}
TWIN, PUBLIC = words.TWIN, words.PUBLIC
record = records.public_record(data)["adoption"]

# %% tags=["remove-cell"]
from digital_clusters.report.results import save
from digital_clusters.studies.collaborative_agglomeration import quotes

# %% [markdown]
# ## Digital technology moves the turning point
#
# The fitted curve is a parabola in co-agglomeration, and misallocation is least where its slope is zero. Internet use
# adds to the slope: a negative product tilts the curve down to the right, so that its lowest point moves to the right.
# For cities with no, one and five internet users per 10 residents, and the movement by one user more:

# %%
b = curve.estimate.to_frame()["coefficient"]
product, square = b["coagglomeration:internet"], b["coagglomeration^2"]
turn_at = {z: -(b["coagglomeration"] + product * z) / (2 * square) for z in (0, 1, 5)}
pd.DataFrame({"turning point": turn_at | {"one user more": -product / (2 * square)}}).rename_axis(
    "internet users"
)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the path of the turning point, estimated and planted"}
path, shift = curves.moving(curve)
truth = planted_of.planted_turning_points(path.moderator, gap=planted_of.index_gap(panel))

# %% tags=["remove-cell"]
quotes.shift(shift, truth, path)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the path of the turning point", "figure": {"caption": "Turning point over internet use, cities outside the council, with pointwise 95 per cent intervals by the delta method and by Fieller.", "name": "fig-collaborative-mechanism-path"}, "image": {"alt": "A rising line of turning points with a band, and a dotted planted line a little above it."}}
turning_path(
    path,
    xlabel="internet users per 10 residents",
    ylabel="turning point, units of co-agglomeration",
    label=TWIN,
    truth=truth,
)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure that moves: the curve and its turning point"}
from digital_clusters.report.live import live_turning

axes = {"xlabel": "co-agglomeration", "ylabel": "log misallocation, log points", "label": TWIN}
axes |= {"moderator": "internet users per 10 residents", "title": "Internet use moves the turning point"}
drawn = {"span": curves.inner(curve), "moderators": path.moderator, "z": curves.mean_moderator(curve)}
live_turning(curve.estimate, curve.design.names[:3], **drawn, planted=truth, **axes)

# %% [markdown]
# One more internet user per 10 residents moves the turning point by {glue:text}`shift-value`:
# {glue:text}`shift-delta` by the delta method, {glue:text}`shift-fieller` by Fieller. Planted are
# {glue:text}`shift-planted`. The *movement* is right although the square and the product are both too large
# ({doc}`robustness`): in this country their excess cancels in the ratio. In others it need not, as the coverage at
# the end of this page shows. The *place* is too early throughout, by
# {glue:text}`shift-early-least` to {glue:text}`shift-early-most` units of co-agglomeration.
#
# With $\beta_{cz}$ the product's coefficient, the curve $\beta_c c + \beta_{cc} c^2 + \beta_{cz} c z$ turns at
#
# $$
# c^*(z) = - \frac{\beta_c + \beta_{cz} z}{2 \beta_{cc}}, \qquad \frac{d c^*}{d z} = - \frac{\beta_{cz}}{2 \beta_{cc}} ,
# $$ (eq-collaborative-moving)
#
# so a *stronger* correction ($\beta_{cz} < 0$) and a *later* turning point are one statement as soon as the curve is
# a U {cite:p}`haans_pieters_he_2016`. That is a property of this regression, not of the world: without $c^2 z$ internet
# use can tilt the curve and not bend it. With $\beta_{ccz}$ in the model
#
# $$
# c^*(z) = - \frac{\beta_c + \beta_{cz} z}{2 (\beta_{cc} + \beta_{ccz} z)}, \qquad
# \operatorname{sign} \frac{d c^*}{d z} = \operatorname{sign} (\beta_c \beta_{ccz} - \beta_{cc} \beta_{cz}) ,
# $$ (eq-collaborative-bending)
#
# and the two come apart. {doc}`theory` says that at the old peak they even exclude each other. There the peak is where
# nothing is left to correct, which a size of wedges has and a parabola in their logarithm has not: the parabola can go
# on falling below any old minimum. The twin is built like the regression, with a parabola that internet use tilts only.
#
# The variant that lets internet use bend the curve, read at mean internet use:

# %%
bent_spec = spec.change(contemporaneous=(*spec.contemporaneous, "coagglomeration^2:internet"))
bent = dc.fit(bent_spec, panel)
b = bent.estimate.to_frame()["coefficient"]
b1, b2, b4, b5 = (b[name] for name in (*curve.design.names[:3], "coagglomeration^2:internet"))
z, (low, high) = bent.sample["internet"].mean(), bent.sample["coagglomeration"].quantile([0.25, 0.98])
later = (b1 * b5 - b2 * b4) / (2 * (b2 + b5 * z) ** 2)
stronger = {f"change of the own effect at {c:.2f}": b4 + 2 * b5 * c for c in (low, high)}
pd.DataFrame({"one internet user more": {"shift of the turning point": later} | stronger})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the curve that internet use tilts and bends"}
tables.bending({"tilted": curve, "tilted and bent": bent}, TWIN)

# %% [markdown]
# The product is a line in internet use, and it compares cities as well as years. Without spatial terms the effect can
# have a line of its own in each third of internet use {cite:p}`hainmueller_mummolo_xu_2019`, and the product can be
# that of deviations from the city's own means {cite:p}`giesselmann_schmidtcatran_2022`:

# %%
from digital_clusters.analysis.inference.moderation import in_bins, within_cities
from digital_clusters.studies.collaborative_agglomeration.inference.interactions import (
    COLLABORATIVE_INTERACTIONS as INTERACTIONS,
)

by_digital = dc.fit(INTERACTIONS.twin["co-agglomeration, digital technology"], panel)
found = [in_bins(by_digital).effects.to_frame(), within_cities(by_digital).within.to_frame()[:1]]
pd.concat(found).loc[:, :"high"].round(4)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: bins and deviations on both sources, and their trial"}
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.interactions import interaction_rows
from digital_clusters.report.inference import moderation as shown

rows_of = {TWIN: interaction_rows(INTERACTIONS.twin, panel), PUBLIC: INTERACTIONS.public_rows(data)}
tried = load_frozen(INTERACTIONS.record).facts

# %% tags=["remove-cell"]

shown.quote_moderation(tried["trial"], rows_of[PUBLIC], tried["trial"][0]["design"], tried["countries"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: interactions in bins and within cities"}
shown.moderation_table(rows_of)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: bins and deviations in other countries"}
shown.moderation_trial_table(tried["trial"], tried["countries"])

# %% [markdown]
# In {glue:text}`mod-countries` other countries, where the index has the paths of other cities and a line is planted on
# them, the test of one line rejects in {glue:text}`mod-size-line`: that is its size. The test of equal products rejects
# there in {glue:text}`mod-null-same`, for the product of deviations is off by {glue:text}`mod-null-within-bias`. A line in
# internet use is more than that product: it is also the city's mean index times the change of its internet use, for
# which the regression has no term. Over these years high indices fall while internet use rises everywhere, so that the
# product of deviations takes {glue:text}`mod-null-of-means` of that part for its own, and rejections are no evidence that
# effects differ between cities. In the twin as it is the test of one line rejects in {glue:text}`mod-twin-line`: what the
# index does there need be no line in a regression without spatial terms. An effect that stops rising at mean internet
# use is found in {glue:text}`mod-power-line`. The usual product is off by
# {glue:text}`mod-plain-line-bias`, that of deviations by {glue:text}`mod-plain-within-bias` with
# {glue:text}`mod-wider` times the error. On public data {glue:text}`mod-public-bent` of {glue:text}`mod-public-binned`
# lines are rejected at five per cent, and {glue:text}`mod-public-turned` of {glue:text}`mod-public-within` products have
# another sign within cities than the line has; {glue:text}`mod-public-apart` differ from the usual product at five per
# cent.

# %% [markdown]
# ## Accession: who joins, and when

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: every design of accession"}
designs = adoption.every_design(ACCESSION, panel, COUNCIL, draws=draws, seed=seed)
twin, kernel = records.adoption_record(designs), designs.matched["kernel"]
planted_path = planted_of.accession_path(ACCESSION.first_year, ACCESSION.last_year)

# %% tags=["remove-cell"]
save(STUDY, "accession", [{"data": TWIN} | twin, {"data": PUBLIC} | dict(record)])
quotes.counts({"twin": twin, "public": record})
quotes.balance(kernel.balance)
quotes.tests_before(twin)
quotes.shares(twin)

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
# the first by code.

# %% [markdown]
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
# These errors take the match as given. {cite:t}`abadie_imbens_2006` count how often a control is used: one that stands
# for three members brings its noise in three times. For the change from before the first accession to after the last:

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

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: propensity scores", "figure": {"caption": "Propensity scores of joining cities (above) and of others (below), and what kernel matching makes of them.", "name": "fig-collaborative-mechanism-overlap"}, "image": {"alt": "Mirrored histograms of propensity scores that overlap over most of their range."}}
units = kernel.units
propensity_overlap(units["score"], units["treated"], weights=units["weight"], label=TWIN)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: balance before and after matching", "figure": {"caption": "Standardised differences of means before and after kernel matching.", "name": "fig-collaborative-mechanism-balance"}, "image": {"alt": "Dots for six covariates that move towards zero after matching; the propensity score stays right of the line at ten per cent."}}
figures.balance(kernel.balance, TWIN)

# %% [markdown]
# Membership on the twin was assigned by place and not by these covariates; what there is to balance is chance. On the
# common support lie all but {glue:text}`twin-off` cities that never join; in public data all but
# {glue:text}`public-off`, since members there are richer and higher on the index. Beyond the line of
# {glue:text}`balance-line` per cent of a standard deviation matching leaves on the twin {glue:text}`balance-beyond`; where
# members have high scores, few others are near.
#
# ## Designs
#
# The effect differs by cohort and grows with the years, in the twin by construction. "The" effect is then an average,
# and each design has its own. The second column is what each design finds where the council's planted effect is all
# that moves misallocation: the number it would give without noise, bias of aggregation and spillovers to the controls
# included.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what each design finds of the planted effect alone"}
mean_planted = accession_tables.mean_over_members(planted_path)
alone = planted_of.planted_estimates(ACCESSION, panel)

# %% tags=["remove-cell"]
quotes.planted_designs(twin["estimates"], alone, mean_planted)
quotes.public_designs(record["estimates"], mean_planted)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every design on the twin"}
accession_tables.designs(twin["estimates"], TWIN, alone, mean_planted)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: every design on the twin", "figure": {"caption": "The same estimates with 95 per cent intervals.", "name": "fig-collaborative-mechanism-designs"}, "image": {"alt": "Seven negative estimates with overlapping intervals; the two-way ones lie farthest from zero."}}
figures.designs(twin["estimates"], label=TWIN, planted=mean_planted)

# %% [markdown]
# The static two-way estimate weighs comparisons by group sizes and by the variance of treatment within their window
# {cite:p}`goodman_bacon_2021`. Two kinds mislead: comparisons with cities that joined *earlier*, whose own effect is
# still growing and enters with a minus, and with members from the first year on, for whom the same holds.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: kinds of comparison"}
accession_tables.bacon({TWIN: twin["bacon"], PUBLIC: record["bacon"]})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: two-by-two comparisons", "figure": {"caption": "Every two-by-two comparison behind the two-way estimate that keeps the first year's members.", "name": "fig-collaborative-mechanism-bacon"}, "image": {"alt": "Scatter of estimates against weights; comparisons with earlier members lie nearer to zero."}}
bacon_scatter(designs.bacon, ylabel=figures.YLABEL, label=TWIN)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: weights of city-years", "figure": {"caption": "Weight of the effect in each city and year in the two-way estimate that keeps the first year's members. Below zero the effect enters with the wrong sign.", "name": "fig-collaborative-mechanism-weights"}, "image": {"alt": "Lines of weights by cohort over years; that of the first year's members turns negative."}}
figures.cell_weights(designs, label=TWIN)

# %% [markdown]
# Kept, those members give {glue:text}`share-negative-kept` per cent of treated city-years a negative weight
# {cite:p}`chaisemartin_dhaultfoeuille_2020`; dropped, {glue:text}`share-negative`. Of the planted effect, whose mean
# is {glue:text}`mean-planted`, the two-way regression then finds {glue:text}`two-way-kept-alone` and
# {glue:text}`two-way-alone`. So in this panel staggering misleads only through the members of the first year: cities
# that never join are many, and {glue:text}`share-never` per cent of the weight are comparisons with them. *Matching*
# makes them few: with one control for each member only {glue:text}`share-never-matched` per cent of the weight are
# left for them, the rest compares members with members, some of which joined earlier, and the matched designs find
# {glue:text}`matched-alone` of the planted effect. The matched sample is balanced, but more of its comparisons use members of earlier years, which group-time estimation avoids.
# The distance of the two-way estimate, {glue:text}`two-way`, from what it should find is not staggering. It compares
# with *all* years before joining, in which the joining cities happened to have larger wedges than in the last one;
# group-time effects compare with the last one only.
#
# ## Year by year

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: group-time effects by years since joining", "figure": {"caption": "Effects of accession by years since joining by group-time estimation, against cities that never join, base in the year before, with 95 per cent intervals. The planted path is a counterfactual: the same country without a council.", "name": "fig-collaborative-mechanism-event"}, "image": {"alt": "Event study: near zero before joining, falling steadily afterwards; green diamonds mark the planted path."}}
figures.path(twin["group_time"], TWIN, planted_path)

# %% [markdown]
# The second of the two is a regression on an indicator for every year since joining but the one before it:

# %%
kept = arrays.adoption != ACCESSION.first_year
since = pd.Series(arrays.time - arrays.adoption).clip(lower=-5)[kept]  # missing for cities that never join
indicators = pd.get_dummies(since.astype("Int64"), dtype=float).drop(columns=-1)
indicators.columns = [str(k) for k in indicators]
indicators.index = pd.MultiIndex.from_arrays([arrays.entity[kept], arrays.time[kept]])
y = pd.Series(arrays.outcome[kept], indicators.index, name="y")
two_way = PanelOLS(y, indicators, entity_effects=True, time_effects=True)
by_library = two_way.fit(cov_type="clustered", cluster_entity=True)
by_library.params.round(3).rename("years since joining").to_frame().T

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: two-way event study", "figure": {"caption": "Two-way event study, cohort of the first year dropped; the fifth year before joining holds all earlier ones.", "name": "fig-collaborative-mechanism-twoway"}, "image": {"alt": "Event study with four years before joining slightly above zero and a falling path afterwards."}}
figures.path(twin["event_study"], TWIN, planted_path)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure that moves: the event study by estimator"}
figures.live_paths({"group-time": twin["group_time"], "two-way": twin["event_study"]}, TWIN, planted_path)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects of each cohort", "figure": {"caption": "Effects of each cohort in each year.", "name": "fig-collaborative-mechanism-cohorts"}, "image": {"alt": "Four panels, one a cohort, with grey estimates before joining and coloured ones after it."}}
group_time(designs.group_time, ylabel="log points", label=TWIN)

# %% [markdown]
# The first figure averages the effects of each cohort in each year {cite:p}`callaway_santanna_2021`, the second is a
# regression. Both paths follow the planted one. Far from joining they rest on one or two small cohorts and jump where
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

# %% [markdown]
# ## Other estimators, neighbours, and trends that deviate
#
# The two-way estimate is not the only one that can be had without the members of the first year. {cite:t}`sun_abraham_2021`
# and {cite:t}`callaway_santanna_2021` compare each cohort with the year before it joined; {cite:t}`chaisemartin_dhaultfoeuille_2024`
# let cities that join later serve as controls as well; {cite:t}`borusyak_jaravel_spiess_2024` and {cite:t}`gardner_2022`
# carry the city and year effects of untreated city-years over to treated ones, so that all years before joining count.
# Imputation by hand, for the balanced panel of this page:

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
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.studies.collaborative_agglomeration import joiners, joiners_tables
from digital_clusters.studies.collaborative_agglomeration.planted import with_council_change

robust = {TWIN: joiners.joiners_record(ACCESSION, panel), PUBLIC: joiners.public_joiners(data)}
trial = load_frozen(joiners.RECORD).facts
changed = ACCESSION.change(outcome="council_change")
of_planted = joiners.planted_joiners(changed, with_council_change(panel))
of_planted[robust[TWIN]["two_way"]["design"]] = alone[3]

# %% tags=["remove-cell"]
joiners_tables.quote_joiners({"twin": robust[TWIN], "public": robust[PUBLIC]})
joiners_tables.quote_trial(trial["trial"])
joiners_tables.quote_isolated(load_frozen("neighbours").facts["exact"])
save(STUDY, "joiners", [{"data": label} | dict(found) for label, found in robust.items()])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: robust estimators on the twin"}
joiners_tables.robust_table(robust[TWIN], TWIN, of_planted)

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
joiners_tables.honest_table(robust)

# %% [markdown]
# On the twin the set leaves out zero up to M̄ = {glue:text}`twin-breakdown`; on public data up to
# {glue:text}`public-breakdown`, since the interval under parallel trends holds zero already.
#
# What these methods are worth is counted in other countries of the same truth, with the council and without it:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the methods in other synthetic countries"}
joiners_tables.joiners_trial_table(trial["trial"], trial["countries"])

# %% [markdown]
# Robust estimators share the bias of the two-way one here, {glue:text}`trial-sun-bias` and {glue:text}`trial-static-bias`:
# staggering is not what is wrong once the first members are dropped. The bias is of the planted effect alone, part of which
# reaches cities before they join and those that never do. {doc}`../../book/inference` isolates this with a spillover whose
# reach is known: where it ends at neighbours, imputation is off by {glue:text}`isolated-plain-ring` of the effect and the
# donut by {glue:text}`isolated-donut-ring`; where it goes on beyond them, by {glue:text}`isolated-plain-beyond` and
# {glue:text}`isolated-donut-beyond`. On the twin it goes on beyond them, since what happens to a city moves its neighbours,
# and with the donut the bias of imputation is {glue:text}`trial-donut-bias`, without it {glue:text}`trial-imputation-bias`. Of the clustered tests only imputation, whose error leaves each city
# out of its own comparison, is near its size ({glue:text}`trial-imputation-size`; Sun–Abraham
# {glue:text}`trial-sun-size`). The bootstrap rejects in {glue:text}`trial-wild-size` and permuting the years in
# {glue:text}`trial-dealt-size` where no council was founded: joiners lie side by side and share their shocks, which
# neither draws. Where joiners drift off in a line, the interval under parallel trends holds the zero effect in
# {glue:text}`trial-plain-coverage` of countries and the bounds at M̄ = 1 in {glue:text}`trial-honest-coverage`.
#
# On public data:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: robust estimators on public data"}
joiners_tables.robust_table(robust[PUBLIC], PUBLIC)

# %% [markdown]
# {glue:text}`public-holding` intervals hold zero; the robust estimates go from {glue:text}`public-robust-range`, the donut
# gives {glue:text}`public-donut`, and the bootstrap of the two-way estimate has p {glue:text}`public-wild-p`.
#
# ## Public data
#
# The same designs for the real council, up to 2016. The cohorts of 2018 and 2019 fall outside, and the members of
# 1997 and 2003 are always treated.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: balance in public data", "figure": {"caption": "Balance in public data, kernel matching.", "name": "fig-collaborative-mechanism-balance-public"}, "image": {"alt": "Dots for six covariates: large differences before matching, mostly below a fifth of a standard deviation after it."}}
figures.balance(pd.DataFrame(record["balance"]).set_index("term"), PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every design on public data"}
accession_tables.designs(record["estimates"], PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects by years since joining, public data", "figure": {"caption": "Effects of accession by years since joining in public data.", "name": "fig-collaborative-mechanism-event-public"}, "image": {"alt": "Event study with wide intervals that hold zero in every year."}}
figures.path(record["group_time"], PUBLIC)

# %% [markdown]
# With {glue:text}`public-joined` joining cities and noisy wedges {glue:text}`public-zero` intervals hold zero, and
# {glue:text}`public-planted` the mean effect that is planted in the twin.
#
# ## Diffusion among members
#
# If integration intensifies diffusion, a member's internet use should follow the lead of its five nearest cities a
# year earlier, more than another city's does. The product of that lead and membership is planted; cities outside the
# council are not pulled.

# %%
names = ["neighbours_lead", "neighbours_lead:delta_member"]
diffusion = dc.fit(DIFFUSION, panel).estimate
diffusion.to_frame().loc[names]

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: diffusion among members"}
claimed_tables.specs_table(
    {tables.TERMS[name]: (diffusion, name) for name in names}, label=TWIN, note=tables.DIFFUSION_NOTE
)

# %% [markdown]
# A city's neighbours share its province, its history and its shocks, so their lead is no experiment; city and year
# effects and a lag remove the fixed part of that only.
#
# ## The chain
#
# The abstract's last sentence is a chain: integration speeds diffusion, what diffuses strengthens the correction. Its
# size is the product of the two links. Each has its own regression, and the chain is there only if both links are.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the chain, link by link"}
from digital_clusters.studies.collaborative_agglomeration.chain import chain, planted_chain
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

frozen = public_estimates(COLLABORATIVE_AGGLOMERATION, data)
links = {TWIN: chain(diffusion, curve.estimate)}
links[PUBLIC] = chain(frozen["public, diffusion"][0], frozen["public, internet users"][0])
tables.chains(links, planted_chain())

# %% [markdown]
# The product is the change of the effect of co-agglomeration by membership, a year, for each user per 10 residents that
# the neighbours are ahead.
#
# ## Innovation, from the centre outwards
#
# Before misallocation the abstract has another link: with digital technology co-agglomeration raises the *innovation
# capability* of the city and of its neighbours, in central cities first and in peripheral ones after them. No public
# file has patents or inventors by city, and none is planted in the twin. What a city's budget spends on science per
# resident is public, and stands in for it here with a weakness of its own: it is an input that governments decide on,
# and a province's grants reach all of its cities in the same years. So that the last two rows tell a sequence from a
# common shock, capitals are set against the other cities in both directions.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: science expenditure, from the centre outwards"}
from digital_clusters.studies.collaborative_agglomeration.innovation.record import public_innovation
from digital_clusters.studies.collaborative_agglomeration.innovation.tables import innovation_table

innovation = public_innovation(data)
innovation_table(innovation)

# %% tags=["remove-cell"]
quotes.innovation(innovation)

# %% [markdown]
# Of {glue:text}`innovation-parts` parts of the sentence {glue:text}`innovation-found` have the sign it claims, different
# from zero. {glue:text}`innovation-sequence` Whichever way it comes out, it is a statement on budgets.
#
# ## All claims

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: claims on the twin and on public data, and their power"}
from digital_clusters.analysis.multiverse.explored import frozen_multiverse

study, power = load_claims(STUDY), load_power(STUDY)
found = twin_claims(COLLABORATIVE_AGGLOMERATION, {"weights": weights, "correction": spec.correction})
planted = COLLABORATIVE_AGGLOMERATION.planted_sizes()
public = public_claims(COLLABORATIVE_AGGLOMERATION, data)

# %% tags=["remove-cell"]
quotes.power(power, "integration_corrects")
quotes.verdicts(study, public)

quotes.standings(frozen_multiverse("collaborative_agglomeration"), tables.LOG_SIZE)
variants = records.public_record(data)["variants"]
quotes.public_curve({"public": variants["public"]}, variants)
claimed_tables.save_claims(study, "claims", found, planted, public)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the claims"}
claimed_tables.claims_table(study)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: verdicts on the twin"}
claimed_tables.verdicts_table(study, found, planted, power)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: power of the claims", "figure": {"caption": "How often the sign of each claim is found in other synthetic countries of the same truth. Dotted: 80 per cent.", "name": "fig-collaborative-mechanism-power"}, "image": {"alt": "Bars of the share of countries in which each claim is recovered."}}
claimed_tables.verdicts_figure(study, power)

# %% [markdown]
# Power says how often a true claim of this size is found in other countries of the same truth; coverage how often the
# interval holds the planted size. Where power is high and coverage low, the sign can be trusted and the size not:
# that is what an omitted variable does to the curve's claims. Accession is found smaller than planted on average,
# {glue:text}`did-mean` against {glue:text}`did-planted`: the matched design's own bias, as above.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the claims on public data"}
claimed_tables.public_table(study, public)

# %% [markdown]
# {glue:text}`public-verdicts` A verdict here is about one specification. *Sign found* is the claimed sign with an interval
# without zero, *other sign found* the other sign with such an interval; neither says that the effect is causal, and *right
# sign* or *wrong sign* says that this specification does not tell.

# %% [markdown]
# Ten claims are ten chances. Each number is a sum of what the cities add to it, whatever the estimator; random signs of
# whole cities, the same for all claims, say how large the largest of ten is when none is true
# {cite:p}`romano_wolf_2016`.

# %%
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.claim_family import DRAWS, claim_family
from digital_clusters.report.inference import claims as claims_together
from digital_clusters.studies.collaborative_agglomeration import study as the_study
from digital_clusters.studies.collaborative_agglomeration.inference.family import COLLABORATIVE_FAMILY

own_claims = claim_family(the_study.COLLABORATIVE_AGGLOMERATION, panel)
public_claims_together = COLLABORATIVE_FAMILY.public_rows(the_study.COLLABORATIVE_AGGLOMERATION, data)
family_trial = load_frozen(COLLABORATIVE_FAMILY.record).facts["trial"]  # every claim is false
pd.DataFrame(own_claims).set_index("claim")[["t", "p", "romano_wolf"]].head(3).round(4)

# %% tags=["remove-cell"]
claims_together.quote_family({"twin": own_claims, "public": public_claims_together}, family_trial)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: all claims as one family"}
claims_together.family_table(study, {TWIN: own_claims, PUBLIC: public_claims_together}, DRAWS)

# %% [markdown]
# With the claimed sign and a p value of at most five per cent stand {glue:text}`family-public-alone` of
# {glue:text}`family-public-claims` claims on public data by themselves, and {glue:text}`family-public-together` in the
# family; on the twin {glue:text}`family-twin-alone` and {glue:text}`family-twin-together`. Where each of the
# twin's cities has the treatments' paths of another city, drawn at random, so that no claim is true, some claim is found at five per cent in
# {glue:text}`family-trial-alone` of {glue:text}`family-deals` permutations, by Holm's rule in {glue:text}`family-trial-holm`, by
# Romano and Wolf's in {glue:text}`family-trial-romano-wolf` (95 per cent limits: {glue:text}`family-trial-range`). What
# each city adds is what leaving it out changes, so that a city of high leverage does not pass for a precise one
# {cite:p}`mackinnon_nielsen_webb_2023`. Claims decided by fewer than {glue:text}`family-trial-least` cities are found alone in
# {glue:text}`family-trial-few` of permutations, the others in {glue:text}`family-trial-many`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: ten false claims, one by one"}
claims_together.family_trial_table(study, family_trial)

# %% [markdown]
# ## What public data say
#
# One specification is one of many. The declared multiverse crosses the outcome (five ways to say how large wedges are),
# the years, the year of the controls, the sample, the neighbours and the errors: clustered by city or by province, or of
# {cite:t}`conley_1999`, which let cities depend on each other the more, the nearer they are. Two samples are of cities
# that are the same throughout: those with a value in every year, and those that took and gave no county since 2003. To
# test slopes with single coefficients there is no spatial multiplier: *next door* is the mean of the five nearest cities,
# or of those with a common border, or a mean of all cities by distance, by likeness of income, or by both. The more
# cities a mean is of, the less it varies and the larger is a coefficient for the same effect: that is part of the range.
# Neighbours without a value are left out, but for the diffusion of internet use to the five nearest, of which all need
# one. Samples of the same cities, and neighbours other than the five nearest, are tried with errors by city. *Detectable*
# is the effect that a test finds four times in five, 2.8 times the median standard error. A later turning point has no
# line: in a curve that the moderator tilts and does not bend it is the sign of the stronger correction once more.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: claim by claim over the declared multiverse"}
from digital_clusters.report import multiverse as curves_of_claims
from digital_clusters.report.figures.multiverse import specification_curve

explored = frozen_multiverse("collaborative_agglomeration")
tables.claim_sentences(explored)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every claim and outcome over the multiverse"}
curves_of_claims.summary_table(explored, title="", label=PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the curve of specifications of the inverted U", "figure": {"caption": "The square of the index in every specification of the multiverse with the log size of the wedges as outcome, in order of size, and what was chosen in each.", "name": "fig-collaborative-mechanism-multiverse"}, "image": {"alt": "Sorted estimates with intervals above rows of marks that say which years, controls, sample and errors each has."}}
points = explored.table.query("claim == 'inverted_u' and outcome == @tables.LOG_SIZE and problem == ''")
specification_curve(
    points, explored.declared.choices, sign=1, ylabel="square of the index, log points", label=PUBLIC
)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what moves the estimates"}
curves_of_claims.moves_table(explored, title="", label=PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what the rule of errors does"}
curves_of_claims.error_rules_table(explored, title="", label=PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: combinations that are not estimated"}
curves_of_claims.left_out_table(explored, title="", label=PUBLIC)

# %% [markdown]
# And every single public estimate that the book keeps, whatever it says:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every public estimate"}
tables.public_estimates(frozen)

# %% [markdown]
# {glue:text}`public-all-curves` {glue:text}`public-all-effects`
#
# ## What a reader may conclude
#
# * On the twin every claim of the abstract has the planted sign in the estimate. It was planted; that the designs
#   find it says that they can.
# * "Stronger" and "later" are one coefficient as long as internet use cannot bend the curve. Counting them as two
#   confirmations then counts it twice.
# * Accession lowers misallocation on the twin by every design. Which years before joining count moves the estimate
#   more than staggering does, once members of the first year are dropped; and no design removes what members do to
#   cities outside.
# * Few cities join. Tests of what came before need permutations: with few treated cities the Wald test rejects a true
#   hypothesis more often than its level.
# * On public data {glue:text}`public-standings`.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("collaborative_agglomeration", "mechanism")

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
# At which internet use does the turning point leave the range in which the curve is drawn? What is a curve that
# turns beyond its data?
#
# *Change this:* `digital-clusters run collaborative_agglomeration/mechanism -p weights=contiguity --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
from digital_clusters.analysis.spatial import curves

linear, square, product = (curve.estimate.term(name).value for name in curve.design.names[:3])
last, users = curves.inner(curve)[1], curve.sample["internet"].quantile([0.5, 0.99])
leaves = -(linear + 2 * square * last) / product
print(
    f"it passes {last:.2f} at {leaves:.1f} users per 10 residents; the median city-year has {users[0.5]:.1f},"
)
print(f"the 99th percentile {users[0.99]:.1f}. Beyond, the correction only weakens: a slope, not yet a U.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Gardner's two stages take the same regression of untreated city-years as imputation. Should the estimate differ?
# Should the error?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
two_stage = dc.robust_did(complete, "misallocation", adoption="delta_council_year", method="two_stage")
for words_of, one in {"imputation": imputation, "two stages": two_stage}.items():
    print(f"{words_of}: {one.term('att').value:.4f} ({one.term('att').error:.4f})")
print("The mean of what is left over is the same; the errors treat the first stage in different ways.")
