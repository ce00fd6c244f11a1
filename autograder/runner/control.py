"""What judge and zygote say to each other, on a socket that no student's code ever holds."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, tag=True):
    """One message: a datagram of msgpack."""


class Fork(Message):
    """The judge's order: a child with these limits, on the descriptors that come along."""

    cpu_seconds: float
    memory_mib: int


class Ready(Message):
    """The zygote has imported everything."""


class Forked(Message):
    """A child lives; its pidfd comes along."""

    pid: int


class Ended(Message):
    """A child was reaped: its wait status and CPU seconds."""

    pid: int
    status: int
    cpu_seconds: float


#: One of either side's messages; raises msgspec.MsgspecError for anything else.
read = msgspec.msgpack.Decoder(Fork | Ready | Forked | Ended).decode
write = msgspec.msgpack.Encoder().encode
