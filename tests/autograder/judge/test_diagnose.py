"""The diagnosis: who is named, who is not, and that the measurement of it can fail."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.authoring.audit import GARBAGE, quiet
from autograder.authoring.diagnosis_trials import Trials, both, edits, pairs
from autograder.course import Course
from autograder.judge.calls import Call, Recorder, agree, same_input
from autograder.judge.diagnose import Diagnostician
from autograder.judge.mutants import edited as mutants_edited
from autograder.judge.suite import Check, Suite
from autograder.judge.verdict import Judge
from autograder.results import Diagnosis
from autograder.runner.session import InProcess, none_opened
from autograder.sources import run_variant


@pytest.fixture(scope="module")
def suites(course: Course) -> Callable[[str], Suite]:
    made: dict[str, Suite] = {}
    return lambda name: made.setdefault(name, Suite(course.exercise(name), course.grading.seed))


def named(suite: Suite, source: str) -> list[str]:
    """The mutants that grading names for this source."""
    judge = Judge(suite, lambda code: InProcess(run_variant(suite.exercise, source, "student")), 0)
    with quiet():
        return [diagnosis.mutant for diagnosis in judge.grade(b"").diagnoses]


def edited(suite: Suite, *changes: tuple[str, str]) -> str:
    return mutants_edited(suite.exercise.solution.read_text(encoding="utf-8"), changes)


def mutants(suite: Suite, *names: str) -> str:
    edits = [edit for mutant in suite.mutants if mutant.name in names for edit in mutant.edits]
    return edited(suite, *edits)


ROOT_OF_SIGNAL = ("return np.sqrt(alpha_bar) * x0 +", "return alpha_bar * x0 +")


def test_a_result_in_the_wrong_precision_is_a_misconception_of_its_own(suites: Callable[[str], Suite]) -> None:
    suite = suites("02")
    assert named(suite, mutants(suite, "float64")) == ["float64"]


def test_two_mistakes_in_two_functions_are_both_named(suites: Callable[[str], Suite]) -> None:
    suite = suites("05")
    assert set(named(suite, mutants(suite, "x0_sign", "eps_sign"))) == {"x0_sign", "eps_sign"}


def test_a_mistake_is_named_beside_another_one_in_the_same_function(suites: Callable[[str], Suite]) -> None:
    suite = suites("05")
    source = edited(suite, ROOT_OF_SIGNAL, ("np.any(t < 0) or np.any", "np.any"))
    assert "no_sqrt" in named(suite, source)


def test_a_misconception_written_in_float32_and_in_other_words_is_named(suites: Callable[[str], Suite]) -> None:
    suite = suites("05")
    new = (
        "noise = (np.sqrt(1.0 - alpha_bar) * eps).astype(np.float32)\n    return noise + (alpha_bar * x0).astype('f4')"
    )
    source = edited(suite, ("return np.sqrt(alpha_bar) * x0 + np.sqrt(1.0 - alpha_bar) * eps", new))
    assert named(suite, source) == ["no_sqrt"]


def test_a_mistake_that_is_no_mutant_gets_no_name(suites: Callable[[str], Suite]) -> None:
    suite = suites("05")
    assert named(suite, edited(suite, ("return np.sqrt(alpha_bar) * x0 +", "return alpha_bar**0.7 * x0 +"))) == []


def test_a_mistake_that_one_input_alone_shows_gets_no_name(suites: Callable[[str], Suite]) -> None:
    suite = suites("03")
    assert named(suite, mutants(suite, "allows_1")) == []


def test_the_reference_gets_no_name(suites: Callable[[str], Suite]) -> None:
    assert named(suites("05"), edited(suites("05"))) == []


def test_pairs_and_edits_are_the_same_each_time_and_differ_from_the_reference(suites: Callable[[str], Suite]) -> None:
    suite = suites("05")
    reference = suite.exercise.solution.read_text(encoding="utf-8")
    assert [source for *_, source in pairs(suite, 3)] == [source for *_, source in pairs(suite, 3)]
    found = list(edits(suite, 5))
    assert found == list(edits(suite, 5))
    assert len(found) == 5
    assert reference not in found
    one, two = (next(m for m in suite.mutants if m.name == name) for name in ("no_sqrt", "no_sqrt_anywhere"))
    assert both(suite, one, two) is None  # they edit the same line


def test_the_measurement_sees_a_diagnosis_that_names_what_is_not_there(suites: Callable[[str], Suite]) -> None:
    suite = suites("05")

    class Guesses:
        """Names the first mutant for everybody; what it is asked about it answers as the real one."""

        def __init__(self, real: object) -> None:
            self.suspect = real.suspect  # type: ignore[attr-defined]

        def explain(self, *_: object) -> tuple[Diagnosis, ...]:
            return (Diagnosis(suite.mutants[0].name, "", ""),)

    trials = Trials(Judge(suite, none_opened), InProcess)
    trials._count = 1
    trials._diagnostician = Guesses(trials._diagnostician)  # type: ignore[assignment]
    with quiet():
        trials.mutant(suite.mutants[1], lambda: InProcess(suite.mutants[1].module))
        tally = trials.others({name: GARBAGE[name] for name in ("None", "a wrong shape")})
    assert len(tally.wrong_mutants) == 1
    assert len(tally.wrong_unrelated) >= 2
    assert tally.right == 0


def test_a_module_of_rubbish_is_not_taken_for_anything(suites: Callable[[str], Suite]) -> None:
    suite = suites("05")
    for value in (np.nan, np.zeros((3, 4)), 0.0):
        module = SimpleNamespace(
            **{f: lambda *args, v=value, **kw: v for f in ("add_noise", "predict_x0", "predict_eps")}
        )
        judge = Judge(suite, lambda code, m=module: InProcess(m), 0)
        with quiet():
            assert judge.grade(b"").diagnoses == ()


def test_what_the_mutants_did_is_kept_for_the_next_student(
    suites: Callable[[str], Suite], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where checks lend models and noise, which hold all that they were ever asked."""
    suite, replayed = suites("ddpm_sampler"), []
    judge = Judge(suite, lambda code: InProcess(run_variant(suite.exercise, suite.mutants[0].source, "student")), 0)
    replay = Diagnostician._replayed

    def counted(self: Diagnostician, check: Check, *rest: object) -> list[Call]:
        replayed.append(check.name)
        return replay(self, check, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Diagnostician, "_replayed", counted)
    with quiet():
        first, before = judge.grade(b"").diagnoses, len(replayed)
        again = judge.grade(b"").diagnoses
    assert before > len(suite.mutants)
    assert replayed[before:] == []
    assert first == again != ()


def test_a_constant_is_named_and_not_called() -> None:
    recorder = Recorder(InProcess(SimpleNamespace(TARGET="v", double=lambda x: 2 * x)))
    recorder.TARGET  # noqa: B018
    recorder.double(3)
    assert [call.text() for call in recorder.calls] == ["TARGET", "double(3)"]


def test_a_thinned_call_agrees_with_the_same_answer_only() -> None:
    def called(blur: Callable[..., object]) -> Call:
        recorder = Recorder(InProcess(SimpleNamespace(blur=blur)))
        recorder.blur(np.arange(2000.0).reshape(40, 50))
        return recorder.calls[0]

    kept = called(lambda x: x + 1)
    whole = kept.all_bytes
    kept.thin()
    assert kept.all_bytes < whole / 4
    same = called(lambda x: x + 1)
    assert same_input(same, kept)
    assert agree(same, kept)
    assert not agree(called(lambda x: x + 1.001), kept)
    assert not agree(called(lambda x: (x + 1).reshape(-1)), kept)
