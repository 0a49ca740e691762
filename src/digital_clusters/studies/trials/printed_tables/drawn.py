"""Tables of an invented paper whose numbers all come from one estimation, rounded as tables are."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from digital_clusters.analysis.audit.paper import Audit, audit_of
from digital_clusters.analysis.audit.rounding import School, as_printed
from digital_clusters.analysis.audit.significance import critical_value, two_sided_p
from digital_clusters.yaml_files import YamlFile

Paper = dict[str, Any]
"""What a file of the audit holds."""

STARS = {"***": 0.01, "**": 0.05, "*": 0.10}

SMALLEST_P = 0.001
"""p values below are printed as ``<0.001``."""


@dataclass(frozen=True)
class Fitted:
    """A least squares regression with a constant, which comes first."""

    coefficients: np.ndarray
    covariance: np.ndarray
    r2: float
    df: int
    log_likelihood: float

    @property
    def errors(self) -> np.ndarray:
        """Classical standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def t(self) -> np.ndarray:
        """Coefficients over their errors."""
        return self.coefficients / self.errors


def fitted(y: np.ndarray, *columns: np.ndarray) -> Fitted:
    """Least squares of y, shape (n,), on columns of the same shape and a constant."""
    X = np.column_stack([np.ones(len(y)), *columns])
    q, r = np.linalg.qr(X)
    b = np.linalg.solve(r, q.T @ y)
    rest = y - X @ b
    df = len(y) - X.shape[1]
    left, n = rest @ rest, len(y)
    inverse = np.linalg.inv(r)
    covariance = left / df * inverse @ inverse.T
    likelihood = -n / 2 * (np.log(2 * np.pi * left / n) + 1)
    return Fitted(b, covariance, 1 - left / np.square(y - y.mean()).sum(), df, likelihood)


@dataclass(frozen=True)
class Survey:
    """Rows of an invented survey; whole numbers in ``scale`` (1 to 7) and ``dummy``."""

    y: np.ndarray
    x: np.ndarray
    m: np.ndarray
    scale: np.ndarray
    dummy: np.ndarray
    z: np.ndarray

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.y)


def drawn_sample(rng: np.random.Generator) -> Survey:
    """Between 40 and 400 rows; x is endogenous with instrument z, and m is its mediator."""
    n = int(rng.integers(40, 401))
    z, common = rng.normal(size=(2, n))
    x = (rng.normal() + rng.uniform(0.2, 1) * z + common + rng.normal(size=n)) * 10 ** rng.uniform(-0.5, 1)
    m = rng.uniform(-1, 1) * x / x.std() + rng.normal(size=n) + rng.normal()
    scale = np.clip(np.round(rng.normal(4, 1.5, n)), 1, 7)
    dummy = (rng.random(n) < rng.uniform(0.2, 0.8)).astype(float)
    dummy[:2] = 0, 1
    effects = rng.normal(0, 0.4, size=4)
    y = effects @ [x / x.std(), m, scale, dummy] + 0.5 * common + rng.normal(size=n)
    return Survey(y * 10 ** rng.uniform(-0.5, 1), x, m, scale, dummy, z)


def drawn_paper(rng: np.random.Generator, school: School = "nearest", *, lean: bool = False) -> Paper:
    """A paper whose numbers are consistent, rounded in one way.

    Parameters
    ----------
    rng : numpy.random.Generator
    school : str
        See :data:`digital_clusters.analysis.audit.rounding.School`.
    lean : bool
        Coefficients, errors, stars, R² and descriptive statistics only.
    """
    return unrounded_paper(rng, lean=lean).printed(school)


@dataclass(frozen=True)
class Unrounded:
    """A number of a paper before it is printed."""

    value: float | Fraction


@dataclass(frozen=True)
class UnroundedPaper:
    """What a paper holds, an :class:`Unrounded` in place of each number's text, and its decimals."""

    numbers: Paper
    decimals: int

    def printed(self, school: School) -> Paper:
        """The paper as tables of that school print it."""
        return {"rounding": school, **self._printed(self.numbers, school)}

    def _printed(self, part: Any, school: School) -> Any:
        if isinstance(part, Unrounded):
            return as_printed(part.value, self.decimals, school)
        if isinstance(part, dict):
            return {key: self._printed(value, school) for key, value in part.items()}
        return [self._printed(value, school) for value in part] if isinstance(part, list) else part


