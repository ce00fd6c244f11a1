"""`release --template`: the repository does what it says, by the very commands that stand in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autograder.cli import main
from autograder.course import Course
from autograder.release.leaks import collect, leaks
from autograder.release.repository import CLASSROOM, WORKFLOW

SUMMARY = "$GITHUB_STEP_SUMMARY"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, course: Course) -> Path:
    to = tmp_path_factory.mktemp("template") / "dirty-it"
    assert main(["--course", str(course.root), "release", "dirty-it", "--template", str(to)]) == 0
    assert leaks(to, collect(course.exercises)) == []
    return to


@pytest.fixture
def clone(template: Path, tmp_path: Path, course: Course) -> Path:
    """A student's: one exercise done, one that does not load, the others as they were released."""
    shutil.copytree(template, tmp_path / "clone")
    mine = tmp_path / "clone" / "exercises"
    shutil.copy(course.exercise("schedules").solution, mine / "04_schedules" / "schedules.py")
    (mine / "03_decay" / "decay.py").write_text("print('| <b>mine</b> |')\ndef (\n")
    return tmp_path / "clone"


def elsewhere(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a fresh machine: pip puts the release's wheel, and nothing else, first on the path."""
    site = folder / "site"
    paths = [str(site / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    pip = {"PIP_TARGET": str(site), "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**os.environ, **pip, "PATH": os.pathsep.join(paths), "PYTHONPATH": str(site), **more}


def test_the_workflows_own_commands_write_the_table(clone: Path, tmp_path: Path) -> None:
    workflow = yaml.safe_load((clone / WORKFLOW).read_text())
    assert workflow[True] == ["push", "workflow_dispatch"]  # YAML reads `on` so
    assert workflow["permissions"] == {"contents": "read"}
    commands = [step["run"] for step in workflow["jobs"]["checks"]["steps"] if "run" in step]
    environment = elsewhere(tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    done = [
        subprocess.run(
            ["bash", "-e", "-c", each], cwd=clone, env=environment, capture_output=True, text=True, timeout=200
        )
        for each in commands
    ]
    assert [each.returncode for each in done] == [0, 1], "".join(each.stdout + each.stderr for each in done)
    assert (tmp_path / "site" / "autograder" / "cli.py").is_file(), "it was the wheel that ran"
    table = (tmp_path / "summary.md").read_text(encoding="utf-8")
    rows = {row.split("|")[2].split()[0].replace("\\", ""): row for row in re.findall(r"^\| .*\|$", table, re.M)[1:]}
    assert list(rows) == ["02_forward_chain", "03_decay", "04_schedules", "05_noisy_sample"]
    assert rows["04_schedules"].startswith("| ✅ |")
    assert re.search(r"checks hold \| (\d+) of \1 \|", rows["04_schedules"])
    assert rows["03_decay"].startswith("| ❌ |")
    assert "does not load" in rows["03_decay"]
    assert rows["05_noisy_sample"].startswith("| ⬜ |")
    assert all(row.count("|") - row.count("\\|") == 6 for row in rows.values())
    assert "mine" not in table, "nothing of what the code said"


@pytest.mark.slow
def test_classroom_50s_autograder_writes_what_its_contract_wants(clone: Path, tmp_path: Path) -> None:
    told = {
        "CLASSROOM": "diffusion",
        "ASSIGNMENT": "dirty-it",
        "SUBMISSION_TAG": "submit/2027-01-20T14-32-05Z-a1b2c3d",
        "COMMIT_URL": "https://example.org/commit",
        "RELEASE_URL": "https://example.org/release",
    }
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    when = {**os.environ, "GIT_COMMITTER_DATE": "2027-01-20T14:32:01+00:00"}
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "mine"]):
        subprocess.run([*git, *words], cwd=clone, env=when, check=True, timeout=60)
    program = tmp_path / "bundle" / "autograder.py"
    program.parent.mkdir()
    shutil.copy(clone / CLASSROOM, program)
    run = [sys.executable, str(program)]
    done = subprocess.run(run, cwd=clone, env=elsewhere(tmp_path, **told), capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((clone / "result.json").read_text())
    assert result["schema"] == "classroom50/result/v1"
    assert (result["classroom"], result["assignment"]) == ("diffusion", "dirty-it")
    assert (result["submission"], result["review"]) == (told["SUBMISSION_TAG"], told["COMMIT_URL"])
    assert result["datetime"] == "2027-01-20T14:32:01Z"
    assert type(result["score"]) is type(result["max-score"]) is int
    assert result["score"] == sum(test["score"] for test in result["tests"])
    assert result["max-score"] == sum(test["max-score"] for test in result["tests"]) > result["score"] > 0
    assert all(set(test) == {"test-name", "passed", "score", "max-score"} for test in result["tests"])
    broken = [test for test in result["tests"] if test["test-name"].startswith("03_decay: ")]
    assert broken
    assert not any(test["passed"] for test in broken)
    (clone / "result.json").unlink()
    without = {key: text for key, text in elsewhere(tmp_path, **told).items() if key != "COMMIT_URL"}
    assert subprocess.run(run, cwd=clone, env=without, capture_output=True, timeout=200).returncode == 1


def test_the_test_explorer_finds_every_public_check(clone: Path, tmp_path: Path) -> None:
    settings = json.loads((clone / ".vscode" / "settings.json").read_text())
    assert settings["python.testing.pytestEnabled"] is True
    install = yaml.safe_load((clone / WORKFLOW).read_text())["jobs"]["checks"]["steps"][2]["run"]
    subprocess.run(["bash", "-c", install], cwd=clone, env=elsewhere(tmp_path), check=True, timeout=200)
    collect_only = [sys.executable, "-m", "pytest", "--collect-only", "-q", *settings["python.testing.pytestArgs"]]
    found = subprocess.run(
        collect_only, cwd=clone, env=elsewhere(tmp_path), capture_output=True, text=True, timeout=200
    )
    assert found.returncode == 0, found.stdout
    for slug in ("forward_chain", "decay", "schedules", "noisy_sample"):
        written = re.findall(r"^def (test_\w+)", next(clone.rglob(f"test_{slug}.py")).read_text(), re.M)
        assert written
        assert all(f"test_{slug}.py::{name}" in found.stdout for name in written)


def test_the_container_installs_by_the_workflows_command(template: Path) -> None:
    container = json.loads((template / ".devcontainer" / "devcontainer.json").read_text())
    install = yaml.safe_load((template / WORKFLOW).read_text())["jobs"]["checks"]["steps"][2]["run"]
    assert container["postCreateCommand"].replace("[pictures,watch]", "").replace("'", "") == install


def test_collected_repositories_are_graded_as_they_come(
    template: Path, tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    for login in ("ada", "bo"):
        shutil.copytree(template, tmp_path / "class" / f"noise-{login}")
        subprocess.run(["git", "init", "-q"], cwd=tmp_path / "class" / f"noise-{login}", check=True, timeout=60)
    mine = tmp_path / "class" / "noise-ada" / "exercises" / "04_schedules"
    shutil.copy(course.exercise("schedules").solution, mine / "schedules.py")
    (tmp_path / "roster.csv").write_text("identifier,github_username\nAda Lovelace,ada\nBo,bo\n")
    options = ["--assignment", "dirty-it", "--roster", str(tmp_path / "roster.csv"), "--out", str(tmp_path / "out")]
    assert main(["--course", str(course.root), "grade", str(tmp_path / "class"), *options]) == 0
    assert "skipped" not in capsys.readouterr().err
    totals = (tmp_path / "out" / "totals.csv").read_text(encoding="utf-8-sig")
    assert ",Ada Lovelace,4,16," in totals
    assert ",Bo,0,16," in totals
