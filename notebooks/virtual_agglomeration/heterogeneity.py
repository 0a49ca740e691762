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
# # Heterogeneity: for which cities more, for which less
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
#
# * {glue:text}`came-out-1`
# * {glue:text}`came-out-2`
# * {glue:text}`came-out-3`
# * {glue:text}`came-out-4`
#
# {glue:text}`came-out-reading`
# :::
#
# The abstract names three splits: old industrial bases, digital infrastructure, and integration, a word with
# two readings. Each is one regression in which the treatment is multiplied by the moderator, so that the
# *difference* is tested and not two subsamples compared by eye. Four tests of one idea are corrected for
# being four.

# %% tags=["parameters"] limits={"first_year": {"ge": 2008, "le": 2019}, "last_year": {"ge": 2008, "le": 2019, "span": 2}, "draws": {"ge": 99}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2008  # of the sample on the twin
last_year = 2019
draws = 999  # of bootstrap and permutation
seed = 20080101

# %%
import digital_clusters as dc
from digital_clusters.analysis.spec import override
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, HETEROGENEITY

panel = dc.city_panel("twin")
from digital_clusters.sources.columns import words_of

moderators = ["is_old_industrial_base", "digital_infrastructure", "delta_member", "fusion"]
values = panel.frame.query("@first_year <= year <= @last_year")[moderators].astype(float)
values.agg(["count", "mean", "std", "min", "max"]).T.rename(words_of).round(2) + 0.0

# %%
changes = {"first_year": first_year, "last_year": last_year}
specs = override(HETEROGENEITY, BASELINE, changes)
print(*(spec.in_words() for spec in specs.values()), sep="\n")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what the tables and figures of this page are made with"}
from digital_clusters.analysis import designs as around
from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.power import load_power
from digital_clusters.analysis.readings import public_claims, public_estimates, twin_claims
from digital_clusters.report.verdicts import public_table, verdicts_table
from digital_clusters.studies.virtual_agglomeration import figures, tables
from digital_clusters.studies.virtual_agglomeration.specs import STUDY
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: claims, planted sizes and the four regressions"}
study, power = load_claims(STUDY), load_power(STUDY)
planted = VIRTUAL_AGGLOMERATION.planted_sizes()
splits = {claim.spec: claim.key for claim in study.claims if claim.spec in specs}
claims, keys = twin_claims(VIRTUAL_AGGLOMERATION, changes, list(splits.values())), list(splits.values())
sizes = {split: planted[key] for split, key in splits.items()}
fits = {name: dc.fit(spec, panel) for name, spec in specs.items()}
family = around.split_family(fits, draws=draws, seed=seed)

# %% tags=["remove-cell"]
from digital_clusters.report.glue import glue
from digital_clusters.report.verdicts import glue_claims
from digital_clusters.report.words import number, p_text
from digital_clusters.studies.virtual_agglomeration import quotes

glue_claims(claims, planted, {"old": keys[0], "digital": keys[1], "region": keys[2], "fusion": keys[3]})
found = {name: (split.estimate, split.product) for name, split in fits.items()}
quotes.save_estimates("heterogeneity", found, panel.label)
quotes.corrected(family)
glue("old-share", f"{abs(planted[keys[0]] / planted['raises_resilience']):.0%}")
for name, key in zip(("old", "region", "fusion"), (keys[0], *keys[2:]), strict=True):
    glue(f"{name}-power", f"{100 * power.of(key)['share_recovered']:.0f} %")

# %% tags=["remove-cell"]
glue("old-missed", f"{100 * (1 - power.of(keys[0])['share_recovered']):.0f} %")
glue("average-planted", number(planted["raises_resilience"]))
covering = dict(zip(("old", "digital", "region", "average"), (*keys[:3], "raises_resilience"), strict=True))
for name, key in covering.items():
    glue(f"{name}-coverage", f"{100 * power.of(key)['coverage']:.0f} %")
for name, term in {"level": "virtual", "slope": fits["digital infrastructure"].product}.items():
    b = fits["digital infrastructure"].term(term)
    glue(f"digital-{name}", f"{number(b.value)} ({number(b.error)})")
public = public_claims(VIRTUAL_AGGLOMERATION, data)
quotes.held_by_villages({key: public[key] for key in keys}, public["raises_resilience"])
quotes.public_controls(public_estimates(VIRTUAL_AGGLOMERATION, data))

# %% [markdown]
# ## Four interactions
#
# With $m$ the moderator, $V$ and $m$ less their sample means,
#
# $$
# R_{it} = \theta V_{it} + \lambda V_{it} m_{it} + \mu m_{it} + X_{it}'\beta + \alpha_i + \tau_t + \varepsilon_{it} .
# $$
#
# $\lambda$ is the claim. A moderator that is fixed in a city has no $\mu$ of its own. One of the four:

# %%
split = dc.fit(specs["old industrial base"], panel)
split

# %% [markdown]
# By hand: centre, multiply, take means of city and year out of every column, least squares. The panel is
# balanced, so that the two means and the overall one are all that the indicators remove.

# %%
import numpy as np
import pandas as pd

rows = split.sample


