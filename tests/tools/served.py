"""A site on a plain server of this machine, and an exercise's page in a browser, used as a student does."""

from __future__ import annotations

import functools
import http.server
import threading
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


def open_exercise(context: BrowserContext, url: str) -> Page:
    """The page, once Python is ready in it."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("document.getElementById('status').textContent.startsWith('Ready')", timeout=180_000)
    return page


def write(page: Page, source: str) -> None:
    """As if it were typed: over all that is there."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


def check(page: Page, seconds: float = 120) -> str:
    """Run the checks. Returns what is told of them."""
    before = page.evaluate("page.finished")
    page.keyboard.press("Control+S")
    page.wait_for_function(f"page.finished > {before} && !page.busy && !page.again", timeout=seconds * 1000)
    return page.inner_text("#report")
