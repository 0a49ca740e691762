import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.linalg import sqrtm

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.effects import (
    Polynomial,
    marginal_effects,
    spatial_effects,
)
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours

CIGAR, PRODUC = 1e-5, 1e-6  # relative, stated with the cases
PRINTED = 5e-7  # absolute; reference effects are printed with six decimals
PRINTED_PRODUC = 5e-9  # absolute; eight decimals
SIMULATED = 0.03  # relative; the tolerance stated for errors from 400,000 draws
DENSE = 1e-9  # relative; against the dense inverse
INTERPOLATED = 1e-7  # relative; series in ρ over the draws against an inverse for every draw
DIFFERENCES = 1e-6  # relative; central differences


def lopsided(n, seed=0):
    """Random weights whose rows differ in their sums, not symmetric in disguise."""
    rng = np.random.default_rng(seed)
    w = rng.random((n, n)) * (rng.random((n, n)) < 0.3)
    np.fill_diagonal(w, 0)
    return sparse.csr_array(w / np.abs(np.linalg.eigvals(w)).max())


def example(kind="lopsided", n=25, **options):
    w = lopsided(n) if kind == "lopsided" else near_neighbours(np.random.default_rng(1), n, neighbours=4)
    truth = {"rho": 0.4, "beta": (1.0, -0.5), "theta": (0.5, 0.3), "year_strength": 0.0}
    draw = durbin_panel(np.random.default_rng(2), w, n_years=6, **truth)
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["a", "b"], "effects": "individual"}
    return spatial_panel(draw.y, draw.x, draw.w, **keys | options)


def summary(matrix):
    """Direct, indirect and total effect of a matrix of effects."""
    n = len(matrix)
    direct, total = np.trace(matrix) / n, matrix.sum() / n
    return np.array([direct, total - direct, total])


def dense_effects(fit, values=None):
    """Effects of a and b from the dense inverse, at given coefficients (a, b, W·a, W·b, rho, …)."""
    values = fit.estimate.coefficients if values is None else values
    w, eye = fit.weights.toarray(), np.eye(fit.weights.shape[0])
    s = np.linalg.inv(eye - values[4] * w)
    return np.stack([summary(s @ (values[k] * eye + values[2 + k] * w)) for k in (0, 1)])


@pytest.mark.parametrize("kind", ["lopsided", "row-standardised"])
def test_effects_are_those_of_the_dense_inverse(kind):
    fit = example(kind)
    found = spatial_effects(fit, intervals="delta")
    assert found.labels == ("a", "b")
    assert found.effects == pytest.approx(dense_effects(fit), rel=DENSE)


def test_row_sums_decide_the_total():
    """With every row sum one half the total is (β + θ/2)/(1 − ρ/2), not (β + θ)/(1 − ρ)."""
    w = near_neighbours(np.random.default_rng(1), 25, neighbours=4) / 2
    draw = durbin_panel(np.random.default_rng(2), w, n_years=6, rho=0.8, beta=(1.0,), theta=(0.5,))
    fit = spatial_panel(draw.y, draw.x, w, entity=draw.entity, time=draw.time, terms=["a"])
    beta, theta = fit.estimate.coefficients[:2]
    total = (beta + theta / 2) / (1 - fit.rho / 2)
    assert spatial_effects(fit).effects[0, 2] == pytest.approx(total, rel=DENSE)


@pytest.mark.parametrize("kind", ["lopsided", "row-standardised"])
def test_delta_errors_by_numeric_gradient(kind):
    fit = example(kind)
    values, covariance, step = fit.estimate.coefficients, fit.estimate.covariance, 1e-5
    gradient = np.stack(
        [
            (dense_effects(fit, values + step * unit) - dense_effects(fit, values - step * unit)) / (2 * step)
            for unit in np.eye(len(values))
        ],
        axis=-1,
    )
    errors = np.sqrt(np.einsum("mek,kl,mel->me", gradient, covariance, gradient))
    assert spatial_effects(fit, intervals="delta").standard_errors == pytest.approx(errors, rel=DIFFERENCES)


