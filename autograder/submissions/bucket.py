"""A token bucket: how often a student sees what breaks hidden checks, where a server grades whenever they hand in.

    bucket = bucket_of(course) or Bucket(most=3, refill=timedelta(hours=12))
    if (later := bucket.next(earlier, now)) is None:     # earlier: when this student handed in before
        ...                                              # show it

It keeps nothing: what a student has left follows from the times at which they handed in, which a server knows anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.course import Course


@dataclass(frozen=True)
class Bucket:
    """At most `most` tokens, of which each that is taken comes back after a `refill`, one after the other.

    It is full before the first time. ValueError: fewer than one token, or no time to come back.
    """

    most: int
    refill: timedelta

    def __post_init__(self) -> None:
        if self.most < 1 or self.refill <= timedelta():
            raise ValueError(f"a bucket of {self.most} tokens that come back after {self.refill}")

    def next(self, earlier: Iterable[datetime], now: datetime) -> datetime | None:
        """None: there is a token now. Else when the next comes. `earlier` are all times that were asked before, in any
        order: where there was no token, none was taken. ValueError: a time without an offset.
        """
        times = sorted(time for time in earlier if time <= now) if now.tzinfo else []
        *_, last = self.asked([*times, now])
        return last

    def asked(self, times: Iterable[datetime]) -> Iterator[datetime | None]:
        """For times in order, as `next` says it of each."""
        lacking, before = timedelta(), None  # how long until the bucket is full
        for now in times:
            if now.tzinfo is None:
                raise ValueError(f"{now.isoformat()} has no offset")
            lacking = max(timedelta(), lacking - (now - before)) if before is not None else lacking
            before = now
            wait = lacking - (self.most - 1) * self.refill
            if wait > timedelta():
                yield now + wait
            else:
                lacking += self.refill
                yield None


def bucket_of(course: Course) -> Bucket | None:
    """The one that course.yml asks for (`grading.tokens`); None: it asks for none."""
    tokens = course.grading.tokens
    return Bucket(tokens.most, timedelta(hours=tokens.refill_hours)) if tokens else None
