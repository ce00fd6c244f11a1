"""Another correct solution: plain loops over lists, with math alone."""

import math


def _times(matrix, vector):
    return [sum(float(m) * float(v) for m, v in zip(row, vector, strict=True)) for row in matrix]


def cross_attend(pixels, words, wq, wk, wv, mask):
    seen = [word for word, may in zip(words, mask, strict=True) if may]
    keys, values = [_times(wk, word) for word in seen], [_times(wv, word) for word in seen]
    heard = []
    for pixel in pixels:
        query = _times(wq, pixel)
        scores = [score / math.sqrt(len(query)) for score in _times(keys, query)]
        top = max(scores)
        total = sum(math.exp(score - top) for score in scores)
        out = [0.0] * len(wv)
        for score, value in zip(scores, values, strict=True):
            for i, number in enumerate(value):
                out[i] += math.exp(score - top) / total * number
        heard.append(out)
    return heard


def lora(w, a, b, scale):
    columns = list(zip(*a, strict=True))
    return [
        [float(w[i][j]) + scale * sum(float(p) * float(q) for p, q in zip(b[i], columns[j], strict=True))
         for j in range(len(columns))]
        for i in range(len(b))
    ]  # fmt: skip