@pytest.mark.parametrize("kind", ["lopsided", "row-standardised"])
def test_simulated_intervals_invert_for_every_draw(kind):
    fit = example(kind)
    found = spatial_effects(fit, draws=300, seed=4, level=0.9)
    rng = np.random.default_rng(4)
    values, covariance = fit.estimate.coefficients, fit.estimate.covariance
    scale = np.sqrt(np.diag(covariance))
    by_name = rng.standard_normal((300, len(values)))
    noise = by_name[:, np.argsort(np.argsort(fit.estimate.terms))]
    drawn = values + noise @ sqrtm(covariance / np.outer(scale, scale)) * scale
    effects = np.stack([dense_effects(fit, values) for values in drawn])
    assert found.draws == 300
    assert found.standard_errors == pytest.approx(effects.std(axis=0, ddof=1), rel=INTERPOLATED)
    lower, upper = np.quantile(effects, [0.05, 0.95], axis=0)
    assert found.lower == pytest.approx(lower, rel=INTERPOLATED, abs=INTERPOLATED)
    assert found.upper == pytest.approx(upper, rel=INTERPOLATED, abs=INTERPOLATED)


def test_simulated_and_delta_agree_where_the_fit_is_sharp():
    w = near_neighbours(np.random.default_rng(1), 200)
    draw = durbin_panel(np.random.default_rng(2), w, n_years=15, rho=0.4, beta=(1.0,), theta=(0.5,))
    fit = spatial_panel(draw.y, draw.x, w, entity=draw.entity, time=draw.time, terms=["a"])
    simulated, delta = spatial_effects(fit, draws=20_000), spatial_effects(fit, intervals="delta")
    assert simulated.standard_errors == pytest.approx(delta.standard_errors, rel=0.03)
    assert simulated.lower == pytest.approx(delta.lower, rel=0.01)
    assert simulated.upper == pytest.approx(delta.upper, rel=0.01)
    s = np.linalg.inv(np.eye(200) - 0.4 * w.toarray())
    truth = summary(s @ (np.eye(200) + 0.5 * w.toarray()))
    assert np.all(np.abs(delta.effects[0] - truth) < 4 * delta.standard_errors[0])


def test_models_without_a_lag_of_the_outcome():
    error = example(model="error")
    found = spatial_effects(error)
    assert found.effects[:, 0] == pytest.approx(error.estimate.coefficients[:2], rel=DENSE)
    assert found.effects[:, 1] == pytest.approx(0, abs=1e-12)
    delta = spatial_effects(error, intervals="delta")
    assert delta.standard_errors[:, 0] == pytest.approx(error.estimate.standard_errors[:2], rel=DENSE)
    slx = example(model="slx")
    share = slx.weights.sum() / 25
    indirect = slx.estimate.coefficients[2:4] * share
    assert spatial_effects(slx).effects[:, 1] == pytest.approx(indirect, rel=DENSE)


def test_terms_without_a_spatial_lag_spill_over_through_the_outcome_only():
    fit = example(lagged=["b"])
    s = np.linalg.inv(np.eye(25) - fit.rho * fit.weights.toarray())
    found = spatial_effects(fit, terms=["a"])
    assert found.effects[0] == pytest.approx(summary(s * fit.estimate["a"][0]), rel=DENSE)


C, Z = (np.random.default_rng(s).normal(size=(25, 6)) for s in (11, 12))
CURVE = Polynomial("c", "c2", "cz", "c2z")


@pytest.fixture(scope="module")
def curved():
    """y with c, c², z, c·z and c²·z and their spatial lags; weights with rows of different sums."""
    w = lopsided(25)
    columns = np.stack([C, C**2, Z, C * Z, C**2 * Z], axis=2)
    mean = columns @ [1.0, -0.4, 0.3, 0.2, 0.1]
    mean = mean + w @ (columns @ [0.4, 0.2, 0.0, -0.1, 0.05])
    y = np.linalg.solve(np.eye(25) - 0.3 * w.toarray(), mean + np.random.default_rng(13).normal(size=(25, 6)))
    entity, time = np.divmod(np.arange(150), 6)
    terms = ["c", "c2", "z", "cz", "c2z"]
    return spatial_panel(
        y.ravel(), columns.reshape(150, 5), w, entity=entity, time=time, terms=terms, effects="individual",
        lagged=["c", "c2", "cz", "c2z"],
    )  # fmt: skip


