"""How commands are spelled, so that a reader can paste what we print into the shell that printed it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

#: What a command needs before its words: the course, where it was named on the command line.
_before: list[str] = []


def within(course: Path) -> None:
    """From now on commands name this course, as the one that was started did."""
    _before[:] = [] if os.environ.get("AUTOGRADER_COMMAND") else ["--course", _word(course)]


def command(words: str) -> str:
    """`words` after this program's name as it was started: `autograder check 05`, `python3 start.py check 05`."""
    return " ".join([program(), *_before, words])


def pip_install(*requirements: str) -> str:
    """The command that installs into the Python that runs here, whichever pip stands first on the path."""
    pip = [_word(sys.executable), "-m", "pip", "install"]
    if not Path(sysconfig.get_path("purelib"), "pip").is_dir():  # an environment of uv's
        pip = ["uv", "pip", "install", "--python", _word(sys.executable)]
    return " ".join([*pip, *map(_word, requirements)])


def program() -> str:
    """What starts this program: start.py's own spelling, `autograder` where the shell finds it, else its path."""
    if told := os.environ.get("AUTOGRADER_COMMAND"):
        return told
    if os.environ.get("UV_RUN_RECURSION_DEPTH"):
        return "uv run autograder"
    script = Path(sys.executable).with_name("autograder.exe" if os.name == "nt" else "autograder")
    # uv puts its own folder on the path, for as long as we run.
    installed = None if os.environ.get("UV") else shutil.which("autograder")
    if installed is not None and script.exists() and os.path.samefile(installed, script):
        return "autograder"
    return _word(script) if script.exists() else f"{_word(sys.executable)} -m autograder"


def _word(text: str | Path) -> str:
    """One word of a command line; a path below the working folder without that folder."""
    path = Path(text)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        text = path.relative_to(Path.cwd())
    plain = str(text)
    if os.name == "nt":
        return f'"{plain}"' if " " in plain else plain
    return shlex.quote(plain)
