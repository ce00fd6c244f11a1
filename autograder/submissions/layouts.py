"""How learning platforms lay out a class's hand-ins: whose each file or folder is, and of which attempt.

Only names are looked at, and Gradescope's list of submissions. Sources: the platforms' documentation and the names in
public issues of graders that read them (`Jane Doe_1234_assignsubmission_file_`, `doejane_LATE_12345_678901_work-1.py`,
`Homework_doej_attempt_2027-01-22-10-00-00_work.py`, `1234-5678 - Jane Doe - Jan 22, 2027 1000 AM`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from autograder.errors import CourseError

METADATA = "submission_metadata.yml"
METADATA_BYTES = 16 << 20


@dataclass(frozen=True)
class Owner:
    """Whose a name is. `ids` are what the platform calls the student; `order` tells attempts apart, the newest last.

    base: what the file was called when it was handed in; empty for a folder or zip that is taken whole. `is_late`: the
    platform says so in the name.
    """

    name: str
    ids: tuple[str, ...] = ()
    order: str = ""
    base: str = ""
    is_late: bool = False


#: Longer names are no platform's.
_NAME = 512
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<base>.*))?\Z")
_CANVAS = re.compile(r"(?P<name>[^\W\d_][^\W_]*?)_(?P<late>late_)?(?P<id>\d+)_(?P<attempt>\d+)_(?P<base>.+)\Z", re.I)
_BLACKBOARD = re.compile(r".+?_(?P<id>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<base>.+)|\.txt)\Z")
_BRIGHTSPACE = re.compile(
    r"(?P<id>\d+-\d+) ?- ?(?P<name>.+?) ?- ?(?P<when>[A-Z][a-z]{2,8} \d{1,2},? \d{4} \d{1,2}:?\d\d ?[AP]M)"
    r"(?: ?- ?(?P<base>.+))?\Z"
)
#: Files that platforms put beside the hand-ins.
_OWN = re.compile(r"(index|readme)\.html?", re.I)


def _moodles(name: str, is_folder: bool) -> Owner | None:
    if (match := _MOODLE.match(name)) is None:
        return None
    order = "file" if match["kind"] == "file" else ""  # a text that was typed in counts where there is no file
    return Owner(match["name"], (match["id"],), order, "" if is_folder else match["base"] or name)


def _brightspaces(name: str, is_folder: bool) -> Owner | None:
    if (match := _BRIGHTSPACE.match(name)) is None:
        return None
    ids = (match["id"], match["id"].partition("-")[0])
    return Owner(match["name"], ids, _time(match["when"]), match["base"] or "")


def _blackboards(name: str, is_folder: bool) -> Owner | None:
    match = None if is_folder else _BLACKBOARD.match(name)
    return match and Owner(match["id"], (match["id"],), match["when"], match["base"] or "")


def _canvass(name: str, is_folder: bool) -> Owner | None:
    match = None if is_folder else _CANVAS.match(_in_letters(name))
    if match is None:
        return None
    base = name[slice(*match.span("base"))]
    return Owner(name[slice(*match.span("name"))], (match["id"],), base=base, is_late=bool(match["late"]))


def _in_letters(name: str) -> str:
    """The name with a letter for each mark and joiner, which are part of many names and no letters."""
    return "".join("x" if unicodedata.category(c) in ("Mn", "Mc", "Cf") else c for c in name)


#: How a platform's names are read: whose it is, or None where they are no such names.
Platform = Callable[[str, bool], Owner | None]
PLATFORMS: tuple[Platform, ...] = (_moodles, _brightspaces, _blackboards, _canvass)


def platforms_of(names: Collection[tuple[str, bool]]) -> tuple[Platform, ...]:
    """In which order a class's names (with whether each is a folder's) are to be read: as most of them can be first.

    A name ends as its student chose, perhaps as another platform writes that it is somebody else's; that of the
    class fits all the same, and the others' names too.
    """
    return tuple(sorted(PLATFORMS, key=lambda p: -sum(owner_of(*each, (p,)) is not None for each in names)))


def owner_of(name: str, is_folder: bool, platforms: Iterable[Platform] = PLATFORMS) -> Owner | None:
    """Whose a file or folder at the top of a class is, where a platform tells it in the name; else None."""
    if len(name) > _NAME:
        return None
    return next((owner for platform in platforms if (owner := platform(name, is_folder))), None)


def is_platforms_own(name: str) -> bool:
    """Whether a platform wrote a loose file, and no student."""
    note = owner_of(name, False, (_blackboards,))
    return _OWN.fullmatch(name) is not None or name == METADATA or (note is not None and not note.base)


def _time(text: str) -> str:
    """A time as a text that sorts; what cannot be read sorts first."""
    plain = re.sub(r"[,:]", "", text)  # Jan 22 2027 1000 AM
    told = re.sub(r"\A(\w{3})\w*(.*) (\d{3,4}) ?(?=[AP]M)", lambda m: f"{m[1]}{m[2]} {m[3]:0>4} ", plain)
    try:
        return datetime.strptime(told, "%b %d %Y %I%M %p").isoformat()
    except ValueError:
        return ""


def of_gradescope(content: bytes) -> dict[str, list[Owner]]:
    """Whose each folder of a Gradescope export is, by submission_metadata.yml; several for a group.

    Raises CourseError: no such file.
    """
    try:
        folders = yaml.safe_load(content.decode("utf-8-sig"))
        return {
            str(folder): [_submitter(each) for each in _of(entry, "submitters")] for folder, entry in folders.items()
        }
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError, RecursionError, ValueError) as problem:
        said = f"not as Gradescope writes it ({type(problem).__name__}). Download it anew."
        raise CourseError(f"{METADATA}: {said}") from None


def _of(entry: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return list(entry.get(f":{key}", entry.get(key)) or [])


def _submitter(entry: Mapping[str, Any]) -> Owner:
    told = {str(key).lstrip(":"): str(value) for key, value in entry.items() if isinstance(value, str | int | float)}
    ids = tuple(told[key] for key in ("sid", "email") if told.get(key))
    return Owner(told.get("name") or told.get("email") or "without a name", ids)


def login_prefix(folders: Iterable[str]) -> str:
    """What the names of a class's repositories have in common: `assignment-` of `assignment-login`."""
    names = sorted(folders)
    ends = [i for i, letter in enumerate(names[0]) if letter == "-"] if len(names) > 1 else []
    common = [names[0][: end + 1] for end in ends if all(name[: end + 1] == names[0][: end + 1] for name in names)]
    return common[-1] if common and all(len(name) > len(common[-1]) for name in names) else ""
