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


@pytest.mark.parametrize(
    "code",
    [
        "from importlib import import_module as load\nload(name)",
        "import importlib\nload = importlib.import_module",
        "from importlib import import_module\nlist(map(import_module, names))",
        "run = exec",
        "import builtins\nbuiltins.exec(text)",
        "import importlib\nimportlib.__import__(name)",
        "x = 1\0",
    ],
)
def test_an_importer_under_another_name_cannot_be_traced(source, code):
    assert names(source, code) == set(FILES)


FACE = """\
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from face.fitting import fit

WHERE: dict[str, str] = {
    "fit": "face.room.fitting",
    "Panel": "face.panel",
    "draw": "face.drawing",
}
__all__ = list(WHERE)


def __getattr__(name):
    if name not in WHERE:
        raise AttributeError(name)
    module = WHERE[name]
    return getattr(import_module(module), name)
"""
FACE_FILES = {
    "face/__init__.py": FACE,
    "face/room/__init__.py": "",
    "face/room/fitting.py": "from face.numbers import square\n",
    "face/numbers.py": "",
    "face/panel.py": "",
    "face/drawing.py": "import matplotlib\n",
    "face/fitting.py": "",
    "face/lonely.py": "",
}
FIT = {"face/__init__.py", "face/room/__init__.py", "face/room/fitting.py", "face/numbers.py"}
TABLE = FIT | {"face/panel.py", "face/drawing.py"}


@pytest.fixture
def face(tmp_path) -> Path:
    for name, text in FACE_FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["import face"], {"face/__init__.py"}),
        (["import face as f\nf.fit(1)"], FIT),
        (["import face", "def g():\n    return face.fit"], FIT),
        (["from face import fit"], FIT),
        (["from face import Panel as P, fit"], FIT | {"face/panel.py"}),
        (["import face as f", "f.Panel.of(f.fit)"], FIT | {"face/panel.py"}),
        (["import face.lonely", "face.lonely.x"], {"face/__init__.py", "face/lonely.py"}),
        (["import face as f\nf.__all__"], {"face/__init__.py"}),
        (["from face.panel import Panel"], {"face/__init__.py", "face/panel.py"}),
    ],
)
def test_of_a_lazy_face_only_what_is_used_counts(face, cells, expected):
    assert names(face, *cells) == expected


@pytest.mark.parametrize(
    "code",
    [
        "import face as f\ngetattr(f, name)",
        "import face as f\nf.nobody_knows",
        "import face as f\ng = f\ng.fit",
        "import face\nvars(face)",
        "import face\nface.__dict__",
        "import importlib\nf = importlib.import_module('face')\nf.fit",
        "from face import unknown",
    ],
)
def test_another_use_of_a_lazy_face_takes_its_whole_table(face, code):
    assert names(face, code) == TABLE


def test_a_star_import_of_a_lazy_face_takes_its_whole_table(face):
    assert names(face, "from face import *") >= TABLE


def test_a_module_that_uses_the_face_is_followed_too(face):
    (face / "page.py").write_text("import face as f\n\ndef draw():\n    return f.draw()\n")
    assert names(face, "import page") == {"page.py", "face/__init__.py", "face/drawing.py"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"face.panel"', '"face." + "panel"'),
        ("import_module(module)", "import_module(name)"),
        ("import_module(module)", "import_module(f'{module}.x')"),
        ("module = WHERE[name]", "module = WHERE[name]\n    module = name"),
        ("__all__ =", "WHERE['more'] = 'face.lonely'\n__all__ ="),
        ("__all__ =", "WHERE.update(more)\n__all__ ="),
        ("__all__ =", "from face.lonely import WHERE\n__all__ ="),
        ("def __getattr__", "def load"),
        ("WHERE: dict[str, str] = {", "ELSEWHERE = {"),
    ],
)
def test_a_face_that_loads_past_its_table_cannot_be_traced(face, old, new):
    assert old in FACE
    (face / "face/__init__.py").write_text(FACE.replace(old, new))
    assert names(face, "import face") == set(FACE_FILES)


def test_imports_for_types_run_where_the_name_is_set(face):
    (face / "face/__init__.py").write_text(FACE.replace("\nif TYPE", "\nTYPE_CHECKING = True\nif TYPE"))
    assert names(face, "import face") == {"face/__init__.py", "face/fitting.py"}
