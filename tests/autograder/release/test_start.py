"""start.py: no pin can stop a set-up, and whatever does is told in one line. With real pips and environments."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder import versions
from autograder.course import Course
from autograder.invoked import command, pip_install
from autograder.release import folder, start

ROOT = Path(__file__).resolve().parents[3]
SOURCE = Path(start.__file__)
SLOW = pytest.mark.slow


# Which Python


def test_an_old_python_can_read_it() -> None:
    """Of Pythons before 3.6 there are hardly any left; newer ones than that get a line, not a SyntaxError."""
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = {line.split()[1].split(".")[0] for line in re.findall(r"^(?:import|from) .*", SOURCE.read_text(), re.M)}
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize("name", ["python3.6", "python3.8", "python3.9", "python3.10"])
def test_a_python_that_is_too_old_is_told_in_one_line(name: str) -> None:
    if not start.answer([name, "--version"]):
        pytest.skip("this old Python is not installed")
    done = subprocess.run([name, str(SOURCE)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"start\.py: this is Python 3\.\d+\.\d+, the course needs 3\.11\.2 or newer; .+\n", done.stderr)


@pytest.mark.parametrize("old", [(3, 6, 15), (3, 10, 13), (3, 11, 1)])
def test_the_patch_level_counts_too(
    old: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (*old, "final", 0))
    assert start.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"start.py: this is Python {start.dotted(old)}, the course needs 3.11.2 or newer; ")
    assert said.count("\n") == 1


def test_what_is_promised_is_one_thing_everywhere() -> None:
    lowest = start.dotted(start.LOWEST)
    assert f'requires-python = ">={lowest}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"Python {lowest} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert versions.known_pythons()[0] == start.dotted(start.LOWEST[:2])


# Pins, against an index of our own, the cache switched off


def make_wheel(
    index: Path, name: str, version: str, python: str = ">=3.8", needs: tuple[str, ...] = (), **modules: str
) -> Path:
    """A wheel, with modules if any, in a folder that pip reads as an index."""
    (index / name).mkdir(parents=True, exist_ok=True)
    path = index / name / f"{name}-{version}-py3-none-any.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", f"Requires-Python: {python}"]
    with zipfile.ZipFile(path, "w") as wheel:
        info = f"{name}-{version}.dist-info"
        wheel.writestr(f"{info}/METADATA", "\n".join([*lines, *(f"Requires-Dist: {need}" for need in needs)]) + "\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        record = [f"{info}/{part},," for part in ("METADATA", "WHEEL", "RECORD")]
        for module, text in modules.items():
            wheel.writestr(file := module.replace(".", "/") + ".py", text)
            record.append(f"{file},,")
        wheel.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    escaped = python.replace(">", "&gt;").replace("<", "&lt;")
    with (index / name / "index.html").open("a") as page:
        page.write(f'<a href="{path.name}" data-requires-python="{escaped}">{path.name}</a>\n')
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index: of each package some versions, the newest of which often want a Python that does not exist yet."""
    index = tmp_path_factory.mktemp("index")
    for name, there in {"exact": "1.0 1.5 3.0", "young": "1.0 2.0", "capped": "0.9 2.0", "late": "1.0 2.0"}.items():
        for version in there.split():
            make_wheel(index, name, version, ">=3.99" if (name, version) == ("young", "2.0") else ">=3.8")
    make_wheel(index, "lesson", "1.0", needs=("exact>=1.0,<3", "young>=0.5", "capped", "late"))
    return index


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = str(tmp_path_factory.mktemp("venv") / "é ü")
    start.make_venv(made)
    return start.python_of(made)


