"""Another correct solution: one word after the other, with a running maximum and a running sum; LoRA in outer products."""

import numpy as np


def cross_attend(pixels, words, wq, wk, wv, mask):
    query = np.einsum("dD,pD->pd", wq, pixels) / wq.shape[0] ** 0.5
    top = np.full(len(pixels), -np.inf)
    total, heard = np.zeros(len(pixels)), np.zeros((len(pixels), wv.shape[0]))
    for word in words[np.asarray(mask)]:
        score = query @ (wk @ word)
        new_top = np.maximum(top, score)
        kept, fresh = np.exp(top - new_top), np.exp(score - new_top)
        total = total * kept + fresh
        heard = heard * kept[:, None] + fresh[:, None] * (wv @ word)
        top = new_top
    return heard / total[:, None]


def lora(w, a, b, scale):
    change = np.zeros(w.shape)
    for row, column in zip(a, b.T, strict=True):
        change += np.outer(column, row)
    return change * scale + w
