"""What 28 looks like: a landscape that four words paint, where each is heard, and a LoRA that lets the sun sink."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, say, subplots

SIDE = 64
WORDS = ("sky", "sun", "sea", "sand")
SUN = 1
#: The colour that each word says, as red, green and blue in 0 … 1.
COLOURS = np.array([[0.53, 0.74, 0.93], [0.99, 0.85, 0.25], [0.10, 0.35, 0.60], [0.85, 0.75, 0.55]])
#: The sun is a soft disc around (X, HIGH), coordinates in -1 … 1 and the horizon at 0; the LoRA lets it sink to LOW.
X, HIGH, LOW, SHARP, RADIUS = 0.35, 0.5, 0.08, 40.0, 0.25


def draw(student) -> Figure:
    """Above, the weights of each word; below, the landscape, without its sun, and with one LoRA and two."""
    figure, axes = subplots(2, 4, width=11, height=5.9)
    for axis, word, values in zip(axes[0], WORDS, np.eye(len(WORDS)), strict=True):
        heard = attempt(axis, lambda values=values: paint(student, wv=values[None]))
        show_weights(axis, heard, word)
    lower = [
        ("what the pixels hear", lambda: paint(student)),
        ("the sun may not be seen", lambda: paint(student, mask=np.array([True, False, True, True]))),
        ("your LoRA in wk: the sun sinks", lambda: paint(student, wk=sunk(student))),
        ("and another in wv: evening", lambda: paint(student, wk=sunk(student), wv=evening(student))),
    ]
    for axis, (title, call) in zip(axes[1], lower, strict=True):
        show_colours(axis, attempt(axis, call), title)
    figure.suptitle("Each pixel asks where it is, four words answer: how much of each is heard, and what it sums to",
                    fontsize=11)  # fmt: skip
    return figure


def sun_at(y):
    """The key of a sun at height y: its score is SHARP · (RADIUS² - distance²), and what the sky's is at its middle."""
    return np.array([8 * y + SHARP * (RADIUS**2 - X**2 - y**2), 2 * SHARP * X, 2 * SHARP * y, -SHARP])


#: Keys, one a row: a pixel's score for a word is the key times (1, x, y, x² + y²). Sky above, sea and sand in bands.
KEYS = np.array([[0.0, 0.0, 8.0, 0.0], sun_at(HIGH), [0.0, 0.0, -20.0, 0.0], [-18.0, 0.0, -60.0, 0.0]])


def paint(student, wk=KEYS.T, wv=COLOURS.T, mask=None):
    """What a sheet of pixels hears, `(SIDE, SIDE, v)`. Words are rows of the unit matrix: each picks a column of wk."""
    places = np.linspace(-1, 1, SIDE)
    x, y = np.meshgrid(places, places[::-1])
    pixels = np.stack([np.ones_like(x), x, y, x**2 + y**2], axis=-1).reshape(-1, 4)
    seen = np.ones(len(WORDS), bool) if mask is None else mask
    wq = np.sqrt(4.0) * np.eye(4)  # what the root of d divides out again
    heard = np.asarray(student.cross_attend(pixels, np.eye(len(WORDS)), wq, wk, wv, seen), dtype=float)
    return heard.reshape(SIDE, SIDE, len(wv))


def sunk(student):
    """wk with a change of rank 1: of all words, the sun's key becomes that of a lower one."""
    change = sun_at(LOW) - sun_at(HIGH)
    return np.asarray(student.lora(KEYS.T, np.eye(len(WORDS))[[SUN]], change[:, None], 1.0), dtype=float)


def evening(student):
    """wv with a change of rank 1: all colours turn red, each word's as much as a says."""
    redder, by_word = np.array([[0.35, -0.25, -0.40]]).T, np.array([[1.0, 0.3, 0.5, 0.4]])
    return np.asarray(student.lora(COLOURS.T, by_word, redder, 1.0), dtype=float)


def show_weights(axis, heard, word):
    """One word's weight at each pixel, dark for none."""
    axis.set_title(f"“{word}” is heard here", fontsize=9)
    bare(axis)
    if heard is None:
        return
    image = axis.imshow(heard[..., 0], cmap="cividis", vmin=0, vmax=1)
    if word == WORDS[-1]:
        bar = axis.figure.colorbar(image, ax=axis.figure.axes[: len(WORDS)], fraction=0.02, pad=0.02, ticks=[0, 0.5, 1])
        bar.ax.tick_params(labelsize=8)
        bar.set_label("weight of the word", fontsize=8)


def show_colours(axis, heard, title):
    axis.set_title(title, fontsize=9)
    bare(axis)
    if heard is None:
        return
    if not np.all(np.isfinite(heard)):
        say(axis, "some pixels hear no number")
        return
    axis.imshow(np.clip(heard, 0, 1))


def bare(axis):
    axis.set_xticks([])
    axis.set_yticks([])
