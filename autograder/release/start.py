"""Set up the course, once, and run its commands: `python3 start.py`, then what it says.

Standard library only, in syntax that Python 3.6 can read, so that an old Python is told what is missing instead of
a SyntaxError. A release carries this file as it is; `make` uses it for the project's own `.venv`.
"""

import sys

if __name__ == "__main__":
    del sys.path[0]  # a file of the student's that is called random.py is no module of Python's

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from typing import Any, Dict, Iterator, List, Optional, Tuple

LOWEST = (3, 11, 2)
MEGABYTES = 250  # of a student's environment
WINDOWS = os.name == "nt"
HERE = os.path.dirname(os.path.realpath(__file__))

#: A constraints file: {name: (sign, version)}; == for what decides marks, <= (a tested range) for the rest.
Pins = Dict[str, Tuple[str, str]]


class Problem(Exception):
    """What stopped us, in one line with the remedy."""


def main(arguments: List[str]) -> int:
    """Set up if need be, then run the command in `arguments`, or say what to type next. Returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        require_folder()
        by_make = arguments[:1] == ["--venv"] and len(arguments) > 3  # this environment, these pins, these requirements
        goal = os.environ.get("MAKECMDGOALS") or "setup"
        require_python(f"make PYTHON={{}} {goal}" if by_make else f"{{}} {own_path()}")
        return develop(*arguments[1:]) if by_make else start(arguments)
    except Problem as problem:
        return refuse(str(problem))
    except OSError as problem:
        return refuse(f"{problem.filename or HERE}: {problem.strerror or problem}")
    except KeyboardInterrupt:
        return refuse("stopped; the same command goes on")


def start(arguments: List[str]) -> int:
    """A student's road."""
    require_own_folder()
    home = os.path.join(data_folder(), course_slug())
    set_up(home)
    remember(home)
    if arguments:
        return run(home, arguments)
    print(f"Ready. Next:\n\n    {command()} check\n")
    return 0


def develop(venv: str, pins: str, *wanted: str) -> int:
    """make's road: `wanted` into `venv`, which is made where it is not there."""
    if not os.path.exists(python_of(venv)) or was_moved(venv) or not pip(python_of(venv), ["--version"])[0]:
        require_venv()
        make_venv(venv)
    for line in install(python_of(venv), list(wanted), pins):
        print(line)
    return 0


def was_moved(venv: str) -> bool:
    """Whether an environment was made in another place, which its scripts name still."""
    path = os.path.join(venv, "pyvenv.cfg")
    shebang = re.search(r"^command = (.+)$", read(path), re.M) if os.path.isfile(path) else None
    return shebang is not None and not shebang.group(1).endswith(os.path.abspath(venv))


def refuse(message: str) -> int:
    print(f"start.py: {message}", file=sys.stderr)
    return 1


# Which Python


def require_python(again: str) -> None:
    """Raises Problem: this Python cannot do it. `again` is how to start with another one, {} in its place."""
    if sys.version_info[:3] < LOWEST:
        newer = newer_python()
        remedy = f"type: {again.format(newer)}" if newer else f"install it: {installer()}"
        raise Problem(f"this is Python {version()}, the course needs {dotted(LOWEST)} or newer; {remedy}")
    if platform.python_implementation() != "CPython" or sys.maxsize < 2**32:
        bits = 64 if sys.maxsize > 2**32 else 32
        raise Problem(
            f"this Python is {platform.python_implementation()} of {bits} bits; "
            "the course needs CPython of 64 bits, from python.org"
        )


