"""nbgrader's course directory: `source/` for an assignment, the configuration, and the due date in the gradebook."""

from __future__ import annotations

import re
import shutil
from datetime import UTC
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.nbgrader import gradebook
from autograder.nbgrader.notebook import CONSTRAINTS, REQUIREMENTS, UNTOUCHED, make_notebook, requirements
from autograder.release.bundle import refuse_leaks, workshop, worths, write_earlier, write_parts
from autograder.release.folder import own
from autograder.release.wheel import make_wheel, wheel_name
from autograder.versions import DISTRIBUTION

MARK = "# Made by `autograder release --nbgrader`."
_CONFIG = """\
{mark} Settings of your own belong in my_config.py beside this file.
# Our judge grades in place of a kernel: `nbgrader autograde`, the formgrader's button and
# `autograder grade submitted --assignment ID --gradebook URL` give the same scores.
from pathlib import Path

c = get_config()
c.Autograder.course = {course!r}
c.CourseDirectory.course_id = {course_id!r}

c.Autograde.exporter_class = "autograder.nbgrader.preprocessors.ReleasedNotebook"
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader.preprocessors.JudgeModules",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder.nbgrader.preprocessors.AddEvidence",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.ExchangeFactory.collect = "autograder.nbgrader.preprocessors.CollectPlain"
c.AssignLatePenalties.plugin_class = "autograder.nbgrader.preprocessors.CourseLatePolicy"
c.OverwriteCells.add_missing_cells = True
# The students' modules must not be overwritten with the stubs.
c.Autograde.exclude_overwriting = {{
{modules}}}

c.ClearSolutions.text_stub = {untouched!r}
c.GenerateFeedback.exporter_class = "autograder.nbgrader.preprocessors.FeedbackPages"
c.GenerateFeedback.preprocessors = [
    "autograder.nbgrader.preprocessors.HoldFeedback",
    "nbgrader.preprocessors.GetGrades",
    "autograder.nbgrader.preprocessors.ForStudents",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
# `nbgrader zip_collect`: a zip a student, named by the student. Without this it would drop the modules.
c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".py"]
c.FileNameCollectorPlugin.named_regexp = {regexp!r}
if (Path(__file__).parent / "my_config.py").is_file():
    load_subconfig("my_config.py")
"""


#: The first extracted/STUDENT/, then perhaps one folder around everything, then the file as released. A later one
#: lies in the student's own zip and would name somebody else. nbgrader writes the name into its pages as it is.
_ZIPPED = (
    r'(?:(?!/extracted/).)*/extracted/(?P<student_id>[^/<>"\\]+)/(?:[^/]+/(?=exercises/|[^/]+\.ipynb$))?(?P<file_id>.+)'
)


def release(course: Course, assignment: Assignment, to: Path) -> None:
    """Write an assignment's source/ into nbgrader's course directory `to`, made if new, and its due date.

    Beside the notebook lie the wheel and requirements.txt, from which a student's kernel gets what it needs.
    A notebook of the instructor's own in source/ stays. CourseError: a leak, a part that is missing or stale, an
    nbgrader_config.py that is not ours, a folder or gradebook that cannot be written; then nothing was released.
    """
    _require_own_config(to / "nbgrader_config.py")
    worth = worths(assignment)
    with workshop(to) as folder:
        write_parts(course, assignment, worth, folder)
        write_file(folder / f"{assignment.id}.ipynb", make_notebook(assignment, worth))
        write_file(folder / wheel_name(), make_wheel())
        write_file(folder / REQUIREMENTS, requirements())
        write_file(folder / CONSTRAINTS, own(CONSTRAINTS))
        refuse_leaks(folder, course)
        write_earlier(course, assignment, folder)
        _put(folder, to / "source" / assignment.id)
    write_file(to / "nbgrader_config.py", config(course))
    with gradebook.opened(f"sqlite:///{to.resolve() / 'gradebook.db'}") as book:
        due = assignment.due.astimezone(UTC).replace(tzinfo=None)
        book.update_or_create_assignment(assignment.id, duedate=due)


def config(course: Course) -> str:
    """The text of nbgrader_config.py, for all assignments of the course."""
    modules = ""
    for assignment in course.assignments:
        modules += f"    {assignment.id!r}: [\n"
        modules += "".join(f"        'exercises/{e.id}/{e.stub.name}',\n" for e in assignment.exercises)
        modules += "    ],\n"
    course_id = re.sub(r"[^a-z0-9]+", "-", course.title.lower()).strip("-") or "course"
    return _CONFIG.format(
        mark=MARK,
        course=str(course.root),
        course_id=course_id,
        modules=modules,
        untouched=UNTOUCHED,
        regexp=_ZIPPED,
    )


def _require_own_config(path: Path) -> None:
    if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(MARK):
        raise CourseError(
            f"{path}: is not ours, so it stays. Rename it to my_config.py (it will be loaded), or use another --to."
        )


def _put(folder: Path, source: Path) -> None:
    """Our files in place of what was released before; others in `source` stay."""
    try:
        source.mkdir(parents=True, exist_ok=True)
        for part in ("exercises", "vocabulary"):
            shutil.rmtree(source / part, ignore_errors=True)
        for wheel in source.glob(f"{DISTRIBUTION}-*.whl"):
            wheel.unlink()
        shutil.copytree(folder, source, dirs_exist_ok=True)
    except OSError as problem:
        raise CourseError(f"{source}: cannot be written: {problem.strerror}. Choose another --to.") from None
