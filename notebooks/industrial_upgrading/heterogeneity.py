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
# # Heterogeneity: two periods and two kinds of city
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
# Table 5 splits the sample twice: at 2015/2016, and at the median of the index of structure. The years are those of
# two documents: the Twelfth Five-Year Plan of 2011, which builds networks, and the digital economy initiative of the
# G20 of 2016, from which on the digital economy is said to grow fast. Both hold for all cities at once, so no
# city shows what 2016 would have been without it: the split compares years, whatever else changed in them. In print
# the coefficient changes its sign in both splits. Two estimates with two p values are not a test of their
# difference; this chapter adds that test.

# %% tags=["parameters"] limits={"draws": {"ge": 19}}
data = "twin"  # "twin" or "public": the data behind the figures
learner = "gradient_boosting"  # learner of the nuisance functions
folds = 5  # the paper's "1:4"
repeats = 1  # repeated cross-fittings, median taken
seed = 20110101  # of folds and learners
draws = 2000  # relabellings of the permutation test

# %% [markdown]
# ## How the numbers are made
#
# Load the panel, say the two regressions of the split by period, fit them. The paper's recipe is
# {glue:text}`recipe-paper`. {glue:text}`recipe-changes` Where the data have no Gini in a year that a specification
# names, the sample is without it: on this page ({glue:text}`periods-data`) the two periods have the years
# {glue:text}`periods-years`.

# %%
import digital_clusters as dc
from digital_clusters.analysis.sample import adapt
from digital_clusters.studies.industrial_upgrading.replication import PRINTED, load_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE, COLUMNS

panel = load_panel(data)
panel

# %%
recipe = {"learner": learner, "folds": folds, "repeats": repeats, "seed": seed}
keys = {"to 2015": "table5.column1", "after 2015": "table5.column2"}
specs = {years: adapt(COLUMNS[key].change(**recipe), panel)[0] for years, key in keys.items()}
print(*specs["to 2015"].in_words().split("; "), sep="\n")

# %% tags=["remove-cell"]
from digital_clusters.report.spoken.recipes import quote_recipe

quote_recipe(specs["to 2015"], COLUMNS["table5.column1"])

# %%
periods = {years: dc.fit(spec, panel) for years, spec in specs.items()}
dc.table(periods)

# %% [markdown]
# ## Estimates by group

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: Table 5"}
from digital_clusters.analysis.replication.columns import replicate
from digital_clusters.report.compare import comparison_table
from digital_clusters.studies.industrial_upgrading import tables

split = replicate(PRINTED, [key for key in COLUMNS if key.startswith("table5")], data, recipe)
rows = tables.rows_of(split)
comparison_table(rows, title="Table 5: by period and by structure")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: coefficients of four groups", "figure": {"caption": "The columns of Table 5 with 95 per cent intervals.", "name": "fig-heterogeneity-columns"}, "image": {"alt": "Coefficient plot of four groups for the paper, the twin and public data."}}
from digital_clusters.report import figures

figures.coefficients(rows, xlabel=tables.PER_UNIT, label="synthetic twin, public data")

# %% [markdown]
# ## Is the difference real
#
# Three answers. *Apart*: the difference of the two coefficients over the root of the sum of their squared
# errors, as if the groups were independent samples; they share cities, so they are not. *Together*: one
# regression on the whole sample in which the treatment is interacted with the group, errors clustered by
# city; with structure the group is that of the city-year, as in Table 5, so that a city may change it. *Permutation*,
# for the split by structure: a city is high if its mean index is at or above the median of cities, the labels are drawn
# at random over whole cities, and the observed difference is ranked among the relabelled ones.
#
# By hand, *apart* is one line, and the permutation a loop: permute the labels, take the two slopes, count how often
# their difference is at least as far from zero as the observed one.

# %%
first, second = (found.term("uil") for found in periods.values())
print(f"z = {(second.value - first.value) / (first.error**2 + second.error**2) ** 0.5:.2f}".replace("-", "−"))

# %%
import numpy as np

