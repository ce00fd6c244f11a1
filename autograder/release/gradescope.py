"""What an instructor uploads to Gradescope: a zip with set-up, grader, hidden checks, references and mutants.

After https://gradescope-autograders.readthedocs.io/en/latest/specs/. No student gets this zip.
"""

from __future__ import annotations

import io
import json
import zipfile
from importlib import resources
from pathlib import Path

from autograder.batch.course_archive import pack
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.files import write_file, zip_bytes
from autograder.release.bundle import worths
from autograder.release.wheel import make_wheel, wheel_name

#: What run_autograder may take: Gradescope stops a run after 10 minutes, if its settings say nothing else.
SECONDS = 540

_SETUP = """\
#!/usr/bin/env bash
# Run once, as root, while Gradescope builds the image: the grader, in an environment of its own.
set -euo pipefail
source=${{AUTOGRADER_ROOT:-/autograder}}/source
home=${{AUTOGRADER_HOME:-/opt/autograder}}

new_enough() {{  # a Python that can do it, and make environments
    for each in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11, 2))' 2>/dev/null; then
            echo "$each"
            return
        fi
    done
}}

have_libseccomp() {{
    ldconfig -p | grep libseccomp.so.2 > /dev/null
}}

if ! have_libseccomp || [ -z "$(new_enough)" ]; then
    apt-get update
    apt-get install -y libseccomp2 python3-venv
fi
if [ -z "$(new_enough)" ]; then  # an older Ubuntu
    apt-get install -y software-properties-common
    add-apt-repository -y ppa:deadsnakes/ppa
    apt-get install -y python3.12 python3.12-venv
fi
"$(new_enough)" "$source/start.py" --venv "$home/venv" "$source/constraints.txt" "$source/{wheel}" {packages}
chmod -R go-rwx "$source"  # students' code becomes another user

# What this machine can enforce, and the reference, graded as students will be: look at both in the build's log.
export AUTOGRADER_CACHE=$home/cache
"$home/venv/bin/autograder" doctor
mkdir -p "$home/try"
{copies}
"$home/venv/bin/autograder" --course "$source/course" grade "$home/try" --student --assignment {assignment} ||
    echo "The reference could not be graded here. Where runs have the same limits, no submission will be."
rm -r "$home/try"
"""
_RUN = """\
#!/usr/bin/env bash
# Run for every submission. Whatever happens, results.json says what to do next.
seconds=${{AUTOGRADER_SECONDS:-{seconds}}}  # less than the time-out in Gradescope's settings
root=${{AUTOGRADER_ROOT:-/autograder}}
home=${{AUTOGRADER_HOME:-/opt/autograder}}
mkdir -p "$root/results"
cat > "$root/results/results.json" << 'END'
{fallback}
END
export AUTOGRADER_CACHE=$home/cache
timeout --kill-after=5 "$((seconds + 30))" "$home/venv/bin/autograder" --course "$root/source/course" \\
    gradescope {assignment} --root "$root" --seconds "$seconds"
echo "autograder ended with $?: 0 graded, 1 not graded, 2 a fault of the course, 124 out of time"
"""
_FALLBACK = {
    "output": "The grader did not come to an end, for no reason that you can mend. Your submission is kept; there is "
    "nothing to hand in again.\nCourse staff: see this run's stdout. Mend the cause, then “Rerun Autograder”.",
    "output_format": "text",
    "visibility": "visible",
    "stdout_visibility": "hidden",
    "tests": [],
}


def release(course: Course, assignment: Assignment, to: Path) -> Path:
    """Write the zip. Returns `to`. CourseError: no .zip, a check file that does not load, data that is not there."""
    if to.suffix != ".zip":
        raise CourseError(f"{to}: Gradescope takes a zip. Give a name that ends in .zip.")
    worths(assignment)  # its check files load
    write_file(to, zip_bytes(sorted(files(course, assignment).items()), ("setup.sh", "run_autograder")))
    return to


def files(course: Course, assignment: Assignment) -> dict[str, bytes]:
    """All of the zip, by name. The course is whole: an exercise may build on one of another assignment."""
    made = {
        "setup.sh": setup(course, assignment).encode(),
        "run_autograder": run(assignment).encode(),
        wheel_name(): make_wheel(),
    }
    for name, own in (("start.py", "release/start.py"), ("constraints.txt", "constraints.txt")):
        made[name] = resources.files("autograder").joinpath(own).read_bytes()
    with zipfile.ZipFile(io.BytesIO(pack(course))) as archive:
        made |= {f"course/{name}": archive.read(name) for name in archive.namelist()}
    return made


def setup(course: Course, assignment: Assignment) -> str:
    """setup.sh, with the packages that students may import."""
    copies = [f'cp "$source/course/solutions/{e.id}.py" "$home/try/{e.slug}.py"' for e in assignment.exercises]
    packages = " ".join(name for name in course.grading.packages if name != "numpy")
    filled = _SETUP.format(wheel=wheel_name(), packages=packages, copies="\n".join(copies), assignment=assignment.id)
    return filled.replace(" \nchmod", "\nchmod")


def run(assignment: Assignment) -> str:
    """run_autograder, with what it leaves where the grader itself does not come to its end."""
    fallback = json.dumps(_FALLBACK, indent=2, ensure_ascii=False)
    return _RUN.format(seconds=SECONDS, assignment=assignment.id, fallback=fallback)
