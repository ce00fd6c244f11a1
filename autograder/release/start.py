"""Set up the course, once, and run its commands: `python3 start.py`, then what it says.

Standard library only, in syntax that Python 3.6 can read, so that an old Python is told what is missing instead of
a SyntaxError. A release carries this file as it is; `make` uses it for the project's own `.venv`.
"""

import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any, Dict, List, Optional, Tuple

LOWEST = (3, 11, 2)
WINDOWS = os.name == "nt"
HERE = os.path.dirname(os.path.abspath(__file__))

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
        by_make = arguments[:1] == ["--venv"]  # into this environment, with these pins, these requirements
        require_python("make PYTHON={}" if by_make else "{} start.py")
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
    if not os.path.exists(python_of(venv)):
        make_venv(venv)
    for line in install(python_of(venv), list(wanted), pins):
        print(line)
    return 0


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
            found = answer([*words, "-c", "import sys; print(*sys.version_info[:3])"])
            if found and tuple(int(n) for n in found.split()) >= LOWEST:
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
    if os.environ.get("AUTOGRADER_HOME"):
        return os.path.abspath(os.environ["AUTOGRADER_HOME"])
    usual = os.path.join("~", "AppData", "Local") if WINDOWS else os.path.join("~", ".local", "share")
    base = os.environ.get("LOCALAPPDATA" if WINDOWS else "XDG_DATA_HOME") or os.path.expanduser(usual)
    return os.path.join(base, "autograder")


def require_own_folder() -> None:
    """Raises Problem: nobody can work in a folder that cannot be written, as in a zip that is only looked into."""
    if not os.access(HERE, os.W_OK):
        raise Problem(f"{HERE}: cannot be written, so you cannot work in it. Copy it to a folder of yours.")


def course_slug() -> str:
    """A folder's name from the course's title. Raises Problem: this is no release, or half of one."""
    path = os.path.join(HERE, "course.yml")
    if not os.path.isfile(path):
        raise Problem(f"{path}: no such file. Unpack the whole release again, and start it from there.")
    found = re.search(r"^title:\s*(.+)$", read(path), re.M)
    title = found.group(1) if found else ""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:60] or hashlib.sha256(title.encode("utf-8")).hexdigest()[:12]


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def python_of(venv: str) -> str:
    return os.path.join(venv, "Scripts", "python.exe") if WINDOWS else os.path.join(venv, "bin", "python")


# The environment


def set_up(home: str) -> None:
    """The course's environment, made, or brought up to date where this release brings a newer program."""
    venv, stamp = os.path.join(home, "venv"), os.path.join(home, "installed.json")
    python, ours = python_of(venv), release()
    known = json.loads(read(stamp)) if os.path.isfile(stamp) and os.path.exists(python) else {}
    if known.get("digest") == ours["digest"] or number(known.get("version", "")) > number(ours["version"]):
        return
    require_writable(home)
    if os.path.isfile(stamp):
        os.remove(stamp)
    if known:
        print("This release brings another version of the course's program: taking it.")
        pip(python, ["uninstall", "--quiet", "--yes", ours["name"]])
    else:
        print(f"Making the course's environment, once, in {venv}: a minute or two, about 250 MB.")
        make_venv(venv)
    for line in install(python, [ours["wheel"] + "[pictures,watch]"], os.path.join(HERE, "constraints.txt")):
        print(line)
    with open(stamp, "w") as file:
        json.dump(ours, file)
    print(f"For your editor: the interpreter is {python}")


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


def make_venv(venv: str) -> None:
    """An empty environment with pip. Raises Problem."""
    require_venv()
    words = [sys.executable, "-m", "venv", "--clear", venv]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").split("\n")
        raise Problem(f"{venv}: no environment could be made there: {last_words(said)}")


# Packages


def install(python: str, wanted: List[str], pins: str) -> List[str]:
    """pip install `wanted` at the tested versions, or as near to them as there is something for this Python.

    Returns a line for each version that could not be had. Raises Problem: no connection, or nothing fits.
    """
    done, said = pip(python, ["install", "--constraint", pins, *packages(wanted)], shown=True)
    if done:
        return []
    tested = read_pins(pins)
    changed = missing_pins(python, wanted, tested, said)
    with tempfile.TemporaryDirectory() as folder:
        nearer = os.path.join(folder, "constraints.txt")
        with open(nearer, "w") as file:
            file.write(relaxed(tested, changed))
        if changed and pip(python, ["install", "--constraint", nearer, *packages(wanted)], shown=True)[0]:
            return [
                f"{name} {tested[name][1]} is not to be had for Python {version()}; taken: {found or 'what fits'}. "
                "`doctor` lists what differs from the tested versions."
                for name, found in sorted(changed.items())
            ]
    done, said = pip(python, ["install", *packages(wanted)], shown=True)
    if done:
        return ["The tested versions do not fit together here; the newest were taken. `doctor` lists them."]
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
    changed = {}
    for name in sorted({plain(item["metadata"]["name"]) for item in items} & set(tested)):
        sign, at = tested[name]
        there = served(python, name)
        if not is_served(sign, at, there):
            changed[name] = nearest(at, there, ranges.get(name, ""))
    return changed


