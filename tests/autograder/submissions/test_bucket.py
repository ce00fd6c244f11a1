"""The token bucket: never more than it gives, never less, and exact about when the next token comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.bucket import Bucket

START = datetime(2027, 1, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
buckets = st.builds(Bucket, st.integers(1, 5), st.integers(1, 400).map(lambda minutes: timedelta(minutes=minutes)))
moments = st.lists(st.integers(0, 3000), min_size=1, max_size=40).map(
    lambda found: [START + timedelta(minutes=each) for each in sorted(found)]
)


def at(*hours: float) -> list[datetime]:
    return [START + hour * HOUR for hour in hours]


def test_so_many_at_once_and_then_one_a_refill() -> None:
    bucket = Bucket(2, 12 * HOUR)
    assert list(bucket.asked(at(0, 0, 1, 11.5, 12, 13, 24, 100, 100, 100))) == [
        None,
        None,
        *at(12, 12),
        None,
        *at(24),
        None,
        None,
        None,
        *at(112),
    ]
    assert bucket.next([], START) is None
    assert bucket.next(at(1, 0, 0), START + 2 * HOUR) == START + 12 * HOUR


@given(buckets, moments)
def test_in_no_span_is_given_more_than_the_bucket_holds_and_refills(bucket: Bucket, times: list[datetime]) -> None:
    granted = [time for time, told in zip(times, bucket.asked(times), strict=True) if told is None]
    for i, first in enumerate(granted):
        for j, last in enumerate(granted[i:], 1):
            assert j <= bucket.most + (last - first) // bucket.refill


@given(buckets, moments)
def test_who_is_told_a_time_gets_a_token_then_and_not_before(bucket: Bucket, times: list[datetime]) -> None:
    earlier, now = times[:-1], times[-1]
    if (later := bucket.next(earlier, now)) is not None:
        assert later > now
        assert bucket.next([*earlier, now], later) is None
        assert bucket.next(earlier, later - timedelta(microseconds=1)) == later


@given(buckets, moments)
def test_to_ask_in_vain_costs_nothing(bucket: Bucket, times: list[datetime]) -> None:
    told = list(bucket.asked(times))
    granted = [time for time, later in zip(times, told, strict=True) if later is None]
    assert list(bucket.asked(granted)) == [None] * len(granted)
    assert bucket.next(granted, times[-1] + bucket.most * bucket.refill) is None


@given(buckets, moments)
def test_each_time_alone_says_the_same_as_all_together(bucket: Bucket, times: list[datetime]) -> None:
    together = list(bucket.asked(times))
    assert [bucket.next(times[:i], times[i]) for i in range(len(times))] == together


def test_what_is_no_bucket_and_no_time_is_refused() -> None:
    for most, refill in ((0, HOUR), (1, timedelta()), (1, -HOUR)):
        with pytest.raises(ValueError, match="a bucket of"):
            Bucket(most, refill)
    with pytest.raises(ValueError, match="has no offset"):
        Bucket(1, HOUR).next([], datetime(2027, 1, 20))