@pytest.fixture
def only_shop(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", shop.as_uri())
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


def installed(python: str) -> dict[str, str]:
    done, said = start.pip(python, ["freeze", "--all"])
    assert done
    return dict(re.findall(r"^(\w+)(?:==| @ )(\S+)", "\n".join(said), re.M))


GOOD = {"exact": "==1.5", "young": "==1.0", "capped": "<=1.0", "late": "<=9"}


@pytest.mark.usefixtures("only_shop")
@pytest.mark.parametrize(
    ("pins", "took", "said"),
    [
        ({}, {"exact": "1.5", "young": "1.0", "capped": "0.9", "late": "2.0"}, {}),
        ({"young": "==2.0"}, {"young": "1.0"}, {"young 2.0": "1.0"}),  # wants a newer Python
        *(
            pytest.param(*each, marks=SLOW)
            for each in (
                ({"exact": "==1.9"}, {"exact": "1.5"}, {"exact 1.9": "1.5"}),  # never existed, or is gone
                ({"exact": "==3.0"}, {"exact": "1.5"}, {}),  # there, and outside pyproject's range
                ({"late": "<=0.5"}, {"late": "1.0"}, {"late 0.5": "1.0"}),  # nothing that old is left
            )
        ),
        ({"exact": "==0.1", "young": "==2.0"}, {"exact": "1.0"}, {"exact 0.1": "1.0", "young 2.0": "1.0"}),
    ],
)
def test_a_pin_that_cannot_be_had_is_named_and_the_nearest_taken(
    pins: dict[str, str], took: dict[str, str], said: dict[str, str], venv: str, shop: Path, tmp_path: Path
) -> None:
    tested = tmp_path / "constraints.txt"
    tested.write_text("# tested\n" + "".join(f"{name}{pin}\n" for name, pin in (GOOD | pins).items()))
    start.pip(venv, ["uninstall", "--yes", "lesson", *GOOD])
    wheel = shop / "lesson" / "lesson-1.0-py3-none-any.whl"
    lines = start.install(venv, [str(wheel)], str(tested))
    found = installed(venv)
    assert {name: found[name] for name in took} == took
    assert "lesson" in found
    for (pin, taken), line in zip(sorted(said.items()), lines, strict=False):
        assert line.startswith(f"{pin} is not to be had for Python {start.version()}; taken: {taken}. ")
    assert len(lines) == (len(said) or bool(pins))


@pytest.mark.parametrize(
    ("at", "there", "limits", "found"),
    [
        ("2.4.6", ["2.4.5", "2.10.0", "2.3.0"], "", "2.4.5"),
        ("2.4.6", ["2.10.0", "2.5.0"], "", "2.5.0"),
        ("2.4.6", ["2.4.5", "2.5.0", "3.0"], ">=2.5,<3", "2.5.0"),
        ("2.4.6", ["2.4.5rc1", "1.0"], ">=2", ""),
        ("2.0", ["2.0.0.post1", "2"], "~=2.0", "2"),
        ("1", [], "", ""),
    ],
)
def test_nearest_is_the_newest_below_else_the_oldest_above(at: str, there: list[str], limits: str, found: str) -> None:
    assert start.nearest(at, there, limits) == found


def test_what_decides_marks_is_pinned_and_nothing_else_is() -> None:
    exact = {name for name, (sign, _) in versions.tested().items() if sign == "=="}
    assert exact == {"hypothesis", "msgspec", "nbgrader", "numpy", "pydantic", "pyseccomp", "pytest", "pyyaml"}
    assert "numpy" in versions.versions()
    assert "nbgrader" not in versions.versions(), "whether it is there must not change a result's key"
    assert set(start.read_pins(str(ROOT / "autograder" / "constraints.txt"))) == set(versions.tested())


@SLOW
@pytest.mark.usefixtures("only_shop")
def test_what_fits_is_kept_where_not_all_pins_do(venv: str, shop: Path, tmp_path: Path) -> None:
    """Two pins that cannot go together cost the ranges first; a line that is no version costs itself only."""
    tested, wheel = tmp_path / "constraints.txt", str(shop / "lesson" / "lesson-1.0-py3-none-any.whl")
    tested.write_text("exact==1.0\nyoung==1.0\nlate=<1.0\ncapped<=1.0\n")
    start.pip(venv, ["uninstall", "--yes", "lesson", *GOOD])
    lines = start.install(venv, [wheel], str(tested))
    assert lines == ["constraints.txt: 'late=<1.0' is no version and was left out"]
    assert (installed(venv)["exact"], installed(venv)["capped"]) == ("1.0", "0.9")
    tested.write_text("exact==1.0\ncapped<=2.0\nlate<=1.0\n")  # both there, but picky wants another late
    make_wheel(shop, "picky", "1.0", needs=("exact", "capped", "late>=2"))
    start.pip(venv, ["uninstall", "--yes", "lesson", *GOOD])
    lines = start.install(venv, [str(shop / "picky" / "picky-1.0-py3-none-any.whl")], str(tested))
    assert [line[:20] for line in lines] == ["Not all tested range"]
    assert (installed(venv)["exact"], installed(venv)["late"]) == ("1.0", "2.0")


def test_a_constraints_file_without_versions_is_refused(tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text("# nothing\n")
    with pytest.raises(start.Problem, match="holds no versions"):
        start.read_pins(str(tmp_path / "constraints.txt"))


# What a set-up leaves behind, with a release that is small and real

PROGRAM = "import sys\nfrom numpy import VERSION\nprint('program', {!r}, VERSION, sys.argv[1:])\n"


class Desk:
    """A student's folders: releases of a course whose program prints its version, and the home beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.index = folder, folder / "index"
        for name in ("hypothesis", "yaml"):
            make_wheel(self.index, name, "1.0", **{f"{name}.__init__": ""})
        for version in ("1.0", "2.0"):
            make_wheel(self.index, "numpy", version, **{"numpy.__init__": f"VERSION = {version!r}\n"})

    def release(self, name: str, program: str = "1.0", build: str = "a", numpy: str = "1.0") -> Path:
        made = self.folder / name
        made.mkdir(parents=True)
        (made / "start.py").write_bytes(SOURCE.read_bytes())
        (made / "course.yml").write_text("title: A course\n")
        (made / "constraints.txt").write_text(f"numpy=={numpy}\n")
        modules = {"autograder.__init__": "", "autograder.cli": "", "autograder.__main__": PROGRAM.format(build)}
        wheel = make_wheel(
            self.folder / "made" / name, "lawgrader", program, needs=("numpy", "hypothesis", "yaml"), **modules
        )
        wheel.rename(made / wheel.name)
        return made

    @property
    def home(self) -> Path:
        return self.folder / "home" / "a-course"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", made.index.as_uri())
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("AUTOGRADER_HOME", str(tmp_path / "home"))
    return made


@SLOW
def test_two_terminals_at_once_make_one_environment(desk: Desk) -> None:
    release = desk.release("week 1")
    words = [sys.executable, str(release / "start.py"), "check"]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [work.communicate(timeout=300)[0] for work in both]
    assert [work.returncode for work in both] == [0, 0], said
    assert all("program a 1.0" in text for text in said)
    assert sum("once, in" in text for text in said) == 1
    assert len(list(desk.home.glob("venv*"))) == 1


def spoil_stamp(desk: Desk, text: str) -> None:
    (desk.home / "installed.json").write_text(text)


def other_python(desk: Desk) -> None:
    [venv] = desk.home.glob("venv*")
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")


def lost_program(desk: Desk) -> None:
    [folder] = desk.home.glob("venv*/lib/*/site-packages/autograder")
    shutil.rmtree(folder)


def lost_package(desk: Desk) -> None:
    [folder] = desk.home.glob("venv*/lib/*/site-packages/yaml")
    shutil.rmtree(folder)


def lost_configuration(desk: Desk) -> None:
    [file] = desk.home.glob("venv*/pyvenv.cfg")
    file.unlink()


def no_environment(desk: Desk) -> None:
    [venv] = desk.home.glob("venv*")
    shutil.rmtree(venv)


@pytest.mark.parametrize(
    "spoils",
    [
        pytest.param([lambda desk: spoil_stamp(desk, ""), lost_package], id="stamp emptied, a package less"),
        pytest.param([lambda desk: spoil_stamp(desk, "[1]"), lost_program], id="stamp odd, no program", marks=SLOW),
        pytest.param([no_environment, other_python, lost_configuration], id="other Pythons", marks=SLOW),
    ],
)
def test_an_environment_that_was_spoilt_is_made_anew(desk: Desk, spoils: list[Callable[[Desk], None]]) -> None:
    release = desk.release("week 1")
    assert started(release, "check")[0] == 0
    for cache in desk.home.glob("venv*/lib/*/site-packages/__pycache__"):
        shutil.rmtree(cache)
    assert "once, in" not in started(release, "check")[1]
    for spoil in spoils:
        spoil(desk)
        code, said, errors = started(release, "check")
        assert (code, errors) == (0, "")
        assert "once, in" in said
        assert "program a 1.0 ['check']" in said


def test_what_killed_set_ups_left_goes_before_an_environment_is_made(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk they filled what was freed for the next try."""
    (desk.home / "venv-of-a-killed-set-up").mkdir(parents=True)
    monkeypatch.setattr(start, "HERE", str(desk.release("week 1")))
    monkeypatch.setattr(start, "make_venv", lambda venv: pytest.fail(str(list(desk.home.glob("venv*")))))
    with pytest.raises(pytest.fail.Exception, match=r"\[\]"):
        start.set_up(str(desk.home))


def test_a_set_up_that_was_stopped_leaves_no_environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(venv: str) -> None:
        os.mkdir(venv)
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "HERE", str(desk.release("week 1")))
    monkeypatch.setattr(start, "make_venv", stopped)
    assert start.main([]) == 1
    assert not list(desk.home.glob("venv*"))


@pytest.mark.slow
def test_what_works_stays_until_the_new_is_at_hand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.release("week 1")
    rebuilt = desk.release("week 2", build="b")  # the same version, from changed sources
    greedy = desk.release("week 3", build="c", numpy="2.0")
    newer = desk.release("week 4", program="1.1", build="d")
    assert "program a 1.0" in started(first, "check")[1]
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert "program b 1.0" in started(rebuilt, "check")[1], "that needs no connection"
    code, _, errors = started(greedy, "check")
    assert (code, errors.count("\n")) == (1, 1)
    assert "program b 1.0" in started(rebuilt, "check")[1]
    monkeypatch.delenv("PIP_NO_INDEX")
    assert "program c 2.0" in started(greedy, "check")[1]
    assert "program d" in started(newer, "check")[1]
    assert "program d" in started(first, "check")[1], "an older release takes the newer program"


@SLOW
def test_a_students_own_files_are_no_modules_of_pythons(desk: Desk) -> None:
    release = desk.release("week 1")
    for name in ("random", "json", "re", "typing", "venv", "pip", "numpy"):
        (release / f"{name}.py").write_text("raise SystemExit('mine')\n")
    code, said, errors = started(release, "check")
    assert (code, errors) == (0, "")
    assert "program a 1.0" in said


@SLOW
def test_a_folder_whose_name_is_no_text_harms_no_other(desk: Desk) -> None:
    odd, plain = desk.release("week 1"), desk.release("week 2")
    odd = odd.rename(os.fsdecode(bytes(odd.parent) + b"/caf\xe9"))
    for release in (odd, plain, odd):
        assert started(release, "check")[::2] == (0, "")


@SLOW
def test_a_configuration_of_pips_that_puts_packages_elsewhere_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "pip.conf").write_text(f"[install]\ntarget = {desk.folder / 'elsewhere'}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(desk.folder / "pip.conf"))
    release = desk.release("week 1")
    code, _, errors = started(release)
    assert (code, errors.count("\n")) == (1, 1)
    assert "Does pip's own configuration put packages elsewhere?" in errors
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert started(release)[0] == 0


@SLOW
def test_make_renews_an_environment_without_pip(desk: Desk) -> None:
    release, venv = desk.release("week 1"), desk.folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=120)
    wheel = str(next(release.glob("*.whl")))
    words = [sys.executable, str(SOURCE), "--venv", str(venv), str(release / "constraints.txt"), wheel]
    subprocess.run(words, check=True, timeout=300)
    words = [str(venv / "bin" / "python"), "-P", "-m", "autograder"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert "program a 1.0" in done.stdout


@SLOW
def test_make_renews_the_environment_of_a_checkout_that_was_moved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its scripts name the old place; in a copy they would even run, with the other checkout's code."""
    release, before = desk.release("week 1"), desk.folder / "be fore"
    for name in ("autograder/release", "autograder/constraints.txt", "Makefile", "pyproject.toml"):
        (before / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, before / name)
    words = [str(release / "constraints.txt"), str(next(release.glob("*.whl")))]
    monkeypatch.chdir(before)
    assert start.develop(".venv", *words) == 0
    stamp = re.findall(r"touch (\S+)", made_by("demo"))[0]
    (before / stamp).touch()
    assert "start.py" not in made_by("demo")
    moved = before.rename(desk.folder / "after")
    monkeypatch.chdir(moved)
    assert "start.py" in made_by("demo")
    assert start.develop(".venv", *words) == 0
    assert str(before) not in (moved / ".venv" / "bin" / "pip").read_text()
    (kept := moved / ".venv" / "kept").touch()
    assert start.develop(".venv", *words) == 0
    assert kept.exists(), "one that was not moved stays"


def made_by(goal: str) -> str:
    """What make would do for it."""
    return subprocess.run(["make", "-n", goal], capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("home", ["relative/home", "~nobody-of-that-name/home"])
def test_a_home_that_depends_on_where_one_is_is_refused(home: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_HOME", home)
    assert started(desk.release("week 1"))[::2] == (
        1,
        f"start.py: AUTOGRADER_HOME is {home!r}: give a whole path, the same from every folder\n",
    )


# One line for whatever stops it


@pytest.fixture
def release(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release whose set-up would go to an index that does not answer."""
    made = tmp_path / "cours d'été" / "why-hard"
    made.parent.mkdir()
    folder.release(course, course.assignment("why-hard"), made)
    monkeypatch.setenv("AUTOGRADER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nothing listens there
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    return made


def started(release: Path, *arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
    words = [sys.executable, str(release / "start.py"), *arguments]
    done = subprocess.run(words, cwd=cwd or release, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


def one_line(release: Path) -> str:
    code, _, said = started(release)
    assert code == 1
    assert said.startswith("start.py: ")
    assert said.count("\n") == 1, said
    return said


def test_without_a_connection(release: Path) -> None:
    said = one_line(release)
    assert "the packages could not be had: is there a connection to the package index? " in said
    assert "object at 0x" not in said
    left = [path.name for path in (release.parents[1] / "home").rglob("*")]
    assert not [name for name in left if name == "installed.json" or name.startswith("venv")], "of half a set-up"


def test_a_home_that_cannot_be_written(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (release / "file").write_text("")
    monkeypatch.setenv("AUTOGRADER_HOME", str(release / "file" / "home"))
    assert "Set the variable AUTOGRADER_HOME to a folder of yours" in one_line(release)


@SLOW
def test_a_disk_that_is_nearly_full_is_told_before_it_is_filled(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "HERE", str(release))
    monkeypatch.setattr(start.shutil, "disk_usage", lambda path: SimpleNamespace(free=10**7))
    monkeypatch.setattr(start, "make_venv", lambda venv: pytest.fail("the disk is full"))
    assert start.main([]) == 1
    said = capsys.readouterr().err
    assert "10 MB are free there, and about 250 are needed" in said
    assert said.count("\n") == 1


def test_a_release_that_cannot_be_written(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "HERE", str(release))
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    assert start.main([]) == 1
    assert capsys.readouterr().err == (
        f"start.py: {release}: cannot be written, so you cannot work in it. Copy it to a folder of yours.\n"
    )


def test_a_python_without_venv_as_debian_ships_it(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "HERE", str(release))
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    assert start.main([]) == 1
    wanted = f"on Debian and Ubuntu: sudo apt install python3.{sys.version_info[1]}-venv\n"
    assert capsys.readouterr().err == f"start.py: this Python cannot make environments; {wanted}"


@pytest.mark.parametrize("lost", ["*.whl", *(pytest.param(n, marks=SLOW) for n in ("course.yml", "constraints.txt"))])
def test_half_a_release(release: Path, lost: str) -> None:
    for path in release.glob(lost):
        path.unlink()
    assert "Unpack the whole release again" in one_line(release)


# How commands are spelled


def test_a_command_is_printed_as_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Path(sys.executable).with_name("autograder")
    monkeypatch.chdir(ROOT)
    for name in ("AUTOGRADER_COMMAND", "UV", "UV_RUN_RECURSION_DEPTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(script.parent), prepend=os.pathsep)
    assert command("check 05") == "autograder check 05"
    monkeypatch.setenv("PATH", "/usr/bin")
    inside = script.is_relative_to(ROOT)
    assert command("check 05") == f"{script.relative_to(ROOT) if inside else script} check 05"
    monkeypatch.chdir(tmp_path)
    assert command("check 05") == f"{script} check 05"
    done = subprocess.run(command("--version").split(), capture_output=True, text=True, timeout=60, check=True)
    assert re.fullmatch(r"autograder \d+\.\d+\.\d+\S*\n", done.stdout)
    assert pip_install("matplotlib") == f"{sys.executable} -m pip install matplotlib"
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    assert command("check 05") == "uv run autograder check 05"
    monkeypatch.setenv("AUTOGRADER_COMMAND", "python3 start.py")
    assert command("check 05") == "python3 start.py check 05"


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh", "fish"])
def test_a_printed_command_can_be_pasted(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """start.py's own spelling, in the shells that are here, from a folder above one with spaces, quotes and accents."""
    made = tmp_path / "l'été du cours"
    made.mkdir()
    (made / "start.py").write_text("import sys\nprint('said', sys.argv[1:])\n")
    monkeypatch.setattr(start, "HERE", str(made))
    monkeypatch.chdir(tmp_path)
    words = start.command()
    assert "start.py" in words
    if shutil.which(shell) is None:
        pytest.skip("this shell is not installed")
    subprocess.run([shell, "-c", f"{words} check 05"], check=True, timeout=60, cwd=tmp_path)
    assert capfd.readouterr().out == "said ['check', '05']\n"


# No other author's package


def test_nothing_tells_to_install_the_other_autograder() -> None:
    """The registry's `autograder` is another author's: whatever says pip install names a wheel, `.` or our own name."""
    word = r"(?<![./\w-])autograder(?![./\w-])"
    other = rf"\b(?:pip|pipx|uv)\b.*\b(?:install|add)\b.*{word}|\buvx {word}|--(?:from|with) {word}"
    assert re.search(other, "pip install 'autograder[dask]'")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    lines = [
        f"{name}: {line.strip()}"
        for name in listed
        if (ROOT / name).is_file() and "submissions/" not in name and name != "tests/autograder/release/test_start.py"
        for line in (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines()
        if re.search(other, line)
    ]
    assert lines == []
    assert f'name = "{versions.DISTRIBUTION}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


# The whole of a student's first ten minutes


def test_a_students_first_ten_minutes(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """One environment for two assignments, made from the real index in spite of two pins that cannot be had."""
    monkeypatch.setenv("AUTOGRADER_HOME", str(tmp_path / "données de Zoë"))
    monkeypatch.delenv("AUTOGRADER_COMMAND")
    first, second = tmp_path / "mes cours" / "dirty-it", tmp_path / "why-hard"
    for made in (first, second):
        made.parent.mkdir(exist_ok=True)
        folder.release(course, course.assignment(made.name), made)
    poisoned = re.sub(r"numpy==.*", "numpy==2.4.999", (first / "constraints.txt").read_text())
    poisoned = re.sub(r"rich<=.*", "rich==1999.1", poisoned)
    (first / "constraints.txt").write_text(poisoned)
    (second / "constraints.txt").write_text(poisoned)

    code, said, errors = started(first)
    assert (code, errors) == (0, "")
    assert re.search(r"^numpy 2\.4\.999 is not to be had for Python .*; taken: 2\.\d", said, re.M)
    assert re.search(r"^rich 1999\.1 is not to be had", said, re.M)
    next_command = said.split("Next:\n\n    ")[1].strip()
    pasted = subprocess.run(next_command, shell=True, cwd=first, capture_output=True, text=True, timeout=300)
    assert "05_noisy_sample" in pasted.stdout, pasted.stderr
    told = re.search(r"^ {8}(\S.* check 02)$", pasted.stdout, re.M)
    assert told
    again = subprocess.run(told[1], shell=True, cwd=first, capture_output=True, text=True, timeout=300)
    assert "forward_chain is not written yet" in again.stdout, again.stderr

    code, said, errors = started(second, "progress")
    assert (code, errors) == (0, "")
    assert "once, in" not in said, "one environment serves both"
    assert said.index("Why generation") < said.index("Dirty it"), "progress shows both"
    moved = second.rename(tmp_path / "moved away")
    code, said, errors = started(moved, "check", "01", cwd=tmp_path)
    assert (code, errors) == (1, ""), "the stub is not written"
    assert "'moved away/start.py' check 01" in said
    code, said, _ = started(moved, "doctor")
    assert "not the tested version: numpy" not in said, "the wheel knows its own pins, and numpy is the tested one"
