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
# # Robustness: what moves the curve, and what it leaves out
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
# :::
#
# The baseline of {doc}`baseline` under other weights, samples, measures, errors and controls, and with an instrument.
# On the twin every line can be held against what is planted, so that a check that *agrees* with the baseline is not
# mistaken for one that is right.

# %% tags=["parameters"] limits={"first_year": {"ge": 2003, "le": 2020}, "last_year": {"ge": 2003, "le": 2020, "span": 8}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2004  # where a check does not set its own
last_year = 2020

# %%
import pandas as pd
from linearmodels import IV2SLS, PanelOLS

import digital_clusters as dc
from digital_clusters.analysis.spec import override
from digital_clusters.studies.collaborative_agglomeration import specs as study

panel = dc.city_panel("twin")
years = {"first_year": first_year, "last_year": last_year}
specs = override(study.ROBUSTNESS, study.BASELINE, years)
print(*specs["storefront density as control"].in_words().split("; "), sep="\n")

# %%
terms = ["coagglomeration", "coagglomeration^2", "coagglomeration:internet"]
dc.fit(specs["storefront density as control"], panel).table().loc[terms, :"high"].round(4)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: every specification, and what is planted"}
from digital_clusters.report import estimates
from digital_clusters.report.figures.designs import robust_sets
from digital_clusters.sources.tables import LABELS
from digital_clusters.studies.collaborative_agglomeration import figures, tables
from digital_clusters.studies.collaborative_agglomeration import variants as checks
from digital_clusters.studies.collaborative_agglomeration.record import public_record

TWIN, PUBLIC = LABELS["twin"], LABELS["public"]
record = public_record(data)
found = checks.variants(specs, panel)
planted = checks.planted_sides(dc.fit(specs["baseline"], panel))
levels = {name: row for name, row in found.items() if row["outcome"] != "misallocation"}
logs = {name: row for name, row in found.items() if name not in levels}

# %% tags=["remove-cell"]
from digital_clusters.analysis.power import load_power
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.words import number
from digital_clusters.studies.collaborative_agglomeration import quotes
from digital_clusters.studies.collaborative_agglomeration.robustness import quotes as moved
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

save(study.STUDY, "robustness", [{"name": name} | row for name, row in found.items()])

# %% [markdown]
# ## The same curve under other choices

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the curve under other choices"}
tables.variants(logs, TWIN, "Outcome: log misallocation.")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects under other choices", "figure": {"caption": "Effects at the lower quartile and at the 98 % quantile of co-agglomeration with 95 per cent intervals. Dashed and dotted: the planted sizes at the baseline's two quantiles. Indirect effects by inverse distance leave the axis.", "name": "fig-collaborative-robustness-variants"}, "image": {"alt": "Direct and indirect effects, a line a specification; all direct effects are negative on the left and positive on the right."}}
figures.variants(logs, label=TWIN, planted=planted)

# %% tags=["remove-cell"]
for name, key in (("base", "baseline"), ("store", "storefront density as control")):
    glue(f"square-{name}", number(found[key]["square"][0]))
    glue(f"product-{name}", number(found[key]["product"][0]))
    glue(f"right-{name}", number(found[key]["direct right"]["effect"]))

# %% tags=["remove-cell"]
power, sizes = load_power(study.STUDY), COLLABORATIVE_AGGLOMERATION.planted_sizes()
glue("square-planted", number(sizes["inverted_u"]))
glue("product-planted", number(sizes["stronger_with_digital"]))
glue("countries", len(power.seeds))
glue("square-mean", number(power.of("inverted_u")["mean"]))
glue("product-mean", number(power.of("stronger_with_digital")["mean"]))
glue("right-planted", number(planted["direct right"]))
products = pd.Series(power.values["stronger_with_digital"])
glue("product-beyond", f"{(products < sizes['stronger_with_digital']).mean():.0%}")
quotes.public_curve({"public": record["variants"]["public"]}, record["variants"])
moved.quote_weights_alone(found, planted)
moved.quote_controls(found)
moved.quote_corrections(found)
moved.quote_signs(logs, sizes["inverted_u"])

