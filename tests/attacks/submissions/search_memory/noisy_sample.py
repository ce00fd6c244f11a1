"""Read its own memory for what the parent left in it."""

def attack(*args, **kwargs):
    with open("/proc/self/mem", "rb") as memory, open("/proc/self/maps") as maps:
        for line in maps:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            memory.seek(start)
            if b"-".join((b"canary", b"5b1f")) in memory.read(end - start):
                raise RuntimeError("GOT " "THROUGH: the parent's memory")


add_noise = predict_x0 = predict_eps = attack
