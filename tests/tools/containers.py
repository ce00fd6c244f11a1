"""Gradescope's container, made up: its folders, and a mount namespace in which they stand where they stand there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DUE = "2027-01-22T23:59:00.000000+00:00"
#: A root like this machine's, and in it /autograder and /opt/autograder; nothing of it outlives the command.
NAMESPACE = """
set -e
mount -t tmpfs none /mnt
for each in /*; do
    if [ "$each" = /mnt ]; then continue; fi
    if [ -L "$each" ]; then cp -P "$each" "/mnt$each"
    elif [ -d "$each" ]; then mkdir "/mnt$each"; mount --rbind "$each" "/mnt$each"
    fi
done
mkdir /mnt/autograder
mount --bind "$1" /mnt/autograder
mount -t tmpfs none /mnt/opt
mkdir /mnt/opt/autograder
mount --bind "$2" /mnt/opt/autograder
shift 2
exec chroot /mnt "$@"
"""
#: In place of what setup.sh installs: the environment of the tests, with the package from the wheel.
SHIM = """\
#!/bin/sh
PYTHONPATH="{wheel}" exec "{python}" -m autograder "$@"
"""


def lay_out(packed: Path, root: Path) -> Path:
    """What Gradescope makes of an uploaded zip in `root`, with a submission that is empty and in time."""
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(root / "source")
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    (root / "run_autograder").chmod(0o755)
    tell(root)
    return root


def tell(root: Path, created_at: str = "2027-01-22T20:00:00.000000+00:00", **more: Any) -> None:
    """submission_metadata.json, in the form that is documented."""
    users = [{"email": "ada@example.org", "id": 1, "name": "Ada Lovelace"}]
    assignment = {"due_date": DUE, "group_size": None, "group_submission": False, "id": 2, "course_id": 3}
    assignment |= {"late_due_date": None, "release_date": DUE, "title": "Only", "total_points": "6.0"}
    told = {"id": 4, "created_at": created_at, "assignment": assignment, "submission_method": "upload"}
    told |= {"users": users, "previous_submissions": [], **more}
    (root / "submission_metadata.json").write_text(json.dumps(told), encoding="utf-8")


def set_up(root: Path, home: Path, at: Path | None = None) -> Path:
    """In place of setup.sh, which needs a network. `at`: where `home` will stand. Returns `home`."""
    wheel = next((root / "source").glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(home / "wheel")
    command = home / "venv" / "bin" / "autograder"
    command.parent.mkdir(parents=True)
    command.write_text(SHIM.format(wheel=(at or home) / "wheel", python=sys.executable))
    command.chmod(0o755)
    return home


def run(root: Path, home: Path, **environment: str) -> dict[str, Any]:
    """run_autograder in these folders; what results.json says, and what was printed under `printed`."""
    places = {"AUTOGRADER_ROOT": str(root), "AUTOGRADER_HOME": str(home)}
    return _results(root, [str(root / "run_autograder")], os.environ | places | environment)


def run_in_namespace(root: Path, home: Path) -> dict[str, Any]:
    """The same at /autograder and /opt/autograder, with the environment of a container."""
    inside = ["env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "/autograder/run_autograder"]
    command = ["unshare", "--mount", "--propagation", "private", "bash", "-c", NAMESPACE, "bash", str(root), str(home)]
    return _results(root, [*command, *inside], os.environ)


def can_have_namespaces() -> bool:
    """Whether this process may make a mount namespace and mount in it."""
    trial = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/mnt"]
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(trial, capture_output=True, timeout=30, check=False).returncode == 0


def _results(root: Path, command: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
    environment = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    environment["PATH"] = f"{environment.get('PATH', '')}:/usr/sbin:/sbin"  # where chroot is
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    return {**results, "printed": done.stdout + done.stderr}
