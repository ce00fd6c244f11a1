"""Every way in which student code can go wrong, as an exception of the judge's."""

from __future__ import annotations

import builtins
from functools import cache

from autograder.runner.peer import Gone


class StudentFailure(Gone):
    """Something that is the student's, not the grader's. `message` may be shown to the student."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StudentTimeout(StudentFailure):
    """Student code used up its time."""

    @classmethod
    def unanswered(cls, seconds: float) -> StudentTimeout:
        """On a clock on the wall, where there is no other."""
        return cls(f"no answer in {seconds:g} s. Does a loop never end?")


class StudentDied(StudentFailure):
    """The student's process ended: `os._exit`, a crash, out of memory."""

    def __init__(self) -> None:
        super().__init__("the code ended its process (an exit, a crash, or out of memory)")


class StudentBroke(StudentFailure):
    """The worker sent what no worker sends: someone writes on the wire by hand.

    What it was is for the instructor: a size may be any number, and students would read in it what they were asked.
    """

    def __init__(self, what: str) -> None:
        super().__init__("the answer could not be read")
        self.what = what

    def __str__(self) -> str:
        return f"{self.message}: {self.what}"


class StudentError(Exception):
    """An exception raised by student code. Its class also derives from the builtin one that was raised."""

    kind = ""
    trace = ""
    loading = False


@cache
def error_class(builtin: str) -> type[StudentError]:
    base = getattr(builtins, builtin)
    return StudentError if base is Exception else type(f"Student{builtin}", (StudentError, base), {})