def unrounded_paper(rng: np.random.Generator, *, lean: bool = False) -> UnroundedPaper:
    """As :func:`drawn_paper`, before it is decided how its numbers are rounded."""
    sample, decimals = drawn_sample(rng), int(rng.integers(2, 5))
    columns = [_column(1, sample, [sample.x, sample.m], Unrounded, lean)]
    columns += [_column(2, sample, [sample.x, sample.m, sample.scale, sample.dummy], Unrounded, lean)]
    numbers: Paper = {"paper": "simulated", "stars": STARS, "columns": columns}
    numbers["variables"] = _variables(sample, Unrounded)
    if not lean:
        numbers["checks"] = [check for group in GROUPS for check in group(sample, Unrounded, rng)]
    return UnroundedPaper(numbers, decimals)


def audited(paper: Paper) -> Audit:
    """The audit of tables that stand in no file."""
    return audit_of(YamlFile(Path("simulated tables"), paper, {}))


def _term(fit: Fitted, place: int, show) -> dict[str, str]:
    return {"coefficient": show(fit.coefficients[place]), "standard_error": show(fit.errors[place])}


def _stars(p: float) -> str:
    return next((mark for mark, level in STARS.items() if p < level), "")


def _p(p: float, show) -> str:
    return f"<{SMALLEST_P}" if p < SMALLEST_P else show(p)


def _column(number: int, sample: Survey, columns: Sequence[np.ndarray], show, lean: bool) -> Paper:
    fit, n, k = fitted(sample.y, *columns), sample.n, len(columns)
    terms = [_row(fit, place, show, lean) for place in range(k + 1)]
    column = {"place": f"Table 2 ({number})", "n": n, "df": fit.df, "regressors": k, "terms": terms}
    column["r2"] = show(fit.r2)
    if not lean:
        column["adjusted_r2"] = show(1 - (1 - fit.r2) * (n - 1) / fit.df)
        column["f"] = show(fit.r2 / k / ((1 - fit.r2) / fit.df))
        column |= {"log_likelihood": show(fit.log_likelihood), "parameters": k + 2}
        column["aic"] = show(2 * (k + 2) - 2 * fit.log_likelihood)
        column["bic"] = show((k + 2) * np.log(n) - 2 * fit.log_likelihood)
    return column


def _row(fit: Fitted, place: int, show, lean: bool) -> dict[str, str]:
    p = two_sided_p(fit.t[place], fit.df)
    row = {"name": f"term {place}", **_term(fit, place, show), "stars": _stars(p)}
    if not lean:
        reach = critical_value(0.05, fit.df) * fit.errors[place]
        b = fit.coefficients[place]
        row |= {"t": show(fit.t[place]), "p": _p(p, show), "low": show(b - reach), "high": show(b + reach)}
    return row


def _variables(sample: Survey, show) -> list[Paper]:
    kinds = {"y": "any", "x": "any", "scale": "whole", "dummy": "dummy"}
    rows = []
    for name, kind in kinds.items():
        values = getattr(sample, name)
        mean = Fraction(int(values.sum()), sample.n) if kind != "any" else values.mean()
        row = {"place": f"Table 1, {name}", "n": sample.n, "kind": kind, "mean": show(mean)}
        row |= {"sd": show(values.std(ddof=1)), "min": show(values.min()), "max": show(values.max())}
        rows.append(row)
    return rows


def _check(name: str, **inputs: Any) -> Paper:
    return {"check": name, "place": f"simulated {name}", **inputs}


def _nested(sample: Survey, show, rng) -> list[Paper]:
    small = fitted(sample.y, sample.x)
    large = fitted(sample.y, sample.x, sample.scale, sample.dummy)
    f = (large.r2 - small.r2) / 2 / ((1 - large.r2) / large.df)
    r2 = {"smaller": show(small.r2), "larger": show(large.r2)}
    likelihoods = {"smaller": show(small.log_likelihood), "larger": show(large.log_likelihood)}
    statistic = show(2 * (large.log_likelihood - small.log_likelihood))
    p_of_f = special.fdtrc(2, large.df, f)
    tail = special.chdtrc(2, 2 * (large.log_likelihood - small.log_likelihood))
    return [
        _check("nested", **r2),
        _check("added", **r2, n=sample.n, regressors=3, added=2, f=show(f)),
        _check("likelihood_ratio", **likelihoods, statistic=statistic),
        _check("statistic", kind="chi2", statistic=statistic, p=_p(tail, show), df=2),
        _check(
            "statistic",
            kind="F",
            statistic=show(f),
            p=_p(p_of_f, show),
            df=2,
            df2=large.df,
        ),
        _check("f_of_one", f=show(small.t[1] ** 2), t=show(small.t[1])),
    ]


