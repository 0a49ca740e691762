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
# # Robustness: what changes the answer and what cannot
#
# :::{admonition} What came out
# :class: note
# {glue:text}`public-checked` {glue:text}`came-out`
# :::
#
# Other samples, other errors, other measures, an instrument, and placebos. Only specifications that ask for
# the *same number* are compared with the planted size; another measure has another unit, and its estimate
# another truth.

# %% tags=["parameters"] limits={"first_year": {"ge": 2008, "le": 2019}, "last_year": {"ge": 2008, "le": 2019, "span": 9}, "draws": {"ge": 19}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2008  # of the sample on the twin
last_year = 2019
draws = 999  # placebo treatments
seed = 20080101  # of the placebos
replications = 6  # other synthetic countries

# %%
import digital_clusters as dc
from digital_clusters.analysis.spec import override
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, ROBUSTNESS

panel = dc.city_panel("twin")
specs = override(ROBUSTNESS, BASELINE, {"first_year": first_year, "last_year": last_year})
print(*(spec.in_words() for spec in list(specs.values())[:4]), sep="\n")

# %%
fits = {words: dc.fit(spec, panel) for words, spec in specs.items()}
fits["growth gap as outcome"]

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what the tables and figures of this page are made with"}
from digital_clusters.analysis import designs as around
from digital_clusters.analysis.diagnostics import made_of
from digital_clusters.analysis.readings import public_estimates
from digital_clusters.report.estimates import made_of_table
from digital_clusters.report.figures.designs import placebo_histogram, robust_sets
from digital_clusters.report.verdicts import specs_figure, specs_table
from digital_clusters.studies.virtual_agglomeration import designs, planted, tables
from digital_clusters.studies.virtual_agglomeration.record import public_measures
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION
from digital_clusters.studies.virtual_agglomeration.tables import EFFECT

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the planted size, and which specifications ask for the baseline's number"}
public = public_measures(data)
truth = VIRTUAL_AGGLOMERATION.planted_sizes()["raises_resilience"]
found = {words: (one.estimate, one.spec.treatment) for words, one in fits.items()}
same = {words: pair for words, pair in found.items() if designs.is_comparable(specs[words])}
other = {words: pair for words, pair in found.items() if words not in same}

# %% tags=["remove-cell"]
from digital_clusters.report.glue import glue
from digital_clusters.studies.virtual_agglomeration import quotes

quotes.save_estimates("robustness", found, panel.label)
covered = [e.interval()[0][0] <= truth <= e.interval()[0][1] for e, _ in same.values()]
glue("same", len(same))
glue("covered", sum(covered))
glue("planted", truth, ".3f")

# %% tags=["remove-cell"]
quotes.same_number(same)
glue("years", fits["baseline"].sample["year"].nunique())
for name, words in {"clustered": "baseline", "driscoll": "Driscoll–Kraay errors"}.items():
    glue(f"error-{name}", same[words][0].term("virtual").error, ".3f")
outcomes = {"gap": "growth gap as outcome", "composite": "composite as outcome", "base": "baseline"}
for name, words in outcomes.items():
    b = found[words][0].term(found[words][1])
    glue(f"t-{name}", b.value / b.error, ".1f")

# %% [markdown]
# ## The same number by other ways

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the same number by other ways"}
specs_table(same, label=panel.label, note=f"Planted: {truth:.3f}.")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the same number by other ways", "figure": {"caption": "Specifications that ask for the baseline's number, with 95 per cent intervals. The dashed line is the planted size.", "name": "fig-virtual-robustness"}, "image": {"alt": "A column of estimates that agree with each other and lie to the right of the planted line; the interval of the instrument alone is wide."}}
specs_figure(same, xlabel=EFFECT, label=panel.label, truth=truth)

# %% [markdown]
# They lie between {glue:text}`same-low` and {glue:text}`same-high`; {glue:text}`covered` of {glue:text}`same` intervals hold
# the planted {glue:text}`planted`. Agreement is no evidence here: dropping municipalities, cutting tails and changing
# errors leave the hidden factor where it is. Driscoll–Kraay errors {cite:p}`driscoll_kraay_1998`, with
# {glue:text}`years` years to estimate them from, are {glue:text}`error-driscoll` instead of
# {glue:text}`error-clustered`: the interval is narrower, and as far off. Rules that let
# near years {cite:p}`newey_west_1987`, near cities {cite:p}`conley_1999` or a whole province move together change
# the error of one and the same coefficient:

