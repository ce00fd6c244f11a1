"""Frames: what the wire between judge and worker carries, as bytes. Never pickle.

A frame is `magic | u32 header length | u16 buffers | u64 lengths | msgpack header | raw buffers`. What the judge reads
was written by a process that it does not trust: every size is checked before memory is taken, and every failure is a
ProtocolError.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, Union

try:
    import msgspec
    from msgspec.msgpack import Ext as Ext
except ImportError:  # in a browser, where both ends are in one process and nothing is packed
    if not TYPE_CHECKING:

        class Ext:
            """Stands for msgspec's own."""

            def __init__(self, code: int, data: bytes) -> None:
                self.code, self.data = code, data


MAGIC = b"AGR1"
MAX_HEADER = 1 << 20
MAX_BUFFERS = 4096
MAX_PAYLOAD = 64 << 20  # bytes of one message's arrays, each entry counted as the 8 bytes that it may become
MAX_NESTING = 50
#: Up to so many bytes a copy costs less than one more system call or view.
SMALL = 1 << 16
_HEAD = struct.Struct("<4sIH")


class ProtocolError(Exception):
    """The other side broke the protocol; it cannot be trusted with another frame."""


class Unsendable(ValueError):
    """A value that does not cross: an object, a deep or too large structure. Said to whoever sent it."""


class HungUp(EOFError):
    """The other side is gone. Not any EOFError: students' code raises those as well, with `input()`."""


class Pipe(Protocol):
    """What a Peer needs of a transport. Both may raise EOFError when the other side is gone."""

    def read(self, size: int) -> bytearray:
        """Exactly so many bytes, in memory of their own."""

    def write(self, *parts: bytes | memoryview) -> None: ...


class BlockingPipe:
    """A pair of file descriptors. Small reads are served from one larger read."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self.read_fd, self.write_fd = read_fd, write_fd
        self._chunk, self._at = b"", 0  # what was read last, and how far it was used

    def read(self, size: int) -> bytearray:
        end = self._at + size
        if end <= len(self._chunk):
            whole = bytearray(self._chunk[self._at : end])
            self._at = end
            return whole
        whole = bytearray(size)
        view = memoryview(whole)
        while len(view) > len(self._chunk) - self._at:
            rest = self._chunk[self._at :]
            view[: len(rest)] = rest
            view = view[len(rest) :]
            self._chunk, self._at = self._read(max(min(len(view), 1 << 20), SMALL)), 0
            if not self._chunk:
                raise HungUp
        self._at = len(view)
        view[:] = self._chunk[: self._at]
        return whole

    def write(self, *parts: bytes | memoryview) -> None:
        if sum(map(len, parts)) <= SMALL:
            parts = (b"".join(parts),)  # one system call for the many small frames
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[self._write(view[: 1 << 20]) :]

    def _read(self, size: int) -> bytes:
        return os.read(self.read_fd, size)

    def _write(self, view: memoryview) -> int:
        return os.write(self.write_fd, view)


class Direct:
    """One end of a pipe within a process: messages cross as they are, and who waits lets the other end work.

    serve: takes one message from this end and answers it.
    """

    def __init__(self) -> None:
        self._received: deque[tuple[list[Any], list[bytearray]]] = deque()
        self.other = self
        self.serve: Callable[[], None] = lambda: None

    def send(self, message: list[Any], buffers: Sequence[bytes | memoryview]) -> None:
        self.other._received.append((message, [bytearray(buffer) for buffer in buffers]))

    def receive(self) -> tuple[list[Any], list[bytearray]]:
        """The next message. Raises HungUp where the other end has none to give."""
        if not self._received:
            self.other.serve()
        if not self._received:
            raise HungUp
        return self._received.popleft()


def direct_pair() -> tuple[Direct, Direct]:
    one, other = Direct(), Direct()
    one.other, other.other = other, one
    return one, other


def send(pipe: Pipe | Direct, message: list[Any], buffers: Sequence[bytes | memoryview] = ()) -> None:
    """Raises Unsendable when the message is over a cap."""
    if isinstance(pipe, Direct):
        pipe.send(message, buffers)
    else:
        write_frame(pipe, pack(message), buffers)


def receive(pipe: Pipe | Direct) -> tuple[list[Any], list[bytearray]]:
    """The next message as a list that starts with [id, kind], and its buffers. Raises ProtocolError, EOFError."""
    if isinstance(pipe, Direct):
        return pipe.receive()
    header, buffers = read_frame(pipe)
    return read_message(header), buffers


def pack(message: list[Any]) -> bytes:
    return msgspec.msgpack.encode(message)


def check_frame(header: bytes, buffers: Sequence[bytes | memoryview]) -> list[int]:
    """The sizes of the buffers. Raises Unsendable when the frame is over a cap."""
    sizes = [len(buffer) for buffer in buffers]
    if len(header) > MAX_HEADER:
        raise Unsendable("the values are too large to send; use numpy arrays for many numbers")
    if len(buffers) > MAX_BUFFERS or sum(sizes) > MAX_PAYLOAD:
        raise Unsendable(f"the arrays are too large to send: {sum(sizes)} bytes, at most {MAX_PAYLOAD}")
    return sizes


def write_frame(pipe: Pipe, header: bytes, buffers: Sequence[bytes | memoryview]) -> None:
    """Raises Unsendable when the frame is over a cap."""
    sizes = check_frame(header, buffers)
    pipe.write(struct.pack(f"{_HEAD.format}{len(sizes)}Q", MAGIC, len(header), len(buffers), *sizes), header, *buffers)


def read_frame(pipe: Pipe) -> tuple[bytes, list[bytearray]]:
    """The next header and its buffers, of which arrays are made. Raises ProtocolError for a wrong frame, EOFError."""
    magic, header_size, count = _HEAD.unpack(pipe.read(_HEAD.size))
    if magic != MAGIC:
        raise ProtocolError("a frame without its mark")
    if header_size > MAX_HEADER or count > MAX_BUFFERS:
        raise ProtocolError(f"a frame over the caps: header {header_size}, buffers {count}")
    try:
        start = pipe.read(8 * count + header_size)
        sizes = struct.unpack_from(f"<{count}Q", start)
        if sum(sizes) > MAX_PAYLOAD:
            raise ProtocolError(f"a frame of {sum(sizes)} bytes")
        return bytes(start[8 * count :]), [pipe.read(size) for size in sizes]
    except MemoryError:
        raise ProtocolError("no memory for a frame") from None


@cache
def _header_decoder() -> msgspec.msgpack.Decoder[list[Any]]:
    """Reads scalars and lists of lists, and no map: keys may be chosen to collide, and then to build it takes minutes.

    Bytes are an extension, as msgspec takes them for a kind of text, of which a type may have one only.
    """
    scalars = (None, bool, int, float, str, Ext)
    tree: Any = Union[scalars]  # noqa: UP007 (made of a tuple)
    for _ in range(MAX_NESTING + 10):  # a message's own lists, and those of an array
        tree = Union[(*scalars, list[tree])]
    return msgspec.msgpack.Decoder(list[tree])


def read_message(header: bytes) -> list[Any]:
    """The header as a list that starts with [id, kind]. Raises ProtocolError."""
    try:
        message = _header_decoder().decode(header)
    except Exception as problem:  # msgspec's own errors, RecursionError, UnicodeDecodeError, MemoryError
        raise ProtocolError(f"a header that cannot be read: {type(problem).__name__}") from None
    if type(message) is not list or len(message) < 2 or type(message[0]) is not int or type(message[1]) is not str:
        raise ProtocolError("a header that is no message")
    return message
