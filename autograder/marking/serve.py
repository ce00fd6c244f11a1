"""`autograder mark`: the page for the person who marks, served on this machine until it is stopped."""

from __future__ import annotations

import logging
import re
import secrets
import signal
import sys
import webbrowser
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.invoked import pip_install
from autograder.marking.desk import Desk, Task
from autograder.reports.text import one_line

HOST = "127.0.0.1"


def share_of(text: str) -> float:
    """`20%` or `0.2`. CourseError: nothing of the kind."""
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)(%?)", text.strip())
    share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 < share <= 1:
        raise CourseError(f"--second: found {text!r}, allowed: a share such as 20%, above 0 and up to 100%")
    return share


def mark(
    course: Course, folder: Path, marker: str, second: str | None, with_names: bool, port: int, browser: bool
) -> int:
    """Serve until Ctrl-C. Raises CourseError: no graded folder, a wrong rubric, the port is taken, Flask is missing."""
    try:
        from werkzeug.serving import make_server

        from autograder.marking.page import make_app
    except ImportError as problem:
        raise CourseError(f"the page needs Flask ({problem}): {pip_install('flask')}") from None
    desk = Desk(course, folder, Task(one_line(marker), share_of(second) if second else 0.0))
    if not desk.exercises:
        raise CourseError(f"{folder}: nothing in it is marked by hand (`by_hand` in course.yml)")
    token = secrets.token_urlsafe(24)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        server = make_server(HOST, port, make_app(desk, token, with_names), threaded=True)
    except (OSError, SystemExit):
        raise CourseError(f"port {port} is taken. Give another --port, or none.") from None
    address = f"http://{HOST}:{server.port}/?token={token}"
    print(f"mark here: {address}", "It opens once. Each mark is kept at once; Ctrl-C ends it.", sep="\n", flush=True)
    if browser and not webbrowser.open(address):
        print("autograder: no browser could be started; open the address yourself", file=sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who ends it so wants marks.csv too
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    print(f"\n{desk.write_marks()} marks are in force; marks.csv has them.")
    print(desk.next_step())
    return 0
