import pytest

from digital_clusters.pipeline.offline import external_resources


def addresses(folder, **files):
    for name, text in files.items():
        folder.joinpath(name.replace("_", ".")).write_text(text, encoding="utf-8")
    return [resource.address for resource in external_resources(folder)]


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://a.org/x.js"></script>',
        '<script src="//a.org/x.js"></script>',
        '<link rel="stylesheet" href="http://a.org/x.css">',
        '<link rel="shortcut icon" href="https://a.org/i.png"/>',
        '<link rel="preload" as="font" href="https://a.org/f.woff2">',
        '<img srcset="local.png 1x, https://a.org/big.png 2x">',
        "<img src=HTTPS://a.org/x.png>",
        '<iframe src="https://a.org"></iframe>',
        '<p style="background: url(https://a.org/x.png)">',
        "<style>@import 'https://a.org/x.css';</style>",
        '<script type="module">import x from "https://a.org/x.js"</script>',
        '<object data="https://a.org/x.svg"></object>',
    ],
)
def test_what_a_browser_loads_is_found(tmp_path, element):
    (address,) = addresses(tmp_path, page_html=f"<html><body>{element}</body></html>")
    assert "a.org" in address.lower()


@pytest.mark.parametrize(
    "element",
    [
        '<a href="https://a.org">link</a>',
        '<link rel="canonical" href="https://a.org/page.html">',
        '<script src="_static/x.js"></script>',
        '<img src="data:image/png;base64,AAAA">',
        "<code>&lt;script src=&quot;https://a.org&quot;&gt;</code>",
        "<style>/* url(https://a.org/x.png) */ p {background: url(local.png)}</style>",
        '<script>const home = "https://a.org";</script>',
    ],
)
def test_links_and_local_files_are_not(tmp_path, element):
    assert addresses(tmp_path, page_html=f"<html><body>{element}</body></html>") == []


def test_style_sheets_are_read_and_the_place_is_named(tmp_path):
    addresses(tmp_path, x_css="p {}\n@font-face { src: url('https://a.org/f.woff') }\n")
    (resource,) = external_resources(tmp_path)
    assert str(resource) == "x.css:2: <css> loads https://a.org/f.woff"


def test_the_line_of_a_page_is_named(tmp_path):
    addresses(tmp_path, page_html='<html>\n<body>\n<img src="https://a.org/x.png">')
    assert [resource.line for resource in external_resources(tmp_path)] == [3]