def ranges_of(items: List[Dict[str, Any]]) -> Dict[str, str]:
    """The ranges that pyproject.toml sets, from pip's report: those of what was asked for by its path."""
    ranges = {}
    for item in items:
        for line in item["metadata"].get("requires_dist", []) if item["is_direct"] else []:
            found = re.match(r"([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*)", line)
            if found:
                ranges[plain(found.group(1))] = found.group(2)
    return ranges


def read_pins(path: str) -> Pins:
    found = re.findall(r"^([\w.-]+)\s*(==|<=)\s*([^\s;#]+)", read(path), re.M)
    return {plain(name): (sign, at) for name, sign, at in found}


def served(python: str, name: str) -> List[str]:
    """The versions that the index has for this Python, as wheels."""
    done, said = pip(python, ["index", "versions", name, "--only-binary", ":all:"])
    found = re.search(r"^Available versions: (.*)$", "\n".join(said), re.M) if done else None
    return [at.strip() for at in found.group(1).split(",")] if found else []


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
    return "\n".join(kept + [f"{name}=={found}" for name, found in changed.items() if found]) + "\n"


def plain(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(python: str, words: List[str], shown: bool = False) -> Tuple[bool, List[str]]:
    """Run pip. Returns whether it succeeded, and what it said; `shown` names the packages as they come."""
    environ = clean_environ(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PYTHONUTF8="1")
    for name in ("PIP_TARGET", "PIP_PREFIX"):
        environ.pop(name, None)
    shown = shown and sys.stdout.isatty()
    said = []
    command_line = [python, "-m", "pip", *words]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ) as work:
        for raw in work.stdout or ():
            said.append(raw.decode("utf-8", "replace").rstrip())
            found = re.match(r"Collecting ([\w.-]+)", said[-1])
            if shown and found:
                print(f"\r  {found.group(1):60}", end="", flush=True)
    if shown:
        print("\r" + " " * 62 + "\r", end="", flush=True)
    return work.returncode == 0, said


def clean_environ(**more: str) -> Dict[str, str]:
    """The environment's variables, without those that let another Python's packages in, or make warnings errors."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS")
    return dict({name: value for name, value in os.environ.items() if name not in foreign}, **more)


def last_words(said: List[str]) -> str:
    """The first line of `said` that tells of an error, else the last one, which ends a traceback."""
    lines = [line.strip() for line in said if line.strip()]
    errors = [line.replace("ERROR: ", "") for line in lines if "error" in line.lower() and not line.endswith(":")]
    return (errors or lines[-1:] or ["no word of why"])[0][:400]


# Commands


def remember(home: str) -> None:
    """Keep where this release lies, so that `progress` shows all assignments of the course."""
    path = os.path.join(home, "folders.txt")
    known = read(path).splitlines() if os.path.isfile(path) else []
    if HERE not in known:
        with open(path, "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(HERE + "\n")


def run(home: str, arguments: List[str]) -> int:
    """The course's program on this folder. Returns its exit code."""
    here = os.path.realpath(HERE) + os.sep
    elsewhere = [] if (os.path.realpath(os.getcwd()) + os.sep).startswith(here) else ["--course", HERE]
    # -P: a file of the student's that is called random.py is no module of Python's.
    words = [python_of(os.path.join(home, "venv")), "-P", "-m", "autograder", *elsewhere, *arguments]
    environ = clean_environ(AUTOGRADER_COMMAND=command(), AUTOGRADER_FOLDERS=os.path.join(home, "folders.txt"))
    if not WINDOWS:
        os.execve(words[0], words, environ)
    try:
        return subprocess.call(words, env=environ)
    except KeyboardInterrupt:  # the program heard it too, and ended
        return 130


def command() -> str:
    """How this file is started, as it can be typed again in any shell: `python3 start.py`."""
    path = os.path.join(HERE, "start.py")
    if os.path.splitdrive(HERE)[0] == os.path.splitdrive(os.getcwd())[0]:
        path = os.path.relpath(path)
    return f"{python_word()} {quoted(path)}"


def python_word() -> str:
    """The shortest name that starts this very Python."""
    exact = dotted(sys.version_info[:2])
    names = ["py", "python", f"py -{exact}"] if WINDOWS else ["python3", "python", f"python{exact}"]
    for name in names:
        if shutil.which(name.split()[0]) and is_this_python(name.split()):
            return name
    return quoted(sys.executable)


def is_this_python(words: List[str]) -> bool:
    found = str(shutil.which(words[0]))
    if len(words) > 1 or not os.path.samefile(found, sys.executable):  # a launcher: ask it
        found = answer([*words, "-c", "import sys; print(sys.executable)"])
    return bool(found) and os.path.realpath(found) == os.path.realpath(sys.executable)


def quoted(path: str) -> str:
    """As a shell takes it for one word."""
    if re.match(r"[\w./\\:+-]+$", path):
        return path
    return f'"{path}"' if WINDOWS else "'" + path.replace("'", "'\\''") + "'"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
