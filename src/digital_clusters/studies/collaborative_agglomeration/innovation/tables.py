"""The table of the tests on innovation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.analysis.scorecard.noise import public_noise
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.cautions import cautions
from digital_clusters.report.tables import styled
from digital_clusters.report.words import PUBLIC, interval, lines, number
from digital_clusters.studies.collaborative_agglomeration.innovation.record import TESTS

if TYPE_CHECKING:
    from great_tables import GT

ESTIMATE = "Estimate [95 %]"


def innovation_table(found: Mapping[str, Estimate]) -> "GT":
    """A row a test: what would be positive, its estimate, what would be found four times in five."""
    rows, numbers = [], {name: found[name].term(test.term) for name, test in TESTS.items()}
    for name, test in TESTS.items():
        b = numbers[name]
        rows.append(
            {
                "Part": lines(name, [test.statement]),
                ESTIMATE: lines(number(b.value), [interval(b.low, b.high)]),
                "Detectable": number(public_noise(b).detectable),
                "N": number(b.n, 0),
                "Verdict": b.verdict(1),
            }
        )
    note = (
        "Log science expenditure per resident; city and year effects, controls of the year before, errors by "
        "city. Sign found: positive and different from zero at 5 %. Right or wrong sign: not different from "
        "zero. Other sign found: negative and different from zero. Detectable: effect that is found in four "
        "of five samples."
    )
    footnotes = cautions((place, ESTIMATE, numbers[name]) for place, name in enumerate(TESTS))
    return styled(pd.DataFrame(rows), "", note, PUBLIC, markup=["Part", ESTIMATE], footnotes=footnotes)
