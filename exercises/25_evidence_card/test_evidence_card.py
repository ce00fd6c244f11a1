"""Public checks of 25: the evidence card."""

import hashlib

import numpy as np

from autograder.checks import CheckFailure, as_array, as_float, as_int, assert_close, assert_equal, check

FAILURE_KINDS = ("prompt drift", "style mismatch", "artifact", "copyright", "portrait", "review failure")
WORDS = {
    "space": ("pixel", "latent"),
    "conditioning": ("cross-attention", "LoRA", "none"),
    "mode": ("text-to-image", "image-to-image", "inpainting"),
}


def one_of(word, words, what):
    """Pass if word is one of the words, in capitals or not."""
    if word.lower() not in [known.lower() for known in words]:
        raise CheckFailure(f"{what} is {word!r:.80}; it should be one of {', '.join(words)}")


def part(mapping, key, kind, where):
    """mapping[key], if it is there, of that kind and not empty."""
    if not isinstance(mapping, dict):
        raise CheckFailure(f"{where} should be a dict, it is a {type(mapping).__name__}")
    if key not in mapping:
        raise CheckFailure(f"{where} has no key {key!r}, it has {sorted(map(str, mapping))}")
    if not isinstance(mapping[key], kind) or len(mapping[key]) == 0:
        raise CheckFailure(f"{where}[{key!r}] is {mapping[key]!r:.80}: wrong type, or empty")
    return mapping[key]


@check(points=0.25, hint="A list of dicts, each with year, paper, authors and solved.")
def test_timeline_entries(submission):
    """The timeline has at least two entries, each with a year, a paper, authors and what it solved."""
    entries = submission.timeline()
    if not isinstance(entries, list | tuple) or len(entries) < 2:
        raise CheckFailure("timeline() should be a list of two or more dicts")
    for number, entry in enumerate(entries):
        where = f"timeline()[{number}]"
        for key, kind in (("paper", str), ("authors", (str, list, tuple)), ("solved", str)):
            part(entry, key, kind, where)
        if not 1900 <= as_int(entry.get("year"), f"{where}['year']") <= 2100:
            raise CheckFailure(f"{where}['year'] is {entry.get('year')}")


@check(points=0.25, hint="Compare your dict with the docstring of card, key by key.")
def test_card_form(submission):
    """The card of student "ada" has its parts, and these have their keys, filled and of the right type."""
    card = submission.card("ada")
    record = part(card, "prompt_record", dict, "the card")
    for key in ("prompt", "reference", "model", "version"):
        part(record, key, str, "prompt_record")
    part(record, "negative_requirements", (list, tuple), "prompt_record")
    as_int(record.get("seed"), "prompt_record['seed']")
    for number, candidate in enumerate(part(card, "candidates", (list, tuple), "the card")):
        for key, kind in (("sha256", str), ("metrics", dict), ("decision", str)):
            part(candidate, key, kind, f"candidates[{number}]")
    fault = part(card, "failure_check", dict, "the card")
    for key in ("metric", "is", "kind"):
        part(fault, key, str, "failure_check")
    as_float(fault.get("limit"), "failure_check['limit']")
    part(part(card, "expected_output", dict, "the card"), "sha256", str, "expected_output")


@check(points=0.25, hint="Take the words from the lists at the head of the module; the README says what each means.")
def test_note_and_review_use_the_words(submission):
    """The technical note names steps, space, conditioning and mode; the review has each of the six failure kinds."""
    card = submission.card("ada")
    note = part(card, "technical_note", dict, "the card")
    as_int(note.get("steps"), "technical_note['steps']")
    for key, words in WORDS.items():
        one_of(part(note, key, str, "technical_note"), words, f"technical_note[{key!r}]")
    part(note, "note", str, "technical_note")
    review = part(card, "review", dict, "the card")
    for kind in FAILURE_KINDS:
        entry = part(review, kind, dict, "the review")
        as_int(entry.get("found"), f"review[{kind!r}]['found']")
        part(entry, "how", str, f"review[{kind!r}]")
    one_of(part(card["failure_check"], "kind", str, "failure_check"), FAILURE_KINDS, "failure_check['kind']")


@check(points=0.25, hint="Count the pixels with 64 <= value < 192, divide by 256; the hash is over image.tobytes().")
def test_counted_by_hand(submission):
    """As in the number worked by hand: the first candidate's murk is counted, and its hash is its image's."""
    card = submission.card("ada")
    prompt = part(part(card, "prompt_record", dict, "the card"), "prompt", str, "prompt_record")
    first = part(card, "candidates", (list, tuple), "the card")[0]
    metrics = part(first, "metrics", dict, "candidates[0]")
    seed = as_int(first.get("seed"), "candidates[0]['seed']")
    image = as_array(submission.generate_candidate(prompt, seed), "the image", (16, 16)).astype(np.uint8)
    murk = sum(1 for value in image.ravel().tolist() if 64 <= value < 192) / 256
    assert_close(as_float(metrics.get("murk"), "murk"), murk, rtol=0, atol=1e-6, what="murk")
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    assert_equal(part(first, "sha256", str, "candidates[0]").lower(), digest, what="sha256")
