"""EXPLANATION: evidence on the student's prose, for the human who marks. `prose` takes it from the module.

No program scores prose. What is gathered here is worded as evidence, "not a mark", goes to the person who marks
and never into a score; students never read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from autograder.authored import Entry, Text, read_entries
from autograder.course import Exercise
from autograder.submissions.prose import NAME, explanation
from autograder.submissions.words import folded, is_untouched, takes_no_ink, visible, words_of

FEW_WORDS = 50  # about 100 are asked for
RUN = 5  # words in a row that two texts must share
COPIED = 0.3  # share of an answer's runs that also stand elsewhere
QUOTE = 200  # characters of a sentence that are quoted
HEADER = "Evidence for the person who marks. Not a mark."

# An English text of some length is about half function words; no other language comes near.
_COMMON = frozenset(
    "the a an of to in is are was be it its that this and or but not as at by for from with on which each one "
    "we i you they he she my our your their if so because only then what how when where can has have had do no all "
    "more than does".split()
)
_TO_THE_GRADER = re.compile(
    r"\b(grad(er|ers|ing|e me)|full (marks|points|credit)|"
    r"(give|award|grant|deserve)\w* .{0,30}\b(marks?|points?|credit)|"
    r"(ignore|disregard|forget) .{0,30}\b(instructions?|rubric|previous|above)|system prompt|language model|"
    r"as an ai|chatgpt|\bllms?\b|rubric|auto_?score|needs_manual_grade|max_?(score|points)|out of (3|three)|3/3)\b",
    re.IGNORECASE,
)
_EMOJI = re.compile("(?<=[\u2190-\u2bff\U0001f000-\U0001faff])[\ufe0f\u200d]")  # there they are part of a picture
_TAG = 0xE0000  # characters for tags: ASCII, and invisible
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n")


def _pattern(value: object) -> object:
    try:
        return re.compile(value, re.IGNORECASE) if isinstance(value, str) else value
    except re.error as problem:
        raise ValueError(f"a regular expression: {problem}") from None


class IdeaEntry(Entry):
    """What a good written answer may say, in ideas.yml, which is a list of these."""

    idea: Annotated[Text, Field(description="its name, for the person who marks")]
    all: Annotated[
        tuple[Annotated[re.Pattern[str], BeforeValidator(_pattern)], ...],
        Field(min_length=1, description="regular expressions that must all match within one sentence"),
    ]


@dataclass(frozen=True)
class Idea:
    """What a good answer may say: a sentence shows it when every pattern matches somewhere in the sentence."""

    name: str
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Answer:
    """One student's text in one exercise, by its slug."""

    student: str
    exercise: str
    text: str


def placeholder(exercise: Exercise) -> str:
    """What EXPLANATION says in the untouched stub."""
    return explanation(exercise.stub.read_bytes()) or ""


# -- evidence ---------------------------------------------------------------------------------------


def evidence(answer: Answer, exercise: Exercise, others: Iterable[Answer] = ()) -> str:
    """What the person who marks may want to know, as plain lines under HEADER. `others`: the class's answers.

    Raises CourseError when the exercise's ideas.yml is wrong.
    """
    text = answer.text
    if is_untouched(text, placeholder(exercise)):
        return f"{HEADER}\nUntouched: {NAME} is empty or as in the stub."
    lines = [HEADER, f"{len(words_of(text))} words; about 100 were asked for."]
    lines += cautions(answer, exercise, others)
    sentences = _sentences(text)
    for idea in ideas(exercise):
        said = next((s for s in sentences if all(p.search(s) or p.search(folded(s)) for p in idea.patterns)), None)
        lines.append(f"Idea “{idea.name}”: {_quoted(said) if said else 'no sentence found by the search'}")
    numbers = [s for s in sentences if re.search(r"\d", s)]
    lines += [f"Numbers: {_quoted(sentence)}" for sentence in numbers[:3]] or ["Numbers: none in digits"]
    return "\n".join(lines)


def cautions(answer: Answer, exercise: Exercise, others: Iterable[Answer] = ()) -> list[str]:
    """What may be wrong with an answer, a line each: hidden, too short, foreign, copied, talks to the grader."""
    words = words_of(answer.text)
    lines = hidden(answer.text)
    if len(words) < FEW_WORDS:
        lines.append(f"Look: short, {len(words)} words.")
    if _is_foreign(answer.text, words):
        lines.append("Look: it does not read like English.")
    if copied := _copied(answer, exercise, others):
        lines.append(copied)
    addressed = [sentence for sentence in _sentences(answer.text) if _TO_THE_GRADER.search(folded(sentence))]
    return lines + [f"Look: talks to the grader: {_quoted(sentence)}" for sentence in addressed[:2]]