whole = dc.fit(adapt(BASELINE, panel)[0], panel)
parts = whole.partialled_out
y, d, city = parts.outcome[0], parts.treatments[0, :, 0], parts.entity
means = whole.sample.groupby("city")["uil"].mean().to_numpy()
is_high = means >= np.median(means)
for side in (is_high[city], ~is_high[city]):
    y = np.where(side, y - y[side].mean(), y)
    d = np.where(side, d - d[side].mean(), d)


def gap(high):
    return np.subtract(*(np.cov(d[side], y[side])[0, 1] / d[side].var(ddof=1) for side in (high, ~high)))


# %%
import pandas as pd

from digital_clusters.studies.industrial_upgrading import contrasts

permuted = np.random.default_rng(seed).permuted(np.tile(is_high, (draws, 1)), axis=1)
observed, relabelled = gap(is_high[city]), np.array([gap(labels[city]) for labels in permuted])
p = (1 + (np.abs(relabelled) >= abs(observed)).sum()) / (1 + draws)
test = contrasts.permuted(panel, draws=draws, seed=seed)
pd.DataFrame(
    {"by hand": [observed, p], "package": [test.observed, test.p_value]}, index=["high − low", "p value"]
)

# %% [markdown]
# All tests of the two differences:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: tests of a difference"}
from digital_clusters.studies.industrial_upgrading.specs import CONTRASTS

interactions = replicate(PRINTED, CONTRASTS, data, {"seed": seed})
together, permutation = tables.rows_of(interactions), {panel.label: test}
tables.differences(rows, together, permutation)

# %% [markdown]
# ## The same splits with city effects absorbed
#
# With indicators of cities that a learner need not use, the two halves of a median split are also two different
# comparisons between cities. Two-way fixed effects compare each city with itself in both halves.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: interactions in one regression"}
comparison_table(together, title="Interactions in one regression, errors clustered by city")

# %% [markdown]
# ## Groups in double machine learning for panels
#
# Double machine learning need not give city effects up: first differences, deviations and correlated random effects
# take them out before the learner sees the data {cite:p}`clarke_polselli_2025`; deviations from the city's means are
# there called an approximation, because the mean of a curve is not the curve of the mean. The treatment and its product with the
# group are then two treatments of one model, partialled out on the same folds of whole cities, and the difference of
# the groups has a clustered error of its own. For H2:

# %%
from digital_clusters.studies.industrial_upgrading.inference import groups

by_groups = groups.APPROACHES["first differences"].change(moderator="late_period")
differenced = dc.fit(adapt(by_groups, panel)[0], panel)
differenced

# %% [markdown]
# By hand, from the residuals of outcome, treatment and product: least squares of the one on the two, in which each fold
# counts by its number of cities and not by its rows.

# %%
parts = differenced.partialled_out
fold = pd.Series(parts.fold_numbers[0])
root = 1 / np.sqrt(pd.Series(parts.entity).groupby(fold).transform("nunique").to_numpy())
weighted = parts.treatments[0] * root[:, None], parts.outcome[0] * root
slopes = np.linalg.lstsq(*weighted, rcond=None)[0]
pd.DataFrame({"by hand": slopes, "package": differenced.estimate.coefficients}, index=parts.terms)

# %%
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.words import PUBLIC
from digital_clusters.studies.industrial_upgrading.inference import groups_tables

in_groups, tried = groups.public_groups(data), load_frozen(groups.RECORD).facts

