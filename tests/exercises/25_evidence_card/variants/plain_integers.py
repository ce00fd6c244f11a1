"""The generator written again with Python's own ints; a fault about coverage; hashes over memoryviews."""

import hashlib

import numpy as np


def candidate_seed(student_id, number):
    return int(hashlib.sha256(student_id.encode()).hexdigest()[:10], 16) * 1000 + number


def generate_candidate(prompt, seed):
    shape = next(name for name in ("disc", "ring", "square", "cross") if name in prompt.lower())
    dice, state = [], seed
    for _ in range(266):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        dice.append((z ^ z >> 31) >> 2)
    size = 9 + dice[258] % 3
    image = np.zeros((16, 16), np.uint8)
    for r in range(16):
        for c in range(16):
            a, b = sorted((abs(2 * r - 19 + 2 * (dice[256] % 5)), abs(2 * c - 19 + 2 * (dice[257] % 5))))
            inside = {
                "disc": a * a + b * b <= size**2,
                "ring": (size - 4) ** 2 <= a * a + b * b <= size**2,
                "square": b < size,
                "cross": a <= 2 and b <= size,
            }[shape]
            value = dice[16 * r + c] % 256
            for _ in range(4 if seed % 3 else 1):
                value -= (value - (225 if inside else 30)) // 2
            image[r, c] = value
    for k in range(dice[259] % 7):
        image[divmod(dice[260 + k] % 256, 16)] = 128
    return image


def timeline():
    return (
        {"year": 2020.0, "paper": "Denoising Diffusion Probabilistic Models", "authors": "J. Ho et al.", "solved": "x"},
        {"year": 2022, "paper": "Latent diffusion models", "authors": ["R. Rombach"], "solved": "y"},
    )


def card(student_id):
    prompt = "cross"
    seeds = [candidate_seed(student_id, number) for number in range(900, 990, 10)]
    images = [generate_candidate(prompt, seed) for seed in seeds]
    murks = [int(((image >> 6) % 3 > 0).sum()) / 256 for image in images]
    covers = [int((image >> 7).sum()) / 256 for image in images]
    hashes = [hashlib.sha256(memoryview(np.ascontiguousarray(image))).hexdigest() for image in images]
    best = murks.index(min(murks))
    fault = {"metric": "coverage", "is": "below", "limit": min(covers[best], 1.0), "kind": "prompt drift"}
    candidates = []
    for k, seed in enumerate(seeds):
        decision, reason = "spare", None
        if k == best:
            decision = "chosen"
        elif murks[k] > murks[best]:
            limit = (murks[k] + murks[best]) / 2
            decision, reason = "rejected", {"metric": "murk", "is": "above", "limit": limit, "kind": "artifact"}
        elif covers[k] < covers[best]:
            decision, reason = "rejected", fault
        metrics = {"coverage": covers[k], "murk": murks[k]}
        candidates.append(
            {"seed": seed, "sha256": hashes[k], "metrics": metrics, "decision": decision, "reason": reason}
        )
    review = {
        "prompt drift": {"found": 0, "how": "less of a cross than the chosen one"},
        "style mismatch": {"found": 0, "how": "by eye"},
        "artifact": {"found": 0, "how": "more grey than the chosen one"},
        "copyright": {"found": 0, "how": "a plus sign is everybody's"},
        "portrait": {"found": 0, "how": "no face"},
        "review failure": {"found": 0, "how": "my teacher saw it"},
    }
    for one in candidates:
        if one["decision"] == "rejected":
            review[one["reason"]["kind"]]["found"] += 1
    return {
        "prompt_record": {
            "prompt": prompt,
            "negative_requirements": ["no ring", "no disc"],
            "reference": "a plus sign",
            "seed": seeds[best],
            "model": "pebble-painter",
            "version": "1.4.2",
        },
        "candidates": candidates,
        "technical_note": {
            "steps": 4 if seeds[best] % 3 else 1,
            "space": "pixel",
            "conditioning": "none",
            "mode": "text-to-image",
            "note": "Every tenth number from 900.",
        },
        "review": review,
        "failure_check": fault,
        "expected_output": {"sha256": hashes[best], "shape": images[best].shape},
    }
