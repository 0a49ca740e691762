import json
import re

import pytest

from digital_clusters.pipeline.offline import external_resources

pytestmark = pytest.mark.slow


def page(project, name):
    return (project.root / "_build/html" / name).read_text(encoding="utf-8")


def ran(done):
    """Pages that the build executed."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("study/")]
    return [line.split()[0] for line in lines if "from the cache" not in line]


def test_the_life_of_a_book(project):
    """Built, built again for nothing, changed, broken, mended: each step starts from the one before."""
    cold = project.command("build")
    assert cold.returncode == 0, cold.stderr
    assert sorted(ran(cold)) == ["study/first", "study/second"]
    html = project.root / "_build/html"
    assert external_resources(html) == []
    assert "gini 10.0" in page(project, "notebooks/study/first.html")
    assert "synthetic twin" in page(project, "book/status.html")
    assert "study/second" in page(project, "book/parameters.html")
    (script,) = re.findall(
        r'src="([^"]*tex-mml-chtml\.js[^"]*)"', page(project, "notebooks/study/first.html")
    )
    assert (html / "notebooks/study" / script.split("?")[0]).resolve().is_file()
    saved = json.loads((project.root / "_build/results/study.first.json").read_text())
    assert saved[0]["estimate"]["coefficients"] == [10.0]

    before = (html / "index.html").stat().st_mtime_ns
    warm = project.command("build")
    assert warm.returncode == 0
    assert ran(warm) == []
    assert (html / "index.html").stat().st_mtime_ns == before

    project.replace("src/helpers/base.py", "a * b", "a * b + 1")
    changed = project.command("build")
    assert ran(changed) == ["study/second"]
    assert "gini 16.0" in page(project, "notebooks/study/second.html")

    published = page(project, "notebooks/study/second.html")
    project.replace("src/helpers/base.py", "return", "raise KeyError('x')\n    return")
    failed = project.command("build")
    assert failed.returncode == 1
    assert "study/second failed in code cell 2" in failed.stderr
    assert "the published book was not touched" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert page(project, "notebooks/study/second.html") == published

    project.replace("src/helpers/base.py", "raise KeyError('x')\n    return", "return")
    project.replace("book/index.md", "Small book", "Small book, mended")
    mended = project.command("build")
    assert mended.returncode == 0, mended.stderr
    assert ran(mended) == []
    assert "mended" in page(project, "book/index.html")
    assert project.leftovers() == []


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("{doc}`nowhere`", "unknown document: 'nowhere'"),
        ("![x](https://example.org/x.png)", "<img> loads https://example.org/x.png"),
    ],
)
def test_a_page_that_warns_or_loads_from_elsewhere_is_not_published_however_often(project, addition, message):
    project.replace("_toc.yml", "      - file: notebooks/study/second\n", "")
    project.replace("book/index.md", "Small", f"{addition}\n\nSmall")
    for _ in range(2):
        done = project.command("build")
        assert done.returncode == 1
        assert message in done.stderr
        assert "Traceback" not in done.stderr
        assert not (project.root / "_build/html").exists()
    assert project.leftovers() == []


def test_both_sources_of_data_stay_in_the_cache(project):
    assert project.command("build").returncode == 0
    assert len(ran(project.command("build", "--data", "public"))) == 2
    assert "public data" in page(project, "book/status.html")
    assert ran(project.command("build", "--data", "twin")) == []
    assert "synthetic twin" in page(project, "book/status.html")
