"""The child that holds one student's module. It is locked down before it reads the source.

It answers four requests: compile the module, load it, get a name, call something. It imports nothing of the grader
but the protocol (and the lock-down): there is no check, no reference and no expected value in this process.
"""

from __future__ import annotations

import difflib
import json
import linecache
import marshal
import os
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from autograder.runner import allowed
from autograder.runner.ahead import Ahead
from autograder.runner.frames import BlockingPipe, Direct, HungUp, ProtocolError, receive, send
from autograder.runner.peer import Failure, Peer
from autograder.runner.random_state import make_repeatable, set_global_state
from autograder.runner.values import MAX_TEXT, Encoder

Tree = Any
#: Larger code is compiled by each worker: the rest of a header has its place too.
MAX_CODE = 1 << 19


class StudentPeer(Peer):
    """The worker's end: describes errors by the student's own lines, and keeps the judge's random state."""

    module: ModuleType | None = None
    filename = ""
    packages: Sequence[str] | None = None
    asked = ("call", "get")

    def __init__(self, pipe: BlockingPipe | Direct) -> None:
        super().__init__(pipe)
        self._ahead = Ahead()

    def draw(self, number: int, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        drawn = self._ahead.draw(number, method, args, kwargs)
        return super().draw(number, method, args, kwargs) if drawn is None else drawn

    def keep_ahead(self, number: int, ahead: list[Any]) -> None:
        self._ahead.keep(number, *ahead)

    def beside(self) -> list[Any]:
        used = self._ahead.used()
        return [used] if used else []

    def beside_was_sent(self) -> None:
        self._ahead.was_told()

    def read_beside(self, told: list[Any]) -> None:
        for blocks in told:
            for number, block in blocks:
                self._ahead.keep(number, block)

    def serve(self, message: list[Any], buffers: list[bytearray]) -> None:
        try:
            super().serve(message, buffers)
        finally:
            self._ahead.clear()

    def run(self, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        try:
            return function(*args, **kwargs)
        except EOFError as problem:  # it must not look as if the wire were cut
            raise problem if isinstance(problem, HungUp) else Stopped(problem) from problem
        except Exception:
            raise
        except BaseException as problem:  # SystemExit, KeyboardInterrupt, GeneratorExit
            raise Stopped(problem) from problem

    def describe(self, problem: BaseException) -> Failure:
        if isinstance(problem, Stopped):
            problem = problem.problem
        token = getattr(problem, "autograder_token", 0)
        return Failure.of(problem, own_lines(problem, self.filename), token if type(token) is int else 0)

    def receive_global_state(self, state: Any) -> None:
        set_global_state(state)
        self._global.agree(state)

    def send_global_state(self, encoder: Encoder) -> Any:
        state = self._global.change()
        return None if state is None else encoder.tree(state)

    def answer(self, message: list[Any], buffers: list[bytearray]) -> None:
        """One request of the judge's. Raises ProtocolError for anything that is none."""
        kind = message[1]
        if kind == "call":
            self.serve(message, buffers)
        elif kind == "compile":
            self._respond(message[0], self._compile, [bytes(buffers[0]), *message[2:]])
        elif kind == "load":
            source, code = map(bytes, buffers)
            self._respond(message[0], self._load, [source, code, *message[2:]])
        elif kind == "get":
            self.read_beside(message[3:])
            self._respond(message[0], self._get, message[2:3])
        else:
            raise ProtocolError(f"an unknown request {kind!r}")

    def _respond(self, number: int, action: Any, rest: list[Any]) -> None:
        try:
            encoder = Encoder(self)
            tree = encoder.tree(self.run(action, rest, {}))
            send(self.pipe, [number, "ok", tree], encoder.buffers)
        except (ProtocolError, EOFError):
            raise
        except Exception as problem:
            send(self.pipe, [number, "err", self.describe(problem).wire()])

    def _compile(self, source: bytes, filename: str) -> bytes:
        """The module's code for workers to come, or nothing, where it is large. None of it has run here yet."""
        self.filename = filename
        code = marshal.dumps(compile(decode(source), filename, "exec", dont_inherit=True))
        return code if len(code) <= MAX_CODE else b""

    def _load(self, source: bytes, code: bytes, name: str, filename: str, uses: list[Any]) -> list[str]:
        """Run the module: its code, if it was compiled before. Returns its public names."""
        for module_name, functions in uses:
            module = ModuleType(module_name)
            for function, handle in functions:
                setattr(module, function, self.borrow(handle))
            sys.modules[module_name] = module
        self.filename = filename
        if self.packages is not None:
            sys.meta_path.insert(0, allowed.OnlyAllowed(self.packages, [used for used, _ in uses], filename))
        sys.breakpointhook = _no_debugger
        self.module = self.fresh_module(name)
        self.module.__file__ = filename
        sys.modules[name] = self.module
        text = decode(source)
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        compiled = marshal.loads(code) if code else compile(text, filename, "exec", dont_inherit=True)
        exec(compiled, self.module.__dict__)
        return sorted(key for key in self.module.__dict__ if isinstance(key, str) and not key.startswith("_"))[:1000]

    def fresh_module(self, name: str) -> ModuleType:
        return ModuleType(name)

    def _get(self, name: str) -> Any:
        if self.module is None or name not in self.module.__dict__:
            known = [] if self.module is None else list(self.module.__dict__)[:1000]
            near = difflib.get_close_matches(name, [own for own in known if type(own) is str], 1, 0.75)
            told = f". Is {near[0]} meant?" if near else ""
            raise AttributeError(f"{name} is not defined in {self.filename}{told}")
        return self.module.__dict__[name]


def _no_debugger(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("breakpoint() stands in the code, and nobody is here to debug. Take it out, or print instead.")


class Stopped(Exception):
    """Carries a SystemExit and its like past the places that catch Exception only, and an EOFError of the student's."""

    def __init__(self, problem: BaseException) -> None:
        super().__init__()
        self.problem = problem


def decode(source: bytes) -> str:
    """The source as text in UTF-8, whatever a coding line says. Raises SyntaxError where it is none."""
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = source.count(b"\n", 0, problem.start) + 1
        raise SyntaxError(f"line {line} is not UTF-8 text; save the file as UTF-8") from problem


def own_lines(problem: BaseException, filename: str) -> str:
    """The traceback with only the student's own lines, with carets, and for syntax errors the line itself."""
    try:
        told = traceback.TracebackException.from_exception(problem, compact=True)
        told.stack[:] = [frame for frame in told.stack if frame.filename == filename]
        told.__cause__ = told.__context__ = None
        text = "".join(told.stack.format())
        if isinstance(problem, SyntaxError):
            text += "".join(told.format_exception_only())
        return text[-MAX_TEXT:]
    except BaseException:  # a student's exception class may do anything
        return ""


def serve_forever(read_fd: int, write_fd: int, packages: Sequence[str] | None = None) -> None:
    """Answer requests until the judge hangs up or the wire breaks. packages: only these may be imported, if given."""
    peer = StudentPeer(BlockingPipe(read_fd, write_fd))
    peer.packages = packages
    # Students' warnings are theirs to read, not errors; numpy's are told once a line as in any script.
    sys.setrecursionlimit(1000)
    while True:
        try:
            peer.answer(*receive(peer.pipe))
        except (EOFError, ProtocolError, BrokenPipeError):
            return


def main() -> None:
    """A worker of its own, without a zygote and without lock-down: for a student's own machine.

    Requests come on stdin, replies leave on what was stdout; the student's prints go to stderr.
    """
    read_fd, write_fd = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for fd in (read_fd, write_fd):
            msvcrt.setmode(fd, os.O_BINARY)
    make_repeatable()
    packages, places = json.loads(sys.argv[1])
    allowed.serve(allowed.read_files(places))
    serve_forever(read_fd, write_fd, packages)


if __name__ == "__main__":
    main()
