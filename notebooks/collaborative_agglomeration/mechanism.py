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
# # Mechanism: a moving turning point, and what diffuses
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
# Two mechanisms are named in the abstract. Digital technology strengthens the correction and delays the turning point;
# regional integration strengthens the correction by intensifying the diffusion of digital technology between cities.
# The first is in the model of {doc}`baseline`. The second is read as membership of the council of the Yangtze River
# Delta: here for the correction and for diffusion, in {doc}`accession` for what joining itself changes.

# %% tags=["parameters"]
data = "twin"  # or "public": public numbers frozen, or made now
weights = "nearest"  # spatial weights of the twin's spatial models

# %%
import pandas as pd

import digital_clusters as dc
from digital_clusters.analysis.spatial import curves
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE, DIFFUSION, STUDY, weighted
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

panel = dc.city_panel("twin")
spec = weighted(BASELINE, weights)
print(*spec.in_words().split("; "), sep="\n")

# %%
curve = dc.fit(spec, panel)
terms = ["coagglomeration", "coagglomeration^2", "coagglomeration:internet"]
curve.table().loc[terms, :"high"].round(4)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: imports of figures and tables"}
from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.analysis.readings import public_estimates
from digital_clusters.report import multiverse as curves_of_claims
from digital_clusters.report import verdicts as claimed_tables
from digital_clusters.report.inference import claims as claims_together
from digital_clusters.report.inference import moderation as shown
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.collaborative_agglomeration import planted as planted_of
from digital_clusters.studies.collaborative_agglomeration import tables
from digital_clusters.studies.collaborative_agglomeration.chain import planted_chain
from digital_clusters.studies.collaborative_agglomeration.innovation.record import public_innovation
from digital_clusters.studies.collaborative_agglomeration.innovation.tables import innovation_table
from digital_clusters.studies.collaborative_agglomeration.mechanism import evidence, figures

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
turn_at |= {"one user more": -product / (2 * square)}
pd.DataFrame({"turning point": turn_at}).rename_axis("internet users")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the path of the turning point, estimated and planted"}
path, shift = curves.moving(curve)
truth = planted_of.planted_turning_points(path.moderator, gap=planted_of.index_gap(panel))

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the path of the turning point", "figure": {"caption": "Turning point over internet use, cities outside the council, with pointwise 95 per cent intervals by the delta method and by Fieller.", "name": "fig-collaborative-mechanism-path"}, "image": {"alt": "A rising line of turning points with a band, and a dotted planted line a little above it."}}
figures.moving_point(path, truth)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure that moves: the curve and its turning point"}
figures.live_moving_point(curve, path, truth)

# %% [markdown]
# One more internet user per 10 residents moves the turning point by {glue:text}`shift-value`:
# {glue:text}`shift-delta` by the delta method, {glue:text}`shift-fieller` by Fieller. Planted are
# {glue:text}`shift-planted`. The *movement* is right although the square and the product are both too large
# ({doc}`robustness`): in this country their excess cancels in the ratio. In others it need not, as the coverage in
# the table of verdicts below shows. The *place* is too early throughout, by
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

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors
from digital_clusters.studies.collaborative_agglomeration import quotes
from digital_clusters.studies.collaborative_agglomeration.mechanism import quotes as own

own.moving(shift, truth, path, bent.estimate)

# %% [markdown]
# What is planted tilts: one user more changes the effect by {glue:text}`bend-planted` at every index, and
# $\beta_{ccz} = 0$. The estimate of it is {glue:text}`bend`, which {glue:text}`bend-differs` from zero at five per
# cent.
#
# The product is a line in internet use, and it compares cities as well as years. Without spatial terms the effect can
# have a line of its own in each third of internet use {cite:p}`hainmueller_mummolo_xu_2019`, and the product can be
# that of deviations from the city's own means {cite:p}`giesselmann_schmidtcatran_2022`:

# %%
from digital_clusters.analysis.inference.moderation import in_bins, within_cities
from digital_clusters.studies.collaborative_agglomeration.inference import interactions

moderated = interactions.COLLABORATIVE_INTERACTIONS.twin
by_digital = dc.fit(moderated["co-agglomeration, digital technology"], panel)
found = [in_bins(by_digital).effects.to_frame(), within_cities(by_digital).within.to_frame()[:1]]
pd.concat(found).loc[:, :"high"].round(4)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: bins and deviations on both sources, and their trial"}
rows_of, tried = evidence.moderations(panel, data)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: interactions in bins and within cities"}
shown.moderation_table(rows_of)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: bins and deviations in other countries"}
shown.moderation_trial_table(tried["trial"], tried["countries"])