def response(fit, c, z):
    """Expected outcome of every unit, up to its effects."""
    b = dict(zip(fit.estimate.terms, fit.estimate.coefficients, strict=True))
    w = fit.weights.toarray()
    columns = {"c": c, "c2": c**2, "z": z, "cz": c * z, "c2z": c**2 * z}
    mean = sum(b[k] * v for k, v in columns.items()) + sum(
        b["W·" + k] * (w @ v) for k, v in columns.items() if "W·" + k in b
    )
    return np.linalg.solve(np.eye(len(w)) - b["rho"] * w, mean)


def differentiated(fit, c, z, step=1e-4):
    """The matrix ∂y/∂c by moving the c of one unit at a time."""
    units = step * np.eye(len(c))
    return np.stack([(response(fit, c + u, z) - response(fit, c - u, z)) / (2 * step) for u in units], axis=1)


def test_marginal_effects_move_one_unit_at_a_time(curved):
    found = marginal_effects(curved, CURVE, c=[0.0, 1.5], z=[0.5, -1.0], intervals="delta")
    assert found.labels == ((0.0, 0.5), (1.5, -1.0))
    for row, (c, z) in zip(found.effects, found.labels, strict=True):
        truth = summary(differentiated(curved, np.full(25, c), np.full(25, z)))
        assert row == pytest.approx(truth, rel=DIFFERENCES)


def test_the_effect_of_the_square_is_not_the_marginal_effect(curved):
    separate = spatial_effects(curved, terms=["c", "c2"]).effects[:, 2].sum()
    whole = marginal_effects(curved, CURVE, c=0.5, z=0.0).effects[0, 2]
    assert whole == pytest.approx(separate, rel=DENSE)  # 2c = 1: the one place where they are the same
    elsewhere = marginal_effects(curved, CURVE, c=1.5, z=0.0).effects[0, 2]
    assert abs(elsewhere - separate) > 0.1


def test_linear_marginal_effect_is_the_effect_of_the_term():
    fit = example()
    plain = spatial_effects(fit, terms=["a"], draws=200)
    line = marginal_effects(fit, Polynomial("a"), c=3.0, draws=200)
    for name in ("effects", "standard_errors", "lower", "upper"):
        assert getattr(line, name) == pytest.approx(getattr(plain, name), rel=DENSE)


def test_frame_has_a_row_for_each_effect():
    found = spatial_effects(example(), draws=200)
    frame = found.frame()
    assert list(frame["kind"]) == ["direct", "indirect", "total"] * 2
    assert list(frame["label"]) == ["a"] * 3 + ["b"] * 3
    assert frame["effect"].to_numpy().reshape(2, 3) == pytest.approx(found.effects)
    assert ((frame["lower"] < frame["effect"]) & (frame["effect"] < frame["upper"])).all()


@pytest.fixture(scope="module")
def cigar(reference_case):
    case = reference_case("H1")
    folder = case["folder"] / case["data"]
    frame = pd.read_csv(folder / "Cigar.csv")
    w = pd.read_csv(folder / "usa46_binary.csv", index_col=0).to_numpy(float)
    w = w / w.sum(axis=1, keepdims=True)
    expected = {key.split(" (")[0]: value for key, value in case["expected"].items()}
    keys = {"entity": frame["state"], "time": frame["year"], "terms": ["logp", "logy"]}

    def run(**options):
        rule = {"errors": "information_of_demeaned"}
        return spatial_panel(frame["logc"], frame[["logp", "logy"]], w, **keys | rule | options)

    return expected, run