def within(x):
    means = (x.groupby(rows[key]).transform("mean") for key in ("city", "year"))
    return x - sum(means) + x.mean()


d, m = (rows[name] - rows[name].mean() for name in ("virtual", "is_old_industrial_base"))
x = pd.concat([d * m, d, rows[list(split.design.control_names)]], axis=1).apply(within)
by_hand = np.linalg.lstsq(x, within(rows["resilience"]), rcond=None)[0][0]
pd.DataFrame({"by hand": [by_hand], "package": [split.term(split.product).value]}, index=["interaction"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: four interactions and what is planted", "figure": {"caption": "Interactions with 95 per cent intervals, and what is planted. Fusion has no planted size of its own: it is made of internet use, which has.", "name": "fig-virtual-splits"}, "image": {"alt": "Four intervals: old industrial base below zero, the others above; green diamonds mark planted sizes, all inside the intervals."}}
figures.splits(family, sizes)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: four interactions and three corrections"}
tables.splits(family, sizes)

# %% [markdown]
# Holm {cite:p}`holm_1979` and Benjamini–Hochberg {cite:p}`benjamini_hochberg_1995` work on the p values,
# Romano–Wolf {cite:p}`romano_wolf_2016` on a wild bootstrap by city that keeps the dependence of the four
# tests: the same sign for a city in all of them. On the twin {glue:text}`splits-kept` of
# {glue:text}`splits-tested` have a p value of at most five per cent by every correction.
#
# Nothing of the name *fusion* is planted, and its sign can be found all the same. It is a transform of internet use and
# structure, and internet use does moderate the effect. The second reading of the word finds the first claim
# on infrastructure again: a significant interaction says that something along this line matters, not that it
# is this.

# %% [markdown]
# ## Relabelling the cities
#
# Fisher's test permutes the labels of a binary split over whole cities and asks how often a random group differs
# as much. It leans on no standard error.

# %%
binary = ("old industrial base", "regional integration")
tests = {name: around.relabelled(fits[name], draws=draws, seed=seed) for name in binary}

# %% tags=["remove-cell"]
glue("old-permuted", tests[binary[0]].p_value, ".3f")
glue("region-permuted", tests[binary[1]].p_value, ".3f")
for name, key in {"old": binary[0], "region": binary[1]}.items():
    glue(f"{name}-p", p_text(family.loc[key, "p"]))
glue("region-labelled", tests[binary[1]].observed, ".3f")
glue("region-interaction", family.loc[binary[1], "coefficient"], ".3f")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: labels drawn at random over cities"}
tables.relabelled(tests, family)

# %% [markdown]
# For old bases p is {glue:text}`old-p` by the regression and {glue:text}`old-permuted` by permutation, for the council
# {glue:text}`region-p` and {glue:text}`region-permuted`. The interaction uses the years of membership; a label that is
# permuted over cities has to be whole, so cities that join late count as members from the start, and the contrast is
# {glue:text}`region-labelled` instead of {glue:text}`region-interaction`. The permutation test answers another question:
# whether cities that ever join differ.

# %% [markdown]
# ## The effect over digital infrastructure

# %%
curve = around.effects_over(fits["digital infrastructure"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the effect over digital infrastructure", "figure": {"caption": "Effect of storefront density over digital infrastructure, from its first to its ninety-ninth percentile, with a pointwise 95 per cent interval. Dashed: planted, all else at its mean.", "name": "fig-virtual-infrastructure"}, "image": {"alt": "A rising line with its band; the planted line runs parallel below it."}}
figures.effects(
    curve,
    at_mean=planted["raises_resilience"],
    slope=planted["more_with_digital_infrastructure"],
    xlabel="digital infrastructure, s.d. of internet users per resident within the year",
)

# %% [markdown]
# The slope is {glue:text}`digital-slope` ({glue:text}`digital-planted` is planted), the effect at the mean
# {glue:text}`digital-level` ({glue:text}`average-planted` is planted): the hidden factor of {doc}`baseline` lifts the
# effect everywhere. A bias that is the same for all cities cancels in a difference. Over other countries the intervals
# of the first three interactions hold the planted size in {glue:text}`old-coverage`, {glue:text}`digital-coverage` and
# {glue:text}`region-coverage`, that of the average effect in {glue:text}`average-coverage`. This is a property of the twin: a
# hidden factor that works harder in wired cities would tilt the line.

# %% [markdown]
# ## Not a line, and not between cities
#
# One product assumes that the effect changes by as much everywhere. With a line of its own in each third of the
# moderator it need not {cite:p}`hainmueller_mummolo_xu_2019`, and the straight line can be tested:

# %%
from digital_clusters.analysis.inference.moderation import in_bins

binned = in_bins(fits["digital infrastructure"])
binned.effects

# %% [markdown]
# And the product of two variables that change within cities also compares cities: where the effect differs between
# them for another reason that goes with the moderator's mean, the product takes it for moderation. The product of
# deviations from the city's own means does not {cite:p}`giesselmann_schmidtcatran_2022`. By hand:

# %%
from digital_clusters.analysis.inference.moderation import within_cities

infrastructure = fits["digital infrastructure"]
rows, names = infrastructure.sample, ("virtual", "digital_infrastructure")
deviations = [rows[name] - rows.groupby("city")[name].transform("mean") for name in names]
beside = rows[[*names, *infrastructure.design.control_names]]
x = pd.concat([deviations[0] * deviations[1], beside], axis=1).apply(within)
by_hand = np.linalg.lstsq(x, within(rows["resilience"]), rcond=None)[0][0]
alone = within_cities(infrastructure).within.coefficients[0]
pd.DataFrame({"by hand": [by_hand], "package": [alone]}, index=["product of deviations"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: bins and deviations on both sources, and their trial"}
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.interactions import interaction_rows
from digital_clusters.report.inference import moderation as shown
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.virtual_agglomeration.inference.interactions import VIRTUAL_INTERACTIONS

moderated = override(VIRTUAL_INTERACTIONS.twin, BASELINE, changes)
rows_of = {TWIN: interaction_rows(moderated, panel), PUBLIC: VIRTUAL_INTERACTIONS.public_rows(data)}
tried = load_frozen(VIRTUAL_INTERACTIONS.record).facts

# %% tags=["remove-cell"]
glue("infrastructure-within", f"{within(rows[names[1]]).var() / rows[names[1]].var():.0%}")
shown.quote_moderation(tried["trial"], rows_of[PUBLIC], "digital infrastructure", tried["countries"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: interactions in bins and within cities"}
shown.moderation_table(rows_of)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: bins and deviations in other countries"}
shown.moderation_trial_table(tried["trial"], tried["countries"])

# %% [markdown]
# In {glue:text}`mod-countries` other countries, where storefronts have the paths of other cities and a line over
# infrastructure is planted on them, the test of one line rejects in {glue:text}`mod-size-line`: that is its size. The
# test of equal products rejects there in {glue:text}`mod-null-same`, and the product of deviations is off by
# {glue:text}`mod-null-within-bias`. In the twin as it is the test of one line rejects in
# {glue:text}`mod-twin-line`: what storefronts do there need be no line. An effect that stops rising at the mean is found in
# {glue:text}`mod-power-line`. The standard error of the product of deviations is {glue:text}`mod-wider` times that of the
# usual one; {glue:text}`infrastructure-within` of the variance of infrastructure is left within cities and years. Where effects differ between cities the usual product is off by {glue:text}`mod-between-line-bias` and its
# interval holds the planted size in {glue:text}`mod-between-line-cover` of the countries; that of deviations does in
# {glue:text}`mod-between-within-cover`, and the test of their difference sees it in {glue:text}`mod-between-differs`.
#
# On public data the line is rejected at five per cent in {glue:text}`mod-public-bent` of {glue:text}`mod-public-binned`
# interactions. Within cities {glue:text}`mod-public-turned` of {glue:text}`mod-public-within` have another sign than the
# line, and {glue:text}`mod-public-apart` differ from the usual product at five per cent: what the usual products show
# there is in part a comparison between cities, and not what happens in a city whose moderator changes.

# %% [markdown]
# ## Verdicts

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: verdicts on four claims"}
verdicts_table(study, claims, planted, power, keys)

# %% [markdown]
# Power differs. A difference as large as the one planted for old bases ({glue:text}`old-planted`,
# {glue:text}`old-share` of the average effect) is found in {glue:text}`old-power` of other synthetic countries of this
# size; that for the council in {glue:text}`region-power`. A study of this size misses the split by old bases in
# {glue:text}`old-missed` of countries in which it is there.

# %% [markdown]
# ## Public data

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the splits on public data"}
public_table(study, public_claims(VIRTUAL_AGGLOMERATION, data), keys)

# %% [markdown]
# {glue:text}`splits-zero` of {glue:text}`splits-public` intervals hold zero. They are differences of a coefficient that is
# itself {glue:text}`splits-first` ({doc}`baseline`), over three years of villages. {doc}`mechanism` has the same splits for
# digital finance, of which that by old bases is {glue:text}`finance-old`, p = {glue:text}`finance-old-p` before any
# correction for their number. The list of old bases is confirmed in its total only.

# %% [markdown]
# ## What a reader may conclude
#
# * Public data say little about these claims: {glue:text}`splits-zero` of {glue:text}`splits-public` intervals hold zero, and
#   differences of {glue:text}`splits-least` to {glue:text}`splits-most` would be found four times in five, where the
#   coefficient that they modify is {glue:text}`splits-first`.
# * On the twin {glue:text}`splits-kept` of {glue:text}`splits-tested` signs survive correction for their number. In
#   other countries with the same truth the split by old bases is found in {glue:text}`old-power` and the one by the
#   council in {glue:text}`region-power`.
# * A word with two readings gives two tests that are not independent, and the recovery of one reading is no
#   evidence against the other.
# * Interactions can be right where the average is wrong, if the bias is common. Whether it is cannot be seen
#   in the data.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("virtual_agglomeration", "heterogeneity")

# %% [markdown]
# :::{admonition} What survives
# :class: tip
# {glue:text}`survives`
#
# *The words*: {glue:text}`survives-words` Line by line: {doc}`/book/scorecard`.
# :::
