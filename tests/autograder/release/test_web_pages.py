"""Pages in a browser: equations, links, words and code from Markdown; nothing of a text becomes markup."""

import re

import pytest

from autograder.course import Course
from autograder.release.pages import Reader, equation, words_of

READER = Reader(
    {"02": "02_one", "12": "12_two"}, {"pinch": "a little <dirt>", "level": "how much"}, frozenset({"unit"})
)


def test_an_equation_stands_in_the_place_of_its_text() -> None:
    html = READER.html("Before.\n\n<!-- tex: x_t = \\sqrt{a} -->\n    x_t = sqrt(a)\n\nAfter.\n")
    assert '<math alttext="x_t = sqrt(a)"' in html
    assert "<msqrt>" in html
    assert "tex:" not in html
    assert "<pre" not in html


def test_a_block_without_a_source_stays_text_and_python_is_coloured() -> None:
    html = READER.html("Text:\n\n    return x + 1  # <b>\n\nmore\n\n```python\nfor i in y: pass\n```\n")
    assert "&lt;b&gt;" in html
    assert '<span class="k">for</span>' in html


def test_numbers_of_exercises_are_links_and_other_numbers_are_not() -> None:
    html = READER.html("In 02 we said (02, 12): 0.02, 12 steps, 1.02, 02.5, (14) and `02`.\n")
    assert re.findall(r'<a href="(\w+)\.html">(\d\d)</a>', html) == [
        ("02_one", "02"),
        ("02_one", "02"),
        ("12_two", "12"),
    ]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("../12_two/README.md", "12_two.html"),
        ("../README.md", "map.html"),
        ("../unit.md", "unit.html"),
        ("../other.md", "../other.md"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_links_within_the_course_lead_to_pages(link: str, target: str) -> None:
    assert f'href="{target}"' in READER.html(f"See [there]({link}).\n")


def test_a_word_is_explained_once_and_not_in_headings_code_or_links() -> None:
    html = READER.html("# A pinch\n\nOne `pinch`, [a pinch](https://example.org), two pinches, a pinch.\n")
    assert html.count('class="term"') == 1
    assert 'data-means="a little &lt;dirt&gt;">pinches</span>' in html


def test_markup_in_a_text_is_shown() -> None:
    html = READER.html("An <img src=x onerror=alert(1)> and\n\n<script>alert(1)</script>\n\n<!-- secret -->\n")
    assert "<img" not in html
    assert "<script" not in html
    assert "secret" not in html


def test_the_glossary_is_read_by_each_of_its_words() -> None:
    rows = ["| word | means |", "|---|---|", "| level, timestep | how *noisy* |", "| card | a `record` |"]
    page = "\n".join(["## Words", *rows, "", "More | text |"])
    assert words_of(page) == {"level": "how noisy", "timestep": "how noisy", "card": "a record"}
    assert words_of("no table") == {}


def test_an_equation_can_be_read_aloud() -> None:
    assert equation(r"a \cdot b", 'a * b "quoted"').startswith('<math alttext="a * b &quot;quoted&quot;" ')


def test_no_equation_of_the_course_keeps_a_word_of_tex(course: Course) -> None:
    """What the converter does not know stays as it is, and would be read as text."""
    pages = sorted((course.root / "exercises").rglob("*.md"))
    found = [(page, tex) for page in pages for tex in re.findall(r"<!-- tex: (.*?) -->", page.read_text(), re.DOTALL)]
    assert len(found) > 30
    for page, tex in found:
        shown = re.sub(r"<[^>]+>", "", equation(tex, ""))
        assert "\\" not in shown, f"{page.parent.name}: {tex}"
        assert "aligned" not in shown
        assert "&amp;" not in shown
