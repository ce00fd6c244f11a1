"""Plain loops and lists: the odds of every other candidate against this one."""

import math


def posterior(x_t, candidates, prior, alpha_bar_t):
    root = math.sqrt(alpha_bar_t)
    table = []
    for x in x_t:
        logs = []
        for c, p in zip(candidates, prior, strict=True):
            squares = [(float(a) - root * float(b)) ** 2 for a, b in zip(x.flat, c.flat, strict=True)]
            logs.append(math.log(p) - math.fsum(squares) / 2 / (1 - alpha_bar_t) if p > 0 else -math.inf)
        top = max(logs)
        norm = top + math.log(math.fsum(math.exp(one - top) for one in logs))
        table.append([math.exp(one - norm) for one in logs])
    return table
