"""A person who marks prose: `autograder mark` as they start it, and their hands at its page."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

SAYS = "mark here: "


@contextmanager
def served(course: Path, graded: Path, *options: str, end: int = signal.SIGTERM) -> Iterator[str]:
    """The page for a graded folder: its address. In the end the process gets this signal."""
    command = [sys.executable, "-m", "autograder", "--course", course, "mark", graded, "--no-browser", *options]
    with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix(SAYS).strip()
        finally:
            process.send_signal(end)
            try:
                process.communicate(timeout=30)
            finally:
                process.kill()
    assert process.returncode == (0 if end == signal.SIGTERM else -end)


def come_in(page: Page, address: str, exercise: str) -> None:
    """Open the page, and the first answer that waits in the exercise of this title."""
    page.goto(address)
    with page.expect_navigation():
        page.click(f"text=mark {exercise}")


def keep_by_keys(page: Page, *turns: str) -> None:
    """Press each item's key so often, then keep: the page has answered when this returns."""
    press(page, *turns)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def press(page: Page, *turns: str) -> None:
    for keys in turns:
        for key in keys:
            page.keyboard.press(key)
