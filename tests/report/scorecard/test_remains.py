"""What is left of the twin's claims at the noise of public data: a sentence that counts right."""

from types import SimpleNamespace

from digital_clusters.report.scorecard.remains import remains_sentence


def _line(word, power, planted=0.1, kind="claim"):
    return SimpleNamespace(kind=kind, twin=SimpleNamespace(word=word, power=power, planted=planted))


def test_only_planted_claims_that_are_found_and_touched_count():
    lines = [
        _line("sign and size", 0.9),
        _line("sign only", 0.2),
        _line("sign only", None),
        _line("sign and size", float("nan")),
        _line("often missed", 0.99),
        _line("not available", 0.99, planted=None),
        _line("sign and size", 0.99, kind="coefficient"),
    ]
    said = remains_sentence(lines)
    assert said.startswith("Of 5 claims with a planted size, the sign of 4 is found in at least 80%")
    assert (
        "Of these 2 have a public number with a standard error" in said
        and "found as often in 1; their median power there is 55%" in said
    )
    assert remains_sentence(lines[2:3]).endswith("none of these has a public number with a standard error.")
