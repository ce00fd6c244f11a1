"""The second unit's site with Python in it, on a server, and a browser: what tests of pages share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import runtime
from browser import CHROMIUM, FLAGS
from once import once
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from visitor import serving

from autograder.course import Course
from autograder.release import web


@pytest.fixture(scope="session")
def pyodide() -> Path:
    try:
        return runtime.pyodide()
    except runtime.Unserved as problem:
        pytest.skip(f"no runtime: {problem}")


@pytest.fixture(scope="session")
def site(course: Course, pyodide: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        web.release(course, [course.assignment("dirty-it")], folder / "site", pyodide)

    return once(tmp_path_factory, "web", make) / "site"


@pytest.fixture(scope="session")
def home(site: Path) -> Iterator[str]:
    with serving(site.parent) as address:
        yield address


@pytest.fixture(scope="session")
def pages(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same pages where Python cannot be had, which takes some seconds: for what they do without it."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(site, folder / "site", ignore=shutil.ignore_patterns("pyodide"))
    with serving(folder) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for the tests of a file. No longer: while it is there, nothing else in this thread may be asynchronous."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """As of a browser of one's own, that reaches this machine alone; an error on a page, or a request to another host,
    fails the test."""
    context = chromium.new_context(viewport={"width": 1300, "height": 900})
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)[:300]))
    context.on("request", lambda request: problems.append(request.url) if _is_foreign(request.url) else None)
    yield context
    context.close()
    assert not problems


def _is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:", "file:"))
