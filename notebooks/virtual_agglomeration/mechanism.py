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
# # Mechanism, complements, and all claims
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
#
# * {glue:text}`came-out-1`
# * {glue:text}`came-out-2`
# * {glue:text}`came-out-3`
# * {glue:text}`came-out-4`
# * {glue:text}`came-out-5`
#
# {glue:text}`came-out-reading`
# :::
#
# The abstract says that virtual agglomeration works by easing misallocation and by boosting demand, and that
# it works better where industry is geographically agglomerated. This chapter tests both, says what a
# mediation regression needs, and closes with all ten claims in one table.

# %% tags=["parameters"] limits={"first_year": {"ge": 2008, "le": 2019}, "last_year": {"ge": 2008, "le": 2019, "span": 2}, "draws": {"ge": 100}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2008  # of the sample on the twin
last_year = 2019
draws = 999  # of the bootstrap of indirect effects
seed = 20080101  # of bootstrap and simulated shock

# %%
import digital_clusters as dc
from digital_clusters.analysis.spec import override
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, MECHANISM

panel = dc.city_panel("twin")
changes = {"first_year": first_year, "last_year": last_year}
specs = override(MECHANISM, BASELINE, changes | {"seed": seed})
print(specs["through both"].in_words())

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what the tables and figures of this page are made with"}
from digital_clusters.analysis import designs as around
from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.power import load_power
from digital_clusters.analysis.readings import public_claims, twin_claims
from digital_clusters.analysis.scorecard.claimed import public_noises
from digital_clusters.report import verdicts as report
from digital_clusters.report.figures.designs import mediation_bars
from digital_clusters.studies.virtual_agglomeration import figures, tables
from digital_clusters.studies.virtual_agglomeration import planted as known
from digital_clusters.studies.virtual_agglomeration.specs import STUDY
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION
from digital_clusters.studies.virtual_agglomeration.tables import EFFECT

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the mediation as a study would do it, and in two other settings"}
study, power = load_claims(STUDY), load_power(STUDY)
planted = VIRTUAL_AGGLOMERATION.planted_sizes()
trials = known.mediation_trials(specs["through both"], panel, draws=draws, seed=seed)
names = {"misallocation": "misallocation", "market_demand": "market demand"}
found, truth = trials[known.PLAIN], known.planted_parts(planted, list(names))

# %% tags=["remove-cell"]
from digital_clusters.report.glue import glue
from digital_clusters.report.words import number
from digital_clusters.studies.virtual_agglomeration import quotes

settings = {"plain": known.PLAIN, "known": known.CONTROLLED, "shocked": known.SHOCKED}
for name, setting in settings.items():
    quotes.parts(name, trials[setting])
for name, value in zip(("total", "direct", "first", "second"), truth, strict=False):
    glue(f"planted-{name}", value, ".3f")
glue("shock-demand", known.SHOCK["market_demand"], ".2f")
glue("shock-growth", known.SHOCK["resilience"], ".2f")

# %% [markdown]
# ## Step by step
#
# Three regressions with the same effects and controls: resilience on density ($c$), each mediator on density
# ($a$), resilience on density and both mediators ($c'$ and $b$). In least squares $c = c' + \sum a b$
# exactly. By hand on what is left when means of city and year are out:

# %%
import numpy as np
import pandas as pd

rows = dc.fit(specs["misallocation"], panel).sample
x, mediators = ["virtual", *found.total.terms[1:]], list(names)
columns = rows[["resilience", *mediators, *x]]
means = (columns.groupby(rows[key]).transform("mean") for key in ("city", "year"))
left = columns - sum(means) + columns.mean()
a = np.linalg.lstsq(left[x], left[mediators], rcond=None)[0][0]
last = np.linalg.lstsq(left[[*x, *mediators]], left["resilience"], rcond=None)[0]
c = np.linalg.lstsq(left[x], left["resilience"], rcond=None)[0][0]
by_hand = [c, last[0], *(a * last[-2:]), c - last[0] - a @ last[-2:]]
package = [found.total.coefficients[0], found.direct[0], *found.indirect.coefficients[:2], 0.0]
parts = ["total c", "direct c′", *(f"a·b through {name}" for name in mediators), "c − c′ − Σ a·b"]
pd.DataFrame({"by hand": by_hand, "package": package}, index=parts).round(6) + 0.0

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the regressions of a mediation"}
tables.steps(found, names)

