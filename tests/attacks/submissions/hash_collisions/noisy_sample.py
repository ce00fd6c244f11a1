"""Return dicts and sets whose keys collide."""

def attack(*args, **kwargs):
    same = [float(2.0 ** (61 * k)) for k in range(-16, 16)]
    return [dict.fromkeys(same), set(same), {(1, 2): 3}]


add_noise = predict_x0 = predict_eps = attack
