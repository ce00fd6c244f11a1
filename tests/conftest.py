"""What several test files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.runner import lockdown
from autograder.runner.process import Runner, ZygoteRunner

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def examples_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Frozen examples are kept apart from the user's, for processes that tests start too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def course() -> Course:
    """The course itself."""
    return Course.load(ROOT)


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """A warm runner, locked down as far as this machine can."""
    level = lockdown.probe().level
    if level == "none":
        pytest.skip("this machine cannot lock student code down; `autograder doctor` tells why")
    with ZygoteRunner(level) as found:
        yield found