def require_venv() -> None:
    """Raises Problem: Debian and Ubuntu ship Python without the part that makes environments."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        needed = f"python{dotted(sys.version_info[:2])}-venv"
        raise Problem(f"this Python cannot make environments; on Debian and Ubuntu: sudo apt install {needed}")


def dotted(numbers: Tuple[int, ...]) -> str:
    return ".".join(str(n) for n in numbers)


def version() -> str:
    return dotted(sys.version_info[:3])


def newer_python() -> Optional[str]:
    """How to start a Python that is new enough; None where there is none."""
    for minor in range(LOWEST[1] + 5, LOWEST[1] - 1, -1):
        for words in ([f"python3.{minor}"], ["py", f"-3.{minor}"]):
            version = answer([*words, "-c", "import sys; print(*sys.version_info[:3])"])
            if version and tuple(int(n) for n in version.split()) >= LOWEST:
                return " ".join(words)
    return None


def installer() -> str:
    """Where to get a Python."""
    if sys.platform == "darwin":
        return "brew install python, or from python.org"
    return "winget install Python.Python.3.13" if WINDOWS else "from your system's packages, or from python.org"


def answer(words: List[str]) -> str:
    """What a command prints; nothing where there is no such command, or it fails."""
    try:
        return subprocess.check_output(words, stderr=subprocess.DEVNULL).decode("utf-8", "replace").strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


# Where


def data_folder() -> str:
    """Where a user's programs keep what they made: one environment there serves all assignments of a course."""
    told = os.path.expanduser(os.environ.get("AUTOGRADER_HOME", ""))
    if told and not os.path.isabs(told):
        raise Problem(f"AUTOGRADER_HOME is {told!r}: give a whole path, the same from every folder")
    base = os.environ.get("LOCALAPPDATA" if WINDOWS else "XDG_DATA_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser(os.path.join("~", *(("AppData", "Local") if WINDOWS else (".local", "share"))))
    if not told and not os.path.isabs(base):
        raise Problem("no home folder is known here. Set the variable AUTOGRADER_HOME to a folder of yours.")
    return told or os.path.join(base, "autograder")


def require_folder() -> None:
    """Raises Problem: the shell stands in a folder that was removed."""
    try:
        os.getcwd()
    except OSError:
        raise Problem("the folder that you are in is gone; change to another one first")


def require_own_folder() -> None:
    """Raises Problem: nobody can work in a folder that cannot be written, as in a zip that is only looked into."""
    if not os.access(HERE, os.W_OK):
        raise Problem(f"{HERE}: cannot be written, so you cannot work in it. Copy it to a folder of yours.")


def course_slug() -> str:
    """A folder's name from the course's title. Raises Problem: this is no release, or half of one."""
    path = os.path.join(HERE, "course.yml")
    if not os.path.isfile(path):
        raise Problem(f"{path}: no such file. Unpack the whole release again, and start it from there.")
    line = re.search(r"^title:\s*(.+)$", read(path), re.M)
    title = line.group(1) if line else ""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:60] or hashlib.sha256(title.encode("utf-8")).hexdigest()[:12]


def read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def python_of(venv: str) -> str:
    return os.path.join(venv, "Scripts", "python.exe") if WINDOWS else os.path.join(venv, "bin", "python")


# The environment


def set_up(home: str) -> None:
    """The course's environment, made, or brought up to date where this release brings a newer program."""
    ours = release()
    if is_ready(home, ours):
        return
    require_writable(home)
    with locked(home):
        if is_ready(home, ours):  # by another terminal, meanwhile
            return
        known = read_stamp(home)
        venv = known.get("venv", "") if is_sound(known) else ""
        sweep(home, venv)
        if venv:
            print("This release brings another version of the course's program: taking it.")
            fill(python_of(venv), ours, True)
        else:
            venv = made(home, ours)
        write_stamp(home, dict(ours, venv=venv, **signature(venv)))
        print(f"For your editor: the interpreter is {python_of(venv)}")


def made(home: str, ours: Dict[str, str]) -> str:
    """A new environment with this release's program. It goes again if it cannot be finished: the disk may be full."""
    require_venv()
    require_room(home)
    venv = os.path.join(home, f"venv-{os.urandom(4).hex()}")  # a set-up that was killed may still be at work
    print(f"Making the course's environment, once, in {venv}: a minute or two, about {MEGABYTES} MB.")
    try:
        make_venv(venv)
        fill(python_of(venv), ours, False)
    except BaseException:
        shutil.rmtree(venv, ignore_errors=True)
        raise
    return venv


def sweep(home: str, kept: str) -> None:
    """Remove the environments of set-ups that were killed, and those that are no longer sound."""
    for name in os.listdir(home):
        if name.startswith("venv") and os.path.join(home, name) != kept:
            shutil.rmtree(os.path.join(home, name), ignore_errors=True)