# %% [markdown]
# ## Indirect effects
#
# Products of coefficients are skewed, so their intervals come from a bootstrap that draws cities with all
# their years and corrects for bias {cite:p}`efron_1987`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: total, direct and indirect effects", "figure": {"caption": "Total, direct and indirect effects with 95 per cent intervals, and what is planted.", "name": "fig-virtual-mediation"}, "image": {"alt": "Five bars. The two indirect effects and their sum agree with the planted diamonds; the total and the direct effect lie above theirs."}}
mediation_bars(found, xlabel=EFFECT, label=panel.label, names=list(names.values()), truth=truth)

# %% [markdown]
# The indirect parts are {glue:text}`plain-first` through misallocation and {glue:text}`plain-second` through
# demand; planted are {glue:text}`planted-first` and {glue:text}`planted-second`. The direct part is
# {glue:text}`plain-direct` where {glue:text}`planted-direct` is planted, so the *share* that runs through the
# mediators, {glue:text}`plain-share`, comes out too small: {glue:text}`planted-share` is planted.
#
# Where a mediator is there or not, a linear step takes a probability for a straight line. A logit or probit step gives
# the change of the probability, and its product with the mediator's coefficient what runs through it
# {cite:p}`imai_keele_yamamoto_2010`. Misallocation above the country's median of the year, for a study that would cut
# it in two:

# %%
from digital_clusters.estimators.panel.binary_mediation import binary_mediation

high = rows["misallocation"] > rows.groupby("year")["misallocation"].transform("median")
given = (rows["resilience"], rows["virtual"], high, rows[x[1:]])
keys = {"entity": rows["city"], "time": rows["year"], "terms": x, "draws": 100, "seed": seed}
steps = {link: binary_mediation(*given, **keys, link=link) for link in ("logit", "probit")}
shown = {"marginal effect on the probability": "marginal_effect", "indirect effect": "indirect"}
by_link = pd.DataFrame(
    {link: {words: getattr(s, a) for words, a in shown.items()} for link, s in steps.items()}
)
by_link.loc["its 95 % interval, low"] = [s.interval[0] for s in steps.values()]
by_link.loc["its 95 % interval, high"] = [s.interval[1] for s in steps.values()]
by_link.round(4)

# %% tags=["remove-cell"]
glue("cut-indirect", number(steps["logit"].indirect))
glue("planted-share", f"{100 * sum(truth[2:4]) / truth[0]:.0f} %")
for name, setting in settings.items():
    glue(f"{name}-on-demand", number(trials[setting].first[1].term("virtual").value))

# %% [markdown]
# Cut in two, the mediator carries {glue:text}`cut-indirect` (logit) where the whole one carries {glue:text}`plain-first`:
# changes that move no city across the median are lost.
#
# ## What a regression does not see
#
# Two things can go wrong, and the twin can show both. The hidden factor moves treatment and outcome: it
# enters the *direct* part, and with the factor as a control that part is {glue:text}`known-direct`. Nothing
# planted moves mediator and outcome behind the treatment's back, which is why the indirect parts are right.
# Suppose something did: a shock of the city and year, unrelated to storefronts, one s.d. of which raises
# retail sales over GDP by {glue:text}`shock-demand` log points and relative growth by
# {glue:text}`shock-growth`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: parts in three settings"}
tables.parts(trials, truth, list(names.values()))

# %% [markdown]
# The effect of density on demand hardly changes ({glue:text}`plain-on-demand` without the shock,
# {glue:text}`shocked-on-demand` with it), nor does the total ({glue:text}`plain-total` and {glue:text}`shocked-total`). But
# the part credited to demand rises to {glue:text}`shocked-second`, and the direct part falls to
# {glue:text}`shocked-direct`. Leads and placebos of the *treatment* do not test this, and even an experiment on
# storefronts would not help: sequential ignorability {cite:p}`imai_keele_yamamoto_2010` also asks that nothing unseen
# moves mediator and outcome together.
#
# ## Complements: virtual and geographic agglomeration

