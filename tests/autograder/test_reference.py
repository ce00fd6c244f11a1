"""REFERENCE.md is what the program knows of itself, and nothing in it lacks a text."""

import re
import tomllib
from pathlib import Path

import pytest
import reference

from autograder import __version__
from autograder.cli import _parser

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_is_not_stale() -> None:
    assert reference.PATH.read_text(encoding="utf-8") == reference.text(), "run `make reference`"


@pytest.mark.parametrize("name", reference.commands(_parser()))
def test_every_command_and_option_has_a_text(name: str) -> None:
    told, parser = reference.commands(_parser())[name]
    assert told.strip()
    for written, said in reference.arguments(parser):
        assert said.strip(), f"autograder {name}: {written} has no help"


@pytest.mark.parametrize("name", reference.FILES)
def test_every_key_has_a_text(name: str) -> None:
    rows = list(reference.entries(reference.FILES[name][0]))
    assert rows
    for place, _, _, said in rows:
        assert said.strip(), f"{name}: {place} has no description"


def test_what_lacks_a_text_is_seen() -> None:
    parser = _parser()
    _, audit = reference.commands(parser)["audit"]
    audit.add_argument("--untold")
    assert ("--untold UNTOLD", "") in list(reference.arguments(audit))


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert __version__ + "," in headings[:2]
    for page in ROOT.glob("*.md"):
        assert set(re.findall(r"lawgrader-(\d[\d.]*\d)", page.read_text(encoding="utf-8"))) <= {__version__}, page