# %%
import pandas as pd

rules = {
    "by row, HC3": {"errors": "hc3"},
    "clustered by city": {"errors": "clustered"},
    "clustered by province": {"errors": "clustered", "clusters": "province"},
    "Newey and West": {"errors": "newey_west"},
    "Driscoll and Kraay": {"errors": "driscoll_kraay"},
} | {f"Conley, {km:,} km": {"errors": "conley", "cutoff": km} for km in (200, 500, 1000)}
under = {words: dc.fit(specs["baseline"].change(**rule), panel).table() for words, rule in rules.items()}
lines = pd.DataFrame({words: table.loc["virtual"] for words, table in under.items()}).T
lines[["coefficient", "standard_error", "low", "high"]].round(4)

# %% [markdown]
# Errors are all that nearness changes here. The abstract names no neighbours and no spatial weights, none of its claims is
# about other cities, and no specification of this study has a spatial lag: there is no answer to be averaged over weights,
# as {doc}`../collaborative_agglomeration/robustness` does where a claim needs them.
#
# ## What depends on the choice of the measure
#
# These have units of their own and are not to be read against the planted line.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: other measures, each in its unit"}
tables.other_measures(other)

# %% [markdown]
# * The *outcome* hardly matters: growth gap and composite give the sign with t values of {glue:text}`t-gap` and
#   {glue:text}`t-composite`, the baseline's is {glue:text}`t-base`. The composite holds the response itself as one of its
#   parts. *Resistance* and *recovery* split the years: both have the
#   sign, because the twin plants one effect in all years.
# * The *treatment* matters. Location quotient (V1) and exposure (V4) give the sign. Specialisation (V3) turns it, with p
#   below 5 per cent: it falls when shops get more numerous ({doc}`measurement`). The information industry (V5) is not
#   different from zero, in a country where the claim is true. A study that used V3 or V5 would report the opposite or
#   no effect from the same records.
# * A year's lag gives a smaller coefficient although no lagged effect is planted: density persists, so last
#   year's stands in for this year's.
#
# ## The instrument
#
# Telephone lines of 1984 times internet use elsewhere. *In words:* administrative plans of 1984 laid lines
# for reasons that have nothing to do with how a city's growth changes as the country goes online, once the
# city's own level and the year are removed, *except* through its storefronts. That is a statement about the
# world. On the twin it holds by construction.

# %%
instrumented = fits["telephones as instrument"]
instrumented

# %% [markdown]
# By hand it is least squares twice: the treatment on the instrument and the controls, then the outcome on what
# that predicts. The errors of the second regression would be wrong, because its regressor is itself estimated.

# %%
import numpy as np