# %% [markdown]
# In {glue:text}`mod-countries` other countries, where the index has the paths of other cities and a line is planted on
# them, the test of one line rejects in {glue:text}`mod-size-line`: that is its size. The test of equal products rejects
# there in {glue:text}`mod-null-same`, for the product of deviations is off by {glue:text}`mod-null-within-bias`. A line
# in internet use is more than that product: it is also the city's mean index times the change of its internet use, for
# which the regression has no term. Over these years high indices fall while internet use rises everywhere, so that the
# product of deviations takes {glue:text}`mod-null-of-means` of that part for its own, and rejections are no evidence
# that effects differ between cities. In the twin as it is the test of one line rejects in {glue:text}`mod-twin-line`:
# what the index does there need be no line in a regression without spatial terms. An effect that stops rising at mean
# internet use is found in {glue:text}`mod-power-line`. The usual product is off by {glue:text}`mod-plain-line-bias`,
# that of deviations by {glue:text}`mod-plain-within-bias` with {glue:text}`mod-wider` times the error. On public data
# {glue:text}`mod-public-bent` of {glue:text}`mod-public-binned` lines are rejected at five per cent, and
# {glue:text}`mod-public-turned` of {glue:text}`mod-public-within` products have another sign within cities than the
# line has; {glue:text}`mod-public-apart` differ from the usual product at five per cent.
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
# The abstract's last finding is a chain: integration speeds diffusion, what diffuses strengthens the correction. Its
# size is the product of the two links. Each has its own regression, and the chain is there only if both links are.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the chain, link by link"}
frozen = public_estimates(COLLABORATIVE_AGGLOMERATION, data)
tables.chains(evidence.chains_of(diffusion, curve.estimate, frozen), planted_chain())

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
innovation = public_innovation(data)
innovation_table(innovation)

# %% [markdown]
# Of {glue:text}`innovation-parts` parts of the sentence {glue:text}`innovation-found` have the sign it claims, different
# from zero. {glue:text}`innovation-sequence` Whichever way it comes out, it is a statement on budgets.
#
# ## All claims

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: claims on the twin and on public data, and their power"}
told = evidence.all_claims(spec, data)
study, explored = told.study, frozen_multiverse(STUDY)

# %% tags=["remove-cell"]
quotes.innovation(innovation)
own.moderation(tried, rows_of)
own.claims(told, curve, explored, data)
claimed_tables.save_claims(study, "claims", told.found, told.planted, told.public)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the claims"}
claimed_tables.claims_table(study)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: verdicts on the twin"}
claimed_tables.verdicts_table(study, told.found, told.planted, told.power)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: power of the claims", "figure": {"caption": "How often the sign of each claim is found in other synthetic countries of the same truth. Dotted: 80 per cent.", "name": "fig-collaborative-mechanism-power"}, "image": {"alt": "Bars of the share of countries in which each claim is recovered."}}
claimed_tables.verdicts_figure(study, told.power)

# %% [markdown]
# Power says how often a true claim of this size is found in other countries of the same truth; coverage how often the
# interval holds the planted size. Where power is high and coverage low, the sign can be trusted and the size not:
# that is what an omitted variable does to the curve's claims. Accession is found smaller than planted on average,
# {glue:text}`did-mean` against {glue:text}`did-planted`: the matched design's own bias ({doc}`accession`). Planted
# effects at quantiles are here those of the index that the twin's wedges respond to, in the years of the paper: on the
# right {glue:text}`right-own`, where at the measured quantile of the sample {doc}`baseline` has
# {glue:text}`right-measured`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the claims on public data"}
claimed_tables.public_table(study, told.public)

# %% [markdown]
# {glue:text}`public-verdicts` A verdict here is about one specification. *Sign found* is the claimed sign with an
# interval without zero, *other sign found* the other sign with such an interval; neither says that the effect is
# causal, and *right sign* or *wrong sign* says that this specification does not tell.
#
# Ten claims are ten chances. Each number is a sum of what the cities add to it, whatever the estimator; random signs of
# whole cities, the same for all claims, say how large the largest of ten is when none is true
# {cite:p}`romano_wolf_2016`.

# %%
from digital_clusters.analysis.inference.claim_family import DRAWS, claim_family

own_claims = claim_family(COLLABORATIVE_AGGLOMERATION, panel)
pd.DataFrame(own_claims).set_index("claim")[["t", "p", "romano_wolf"]].head(3).round(4)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: all claims as one family"}
claims_together.family_table(study, {TWIN: own_claims, PUBLIC: told.public_family}, DRAWS)

