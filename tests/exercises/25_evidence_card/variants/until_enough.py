"""Paints on until two pictures pass and one fails; chooses the fullest shape; functions instead of one loop."""

import hashlib
import sys

import numpy as np

MODEL = "pebble-painter"
VERSION = "1.4.2"
SHAPES = ("disc", "ring", "square", "cross")


def candidate_seed(student_id, number):
    """Given. The seed of a student's candidate `number`, 0 … 999: each student has 1000 seeds of their own."""
    if not 0 <= number <= 999:
        raise ValueError(f"number must lie in 0 … 999, found {number}")
    digest = hashlib.sha256(student_id.encode("utf-8")).digest()
    return int.from_bytes(digest[:5], "big") * 1000 + number


def generate_candidate(prompt, seed):
    """Given. One picture, uint8 `(16, 16)`: noise at first, then half of the dirt comes off in each step.

    prompt: the picture shows the first of SHAPES that occurs in it; ValueError when none does. seed: an int in
    0 … 2**63 - 1. Like a real generator it has bad days: for every third seed it stops cleaning too early.
    """
    shapes = [shape for shape in SHAPES if shape in prompt.lower()]
    if not shapes:
        raise ValueError(f"the prompt names none of {', '.join(SHAPES)}: {prompt!r}")
    dice = _dice(seed, 256 + 10)
    place = dice[256:]
    row, column = np.indices((16, 16), dtype=np.int64)
    # Twice the distance from the middle, so that half pixels are whole numbers.
    down = np.abs(2 * row - 15 + 2 * (place[0] % 5 - 2))
    across = np.abs(2 * column - 15 + 2 * (place[1] % 5 - 2))
    size = 9 + place[2] % 3
    square_distance = down * down + across * across
    inside = {
        "disc": square_distance <= size * size,
        "ring": (square_distance <= size * size) & (square_distance >= (size - 4) * (size - 4)),
        "square": np.maximum(down, across) < size,
        "cross": (np.minimum(down, across) <= 2) & (np.maximum(down, across) <= size),
    }[shapes[0]]
    clean = np.where(inside, 225, 30)
    image = (dice[:256] % 256).reshape(16, 16)
    for _ in range(1 if seed % 3 == 0 else 4):
        image = image - (image - clean) // 2
    stuck = place[4 : 4 + place[3] % 7] % 256  # a few pixels stay grey
    image[stuck // 16, stuck % 16] = 128
    return image.astype(np.uint8)


def _dice(seed, count):
    """Given. `count` numbers in 0 … 2**62 - 1 out of a seed: SplitMix64 (Steele, Lea and Flood 2014), cut."""
    z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(2)).astype(np.int64)


PROMPT = "a disc, and nothing else; no ring"
FAULT = {"metric": "murk", "is": "above", "limit": 0.25, "kind": "artifact"}
HOW = "drift: eyes; style: side by side; artifact: count; copyright: asked; portrait: nobody; review failure: shown"


def timeline():
    ddpm = {"paper": "ddpm (NeurIPS)", "year": 2020, "authors": ["Ho", "Jain", "Abbeel"], "solved": "stability"}
    latent = dict(ddpm, paper="LATENT DIFFUSION (CVPR)", year=2022, authors=("Rombach et al.",), solved="cost")
    return [latent, ddpm]


def candidate(student_id, number):
    seed = candidate_seed(student_id, number)
    image = generate_candidate(PROMPT, seed)
    dark, bright = np.count_nonzero(image < 64), np.count_nonzero(image > 191)
    murk = (image.size - dark - bright) / image.size
    failed = murk > FAULT["limit"]
    return {
        "seed": seed,
        "sha256": hashlib.sha256(bytes(image.flatten())).hexdigest(),
        "metrics": {"murk": murk, "coverage": np.count_nonzero(image > 127) / image.size},
        "decision": "rejected" if failed else "spare",
        "reason": FAULT if failed else "it would do",
    }


def card(student_id):
    listed = []
    while len(listed) < 4 or len({one["decision"] for one in listed}) < 2:
        listed.append(candidate(student_id, len(listed)))
    spare = [one for one in listed if one["decision"] == "spare"]
    winner = sorted(spare, key=lambda one: -one["metrics"]["coverage"])[0]
    winner["decision"] = "chosen"
    print("chosen:", winner["seed"], file=sys.stderr)
    record = {"prompt": PROMPT, "reference": "none", "seed": winner["seed"], "model": MODEL, "version": VERSION}
    record["negative_requirements"] = ["no murk"]
    names = ("prompt drift", "style mismatch", "artifact", "copyright", "portrait", "review failure")
    review = {name: {"found": 0, "how": how} for name, how in zip(names, HOW.split("; "), strict=True)}
    review["artifact"]["found"] = len(listed) - len(spare)
    return {
        "candidates": listed,
        "prompt_record": record,
        "failure_check": FAULT,
        "technical_note": dict(
            note="Numbers from 0 on, until one passed and one failed.",
            mode="text-to-image",
            steps=4.0,
            space="pixel",
            conditioning="none",
        ),
        "review": review,
        "expected_output": {"sha256": winner["sha256"], "shape": np.array([16, 16])},
    }
