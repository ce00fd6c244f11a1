"""Hand back a generator's state of its own making."""

def attack(*args, **kwargs):
    rng = kwargs.get("rng") or args[-1]
    state = rng.bit_generator.state
    state["state"] = {"state": 1, "inc": 1}
    rng.bit_generator.state = state
    return rng


forward_chain = attack
