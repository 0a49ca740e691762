"""Every regression of a study stands in one chapter on own files; what cannot be served has its reason."""

from collections import Counter
from dataclasses import replace

import pytest

from digital_clusters.analysis.fit import fit_nearest
from digital_clusters.analysis.own_data.chapters import chapter_fits, chapter_specs, own_studies, refusals
from digital_clusters.errors import ParameterError
from digital_clusters.studies.catalogue import STUDIES

UPGRADING = STUDIES["industrial_upgrading"]


def without(panel, *columns):
    missing = {**panel.missing, **dict.fromkeys(columns, "it is not in columns.yml")}
    return replace(panel, frame=panel.frame.drop(columns=list(columns)), missing=missing)


def test_every_study_is_there_and_each_of_its_regressions_in_one_chapter():
    assert list(own_studies()) == list(STUDIES)
    for key, study in STUDIES.items():
        named = Counter(name for names in own_studies()[key].chapters.values() for name in names)
        assert named == Counter(list(study.specs)), key


@pytest.mark.parametrize("key", STUDIES)
def test_parameters_of_the_pages_are_those_of_the_base(key):
    told = own_studies()[key].parameters
    assert told == {name: getattr(STUDIES[key].base, name) for name in told}


def test_a_change_concerns_what_the_paper_leaves_free():
    changed = chapter_specs(UPGRADING, "robustness", {"folds": 3})
    base = UPGRADING.base.folds
    kept = [name for name in changed if UPGRADING.specs[name].folds != base]
    assert kept and all(changed[name] == UPGRADING.specs[name] for name in kept)
    assert changed["random forest"].folds == 3


def test_a_chapter_without_regressions_is_refused():
    with pytest.raises(ParameterError, match="choose from baseline"):
        chapter_specs(UPGRADING, "theory")


def test_a_missing_control_is_left_out_and_a_missing_moderator_is_the_reason():
    panel = without(UPGRADING.panel("twin"), "science", "difi")
    why = dict(refusals(UPGRADING, "mechanism", panel))
    assert all("'difi': it is not in columns.yml" in reason or not reason for reason in why.values())
    moderated = [name for name in why if UPGRADING.specs[name].moderator == "difi"]
    assert moderated and all(why[name] for name in moderated)
    fits = {made.name: made for made in chapter_fits(UPGRADING, "mechanism", panel, {"learner": "linear"})}
    for name, made in fits.items():
        assert (made.fit is None) == bool(why[name]) and made.reason == why[name]
    assert not any(dict(refusals(UPGRADING, "baseline", panel)).values())


def test_an_estimate_is_that_of_the_specification():
    panel = STUDIES["virtual_agglomeration"].panel("twin")
    (made, *_) = chapter_fits(STUDIES["virtual_agglomeration"], "baseline", panel)
    plain, _ = fit_nearest(STUDIES["virtual_agglomeration"].specs[made.name], panel)
    assert made.fit.estimate.to_dict() == plain.estimate.to_dict()
