"""What 15 looks like: the game spirals out, the regression comes to rest; and where that comparison is unfair."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots

STEPS = 60


def draw(student) -> Figure:
    """Left: the path of the game. Middle: radius and error by step. Right: the last radius or error for many rates."""
    figure, axes = subplots(1, 3, width=12, height=4.4)
    game = attempt(axes[0, 0], lambda: play(student, 0.15, STEPS))
    draw_path(axes[0, 0], game)
    error = attempt(axes[0, 1], lambda: fit(student, 0.15, STEPS))
    draw_steps(axes[0, 1], game, error)
    draw_rates(axes[0, 2], student)
    figure.suptitle("A game of two players and a regression, each with plain gradient steps")
    return figure


def play(student, lr, steps):
    """The places (x, y) of the game, `(steps + 1, 2)`, from (1, 0)."""
    places = [(1.0, 0.0)]
    for _ in range(steps):
        x, y = student.gan_step(*places[-1], lr)
        places.append((float(x), float(y)))
    return np.array(places)


def fit(student, lr, steps):
    """The errors of the regression, `(steps + 1,)`, from 1."""
    x = [1.0]
    for _ in range(steps):
        x.append(float(student.regress_step(x[-1], 0.0, lr)))
    return np.abs(x)


def take_turns(lr, steps):
    """The same game when y answers to the x that has moved: a baseline of the picture's own."""
    x, y, places = 1.0, 0.0, [(1.0, 0.0)]
    for _ in range(steps):
        x -= lr * y
        y += lr * x
        places.append((x, y))
    return np.array(places)


def draw_path(axes, game):
    axes.set_title("The path of the game, lr = 0.15", fontsize=9)
    if game is None:
        return
    turns = take_turns(0.15, STEPS)
    axes.plot(*game.T, ".-", color="C3", ms=4, label="your gan_step")
    axes.plot(*turns.T, ".-", color="0.6", ms=3, lw=0.8, label="players take turns")
    axes.plot(0, 0, "k+", ms=10, label="where both are content")
    reach = 1.15 * max(float(np.nanmax(np.abs(game))), 1.0)
    axes.set(xlabel="x", ylabel="y", aspect="equal", xlim=(-reach, reach), ylim=(-1.6 * reach, reach))
    axes.legend(fontsize=7, loc="lower left")


def draw_steps(axes, game, error):
    axes.set_title("How far from rest, lr = 0.15", fontsize=9)
    if error is None:
        return
    if game is not None:
        axes.plot(np.hypot(*game.T), color="C3", label="your gan_step: radius")
    axes.plot(np.hypot(*take_turns(0.15, STEPS).T), color="0.6", label="players take turns: radius")
    axes.plot(np.maximum(error, 1e-12), color="C0", label="your regress_step: error")
    axes.set(xlabel="step", yscale="log")
    axes.legend(fontsize=7, loc="lower left")


def draw_rates(axes, student):
    rates = np.linspace(0.02, 1.2, 60)
    axes.set_title("After 20 steps, by learning rate", fontsize=9)
    errors = attempt(axes, lambda: [max(fit(student, lr, 20)[-1], 1e-12) for lr in rates])
    if errors is None:
        return
    axes.plot(rates, errors, color="C0", label="your regress_step: error")
    try:
        axes.plot(
            rates, [np.hypot(*play(student, lr, 20)[-1]) for lr in rates], color="C3", label="your gan_step: radius"
        )
    except Exception as problem:
        axes.plot([], [], " ", label=str(problem)[:40])
    axes.axhline(1, color="0.7", lw=0.8)
    axes.annotate("start", (0.02, 1), fontsize=7, color="0.5", va="bottom")
    axes.axvline(1, color="0.7", lw=0.8, ls=":")
    axes.annotate("beyond lr = 1\nthe regression\nblows up too", (1.03, 1e-8), fontsize=7, color="0.4")
    axes.set(xlabel="lr", yscale="log", xlim=(0, 1.45), ylim=(1e-12, 1e8))
    axes.legend(fontsize=7, loc="upper left")
