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
# Table 5 splits the sample twice: at 2015/2016, and at the median of the index of structure. In both
# splits the coefficient changes its sign. Two estimates with two p-values are not a test of their
# difference; this chapter adds that test.

# %% tags=["parameters"]
data = "twin"  # "twin" or "public": the data behind the figures
learner = "gradient_boosting"  # learner of the nuisance functions
folds = 5  # the paper's "1:4"
repeats = 1  # repeated cross-fittings, median taken
seed = 20110101  # of folds and learners
draws = 2000  # relabellings of the permutation test

# %% tags=["remove-cell"]
from digital_clusters.report import figures
from digital_clusters.report.compare import comparison_table
from digital_clusters.studies.industrial_upgrading import contrasts, quotes, tables
from digital_clusters.studies.industrial_upgrading.replication import load_panel, replicate
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS, CONTRASTS

recipe = {"learner": learner, "folds": folds, "repeats": repeats, "seed": seed}
groups = [key for key in COLUMNS if key.startswith("table5")]
rows = quotes.save_rows("heterogeneity", replicate(groups, data, recipe))
panel = load_panel(data)

# %% [markdown]
# ## Estimates by group

# %% tags=["hide-input"]
comparison_table(rows, title="Table 5: by period and by structure")

# %% tags=["hide-input"] mystnb={"figure": {"caption": "The columns of Table 5 with 95 per cent intervals.", "name": "fig-heterogeneity-columns"}, "image": {"alt": "Coefficient plot of four groups for the paper, the twin and public data."}}
figures.coefficients(rows, xlabel=tables.PER_UNIT, label="synthetic twin, public data")

# %% [markdown]
# ## Is the difference real
#
# Three answers. *Apart*: the difference of the two coefficients over the root of the sum of their squared
# errors, as if the groups were independent samples; they share cities, so they are not. *Together*: one
# regression on the whole sample in which the treatment is interacted with the group, errors clustered by
# city. *Permutation*, for the split by structure: a city is high if its mean index is at or above the median of
# cities, the labels are dealt anew over whole cities, and the observed difference is ranked among the
# relabelled ones.

# %% tags=["hide-input"]
together = quotes.save_rows("contrasts", replicate(CONTRASTS, data, {"seed": seed}))
permutation = {panel.label: contrasts.permuted(panel, draws=draws, seed=seed)}
tables.differences(rows, together, permutation)

# %% [markdown]
# ## The same splits with city effects absorbed
#
# With boosted indicators the two halves of a median split are also two different comparisons between
# cities. Two-way fixed effects compare each city with itself in both halves.

# %% tags=["hide-input"]
comparison_table(together, title="Interactions in one regression, errors clustered by city")

# %% [markdown]
# ## What a reader may conclude
#
# * A change of sign between groups is a large claim, and the test that belongs to it is the one in the
#   second table, not the stars in the first.
# * Splitting at the median of the *treatment* selects on the treatment's level. If the effect is curved,
#   the two halves differ even though no city is of another kind.
# * Splitting by period compares two short panels in which a learner with 253 indicators has five or six
#   rows a city to learn from. The coefficient can change because less of the city effects is removed.
