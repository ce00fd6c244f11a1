"""Calls in both directions: either end of the wire.

Both sides run the same `Peer`: while it waits for the reply to its own call it serves the other side's calls, so that
a model can go into a student's sampler and a student's function into the judge's probe.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from autograder.runner.frames import Direct, Ext, Pipe, ProtocolError, receive, send
from autograder.runner.random_state import BIT_GENERATORS, GlobalState, mark_of, restore_generator, set_global_state
from autograder.runner.values import MAX_GENERATORS, MAX_TEXT, Decoder, Encoder, Stale

MAX_CALL_DEPTH = 8
#: Public methods of a Generator: what a served generator can be asked for.
GENERATOR_METHODS = frozenset(
    name for name in dir(np.random.Generator) if not name.startswith("_") and name not in ("bit_generator", "spawn")
)


class Gone(Exception):
    """The other side can answer no more: it died, hung, or was cut off."""


def served_methods(value: np.random.Generator) -> frozenset[str]:
    """The methods of a Generator that its class has of its own: what a caller must ask this side for.

    All others draw from the bit generator alone, so the other side answers them itself, with its own memory.
    """
    if isinstance(value, RemoteGenerator):
        return value._served
    kind, plain = type(value), np.random.Generator
    if kind not in _methods_of:
        _methods_of[kind] = frozenset(n for n in GENERATOR_METHODS if getattr(kind, n) is not getattr(plain, n))
    return _methods_of[kind]


_methods_of: dict[type, frozenset[str]] = {}


def _encodable(text: str) -> str:
    """Half characters, which no frame can carry, as question marks: an honest error's text may hold one."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Failure:
    """What is known of an exception on the other side: plain text, and the nearest builtin class."""

    def __init__(self, builtin: str, kind: str, message: str, trace: str = "", token: int = 0) -> None:
        self.builtin, self.kind, self.message, self.trace, self.token = builtin, kind, message, trace, token

    def wire(self) -> list[Any]:
        kind, message, trace = map(_encodable, (self.kind[:200], self.message[:MAX_TEXT], self.trace[:MAX_TEXT]))
        return [self.builtin, kind, message, trace, self.token]

    @classmethod
    def of(cls, problem: BaseException, trace: str = "", token: int = 0) -> Failure:
        names = (base.__name__ for base in type(problem).__mro__ if getattr(builtins, base.__name__, None) is base)
        try:
            message = str(problem)
        except BaseException:
            message = "(its text cannot be shown)"
        return cls(next(names, "Exception"), type(problem).__name__, message, trace, token)

    @classmethod
    def read(cls, wire: Any) -> Failure:
        if type(wire) is not list or len(wire) != 5 or [type(part) for part in wire] != [str, str, str, str, int]:
            raise ProtocolError("an error that cannot be read")
        builtin, kind, message, trace, token = wire
        return cls(builtin, kind[:200], message[:MAX_TEXT], trace[:MAX_TEXT], token)

    def builtin_class(self) -> type[Exception]:
        """The nearest builtin Exception that may be raised here; SystemExit and the like become Exception."""
        named = getattr(builtins, self.builtin, None)
        if not isinstance(named, type) or not issubclass(named, Exception):
            return Exception
        return next(base for base in named.__mro__ if base not in _UNFIT)


#: Not raised on another's word: the first two end a loop over `map` as if it were done, the next mean that the
#: wire is gone, the others cannot be made of a message alone.
_UNFIT: tuple[type[BaseException], ...] = (
    StopIteration,
    StopAsyncIteration,
    EOFError,
    ConnectionError,
    BrokenPipeError,
    ConnectionAbortedError,
    ConnectionRefusedError,
    ConnectionResetError,
    UnicodeDecodeError,
    UnicodeEncodeError,
    UnicodeTranslateError,
    BaseExceptionGroup,
    ExceptionGroup,
)


class Remote:
    """A callable that lives on the other side."""

    def __init__(self, peer: Peer, number: int) -> None:
        self._peer, self._number = peer, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._peer.call(self._number, None, args, kwargs)

    def __repr__(self) -> str:
        return f"<function {self._number} of the other side>"


