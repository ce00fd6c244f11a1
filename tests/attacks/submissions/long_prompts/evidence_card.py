"""Card after card with prompts of half a megabyte: what the judge remembers of them, it remembers for good."""

import itertools

counter = itertools.count()


def card(student_id):
    prompt = "disc" + "x" * 500_000 + str(next(counter))
    seeds = range(4)
    listed = [{"seed": seed, "decision": "chosen"} for seed in seeds]
    return {"prompt_record": {"prompt": prompt, "seed": 0}, "candidates": listed}


def timeline():
    return []
