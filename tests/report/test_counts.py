"""Counts of the landing page, against counting by eye in another way."""

import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.published import load_published
from digital_clusters.report.counts import count_claims, count_printed


def test_printed_coefficients_are_counted_by_sign_and_size():
    count, frozen = count_printed("industrial_upgrading"), load_frozen("industrial_upgrading")
    same = within = total = 0
    for column in load_published("industrial_upgrading").columns:
        for term in column.terms:
            found = frozen.estimates[column.key][term.term][0]
            total += 1
            same += (found > 0) == (float(term.coefficient) > 0)
            within += abs(found - float(term.coefficient)) <= float(term.standard_error)
    assert (count.printed, count.same_sign, count.within_one) == (total, same, within)
    assert total == 18


@pytest.mark.parametrize("study", ["virtual_agglomeration", "collaborative_agglomeration"])
def test_claims_are_counted_by_verdict(study):
    count, found = count_claims(study), load_frozen(study).facts["claims"]
    signs = {claim.key: claim.sign for claim in load_claims(study).claims}
    clear = {
        key: number["value"] * signs[key] > 0
        for key, number in found.items()
        if number and number["p_value"] < 0.05
    }
    assert count.claims == len(signs)
    assert count.touched == sum(number is not None for number in found.values())
    assert count.recovered == sum(clear.values())
    assert count.contradicted == len(clear) - sum(clear.values())
    assert count.unclear == count.touched - len(clear)
