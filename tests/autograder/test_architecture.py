"""ARCHITECTURE.md: every room is in it, and what it names is there; and no page links to one that is gone."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "autograder"
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def rooms() -> set[str]:
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_every_room_has_its_line_and_no_line_a_room_that_is_gone() -> None:
    assert set(re.findall(r"^\| `(\w+)/` \|", TEXT, re.M)) == rooms()
    assert set(re.findall(r"<br/>(\w+)/\"", TEXT)) <= rooms()


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`([\w./]+(?:\.py|\.yml|\.md|/))`", TEXT)) | set(re.findall(r"\]\(([\w.]+)\)", TEXT))
    assert len(named) > 20
    places = (ROOT, PACKAGE, *(PACKAGE / room for room in rooms()))
    gone = {name for name in named if not any((place / name).exists() for place in places)}
    assert not gone


def test_its_glossary_is_in_order() -> None:
    words = re.findall(r"^- \*\*([^*]+)\*\*:", TEXT, re.M)
    assert len(words) >= 19
    assert words == sorted(words)


def test_no_page_links_to_one_that_is_gone() -> None:
    pages = sorted(ROOT.glob("*.md"))
    links = {(page.name, link) for page in pages for link in re.findall(r"\]\(([\w./-]+)\)", page.read_text("utf-8"))}
    assert len(links) > 10
    assert not {(page, link) for page, link in links if not (ROOT / link).exists()}
