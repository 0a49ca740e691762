"""The front door: what ``import digital_clusters as dc`` gives, what it costs, and the page on it."""

import ast
import doctest
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import digital_clusters as dc
from digital_clusters.pipeline.notebooks import read
from digital_clusters.report.api import api_table, first_sentence, lines_of

ROOT = Path(__file__).parents[1]
FACE = ROOT / "src" / "digital_clusters" / "__init__.py"
PAGE = ROOT / "book" / "api.md"

SAME = 1e-5
"""Relative; two searches for one maximum (spreg stops at 1e-7 in rho)."""

FACTOR = 0.06
"""Relative; small-sample factors of clustered errors. linearmodels counts 290 city effects among 2,900 rows,
so its errors are 5 % larger, 1/√0.9; here effects nested in clusters are not counted, as in fixest."""

MOST_LINES = 6
"""Of an example, the comment that names it not counted."""


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_all_is_what_the_table_says():
    assert dc.__all__ == list(dc.WHERE) and len(set(dc.__all__)) == len(dc.__all__) > 25
    assert set(dc.__all__) <= set(dir(dc))
    assert run("import digital_clusters as dc; print(dc.__all__)") == str(dc.__all__)


def test_the_table_is_a_literal():
    tables = [
        node for node in ast.parse(FACE.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)
    ]
    found = {ast.unparse(node.targets[0]): node.value for node in tables}
    assert ast.literal_eval(found["WHERE"]) == dc.WHERE


def test_importing_the_face_loads_nothing():
    code = (
        "import sys; before = set(sys.modules); import digital_clusters; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    loaded = set(run(code).split())
    assert loaded - set(sys.stdlib_module_names) == {"digital_clusters"}


def test_a_name_loads_its_own_module_only():
    code = (
        "import sys, digital_clusters as dc; dc.gini; print({'sklearn', 'linearmodels'} & set(sys.modules))"
    )
    assert run(code) == "set()"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'two_ways'"):
        _ = dc.two_ways


@pytest.mark.parametrize("name", dc.__all__)
def test_every_name_has_a_sentence_and_an_example_that_runs(name):
    thing = getattr(dc, name)
    assert first_sentence(thing).endswith("."), f"{name}: {first_sentence(thing)!r}"
    module = importlib.import_module(thing.__module__)
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(thing, name, module=module, globs=dict(vars(module)))
    assert example.examples, f"{name} has no example"
    assert not any(doctest.SKIP in step.options for step in example.examples), (
        f"{name}: its example is skipped"
    )
    assert doctest.DocTestRunner().run(example).failed == 0


def test_every_name_is_typed():
    """The stub says of each name where it is, as the table does, and the verbs have annotated arguments."""
    stub = ast.parse(FACE.with_suffix(".pyi").read_text(encoding="utf-8"))
    places = {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in stub.body:
        if isinstance(node, ast.Assign):
            places[node.targets[0].id] = places.pop(node.value.id)
    said = {name: place if ":" in place else f"{place}:{name}" for name, place in dc.WHERE.items()}
    assert places == said
    verbs = [name for name in dc.__all__ if dc.WHERE[name].startswith("digital_clusters.verbs")]
    for name in verbs:
        parameters = inspect.signature(getattr(dc, name)).parameters.values()
        bare = [p.name for p in parameters if p.annotation is p.empty and p.kind is not p.VAR_KEYWORD]
        assert not bare, f"{name}: {bare}"


def test_nothing_below_the_face_imports_it():
    for path in FACE.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module == "digital_clusters":
                names += [f"digital_clusters:{alias.name}" for alias in node.names]
            taken = {"digital_clusters", *(f"digital_clusters:{name}" for name in dc.__all__)} & set(names)
            assert not taken, f"{path}: {taken}"


# the page


def cells() -> list[str]:
    return [cell.source for cell in read(PAGE).cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def page() -> dict:
    """What is there once every cell of the page ran."""
    names: dict = {"In": [""]}
    for source in cells():
        names["In"].append(source)
        exec(compile(source, str(PAGE), "exec"), names)
    return names


EXAMPLES = (
    "a two-way regression",
    "a DML estimate",
    "a spatial Durbin model",
    "a matched DID",
    "an event study",
    "an instrumented regression",
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_takes_six_lines(example):
    (ours,) = [cell for cell in cells() if cell.splitlines()[0] == f"# {example}"]
    (theirs,) = [cell for cell in cells() if cell.startswith(f"# {example} with ")]
    assert lines_of(ours) <= MOST_LINES < lines_of(theirs) + 2
    assert "dc.Panel.of(frame" in ours, "it starts from the reader's frame"


@pytest.mark.slow
def test_the_examples_are_the_numbers_of_other_libraries(page):
    there = {key.partition(" with ")[0]: found for key, found in page["there"].items()}
    assert tuple(page["here"]) == tuple(there) == EXAMPLES
    for example, theirs in there.items():
        ours = page["here"][example]
        assert ours[0] == pytest.approx(float(theirs[0]), rel=SAME), example
        close = SAME if example in ("a DML estimate", "a spatial Durbin model") else FACTOR
        assert ours[1] == pytest.approx(float(theirs[1]), rel=close), example
    events, there = page["events"].estimate, page["events_there"]
    assert events.coefficients == pytest.approx(there.params[list(events.terms)].to_numpy(), rel=SAME)


@pytest.mark.slow
def test_a_verb_is_the_fit_of_its_specification(page):
    panel = page["panel"]
    said = {"outcome": "growth_gap", "treatment": "virtual", "controls": ("income", "population")}
    said |= {"first_year": 2010, "last_year": 2019, "errors": "clustered"}
    spec = dc.Spec(method="two_way_fixed_effects", **said)
    assert dc.fit(spec, panel).estimate["virtual"] == page["two_way"]["virtual"]
    spec = dc.Spec(method="instrumental_variables", instrument="telephone_shift", **said)
    assert dc.fit(spec, panel).estimate["virtual"] == page["iv"].estimate["virtual"]


def test_the_page_shows_every_name():
    html = api_table({name: getattr(dc, name) for name in dc.__all__}).as_raw_html()
    assert all(f">{name}<" in html for name in dc.__all__)
    assert "``" not in html and ":func:" not in html


def test_results_print_as_tables():
    panel = dc.city_panel("twin").complete("misallocation", "income", years=(2015, 2019), balanced=True)
    found = dc.spatial_panel(panel, "misallocation", "income")
    assert "rho" in repr(found) and "durbin model, two-way effects" in repr(found)
    assert "<table" in found._repr_html_() and "durbin model" in found._repr_html_()
    events = dc.event_study(panel, "misallocation", adoption="delta_council_year", leads=2, lags=1)
    assert "effects before adoption: p =" in repr(events)
