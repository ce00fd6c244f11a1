"""A student at a course's site: the site on a plain server, an exercise opened, code written, checks waited for."""

from __future__ import annotations

import functools
import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of folder/site on a plain server, below a path of its own."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/site/"
        server.shutdown()


def until(page: Page, condition: str, seconds: float = 60) -> None:
    """Until an expression of JavaScript holds, asked again and again: the pages' policy lets no text become code."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"{seconds} s, and not {condition}; {page.inner_text('#status')}"
        page.wait_for_timeout(50)


def open_exercise(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    until(page, "document.getElementById('status').textContent.startsWith('Ready')", 180)
    return page


def write(page: Page, source: str) -> None:
    """As if it were typed: over all that is there."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


def check(page: Page, seconds: float = 120) -> str:
    before = page.evaluate("page.finished")
    page.keyboard.press("Control+S")
    until(page, f"page.finished > {before} && !page.busy && !page.again", seconds)
    return page.inner_text("#report")