@pytest.mark.parametrize(("key", "correction"), [("JWy", "none"), ("Lee-Yu bias-corrected", "bias")])
def test_cigar(cigar, key, correction):
    expected, run = cigar
    found = spatial_effects(run(correction=correction), intervals="delta").effects
    for kind, name in enumerate(("direct", "indirect", "total")):
        assert found[:, kind] == pytest.approx(expected[key][name], rel=CIGAR, abs=PRINTED)


def test_cigar_simulated_errors(cigar):
    expected, run = cigar
    found = spatial_effects(run(), draws=100_000).standard_errors
    for kind, name in enumerate(("direct", "indirect", "total")):
        assert found[:, kind] == pytest.approx(expected["JWy"][f"mc_se_{name}"], rel=SIMULATED)


@pytest.mark.parametrize(("key", "model"), [("SAR_ind", "lag"), ("SDM_ind", "durbin")])
def test_produc(reference_case, key, model):
    case = reference_case("H5")
    folder = case["folder"] / case["data"]
    frame = pd.read_csv(folder / "Produc.csv")
    w = pd.read_csv(folder / "usaww.csv", index_col=0).to_numpy(float)
    x = np.column_stack([np.log(frame[["pcap", "pc", "emp"]]), frame["unemp"]])
    keys = {"entity": frame["state"], "time": frame["year"], "terms": ["pcap", "pc", "emp", "unemp"]}
    fit = spatial_panel(np.log(frame["gsp"]), x, w, **keys, model=model, effects="individual")
    found = spatial_effects(fit).effects
    assert found[:, 0] == pytest.approx(case["expected"][key]["direct"], rel=PRODUC, abs=PRINTED_PRODUC)
    assert found[:, 1] == pytest.approx(case["expected"][key]["indirect"], rel=PRODUC, abs=PRINTED_PRODUC)


def test_spreg_splits_the_total_of_a_durbin_model_wrongly():
    """Its total is right. Its direct effect is β tr(S)/n: all that goes through Wx it counts as indirect."""
    import libpysal
    from spreg import ML_LagFE

    w = near_neighbours(np.random.default_rng(1), 60)
    truth = {"rho": 0.4, "beta": (0.2,), "theta": (0.5,), "year_strength": 0.0}
    draw = durbin_panel(np.random.default_rng(2), w, n_years=8, **truth)
    order = np.lexsort((draw.entity, draw.time))
    graph = libpysal.weights.WSP(sparse.csr_matrix(w)).to_W(silence_warnings=True)
    y = draw.y[order].reshape(-1, 1)
    theirs = ML_LagFE(y, draw.x[order], graph, slx_lags=1, spat_impacts="full", name_x=["x"])
    line = re.search(r"Total\n\s+x\s+(\S+)\s+(\S+)\s+(\S+)", theirs.summary)
    direct, _, total = (float(number) for number in line.groups())
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["x"], "effects": "individual"}
    fit = spatial_panel(draw.y, draw.x, w, **keys)
    ours = spatial_effects(fit).effects[0]
    s = np.linalg.inv(np.eye(60) - fit.rho * w.toarray())
    beta, theta = fit.estimate.coefficients[:2]
    assert ours == pytest.approx(summary(s @ (beta * np.eye(60) + theta * w.toarray())), rel=DENSE)
    assert total == pytest.approx(ours[2], abs=1e-4)
    assert direct == pytest.approx(beta * np.trace(s) / 60, abs=1e-4)
    assert abs(direct - ours[0]) > 0.02


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"intervals": "bootstrap"}, "simulated, delta"),
        ({"level": 95}, "between 0 and 1"),
        ({"draws": 1}, "at least two"),
        ({"terms": ["z"]}, "'z' is not one of the terms a, b"),
    ],
)
def test_wrong_options_are_named(options, says):
    with pytest.raises(ParameterError, match=says):
        spatial_effects(example(), **options)


def test_draws_outside_the_bounds_are_refused():
    fit = example()
    estimate = fit.estimate.with_provenance(covariance=fit.estimate.covariance * 1e6)
    wild = type(fit)(**{**vars(fit), "estimate": estimate})
    with pytest.raises(DataError, match="more than half of the draws"):
        spatial_effects(wild)
