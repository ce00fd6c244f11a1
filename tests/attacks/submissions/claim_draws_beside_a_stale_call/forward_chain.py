"""Work honestly once, then call the generator of that call, and claim draws of the new one beside it."""

import numpy as np

kept = []


def claim_beside(stale, rng):
    """The call is refused undecoded; what is told beside it must not be lost, and must not be believed."""
    peer, number = (object.__getattribute__(rng, name) for name in ("_peer", "_number"))
    peer.beside = lambda: [[[number, 513]]]
    try:
        peer.call(object.__getattribute__(stale, "_number"), "standard_normal", (), {})
    except RuntimeError:
        del peer.beside
        raise RuntimeError("GOT " "THROUGH: the judge believed it") from None


def forward_chain(x0, decay=0.6, noise_scale=0.5, num_steps=5, rng=None):
    kept.append(rng)
    if len(kept) > 1:
        claim_beside(kept[0], rng)
    rows = [x0]
    for _ in range(num_steps):
        rows.append(decay * rows[-1] + noise_scale * rng.standard_normal(x0.shape))
    return np.stack(rows).astype(np.float32)
