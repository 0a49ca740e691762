from pathlib import Path

import pytest

from digital_clusters.pipeline.dependencies import closure

FILES = {
    "pkg/__init__.py": "",
    "pkg/a.py": "from pkg.b import f\n",
    "pkg/b.py": "def f():\n    from .sub import deep\n    return deep.g\n",
    "pkg/c.py": "import os\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/deep.py": "from .. import c as renamed\n",
    "pkg/lonely.py": "x = 1\n",
    "pkg/dynamic.py": "from importlib import import_module\ndef get(name):\n    return import_module(name)\n",
    "pkg/named.py": "import importlib\nm = importlib.import_module('pkg.lonely')\n",
    "pkg/broken.py": "def f(:\n",
    "other.py": "import pkg.lonely\n",
}


@pytest.fixture
def source(tmp_path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def names(source, *code):
    return {path.relative_to(source).as_posix() for path in closure(list(code), source)}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import numpy", set()),
        ("import pkg", {"pkg/__init__.py"}),
        ("from pkg import lonely", {"pkg/__init__.py", "pkg/lonely.py"}),
        ("import other", {"other.py", "pkg/__init__.py", "pkg/lonely.py"}),
        ("%matplotlib inline\nimport pkg.c", {"pkg/__init__.py", "pkg/c.py"}),
        ("from pkg import named", {"pkg/__init__.py", "pkg/named.py", "pkg/lonely.py"}),
        (
            "def f():\n    from pkg.a import f",
            {"pkg/__init__.py", "pkg/a.py", "pkg/b.py", "pkg/sub/__init__.py", "pkg/sub/deep.py", "pkg/c.py"},
        ),
    ],
)
def test_follows_imports_wherever_they_stand(source, code, expected):
    assert names(source, "x = 1", code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "from pkg import dynamic",
        "from pkg import broken",
        "exec('import pkg')",
        "__import__(name)",
        "!digital-clusters list",
        "%run other.py",
        "import subprocess",
        "x = = 1",
    ],
)
def test_what_cannot_be_traced_depends_on_everything(source, code):
    assert names(source, code) == set(FILES)


def test_a_star_import_takes_the_modules_of_the_package(source):
    (source / "pkg/broken.py").unlink()
    (source / "pkg/dynamic.py").unlink()
    assert "pkg/lonely.py" in names(source, "from pkg import *")
