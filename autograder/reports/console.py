"""The screen: what is shown there may go unread, and never costs what was written or how it went."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class _Screen(Console):
    """As rich's, but a reader who left is told to whoever printed; rich would end the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Aside(Console):
    """What is told on the side ends nothing when nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


def screen() -> Console:
    """Where people read. In a notebook one coloured text: rich would make each line an output of its own there."""
    console = _Screen()
    if console.is_jupyter:
        return Console(force_jupyter=False, force_terminal=False, color_system="standard")
    return console


def flush() -> None:
    """Write what waits. Raises OSError: it cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def hush() -> None:
    """What waits to be written and cannot be goes nowhere, or Python would complain about it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with open(os.devnull, "wb") as null:
                os.dup2(null.fileno(), stream.fileno())


@contextmanager
def unheard() -> Iterator[None]:
    """What is told here may go unread: files are written by now, and the exit code says how it went."""
    try:
        yield
        flush()
    except OSError:
        hush()