def _units(sample: Survey, show, rng) -> list[Paper]:
    """The regressor in other units, standardised, and what it adds."""
    factor = float(np.round(rng.uniform(0.2, 5), 3))
    before = fitted(sample.y, sample.x, sample.dummy)
    after = fitted(sample.y, sample.x / factor, sample.dummy)
    pairs = [(1, factor), (2, 1.0)]
    found = [
        _check("rescaling", before=_term(before, k, show), after=_term(after, k, show), factor=f)
        for k, f in pairs
    ]
    sd_x, sd_y = sample.x.std(ddof=1), sample.y.std(ddof=1)
    beta = before.coefficients[1] * sd_x / sd_y
    without = fitted(sample.y, sample.dummy)
    t, r2 = show(before.t[1]), show(before.r2)
    shown = {"coefficient": show(before.coefficients[1]), "sd_x": show(sd_x), "sd_y": show(sd_y)}
    return [
        *found,
        _check("standardised", **shown, beta=show(beta)),
        _check("t_bound", t=t, beta=show(beta), r2=r2, n=sample.n, regressors=2),
        _check("gain", t=t, r2=r2, df=before.df, gain=show(before.r2 - without.r2)),
    ]


def _curves(sample: Survey, show, rng) -> list[Paper]:
    fit = fitted(sample.y, sample.x, sample.x**2)
    linear, squared = fit.coefficients[1:]
    turn = -linear / (2 * squared)
    shown = {"linear": show(linear), "squared": show(squared)}
    found = [_check("turning_point", **shown, turning_point=show(turn))]
    if sample.x.min() <= turn <= sample.x.max():
        ends = {"minimum": show(sample.x.min()), "maximum": show(sample.x.max())}
        found.append(_check("turning_inside", **shown, **ends))
    return found


def _moderated(sample: Survey, show, rng) -> list[Paper]:
    """The same regression with the moderator raw and centred, and the effect at one of its values."""
    centre = float(np.round(sample.m.mean(), 3))
    raw = fitted(sample.y, sample.x, sample.m, sample.x * sample.m)
    moved = sample.m - centre
    centred = fitted(sample.y, sample.x, moved, sample.x * moved)
    main, product = _term(centred, 1, show), _term(centred, 3, show)
    value = float(np.round(rng.normal(), 2))
    effect = centred.coefficients[1] + value * centred.coefficients[3]
    a, c, b = centred.covariance[1, 1], centred.covariance[1, 3], centred.covariance[3, 3]
    t = effect / np.sqrt(a + 2 * value * c + value**2 * b)
    terms = {"main": main, "product": product}
    found = [
        _check("centring", **terms, other=_term(raw, 1, show), centre=centre),
        _check("centre", raw=_term(raw, 1, show), centred=main, product=product, centre=show(centre)),
    ]
    if abs(t) > critical_value(0.05):
        found.append(_check("significant_at", **terms, moderator=value, sign=int(np.sign(t))))
    return found


def _paths(sample: Survey, show, rng) -> list[Paper]:
    total, both = fitted(sample.y, sample.x), fitted(sample.y, sample.x, sample.m)
    first = fitted(sample.m, sample.x)
    a, b = first.coefficients[1], both.coefficients[2]
    z = a * b / np.hypot(a * both.errors[2], b * first.errors[1])
    effects = {"total_effect": show(total.coefficients[1]), "direct": show(both.coefficients[1])}
    return [
        _check("mediation", **effects, first=[show(a)], second=[show(b)]),
        _check("sobel", first=_term(first, 1, show), second=_term(both, 2, show), z=show(z)),
    ]


def _instrument(sample: Survey, show, rng) -> list[Paper]:
    first, reduced = fitted(sample.x, sample.z), fitted(sample.y, sample.z)
    second = reduced.coefficients[1] / first.coefficients[1]
    p = _p(two_sided_p(reduced.t[1], reduced.df), show)
    stages = {"reduced_form": show(reduced.coefficients[1]), "first_stage": show(first.coefficients[1])}
    b, s = rng.normal(size=2), np.sort(rng.uniform(0.1, 1, size=2))
    fixed, random = ({"coefficient": show(b[k]), "standard_error": show(s[1 - k])} for k in (0, 1))
    statistic = show((b[0] - b[1]) ** 2 / (s[1] ** 2 - s[0] ** 2))
    return [
        _check("just_identified", **stages, second_stage=show(second)),
        _check("first_stage", term=_term(first, 1, show), f=show(first.t[1] ** 2)),
        _check("anderson_rubin", reduced_form=_term(reduced, 1, show), p=p, df=reduced.df),
        _check("hausman", fixed=fixed, random=random, statistic=statistic),
    ]


