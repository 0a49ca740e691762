"""Every kind of damage to what is kept: the page is made again, and nobody sees a stack trace."""

import json
import os
import shutil

import pytest

from digital_clusters.pipeline import editions
from digital_clusters.pipeline.cache import Store

KIND = "What is kept or published is damaged"

KEY = "k" * 64
FILES = ("entry.json", "page.ipynb", "results/study.first.json")


def fill(store):
    with store.new("study/first", KEY) as entry:
        entry.page.write_text('{"cells": []}')
        (entry.folder / "results" / "study.first.json").write_text('[{"key": "a"}]')


def become(content):
    return lambda path: path.write_bytes(content)


def become_folder(path):
    path.unlink()
    path.mkdir()
    (path / "inner").write_text("x")


def become_link(target):
    def damage(path):
        path.unlink()
        path.symlink_to(target)

    return damage


def become_pipe(path):
    path.unlink()
    os.mkfifo(path)


DAMAGE = {
    "gone": lambda path: path.unlink(),
    "empty": become(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b" x"),
    "not JSON": become(b"{"),
    "not UTF-8": become(b"\xff\xfe\x00"),
    "zeros": become(b"\0" * 64),
    "a list": become(b"[]"),
    "a number": become(b"1"),
    "null": become(b"null"),
    "deep": become(b"[" * 100_000),
    "other keys": become(b'{"key": 1, "files": 2, "read": 3}'),
    "a folder": become_folder,
    "a link to nowhere": become_link("nowhere"),
    "a link to itself": become_link("entry.json"),
    "a pipe": become_pipe,
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_entry_is_made_again(tmp_path, kind, file):
    store = Store(tmp_path, keep=2)
    fill(store)
    whole = store.get("study/first", KEY)
    assert whole is not None
    DAMAGE[kind](whole.folder / file)
    assert store.get("study/first", KEY) is None
    fill(store)
    assert store.get("study/first", KEY).page.read_text() == '{"cells": []}'


@pytest.mark.parametrize("read", [[], 1, {"data/x": None}, {"../x": "y"}, "text"])
def test_an_index_that_says_nonsense_of_what_was_read_is_a_miss(tmp_path, read):
    store = Store(tmp_path)
    fill(store)
    index = store.get("study/first", KEY).folder / "entry.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"read": read}))
    assert store.get("study/first", KEY) is None


@pytest.mark.parametrize("level", ["entry", "page"])
def test_a_file_where_a_folder_of_the_cache_stood_is_replaced(tmp_path, level):
    store = Store(tmp_path)
    fill(store)
    folder = store.get("study/first", KEY).folder
    place = folder if level == "entry" else folder.parent
    shutil.rmtree(place)
    place.write_text("in the way")
    assert store.get("study/first", KEY) is None
    fill(store)
    assert store.get("study/first", KEY) is not None


def publish(root, text="page"):
    with editions.draft(root) as draft:
        draft.part("html").mkdir()
        for name, content in {"html/index.html": text, "pages/a.ipynb": "a", "results/a.json": "b"}.items():
            (draft.folder / name).write_text(content)
        editions.publish(root, draft, f"print of {text}")


@pytest.mark.parametrize("file", ["html/index.html", "pages/a.ipynb", "results/a.json", "edition.json"])
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_edition_is_seen(tmp_path, kind, file):
    publish(tmp_path)
    published = editions.current(tmp_path)
    assert published.is_whole(*editions.PARTS)
    DAMAGE[kind](published.folder / file)
    assert not editions.current(tmp_path).is_whole(*editions.PARTS)


def test_parts_change_together_and_old_editions_go(tmp_path):
    for text in ("one", "two"):
        publish(tmp_path, text)
        assert (tmp_path / "_build/html/index.html").read_text() == text
        assert (tmp_path / "_build/results/a.json").read_text() == "b"
        assert editions.current(tmp_path).fingerprint() == f"print of {text}"
    assert len(list((tmp_path / "_build/editions").iterdir())) == 1


@pytest.mark.parametrize("damage", ["link gone", "a folder", "dangling"])
def test_a_link_that_was_replaced_is_mended(tmp_path, damage):
    publish(tmp_path)
    html = tmp_path / "_build/html"
    html.unlink()
    if damage == "a folder":
        html.mkdir()
        (html / "old.html").write_text("old")
    elif damage == "dangling":
        html.symlink_to("nowhere")
    editions.link_parts(tmp_path)
    assert [path.name for path in html.iterdir()] == ["index.html"]
    assert not list((tmp_path / "_build").glob(".draft-*"))
