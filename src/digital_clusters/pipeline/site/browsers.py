"""The browser that prints the book and opens its pages in tests."""

import shutil

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_browser() -> str | None:
    """The first Chromium or Chrome that is installed."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)
