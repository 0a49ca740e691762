"""Two pages without the theme: where there is no page, and where the book begins."""

from html import escape

from bs4 import BeautifulSoup

from digital_clusters.pipeline.site.plan import BookPlan

FILE = "404.html"

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="There is no page of this book under this address.">
<title>This page is not here — {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font-family: system-ui, sans-serif; line-height: 1.5;
  max-width: 38rem; margin: 15vh auto; padding: 0 1rem; }}
</style>
</head>
<body>
<main>
<h1>This page is not here</h1>
<p>The address may be of an older edition of the book, or mistyped.
<a href="{address}">The first page of {title}</a> leads to all that there are.</p>
</main>
</body>
</html>
"""


def page_not_found(plan: BookPlan) -> str:
    """HTML of what a server shows where there is no page: whole in itself, for it is shown in any folder.

    Its one link is the address of the book, or of the host where none is set.
    """
    return PAGE.format(title=escape(plan.title), address=escape(plan.address or "/", quote=True))


FORWARDING = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={address}">
</head>
<body>
<main><p><a href="{address}">The first page of {title}</a></p></main>
</body>
</html>
"""


def forwards_to(page: BeautifulSoup) -> str | None:
    """Where a page that is nothing else leads at once; ``None`` for a page to read."""
    leads = page.select_one('meta[http-equiv="Refresh"], meta[http-equiv="refresh"]')
    if leads is None or page.find("article") is not None:
        return None
    return str(leads["content"]).partition("=")[2] or None


def forwarding_page(plan: BookPlan, address: str) -> str:
    """HTML of the page that leads to the first one, with a title and a link for those whom it does not."""
    return FORWARDING.format(title=escape(plan.title), address=escape(address, quote=True))
