def add_noise(x0, t, eps, betas):
    raise ValueError("half a character: \ud800")


def predict_x0(x_t, t, eps, betas):
    raise type("Odd\udfff", (Exception,), {})("\udc80")
