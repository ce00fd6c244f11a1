"""Loop in C with every signal ignored."""

import signal


def attack(*args, **kwargs):
    for number in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        sum(range(10**12))


add_noise = predict_x0 = predict_eps = attack
