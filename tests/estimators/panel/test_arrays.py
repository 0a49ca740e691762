import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.arrays import check_panel

GOOD = {
    "y": [1.0, 2.0, 3.0],
    "d": [[1.0], [2.0], [4.0]],
    "x": [[0.0, 1.0]] * 3,
    "entity": ["b", "a", "b"],
    "time": [2011, 2011, 2012],
    "terms": ["uil"],
}


def check(**changed):
    given = GOOD | changed
    return check_panel(
        given["y"], given["d"], given["x"], **{k: given[k] for k in ("entity", "time", "terms")}
    )


def test_labels_become_codes():
    panel = check()
    assert panel.entity.tolist() == [1, 0, 1] and panel.time.tolist() == [0, 0, 1]
    assert panel.d.shape == (3, 1) and panel.x.shape == (3, 2) and panel.terms == ("uil",)
    assert check(d=[1.0, 2.0, 4.0], x=None).x.shape == (3, 0)


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"y": [1.0, np.nan, 3.0]}, DataError, r"the outcome .* row 1 \(a, 2011\)"),
        ({"d": [[1.0], [2.0], [np.inf]]}, DataError, r"term 'uil' .* row 2 \(b, 2012\)"),
        ({"x": [[0, 1], [0, np.nan], [0, 1]]}, DataError, "covariate 2 .* row 1"),
        ({"time": [2011, 2011, 2011]}, DataError, "entity b has more than one row in period 2011"),
        ({"x": [[0.0]] * 4}, ParameterError, "x has 4 rows, the outcome has 3"),
        ({"terms": ["uil", "difi"]}, ParameterError, "1 columns need as many different names"),
        ({"d": np.ones((3, 2)), "terms": ["uil", "uil"]}, ParameterError, "different names"),
    ],
)
def test_what_is_wrong_is_named(changed, error, says):
    with pytest.raises(error, match=says):
        check(**changed)