# %%
complements = dc.fit(specs["complementarity"], panel)
curve = around.effects_over(complements)
complements

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the effect over geographic agglomeration", "figure": {"caption": "Effect of storefront density over geographic agglomeration, from its first to its ninety-ninth percentile, with a pointwise 95 per cent interval. Dashed: planted, all else at its mean.", "name": "fig-virtual-complements"}, "image": {"alt": "A rising line with its band; the planted line rises in parallel below it."}}
figures.effects(
    curve,
    at_mean=planted["raises_resilience"],
    slope=planted["complements_geography"],
    xlabel="log location quotient of manufacturing, s.d. within the year",
)

# %% [markdown]
# The slope is {glue:text}`slope` ({glue:text}`slope-planted` is planted), the effect at the mean {glue:text}`level`
# ({glue:text}`planted-total` is planted). In the model of {doc}`../virtual_clusters/theory` the two reinforce each other
# only while virtualisation is incomplete; a positive slope is evidence for that reading, and none about which way the two
# came together. On public data the slope is {glue:text}`slope-public`, 95 per cent interval
# {glue:text}`slope-public-interval`.
#
# ## All claims
#
# Each claim on the twin, with its planted size and its power over other synthetic countries.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: every claim on the twin and on public data"}
claims, public = twin_claims(VIRTUAL_AGGLOMERATION, changes), public_claims(VIRTUAL_AGGLOMERATION, data)

# %% tags=["remove-cell"]
report.save_claims(study, "mechanism", claims, planted, public)
missed = [claim.key for claim in study.claims if claims[claim.key].verdict(claim.sign) != "sign found"]
weak = [claim.key for claim in study.claims if power.of(claim.key)["share_recovered"] < 0.8]
quotes.powers(study, power, planted, public_noises(STUDY))
glue("found", len(study.claims) - len(missed))
glue("claims", len(study.claims))
glue("weak", len(weak))
glue("countries", len(power.seeds))
glue("coverage", f"{100 * power.of('raises_resilience')['coverage']:.0f} %")

# %% tags=["remove-cell"]
for name, b in {"slope": complements.term(complements.product), "level": complements.term("virtual")}.items():
    glue(name, f"{number(b.value)} ({number(b.error)})")
glue("slope-planted", number(planted["complements_geography"]))
b = public["complements_geography"]
glue("slope-public", f"{number(b.value)} ({number(b.error)})")
glue("slope-public-interval", f"[{number(b.low)}, {number(b.high)}]")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: verdicts on ten claims"}
report.verdicts_table(study, claims, planted, power)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: power by claim", "figure": {"caption": "Share of synthetic countries in which the sign of each claim is found. Dotted: 80 per cent.", "name": "fig-virtual-power"}, "image": {"alt": "Bars from about 40 to 100 per cent; the claims on old bases, regional integration and geography are the lowest."}}
report.verdicts_figure(study, power)

# %% [markdown]
# On this twin the signs of {glue:text}`found` of {glue:text}`claims` claims are found. Over {glue:text}`countries`
# others, {glue:text}`weak` of them are found less than four times in five ({glue:text}`weak-names`). The first claim is found every time and its interval holds the truth in {glue:text}`coverage`: power
# says how often a sign is found, coverage whether the size can be believed.
#
# ## What public data say
#
# Two stand-ins for the treatment, neither of them storefronts: *villages* on published lists, for three years,
# and the *digital finance* index. Since internet and mobile users, retail sales and a shift of
# telecommunications are public, every claim can be touched by one of them; what each stand-in is not is in
# {doc}`measurement`. What still cannot be touched: storefronts themselves, which the
# platform has and no public file, so that of the five definitions four have no data; and telephones of 1984. The
# fifth, employment of the information industry, and the concentration of manufacturing are in the whole file of the
# city yearbooks, which a reader fetches from its own host: nineteen industries in whole 10,000 persons, so that small
# ones move in steps or read zero. Value added of the secondary sector stands for the second. Wedges end with the
# statistics of investment.
#
# One specification a claim, the stand-in that the claim names:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: ten claims on public data"}
report.public_table(study, public)

# %% [markdown]
# Ten claims are ten chances. Each number is a sum of what the cities add to it, whatever the estimator; random signs of
# whole cities, the same for all claims, say how large the largest of ten is when none is true
# {cite:p}`romano_wolf_2016`.

