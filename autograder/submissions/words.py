"""The words of a written answer, as they are compared: without what does not show, accents, case and look-alikes."""

from __future__ import annotations

import re
import unicodedata

# What takes no ink: formats, controls, unassigned and private characters, halves; and what Unicode counts as letters,
# symbols or marks all the same: Hangul and Khmer fillers, the blank of Braille, the grapheme joiner, variation
# selectors.
_UNSEEN = ("Cf", "Cc", "Cn", "Co", "Cs")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")  # ASCII's, but for those that count as spaces
_FILLERS = re.compile(
    "[\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
# Small letters of Cyrillic and Greek that look like Latin ones; NFKD folds wide, mathematical and ringed forms.
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u04cf\u0501\u051b\u051d"
    "\u03b1\u03bf\u03bd\u03c1\u03b9\u03ba\u03c5",
    "aeopcyxijshldqwaovpiku",
)


def visible(text: str) -> str:
    """The text without what does not show."""
    return _without(text, [c for c in set(text) if takes_no_ink(c) and not c.isspace()])


def folded(text: str) -> str:
    """The text as it is compared: without what does not show, accents and case; letters that look alike are one."""
    if text.isascii():
        return _CONTROLS.sub("", text).lower()
    plain = unicodedata.normalize("NFKD", visible(text)).casefold()
    marks = [c for c in set(plain) if unicodedata.category(c).startswith("M")]
    return visible(_without(plain, marks)).translate(_ALIKE)


def _without(text: str, characters: list[str]) -> str:
    return text.translate(dict.fromkeys(map(ord, characters))) if characters else text


def takes_no_ink(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or _FILLERS.match(character) is not None


def is_untouched(text: str | None, stubs: str) -> bool:
    """Whether nobody wrote an answer: none is there, or no other words than the stub's, whatever stands between."""
    return words_of(text or "") in ([], words_of(stubs))


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+(?:['’]\w+)?", folded(text))