def fill(python: str, ours: Dict[str, str], again: bool) -> None:
    """The program of this release and what it needs. What was there before stays until all of it is at hand."""
    with tempfile.TemporaryDirectory() as folder:  # a path that pip can read, whatever this release's is
        wheel, pins = (shutil.copy(path, folder) for path in (ours["wheel"], os.path.join(HERE, "constraints.txt")))
        for line in install(python, [f"{wheel}[pictures,watch]"], pins):
            print(line)
        if not again:
            return
        # Of a wheel with the same version pip does not see that it is another one.
        done, said = pip(python, ["install", "--no-index", "--no-deps", "--force-reinstall", wheel])
    if not done:
        raise Problem(f"{ours['wheel']}: cannot be installed: {last_words(said)}")


def signature(venv: str) -> Dict[str, str]:
    """What must be the same as long as an environment is sound: its Python, and the packages where they are.

    Raises Problem: they are not there, though pip said that it installed them.
    """
    python = python_of(venv)
    words = "import autograder.cli, hypothesis, numpy, yaml; print(autograder.cli.__file__); print(numpy.__file__)"
    lines = answer([python, "-P", "-c", words]).splitlines()
    if len(lines) != 2 or not all(os.path.realpath(path).startswith(os.path.realpath(venv)) for path in lines):
        raise Problem(
            f"{venv}: pip says that all is installed, but it is not there. Does pip's own configuration put packages "
            f"elsewhere? This shows it: {quoted(python)} -m pip config list"
        )
    beside = " ".join(packages_in(os.path.dirname(os.path.dirname(lines[1]))))
    return {"program": lines[0], "numpy": lines[1], "python": identity(python), "packages": beside}


def packages_in(folder: str) -> List[str]:
    """The packages in a site-packages folder, without caches, and setuptools' own, which change with its version."""
    passing = ("__pycache__", "setuptools", "pkg_resources", "_distutils_hack")
    names = [name for name in os.listdir(folder) if name.isidentifier() and name not in passing]
    return [name for name in names if os.path.isdir(os.path.join(folder, name))]


def identity(path: str) -> str:
    """A file behind links, by what changes when it is replaced."""
    status = os.stat(path)
    return f"{os.path.realpath(path)} {status.st_size} {int(status.st_mtime)}"


def is_ready(home: str, ours: Dict[str, str]) -> bool:
    """Whether this release's program, or that of a newer one, is installed and sound."""
    known = read_stamp(home)
    newer = number(known.get("version", "")) > number(ours["version"])
    return (newer or known.get("digest") == ours["digest"]) and is_sound(known)


def is_sound(known: Dict[str, str]) -> bool:
    """Whether an environment still is what its stamp says: the system's Python replaced, or a part removed, since."""
    try:
        files = (known["program"], known["numpy"], os.path.join(known["venv"], "pyvenv.cfg"))
        there = packages_in(os.path.dirname(os.path.dirname(known["numpy"])))
        whole = all(os.path.isfile(path) for path in files) and set(known.get("packages", "").split()) <= set(there)
        return whole and identity(python_of(known["venv"])) == known["python"]
    except (KeyError, OSError):
        return False


def read_stamp(home: str) -> Dict[str, str]:
    """What was installed last; nothing where that cannot be read."""
    try:
        stamp = json.loads(read(os.path.join(home, "installed.json")))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in stamp.items()} if isinstance(stamp, dict) else {}


