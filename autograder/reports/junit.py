"""JUnit XML for CI: a suite an exercise, a case a check."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from autograder.files import write_file
from autograder.reports.text import explanation, one_line, plain
from autograder.results import CheckResult, ExerciseResult, Outcome, Report
from autograder.versions import untested


def write_junit(path: Path, report: Report) -> None:
    """Write a report as JUnit XML in UTF-8. CourseError: the folder cannot be written."""
    write_file(path, junit(report))


def junit(report: Report) -> bytes:
    """A report as JUnit XML: failed and timeout are failures, `error` is an error, skipped is skipped."""
    root = ET.Element("testsuites", name=one_line(report.student))
    for result in report.exercises:
        _suite(root, result, report)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _suite(root: ET.Element, result: ExerciseResult, report: Report) -> None:
    suite = ET.SubElement(root, "testsuite", name=one_line(result.exercise))
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="lockdown", value=one_line(report.level))
    for line in untested(report.versions):
        ET.SubElement(properties, "property", name="untested", value=line)
    for check in result.checks:
        case = _case(suite, result, check.name, check.cpu_seconds)
        _outcome(case, check.outcome, one_line(check.message or check.law), explanation(check))
    if not result.checks or (result.outcome is Outcome.ERROR and not _has_error(result.checks)):
        case = _case(suite, result, "submission", 0.0)
        _outcome(case, result.outcome, one_line(result.message or "not submitted"), plain(result.message))
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))


def _has_error(checks: tuple[CheckResult, ...]) -> bool:
    return any(check.outcome is Outcome.ERROR for check in checks)


def _case(suite: ET.Element, result: ExerciseResult, name: str, seconds: float) -> ET.Element:
    attributes = {"classname": one_line(result.exercise), "name": one_line(name), "time": f"{seconds:.3f}"}
    return ET.SubElement(suite, "testcase", attributes)


def _outcome(case: ET.Element, outcome: Outcome, message: str, text: str) -> None:
    if outcome is Outcome.PASSED:
        return
    tag = {Outcome.ERROR: "error", Outcome.SKIPPED: "skipped"}.get(outcome, "failure")
    ET.SubElement(case, tag, type=outcome.value, message=message).text = text