def hidden(text: str) -> list[str]:
    """What the text holds that nobody sees, a line for the characters and one for words that they spell."""
    unseen = Counter(c for c in _EMOJI.sub("", text) if takes_no_ink(c) and not c.isspace())
    names = [f"{unicodedata.name(c, f'U+{ord(c):04X}')} ({n})" for c, n in unseen.most_common(3)]
    lines = [f"Look: characters that do not show, {unseen.total()}: {', '.join(names)}."] if unseen else []
    spelt = "".join(chr(ord(c) - _TAG) for c in text if 0x20 <= ord(c) - _TAG < 0x7F)
    return [*lines, f"Look: words that do not show: {_quoted(' '.join(spelt.split()))}"] if spelt.strip() else lines


def ideas(exercise: Exercise) -> tuple[Idea, ...]:
    """The exercise's ideas.yml: a list of `idea` (a name) and `all` (patterns). None without the file."""
    path = exercise.ideas
    return _read_ideas(path, path.stat().st_mtime_ns) if path.is_file() else ()


@lru_cache(maxsize=64)
def _read_ideas(path: Path, changed: int) -> tuple[Idea, ...]:
    return tuple(Idea(entry.idea, entry.all) for entry in read_entries(path, tuple[IdeaEntry, ...]))


def in_order(answers: Iterable[Answer], exercises: Mapping[str, Exercise]) -> list[Answer]:
    """The queue of the person who marks: exercise by exercise, the untouched first, copies side by side.

    The rest goes from short to long, so that answers alike in kind are met together.
    """
    entries = list(answers)
    rank = {slug: i for i, slug in enumerate(exercises)}
    stubs = {slug: placeholder(exercise) for slug, exercise in exercises.items()}
    leader = {answer: _first_like(answer, entries) for answer in entries}
    return sorted(
        entries,
        key=lambda a: (
            rank[a.exercise],
            not is_untouched(a.text, stubs[a.exercise]),
            len(words_of(leader[a].text)),
            leader[a].student,
            a.student,
        ),
    )


def _first_like(answer: Answer, answers: Iterable[Answer]) -> Answer:
    """The first of the class that shares this answer's words; the answer itself if nobody does."""
    alike = [o for o in answers if o.exercise == answer.exercise and _overlap(answer.text, o.text) >= COPIED]
    return min([answer, *alike], key=lambda o: o.student)


def _copied(answer: Answer, exercise: Exercise, others: Iterable[Answer]) -> str:
    """The sources that share many of this answer's runs of five words, the nearest first."""
    sources = [(f"the answer of {o.student}", o.text) for o in others if o.student != answer.student]
    sources += [(path.name, _text_of(path)) for path in (exercise.readme, exercise.hints)]
    if exercise.solution.is_file():
        sources.append(("the reference solution", explanation(exercise.solution.read_bytes()) or ""))
    shares = sorted(((_overlap(answer.text, text), name) for name, text in sources), reverse=True)
    near = [f"{name} ({share:.0%})" for share, name in shares[:3] if share >= COPIED]
    return f"Look: its runs of {RUN} words also stand in {', '.join(near)}." if near else ""


def _overlap(text: str, other: str) -> float:
    """The share of the text's runs of words that the other holds too."""
    mine, theirs = _runs(text), _runs(other)
    return len(mine & theirs) / len(mine) if mine else 0.0


@lru_cache(maxsize=4096)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = words_of(text)
    return frozenset(tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def _is_foreign(text: str, words: list[str]) -> bool:
    letters = [c for c in text if c.isalpha()]
    if letters and sum(c.isascii() for c in letters) < 0.7 * len(letters):
        return True
    return len(words) >= 20 and sum(word in _COMMON for word in words) < 0.2 * len(words)


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _sentences(text: str) -> list[str]:
    return [joined for part in _SENTENCE.split(visible(text)) if (joined := " ".join(part.split()))]


def _quoted(sentence: str) -> str:
    return f"“{sentence if len(sentence) <= QUOTE else sentence[: QUOTE - 1] + '…'}”"
