"""Find more in a question than a name and arguments."""

import os
import struct
import sys

import msgspec


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


def look(value, depth=0, seen=None):
    """All text that can be reached from a value."""
    seen = set() if seen is None else seen
    if depth > 6 or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str):
        if "-".join(("canary", "5b1f")) in value or value.startswith("test_") and "autograder" in value:
            raise RuntimeError("GOT " "THROUGH: " + value[:100])
    elif isinstance(value, dict):
        for key, entry in list(value.items()):
            look(key, depth + 1, seen)
            look(entry, depth + 1, seen)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for entry in list(value):
            look(entry, depth + 1, seen)
    elif hasattr(value, "__dict__"):
        look(vars(value), depth + 1, seen)


def attack(*args, **kwargs):
    serve = frame_named("serve").f_locals
    look(serve["message"])
    handle, method, arguments, keywords = serve["message"][2:6]
    if len(serve["message"]) != 7 or type(handle) is not int or method is not None:
        raise RuntimeError("GOT " "THROUGH: " + repr(serve["message"]))
    raise NotImplementedError("arguments only")


add_noise = predict_x0 = predict_eps = attack
