r"""Every displayed equation of a page has its TeX source above it, `<!-- tex: … -->`, which says the same.

The equation itself stays text, for whoever reads in a terminal; a page that typesets shows the TeX in its place. Tests
compare numbers and equals signs; that the rest is the same has to be read.
"""

import html
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from autograder.release import pages

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = ROOT / "exercises"
PAGES = {str(path.relative_to(EXERCISES)): path for path in sorted(EXERCISES.rglob("*.md")) if path.name != "HINTS.md"}
TEX = re.compile(r" *<!-- tex: (\S|\S.*\S) -->")
#: Commands that KaTeX knows. A new one is tried there first (`katex.renderToString`, with `strict: "error"`). For what
#: the course's own pages typeset with, which shows what it does not know as it stands, see the test of pages.
KNOWN = set(
    r"""
    \, \; \! \\ \_ \alpha \bar \beta \begin \big \cdot \cdots \cos \dots \end \epsilon \eta \exp \frac \hat \le \left
    \leftarrow \log \mathbb \mathcal \mathrm \mid \odot \pi \qquad \quad \rho \right \sigma \sim \sqrt \sum \text
    \to \top
    """.split()
) | {"\\ "}


def displayed(text: str) -> list[tuple[str, str]]:
    """(the line above it, the equation) of each run of lines that stand four further in, after a break."""
    lines = ["", *text.splitlines()]
    found, begins = [], False
    for before, line in pairwise(lines):
        inside = bool(re.match(" {4,}[^ ]", line))
        if inside and (not before.strip() or "<!-- tex:" in before):
            found.append((before, line))
            begins = True
        elif inside and begins:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}")
        else:
            begins = False
    return found


def numbers(text: str) -> Counter[str]:
    """How often each number stands in an equation or in its TeX. Names of functions hold none."""
    plain = text.replace("²", " 2 ").replace("½", " 1/2 ")
    return Counter(re.findall(r"\d+(?:\.\d+)?", plain))


def balanced(tex: str) -> bool:
    r"""Braces close in order, and so do \left … \right and \begin{…} … \end{…}."""
    open_ones: list[str] = []
    for token in re.findall(r"\\left\b|\\right\b|\\(?:begin|end)\{[\w*]+\}|(?<!\\)[{}]", tex):
        if token in ("\\left", "{") or token.startswith("\\begin"):
            open_ones.append(token)
        elif not open_ones or open_ones.pop() != {"\\right": "\\left", "}": "{"}.get(token, f"\\begin{token[4:]}"):
            return False
    return not open_ones


def faults(text: str) -> list[str]:
    """What is wrong with a page's displayed equations."""
    found = displayed(text)
    wrong = [f"no tex line above: {equation}" for above, equation in found if not TEX.fullmatch(above)]
    if text.count("<!-- tex") != sum("<!-- tex" in above for above, _ in found):
        wrong.append("a tex line stands without its equation")
    for above, equation in found:
        if match := TEX.fullmatch(above):
            wrong += faults_of_tex(match[1], equation)
    return wrong


def faults_of_tex(tex: str, equation: str) -> list[str]:
    wrong = []
    if not balanced(tex):
        wrong.append(f"braces do not balance: {tex}")
    if unknown := set(re.findall(r"\\(?:[A-Za-z]+|.)", tex)) - KNOWN:
        wrong.append(f"not known to KaTeX, or not tried there: {' '.join(sorted(unknown))}")
    if numbers(tex) != numbers(equation):
        wrong.append(f"other numbers than in the text: {tex}")
    if tex.count("=") != equation.count("=") - equation.count("<="):
        wrong.append(f"an equation more or less than in the text: {tex}")
    return wrong


@pytest.mark.parametrize("name", PAGES)
def test_each_displayed_equation_has_its_tex(name: str) -> None:
    text = PAGES[name].read_text(encoding="utf-8")
    assert faults(text) == []
    if name.endswith("/README.md"):
        assert displayed(text), "no displayed equation was found"


def letters(mathml: str) -> str:
    """What is shown, without the text that is read aloud."""
    return html.unescape(re.sub(r"<[^>]*>", "", mathml))


@pytest.mark.parametrize("name", PAGES)
def test_pages_typeset_it_whole(name: str) -> None:
    """No command or separator is left over."""
    for tex in re.findall(r"<!-- tex: (.*?) -->", PAGES[name].read_text(encoding="utf-8")):
        assert not set(letters(pages.equation(tex, "text"))) & set("\\&"), tex


def test_what_pages_cannot_typeset_is_noticed() -> None:
    assert "&" in letters(pages.equation(r"\begin{gathered} a &= b \end{gathered}", "text"))


GOOD = "Say\n\n<!-- tex: \\frac{1}{2}\\,x^{2} = y -->\n    1 / 2 * x² = y\n\nor in a list\n   that goes on.\n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<!-- tex: \\frac{1}{2}\\,x^{2} = y -->\n", "", "no tex line above"),
        ("    1 / 2 * x² = y\n", "", "stands without its equation"),
        ("= y -->\n", "= y -->\n\n", "stands without its equation"),
        ("{2} =", "{2 =", "do not balance"),
        ("\\frac", "\\fraction", "not known to KaTeX"),
        ("x²", "x³", "other numbers"),
        ("{1}{2}", "{1}{3}", "other numbers"),
        ("= y -->", "+ y -->", "an equation more or less"),
        ("x^{2}", "\\left(x^{2}", "do not balance"),
    ],
)
def test_each_fault_is_noticed(old: str, new: str, fault: str) -> None:
    assert faults(GOOD) == []
    assert GOOD.count(old) == 1
    assert any(fault in wrong for wrong in faults(GOOD.replace(old, new)))
