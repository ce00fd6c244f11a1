"""25 · The evidence card.

Two papers and one card. Ho, Jain and Abbeel 2020 (DDPM) and Rombach et al. 2022 (latent diffusion) are the
history; the card is what makes a generated picture checkable by somebody else: what was asked, what came out,
how it was made, what was thrown away, and why.

The generator below is given and is no task; leave it as it is. It only adds, multiplies, shifts and divides whole
numbers, so it paints the same pixels on every machine.
"""

import hashlib

import numpy as np

MODEL = "pebble-painter"
VERSION = "1.4.2"
SHAPES = ("disc", "ring", "square", "cross")

# The words of a card; the README says what each means.
FAILURE_KINDS = ("prompt drift", "style mismatch", "artifact", "copyright", "portrait", "review failure")
SPACES = ("pixel", "latent")
CONDITIONING = ("cross-attention", "LoRA", "none")
MODES = ("text-to-image", "image-to-image", "inpainting")

# Task 3. Your reasons, for somebody who sees your card and asks: why this one? About 80 words, your own, about the card
# of your own student_id. No program marks it; a person does. The README says what that person looks for.
### BEGIN SOLUTION
### STUB: EXPLANATION = "Replace this sentence with your own reasons: why this picture, and why not the others."
EXPLANATION = (
    "I run the card as 'ada' and keep number 3: one of its 256 pixels is grey (murk 0.004), and that one lies off the "
    "ring. Numbers 1 and 4 went, with murk 0.60 and 0.63: the painter stopped after one of its four steps, which is an "
    "artifact, whatever was asked for. Number 5 is as clean, but its ring is smaller (coverage 0.17): a spare. "
    "My limit of 0.1 stood before I looked, and lies far from both crowds. Murk would not see a square in place of "
    "the ring, nor that the ring is somebody's trademark: the first I looked for with my own eyes, the second is for "
    "a person who knows the marks."
)
### END SOLUTION


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
    """Task 1. How diffusion came to make pictures: a list of dicts, one a paper, in any order.

    Two papers at least: the one that made diffusion a stable generator of good pictures (DDPM), and the one that
    moved it out of pixel space (latent diffusion). More are welcome. Each entry has the keys
    year: int, of the conference;
    paper: str, the title or its usual short name;
    authors: str, or a list of str, with family names, the first author among them;
    solved: str, in your own words, the problem that it solved.
    """
    ### BEGIN SOLUTION
    return [
        {
            "year": 2020,
            "paper": "Denoising Diffusion Probabilistic Models (DDPM)",
            "authors": ["Jonathan Ho", "Ajay Jain", "Pieter Abbeel"],
            "solved": "Learning only to guess the noise made diffusion stable to train and its pictures good.",
        },
        {
            "year": 2022,
            "paper": "High-Resolution Image Synthesis with Latent Diffusion Models",
            "authors": ["Robin Rombach", "Andreas Blattmann", "Dominik Lorenz", "Patrick Esser", "Björn Ommer"],
            "solved": "The many steps run in a small latent space, so large pictures no longer cost so much.",
        },
    ]
    ### END SOLUTION


def card(student_id):
    """Task 2. The evidence card of one choice among generated candidates, for whichever student runs it.

    student_id: str. Returns a dict with six keys.

    prompt_record: dict with prompt (str), negative_requirements (list of str, at least one: what must not be seen),
        reference (str: what the picture leans on, or "none"), seed (int: the chosen candidate's), model (str) and
        version (str: the number of the generator that painted, not a word such as "latest").
    candidates: list of 4 to 100 dicts, all painted by generate_candidate from that prompt, each with
        seed: int, one of `candidate_seed(student_id, number)`, every candidate another;
        sha256: str, the 64 hexadecimal digits of SHA-256 over the image's 256 uint8 pixels, row by row;
        metrics: dict of two unrounded floats: murk, the share of pixels with 64 <= value < 192, and coverage,
            the share of pixels with value >= 128;
        decision: "chosen" (exactly one), "rejected" (one at least) or "spare";
        reason: when rejected, the fault, written as in failure_check; else None.
    technical_note: dict, how the chosen picture came about: steps (int: how often the generator cleaned it), space
        (one of SPACES), conditioning (one of CONDITIONING; "none" when neither of the others is at work), mode (one
        of MODES) and note (str: what else the reader has to know to repeat it).
    failure_check: dict, the fault that no chosen picture may have: metric ("murk" or "coverage"), is ("above" or
        "below") and limit (float), such as "coverage is below 0.1"; and kind, which of FAILURE_KINDS it is. Some
        picture could have it: limits like "above 1" or "below 0" check nothing. The chosen candidate has neither this
        fault nor one for which another candidate was rejected. Murk is dirt that was left, an artifact. Coverage may
        show prompt drift, style mismatch or an artifact. No count of pixels shows one of the other kinds.
    review: dict, with each of FAILURE_KINDS as a key: a dict with found (int: how many candidates were rejected for
        this kind) and how (str: how you looked for it, for each kind in other words).
    expected_output: dict, what whoever repeats the prompt record must get: sha256 (str) and shape, (16, 16).
    """
    ### BEGIN SOLUTION
    prompt = "one bright ring on dark paper"
    fault = {"metric": "murk", "is": "above", "limit": 0.1, "kind": "artifact"}
    looked = {
        "prompt drift": "Looked at every candidate: one ring, bright, and nothing else that has a shape.",
        "style mismatch": "Compared the greys of shape and sheet between candidates: they are the same two.",
        "artifact": "Counted the grey pixels, against a limit that was set before.",
        "copyright": "A plain ring is nobody's work. No program could tell; I asked a person.",
        "portrait": "There is nobody in it.",
        "review failure": "Showed the chosen one to a friend, with the question what is wrong with it.",
    }
    candidates = []
    for number in range(6):
        seed = candidate_seed(student_id, number)
        image = generate_candidate(prompt, seed)
        murk = float(np.mean((image >= 64) & (image < 192)))
        candidates.append(
            {
                "seed": seed,
                "sha256": hashlib.sha256(image.tobytes()).hexdigest(),
                "metrics": {"murk": murk, "coverage": float(np.mean(image >= 128))},
                "decision": "rejected" if murk > fault["limit"] else "spare",
                "reason": dict(fault) if murk > fault["limit"] else None,
            }
        )
    best = min(candidates, key=lambda candidate: candidate["metrics"]["murk"])
    best["decision"] = "chosen"
    kinds = [candidate["reason"]["kind"] for candidate in candidates if candidate["reason"]]
    return {
        "prompt_record": {
            "prompt": prompt,
            "negative_requirements": ["no grey murk", "no second shape"],
            "reference": "none",
            "seed": best["seed"],
            "model": MODEL,
            "version": VERSION,
        },
        "candidates": candidates,
        "technical_note": {
            "steps": 1 if best["seed"] % 3 == 0 else 4,
            "space": "pixel",
            "conditioning": "none",
            "mode": "text-to-image",
            "note": "Six candidates, numbers 0 to 5 of this student. Least murk is chosen; no retouching.",
        },
        "failure_check": fault,
        "review": {kind: {"found": kinds.count(kind), "how": how} for kind, how in looked.items()},
        "expected_output": {"sha256": best["sha256"], "shape": (16, 16)},
    }
    ### END SOLUTION
