"""The head of a page, and the words about a page at its end."""

import posixpath
from urllib.parse import quote, urlencode

from bs4 import BeautifulSoup, Tag

from digital_clusters.pipeline.site.alone.launch import launch_links
from digital_clusters.pipeline.site.plan import BookPlan

LONGEST_DESCRIPTION = 160
"""Characters of a description that search engines show."""

FEWEST_WORDS = 8
"""A shorter paragraph is a label, and no description."""

ICON = "_static/favicon.svg"
REPORT_FORM = "number_looks_wrong.yml"
"""Form of the repository that asks for both numbers, the page, the data and the version."""


def head_of_page(page: BeautifulSoup, entry: str, plan: BookPlan) -> None:
    """Title with the study's name, description and icon; what the theme says twice once."""
    head, heading = page.find("head"), page.select_one("article h1")
    if not isinstance(head, Tag):
        return
    for tag in head.find_all("meta", attrs={"name": "viewport"})[1:]:
        tag.decompose()
    if isinstance(head.title, Tag) and heading is not None:
        words = [_words(heading), plan.part(entry), plan.title]
        head.title.string = " — ".join(dict.fromkeys(word for word in words if word))
    description = _description(page)
    if description and not head.find("meta", attrs={"name": "description"}):
        head.append(page.new_tag("meta", attrs={"name": "description", "content": description}))
    root = posixpath.relpath(".", posixpath.dirname(entry) or ".")
    head.append(page.new_tag("link", rel="icon", type="image/svg+xml", href=posixpath.join(root, ICON)))


def styles_to_head(page: BeautifulSoup) -> None:
    """Put style that a cell wrote where HTML allows it, once: in a notebook it has to stand in the output."""
    head, known = page.find("head"), set()
    if not isinstance(head, Tag):
        return
    for style in page.select("body style"):
        style.extract()
        if (text := style.get_text()) not in known:
            head.append(style)
        known.add(text)


def name_of_study(page: BeautifulSoup, entry: str, plan: BookPlan) -> None:
    """The part of the book above the heading, where a reader who comes from a search looks first."""
    heading, part = page.select_one("article h1"), plan.part(entry)
    if heading is None or not part or part.lower() in _words(heading).lower():
        return
    line = page.new_tag("p", attrs={"class": "part-of-book"})
    line.string = part
    heading.insert_before(line)


def foot_of_page(page: BeautifulSoup, entry: str, plan: BookPlan) -> None:
    """Version, day, citation, source, and where to say that a number looks wrong."""
    article, heading = page.select_one("article.bd-article"), page.select_one("article h1")
    if article is None or heading is None or entry not in plan.entries:
        return
    foot = page.new_tag("aside", attrs={"class": "about-page", "aria-label": "About this page"})
    facts = [f"{plan.title} {plan.version}", entry]
    if entry in plan.ran:
        facts.append(f"executed {plan.ran[entry]}")
    line = page.new_tag("p")
    line.string = " · ".join(facts)
    foot.append(line)
    cite = page.new_tag("p")
    named = " — ".join(dict.fromkeys(word for word in (_words(heading), plan.part(entry)) if word))
    cite.string = f"Cite as: The {plan.title} authors, “{named}”, {plan.title} {plan.version}, page {entry}."
    foot.append(cite)
    if links := _links(page, entry, plan):
        row = page.new_tag("p")
        for number, (text, address) in enumerate(links):
            row.append(" · " if number else "")
            link = page.new_tag("a", href=address)
            link.string = text
            row.append(link)
        foot.append(row)
    article.append(foot)


def _links(page: BeautifulSoup, entry: str, plan: BookPlan) -> list[tuple[str, str]]:
    links = []
    source = page.select_one("a.btn-download-source-button")
    if source is not None:
        links.append(("Source of this page", str(source["href"])))
    if plan.repository:
        where = urlencode({"template": REPORT_FORM, "page": entry}, quote_via=quote)
        links.append(("This number looks wrong", f"{plan.repository}/issues/new?{where}"))
    return links + launch_links(entry, plan)


def title_of(page: BeautifulSoup) -> str:
    """The heading of a page without the mark of its link; empty for a page without one."""
    heading = page.select_one("article h1")
    return _words(heading) if heading is not None else ""


def _description(page: BeautifulSoup) -> str:
    for paragraph in page.select("article section > p"):
        words = " ".join(paragraph.get_text(" ").split())
        if len(words.split()) >= FEWEST_WORDS and "\\(" not in words:
            whole = len(words) <= LONGEST_DESCRIPTION
            return words if whole else words[: LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"
    return ""


def _words(heading: Tag) -> str:
    return " ".join(heading.get_text().rstrip("#").split())
