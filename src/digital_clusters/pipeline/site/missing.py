"""The page that a server shows where there is none: whole in itself, for it is shown in any folder."""

from html import escape

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
    """HTML of the page; its one link is the address of the book, or of the host where none is set."""
    return PAGE.format(title=escape(plan.title), address=escape(plan.address or "/", quote=True))