def write_stamp(home: str, known: Dict[str, str]) -> None:
    """Whole or not at all."""
    fresh = os.path.join(home, "installed.json.new")
    with open(fresh, "w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump(known, file)
    os.replace(fresh, os.path.join(home, "installed.json"))


@contextlib.contextmanager
def locked(home: str) -> Iterator[None]:
    """One set-up at a time; the lock goes with the process that holds it."""
    with open(os.path.join(home, "lock"), "a") as file:
        told = False
        while not try_lock(file):
            if not told:
                print("Another start.py is setting up the course: waiting for it.", flush=True)
            told = True
            time.sleep(0.5)
        yield


def try_lock(file: Any) -> bool:
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def release() -> Dict[str, str]:
    """The wheel in this folder, and a digest of it with its pins. Raises Problem: it is not there, or twice."""
    wheels = sorted(name for name in os.listdir(HERE) if name.endswith(".whl"))
    if len(wheels) != 1 or not os.path.isfile(os.path.join(HERE, "constraints.txt")):
        raise Problem(f"{HERE}: one wheel and constraints.txt belong here. Unpack the whole release again.")
    total = hashlib.sha256()
    for name in (wheels[0], "constraints.txt"):
        with open(os.path.join(HERE, name), "rb") as file:
            total.update(file.read())
    name, at = wheels[0].split("-")[:2]
    return {"name": name, "version": at, "wheel": os.path.join(HERE, wheels[0]), "digest": total.hexdigest()}


def require_writable(home: str) -> None:
    """Raises Problem where nothing can be written."""
    try:
        os.makedirs(home, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
    except OSError as problem:
        raise Problem(
            f"{home}: cannot be written ({problem.strerror}). "
            "Set the variable AUTOGRADER_HOME to a folder of yours, and start again."
        )


def require_room(home: str) -> None:
    """Raises Problem: the disk would be full before the environment is made, of which pip's words tell little."""
    free = shutil.disk_usage(home).free // 10**6
    if free < MEGABYTES:
        raise Problem(
            f"{home}: {free} MB are free there, and about {MEGABYTES} are needed. Make room, or set the variable "
            "AUTOGRADER_HOME to a folder on another disk, and start again."
        )


def make_venv(venv: str) -> None:
    """An empty environment with pip. Raises Problem."""
    words = [sys.executable, "-P", "-m", "venv", "--clear", venv]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environ())
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").split("\n")
        raise Problem(f"{venv}: no environment could be made there: {last_words(said)}")


# Packages


def install(python: str, wanted: List[str], pins: str) -> List[str]:
    """pip install `wanted` at the tested versions, or as near to them as there is something for this Python.

    Returns a line for each version that could not be had, and for each line that is no version. Raises Problem: no
    connection, or nothing fits.
    """
    done, said = pip(python, ["install", "--constraint", pins, *packages(wanted)], shown=True)
    if done:
        return []
    tested = read_pins(pins)
    changed = missing_pins(python, wanted, tested, said)
    exact = {name: pin for name, pin in tested.items() if pin[0] == "=="}
    lines = [f"{os.path.basename(pins)}: {line!r} is no version and was left out" for line in unreadable(pins)]
    lines += [
        f"{name} {tested[name][1]} is not to be had for Python {version()}; taken: {at or 'what fits'}. "
        "`doctor` lists what differs from the tested versions."
        for name, at in sorted(changed.items())
    ]
    unfit = "fit together here, or with pip's own configuration; the newest were taken. `doctor` lists them."
    for kept, told in (
        (tested, lines),
        (exact, [*lines, f"Not all tested ranges {unfit}"]),
        ({}, [f"Not all tested versions {unfit}"]),
    ):
        with tempfile.TemporaryDirectory() as folder:
            nearer = os.path.join(folder, "constraints.txt")
            with open(nearer, "w", encoding="utf-8") as file:
                file.write(relaxed(kept, changed if kept else {}))
            done, said = pip(python, ["install", "--constraint", nearer, *packages(wanted)], shown=True)
        if done:
            return told
    raise Problem(f"the packages could not be installed: {last_words(said)}")


def packages(wanted: List[str]) -> List[str]:
    """Wheels only: a package without one for this Python would take a compiler and many minutes."""
    words = ["--only-binary", ":all:"]
    for name in wanted:
        words += ["--editable", name] if name.startswith(".") else [name]
    return words


def missing_pins(python: str, wanted: List[str], tested: Pins, said: List[str]) -> Dict[str, str]:
    """What to take for each needed pin that the index does not serve for this Python; "" where there is nothing.

    Raises Problem: it is no pin's fault, as nothing can be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        words = ["install", "--dry-run", "--ignore-installed", "--report", report, *packages(wanted)]
        done, last = pip(python, words)
        if not done:
            cause = "" if served(python, "pip") else "is there a connection to the package index? "
            raise Problem(f"the packages could not be had: {cause}{last_words(last or said)}")
        items = json.loads(read(report))["install"]
    ranges = ranges_of(items)
    newest = {plain(item["metadata"]["name"]): item["metadata"]["version"] for item in items}
    changed = {}
    for name in sorted(set(newest) & set(tested)):
        sign, at = tested[name]
        if is_served(sign, at, [newest[name]]):
            continue  # to ask the index for all that it has takes half a second
        there = served(python, name)
        if not is_served(sign, at, there):
            changed[name] = nearest(at, there, ranges.get(name, ""))
    return changed


def ranges_of(items: List[Dict[str, Any]]) -> Dict[str, str]:
    """The ranges that pyproject.toml sets, from pip's report: those of what was asked for by its path."""
    ranges = {}
    for item in items:
        for line in item["metadata"].get("requires_dist", []) if item["is_direct"] else []:
            match = re.match(r"([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*)", line)
            if match:
                ranges[plain(match.group(1))] = match.group(2)
    return ranges


def read_pins(path: str) -> Pins:
    """The versions of a constraints file. Raises Problem: it holds none."""
    pins = re.findall(r"^([\w.-]+)\s*(==|<=)\s*([\w.!+]+)", read(path), re.M)
    if not pins:
        raise Problem(f"{path}: holds no versions. Take the one that came with the course.")
    return {plain(name): (sign, at) for name, sign, at in pins}


def unreadable(path: str) -> List[str]:
    """The lines of a constraints file that are neither versions nor comments."""
    lines = [line.split("#")[0].strip() for line in read(path).splitlines()]
    return [line for line in lines if line and not re.match(r"[\w.-]+\s*(==|<=)\s*[\w.!+]+$", line)]


def served(python: str, name: str) -> List[str]:
    """The versions that the index has for this Python, as wheels."""
    done, said = pip(python, ["index", "versions", name, "--only-binary", ":all:"])
    match = re.search(r"^Available versions: (.*)$", "\n".join(said), re.M) if done else None
    return [at.strip() for at in match.group(1).split(",")] if match else []


def is_served(sign: str, at: str, there: List[str]) -> bool:
    """Whether a pin can be met: its version is there, or for <= an older one."""
    return at in there or (sign == "<=" and any(number(v) and number(v) <= number(at) for v in there))


def nearest(at: str, there: List[str], limits: str) -> str:
    """The newest version below `at` that is there within `limits`, else the oldest above; "" where there is none."""
    fitting = sorted((v for v in there if number(v) and is_within(v, limits)), key=number)
    older = [v for v in fitting if number(v) <= number(at)]
    return older[-1] if older else fitting[0] if fitting else ""


def is_within(at: str, limits: str) -> bool:
    """Whether a version is in a range such as `>=2.0,<3`."""
    for sign, bound in re.findall(r"(>=|<=|==|!=|~=|<|>)\s*([\w.]+)", limits):
        left, right = number(at), number(bound)
        holds = {
            ">=": left >= right,
            "~=": left >= right,
            ">": left > right,
            "<=": left <= right,
            "<": left < right,
            "==": left == right,
            "!=": left != right,
        }
        if not holds[sign]:
            return False
    return True


def number(at: str) -> Tuple[int, ...]:
    """A released version as numbers that compare; nothing for a pre-release."""
    if not re.match(r"\d+(\.\d+)*(\.post\d+)?$", at):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", re.sub(r"(\.0)+$", "", at)))


def relaxed(tested: Pins, changed: Dict[str, str]) -> str:
    """The constraints with each changed pin at what was found for it, or without it."""
    kept = [f"{name}{sign}{at}" for name, (sign, at) in tested.items() if name not in changed]
    return "\n".join(kept + [f"{name}=={version}" for name, version in changed.items() if version]) + "\n"


def plain(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(python: str, words: List[str], shown: bool = False) -> Tuple[bool, List[str]]:
    """Run pip. Returns whether it succeeded, and what it said; `shown` names the packages as they come."""
    environ = clean_environ(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PYTHONUTF8="1")
    for name in ("TARGET", "PREFIX", "ROOT", "DRY_RUN", "CONSTRAINT", "PYTHON"):
        environ.pop(f"PIP_{name}", None)
    shown = shown and sys.stdout.isatty()
    said = []
    command_line = [python, "-P", "-m", "pip", *words]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ) as work:
        for raw in work.stdout or ():
            said.append(raw.decode("utf-8", "replace").rstrip())
            match = re.match(r"Collecting ([\w.-]+)", said[-1])
            if shown and match:
                print(f"\r  {match.group(1):60}", end="", flush=True)
    if shown:
        print("\r" + " " * 62 + "\r", end="", flush=True)
    return work.returncode == 0, said


def clean_environ(**more: str) -> Dict[str, str]:
    """The environment's variables, without those that let another Python's packages in, or make warnings errors."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS")
    return dict({name: value for name, value in os.environ.items() if name not in foreign}, **more)


def last_words(said: List[str]) -> str:
    """pip's own reason in one line: an ERROR that says something, else the last line, which ends a traceback."""
    lines = [line.strip() for line in said if line.strip() and not line.startswith("WARNING:")]
    errors = [line[7:] for line in lines if line.startswith("ERROR: ") and not line.endswith(":")]
    return (errors[-1:] or lines[-1:] or ["no word of why"])[0][:300]


# Commands


def remember(home: str) -> None:
    """Keep where this release lies, so that `progress` shows all assignments of the course."""
    path = os.path.join(home, "folders.txt")
    known = read(path).split("\n") if os.path.isfile(path) else []
    if HERE not in known:
        with open(path, "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(HERE + "\n")


def run(home: str, arguments: List[str]) -> int:
    """The course's program on this folder. Returns its exit code."""
    here = os.path.realpath(HERE) + os.sep
    elsewhere = [] if (os.path.realpath(os.getcwd()) + os.sep).startswith(here) else ["--course", HERE]
    # -P: a file of the student's that is called random.py is no module of Python's.
    words = [python_of(read_stamp(home)["venv"]), "-P", "-m", "autograder", *elsewhere, *arguments]
    environ = clean_environ(AUTOGRADER_COMMAND=command(), AUTOGRADER_FOLDERS=os.path.join(home, "folders.txt"))
    sys.stdout.flush()  # what we said would be lost
    if not WINDOWS:
        os.execve(words[0], words, environ)
    try:
        return subprocess.call(words, env=environ)
    except KeyboardInterrupt:  # the program heard it too, and ended
        return 130


def command() -> str:
    """How this file is started, as it can be typed again in any shell: `python3 start.py`."""
    return f"{python_word()} {own_path()}"


def own_path() -> str:
    """This file, from the folder that one is in."""
    path = os.path.join(HERE, "start.py")
    if os.path.splitdrive(HERE)[0] == os.path.splitdrive(os.getcwd())[0]:
        path = os.path.relpath(path)
    return quoted(os.path.join(".", path) if path.startswith("-") else path)


def python_word() -> str:
    """The shortest name that starts this very Python."""
    exact = dotted(sys.version_info[:2])
    names = ["py", "python", f"py -{exact}"] if WINDOWS else ["python3", "python", f"python{exact}"]
    for name in names:
        if shutil.which(name.split()[0]) and is_this_python(name.split()):
            return name
    return quoted(sys.executable)


def is_this_python(words: List[str]) -> bool:
    path = str(shutil.which(words[0]))
    if len(words) > 1 or not os.path.samefile(path, sys.executable):  # a launcher: ask it
        path = answer([*words, "-c", "import sys; print(sys.executable)"])
    return bool(path) and os.path.realpath(path) == os.path.realpath(sys.executable)


def quoted(path: str) -> str:
    """As a shell takes it for one word."""
    if re.match(r"[\w./\\:+-]+$" if WINDOWS else r"[\w./:+-]+$", path):
        return path
    return f'"{path}"' if WINDOWS else "'" + path.replace("'", "'\\''") + "'"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