class RemoteGenerator(np.random.Generator):
    """A Generator whose `served` methods are answered by the other side, all others here."""

    _peer: Peer
    _number: int
    _served: frozenset[str]

    def __getattribute__(self, name: str) -> Any:
        if name in GENERATOR_METHODS and name in object.__getattribute__(self, "_served"):
            peer, number = object.__getattribute__(self, "_peer"), object.__getattribute__(self, "_number")
            return lambda *args, **kwargs: peer.draw(number, name, args, kwargs)
        return super().__getattribute__(name)


class Peer:
    """One end of the wire."""

    #: What the other side may ask while this one waits for a reply.
    asked: tuple[str, ...] = ("call",)

    def __init__(self, pipe: Pipe | Direct) -> None:
        self.pipe = pipe
        self.unanswered = 0  # requests that wait for a reply
        self._lent: dict[int, Any] = {}  # what the other side may call, by number
        self._numbers: dict[int, int] = {}
        self._next_number = 0
        self._generators: dict[int, RemoteGenerator] = {}
        self._depth = 0
        self._global = GlobalState()
        #: What the last call changed of its arguments, each with what it held before, as `copied`.
        self.edits: list[tuple[Any, Any]] = []

    # -- handles ------------------------------------------------------------------------------------

    def lend(self, value: Any) -> list[Any]:
        """The wire form of a callable or generator of this side (or of one that the other side lent)."""
        if isinstance(value, (Remote, RemoteGenerator)) and value._peer is self:
            return ["h", False, value._number, ""]
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = self._next_number
            self._lent[number] = value  # kept alive, so its id stays its own
            self._next_number += 1
        if not isinstance(value, np.random.Generator):
            return ["h", True, number, "callable"]
        state = value.bit_generator.state
        known = Encoder().state(state) if state.get("bit_generator") in BIT_GENERATORS[:2] else None
        return ["h", True, number, "generator", list(served_methods(value)), known, *self.ahead_of(number, value)]

    def mark(self) -> int:
        """A point to `forget` back to."""
        return self._next_number

    def forget(self, mark: int) -> None:
        """Take back what was lent since `mark`, with all that it remembers. A later call of it is `Stale`."""
        for number in [number for number in self._lent if number >= mark]:
            self._numbers.pop(id(self._lent.pop(number)), None)

    def forget_all(self) -> None:
        """The wire is closed: let go of what either side lent. The last edits stay: they are still to be undone."""
        self.forget(0)
        self._generators.clear()

    def borrow(self, number: Any) -> Remote:
        """What stands for a callable of the other side."""
        return Remote(self, self._handle(number))

    def borrow_generator(self, number: Any, served: frozenset[str], state: Any, ahead: list[Any]) -> RemoteGenerator:
        """What stands for a generator of the other side; one object for one number, as it has draws of its own.

        ahead: what `ahead_of` sent with it.
        """
        if not served <= GENERATOR_METHODS:
            raise ProtocolError("a method that no Generator has")
        known = self._generators.get(self._handle(number))
        if known is None:
            if len(self._generators) >= MAX_GENERATORS:
                del self._generators[next(iter(self._generators))]
            source = np.random.default_rng(0) if state is None else restore_generator(state)
            known = self._generators[number] = RemoteGenerator(source.bit_generator)
            known._peer, known._number, known._served = self, number, served
        if ahead:
            self.keep_ahead(number, ahead)
        return known

    @staticmethod
    def _handle(number: Any) -> int:
        if type(number) is not int or not 0 <= number < 1 << 32:
            raise ProtocolError("a handle out of range")
        return number

    def own(self, number: Any) -> Any:
        """Something that this side lent. Raises ProtocolError for a number that it never gave out, else Stale."""
        if type(number) is not int or not 0 <= number < self._next_number:
            raise ProtocolError("a handle that was never given out")
        if number not in self._lent:
            raise Stale("this function belongs to a call that is over")
        return self._lent[number]

    # -- calls to the other side ----------------------------------------------------------------------

    def call(self, number: int, method: str | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call something of the other side's. Its edits of the arguments are made here too."""
        self.edits = []
        encoder = Encoder(self)
        trees = [encoder.tree(list(args)), encoder.tree(kwargs)]
        state = self._global.change()
        shared = None if state is None else encoder.tree(state)
        try:
            tree, decoder = self.request(["call", number, method, *trees, shared], encoder.buffers, encoder.arrays)
        finally:
            self.edits = []  # those of a call that was made meanwhile are over
        try:
            result, arrays, containers, generators, after = tree
            self._write_back(decoder, encoder, args, kwargs, arrays, containers, generators)
            if after is not None:
                state = decoder.value(after)
                set_global_state(state)
                self._global.agree(state)
            return decoder.value(result)
        except (ProtocolError, Gone):
            raise
        except Exception as problem:
            raise ProtocolError(f"a reply that cannot be read: {type(problem).__name__}") from None

    def _write_back(
        self,
        decoder: Decoder,
        encoder: Encoder,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        arrays: Any,
        containers: Any,
        generators: Any,
    ) -> None:
        if len(arrays) > len(encoder.arrays) or len(generators) > len(encoder.generators):
            raise ProtocolError("more arguments than there were")
        for index, tree in arrays:
            mine, new = encoder.arrays[Decoder._index(index, len(encoder.arrays))], decoder.value(tree)
            if mine.shape != new.shape or mine.dtype != new.dtype or not mine.flags.writeable:
                raise ProtocolError("an argument that changed its shape")
            self.edits.append((mine, copied(mine)))
            mine[...] = new
        for index, tree in generators:
            mine_too = encoder.generators[Decoder._index(index, len(encoder.generators))]
            state = decoder.state(tree)
            if type(tree) is not Ext:  # all bytes are a state, but not all else
                restore_generator(state)
            try:
                mine_too.bit_generator.state = state
            except Exception:
                raise ProtocolError("a random state of another kind") from None
        for key, tree in containers:
            place = args[Decoder._index(key, len(args))] if type(key) is int else kwargs[key]
            new_members = decoder.value(tree)
            if isinstance(place, (list, dict, set)):
                self.edits.append((place, copied(place)))
            replace_members(place, new_members)

    def request(
        self, message: list[Any], buffers: list[bytes | memoryview], lent: list[np.ndarray[Any, Any]] | None = None
    ) -> tuple[Any, Decoder]:
        """Send a message and wait for its reply, serving the other side meanwhile."""
        number = int.from_bytes(os.urandom(7), "little")
        self._send([number, *message], buffers)
        self.unanswered += 1
        while True:
            reply, received = receive(self.pipe)
            if reply[1] in self.asked:
                self.answer(reply, received)
            elif reply[0] == number and reply[1] in ("ok", "err") and len(reply) >= 3:
                failure = Failure.read(reply[2]) if reply[1] == "err" else None
                self.read_beside(reply[3:])
                self.unanswered -= 1
                if failure is not None:
                    self.fail(failure)
                return reply[2], Decoder(self, received, lent)
            else:
                raise ProtocolError("a reply to no question")

    def fail(self, failure: Failure) -> NoReturn:
        """Raise what the other side's exception means here."""
        problem = failure.builtin_class()(failure.message)
        problem.autograder_token = failure.token  # type: ignore[attr-defined]
        raise problem

    # -- calls from the other side --------------------------------------------------------------------

    def answer(self, message: list[Any], buffers: list[bytearray]) -> None:
        """Do what the other side asked."""
        self.serve(message, buffers)

    def serve(self, message: list[Any], buffers: list[bytearray]) -> None:
        """Answer one call of the other side."""
        if len(message) < 7 or type(message[0]) is not int:
            raise ProtocolError("a call that cannot be read")
        number, _, handle, method, args_tree, kwargs_tree, state, *beside = message
        self.read_beside(beside)
        try:
            function = self.target(handle, method)
        except Stale as problem:  # nothing of what came with it is looked at
            self._send([number, "err", self.describe(problem).wire()])
            return
        decoder = Decoder(self, buffers)
        args, kwargs = decoder.value(args_tree), decoder.value(kwargs_tree)
        if type(args) is not list or type(kwargs) is not dict or any(type(key) is not str for key in kwargs):
            raise ProtocolError("arguments that cannot be read")
        if state is not None:
            self.receive_global_state(decoder.value(state))
        before = {key: self._compared(value, decoder) for key, value in containers_of(args, kwargs)}
        originals = {index: array.tobytes() for index, array in decoder.arrays.items() if array.flags.writeable}
        states = [mark_of(generator) for generator in decoder.generators]
        self._depth += 1
        try:
            if self._depth > MAX_CALL_DEPTH:
                raise RecursionError(f"calls between judge and student nested deeper than {MAX_CALL_DEPTH}")
            result = self.run(function, args, kwargs)
            parts, encoder = self._reply(result, args, kwargs, decoder, originals, before, states)
            self._send([number, "ok", parts], encoder.buffers)
        except (ProtocolError, EOFError, Gone):
            raise
        except Exception as problem:
            self.beside_was_dropped()
            self._send([number, "err", self.describe(problem).wire()])
        finally:
            self._depth -= 1

    def _send(self, message: list[Any], buffers: Sequence[bytes | memoryview] = ()) -> None:
        """A message, and beside it what there is to tell of generators. Raises Unsendable when nothing was sent."""
        send(self.pipe, [*message, *self.beside()], buffers)
        self.beside_was_sent()

    def _reply(
        self,
        result: Any,
        args: list[Any],
        kwargs: dict[str, Any],
        decoder: Decoder,
        originals: dict[int, bytes],
        before: dict[int | str, Any],
        states: list[bytes | str],
    ) -> tuple[list[Any], Encoder]:
        changed = [
            (key, value)
            for key, value in containers_of(args, kwargs)
            if key not in before or self._compared(value, decoder) != before[key]
        ]
        encoder = Encoder(self, decoder)
        tree = encoder.tree(result)
        plain = Encoder(self)
        plain.buffers, plain.arrays = encoder.buffers, encoder.arrays
        arrays = [
            [i, plain.tree(a)] for i, a in decoder.arrays.items() if i in originals and a.tobytes() != originals[i]
        ]
        containers = [[key, encoder.tree(value)] for key, value in changed]
        generators = [
            [i, plain.state(generator.bit_generator.state)]
            for i, generator in enumerate(decoder.generators)
            if mark_of(generator) != states[i]
        ]
        return [tree, arrays, containers, generators, self.send_global_state(plain)], encoder

    def _compared(self, value: Any, decoder: Decoder) -> Any:
        """A value's tree, to be held against another and not sent."""
        tree = Encoder(self, decoder).tree(value)
        self.beside_was_dropped()
        return tree

    # -- what the two sides do differently --------------------------------------------------------------

    def draw(self, number: int, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A served method of a generator of the other side."""
        return self.call(number, method, args, kwargs)

    def ahead_of(self, number: int, generator: np.random.Generator) -> list[Any]:
        """What goes along with a generator that is lent; nothing, or one block."""
        return []

    def keep_ahead(self, number: int, ahead: list[Any]) -> None:
        raise ProtocolError("draws ahead from where none come")

    def beside(self) -> list[Any]:
        """What else a message tells of generators; nothing, or one list."""
        return []

    def beside_was_sent(self) -> None:
        """It need not be told again."""

    def beside_was_dropped(self) -> None:
        """What was made for a message did not go out."""

    def read_beside(self, told: list[Any]) -> None:
        if told:
            raise ProtocolError("a message with more than belongs to it")

    def target(self, handle: Any, method: Any) -> Callable[..., Any]:
        """What a call means: something lent, or a public method of a lent generator."""
        owned = self.own(handle)
        if isinstance(owned, np.random.Generator):
            if method not in served_methods(owned):
                raise ProtocolError("a method that is not served")
            owned = getattr(owned, method)
        elif method is not None:
            raise ProtocolError("a method of a plain callable")
        return owned  # type: ignore[no-any-return]

    def run(self, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
        return function(*args, **kwargs)

    def describe(self, problem: BaseException) -> Failure:
        return Failure.of(problem)

    def receive_global_state(self, state: Any) -> None:
        """The judge keeps its own: only the worker takes the other side's state over."""

    def send_global_state(self, encoder: Encoder) -> Any:
        return None


def containers_of(args: list[Any], kwargs: dict[str, Any]) -> list[tuple[int | str, Any]]:
    """The arguments that a call could change without touching an array: lists, dicts, sets."""
    everything: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
    return [(key, value) for key, value in everything if isinstance(value, (list, dict, set))]


def copied(place: Any) -> Any:
    """What a place holds now: bytes of an array, the members of a list, dict or set themselves."""
    return place.tobytes() if isinstance(place, np.ndarray) else place.copy()


def replace_members(place: Any, new: Any) -> None:
    """Make a caller's list, dict or set hold what it held after the call."""
    if isinstance(place, list) and isinstance(new, list):
        place[:] = new
    elif isinstance(place, dict | set) and type(place) is type(new):
        place.clear()
        place.update(new)
    else:
        raise ProtocolError("an argument that changed its kind")
