"""How often `autograder alike` would show honest work, and how often it finds a copy: `make likeness`.

Honest are the course's variants: correct solutions that were written to differ from each other. A class is an
exercise's variants. Then to each variant in turn one disguised copy is added, whose pair with it should stand out.
And, as variants agree in less than students do: made-up classes of short answers, each step in one of three ways.
"""

from __future__ import annotations

import ast
import itertools
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, Exercise
from autograder.submissions.passages import compare

#: Made-up classes of 30 short answers.
CLASSES = 10
ROOT = Path(__file__).resolve().parents[2]


def renamed(source: str) -> str:
    """Every name that is bound within a function becomes another, and comments go."""
    tree = ast.parse(source)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for number, name in enumerate(sorted(bound)):
        source = re.sub(rf"\b{name}\b", f"value_{number}", source)
    return re.sub(r"(?m)\s*#[^\"'\n]*$", "", source)


def reordered(source: str) -> str:
    """Renamed, the definitions at the top in another order, laid out anew."""
    tree = ast.parse(renamed(source))
    places = [i for i, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef)]
    moved = [tree.body[i] for i in reversed(places)]
    for i, node in zip(places, moved, strict=True):
        tree.body[i] = node
    return ast.unparse(tree)


def padded(source: str) -> str:
    """Reordered, with an idle statement before every third statement of a function."""
    tree = ast.parse(reordered(source))
    chance = random.Random(0)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        body = []
        for i, statement in enumerate(function.body):
            idle = ast.parse(f"spare_{chance.randrange(99)} = [{i}, {chance.randrange(9)}]").body
            body += [*idle, statement] if i % 3 == 0 else [statement]
        function.body = body
    return ast.unparse(ast.fix_missing_locations(tree))


#: Each step of a solution, in the ways in which people write it.
STEPS = (
    (
        "total = sum(values) / len(values)",
        "total = np.mean(values, axis=0)",
        "total = 0\n    for v in values:\n        total += v",
    ),
    (
        "spread = [abs(v - total) for v in values]",
        "spread = np.abs(np.asarray(values) - total)",
        "spread = list(map(lambda v: v - total, values))",
    ),
    (
        "if not spread:\n        raise ValueError('empty')",
        "assert len(spread) > 0, spread",
        "if len(spread) == 0:\n        return None",
    ),
    (
        "order = sorted(range(len(spread)), key=spread.__getitem__)",
        "order = np.argsort(spread, kind='stable')",
        "order = [i for _, i in sorted(zip(spread, range(9)))]",
    ),
    (
        "kept = [values[i] for i in order[:limit]]",
        "kept = np.take(values, order)[:limit]",
        "kept = []\n    while len(kept) < limit:\n        kept.append(order.pop(0))",
    ),
    (
        "return {'kept': kept, 'total': total}",
        "return dict(zip(('kept', 'total'), (kept, total)))",
        "result = {}\n    result['kept'] = kept\n    return result",
    ),
)


def answer(ways: tuple[int, ...]) -> bytes:
    body = "\n    ".join(step[way] for step, way in zip(STEPS, ways, strict=True))
    return f"import numpy as np\n\ndef pick(values, limit):\n    {body}\n".encode()


def short_answers(count: int, seed: int) -> dict[str, bytes]:
    """So many students, each of whom took one of three ways at each step; no two took the same at all."""
    every = list(itertools.product(range(3), repeat=len(STEPS)))
    return {f"s{i:02}": answer(ways) for i, ways in enumerate(random.Random(seed).sample(every, count))}


DISGUISES: tuple[Callable[[str], str], ...] = (renamed, reordered, padded)


@dataclass(frozen=True)
class Rates:
    """Honest pairs and which of them stand out; copies by disguise, and how many of them are found.

    `short_…`: of made-up classes whose honest answers are short and agree by chance.
    """

    pairs: int
    shown: tuple[tuple[str, str, str, float], ...]
    copies: int
    found: dict[str, int]
    short_pairs: int
    short_shown: int


def rates(course: Course) -> Rates:
    pairs, shown, copies, found = 0, [], 0, dict.fromkeys((d.__name__ for d in DISGUISES), 0)
    for exercise in course.exercises:
        sources = {path.stem: path.read_bytes() for path in exercise.variants}
        told = compare(sources, given(exercise))
        pairs += told.compared
        shown += [(exercise.id, pair.one, pair.other, pair.similarity) for pair in told.pairs]
        copies += len(sources)
        for disguise, name in copies_found(exercise, sources):
            found[disguise] += bool(name)
    short = [compare(short_answers(30, seed), ()) for seed in range(CLASSES)]
    return Rates(
        pairs, tuple(shown), copies, found, sum(told.compared for told in short), sum(len(told.pairs) for told in short)
    )


def given(exercise: Exercise) -> list[bytes]:
    return [exercise.stub.read_bytes(), exercise.solution.read_bytes()]


def copies_found(exercise: Exercise, sources: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """For each variant and disguise, the variant whose copy was found; empty where it was not."""
    for name, source in sources.items():
        for disguise in DISGUISES:
            copy = disguise(source.decode()).encode()
            told = compare({**sources, "the copy": copy}, given(exercise))
            yield disguise.__name__, name if {name, "the copy"} in [{p.one, p.other} for p in told.pairs] else ""


if __name__ == "__main__":
    told = rates(Course.load(ROOT))
    print(f"honest pairs shown: {len(told.shown)} of {told.pairs} ({100 * len(told.shown) / told.pairs:.1f} %)")
    for exercise_id, one, other, similarity in told.shown:
        print(f"  {exercise_id}: {one} and {other}, {similarity:.2f}")
    print(f"honest pairs of short answers shown: {told.short_shown} of {told.short_pairs}")
    for disguise_name, count in told.found.items():
        print(f"copies found, {disguise_name}: {count} of {told.copies} ({100 * count / told.copies:.0f} %)")
