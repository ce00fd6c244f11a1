"""Everything with more murk than the chosen one is rejected; authors as strings; more papers; spelled-out loops."""

import hashlib

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


def timeline():
    rows = [
        (2015, "Deep Unsupervised Learning using Nonequilibrium Thermodynamics", "Sohl-Dickstein et al.", "the idea"),
        (2021, "Improved Denoising Diffusion Probabilistic Models", "Nichol and Dhariwal", "a better schedule"),
        (2022, "Latent Diffusion", "Rombach; Blattmann; Lorenz; Esser; Ommer", "the cost of large pictures"),
        (2020, "DDPM", "Ho, J., Jain, A., Abbeel, P.", "unstable training and poor samples"),
    ]
    return [dict(zip(("year", "paper", "authors", "solved"), row, strict=True)) for row in rows]


FAULT = {"metric": "murk", "is": "above", "limit": 0.3, "kind": "Artifact"}
KINDS = ("review failure", "portrait", "copyright", "artifact", "style mismatch", "prompt drift")


def share(pixels, low, high):
    count = 0
    for value in pixels:
        if low <= value < high:
            count += 1
    return count / len(pixels)


def card(student_id):
    prompt = "A Square in the middle of a sheet"
    shown = []
    for number in (17, 3, 8, 400, 999):
        seed = np.int64(candidate_seed(student_id, number))
        image = generate_candidate(prompt, int(seed))
        pixels = image.ravel().tolist()
        digest = hashlib.sha256()
        for row in image:
            digest.update(bytes(row.tolist()))
        metrics = {"murk": share(pixels, 64, 192), "coverage": np.float32(share(pixels, 128, 256))}
        shown.append({"seed": seed, "sha256": digest.hexdigest().upper(), "metrics": metrics})
    shown.sort(key=lambda one: one["metrics"]["murk"])
    least = shown[0]["metrics"]["murk"]
    for rank, one in enumerate(shown):
        one["decision"], one["reason"] = "spare", None
        if rank == 0:
            one["decision"] = "chosen"
        elif one["metrics"]["murk"] > least:
            one["decision"], one["reason"] = "rejected", {**FAULT, "limit": least}
    return {
        "prompt_record": {
            "prompt": prompt,
            "negative_requirements": ("noise",),
            "reference": "Malevich",
            "seed": shown[0]["seed"],
            "model": MODEL,
            "version": VERSION,
        },
        "candidates": shown,
        "technical_note": {
            "steps": np.int64(4),
            "space": "Pixel",
            "conditioning": "None",
            "mode": "Text-to-Image",
            "note": "Sorted by murk.",
        },
        "review": {
            kind: {
                "found": (kind == "artifact") * sum(one["decision"] == "rejected" for one in shown),
                "how": kind + "?",
            }
            for kind in KINDS
        },
        "failure_check": FAULT,
        "expected_output": {"sha256": shown[0]["sha256"], "shape": [16, 16]},
    }
