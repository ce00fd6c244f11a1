"""What several test files share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from once import shared

from autograder.course import Course
from autograder.runner import machine
from autograder.runner.locked import ZygoteRunner
from autograder.runner.student import Runner

ROOT = Path(__file__).resolve().parents[1]

#: Which tests may be skipped where CI is set, and why nothing is lost. Anything else fails the run: a test that skips
#: silently proves nothing.
MAY_SKIP = {
    "test_start.py::test_a_python_that_is_too_old_is_told_in_one_line": "the next test claims to be such a Python",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in unexplained(terminalreporter):
        terminalreporter.write_line(f"skipped without a written reason: {report.nodeid}: {report.longrepr}", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and unexplained(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def unexplained(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    """Skipped tests whose reason is not in MAY_SKIP, in CI."""
    if not os.environ.get("CI"):
        return []
    skipped = reporter.stats.get("skipped", []) + reporter.stats.get("xfailed", [])
    return [report for report in skipped if not any(name in report.nodeid for name in MAY_SKIP)]


@pytest.fixture(scope="session", autouse=True)
def examples_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Frozen examples are kept apart from the user's, for processes that tests start too, and drawn once for all of
    pytest's workers."""
    cache = shared(tmp_path_factory) / "cache"
    cache.mkdir(mode=0o700, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_CACHE", str(cache))
        patch.setenv("AUTOGRADER_COMMAND", "autograder")  # commands are printed as they are started; here all the same
        yield


@pytest.fixture(scope="session")
def course() -> Course:
    """The course itself."""
    return Course.load(ROOT)


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """A warm runner, locked down as far as this machine can."""
    level = machine.probe().level
    if level == "none":
        pytest.skip("this machine cannot lock student code down; `autograder doctor` tells why")
    with ZygoteRunner(level) as found:
        yield found
