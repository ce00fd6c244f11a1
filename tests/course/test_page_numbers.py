"""The numbers on students' pages, each recomputed: by the reference solutions, or from the definitions right here."""

import ast
import re
import sys
from math import exp, log10, sqrt
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.course import Course
from autograder.sources import load_file, load_reference

ROOT = Path(__file__).resolve().parents[2]
COURSE = Course.load(ROOT)
BIT = np.array([-1.0, 1.0])


def of(slug: str) -> Any:
    """A reference's functions."""
    return SimpleNamespace(**vars(load_reference(COURSE.exercise(slug))))


LINEAR = of("schedules").linear_betas(1000)
FOUR = np.array([0.1, 0.3, 0.6, 0.8])


def share_of_beta(t: int) -> float:
    """The variance of one denoising step over beta_t, on the linear schedule."""
    _, var = of("reverse_step").reverse_mean_var(np.zeros(1), np.zeros(1), t, LINEAR)
    return float(np.ravel(var)[0] / LINEAR[t])


def formula(betas: Any, t: int) -> float:
    """Ho et al. 2020, eq. 7: the variance of one step back when x0 is known."""
    _, var = of("reverse_step").reverse_mean_var(np.zeros(1), np.zeros(1), t, betas)
    return float(np.ravel(var)[0])


def truth(betas: Any, t: int) -> float:
    """The variance of one step back from x_t = 0 when x0 is +1 or -1 with equal chance: of a mixture of eq. 7's two.

    By x_t = 0 both are as likely, so the mixture's variance is eq. 7's, and the square of its means' distance from 0.
    """
    before = float(np.prod(1 - betas[:t]))
    means = sqrt(before) * betas[t] / (1 - before * (1 - betas[t])) * BIT
    return formula(betas, t) + float(np.mean(means**2))


def on_a_grid(betas: Any, t: int) -> float:
    """`truth`, by adding up densities on a fine grid: nothing of it comes from eq. 7."""
    before = float(np.prod(1 - betas[:t]))
    grid = np.linspace(-8, 8, 400_001)
    prior = sum(np.exp(-((grid - sqrt(before) * bit) ** 2) / (2 * (1 - before))) for bit in BIT)
    weight = prior * np.exp(-((sqrt(1 - betas[t]) * grid) ** 2) / (2 * betas[t]))
    return float(np.sum(weight * grid**2) / np.sum(weight))


def correlation_left(beta: float) -> float:
    """With values that spread evenly over -1 … 1 after 60 steps of one beta."""
    kept = (1 - beta) ** 60 / 3
    return sqrt(kept / (kept + 1 - (1 - beta) ** 60))


def by_hand() -> dict[str, Any]:
    """The network of one hidden unit that train_denoiser's page walks through: its answer, loss and gradient."""
    net = of("train_denoiser")
    params = {"w1": np.array([[1.0], [1], [0]]), "b1": np.zeros(1), "w2": np.full((1, 1), 0.5), "b2": np.zeros(1)}
    level = np.array([0.64])
    loss, grads = net.loss_and_grads(params, np.array([[0.5]]), 0, np.array([[-1.0]]), level)
    answer = float(net.denoise(params, np.array([[-0.2]]), 0, level)[0, 0])
    return {"answer": answer, "loss": loss, **{key: np.ravel(value) for key, value in grads.items()}}


