import numpy as np


def add_noise(x0, t, eps, betas):
    import matplotlib.pyplot as plt

    plt.plot(betas)
    return np.sqrt(betas[t]) * x0
