"""Return a list that holds itself."""

def attack(*args, **kwargs):
    value = []
    value.append(value)
    return value


add_noise = predict_x0 = predict_eps = attack