# %% [markdown]
# With the claimed sign and a p value of at most five per cent stand {glue:text}`family-public-alone` of
# {glue:text}`family-public-claims` claims on public data by themselves, and {glue:text}`family-public-together` in the
# family; on the twin {glue:text}`family-twin-alone` and {glue:text}`family-twin-together`. Where each of the twin's
# cities has the treatments' paths of another city, drawn at random, so that no claim is true, some claim is found at
# five per cent in {glue:text}`family-trial-alone` of {glue:text}`family-deals` permutations, by Holm's rule in
# {glue:text}`family-trial-holm`, by Romano and Wolf's in {glue:text}`family-trial-romano-wolf` (95 per cent limits:
# {glue:text}`family-trial-range`). What each city adds is what leaving it out changes, so that a city of high leverage
# does not pass for a precise one {cite:p}`mackinnon_nielsen_webb_2023`. Claims decided by fewer than
# {glue:text}`family-trial-least` cities are found alone in {glue:text}`family-trial-few` of permutations, the others in
# {glue:text}`family-trial-many`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: ten false claims, one by one"}
claims_together.family_trial_table(study, told.family_trial)

# %% [markdown]
# ## What public data say
#
# One specification is one of many. The declared multiverse crosses the outcome (five ways to say how large wedges are),
# the years, the year of the controls, the sample, the neighbours and the errors: clustered by city or by province, or
# of {cite:t}`conley_1999`, which let cities depend on each other the more, the nearer they are. Two samples are of
# cities that are the same throughout: those with a value in every year, and those that took and gave no county since
# 2003. To test slopes with single coefficients there is no spatial multiplier: *next door* is the mean of the five
# nearest cities, or of those with a common border, or a mean of all cities by distance, by likeness of income, or by
# both. The more cities a mean is of, the less it varies and the larger is a coefficient for the same effect: that is
# part of the range. Neighbours without a value are left out, but for the diffusion of internet use to the five nearest,
# of which all need one. Samples of the same cities are tried with errors by city or province, neighbours other than the
# five nearest with errors by city. *Detectable* is the effect that a test finds four times in five, 2.8 times the
# median standard error. A later turning point has no line: in a curve that the moderator tilts and does not bend it is
# the sign of the stronger correction once more.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: claim by claim over the declared multiverse"}
tables.claim_sentences(explored)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every claim and outcome over the multiverse"}
curves_of_claims.summary_table(explored, title="", label=PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the curve of specifications of the inverted U", "figure": {"caption": "The square of the index in every specification of the multiverse with the log size of the wedges as outcome, in order of size, and what was chosen in each.", "name": "fig-collaborative-mechanism-multiverse"}, "image": {"alt": "Sorted estimates with intervals above rows of marks that say which years, controls, sample and errors each has."}}
figures.squares(explored)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what moves the estimates"}
curves_of_claims.moves_table(explored, title="", label=PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what the rule of errors does"}
curves_of_claims.error_rules_table(explored, title="", label=PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: combinations that are not estimated"}
curves_of_claims.left_out_table(explored, title="", label=PUBLIC)

# %% [markdown]
# {glue:text}`public-options` And every public estimate of the study's specifications, with the terms that claims are
# about, whatever it says:

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
# * On public data {glue:text}`public-standings`.

# %% tags=["remove-cell"]
claims_together.quote_family({"twin": own_claims, "public": told.public_family}, told.family_trial)
quote_survivors(STUDY, "mechanism")

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
linear, square, product = (curve.estimate.term(name).value for name in curve.design.names[:3])
last, users = curves.inner(curve)[1], curve.sample["internet"].quantile([0.5, 0.99])
leaves = -(linear + 2 * square * last) / product
more = " (more than residents)" if leaves > 10 else ""
print(
    f"it passes {last:.2f} at {leaves:.1f} users per 10 residents{more}; the median city-year has {users[0.5]:.1f},"
)
print(f"the 99th percentile {users[0.99]:.1f}. Beyond, the correction only weakens: a slope, not yet a U.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# The chain is a product of two links from two regressions. Take their errors as independent: what is its standard
# error, and which link does it come from?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
pull, tilt = diffusion.term("neighbours_lead:delta_member"), curve.estimate.term("coagglomeration:internet")
parts = {"diffusion": tilt.value * pull.error, "correction": pull.value * tilt.error}
variance = sum(part**2 for part in parts.values())
print(f"{pull.value * tilt.value:.4f} with a standard error of {variance**0.5:.4f};")
shares = [f"{part**2 / variance:.0%} of its variance from {name}" for name, part in parts.items()]
print(", ".join(shares) + ".")
