"""The quick reader of pages reads as html5lib does, and hides no fault of a shape seen before."""

import pytest

from tests import reading_html
from tests.reading_html import read

PAGE = """<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8"><title>{words}</title></head>
  <body>
    <svg class="dots" viewBox="0 0 120 20"><path d="M10 10h100" /><circle cx="1"/></svg>
    <p title="{words}">{words}<br><input name="a" required></p>
    <textarea name="b">
{words}</textarea>
  </body>
</html>
"""


@pytest.mark.parametrize(
    "words",
    [
        "Lantern",
        "two\nlines",
        "\n\nfirst",
        "“quoted” – naïve \U0001f600",
        "&amp;lt; &#39;",
        "a > b",
    ],
)
def test_a_page_of_a_known_shape_reads_the_same(words: str) -> None:
    read(PAGE.format(words="Lantern"))
    page = PAGE.format(words=words)
    quick = reading_html._quickly(page)
    assert quick is not None
    assert quick[1] in reading_html._PROVEN

    tree, errors = read(page)
    thorough, _ = reading_html._thoroughly(page)

    assert errors == []
    assert tree is not quick[0]
    assert reading_html._same(tree, thorough)
    assert tree.findtext(".//textarea") == thorough.findtext(".//textarea")


@pytest.mark.parametrize("words", ["a & b", "&copy", "&#0;", "\x00", "\x0b", "<b", "<b>", "</p>"])
def test_what_breaks_the_standard_is_found_in_a_known_shape_too(words: str) -> None:
    read(PAGE.format(words="Lantern"))

    tree, errors = read(PAGE.format(words=words))
    thorough, expected = reading_html._thoroughly(PAGE.format(words=words))

    assert errors == expected
    assert reading_html._same(tree, thorough)


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace("</p>", ""),
        PAGE.replace('<p title="{words}">', '<p title="{words}" title="again">'),
        PAGE.replace('name="a"', 'name="a"id="b"'),
        PAGE.replace("<!DOCTYPE html>", ""),
        PAGE.replace("<br>", "<div></div>"),
        PAGE.replace("<br>", "<table>{words}<tr></tr></table>"),
        PAGE.replace("</html>", "</html><p></p>"),
    ],
)
def test_other_shapes_are_read_by_html5lib_every_time(page: str) -> None:
    source = page.format(words="Lantern")
    for _ in range(2):
        tree, errors = read(source)
        thorough, expected = reading_html._thoroughly(source)
        assert errors == expected
        assert reading_html._same(tree, thorough)
