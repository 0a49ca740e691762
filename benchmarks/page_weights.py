"""What the built pages weigh, how much a browser asks for, and whether tags and links hold.

Run ``python benchmarks/page_weights.py`` after ``make book``. The numbers go to ``data/page_weights.yml``,
which the status page shows.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from digital_clusters.pipeline.runs import git_commit
from digital_clusters.pipeline.upkeep.page_weights import weigh_pages, write_page_weights

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--project", type=Path, default=ROOT, help="checkout whose book is measured")
    project = parser.parse_args().project
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    found = weigh_pages(project / "_build" / "html", date=today, commit=git_commit(project))
    write_page_weights(ROOT, found)
    print(found)


if __name__ == "__main__":
    main()