def _collinear(sample: Survey, show, rng) -> list[Paper]:
    columns = [sample.x, sample.m, sample.scale]
    r = np.corrcoef(np.column_stack([sample.y, *columns]), rowvar=False)
    shares = [fitted(columns[k], *(columns[:k] + columns[k + 1 :])).r2 for k in range(3)]
    inflation = [1 / (1 - share) for share in shares]
    two = r[1:3, 1:3]
    betas = np.linalg.solve(two, r[0, 1:3])
    paired = {"betas": [show(b) for b in betas], "correlations": [show(c) for c in r[0, 1:3]]}
    return [
        _check("correlations", lower=[[show(r[i, j]) for j in range(i)] for i in range(1, 4)]),
        _check("vif", r2=show(shares[0]), vif=show(inflation[0])),
        _check("mean_vif", vifs=[show(v) for v in inflation], mean=show(np.mean(inflation))),
        _check("r2_of_betas", **paired, r2=show(betas @ r[0, 1:3])),
        _check("two_regressors", **paired),
    ]


def _groups(sample: Survey, show, rng) -> list[Paper]:
    """Balance of two groups before and after x is adjusted, and a scale of several items."""
    treated = sample.dummy == 1
    before, after = _bias(sample.x, treated), _bias(sample.x - 0.8 * sample.x.mean() * treated, treated)
    means = [show(sample.x[side].mean()) for side in (treated, ~treated)]
    sds = [show(sample.x[side].std()) for side in (treated, ~treated)]
    items = rng.integers(1, 6, size=(sample.n, 3))
    mean = show(Fraction(int(items.sum()), items.size))
    sd = show(items.mean(axis=1).std(ddof=1))
    reduction = show(100 * (1 - abs(after) / abs(before)))
    return [
        _check("bias", means=means, sds=sds, bias=show(before)),
        _check("bias_reduction", before=show(before), after=show(after), reduction=reduction),
        _check("grim", n=sample.n, mean=mean, items=3),
        _check("grimmer", n=sample.n, mean=mean, sd=sd, items=3),
        _check("dummy", n=sample.n, mean=show(sample.dummy.mean()), sd=show(sample.dummy.std(ddof=1))),
    ]


def _bias(x: np.ndarray, treated: np.ndarray) -> float:
    spread = np.sqrt((x[treated].var() + x[~treated].var()) / 2)
    return float(100 * (x[treated].mean() - x[~treated].mean()) / spread)


def _sizes(sample: Survey, show, rng) -> list[Paper]:
    cities, years = (int(rng.integers(low, high)) for low, high in ((20, 300), (4, 20)))
    above = int((sample.scale >= np.median(sample.scale)).sum())
    part, printed = int(rng.integers(1, cities)), (cities - 2) * (years - 1)
    return [
        _check(
            "sample_size",
            printed=printed,
            cities=cities,
            years=years,
            excluded_cities=2,
            lags=1,
        ),
        _check("parts", parts=[part * years, (cities - part) * years], whole=cities * years),
        _check("whole_cities", parts=[part * years, (cities - part) * years], years=years),
        _check("subsample", part=part * years, whole=cities * years),
        _check("median_split", at_or_above=above, below=sample.n - above),
    ]


def _space(sample: Survey, show, rng) -> list[Paper]:
    """Effects of a Durbin model with row-standardised weights, and Moran's I."""
    (beta, theta), rho = rng.normal(size=2), rng.uniform(-0.8, 0.9)
    total = (beta + theta) / (1 - rho)
    direct = beta * rng.uniform(1, 1.2)
    moran, sd = rng.normal(0, 0.2), rng.uniform(0.02, 0.1)
    z = show((moran + 1 / (sample.n - 1)) / sd)
    return [
        _check("multiplier", beta=show(beta), theta=show(theta), rho=show(rho), total_effect=show(total)),
        _check("total", direct=show(direct), indirect=show(total - direct), total_effect=show(total)),
        _check("rho", rho=show(rho)),
        _check("moran_expected", n=sample.n, expected=show(-1 / (sample.n - 1))),
        _check("moran", moran=show(moran), n=sample.n, sd=show(sd), z=z),
    ]


GROUPS = (_nested, _units, _curves, _moderated, _paths, _instrument, _collinear, _groups, _sizes, _space)
"""What is printed besides columns and descriptive statistics."""
