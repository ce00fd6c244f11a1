"""Import the grader and the checks."""

import sys

sys.path.insert(0, "@COURSE@/tests/exercises/05_noisy_sample")
sys.path.insert(0, "@COURSE@/solutions")


def attack(*args, **kwargs):
    import test_noisy_sample_hidden

    raise RuntimeError("GOT " "THROUGH: " + test_noisy_sample_hidden._PLANTED)


add_noise = predict_x0 = predict_eps = attack
