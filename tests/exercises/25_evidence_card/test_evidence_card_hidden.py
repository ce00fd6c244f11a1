"""Hidden checks of 25. The oracle is the generator once more, in Python's own whole numbers, pixel by pixel."""

import hashlib
import math
import re
from functools import lru_cache

from autograder.checks import CheckFailure, as_array, as_float, as_int, assert_close, assert_equal, check

IDS = ("ada", "grace.hopper", "s1234567", "zoë")
MODEL, VERSION = "pebble-painter", "1.4.2"
MASK = 2**64 - 1
FAILURE_KINDS = ("prompt drift", "style mismatch", "artifact", "copyright", "portrait", "review failure")
#: Of each metric, the kinds of fault that it may show.
SHOWS = {"murk": ("artifact",), "coverage": ("prompt drift", "style mismatch", "artifact")}


def dice(seed, count):
    """SplitMix64 as in its paper: a state that grows by the golden ratio, and a mixer."""
    numbers, state = [], seed
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        numbers.append((z ^ (z >> 31)) >> 2)
    return numbers


def is_inside(shape, down, across, size):
    far = math.sqrt(down**2 + across**2)
    if shape == "ring":
        return size - 4 <= far <= size
    if shape == "cross":
        return min(down, across) <= 2 and max(down, across) <= size
    return far <= size if shape == "disc" else max(down, across) < size


def spec_steps(seed):
    """How often the generator cleans: on its bad days once."""
    return 1 if seed % 3 == 0 else 4


