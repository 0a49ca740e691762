"""What a page's shell must say to those who do not see it, and what the theme's templates say wrongly."""

from bs4 import BeautifulSoup

from digital_clusters.pipeline.site.markup import attribute, class_names, with_class

NAMES = {
    "pst-primary-sidebar-checkbox": "Contents of the book",
    "pst-secondary-sidebar-checkbox": "Contents of this page",
    "primary-toggle": "Contents of the book",
    "secondary-toggle": "Contents of this page",
    "btn-fullscreen-button": "Full screen",
}
"""Identity or class of a control of which only a picture is seen → what it is called."""

SHORTCUT = '<span class="search-button__kbd-shortcut">'
SEARCH_BUTTON = 'title="Search" aria-label="Search"'
"""A button that shows its name needs no other one, which would hide it."""

SCROLLING_CODE = ["highlight", "output"]
"""Classes of what holds blocks of code that may be wider than the page."""

CITED = ("doc-biblioentry", "list")
"""Roles of a list of references that are not allowed where the theme puts them."""


def mend_landmarks(page: BeautifulSoup) -> None:
    """Name the controls, put all content in landmarks, and leave out roles that are not allowed."""
    for control in page.find_all(["input", "button"]):
        for word in (attribute(control, "id"), *class_names(control)):
            if word in NAMES:
                control["aria-label"] = NAMES[word]
    for summary in page.find_all("summary"):
        summary.attrs.pop("aria-label", None)
        for words in summary.find_all("p", recursive=False):
            # a paragraph is not allowed there; the style sheet of the book shows both alike
            words.name = "span"
    for heading in page.find_all(["h1", "h2", "h3"]):
        if not heading.get_text(strip=True) and not heading.find("img"):
            heading.decompose()
    for main in page.find_all("main", role="main"):
        del main["role"]
    for listed in page.find_all("div", role=CITED):
        if listed["role"] != "list" or "citation-list" in class_names(listed):
            del listed["role"]
    for button in page.find_all("button", attrs={"aria-label": "Search"}):
        if button.get_text(strip=True):
            del button["aria-label"]
    for script in page.find_all("script"):
        if SHORTCUT in (script.string or "") and script.find_parent(class_="sidebar-primary-item"):
            script.string = (script.string or "").replace(SEARCH_BUTTON, 'title="Search"')
    for sidebar in with_class(page, "div", "bd-sidebar-primary"):
        sidebar.attrs |= {"role": "complementary", "aria-label": "Book"}
    for block in page.find_all("pre"):
        if block.find_parent("div", class_=SCROLLING_CODE):
            block["tabindex"] = "0"
    for banner in with_class(page, "header", "bd-header"):
        if not banner.get_text(strip=True):
            # an empty banner is announced and says nothing
            banner.name = "div"
    _unique_search_field(page)


def _unique_search_field(page: BeautifulSoup) -> None:
    """The page of search has two fields: the second keeps its name, and not the first one's identity."""
    for number, field in enumerate(page.find_all("input", id="search-input")):
        field.attrs.pop("autocorrect", None)
        field.attrs.pop("autocapitalize", None)
        if number:
            field["id"] = f"search-input-{number + 1}"


LONGEST_NUMBER = 30
"""Letters of a quoted number with its interval; what is longer is a sentence."""


def tell_sentences_from_numbers(page: BeautifulSoup) -> None:
    """Mark quoted sentences: a number that a cell made stands out from prose, a whole sentence is prose."""
    for quoted in with_class(page, "span", "pasted-text"):
        if len(quoted.get_text()) > LONGEST_NUMBER:
            quoted["class"] = "pasted-text dc-sentence"
