"""A picture step by step in a page without a script: one sheet, of which a part is seen at a time."""

from __future__ import annotations

import struct
from typing import Self

import msgspec

#: The page has a rule for each place on the sheet.
MOST = 12
_PNG = b"\x89PNG\r\n\x1a\n"
_SIZE = struct.Struct(">II")


class Film(msgspec.Struct, frozen=True):
    """names: what each step is called; sheet: PNG, the steps above each other, all of one height."""

    names: tuple[str, ...]
    sheet: bytes

    @classmethod
    def of(cls, names: tuple[str, ...], sheet: bytes) -> Self:
        """Raises ValueError: not a PNG that so many steps divide evenly, or more steps than a page can show."""
        made = cls(names, sheet)
        width, height = made.size
        if not 2 <= len(names) <= MOST or not sheet.startswith(_PNG) or not width or height % len(names):
            raise ValueError(f"not a film: {len(names)} steps on {width} by {height} pixels")
        return made

    @property
    def size(self) -> tuple[int, int]:
        """Of the whole sheet, in pixels; (0, 0) where there is none."""
        head = self.sheet[16:24]
        width, height = _SIZE.unpack(head) if len(head) == _SIZE.size else (0, 0)
        return width, height

    @property
    def step(self) -> str:
        """The shape of one step, as CSS says it."""
        width, height = self.size
        return f"{width} / {height // len(self.names)}"
