"""The three ways in which something can be wrong, by whose fault it is."""


class CourseError(Exception):
    """The course itself is wrong: course.yml, a check, a mutant, a missing file. Exit code 2."""


class SubmissionError(Exception):
    """A submission cannot be read: a bad zip, two modules of one name. It concerns one student only."""


class GraderError(Exception):
    """The grader failed. The outcome is `error`: never 0 points and never full marks."""


class LockdownError(GraderError):
    """This machine cannot lock student code down as far as course.yml demands."""
