"""A student at work: check, hint, progress, picture, submit and --watch, on released files."""

import os
import re
import select
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from desk import HALF, make_desk, solve

from autograder.cli import main
from autograder.course import Course
from autograder.runner.local import LocalRunner
from autograder.student.selfcheck import OneWorker, Prints, check_exercise, own_module

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")


@pytest.fixture
def desk(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return make_desk(tmp_path, course)


def said(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str]:
    code = main(command)
    return code, capsys.readouterr().out


def test_the_list_tells_states_points_due_dates_and_the_next_step(
    desk: Course, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.exercise("05").stub.write_text(HALF)
    solve(desk, course, "02")
    desk.exercise("04").stub.unlink()
    code, text = said(capsys, "check")
    assert code == 1
    assert re.search(r"Dirty it +due \d\d Jan 2027", text)
    for exercise, state in (("02", "checks hold"), ("03", "not begun"), ("04", "file is missing")):
        assert re.search(rf"{exercise}_\w+ .*{state}.* 4 points", text), text
    assert re.search(r"05_noisy_sample .*1 not written +1 of 5", text)
    assert "next: read exercises/03_decay/README.md, write decay.py beside it" in text
    assert "unverified self-check" in text


@pytest.mark.parametrize("assignment", ["why-hard", "dirty-it", "explain-it"])
def test_the_list_and_the_bars_fit_80_columns_when_all_is_done(
    tmp_path: Path, course: Course, assignment: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    desk = make_desk(tmp_path, course, assignment)
    for command in ("check", "progress"):
        assert max(map(len, said(capsys, command)[1].splitlines())) <= 80
    solve(desk, course, *(exercise.id for exercise in desk.exercises))
    code, text = said(capsys, "check")
    assert code == 0
    assert len(re.findall(r"^  ✓  \d\d_\w+ .*checks hold +(\d) of \1  \d points$", text, re.M)) == len(desk.exercises)
    bars = said(capsys, "progress")[1]
    assert re.search(r"█{16}  (\d) of \1 done  \d+ points  due \d\d \w+$", bars, re.M)
    assert max(map(len, (text + bars).splitlines())) <= 80


def test_an_untouched_stub_is_not_begun_whatever_its_checks_say(
    tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    for assignment in course.assignments:
        make_desk(tmp_path / assignment.id, course, assignment.id)
        monkeypatch.chdir(tmp_path / assignment.id)
        text = said(capsys, "check")[1]
        assert len(re.findall("not begun", text)) == len(assignment.exercises), text


ONE_CHECK = """\
from autograder.checks import check


@check(points=1, hint="none")
def test_it(submission):
    '''It is there.'''
"""


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ('raise NotImplementedError("predict_x0 is not written yet")', False),
        ('x = 1\n    raise NotImplementedError("predict_x0 is not written yet")', False),
        ('if t:\n        return x_t\n    raise NotImplementedError("predict_x0 is not written yet")', False),
        ('return x_t\n    raise NotImplementedError("predict_x0 is not written yet")', True),
        ('raise NotImplementedError("only for floats")', True),
        ("return x_t", True),
    ],
)
def test_a_function_that_holds_the_stubs_raise_is_not_written_whatever_the_checks_say(
    desk: Course, course: Course, capsys: pytest.CaptureFixture[str], body: str, written: bool
) -> None:
    exercise = desk.exercise("05")
    whole = course.exercise("05").solution.read_text()
    start, end = whole.index("def predict_x0"), whole.index("def predict_eps")
    exercise.stub.write_text(
        f'{whole[:start]}def predict_x0(x_t, eps, t, alpha_bars):\n    "Task 2."\n    {body}\n\n\n{whole[end:]}'
    )
    exercise.public_checks.write_text(ONE_CHECK)
    code, text = said(capsys, "check", "05")
    assert ("predict_x0 is not written yet" in text) is not written
    assert "1 of 1 checks that you can see hold · 12 more when it is graded · 4 points to earn then" in text
    assert code == int(not written)
    if not written:
        assert "write predict_x0 in exercises/05_noisy_sample/noisy_sample.py, then" in text
        assert "task 2" in said(capsys, "hint", "05")[1]
        assert re.search(r"^  ✗  05_noisy_sample .*1 not written", said(capsys, "check")[1], re.M)
        assert "0 of 4 done" in said(capsys, "progress")[1]
        assert "05_noisy_sample: 1 not written, predict_x0 is not written yet" in said(capsys, "submit")[1]


@pytest.mark.parametrize("answer", [None, "", "  ", "The stub's own sentence", "An answer of one's own."])
def test_an_explanation_that_nobody_wrote_is_told(
    tmp_path: Path,
    course: Course,
    answer: str | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    desk = make_desk(tmp_path, course, "explain-it")
    exercise = desk.exercise("explain_denoising")
    whole = course.exercise("explain_denoising").solution.read_text()
    start, end = whole.index("EXPLANATION = ("), whole.index("def training_example")
    said_there = exercise.placeholder if answer == "The stub's own sentence" else answer
    prose = "" if said_there is None else f"EXPLANATION = {said_there!r}\n\n\n"
    exercise.stub.write_text(whole[:start] + prose + whole[end:])
    is_written = answer == "An answer of one's own."
    assert said(capsys, "check", "22")[0] == int(not is_written)
    assert ("EXPLANATION is not written yet" in said(capsys, "check", "22")[1]) is not is_written
    assert ("22_explain_denoising: 1 not written, EXPLANATION is" in said(capsys, "submit")[1]) is not is_written


def test_an_exercise_may_be_named_by_its_folder_or_module(desk: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (
        "5",
        "noisy_sample",
        "exercises/05_noisy_sample/",
        "05_noisy_sample/noisy_sample.py",
        "a\\05_noisy_sample",
    ):
        assert "05_noisy_sample: One jump" in said(capsys, "check", name)[1]


def test_what_is_gone_or_wrong_is_told_in_a_line_with_the_remedy(
    desk: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = desk.exercise("05")
    exercise.stub.unlink()
    text = said(capsys, "check", "05")[1]
    assert "noisy_sample.py is missing: take it from the release again" in text
    assert "next: put exercises/05_noisy_sample/noisy_sample.py back" in text
    assert "0 of 0" not in text
    for part, command in ((exercise.public_checks, "check"), (exercise.hints, "hint"), (exercise.picture, "picture")):
        part.unlink()
        assert main([command, "05"]) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert "Unpack the release again" in told
    assert main(["check", "77"]) == 2
    assert "there are: 02_forward_chain" in capsys.readouterr().err
    monkeypatch.chdir(desk.root.parent)
    assert main(["check"]) == 2
    assert "run this inside the course" in capsys.readouterr().err


def test_one_exercise_shows_call_result_law_prints_and_no_control_characters(
    desk: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.exercise("05").stub.write_text(HALF)
    code, text = said(capsys, "check", "05")
    assert code == 1
    assert "Call: add_noise([[0.5]], [[-1]], 1, [0.96, 0.64, 0.36, 0.04])" in text
    assert "Got:  [[-0.28]]\n      Want: [[-0.2]]\n" in text
    assert "your code printed (a call that fails is made twice):" in text
    assert "│ level 1  red" in text
    assert "\x1b" not in text
    assert "\n        autograder hint 05\n        autograder check 05\n" in text


def test_an_error_shows_the_students_own_line_with_a_caret(desk: Course, capsys: pytest.CaptureFixture[str]) -> None:
    stub = desk.exercise("05").stub
    stub.write_text(HALF.replace("return level * x0", "return level * x0[0, 1, 2]"))
    _, text = said(capsys, "check", "05")
    assert 'File "noisy_sample.py", line' in text
    assert re.search(r"~+\^+", text)
    assert "autograder/" not in text.replace("autograder/release", "")
    stub.write_text("def add_noise(:\n")
    _, text = said(capsys, "check", "05")
    assert "the module does not load" in text
    assert "^" in text


def test_a_flood_of_prints_is_cut_and_a_loop_without_end_is_stopped(course: Course, desk: Course) -> None:
    exercise = desk.exercise("05")
    exercise.stub.write_text("print('x' * 3_000_000)\n" + HALF)
    checked = check_exercise(desk, exercise)
    assert len(checked.prints) < 5000
    assert "more bytes" in checked.prints
    limits = replace(exercise.limits, cpu_seconds=0.2)
    module = own_module(desk, exercise, b"def f():\n    while True: pass\n")
    with LocalRunner(Prints()) as runner:
        worker = OneWorker(runner, type(module)(module.name, module.source, module.filename, limits))
        with pytest.raises(Exception, match="no answer in"):
            worker.f()
        worker.end()


def test_an_endless_loop_is_waited_for_once(desk: Course) -> None:
    exercise = desk.exercise("05")
    limits = replace(exercise.limits, cpu_seconds=0.5)
    module = own_module(desk, exercise, b"def f():\n    while True: pass\n")
    with LocalRunner(Prints()) as runner:
        worker = OneWorker(runner, type(module)(module.name, module.source, module.filename, limits))
        for seconds in ("1.5", "0.3", "0.3"):
            with pytest.raises(Exception, match=rf"no answer in {seconds} s"):
                worker.f()
        worker.end()


def test_what_an_exercise_uses_is_the_students_own(tmp_path: Path, course: Course) -> None:
    desk = make_desk(tmp_path, course, "clean-it")
    desk.exercise("11").stub.write_text("def reverse_mean_var(*args):\n    return 'mine'\n")
    source = b"from reverse_step import reverse_mean_var\ndef f():\n    return reverse_mean_var()\n"
    with LocalRunner(Prints()) as runner:
        worker = OneWorker(runner, own_module(desk, desk.exercise("12"), source))
        assert worker.f() == "mine"
        worker.end()


def test_hints_come_one_at_a_time_for_the_task_at_work(desk: Course, capsys: pytest.CaptureFixture[str]) -> None:
    desk.exercise("05").stub.write_text(HALF)
    shown = [said(capsys, "hint", "05")[1] for _ in range(4)]
    assert [len(re.findall(r"^\d\. ", text, re.M)) for text in shown] == [1, 2, 3, 3]
    told = shown[2][: shown[2].index("that was the last one")].splitlines()[1:]
    assert all(re.match(r"\d\. |   \S", line) for line in told), told  # a hint's further lines stand below its first
    assert "2 more: the same command shows the next" in shown[0]
    assert all("task 1" in text for text in shown)
    assert "that was the last one" in shown[-1]
    _, text = said(capsys, "hint", "05", "--task", "3")
    assert "The same as task 2" in text
    assert main(["hint", "05", "--task", "9"]) == 2


def test_a_result_is_remembered_until_the_file_changes(
    desk: Course, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = said(capsys, "progress")
    assert re.search(r"Dirty it +░{16} +0 of 4 done +16 points", text)
    notes = desk.root / ".autograder" / "notes.json"
    notes.write_text(notes.read_text().replace('"outcome":"failed"', '"outcome":"passed"'))
    text = said(capsys, "check")[1]
    assert len(re.findall(r"  (\d) of \1  4 points", text)) == 4, text  # believed, so nothing was run again
    for exercise in desk.exercises:
        exercise.stub.write_bytes(exercise.stub.read_bytes() + b"\n")
    assert "0 of 4 done" in said(capsys, "progress")[1]
    notes.write_text("{ broken")
    assert "0 of 4 done" in said(capsys, "progress")[1]


def test_the_zip_holds_the_modules_and_nothing_else(desk: Course, capsys: pytest.CaptureFixture[str]) -> None:
    desk.exercise("04").stub.unlink()
    (desk.exercise("05").folder / "notes.txt").write_text("mine")
    code, text = said(capsys, "submit")
    assert code == 0
    assert "not in the zip: schedules.py is missing" in text
    names = zipfile.ZipFile(desk.root / "dirty-it.zip").namelist()
    assert names == [f"exercises/{e.id}/{e.slug}.py" for e in desk.exercises if e.slug != "schedules"]
    desk.exercise("05").stub.write_bytes(b"#" * (2 << 20))
    assert "can be handed in" in said(capsys, "check", "05")[1]
    assert main(["submit", "dirty-it"]) == 1


def test_a_long_picture_shows_a_preview_first_and_says_how_far_it_is(
    desk: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.exercise("05").picture.write_text(
        "from autograder.pictures import subplots, tell\n"
        "def preview(student):\n    return subplots(1, 1)[0]\n"
        "def draw(student):\n    tell('half of it')\n    return subplots(1, 2, width=12)[0]\n"
    )
    assert main(["picture", "05"]) == 0
    out = capsys.readouterr().out
    assert out.index("a preview is there already") < out.index("half of it") < out.index("drawn by your code")


def test_a_samplers_steps_become_a_gif(desk: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["picture", "05", "--animate"]) == 2
    assert "05_noisy_sample has no animation" in capsys.readouterr().err
    desk.exercise("05").picture.write_text(
        "import numpy as np\nfrom autograder.pictures import frames\n"
        "def draw_frames(student):\n"
        "    return frames([np.zeros((8, 64)), np.ones((8, 64))], ['before', 'after'])\n"
    )
    assert main(["picture", "05", "--animate"]) == 0
    assert (desk.root / "pictures" / "05_noisy_sample.gif").read_bytes().startswith(b"GIF8")


def test_the_chain_is_drawn_from_what_is_written_on_this_machine(
    tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules come from the course's other releases too; what is not there or not written leaves its places empty."""
    names = {"dirty-it": ["04", "05"], "learn-the-noise": ["10"], "clean-it": ["11", "12"]}
    desks = {name: make_desk(tmp_path / name, course, name) for name in names}
    (tmp_path / "folders").write_text("".join(f"{tmp_path / name}\n" for name in names))
    monkeypatch.setenv("AUTOGRADER_FOLDERS", str(tmp_path / "folders"))
    monkeypatch.chdir(tmp_path / "clean-it")
    sizes = []
    for name, own in names.items():
        assert said(capsys, "picture", "chain")[0] == 0
        sizes.append((tmp_path / "clean-it" / "pictures" / "chain.png").stat().st_size)
        solve(desks[name], course, *own)
    assert said(capsys, "picture", "chain")[0] == 0
    sizes.append((tmp_path / "clean-it" / "pictures" / "chain.png").stat().st_size)
    assert sizes[0] < sizes[1], "the upper row is there"
    assert sizes[2] < sizes[3], "and the lower one, with the sampler"


def test_pictures_are_computed_on_one_core(desk: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    desk.exercise("05").stub.write_text(
        "import os\ndef add_noise(*_):\n    raise ValueError(os.environ.get('OPENBLAS_NUM_THREADS'))\n"
    )
    desk.exercise("05").picture.write_text(
        "from autograder.pictures import subplots\n"
        "def draw(student):\n"
        "    try:\n        student.add_noise()\n"
        "    except Exception as problem:\n        assert str(problem).endswith('1'), problem\n"
        "    return subplots(1, 1)[0]\n"
    )
    assert main(["picture", "05"]) == 0


def test_the_picture_is_drawn_by_the_students_code(desk: Course, course: Course) -> None:
    assert main(["picture", "05"]) == 0
    path = desk.root / "pictures" / "05_noisy_sample.png"
    stub = path.read_bytes()
    assert stub.startswith(b"\x89PNG")
    solve(desk, course, "05")
    assert main(["picture", "05"]) == 0
    assert path.read_bytes() != stub


#: What only POSIX has, or only Linux. subprocess itself needs SIGKILL here.
ELSEWHERE = """
import os, select, signal, subprocess, sys, time, webbrowser
import matplotlib.figure, matplotlib.backends.backend_agg, pytest, rich.console, yaml
import hypothesis.strategies, hypothesis.internal.conjecture.providers
for name in "fcntl grp pty pwd pyseccomp resource seccomp termios".split():
    sys.modules[name] = None
for module, names in (
    (os, "fork forkpty getegid geteuid getgid getpgid getuid killpg mkfifo O_CLOEXEC O_NOFOLLOW O_NONBLOCK pidfd_open"),
    (os, "pipe2 sched_getaffinity sched_setaffinity setsid sysconf uname wait3 wait4"),
    (select, "epoll poll"),
    (signal, "SIGALRM SIGCHLD SIGHUP SIGPIPE SIGUSR1 alarm pidfd_send_signal pthread_kill pthread_sigmask setitimer"),
    (time, "clock_gettime"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "win32"
from autograder.cli import main
print([main(command.split()) for command in ("check", "check 05", "hint 05", "progress", "picture 05", "submit")])
import autograder.student.watch
"""


def test_a_students_commands_use_nothing_that_windows_lacks(desk: Course) -> None:
    desk.exercise("05").stub.write_text(HALF)
    done = subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=desk.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "[1, 1, 0, 0, 0, 0]" in done.stdout
    assert "1 of 5 checks that you can see hold" in done.stdout
    assert (desk.root / "dirty-it.zip").is_file()


def _as_a_terminal_starts_it() -> None:
    """Ctrl-C ends it: who runs these tests in the background has it ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A command in a pseudo-terminal, with all that it showed. A context manager that leaves nothing behind."""

    def __init__(self, folder: Path, *command: str, lines: int = 50) -> None:
        self._fd, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autograder", *command],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_as_a_terminal_starts_it,
            env={**os.environ, "COLUMNS": "100", "LINES": str(lines), "TERM": "xterm"},
        )
        os.close(theirs)
        self.text, self._after = "", 0

    def wait_for(self, text: str, seconds: float = 120) -> None:
        """Read until `text` was shown, after what was waited for before."""
        end = time.monotonic() + seconds
        while (place := self.text.find(text, self._after)) < 0:
            assert select.select([self._fd], [], [], max(0.0, end - time.monotonic()))[0], self._story(text)
            assert self._read(), self._story(text)
        self._after = place + len(text)

    def _story(self, text: str) -> str:
        return f"{text!r} never came after {self.text[-2000:]}"

    def _read(self) -> bytes:
        try:
            chunk = os.read(self._fd, 65536)
        except OSError:  # the other end is closed
            chunk = b""
        self.text += chunk.decode("utf-8", "replace")
        return chunk

    def end(self) -> int:
        """Read on until the command ends. Returns its exit code."""
        while select.select([self._fd], [], [], 120)[0] and self._read():
            pass
        return self.process.wait(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._fd)


def test_watching_follows_saves_and_moves_on_when_an_exercise_is_done(desk: Course, course: Course) -> None:
    pytest.importorskip("watchfiles", reason="watchfiles is not installed")
    solve(desk, course, "02", "03")
    desk.exercise("05").stub.write_text(HALF)
    with Terminal(desk.root, "check", "--watch") as terminal:
        terminal.wait_for("04_schedules")
        terminal.wait_for("Ctrl-C ends")
        solve(desk, course, "04")
        terminal.wait_for("its public checks hold")
        terminal.wait_for("Ctrl-C ends")
        shown = terminal.text[terminal.text.rindex("\x1b[2J") :]  # since the screen was cleared
        assert shown.index("The number worked by hand") < shown.index("A level that does not exist")
        assert "Got:  [[-0.28]]" in shown
        solve(desk, course, "05")
        terminal.wait_for("autograder submit dirty-it")
        assert terminal.end() == 0


def test_on_a_small_screen_what_fails_first_stays_on_top(desk: Course) -> None:
    pytest.importorskip("watchfiles", reason="watchfiles is not installed")
    talks = HALF.replace('print("level"', 'for i in range(40): print("line", i)\n    print("level"')
    desk.exercise("05").stub.write_text(talks)
    with Terminal(desk.root, "check", "05", "--watch", lines=16) as terminal:
        terminal.wait_for("Ctrl-C ends")
        shown = terminal.text[terminal.text.rindex("\x1b[2J") :]
    assert shown.count("\n") <= 15
    assert shown.index("The number worked by hand") < shown.index("Got:  [[-0.28]]") < shown.index("… all of it")


def test_watching_ends_at_ctrl_c(desk: Course) -> None:
    pytest.importorskip("watchfiles", reason="watchfiles is not installed")
    with Terminal(desk.root, "check", "05", "--watch") as terminal:
        terminal.wait_for("Ctrl-C ends")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130
    assert "Traceback" not in terminal.text


def test_check_hint_and_progress_are_coloured_in_a_terminal_and_end_by_themselves(desk: Course) -> None:
    desk.exercise("05").stub.write_text(HALF)
    for command, said in ((("check",), "1 not written"), (("hint", "05"), "task 1"), (("progress",), "░")):
        with Terminal(desk.root, *command) as terminal:
            code = terminal.end()
        assert code == (1 if command == ("check",) else 0)
        assert said in terminal.text
        assert "\x1b[1m" in terminal.text
        assert command == ("hint", "05") or "\x1b[1mnext: \x1b[0m" in terminal.text
