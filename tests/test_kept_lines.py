"""Results that are kept as they are known: a run that was ended goes on, and nothing is made twice."""

import json

import pytest

from digital_clusters import kept_lines
from digital_clusters.kept_lines import KeptLines, each_kept


class Ended(Exception):
    pass


def square(seed):
    return [{"seed": seed, "value": seed**2 / 3, "none": None}]


def test_a_run_that_was_ended_goes_on_and_gives_what_one_that_was_not_gives(tmp_path):
    path, made = tmp_path / "trial" / "squares.jsonl", []

    def one(seed):
        if len(made) == 3:
            raise Ended
        made.append(seed)
        return square(seed)

    with pytest.raises(Ended):
        each_kept(one, [5, 1, 4, 2, 3], path, "truth")
    path.write_text(path.read_text() + '\n{"key": "to')
    assert made == [5, 1, 4]
    again = []
    found = each_kept(lambda seed: again.append(seed) or square(seed), [5, 1, 4, 2, 3], path, "truth")
    assert again == [2, 3]
    assert found == [square(seed) for seed in (5, 1, 4, 2, 3)]
    keys = [json.loads(line)["key"] for line in path.read_text().splitlines() if line.endswith("}")]
    assert len(keys) == 5 and all(key in KeptLines(path) for key in keys)


def test_what_another_truth_or_another_code_made_is_not_taken(tmp_path, monkeypatch):
    path = tmp_path / "squares.jsonl"
    each_kept(square, [1, 2], path, "truth")
    assert each_kept(lambda seed: "other", [1, 2, 3], path, "another truth") == ["other"] * 3
    monkeypatch.setattr(kept_lines, "code_hash", lambda: "another code")
    assert each_kept(lambda seed: "new", [1], path, "truth") == ["new"]


def test_processes_do_not_change_what_comes_out(tmp_path):
    alone = each_kept(square, range(6), tmp_path / "a.jsonl", "truth")
    assert each_kept(square, range(6), tmp_path / "b.jsonl", "truth", workers=2) == alone


def test_the_code_is_that_of_every_module(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_lines, "PACKAGE", tmp_path)
    (tmp_path / "part").mkdir()
    hashes = set()
    for name, text in (("a.py", "x = 1"), ("part/b.py", "x = 1"), ("a.py", "x = 2"), ("no_code.txt", "x")):
        (tmp_path / name).write_text(text)
        kept_lines.code_hash.cache_clear()
        hashes.add(kept_lines.code_hash())
    kept_lines.code_hash.cache_clear()
    assert len(hashes) == 3
