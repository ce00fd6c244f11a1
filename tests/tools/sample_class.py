"""A sample class for one assignment, made from the course's own references, variants and mutants.

`python tests/tools/sample_class.py DIR` writes one folder (or zip) a student and roster.csv beside them. The
demo grades it, and the tests know how each student must come out.
"""

from __future__ import annotations

import csv
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from autograder.course import Course, Exercise
from autograder.judge.mutants import read_mutants

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "dirty-it"

Modules = dict[str, bytes]  # slug: source


def references(course: Course) -> Modules:
    return {e.slug: e.solution.read_bytes() for e in course.assignment(ASSIGNMENT).exercises}


def variants(course: Course, number: int) -> Modules:
    """The number-th correct variant of every exercise."""
    return {e.slug: e.variants[number].read_bytes() for e in course.assignment(ASSIGNMENT).exercises}


def stubs(course: Course) -> Modules:
    return {e.slug: e.stub.read_bytes() for e in course.assignment(ASSIGNMENT).exercises}


def mutant(exercise: Exercise, name: str) -> bytes:
    return next(m.source for m in read_mutants(exercise) if m.name == name).encode()


def with_mutants(course: Course, **names: str) -> Modules:
    """The references, but for one misconception in each exercise that is named."""
    return references(course) | {slug: mutant(course.exercise(slug), name) for slug, name in names.items()}


def edited(course: Course, slug: str, edit: Callable[[bytes], bytes]) -> Modules:
    modules = references(course)
    changed = edit(modules[slug])
    assert changed != modules[slug], f"the edit of {slug} changes nothing"
    return modules | {slug: changed}


def without_predict_eps(source: bytes) -> bytes:
    return source[: source.index(b"def predict_eps")]


def hanging_half_life(source: bytes) -> bytes:
    return (
        source + b"\n\ndef half_life(decay):\n    steps = 0\n    while decay:\n        steps += 1\n    return steps\n"
    )


def noisy_prints(source: bytes) -> bytes:
    """One hundred megabytes of prints on import, and a warning at every call."""
    flood = b"\nimport sys, warnings\nfor _ in range(100):\n    print('x' * 1_000_000)\n"
    return source + flood + b"warnings.warn('a warning that costs nothing')\nprint('debug', file=sys.stderr)\n"


def sample_class(course: Course) -> dict[str, Modules]:
    """The modules of each student, by name."""
    good = references(course)
    return {
        "ada_perfect": good,
        "bela_variant": variants(course, 0),
        "chidi_variant": variants(course, 1),
        "dana_variant": variants(course, 2),
        "emil_partial": {**stubs(course), "forward_chain": good["forward_chain"], "decay": good["decay"]},
        "fatima_no_sqrt": with_mutants(course, noisy_sample="no_sqrt"),
        "goro_level_before": with_mutants(course, noisy_sample="level_before"),
        "hana_two_mistakes": with_mutants(course, noisy_sample="x0_no_division", schedules=SCHEDULES_MUTANT),
        "ivan_decay": with_mutants(course, decay=DECAY_MUTANT),
        "jaya_chain": with_mutants(course, forward_chain=CHAIN_MUTANT),
        "kofi_syntax_error": good
        | {"noisy_sample": good["noisy_sample"].replace(b"def add_noise(", b"def add_noise((")},
        "lena_import_error": good | {"decay": b"import torch\n" + good["decay"]},
        "mina_function_missing": edited(course, "noisy_sample", without_predict_eps),
        "nils_hangs_in_a_call": edited(course, "decay", hanging_half_life),
        "olga_hangs_at_import": edited(course, "schedules", lambda source: source + b"\nwhile True:\n    pass\n"),
        "pavel_prints_100_mb": edited(course, "forward_chain", noisy_prints),
        "quynh_not_utf8": good | {"schedules": b"# caf\xe9\n" + good["schedules"]},
        "rosa_empty_file": good | {"noisy_sample": b""},
        "sami_empty_folder": {},
        "tara_untouched": stubs(course),
    }


CHAIN_MUTANT, DECAY_MUTANT, SCHEDULES_MUTANT = "float64", "decay_for_decay_squared", "cumprod_of_beta"
NOTHING = "uma_handed_in_nothing"
BROKEN_ZIP = "viktor_broken_zip"
TWICE = "wen_two_of_one_name"


def write_class(folder: Path, course: Course, broken: bool = False) -> None:
    """A folder a student (one comes as a zip), and roster.csv, on which one more stands.

    With `broken`, two submissions are added that cannot be graded at all.
    """
    students = sample_class(course)
    for name, modules in students.items():
        if name == "bela_variant":
            write_zip(folder / f"{name}.zip", modules)
            continue
        (folder / name).mkdir(parents=True)
        for slug, source in modules.items():
            (folder / name / f"{slug}.py").write_bytes(source)
    names = [*students, NOTHING]
    if broken:
        names += [BROKEN_ZIP, TWICE]
        (folder / f"{BROKEN_ZIP}.zip").write_bytes(b"PK\x03\x04 this is no zip")
        for place in ("first", "second"):
            (folder / TWICE / place).mkdir(parents=True)
            (folder / TWICE / place / "decay.py").write_text(f"# {place}\n")
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["student"], *([name] for name in names)])


def write_zip(path: Path, modules: Modules) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for slug, source in modules.items():
            archive.writestr(f"exercises/{slug}/{slug}.py", source)


if __name__ == "__main__":
    write_class(Path(sys.argv[1]), Course.load(ROOT))