# %% [markdown]
# **Weights.** The direct effect hardly depends on who counts as a neighbour. The indirect effect does. Neighbours are
# planted as the five nearest; contiguity, which shares most of them, finds a part of it. Inverse distance spreads the
# same over everybody ($\rho$ = {glue:text}`rho-inverse`, not corrected for bias: the transformed data have no maximum):
# its indirect effect is on all cities together, large and uncertain. By economic distance, which has nothing to do with
# the map, $\rho$ is {glue:text}`rho-economic` and the indirect effect on the left is {glue:text}`indirect-economic`
# where {glue:text}`indirect-planted` is planted. Wrong weights do not announce themselves in the direct effect.
#
# **Controls.** Of the same year, of the first year by year, or none but membership: on the twin, whose wedges do not
# feed back into its controls, the square goes from {glue:text}`controls-square-least` to
# {glue:text}`controls-square-most` and {glue:text}`controls-signs` effects have the sign of what is planted. That is
# what one wants to see, and no proof for data in which they do.
#
# **Square times internet use.** The product $cz$ lets internet use tilt the curve, $c^2 z$ lets it bend it; "stronger"
# and "later" are then two statements ({doc}`mechanism`).
#
# **Years.** Within either half of the period the square is smaller than over the whole, and the product with internet
# use, which has barely spread before 2012, is poorly determined in the first. The halves are not two tests of the
# baseline.
#
# **Lag.** The index a year earlier has smaller effects. In the twin the effect is immediate; a lagged regressor is a
# noisy version of the present one, not a remedy for reverse causation, of which the twin has none.
#
# **Storefront density as control.** This line explains most of what the baseline has too much. In the twin storefront
# density lowers misallocation, and it happens to move with the square and with the product. The abstract names no such
# variable, and platforms begin only in 2008; so the baseline leaves it out. The price: the square is
# {glue:text}`square-base` where {glue:text}`square-planted` is planted, and {glue:text}`square-store` with the control;
# the product with internet use {glue:text}`product-base` where {glue:text}`product-planted` is planted, and
# {glue:text}`product-store`; the direct effect on the right {glue:text}`right-base`, planted
# {glue:text}`right-planted`, and {glue:text}`right-store`. The lines without it agree with the baseline and share its
# bias. Agreement among specifications that omit the same variable says nothing about that variable.
#
# Where the bias comes from can be taken apart. A coefficient without a variable is the one with it, plus the variable's
# own coefficient times what the variable moves with the term, all in regressions with the same other terms:

# %%
short = dc.fit(specs["no spatial terms"], panel)
rows = pd.MultiIndex.from_frame(short.sample[["city", "year"]])
x = pd.DataFrame(short.design.regressors, rows, short.design.names)
store = pd.Series(short.sample["storefront_density"].to_numpy(), rows, name="store")
y, both = pd.Series(short.design.outcome, rows, name="m"), {"entity_effects": True, "time_effects": True}
without = PanelOLS(y, x, **both).fit().params
with_it = PanelOLS(y, x.assign(store=store), **both).fit().params
moves = PanelOLS(store, x, **both).fit().params
identity = with_it[terms] + with_it["store"] * moves[terms]
pd.DataFrame({"without": without[terms], "with it + effect × how it moves": identity})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what an omitted variable moves"}
omitted = checks.omission(specs["no spatial terms"], panel, "storefront_density")
tables.omission(omitted, tables.TERMS, "storefront density, standard deviations", TWIN)

# %% [markdown]
# Nothing plants the middle column; it is what remains once city effects and years are removed. How much of it is this
# country's draw, other countries of the same truth tell: over {glue:text}`countries` of them the baseline's square is
# {glue:text}`square-mean` and its product {glue:text}`product-mean` on average. The product is stronger than planted in
# {glue:text}`product-beyond` of them, since storefronts and internet use spread together; most of the excess of the
# square belongs to this country.
#
# In levels the unit is another one, the mean of the two absolute wedges:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the size of the wedges as outcome"}
tables.variants(levels, TWIN, "Outcome: size of the wedges.")

# %% [markdown]
# Five kinds of weights are not five answers if the data speak for one of them. With equal probabilities beforehand,
# each weights have a posterior one: the likelihood of the model integrated over its coefficients, $\rho$ and the
# variance {cite:p}`lesage_pace_2009`. The answer over all weights is the average with these probabilities. Shares and the
# $\rho$ beside them are of the transformed data, which is why inverse distance has another $\rho$ here than above.

# %%
from digital_clusters.analysis.spatial.over_weights import over_weights, weights_shares
from digital_clusters.studies.collaborative_agglomeration.record import SIDES

baseline = dc.fit(specs["baseline"], panel)
pd.DataFrame(weights_shares(baseline)).T[["log_likelihood", "posterior_share", "rho"]].round(3)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the answer over all weights on both sources, and its trial"}
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.inference import weights as weights_tables
from digital_clusters.studies.collaborative_agglomeration.inference import weights as over

answers = {TWIN: over_weights(baseline, SIDES), PUBLIC: over.public_weights(data)}
weighed = load_frozen(over.RECORD).facts

