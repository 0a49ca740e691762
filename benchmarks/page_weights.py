"""What the built pages weigh, how much a browser asks for, and what two judges have against them.

Run ``python benchmarks/page_weights.py --axe axe.min.js --checker vnu.jar`` after ``make book``: a row for
each page goes to ``data/page_weights.yml``, which the status page shows. A judge that is not named is not
asked. With ``--first`` the book in ``--book`` is recorded as the first edition, beside which the present one
is shown.
"""

import argparse
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.runs import git_commit
from digital_clusters.pipeline.site.browsers import find_browser
from digital_clusters.pipeline.upkeep import page_judges as judges
from digital_clusters.pipeline.upkeep.page_record import (
    JudgedBook,
    PageRecord,
    judged_pages,
    read_page_record,
    write_page_record,
)
from digital_clusters.pipeline.upkeep.page_weights import weigh_pages

ROOT = Path(__file__).parents[1]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--book", type=Path, default=ROOT / "_build" / "html", help="folder of the built book"
    )
    parser.add_argument("--axe", type=Path, help="a copy of axe.min.js")
    parser.add_argument("--checker", type=Path, help="vnu.jar, the Nu HTML checker (needs Java)")
    parser.add_argument("--first", action="store_true", help="record the book as the first edition")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="day the book was built")
    parser.add_argument("--commit", default=git_commit(ROOT), help="commit the book was built at")
    return parser.parse_args()


def judge(asked: argparse.Namespace) -> JudgedBook:
    weights = weigh_pages(asked.book)
    pages = [one.page for one in weights]
    said = checked = version = None
    if asked.axe:
        browser = find_browser()
        if browser is None:
            raise BuildError("axe needs Chromium or Chrome, and neither is installed")
        said = judges.judge_by_axe(asked.book, pages, asked.axe, browser)
    if asked.checker:
        checked, version = judges.judge_html(asked.book, pages, asked.checker)
    for one in (*(said or ()), *(checked or ())):
        print(f"{one.page} | {one.view} | {one.rule} | {one.count} | {one.example}")
    named = judges.version_of_axe(asked.axe) if asked.axe else None
    return JudgedBook(asked.date, asked.commit, named, version, judged_pages(weights, said, checked))


def main() -> None:
    asked, known = options(), read_page_record(ROOT)
    if asked.first and known is None:
        raise BuildError("the book as it is comes first: run this without --first before")
    found = judge(asked)
    record = replace(known, first=found) if asked.first else PageRecord(found, known and known.first)
    write_page_record(ROOT, record)


if __name__ == "__main__":
    main()