# %%
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.claim_family import DRAWS, claim_family
from digital_clusters.report.inference import claims as claims_together
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.virtual_agglomeration.inference.family import VIRTUAL_FAMILY

together = {TWIN: claim_family(VIRTUAL_AGGLOMERATION, panel)}
together[PUBLIC] = VIRTUAL_FAMILY.public_rows(VIRTUAL_AGGLOMERATION, data)
family_trial = load_frozen(VIRTUAL_FAMILY.record).facts["trial"]  # every claim is false
pd.DataFrame(together[TWIN]).set_index("claim")[["t", "p", "romano_wolf"]].head(3).round(4)

# %% tags=["remove-cell"]
claims_together.quote_family({"twin": together[TWIN], "public": together[PUBLIC]}, family_trial)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: all claims as one family"}
claims_together.family_table(study, together, DRAWS)

# %% [markdown]
# With the claimed sign and a p value of at most five per cent stand {glue:text}`family-public-alone` of
# {glue:text}`family-public-claims` claims on public data by themselves, and {glue:text}`family-public-together` in the
# family; on the twin {glue:text}`family-twin-alone` and {glue:text}`family-twin-together`. Where each of the
# twin's cities has the storefronts' path of another city, drawn at random, so that no claim is true, some claim is found at five per cent in
# {glue:text}`family-trial-alone` of {glue:text}`family-deals` permutations, by Holm's rule in {glue:text}`family-trial-holm`, by
# Romano and Wolf's in {glue:text}`family-trial-romano-wolf` (95 per cent limits: {glue:text}`family-trial-range`). What
# each city adds is what leaving it out changes, so that a city of high leverage does not pass for a precise one
# {cite:p}`mackinnon_nielsen_webb_2023`. Claims decided by fewer than {glue:text}`family-trial-least` cities are found alone in
# {glue:text}`family-trial-few` of permutations, the others in {glue:text}`family-trial-many`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: ten false claims, one by one"}
claims_together.family_trial_table(study, family_trial)

# %% [markdown]
# One specification is one choice among many. The file `data/multiverse/virtual_agglomeration.yml` declares which
# would do: outcome, timing of the controls, years, sample, errors. All {glue:text}`specifications` of them are
# estimated, and each claim is read off its whole set.

# %%
from digital_clusters.analysis.multiverse.explored import frozen_multiverse

explored = frozen_multiverse("virtual_agglomeration")
first = "claim == 'raises_resilience, villages' and outcome == 'as the claim states'"
own = explored.table.query(first)
positive = own["value"] > 0
print(f"villages: {len(own)} specifications, median {own['value'].median():.3f}")
print(f"{positive.mean():.0%} positive, {(positive & (own['p_value'] < 0.05)).mean():.0%} with p < 0.05, too")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: claim by claim"}
tables.what_public_data_say(study, explored, public)

# %% tags=["remove-cell"]
from digital_clusters.analysis.readings import public_estimates as estimates_of_public_data

quotes.standings(explored)
quotes.second_mover(explored)
quotes.wedges_of_each_city()
quotes.public_controls(estimates_of_public_data(VIRTUAL_AGGLOMERATION, data))
quotes.public_small_p(estimates_of_public_data(VIRTUAL_AGGLOMERATION, data))

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the first claim over all specifications", "figure": {"caption": "The first claim by digital finance: every declared specification of the annual response, from the lowest to the highest, and what was chosen in each.", "name": "fig-virtual-curve"}, "image": {"alt": "A rising curve of estimates around zero with intervals. Most of the lowest ones, below zero, have controls of the same year or begin in the later first year; intervals of the upper half hold zero, nearly all of them."}}
from digital_clusters.report.figures.multiverse import specification_curve

points = explored.table.query("claim == 'raises_resilience, digital finance' and outcome == @tables.STATED")
ylabel, choices = "relative growth per s.d.\nof digital finance", explored.declared.choices
specification_curve(points, choices, sign=1, ylabel=ylabel, label="public data")

