"""Spatial panel models against numbers of other software."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours

CIGAR, PRODUC = 1e-5, 1e-6  # relative, stated with the cases
PRINTED = 5e-9  # absolute; reference standard errors are printed with eight decimals
SPREG = 1e-5  # relative; spreg's search stops at 1e-7 in rho


def fit(draw, **options):
    keys = {"entity": draw.entity, "time": draw.time, "terms": [f"x{j}" for j in range(draw.x.shape[1])]}
    return spatial_panel(draw.y, draw.x, draw.w, **keys | options)


@pytest.fixture(scope="module")
def cigar(reference_case):
    case = reference_case("H1")
    folder = case["folder"] / case["data"]
    frame = pd.read_csv(folder / "Cigar.csv")
    w = pd.read_csv(folder / "usa46_binary.csv", index_col=0).to_numpy(float)
    keys = {"entity": frame["state"], "time": frame["year"], "terms": ["logp", "logy"]}
    w = w / w.sum(axis=1, keepdims=True)
    expected = {key.split(" (")[0]: value for key, value in case["expected"].items()}
    return expected, lambda **o: spatial_panel(frame["logc"], frame[["logp", "logy"]], w, **keys | o)


def check(found, expected, tolerance):
    k = len(expected["b"])
    assert found.estimate.coefficients[:k] == pytest.approx(expected["b"], rel=tolerance)
    name = "rho" if "rho" in found.estimate.terms else "lambda"
    assert found.estimate[name][0] == pytest.approx(expected["rho"], rel=tolerance)
    for key, value in (("s2", found.sigma2), ("ll", found.log_likelihood)):
        if key in expected:
            assert value == pytest.approx(expected[key], rel=tolerance)


def test_cigar(cigar):
    expected, run = cigar
    exact = run(errors="information_of_demeaned")
    check(exact, expected["JWy"], CIGAR)
    printed = expected["JWy"]["se_b_rho_s2"]
    assert exact.estimate.standard_errors == pytest.approx(printed, rel=CIGAR, abs=PRINTED)
    demeaned = run(errors="information_of_demeaned", concentration="demean_first")
    check(demeaned, expected["WJy"], CIGAR)
    assert demeaned.estimate["rho"][1] == pytest.approx(expected["WJy"]["se_rho"], rel=CIGAR)


def test_cigar_corrected(cigar):
    expected, run = cigar
    check(run(errors="information_of_demeaned", correction="bias"), expected["Lee-Yu bias-corrected"], CIGAR)
    exact = run(correction="transformation")
    check(exact, expected["Lee-Yu transformation ML"], CIGAR)
    profiled = run(correction="bias")
    assert abs(profiled.rho - exact.rho) < abs(expected["Lee-Yu bias-corrected"]["rho"] - exact.rho)


@pytest.fixture(scope="module")
def produc(reference_case):
    case = reference_case("H5")
    folder = case["folder"] / case["data"]
    frame = pd.read_csv(folder / "Produc.csv")
    w = pd.read_csv(folder / "usaww.csv", index_col=0).to_numpy(float)
    x = np.column_stack([np.log(frame[["pcap", "pc", "emp"]]), frame["unemp"]])
    keys = {"entity": frame["state"], "time": frame["year"], "terms": ["pcap", "pc", "emp", "unemp"]}
    return case["expected"], lambda **o: spatial_panel(np.log(frame["gsp"]), x, w, **keys | o)


@pytest.mark.parametrize(("key", "model"), [("SAR_ind", "lag"), ("SEM_ind", "error"), ("SDM_ind", "durbin")])
def test_produc(produc, key, model):
    expected, run = produc
    found = run(model=model, effects="individual")
    last = 5e-9  # absolute: coefficients are printed with eight decimals
    k = len(expected[key]["b"])
    assert found.estimate.coefficients[:k] == pytest.approx(expected[key]["b"], rel=PRODUC, abs=last)
    assert found.estimate.coefficients[k] == pytest.approx(expected[key]["rho"], rel=PRODUC)
    assert found.log_likelihood == pytest.approx(expected[key]["ll"], rel=PRODUC)
    if "se_rho" in expected[key]:
        assert found.estimate["rho"][1] == pytest.approx(expected[key]["se_rho"], rel=PRODUC, abs=5e-8)


def test_produc_two_way(produc):
    expected, run = produc
    for key, rule in (("SDM_two_JWy", "exact"), ("SDM_two_splm(WJy)", "demean_first")):
        found = run(concentration=rule)
        assert found.log_likelihood == pytest.approx(expected[key]["ll"], rel=PRODUC)
        assert found.rho == pytest.approx(expected[key]["rho"], rel=PRODUC)


def spreg_durbin(draw, slx_vars="all"):
    """spreg's maximum likelihood with individual effects; rows are time-major there."""
    import libpysal
    from spreg import ML_LagFE

    order = np.lexsort((draw.entity, draw.time))
    w = libpysal.weights.WSP(sparse.csr_matrix(draw.w)).to_W(silence_warnings=True)
    return ML_LagFE(
        draw.y[order].reshape(-1, 1), draw.x[order], w, slx_lags=1, slx_vars=slx_vars, spat_impacts="full"
    )


def test_spreg_has_the_same_coefficients_and_errors():
    w = near_neighbours(np.random.default_rng(1), 60)
    truth = {"rho": 0.4, "beta": (1.0, -0.5), "theta": (0.5, 0.3), "year_strength": 0.0}
    draw = durbin_panel(np.random.default_rng(2), w, n_years=8, **truth)
    theirs, ours = spreg_durbin(draw), fit(draw, effects="individual")
    assert ours.estimate.coefficients[:5] == pytest.approx(theirs.betas.ravel(), rel=SPREG)
    assert ours.sigma2 == pytest.approx(theirs.sig2.item(), rel=SPREG)
    assert ours.estimate.standard_errors[:5] == pytest.approx(np.sqrt(np.diag(theirs.vm))[:5], rel=SPREG)
    assert ours.log_likelihood == pytest.approx(np.asarray(theirs.logll).item(), rel=SPREG)


def test_year_effects_that_are_left_out_read_as_dependence():
    w = near_neighbours(np.random.default_rng(1), 100)
    truth = {"rho": 0.4, "beta": (1.0,), "theta": (0.5,), "year_strength": 3.0}
    draw = durbin_panel(np.random.default_rng(2), w, n_years=8, **truth)
    left_out, two_way = fit(draw, effects="individual"), fit(draw, correction="transformation")
    assert left_out.rho - 0.4 > 5 * left_out.estimate["rho"][1]
    assert abs(two_way.rho - 0.4) < 4 * two_way.estimate["rho"][1]
    assert spreg_durbin(draw).betas.ravel()[-1] == pytest.approx(left_out.rho, rel=SPREG)
