import pandas as pd
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.studies.trials import figures, quotes, spatial, tables


@pytest.fixture
def results():
    rows = []
    for method, bias in (("method one", 0.25), ("method two", -0.125)):
        for quantity in ("rho", "direct"):
            numbers = {"bias": bias, "bias_error": 0.01, "spread": 0.1, "mean_standard_error": 0.1}
            key = {"units": 50, "method": method, "quantity": quantity, "truth": 0.4, "draws": 20}
            rows.append(key | numbers | {"coverage": 0.85})
    return pd.DataFrame(rows)


def test_figure_has_a_row_for_each_method(results):
    figure = figures.spatial(results, quantity="rho", units=50)
    left, right = figure.axes
    assert [text.get_text() for text in left.get_yticklabels()] == ["method one", "method two"]
    assert "ρ" in left.get_xlabel()
    words = " ".join(text.get_text() for text in figure.texts)
    assert "simulated panels, 50 units" in words


def test_table_groups_by_quantity(results):
    page = tables.spatial(results, units=50).as_raw_html()
    assert page.index("ρ") < page.index("direct effect")
    assert page.count("method one") == 2 and "−0.125" in page and "85%" in page


def test_prose_quotes_the_rows_it_names(monkeypatch):
    quoted = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value, fmt="": quoted.update({name: value}))
    trial = spatial.across_sizes(replications=2, seed=1)
    quotes.spatial(trial)
    assert quoted["spatial-replications"] == "2" and quoted["spatial-rho"] == "0.4"
    # two draws: the root of 0.95 · 0.05 / 2
    assert quoted["spatial-monte-carlo"] == "15.4"
    chosen = (trial["method"] == "no spatial term") & (trial["quantity"] == "total") & (trial["units"] == 200)
    assert quoted["spatial-none-total-bias"] == pytest.approx(trial[chosen]["bias"].iloc[0])
    with pytest.raises(ParameterError, match="no rho of 'Durbin, two-way' at 50 units"):
        quotes.spatial(trial[trial["method"] != "Durbin, two-way"])


def test_what_the_trial_has_not_is_refused(results):
    with pytest.raises(ParameterError, match="no total at 50 units"):
        figures.spatial(results, quantity="total", units=50)
    with pytest.raises(ParameterError, match="no rho at 60 units"):
        figures.spatial(results, quantity="rho", units=60)
