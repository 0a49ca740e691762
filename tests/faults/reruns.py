"""How many pages run again for an edit that cannot concern them. Run as a script.

    python tests/faults/reruns.py FOLDER_OF_A_BUILD [EDITS]

Nothing is executed but imports. For each of ``EDITS`` files of ``src/``, ``data/`` and ``notebooks/`` (spread
evenly over all of them) a comment is thought to be added: the pages whose key or recorded reads hold the file
would run again. Those depend on it truly that read it when the build ran them (data), that load it when their
own import statements are run (modules), or that are it. A module that a page loads later, inside a function,
counts as needless here, so the share is an upper bound.
"""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from digital_clusters.pipeline import dependencies
from digital_clusters.pipeline.cache import TEXT_SUFFIXES
from digital_clusters.pipeline.notebooks import notebooks

ROOT = Path(__file__).parents[2]
LOADED = """
import json, sys
from pathlib import Path
for statement in json.load(sys.stdin):
    exec(statement, {})
files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
print(json.dumps(sorted({str(Path(file).resolve()) for file in files if file})))
"""


def code_of(page):
    return [cell.source for cell in page.notebook.cells if cell.cell_type == "code"]


def loaded(page):
    """Files of ``src/`` in memory after the page's own import statements."""
    statements = []
    for cell in code_of(page):
        tree = ast.parse("\n".join(line for line in cell.splitlines() if not line.startswith(("%", "!"))))
        found = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
        statements += [ast.unparse(node) for node in found]
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        input=json.dumps(statements),
        capture_output=True,
        text=True,
        check=True,
    )
    files = (Path(file) for file in json.loads(done.stdout.splitlines()[-1]))
    return {file.relative_to(ROOT).as_posix() for file in files if file.is_relative_to(ROOT / "src")}


def recorded_reads(page, build):
    """Files that the build's latest run of a page read; ``None`` where the build has none."""
    entries = list((build / "cache" / page.name.replace("/", ".")).glob("*/entry.json"))
    if not entries:
        return None
    latest = max(entries, key=lambda path: path.stat().st_mtime)
    return set(json.loads(latest.read_text(encoding="utf-8")).get("read", {}))


def candidates():
    tops = {"src": {".py", ".pyi"}, "data": TEXT_SUFFIXES, "notebooks": {".py", ".md"}}
    return [
        file.relative_to(ROOT).as_posix()
        for top, suffixes in tops.items()
        for file in sorted((ROOT / top).rglob("*"))
        if file.suffix in suffixes and "egg-info" not in str(file)
    ]


def main(build, edits):
    reruns, needless, most = Counter(), Counter(), Counter()
    files = candidates()
    chosen = [files[number * len(files) // edits] for number in range(min(edits, len(files)))]
    pages = [page for page in notebooks(ROOT) if recorded_reads(page, build) is not None]
    for page in pages:
        reach = dependencies.reach(code_of(page), ROOT / "src")
        key = {file.relative_to(ROOT).as_posix() for file in reach.files}
        reads, truly = recorded_reads(page, build), loaded(page)
        own = page.path.relative_to(ROOT).as_posix()
        for file in chosen:
            top = file.partition("/")[0]
            if file in key or file in reads or file == own:
                reruns[top] += 1
                if not (file in truly or file in reads or file == own):
                    needless[top] += 1
                    most[file] += 1
    print(f"{len(chosen)} edits, {len(pages)} pages")
    for top in ("src", "data", "notebooks"):
        print(f"{top:<10} {reruns[top]:>5} reruns {needless[top]:>5} needless")
    total = sum(reruns.values())
    print(f"{'all':<10} {total:>5} reruns {sum(needless.values()):>5} needless")
    for file, count in most.most_common(25):
        print(f"  {count:>3} {file}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 150)
