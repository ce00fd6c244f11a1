"""A worker in this process, where there can be no other: in a browser. For a student's own work alone."""

from __future__ import annotations

import builtins
import sys
from types import ModuleType
from typing import Any

from autograder.course import NUMPY_ALONE, Given
from autograder.limits import Limits
from autograder.runner.allowed import is_allowed
from autograder.runner.frames import direct_pair, receive
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.settings import Settings
from autograder.runner.student import Connection, Runner
from autograder.runner.worker import StudentPeer


class InsideRunner(Runner):
    """The worker's end and the judge's in one process: the same messages, but nobody who could end the student's code.

    Who runs this watches the clock from outside. Memory and time are not limited here.
    """

    def __init__(self, given: Given = NUMPY_ALONE) -> None:
        self._given = given

    def start(self, limits: Limits, until: float = float("inf")) -> Connection:
        mine, theirs = direct_pair()
        judge, student = JudgePeer(mine), InsidePeer(theirs)
        student.packages = self._given.packages
        mine.serve = lambda: judge.serve(*receive(mine))
        theirs.serve = lambda: student.answer(*receive(theirs))
        modules, finders, hook = dict(sys.modules), list(sys.meta_path), sys.breakpointhook
        settings = Settings(self._given.packages)

        def close() -> float:
            for name in student.loaded:
                sys.modules.pop(name, None)
                if name in modules:
                    sys.modules[name] = modules[name]
            sys.meta_path[:] = finders
            sys.breakpointhook = hook
            settings.put_back()
            return 0.0

        return Connection(judge, close)


class InsidePeer(StudentPeer):
    """Knows which modules it put where all modules are, and refuses what is loaded here and will not be there."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.loaded: list[str] = []

    def _load(self, source: bytes, code: bytes, name: str, filename: str, uses: list[list[object]]) -> list[str]:
        self.loaded = [name, *(str(used) for used, _ in uses)]
        return super()._load(source, code, name, filename, uses)

    def fresh_module(self, name: str) -> ModuleType:
        """With an `import` of its own: what this process has loaded already is found without asking any finder."""
        module, mine, packages = super().fresh_module(name), self.loaded, self.packages or ()

        def imported(asked: str, *rest: Any, **more: Any) -> Any:
            level = rest[3] if len(rest) > 3 else more.get("level", 0)
            if not level and not is_allowed(asked, packages) and asked.partition(".")[0] not in mine:
                raise ModuleNotFoundError(f"No module named {asked!r}", name=asked)
            return builtins.__import__(asked, *rest, **more)

        vars(module)["__builtins__"] = {**vars(builtins), "__import__": imported}
        return module
