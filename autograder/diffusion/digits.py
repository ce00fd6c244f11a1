"""The 8×8 handwritten digits that come with the course. Source and licence: data/README.md."""

from __future__ import annotations

from importlib import resources
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

#: Every fifth picture is held out: 1,437 to train on, 360 to test on.
_HELD_OUT = 5


def load_digits(split: Literal["train", "held_out", "all"] = "all") -> tuple[NDArray[Any], NDArray[Any]]:
    """Images in [-1, 1], float64 `(N, 64)`, and labels, int64 `(N,)`."""
    with resources.files("autograder.diffusion").joinpath("data/digits.npz").open("rb") as file, np.load(file) as data:
        images, labels = data["images"] / 8.0 - 1.0, data["labels"].astype(np.int64)
    held_out = np.arange(len(images)) % _HELD_OUT == 0
    keep = {"train": ~held_out, "held_out": held_out, "all": np.ones(len(images), bool)}[split]
    return images[keep], labels[keep]
