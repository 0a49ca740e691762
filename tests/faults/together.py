"""Builds and sweeps of one project at the same time. Run as a script.

    python tests/faults/together.py FOLDER build+build|build+sweep|sweep+sweep TIMES

Two processes start at random moments within each other's time. Each ends well or refuses in a sentence; what
is published then is a whole edition, and a run after them gives what one by itself gives. Kernels and Jupyter
Book are stand-ins, as in ``deaths.py``. It prints as JSON how often it was tried, how often one was refused,
and what was lost.
"""

import json
import random
import shutil
import sys
import time
from pathlib import Path

from deaths import TRACED, ended, in_child, jupyter_book, leftovers, published, run_all, started, toy, warm

from digital_clusters.pipeline import book, sweep

REFUSED = 1
PARTS = ("_build/html", "_build/pages", "_build/results")


def after(seconds, work):
    def later():
        time.sleep(seconds)
        work()

    return later


def edition(found):
    """What a build publishes, without a sweep's files."""
    return {name: text for name, text in found.items() if name.startswith(PARTS)}


def campaign(folder, pair, times):
    """Tried, refused and lost pairs."""
    book.runs.run_all, sweep.runs.run_all = run_all, run_all
    book.jupyter_book, book.stage_mathjax = jupyter_book, lambda stage: None
    project = toy(folder / "project")
    root = project.root
    file = project.write("sweeps/s.yml", "notebook: study/first\ngrid: {folds: [5, 6]}\n")
    works = {"build": lambda: book.build(root), "sweep": lambda: sweep.run_sweep(file, root)}
    wanted = [works[word] for word in pair.split("+")]
    warm(root)
    began = time.monotonic()
    assert [in_child(work) for work in dict.fromkeys(wanted)] == [0] * len(set(wanted))
    takes, alone = time.monotonic() - began, published(root)
    assert alone
    lost, refused, moments = [], 0, random.Random(0)
    for number in range(times):
        shutil.rmtree(root / "_build")
        codes = [
            ended(process) for process in [started(after(moments.uniform(0, takes), work)) for work in wanted]
        ]
        refused += codes.count(REFUSED)
        found = published(root)
        if TRACED in codes or not set(codes) <= {0, REFUSED}:
            lost.append(f"{number}: ended with {codes}")
        if codes.count(REFUSED) == len(codes):
            lost.append(f"{number}: each refused for the other")
        if edition(found) not in ({}, edition(alone)):
            lost.append(f"{number}: {sorted(edition(found))} is no whole edition")
        if [in_child(work) for work in wanted] != [0, 0] or published(root) != alone:
            lost.append(f"{number}: a run after them is not one by itself")
        if left := leftovers(root):
            lost.append(f"{number}: {left} was left")
    return {"tried": times, "refused": refused, "lost": lost}


if __name__ == "__main__":
    print(json.dumps(campaign(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