def root(matrix: Any) -> Any:
    """Of a symmetric matrix: the same directions, and the roots of the factors."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(values)) @ vectors.T


STEP = by_hand()
NUM_PARAMS = sum(value.size for value in of("train_denoiser").init_params(64, 256, np.random.default_rng(0)).values())
STRETCH = np.array([[2.0, 1], [1, 2]])
posterior = of("why_reverse_is_hard").posterior
heap = float((posterior(np.array([[0.45]]), np.array([[1.0], [-1.0]]), np.array([0.5, 0.5]), 0.64) @ [1.0, -1.0])[0])

SNR, FLOW, FEW = of("snr"), of("flow_matching"), of("few_steps")
#: Fréchet distances by plain steps and by Heun's, from the picture: at 1, 3, 7, 15, 31 and 63 questions.
PLAIN, HEUN = load_file("picture", COURSE.exercise("few_steps").picture).frechet_table(FEW)


def half(x: Any, s: float) -> Any:
    """The exact denoiser of N(0, 1)."""
    return x / (1 + s * s)


#: Of each page, what it says, with {} for the numbers that follow, rounded as they stand there.
SAYS: list[tuple[str, str, list[float]]] = [
    ("image_space", "There are about 10^{} such pictures", [of("image_space").log10_image_count(8, 8, 1, 17)]),
    ("image_space", "one for every eighteen atoms", []),
    ("decay", "0.04 / 0.36 = **{}**", [of("decay").stationary_variance(0.8, 0.2)]),
    ("decay", "1 / 0.19 = **{}**", [of("decay").stationary_variance(0.9, 1.0)]),
    ("schedules", "The last alpha_bar is {}", [of("schedules").alpha_bars(LINEAR)[-1]]),
    ("noisy_sample", "So x_t = 0.4 - 0.6 = {}.", [sqrt(0.64) * 0.5 - sqrt(0.36)]),
    ("why_reverse_is_hard", "So candidate 1 is exp(2) = {} times", [exp(2)]),
    ("why_reverse_is_hard", "7.39 / 8.39 = {} and {}", [1 / (1 + exp(-2)), 1 / (1 + exp(2))]),
    ("exact_denoiser", "= 0.881 - 0.119 = {} ({} with a digit more)", [heap, heap]),
    ("exact_denoiser", "(0.45 - 0.8 · 0.7616) / 0.6 = {}.", [(0.45 - 0.8 * 0.7616) / 0.6]),
    ("exact_denoiser", "So eps* = 0.6 · 0.6 / 1.8 = {}. By the score", [
        of("exact_denoiser").gaussian_eps(np.array([[1.0]]), 0, np.array([0.64]), 0.5, 2.25)[0, 0]
    ]),
    ("exact_denoiser", "∇ log p_t = -(1 - 0.4) / 1.8 = {}, and -0.6 · (-0.333) = {} again", [-0.6 / 1.8, 0.36 / 1.8]),
    ("train_denoiser", "there are {}", [NUM_PARAMS]),
    ("train_denoiser", "0.6 · (-0.2) = {}, the mistake {}, the loss {}. And back", [
        STEP["answer"], STEP["answer"] + 1, STEP["loss"]
    ]),
    ("train_denoiser", "| net, and so b2 | 0.8 · 2.24 = {} |", [STEP["b2"][0]]),
    ("train_denoiser", "| w2 | 0.6 · 1.792 = {} |", [STEP["w2"][0]]),
    ("train_denoiser", "| hidden, and so b1, as 0.6 is above 0 | 0.5 · 1.792 = {} |", [STEP["b1"][0]]),
    ("train_denoiser", "| w1 | (-0.2, 0.8, 0.6) · 0.896 = ({}, {}, {}) |", list(STEP["w1"])),
    ("reverse_step", "1 / 0.36 = {} + {} = {}, and one over that is {} again", [
        0.5625 / 0.4375, 1 / 0.36, 0.5625 / 0.4375 + 1 / 0.36, formula(np.array([0.36, 0.4375]), 1)
    ]),
    ("sample_quality", "sqrt(3) = {} and by 1, which is [[{}, {}], [{}, {}]];", [sqrt(3), *np.ravel(root(STRETCH))]),
    ("sample_quality", "[[{}, {}], [{}, {}]], make [[{}, {}], [{}, {}]] when done twice", [
        *np.ravel(np.sqrt(STRETCH)), *np.ravel(np.sqrt(STRETCH) @ np.sqrt(STRETCH))
    ]),
    ("reverse_step", "it is {} at t = 0, {} of beta_t at t = 1, {} at t = 5 and {} at t = 50", [
        share_of_beta(t) for t in (0, 1, 5, 50)
    ]),
    ("reverse_step", "a variance of {}, where the formula says {}.", [truth(FOUR, 2), formula(FOUR, 2)]),
    ("reverse_step", "at t = 300, it is {} against {}", [truth(LINEAR, 300), formula(LINEAR, 300)]),
    ("ddpm_sampler", "0.7 + sqrt(0.24609375) = {}.", [0.7 + sqrt(0.24609375)]),
    ("sample_quality", "sqrt(1/2) = {}.", [of("sample_quality").sliced_w2(
        np.array([[0.0, 0], [2, 0]]), np.array([[3.0, 0], [1, 0]]), np.eye(2)
    )]),
    ("ddim", "sqrt(0.24609375) = {}.", [sqrt(0.24609375)]),
    ("latent_cost", "819,200,000", []),
    ("latent_cost", "512² / 64² = {} times less", [512**2 / 64**2]),
    ("evidence_card", "154 / 256 = {}", [154 / 256]),
    ("snr", "0.8 / 0.2 = 4, its logarithm {}. An", [SNR.log_snr(0.8)]),
    ("snr", "4 · 0.01 = {} on eps", [SNR.loss_weight(0.8, "eps", "x0") * 0.01]),
    ("snr", "v = 0.8 · (-1) - 0.6 · 0.5 = {}, score = 1 / 0.6 = {}. Back", [
        float(SNR.convert(-1.0, -0.2, 0.64, "eps", "v")), float(SNR.convert(-1.0, -0.2, 0.64, "eps", "score")),
    ]),
    ("snr", "0.8 · (-1.1) + 0.6 · (-0.2) = {}, which is eps", [float(SNR.convert(-1.1, -0.2, 0.64, "v", "eps"))]),
    ("flow_matching", "0.68 · 0.68 - 2 = {}. And", [float(FLOW.gaussian_velocity(1.08, 0.8, 2.0, 1.0))]),
    ("flow_matching", "x_t = 0.75 - 0.25 = {}", [float(FLOW.interpolate(1.0, -1.0, 0.25))]),
    ("attention", "exp(2) / (exp(2) + 1) = {} and {}", [1 / (1 + exp(-2)), 1 / (1 + exp(2))]),
    ("attention", "0.881 · 10 + 0.119 · 2 = {}.", [10 / (1 + exp(-2)) + 2 / (1 + exp(2))]),
    ("attention", "4,352 together, {} times fewer", [320 * 768 / (4 * (320 + 768))]),
    ("few_steps", "Heun ends at 5 - 1.75 = {}.", [FEW.heun_step(5.0, 2.0, 1.0, half)]),
    ("few_steps", "5 · sqrt(2 / 5) = {}: the plain step is off by {}, Heun by {}.", [
        5 * sqrt(2 / 5), 5 * sqrt(2 / 5) - 3, 3.25 - 5 * sqrt(2 / 5)
    ]),
    ("few_steps", "rho 2 give {}, {}, {}, as", list(FEW.karras_sigmas(3, 1.0, 9.0, 2.0))),
    ("few_steps", "c_out = 0.5 / 1.3 = {}. With", [0.5 / sqrt(0.25 + 1.2**2)]),
    ("few_steps", "f = 0.6 + 0.5 = {}.", [FEW.consistency(lambda x, s: 1.3, 3.0, 1.2, 0.2)]),
    ("few_steps", "distance of {} at 7, where plain steps, which are DDIM's, have {})", [HEUN[2], PLAIN[2]]),
    ("few_steps", "it still loses ({} against {})", [HEUN[3], PLAIN[3]]),
    ("few_steps", "it wins ({} against {})", [HEUN[4], PLAIN[4]]),
]  # fmt: skip


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("slug", "says", "numbers"), SAYS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_page_says_what_comes_out(slug: str, says: str, numbers: list[float]) -> None:
    page = flat(COURSE.exercise(slug).readme.read_text(encoding="utf-8"))
    match = re.search(re.escape(says).replace(r"\{\}", r"(-?\d+(?:,\d{3})*(?:\.\d+)?)"), page)
    assert match, f"{slug} does not say “{says}”"
    for told, number in zip(match.groups(), numbers, strict=True):
        wanted = f"{number:.{len(told.partition('.')[2])}f}"
        assert told.replace(",", "") == wanted, f"{slug} says {told} in “{says}”; it is {number:.6g}"


@pytest.mark.parametrize(("betas", "t"), [(FOUR, 2), (LINEAR, 300)])
def test_the_true_reverse_is_two_peaks_where_steps_are_large(betas: Any, t: int) -> None:
    assert truth(betas, t) == pytest.approx(on_a_grid(betas, t), rel=1e-6)


def test_atoms_and_the_strength_of_a_pinch() -> None:
    assert 17.5 < 10 ** (80 - of("image_space").log10_image_count(8, 8, 1, 17)) < 18.5
    assert log10(1437) < 78
    assert correlation_left(0.02) > 0.35 - 0.05
    assert all(correlation_left(beta) < 0.35 - 0.05 for beta in (0.03, 0.11))
    assert sqrt(0.89 / 3 / (0.89 / 3 + 0.11)) > 0.8 + 0.05


def test_a_guess_that_allows_for_noise_has_a_fifth_less_error_and_a_tenth_less_distance() -> None:
    first, second = 0.2 / 0.8, 0.2  # mean squared errors at alpha_bar = 0.8
    assert 1 - second / first == pytest.approx(0.2)
    assert 1 - sqrt(second / first) == pytest.approx(0.106, abs=5e-4)


def gaps(module: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What the gradient check of train_denoiser's page prints for a module, run as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", COURSE.exercise("train_denoiser").readme.read_text("utf-8"), re.S)
    monkeypatch.setitem(sys.modules, "train_denoiser", module)
    exec(code, {})
    found = ast.literal_eval(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_the_gradient_check_of_the_page_finds_what_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = COURSE.exercise("train_denoiser").solution.read_text(encoding="utf-8")
    assert source.count(" * (hidden > 0)") == 1
    right, wrong = ModuleType("right"), ModuleType("wrong")
    exec(source, right.__dict__)
    exec(source.replace(" * (hidden > 0)", ""), wrong.__dict__)
    assert max(gaps(right, capsys, monkeypatch).values()) < 1e-8
    found = gaps(wrong, capsys, monkeypatch)
    assert {key for key, gap in found.items() if gap > 1e-3} == {"w1", "b1"}
    assert max(found["w2"], found["b2"]) < 1e-8


def test_a_bell_times_a_slope_is_the_same_bell_moved() -> None:
    """Why a small step is Gaussian: over a short stretch log p is a line, and the pinch's variance stays."""
    beta, t = LINEAR[300], 300
    kept = float(np.prod(1 - LINEAR[:t]))
    grid = np.linspace(-1, 1, 200_001)
    pinch = np.exp(-((0.3 - sqrt(1 - beta) * grid) ** 2) / (2 * beta))
    log_p = np.log(sum(np.exp(-((grid - sqrt(kept) * bit) ** 2) / (2 * (1 - kept))) for bit in BIT))
    weight = pinch * np.exp(log_p - log_p.max())
    mean = np.sum(weight * grid) / np.sum(weight)
    variance = np.sum(weight * (grid - mean) ** 2) / np.sum(weight)
    middle, wide = 0.3 / sqrt(1 - beta), beta / (1 - beta)
    score = np.interp(middle, grid, np.gradient(log_p, grid))
    assert mean == pytest.approx(middle + wide * score, abs=0.02 * sqrt(wide))
    assert variance == pytest.approx(wide, rel=0.01)