# %% [markdown]
# Each set holds controls of the same year too, for what they do. The first claim is moved most by
# {glue:text}`villages-mover` for villages and by {glue:text}`finance-mover` for digital finance, there next by
# {glue:text}`finance-second`. All choices, and the joint test of each whole curve, in which the null is forced on every specification and the same cities are
# drawn for all:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: choices that move the estimates"}
from digital_clusters.report.multiverse import moves_table, summary_table

moves_table(explored, title="", label="public data")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: shares, detectable effects and joint tests"}
summary_table(explored, title="", label="public data")

# %% [markdown]
# Errors are a choice too. Neighbours share shocks that a cluster of one city does not see: clusters of a province let
# all its cities move together, and Conley's errors {cite:p}`conley_1999` let two cities the more, the nearer they are,
# up to a distance. The same coefficients under each rule:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: errors by province and by distance"}
from digital_clusters.report.multiverse import error_rules_table

error_rules_table(explored, title="Rules of errors", label="public data")

# %% [markdown]
# Of {glue:text}`units` sets, {glue:text}`standings`. The design of this study (controls of the year before) gives for
# villages {glue:text}`villages-before` and for digital finance {glue:text}`finance-before`. One by one, without any
# correction for their number, {glue:text}`small-p`. Every estimate:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every public estimate"}
from digital_clusters.analysis.readings import public_estimates

tables.every_public(public_estimates(VIRTUAL_AGGLOMERATION, data))

# %% tags=["remove-cell"]
from digital_clusters.studies.virtual_agglomeration.record import public_measures

first_stage = public_measures(data).first_stage
glue("public-f", first_stage["f"], ".1f")
glue("public-critical", first_stage["critical"], ".0f")

# %% [markdown]
# The public instrument (telecommunications of the first year times the country's internet use) moves digital
# finance with F = {glue:text}`public-f`, where {glue:text}`public-critical` would be strong: its estimate says nothing.

# %% [markdown]
# ## What a reader may conclude
#
# * On public data, of {glue:text}`units` sets of specifications, {glue:text}`standings`. With the errors of the public
#   numbers {glue:text}`noise-weak` of {glue:text}`noise-known` planted sizes would be found less than four times in five.
#   The records that could decide, storefronts, are not public.
# * The one claim that holds in most specifications is that on misallocation, by villages. {glue:text}`own-elasticities`
#   By digital finance, the other stand-in, it is {glue:text}`finance-wedges`.
# * Regressions of the usual kind (the abstract names none) find {glue:text}`found` of {glue:text}`claims` claims on the
#   twin, where they are true; over other countries least surely {glue:text}`weak-names`.
# * The *sizes* they report depend on what is not seen. The total is {glue:text}`plain-total` where
#   {glue:text}`planted-total` is planted, the direct part {glue:text}`plain-direct` where {glue:text}`planted-direct` is, by a
#   hidden factor that the checks of {doc}`robustness` do not show.
# * Mediation rests on an assumption about the mediator that no design of the treatment secures: a shock common to demand
#   and growth moves the part through demand from {glue:text}`plain-second` to {glue:text}`shocked-second`.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("virtual_agglomeration", "mechanism")

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
# Which share of the total effect runs through the two mediators, as found and as planted? Both indirect parts are
# right: what makes the share wrong?
#
# *Change this:* `digital-clusters run virtual_agglomeration/mechanism -p first_year=2011 --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
shares = {"found": sum(found.indirect.coefficients[:2]) / found.total.coefficients[0]}
shares["planted"] = sum(truth[2:4]) / truth[0]
print(", ".join(f"{name} {share:.0%}" for name, share in shares.items()))
print("The hidden factor enters the total, which is the denominator, and not the indirect parts.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Leave misallocation out of the last regression. Is $c = c' + ab$ still exact? Where does the part through
# misallocation go?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
effect_on = np.linalg.lstsq(left[x], left["market_demand"], rcond=None)[0][0]
alone = np.linalg.lstsq(left[[*x, "market_demand"]], left["resilience"], rcond=None)[0]
total = np.linalg.lstsq(left[x], left["resilience"], rcond=None)[0][0]
through = effect_on * alone[-1]
left_over = abs(total - alone[0] - through)
print(f"c − c′ − ab is {left_over:.6f} to six decimals: exact with any set of mediators")
print(f"direct {alone[0]:.4f} instead of {found.direct[0]:.4f}: what is not named counts as direct")