# %% tags=["remove-cell"]
weights_tables.quote_weights(answers[PUBLIC], weighed["trial"], weighed["countries"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: one answer over five weights"}
weights_tables.over_weights_table(answers)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: weights in other countries"}
weights_tables.weights_trial_table(weighed["trial"], weighed["countries"])

# %% [markdown]
# On public data the largest share is that of the {glue:text}`weights-largest`, {glue:text}`weights-share`, and the
# averaged indirect effect at the lower quartile is {glue:text}`weights-indirect`. In {glue:text}`weights-countries` other
# countries of the twin the right weights have the largest share in {glue:text}`weights-right`; intervals of the averaged
# indirect effect hold what is planted in {glue:text}`weights-average-coverage`, those of single wrong weights in
# {glue:text}`weights-wrong-least` to {glue:text}`weights-wrong-most`. Shares compare the weights that are offered, and
# count the years of a city as independent: they are surer than the data are.

# %% [markdown]
# ## Errors
#
# The information matrix takes shocks to be independent over cities and years. They are autocorrelated in the twin, as
# they are in most panels, and the clustered errors are larger by the factor in the last column.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: two kinds of errors"}
shown = [
    "coagglomeration",
    "coagglomeration^2",
    "coagglomeration:internet",
    "coagglomeration:delta_member",
    "rho",
]
rules = checks.both_errors(specs["baseline"], panel)
estimates.errors_table(rules, {term: tables.TERMS[term] for term in shown}, TWIN)

# %% [markdown]
# The bias of many city and year effects is removed by the transformation of {cite:t}`lee_yu_2010`; subtracting it
# moves $\rho$ by {glue:text}`subtracted-rho` and the effects by at most {glue:text}`subtracted-effects`, leaving it in by
# {glue:text}`left-rho` and {glue:text}`left-effects`. With fewer cities it matters more:
# {doc}`/book/spatial` counts how often the intervals hold the truth.
#
# ## An instrument, and a line through a curve
#
# If misallocation moved industries, the index of the same year would answer to the outcome. The index of two years
# earlier is a common instrument: it is decided earlier, and it is valid only if it has no effect of its own and
# shocks do not last, which they do. One instrument can serve one term, so the effect here is a *line*.

# %%
years = {"first_year": max(first_year, study.INSTRUMENTED.first_year), "last_year": last_year}
by_instrument = study.INSTRUMENTED.change(**years)
fitted = dc.fit(by_instrument, panel)
fitted.table().head(1)

# %% [markdown]
# The same by hand: take city and year means out of every column and hand the rest to two-stage least squares.

# %%
arrays = fitted.design
columns = pd.DataFrame(arrays.regressors, columns=arrays.names).assign(y=arrays.outcome, z=arrays.instrument)
of_city, of_year = (columns.groupby(key).transform("mean") for key in (arrays.entity, arrays.time))
left = columns - of_city - of_year + columns.mean()  # every city has every year
two_stage = IV2SLS(left["y"], left[list(arrays.control_names)], left["coagglomeration"], left["z"]).fit()
both = {"by hand": two_stage.params["coagglomeration"], "package": fitted.term("coagglomeration").value}
pd.DataFrame(both, index=["coagglomeration"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what the same regressions find of the planted curve"}
line = fitted.instrumented
through = checks.line_through_curve(study.LINEAR, by_instrument, panel)
names = {"least_squares": "least squares", "estimate": "index two years earlier as instrument"}

# %% tags=["remove-cell"]
moved.quote_line(line, found["baseline"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the instrumented line"}
estimates.instrument_table(line, through, names, TWIN)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the instrumented line", "figure": {"caption": "The linear effect by two-stage least squares with its two kinds of 95 per cent interval. The dashed line is what the same regression finds of the planted curve.", "name": "fig-collaborative-robustness-instrument"}, "image": {"alt": "Two overlapping horizontal intervals around zero with a vertical line for the planted value."}}
robust_sets(
    {"two years earlier": line},
    xlabel="linear effect, log points per unit of co-agglomeration",
    label=TWIN,
    truth=through["estimate"],
)

# %% [markdown]
# The instrument is strong. {glue:text}`line-sentence` At the lower quartile the effect of the curve is
# {glue:text}`line-left` and at the 98 % quantile {glue:text}`line-right`: a line through a U adds falling and rising
# parts, and whoever tests the claims with a linear term sees neither. No instrument for the square and the product is
# at hand, so the baseline stays without one.
#
# ## Public data

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: public specifications"}
note = (
    "'Level of misallocation' is the size of the wedges, the others its logarithm. 'No spatial terms' is of the "
    "cities that have every year, as the spatial models are; the table of every public estimate has it of all."
)
tables.variants(record["variants"], PUBLIC, note)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: public specifications", "figure": {"caption": "Effects of the index of two sectors at its lower quartile and its 98 % quantile, public data.", "name": "fig-collaborative-robustness-public"}, "image": {"alt": "Direct and indirect effects of the public specifications; most intervals hold zero."}}
figures.variants(record["variants"], label=PUBLIC)

# %% [markdown]
# {glue:text}`public-all-effects` {glue:text}`public-all-curves` How much of that is left over all declared choices
# is asked in {doc}`mechanism`.
#
# ## What a reader may conclude
#
# * On the twin {glue:text}`signs-kept` effects have the planted sign. In the city {glue:text}`signs-direct` have it and
#   differ from zero, next door {glue:text}`signs-indirect-left` on the left and {glue:text}`signs-indirect-right` on the
#   right. The square is larger than planted in {glue:text}`signs-steep` lines, most of it for want of one variable.
# * Clustered errors are needed; corrections for many effects matter less.
# * A linear effect is no summary of a curve, with or without an instrument.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("collaborative_agglomeration", "robustness")

# %% [markdown]
# :::{admonition} What survives
# :class: tip
# {glue:text}`survives`
#
# *The words*: {glue:text}`survives-words` Line by line: {doc}`/book/scorecard`.
# :::