# %% tags=["remove-cell"]
groups_tables.quote_groups(in_groups, tried["trial"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: effects by group on public data"}
groups_tables.groups_table(in_groups, PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: differences between groups in other countries"}
groups_tables.groups_trial_table(tried["trial"], tried["countries"])

# %% [markdown]
# {glue:text}`groups-public-sentence` In other countries 95 % intervals hold the planted difference in
# {glue:text}`groups-fd` by first differences, in {glue:text}`groups-cre` by correlated random effects, in
# {glue:text}`groups-wg` by deviations and in {glue:text}`groups-ols` by least squares; {glue:text}`groups-right` it in at
# least four fifths of the countries for each hypothesis. Least squares misses the planted differences by
# {glue:text}`groups-missed` on this book's twin, and by {glue:text}`groups-missed-plain` when no confounder is hidden: what
# is then left is no confounding but the shape of the effect. For H3 it is the largest. The group is there a function of
# the treatment, the planted effect bends within each group, and a product with a group allows one slope a group.
#
# First differences miss H2 for another reason. In the first year of the later period the product of structure with the
# period changes by the *level* of structure, and levels differ between cities more than changes do. So that one year
# decides the coefficient, and tells how far the effect moves into that year: by {glue:text}`groups-changes-step`, as it is
# planted. Over all years it moves with the digital index, between the periods by {glue:text}`groups-changes-planted`. By
# least squares on changes the difference is {glue:text}`groups-changes-all` with that year and
# {glue:text}`groups-changes-without` without it.

# %% tags=["remove-cell"]
from digital_clusters.analysis.published import load_published
from digital_clusters.studies.industrial_upgrading import quotes

quotes.printed_gaps(load_published("industrial_upgrading"))
quotes.rows_a_city(periods, panel.label)
quotes.save_rows("heterogeneity", split)
quotes.save_rows("contrasts", interactions)
periods_apart, kinds_apart = "after 2015 − to 2015", "high − low structure"
BOTH = {"learnt-late": periods_apart, "absorbed-late": f"{periods_apart}, two-way fixed effects"}
places = {name: f"{place}|uil:late_period" for name, place in BOTH.items()}
places["absorbed-high"] = f"{kinds_apart}, two-way fixed effects|uil:high_structure"
quotes.rows(together, places)
quotes.rows(rows, {"high": "Table 5 (3)|uil", "low": "Table 5 (4)|uil"})

# %% [markdown]
# ## What a reader may conclude
#
# * A change of sign between groups is tested by the difference of the groups and not by the stars of each. On public
#   data with city effects absorbed the later period less the earlier one is {glue:text}`absorbed-late-public`, high less
#   low structure {glue:text}`absorbed-high-public`.
# * In print the two periods differ by {glue:text}`gap-halves` standard errors and the two kinds of city by
#   {glue:text}`gap-kinds`, taken as independent. "stronger effects
#   during the rapid digital economy development phase", as the abstract has it, compares that phase with the whole: they
#   differ by {glue:text}`gap-rapid`, again taken as independent, although the whole contains the phase.
# * On public data one regression with the paper's learner and city indicators finds a difference
#   (after 2015 less before) of {glue:text}`learnt-late-public`; two-way fixed effects, which absorb the cities, find
#   {glue:text}`absorbed-late-public`. H2 claims a negative difference. The first number is no evidence against H2 as long
#   as the learner leaves part of the city effects in place.
# * Splitting at the median of the *treatment* selects on the treatment's level. If the effect is curved,
#   the two halves differ even though no city is of another kind. On the twin, where the effect is one function of
#   structure and digital index for all cities, its mean is {glue:text}`high-truth` in the high half and {glue:text}`low-truth` in the low one.
# * Splitting by period compares two short panels. On this page a learner with an indicator for every city has
#   {glue:text}`rows-a-city` rows a city to learn from, so that the coefficient can change because the learner removes
#   another part of the city effects.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("industrial_upgrading", "heterogeneity")

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
# Run the permutation with 200 relabellings instead of 2,000. By how much can the p value differ by chance alone?
#
# *Change this:* `digital-clusters run industrial_upgrading/heterogeneity -p draws=200 --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
for count in (200, 2000):
    print(f"{count:,} relabellings, true p value 0.05: standard error {np.sqrt(0.05 * 0.95 / count):.4f}")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Shift the border of the two periods by two years in both directions. Is 2015/2016 the border at which the two
# coefficients differ most?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
from digital_clusters.report.words import number

early, late = specs.values()
for border in range(early.last_year - 2, early.last_year + 3):
    before, after = early.change(last_year=border), late.change(first_year=border + 1)
    refits = [dc.fit(part, panel) for part in (before, after)]
    one, two = (refit.term("uil") for refit in refits)
    years = [refit.sample["year"].nunique() for refit in refits]
    z = (two.value - one.value) / np.hypot(one.error, two.error)
    words = f"border {border}/{border + 1} ({years[0]} and {years[1]} years with a Gini)"
    print(f"{words}: {number(one.value)} and {number(two.value)}, z = {number(z, 1)}")
