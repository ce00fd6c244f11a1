"""What modules of one exercise have in common, beyond what the course gave and what the whole class writes.

The kept library copydetect reads the text as tokens, with one name for all names, and makes fingerprints of short
runs of them. Here fingerprints of the stub and the references are taken off, those of the rest weigh less
the more of the class have them, and a pair stands out where it is farther from the class's other pairs than these are
from each other. It is evidence for a person, and never points.

Its lexer can be made to take very long: call `measure` and `compare` in a process that can be ended.
"""

from __future__ import annotations

import io
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

#: Bytes of a module that are looked at; honest ones have a tenth of that.
LIMIT = 64 << 10
#: The length of a fingerprint in filtered characters, where every name is one. All are kept, by a window of 1: else the
#: library chooses among them by hashes that Python salts, and finds other pairs at each run.
RUN = 16
#: A pair below this similarity is not shown, however far the class is from it; nor one with fewer common fingerprints.
LEAST, FEWEST = 0.4, 10
#: From so many pairs on the class has a middle and a spread of its own (the median deviation from it, as a standard
#: deviation), and a pair stands out by so many spreads, and at least so much.
PAIRS, SPREADS, MARGIN = 15, 5.0, 0.2
_AS_DEVIATION = 1.4826

Line = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Pair:
    """Two modules, by the names of `compare`'s sources, and what share of the smaller one's own text is common."""

    one: str
    other: str
    similarity: float
    common: int


@dataclass(frozen=True)
class Comparison:
    """The pairs that stand out, the most alike first; from which similarity on, and of how many."""

    pairs: tuple[Pair, ...]
    threshold: float
    median: float
    compared: int


def measure(source: bytes) -> float:
    """How many seconds it takes to read a module. ValueError: it is too long, or no text."""
    started = time.monotonic()
    _fingerprint(source)
    return time.monotonic() - started


def compare(sources: Mapping[str, bytes], given: Sequence[bytes]) -> Comparison:
    """All pairs of some modules. `given`: the stub and the references, whose text is nobody's own."""
    off = _given(given)
    own = {name: frozenset(_fingerprint(source).hashes) - off for name, source in sources.items()}
    own = {name: prints for name, prints in own.items() if len(prints) >= FEWEST}
    having = Counter(each for prints in own.values() for each in prints)
    weights = {each: math.log((len(own) + 1) / count) for each, count in having.items()}
    sizes = {name: sum(weights[each] for each in prints) for name, prints in own.items()}
    all_of_them, alike = [], []
    for one, other in combinations(sorted(own), 2):
        common = own[one] & own[other]
        share = min(1.0, sum(weights[each] for each in common) / min(sizes[one], sizes[other]))
        all_of_them.append(share)
        if share >= LEAST and len(common) >= FEWEST:
            alike.append(Pair(one, other, share, len(common)))
    least = threshold(all_of_them)
    pairs = sorted((pair for pair in alike if pair.similarity >= least), key=lambda p: (-p.similarity, p.one, p.other))
    middle = statistics.median(all_of_them) if all_of_them else 0.0
    return Comparison(tuple(pairs), least, middle, len(all_of_them))


def threshold(similarities: Sequence[float]) -> float:
    """From which similarity on a pair stands out, given those of all pairs of the class.

    Above 1 where the class's pairs are so alike that none does.
    """
    if len(similarities) < PAIRS:
        return LEAST
    middle = statistics.median(similarities)
    spread = _AS_DEVIATION * statistics.median(abs(each - middle) for each in similarities)
    return max(LEAST, middle + max(MARGIN, SPREADS * spread))


def side_by_side(one: bytes, other: bytes, given: Sequence[bytes]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Both modules as lines, each line in parts with whether that part is common to both."""
    from copydetect.detector import compare_files

    off = _given(given)
    prints = [_fingerprint(source, off) for source in (one, other)]
    _, _, slices = compare_files(*prints)
    first, second = (_lines(each.raw_code, _ranges(cut)) for each, cut in zip(prints, slices, strict=True))
    return first, second


def _given(given: Iterable[bytes]) -> frozenset[int]:
    return frozenset(each for source in given for each in _fingerprint(source).hashes)


def _fingerprint(source: bytes, off: frozenset[int] = frozenset()) -> Any:
    """copydetect's own, without some fingerprints. (Its way to leave them out drops what a module says twice, too.)"""
    from copydetect.detector import CodeFingerprint

    if len(source) > LIMIT:
        raise ValueError(f"longer than {LIMIT >> 10} KiB")
    try:
        lines = source.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    # The lexer takes minutes for spaces before a line's end, which say nothing.
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    made = CodeFingerprint("module.py", RUN, 1, fp=io.StringIO(text))
    made.hash_idx = {each: places for each, places in made.hash_idx.items() if each not in off}
    made.hashes -= off
    return made


def _ranges(slices: Any) -> list[tuple[int, int]]:
    return [(int(start), int(end)) for start, end in zip(*slices, strict=True)] if len(slices) else []


def _lines(text: str, ranges: Sequence[tuple[int, int]]) -> tuple[Line, ...]:
    """The text by lines, cut where a range begins or ends."""
    is_common = bytearray(len(text))
    for start, end in ranges:
        is_common[start:end] = b"\1" * (min(end, len(text)) - min(start, len(text)))
    lines, place = [], 0
    for line in text.splitlines():
        parts: list[tuple[str, bool]] = []
        for i, character in enumerate(line, place):
            if parts and parts[-1][1] == bool(is_common[i]):
                parts[-1] = (parts[-1][0] + character, parts[-1][1])
            else:
                parts.append((character, bool(is_common[i])))
        lines.append(tuple(parts))
        place += len(line) + 1
    return tuple(lines)
