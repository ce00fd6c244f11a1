"""Pictures for the feedback: the course's plotting code draws what a student's code computes.

The student's code runs in a locked-down worker as always; `picture.py`, which is the course's, gets plain values of it.
That happens in a process of its own, bounded in time and memory, because nobody knows what plotting such values
takes. A picture that fails is left out, and nothing else happens.

On the wire: u32 length and msgpack `[exercise id, source, or nil for the reference, whether step by step]`; back: u32
length and a PNG, or a `Film` as msgpack, or nothing.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

from autograder.course import Course, Exercise
from autograder.judge.grader import locked_runner
from autograder.judge.memory import memory_ceiling
from autograder.limits import ONE_THREAD
from autograder.reports.film import MOST, Film
from autograder.results import Outcome, Report
from autograder.runner.runners import module_of
from autograder.runner.student import Runner
from autograder.sources import load_authored, load_reference
from autograder.submissions.submission import Submission

#: What one picture may take, in wall seconds: this, and for the student's code a multiple of its CPU limit.
SECONDS, CPU_FACTOR = 60.0, 4
MEMORY_MIB = 2048
MAX_BYTES = 2 << 20
DPI = 80
#: So many pictures are kept, so that what is handed in unchanged by many is drawn once.
KEPT = 256
_SIZE = struct.Struct("<I")


class Artist:
    """Draws pictures of one course's exercises. A context manager; its process starts with the first picture."""

    def __init__(self, course: Course, seconds: float = SECONDS) -> None:
        self._course, self._seconds = course, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._once = lru_cache(KEPT)(self._draw)

    def target(self, exercise: Exercise) -> bytes | None:
        """The picture of the reference as PNG."""
        return self._once(exercise, None, False)

    def draw(self, exercise: Exercise, source: bytes) -> bytes | None:
        """The picture of a submitted module as PNG; None when it fails or takes too long."""
        return self._once(exercise, source, False)

    def film(self, exercise: Exercise, source: bytes) -> Film | None:
        """The picture of a submitted module step by step; None where the exercise has none, or as `draw`."""
        if not exercise.has_frames:
            return None
        packed = self._once(exercise, source, True)
        return msgspec.msgpack.decode(packed, type=Film) if packed else None

    def gallery(
        self, submission: Submission, report: Report, exercises: Iterable[Exercise]
    ) -> tuple[dict[str, bytes], dict[str, Film]]:
        """The pictures of what a student handed in, and those step by step, by exercise id; what hung in a check is
        left out."""
        hung = {
            result.exercise
            for result in report.exercises
            if any(check.outcome is Outcome.TIMEOUT for check in result.checks)
        }
        pictures, films = {}, {}
        for exercise in exercises:
            source = submission.modules.get(exercise.slug)
            if source is not None and exercise.id not in hung and (png := self.draw(exercise, source)):
                pictures[exercise.id] = png
                if film := self.film(exercise, source):
                    films[exercise.id] = film
        return pictures, films

    def _draw(self, exercise: Exercise, source: bytes | None, steps: bool) -> bytes | None:
        process = self._started()
        timer = threading.Timer(self._seconds + CPU_FACTOR * exercise.limits.cpu_seconds, process.kill)
        timer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            write(process.stdin, msgspec.msgpack.encode([exercise.id, source, steps]))
            return read(process.stdout, MAX_BYTES) or None
        except (OSError, EOFError):
            self.close()
            return None
        finally:
            timer.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.batch.drawing", str(self._course.root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | ONE_THREAD | {"MPLBACKEND": "agg"},
            )
        return self._process

    def close(self) -> None:
        """End the process. It takes its worker with it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:  # what was not sent yet
                        continue

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def write(stream: IO[bytes], content: bytes) -> None:
    stream.write(_SIZE.pack(len(content)) + content)
    stream.flush()


def read(stream: IO[bytes], most: int) -> bytes:
    """One message. Raises EOFError when the other side is gone or sends more than `most` bytes."""
    head = stream.read(_SIZE.size)
    size = _SIZE.unpack(head)[0] if len(head) == _SIZE.size else most + 1
    content = stream.read(size) if size <= most else b""
    if size > most or len(content) < size:
        raise EOFError
    return content


def png_of(picture: Any, student: Any) -> bytes:
    """The picture as PNG."""
    drawn = io.BytesIO()
    picture.draw(student).savefig(drawn, format="png", dpi=DPI)
    return drawn.getvalue()


def film_of(picture: Any, student: Any) -> bytes:
    """The picture step by step, as msgpack."""
    from autograder.pictures import film

    names, sheet = film(picture.draw_frames(student), MOST)
    return msgspec.msgpack.encode(Film.of(tuple(names), sheet))


def drawn_by(exercise: Exercise, source: bytes | None, runner: Runner, made: Callable[[Any, Any], bytes]) -> bytes:
    """What `made` makes of picture.py and a module; empty when it fails in any way or is too large."""
    try:
        with memory_ceiling(MEMORY_MIB), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            student: Any = load_reference(exercise) if source is None else runner.open(module_of(exercise, source))
            try:
                drawn = made(load_authored("picture", exercise.picture, exercise.root), student)
            finally:
                if source is not None:
                    student.close()
    except Exception:
        return b""
    return drawn if len(drawn) <= MAX_BYTES else b""


def main(root: str) -> None:
    """Answer requests until the other side hangs up."""
    course = Course.load(Path(root))
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that is printed gets between the replies
    with locked_runner(course) as runner:
        while True:
            try:
                name, source, steps = msgspec.msgpack.decode(read(requests, 64 << 20))
            except EOFError:
                return
            write(replies, drawn_by(course.exercise(name), source, runner, film_of if steps else png_of))


if __name__ == "__main__":
    main(sys.argv[1])