@lru_cache(maxsize=256)  # more than one submission's; what students choose is not kept for good
def spec_image(prompt, seed):
    """The 256 pixels of a candidate, row by row, as bytes."""
    shapes = [shape for shape in ("disc", "ring", "square", "cross") if shape in prompt.lower()]
    if not shapes:
        raise CheckFailure(f"the generator cannot paint the card's prompt {prompt!r}")
    numbers = dice(seed, 266)
    place, pixels = numbers[256:], []
    for k in range(256):
        down = abs(2 * (k // 16) - 15 + 2 * (place[0] % 5 - 2))
        across = abs(2 * (k % 16) - 15 + 2 * (place[1] % 5 - 2))
        goal = 225 if is_inside(shapes[0], down, across, 9 + place[2] % 3) else 30
        value = numbers[k] % 256
        for _ in range(spec_steps(seed)):
            value -= (value - goal) // 2
        pixels.append(value)
    for spot in place[4 : 4 + place[3] % 7]:
        pixels[spot % 256] = 128
    return bytes(pixels)


def spec_metrics(image):
    return {
        "murk": sum(1 for value in image if 64 <= value < 192) / 256,
        "coverage": sum(1 for value in image if value >= 128) / 256,
    }


def spec_block(student_id):
    """The first of a student's 1000 seeds."""
    return int(hashlib.sha256(student_id.encode()).hexdigest()[:10], 16) * 1000


def part(mapping, key, kind, where):
    """mapping[key], if it is there, of that kind and not empty."""
    if not isinstance(mapping, dict) or key not in mapping:
        raise CheckFailure(f"{where} should be a dict with the key {key!r}")
    value = mapping[key]
    if not isinstance(value, kind) or (isinstance(value, str) and not value.strip()) or len(value) == 0:
        raise CheckFailure(f"{where}[{key!r}] is {str(value)[:80]!r}: wrong type, or empty")
    return value


def read_card(submission, student_id):
    """The card, its prompt record, and its candidates with the seed as int and the true pixels and metrics."""
    card = submission.card(student_id)
    record = part(card, "prompt_record", dict, f"card({student_id!r})")
    prompt = part(record, "prompt", str, "prompt_record")
    if len(prompt) > 1000:
        raise CheckFailure(f"the card's prompt has {len(prompt)} characters, at most 1000 are read")
    listed = part(card, "candidates", (list, tuple), f"card({student_id!r})")
    if len(listed) > 100:
        raise CheckFailure(f"card({student_id!r}) lists {len(listed)} candidates, more than 100")
    candidates = []
    for number, entry in enumerate(listed):
        where = f"candidates[{number}]"
        decision = part(entry, "decision", str, where)
        if decision not in ("chosen", "rejected", "spare"):
            raise CheckFailure(f"{where}['decision'] is {decision!r}")
        seed = as_int(entry.get("seed"), f"{where}['seed']")
        if not 0 <= seed < 2**63:
            raise CheckFailure(f"{where}['seed'] is {seed}, outside 0 … 2**63 - 1")
        image = spec_image(prompt, seed)
        candidates.append({**entry, "seed": seed, "image": image, "true": spec_metrics(image), "where": where})
    return card, record, candidates


def read_fault(mapping, where):
    """(metric, "above" or "below", limit), with a limit that some picture could break."""
    metric, side = part(mapping, "metric", str, where), part(mapping, "is", str, where)
    limit = as_float(mapping.get("limit"), f"{where}['limit']")
    if metric not in ("murk", "coverage") or side not in ("above", "below"):
        raise CheckFailure(f"{where} speaks of {metric!r} being {side!r}")
    if not (0 <= limit < 1 if side == "above" else 0 < limit <= 1):
        raise CheckFailure(f"{where} checks nothing: no picture's {metric} is {side} {limit:.6g}")
    return metric, side, limit


def has_fault(candidate, fault):
    metric, side, limit = fault
    return candidate["true"][metric] > limit if side == "above" else candidate["true"][metric] < limit


def find_paper(submission, names, year, author):
    """Pass if an entry whose paper has one of the names also has the year and the author, and says what it solved."""
    entries = submission.timeline()
    if not isinstance(entries, list | tuple):
        raise CheckFailure(f"timeline() should be a list, it is a {type(entries).__name__}")
    found = [e for e in entries if any(n in part(e, "paper", str, "an entry").lower() for n in names)]
    if not found:
        raise CheckFailure(f"the timeline has no paper with {' or '.join(map(repr, names))} in its name")
    for entry in found:
        authors = part(entry, "authors", (str, list, tuple), "an entry")
        words = authors if isinstance(authors, str) else " ".join(map(str, authors))
        named = author in re.findall(r"\w+", words.lower())
        if part(entry, "solved", str, "an entry") and named and as_int(entry.get("year"), "year") == year:
            return
    raise CheckFailure(f"year or authors do not fit: {found[0].get('year')}, {str(found[0]['authors'])[:80]}")


@check(points=0.25, hint="Look the paper up: in which year did it appear, and who comes first among its authors?")
def test_ddpm(submission):
    """The timeline has the DDPM paper, with its year and its first author."""
    find_paper(submission, ("ddpm", "diffusion probabilistic"), 2020, "ho")


@check(points=0.25, hint="Look the paper up: the year is the conference's (CVPR), not the preprint's.")
def test_latent_diffusion(submission):
    """The timeline has the latent diffusion paper, with its conference's year and its first author."""
    find_paper(submission, ("latent diffusion",), 2022, "rombach")


@check(
    points=0.25, hint="Derive every seed from the student_id that card is called with, and take another number each."
)
def test_own_seeds(submission):
    """Whoever runs the card gets 4 candidates or more, with distinct seeds, all out of their own thousand."""
    for student_id in IDS:
        _, _, candidates = read_card(submission, student_id)
        seeds = [candidate["seed"] for candidate in candidates]
        if len(set(seeds)) < max(4, len(seeds)):
            raise CheckFailure(
                f"card({student_id!r}) has {len(seeds)} candidates with {len(set(seeds))} distinct seeds"
            )
        first = spec_block(student_id)
        strangers = [seed for seed in seeds if not first <= seed < first + 1000]
        if strangers:
            raise CheckFailure(f"card({student_id!r}) has the seed {strangers[0]}, which is somebody else's")


@check(points=0.25, hint="SHA-256 over image.tobytes(), as hexdigest; the image is that of the card's prompt and seed.")
def test_hashes_regenerate(submission):
    """Painting a candidate again from the card's prompt and its seed gives the hash on the card."""
    for student_id in IDS:
        for candidate in read_card(submission, student_id)[2]:
            claimed = part(candidate, "sha256", str, candidate["where"])
            if claimed.lower() != hashlib.sha256(candidate["image"]).hexdigest():
                raise CheckFailure(f"{candidate['where']} of card({student_id!r}): no such image, hash {claimed:.12}…")


@check(points=0.25, hint="Mind the edges: 64 and 128 count, 192 does not. A share is a count divided by 256.")
def test_metrics_reproduce(submission):
    """Measuring a candidate again gives the murk and the coverage on the card."""
    for student_id in IDS:
        for candidate in read_card(submission, student_id)[2]:
            metrics = part(candidate, "metrics", dict, candidate["where"])
            for name, true in candidate["true"].items():
                what = f"{name} of {candidate['where']} of card({student_id!r})"
                assert_close(as_float(metrics.get(name), what), true, rtol=0, atol=1e-6, what=what)


@check(points=0.25, hint="Put the chosen candidate's numbers into your own failure_check.")
def test_choice_passes_its_own_check(submission):
    """Exactly one candidate is chosen, and it does not have the fault that the card's failure_check names."""
    for student_id in IDS:
        card, _, candidates = read_card(submission, student_id)
        fault = read_fault(part(card, "failure_check", dict, "the card"), "failure_check")
        chosen = [candidate for candidate in candidates if candidate["decision"] == "chosen"]
        if len(chosen) != 1:
            raise CheckFailure(f"card({student_id!r}) has {len(chosen)} chosen candidates")
        if has_fault(chosen[0], fault):
            raise CheckFailure(
                f"card({student_id!r}) chooses a candidate whose {fault[0]} is {fault[1]} {fault[2]:.6g}"
            )


@check(
    points=0.25, hint="For each rejected one, hold its reason against its own numbers, then against the chosen one's."
)
def test_rejections_have_reasons(submission):
    """At least one candidate is rejected, each for a fault that it has and that the chosen one has not."""
    for student_id in IDS:
        _, _, candidates = read_card(submission, student_id)
        rejected = [candidate for candidate in candidates if candidate["decision"] == "rejected"]
        if not rejected:
            raise CheckFailure(f"card({student_id!r}) rejects nothing")
        for candidate in rejected:
            where = f"{candidate['where']}['reason'] of card({student_id!r})"
            fault = read_fault(part(candidate, "reason", dict, candidate["where"]), where)
            if not has_fault(candidate, fault):
                raise CheckFailure(f"{where}: its {fault[0]} is not {fault[1]} {fault[2]:.6g}")
            if any(has_fault(other, fault) for other in candidates if other["decision"] == "chosen"):
                raise CheckFailure(f"{where}: the chosen candidate has that fault too")


@check(
    points=0.25, hint="What must somebody type to get this very picture? A word like 'latest' will not do next year."
)
def test_prompt_record_is_pinned(submission):
    """The prompt record is complete: all its fields filled, the model by name and the version by its number."""
    for student_id in IDS:
        card, record, _ = read_card(submission, student_id)
        negative = part(record, "negative_requirements", (list, tuple), "prompt_record")
        if not all(isinstance(entry, str) and entry.strip() for entry in negative):
            raise CheckFailure("negative_requirements should be a list of str, one at least, none of them empty")
        part(record, "reference", str, "prompt_record")
        part(part(card, "technical_note", dict, "the card"), "note", str, "technical_note")
        for key, true in (("model", MODEL), ("version", VERSION)):
            if str(part(record, key, str, "prompt_record")) != true:
                raise CheckFailure(f"prompt_record[{key!r}] is {record[key]!r}, not the generator that painted")


def reasons(candidates):
    """(where, reason) of each rejected candidate that has one: that each has is another check's law."""
    rejected = [candidate for candidate in candidates if candidate["decision"] == "rejected"]
    return [(f"{c['where']}['reason']", c["reason"]) for c in rejected if isinstance(c.get("reason"), dict)]


def kind_of(fault, where):
    """The kind of a fault, which has to be one that its metric may show."""
    metric, kind = part(fault, "metric", str, where), part(fault, "kind", str, where).lower()
    if kind not in SHOWS.get(metric, ()):
        raise CheckFailure(f"{where} has the kind {kind!r:.40}, which no {metric!r:.40} shows")
    return kind


@check(points=0.25, hint="Which of the six kinds can a count of pixels show at all? Murk is dirt that was left.")
def test_faults_are_of_a_kind_that_pixels_show(submission):
    """The failure check and each reason name a failure kind, and one that their metric may show."""
    for student_id in IDS:
        card, _, candidates = read_card(submission, student_id)
        kind_of(part(card, "failure_check", dict, "the card"), f"failure_check of card({student_id!r})")
        for where, fault in reasons(candidates):
            kind_of(fault, f"{where} of card({student_id!r})")


@check(points=0.25, hint="Count the rejected candidates of each kind, and say for each kind by itself how you looked.")
def test_review_counts_each_kind(submission):
    """The review has all six kinds, says of each how many were rejected for it, and how it was looked for."""
    for student_id in IDS:
        card, _, candidates = read_card(submission, student_id)
        review = part(card, "review", dict, f"card({student_id!r})")
        kinds = [str(fault.get("kind")).lower() for _, fault in reasons(candidates)]
        for kind in FAILURE_KINDS:
            entry = part(review, kind, dict, "the review")
            part(entry, "how", str, f"review[{kind!r}]")
            what = f"review[{kind!r}]['found'] of card({student_id!r})"
            assert_equal(as_int(entry.get("found"), what), kinds.count(kind), what=what)
        if len(review) > len(FAILURE_KINDS):
            raise CheckFailure(f"the review of card({student_id!r}) has {len(review)} kinds, six are known")
        if len({" ".join(review[kind]["how"].lower().split()) for kind in FAILURE_KINDS}) < len(FAILURE_KINDS):
            raise CheckFailure("the review says the same of two kinds: each is looked for in its own way")


@check(points=0.25, hint="Read generate_candidate: how often does it clean this seed, in what, and what is it told?")
def test_technical_note_is_true(submission):
    """The technical note names the chosen picture's steps, and the space, conditioning and mode of the generator."""
    for student_id in IDS:
        card, _, candidates = read_card(submission, student_id)
        note = part(card, "technical_note", dict, f"card({student_id!r})")
        for key, true in (("space", "pixel"), ("conditioning", "none"), ("mode", "text-to-image")):
            if (told := part(note, key, str, "technical_note").lower()) != true:
                raise CheckFailure(f"technical_note[{key!r}] is {told!r:.40}, which is not how this generator paints")
        what = f"technical_note['steps'] of card({student_id!r})"
        steps = as_int(note.get("steps"), what)
        for candidate in candidates:
            if candidate["decision"] == "chosen":
                assert_equal(steps, spec_steps(candidate["seed"]), what=what)


@check(points=0.25, hint="Paint from prompt_record alone, its prompt and its seed. Is that the picture that you chose?")
def test_expected_output(submission):
    """Repeating the prompt record gives the chosen picture, with the expected hash and shape."""
    for student_id in IDS:
        card, record, candidates = read_card(submission, student_id)
        seed = as_int(record.get("seed"), "prompt_record['seed']")
        if [c["seed"] for c in candidates if c["decision"] == "chosen"] != [seed]:
            raise CheckFailure(f"prompt_record['seed'] of card({student_id!r}) is not the chosen candidate's")
        expected = part(card, "expected_output", dict, "the card")
        shape = as_array(expected.get("shape"), "expected_output['shape']")
        assert_equal(shape, (16, 16), what="expected_output['shape']", reveal=True)
        if (
            part(expected, "sha256", str, "expected_output").lower()
            != hashlib.sha256(spec_image(record["prompt"], seed)).hexdigest()
        ):
            raise CheckFailure(f"expected_output of card({student_id!r}) is not what the prompt record paints")
