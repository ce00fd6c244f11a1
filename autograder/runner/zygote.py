"""The warm parent of the workers: imports once, then forks one child a request.

It never sees a test or a submission: what it hears is "fork, with these limits, on these pipes", what it says
is a pid with its pidfd, and later how that child ended. One thread, so that a fork is safe.
"""

from __future__ import annotations

import gc
import os
import random
import resource
import selectors
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from autograder.runner import control as messages
from autograder.runner.random_state import make_repeatable

#: Imported before any fork, to save the workers' time. All else that they may import lies in memory: see library.py.
PRELOAD = """
abc array ast bisect calendar cmath collections collections.abc contextlib copy csv dataclasses datetime decimal
enum fractions functools hashlib heapq inspect io itertools json keyword linecache locale math numbers operator
pprint queue random re secrets statistics string struct textwrap threading time timeit traceback types typing
unicodedata uuid warnings weakref zlib base64 tokenize encodings.utf_8 encodings.latin_1 encodings.ascii
encodings.idna encodings.utf_16 encodings.utf_8_sig encodings.cp1252
numpy numpy.linalg numpy.fft numpy.random numpy.polynomial numpy.ma numpy.typing numpy.testing
numpy.lib.stride_tricks
""".split()


def main(control_fd: int, packages: tuple[str, ...] = ("numpy",), data: Mapping[str, str] | None = None) -> None:
    """Serve the judge on this control socket until it hangs up. What the workers may import and read is read now."""
    import importlib
    import warnings

    for name in PRELOAD:
        importlib.import_module(name)
    import numpy as np

    from autograder.runner import allowed, library, lockdown, rehearsal, worker

    np.linalg.svd(np.ones((2, 2)))  # first calls do lazy work of their own
    np.random.default_rng(0).standard_normal(2)
    library.install(packages)
    allowed.serve(allowed.read_files(data or {}))
    rehearsal.rehearse()
    make_repeatable()
    time.sleep = waste_no_time
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    sys.argv = [""]
    control = socket.socket(fileno=control_fd)
    plan = lockdown.Plan.from_wire(msgspec.msgpack.decode(control.recv(1 << 20)))
    gc.collect()
    gc.freeze()
    control.send(messages.write(messages.Ready()))
    serve(control, plan, lockdown, worker)


def waste_no_time(seconds: Any) -> None:
    """In place of time.sleep, whose system call is refused: nobody waits for the clock here."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")


def serve(control: socket.socket, plan: Any, lockdown: Any, worker: Any) -> None:
    """Fork on request; reap and report every child."""
    children: dict[int, int] = {}  # pidfd: pid
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is control:
                    message, fds, _, _ = socket.recv_fds(control, 4096, 4)
                    if not message:
                        return end(children)
                    order = messages.read(message)
                    assert isinstance(order, messages.Fork)
                    limits = lockdown.ChildLimits(order.cpu_seconds, order.memory_mib)
                    pid = fork_worker(control, fds, plan, limits, lockdown, worker)
                    pidfd = os.pidfd_open(pid)
                    children[pidfd] = pid
                    selector.register(pidfd, selectors.EVENT_READ)
                    socket.send_fds(control, [messages.write(messages.Forked(pid))], [pidfd])
                else:
                    pidfd = key.fd
                    selector.unregister(pidfd)
                    pid = children.pop(pidfd)
                    os.close(pidfd)
                    _, status, usage = os.wait4(pid, 0)
                    seconds = usage.ru_utime + usage.ru_stime
                    control.send(messages.write(messages.Ended(pid, status, seconds)))


def fork_worker(control: socket.socket, fds: list[int], plan: Any, limits: Any, lockdown: Any, worker: Any) -> int:
    """Fork a child on these descriptors: requests in, replies out, and where its prints go."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        for fd in fds:
            os.close(fd)
        return pid
    try:
        random.seed(0)
        requests, replies, prints = fds
        null = os.open(os.devnull, os.O_RDONLY)
        high = [os.dup2(fd, 50 + i) for i, fd in enumerate((null, prints, prints, requests, replies))]
        for target, fd in enumerate(high):
            os.dup2(fd, target)
        os.closerange(5, resource.getrlimit(resource.RLIMIT_NOFILE)[0] if plan.level == "none" else 64)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGPIPE else signal.SIG_DFL)
        lockdown.apply(plan, limits, parent)
        os.write(4, b"+")  # locked down: the judge may send the source
        worker.serve_forever(3, 4)
        os._exit(0)
    except BaseException as problem:
        try:
            os.write(4, b"-" + f"{type(problem).__name__}: {problem}".encode()[:500])
        finally:
            os._exit(70)


def end(children: dict[int, int]) -> None:
    """The judge is gone: take the children along."""
    for pidfd, pid in children.items():
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.waitpid(pid, 0)
