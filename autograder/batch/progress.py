"""How far a batch is, on stderr: a bar where that is a terminal, and nothing where it is not."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from autograder.results import ExerciseResult, Outcome


class Progress:
    """A bar with rate, time left, and how many so far failed a check or could not be graded. A context manager."""

    def __init__(self, total: int, console: Console) -> None:
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[failures]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._bar = self._bars.add_task("exercises", total=total, rate="", failures="")
        self.failed = self.errors = 0

    def kept(self) -> None:
        """One result was there already."""
        self._bars.advance(self._bar)

    def graded(self, result: ExerciseResult) -> None:
        """One result is new."""
        self.failed += result.outcome in (Outcome.FAILED, Outcome.PARTIAL)
        self.errors += result.outcome is Outcome.ERROR
        self._bars.advance(self._bar)
        speed = self._bars.tasks[0].speed
        self._bars.update(
            self._bar,
            rate=f"{speed:.1f}/s" if speed else "",
            failures=f"{self.failed} not all right" + (f", {self.errors} not graded" if self.errors else ""),
        )

    def say(self, line: str) -> None:
        """A line of its own, above the bar; also where stderr is no terminal."""
        with suppress(OSError):
            self._bars.console.print(line, markup=False, highlight=False)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._bars.stop()
