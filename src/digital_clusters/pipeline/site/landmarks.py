"""What a page's shell must say to those who do not see it, and what the theme's templates say wrongly."""

from bs4 import BeautifulSoup, Tag

NAMES = {
    "#pst-primary-sidebar-checkbox": "Contents of the book",
    "#pst-secondary-sidebar-checkbox": "Contents of this page",
    "button.primary-toggle": "Contents of the book",
    "button.secondary-toggle": "Contents of this page",
    ".btn-fullscreen-button": "Full screen",
}
"""Controls of which only a picture is seen → what they are called."""

SHORTCUT = '<span class="search-button__kbd-shortcut">'
SEARCH_BUTTON = 'title="Search" aria-label="Search"'
"""A button that shows its name needs no other one, which would hide it."""

SCROLLING_CODE = "div.highlight pre, div.output pre"


def mend_landmarks(page: BeautifulSoup) -> None:
    """Name the controls, put all content in landmarks, and leave out roles that are not allowed."""
    for selector, name in NAMES.items():
        for tag in page.select(selector):
            tag["aria-label"] = name
    for summary in page.select("summary[aria-label]"):
        del summary["aria-label"]
    for words in page.select("summary > p"):
        # a paragraph is not allowed there; the style sheet of the book shows both alike
        words.name = "span"
    for heading in page.select("h1, h2, h3"):
        if not heading.get_text(strip=True) and not heading.find("img"):
            heading.decompose()
    for main in page.select('main[role="main"]'):
        del main["role"]
    for tag in page.select('[role="doc-biblioentry"], .citation-list[role="list"]'):
        del tag["role"]
    for button in page.select("button[aria-label='Search']"):
        if button.get_text(strip=True):
            del button["aria-label"]
    for script in page.select(".sidebar-primary-item script"):
        if script.string and SHORTCUT in script.string:
            script.string = script.string.replace(SEARCH_BUTTON, 'title="Search"')
    for sidebar in page.select(".bd-sidebar-primary"):
        sidebar.attrs |= {"role": "complementary", "aria-label": "Book"}
    for block in page.select(SCROLLING_CODE):
        block["tabindex"] = "0"
    for banner in page.select("header.bd-header"):
        if not banner.get_text(strip=True):
            # an empty banner is announced and says nothing
            banner.name = "div"
    _unique_search_field(page)


def _unique_search_field(page: BeautifulSoup) -> None:
    """The page of search has two fields: the second keeps its name, and not the first one's identity."""
    for number, field in enumerate(page.select("#search-input")):
        if isinstance(field, Tag):
            field.attrs.pop("autocorrect", None)
            field.attrs.pop("autocapitalize", None)
            if number:
                field["id"] = f"search-input-{number + 1}"


LONGEST_NUMBER = 30
"""Letters of a quoted number with its interval; what is longer is a sentence."""


def tell_sentences_from_numbers(page: BeautifulSoup) -> None:
    """Mark quoted sentences: a number that a cell made stands out from prose, a whole sentence is prose."""
    for quoted in page.select("span.pasted-text"):
        if len(quoted.get_text()) > LONGEST_NUMBER:
            quoted["class"] = "pasted-text dc-sentence"
