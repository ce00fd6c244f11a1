"""Ask for one normal at a time by hand: each answer brings the next 512."""


def forward_chain(x0, decay=0.6, noise_scale=0.5, num_steps=5, rng=None):
    peer, number = (object.__getattribute__(rng, name) for name in ("_peer", "_number"))
    while True:
        peer.call(number, "standard_normal", (), {})