rows, controls = instrumented.sample, list(instrumented.design.control_names)
names = ["resilience", "virtual", "telephone_shift", *controls]
means = (rows[names].groupby(rows[key]).transform("mean") for key in ("city", "year"))
left = rows[names] - sum(means) + rows[names].mean()
first_stage = left[["telephone_shift", *controls]]
predicted = first_stage @ np.linalg.lstsq(first_stage, left["virtual"], rcond=None)[0]
second_stage = pd.concat([predicted, left[controls]], axis=1)
by_hand = np.linalg.lstsq(second_stage, left["resilience"], rcond=None)[0][0]
package = instrumented.term("virtual").value
pd.DataFrame({"by hand": [by_hand], "package": [package]}, index=["two-stage least squares"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the instrument by sample, and what the coefficients are made of"}
instruments = designs.instruments(specs, panel)
pair = {key: specs[key] for key in ("baseline", "telephones as instrument")}
parts = made_of(pair, planted.with_planted_outcome(panel), planted.PLANTED)

# %% tags=["remove-cell"]
first = next(iter(instruments.values()))
glue("first-stage", first.first_stage_f, ".0f")
widths = [b.high - b.low for b in (first.estimate.term("virtual"), first.least_squares.term("virtual"))]
glue("instrument-wider", widths[0] / widths[1], ".1f")
glue("hausman-p", float(first.endogeneity.p_values[0]), ".2f")
quotes.quote("iv", first.estimate, "virtual")
quotes.half_the_years(instruments)
quotes.quote("ols", first.least_squares, "virtual")
glue("iv-effect", float(parts["effect"].iloc[1]), ".3f")
glue("iv-rest", float(parts["rest"].iloc[1]), ".3f")
glue("ols-rest", float(parts["rest"].iloc[0]), ".3f")
glue("iv-error", float(first.estimate.standard_errors[0]), ".3f")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the instrument by sample"}
tables.instruments(instruments, truth)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: two-stage least squares and robust sets", "figure": {"caption": "Two-stage least squares with Wald intervals and the sets of Anderson and Rubin, which hold however weak the instrument is. Dashed: the planted size.", "name": "fig-virtual-instrument"}, "image": {"alt": "Five pairs of intervals. With all years both kinds agree and the instrument is strong; with half the years they are several times wider."}}
robust_sets(instruments, xlabel=EFFECT, label=panel.label, truth=truth)

# %% [markdown]
# With all years the first stage is strong (F = {glue:text}`first-stage`), so that the Wald interval and the
# set of {cite:t}`anderson_rubin_1949` agree. The estimate is {glue:text}`iv`, interval
# {glue:text}`iv-interval`, against {glue:text}`ols` by least squares; the test of their difference has p =
# {glue:text}`hausman-p`. That test does *not* find a bias that is known to be there. The table takes the
# coefficients apart: how much each estimator makes of the planted effect alone, and how much of everything
# else.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the planted effect and everything else"}
made_of_table(parts, truth)

# %% [markdown]
# Planted effects differ between cities, and the instrument weighs cities by how far it moves them
# {cite:p}`imbens_angrist_1994`: its own truth is {glue:text}`iv-effect`. The rest is {glue:text}`ols-rest`
# for least squares, which is the confounder, and {glue:text}`iv-rest` for the instrument, whose standard
# error is {glue:text}`iv-error`. Is that chance, or does the instrument fail? One country cannot say. Other
# countries with the same truth can.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the same in other synthetic countries"}
countries = planted.other_countries(pair, range(1, replications + 1))
tables.countries(countries)

# %% tags=["remove-cell"]
quotes.rests(countries)
glue("iv-rest-errors", float(parts["rest"].iloc[1] / first.estimate.standard_errors[0]), ".1f")

# %% [markdown]
# The rest of least squares runs {glue:text}`rest-ols`: a bias. That of the instrument runs {glue:text}`rest-iv`, a spread
# like its standard error of {glue:text}`iv-error`. In this twin it is {glue:text}`iv-rest-errors` standard errors from zero,
# and a reader of this country alone, where both methods agree and the test of their difference does not reject, would
# believe the wrong number. With half the years the sets of Anderson and Rubin are {glue:text}`half-wider` times as wide as with
# all, or more.

# %% [markdown]
# ## Placebo: the storefronts of another city
#
# Each placebo gives every city the whole path of another city, so that a placebo has the treatment's
# persistence and year effects and only its place is wrong.

# %%
baseline = fits["baseline"]
test = around.placebo(baseline, draws=draws, seed=seed)
print(f"observed {test.observed:.3f}, p = {test.p_value:.3f} over {len(test.draws)} placebos")

# %% [markdown]
# By hand, a hundred permutations: a row of the table of storefronts is a city's path, and rows are permuted over cities.
# They are other permutations than above; the spread of the placebos is the same but for chance.

# %%
rows = baseline.sample.sort_values(["city", "year"])
table = rows.pivot(index="city", columns="year", values="virtual").to_numpy()
cities, years = (pd.get_dummies(rows[key], dtype=float) for key in ("city", "year"))
basis, _ = np.linalg.qr(np.column_stack([cities, years.iloc[:, 1:], baseline.design.controls]))
left = rows["resilience"] - basis @ (basis.T @ rows["resilience"])
random = np.random.default_rng(seed)
slopes = []
for order in [np.arange(len(table)), *(random.permutation(len(table)) for _ in range(100))]:
    placebo = table[order].ravel()
    placebo = placebo - basis @ (basis.T @ placebo)
    slopes.append(placebo @ left / (placebo @ placebo))
by_hand, package = [slopes[0], np.std(slopes[1:])], [test.observed, np.std(test.draws)]
pd.DataFrame({"by hand": by_hand, "package": package}, index=["observed", "s.d. of placebos"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: public specifications that are checked here"}
estimates = public_estimates(VIRTUAL_AGGLOMERATION, data)
shown = {words: (estimates[words][0], estimates[words][0].terms[0]) for words in designs.PUBLIC_CHECKS}

# %% tags=["remove-cell"]
quotes.placebos(public, shown)
quotes.public_checked(shown)
quotes.public_controls(estimates)
glue("farthest", float(np.abs(test.draws).max()), ".3f")
glue("observed", float(test.observed), ".3f")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: placebo treatments", "figure": {"caption": "Coefficients of placebo treatments, and the observed one.", "name": "fig-virtual-placebo"}, "image": {"alt": "A narrow bell around zero and a line far to its right."}}
placebo_histogram(test, xlabel=EFFECT, label=panel.label)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: placebos on the twin and on public data"}
tables.placebos(test, public)

# %% [markdown]
# On the twin the placebo farthest from zero is at {glue:text}`farthest`, the estimate at {glue:text}`observed`. The placebo
# rejects *no relation*; it cannot tell an effect from a hidden factor that shares the treatment's place and time. On
# public data the share of placebos at least as far from zero as the estimate for villages is {glue:text}`villages-placebo-p`; the
# regression has a p value of {glue:text}`villages-p`.

# %% [markdown]
# ## What is assumed, and by how much it may fail
#
# *Nothing left out.* A variable that is omitted has to explain a share of what the effects and controls leave of
# treatment and outcome. The robustness value is the share of both that brings the effect to zero; a benchmark is the
# share that the strongest observed control explains {cite:p}`cinelli_hazlett_2020`. By hand, from the t value that
# independent errors would have:

# %%
from digital_clusters.studies.virtual_agglomeration import doubts

plain = dc.fit(specs["baseline"].change(errors="homoskedastic"), panel)
t = plain.term("virtual").value / plain.term("virtual").error
squares = t**2 / plain.estimate.degrees_of_freedom  # Cohen's f²
by_hand = (np.sqrt(squares**2 + 4 * squares) - squares) / 2
value = doubts.omitted_of(baseline).robustness_value
pd.DataFrame({"by hand": [by_hand], "package": [value]}, index=["robustness value"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: robustness values, errors by shocks and bounds"}
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.virtual_agglomeration import doubts_tables

doubted = {"baseline": specs["baseline"]}
resting = {TWIN: doubts.doubts_record(doubted, specs["telephones as instrument"], panel)}
resting[PUBLIC] = doubts.public_doubts(data)
tried = load_frozen(doubts.RECORD).facts

# %% tags=["remove-cell"]
by_source = {"twin": resting[TWIN], "public": resting[PUBLIC]}
doubts_tables.quote_doubts(by_source, tried["omitted_trial"], tried["placebos"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what an omitted variable would have to be"}
doubts_tables.omitted_table({label: record["omitted"] for label, record in resting.items()})

# %% [markdown]
# On the twin an omitted variable would have to explain {glue:text}`twin-robustness` of both; one as strong as the strongest
# control would leave {glue:text}`twin-like`, and Oster's δ {cite:p}`oster_2019` is {glue:text}`twin-delta`, above the
# customary bound of 1. None of the three warns of the hidden factor, which is not like the controls: the estimate is
# {glue:text}`observed`, planted is {glue:text}`planted`. In {glue:text}`omitted-countries` other countries the estimate is off by {glue:text}`omitted-bias` on average,
# and the range from it to what the like of the strongest control would leave holds the planted size in
# {glue:text}`omitted-range` of them; widened by the interval, in {glue:text}`omitted-wide`. Benchmarks say how strong the
# observed is, and nothing of what is not observed.
#
# *Many shocks.* The instrument is each city's lines times *one* series of a few yearly values. Cities with many lines share
# every shock of a year, wherever they are, and errors clustered by city miss that. Errors by shocks count years
# {cite:p}`adao_kolesar_morales_2019`; with residuals under the null the test does not rest on the estimate.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: errors by shocks"}
doubts_tables.shocks_table(resting)

# %% [markdown]
# Which rule can be trusted is seen where there is nothing to find: draw the series at random, and leave everything else.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: placebo series of shocks"}
doubts_tables.placebos_table(tried["placebos"], doubts.PLACEBOS)

# %% [markdown]
# Clustered by city, the reduced form rejects {glue:text}`placebo-twin-clustered-independent` of independent series on the
# twin and {glue:text}`placebo-public-clustered-independent` on public data. With residuals under the null the errors by
# shocks reject {glue:text}`placebo-twin-null-independent` and {glue:text}`placebo-public-null-independent`. But a country
# that goes online is no independent series: with persistent ones they reject {glue:text}`placebo-twin-null-persistent` on the
# twin, whose outcome moves with the lines over the years, and {glue:text}`placebo-public-null-persistent` on public data.
# A persistent series holds fewer independent shocks than years, and on the twin none of the three rules has its size with
# one. That the error by shocks is *smaller* than the clustered one above is therefore no comfort.
#
# *No effect of its own.* If the lines of 1984 did something for growth by themselves, the estimate is what is left of the
# reduced form, divided by the first stage {cite:p}`conley_hansen_rossi_2012`:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: an instrument with an effect of its own"}
doubts_tables.plausible_table(resting)

# %% [markdown]
# On the twin zero enters where the lines' own effect is {glue:text}`twin-breakdown` of the reduced form. On public data the
# interval holds zero with exclusion ({glue:text}`public-breakdown`): the first stage has an F of
# {glue:text}`public-shock-f`.
#
# What such a union is worth is seen where an own effect is planted:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: planted own effects"}
from digital_clusters.studies.virtual_agglomeration.inference import instrument_tables, instrument_trial

planted_own = load_frozen(instrument_trial.RECORD).facts
instrument_tables.own_effects_table(planted_own["trial"], planted_own["draws"])

# %% tags=["remove-cell"]
instrument_tables.quote_own_effects(planted_own["trial"], planted_own["draws"])

# %% [markdown]
# In {glue:text}`own-draws` draws the interval under exclusion holds the truth in
# {glue:text}`own-none-excluded` without an own effect, and in {glue:text}`own-most-excluded` where it is
# {glue:text}`own-most` of the reduced form; the union up to that share does in {glue:text}`own-most-allowed`, at
# {glue:text}`own-most-width` times the width.
#
# ## Public data

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: public specifications"}
specs_table(
    shown, label="public data", note="Relative growth per log point of villages or s.d. of the index."
)

# %% [markdown]
# ## What a reader may conclude
#
# * Public stand-ins are not told from placebos: with controls of the year before {glue:text}`villages-placebo-p` of the
#   placebos for villages are as far from zero, and {glue:text}`finance-placebo-p` of those for digital finance. With
#   controls of the same year digital finance is {glue:text}`finance-same`, the other sign; {doc}`baseline` shows that such
#   controls take a part of what the treatment does.
# * Robustness to samples, tails and errors says that an estimate is *stable*. On the twin it is stable, between
#   {glue:text}`same-low` and {glue:text}`same-high`, and off: {glue:text}`planted` is planted.
# * Which definition of virtual agglomeration is used decides between a positive, a negative and no effect.
#   The study's own definition is not public, so this cannot be settled for it.
# * The one check with an argument behind it is the instrument, and it pays with its width: the interval is
#   {glue:text}`instrument-wider` times as wide as that of least squares. It needs an exclusion that no table tests.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("virtual_agglomeration", "robustness")

# %% [markdown]
# :::{admonition} What survives
# :class: tip
# {glue:text}`survives`
#
# *The words*: {glue:text}`survives-words` Line by line: {doc}`/book/scorecard`.
# :::
