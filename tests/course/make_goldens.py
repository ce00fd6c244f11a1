"""Development script: the reference solutions of 04, 05, 11 and 19 against Hugging Face's `diffusers`.

    python -m venv /tmp/parity
    /tmp/parity/bin/pip install torch==2.13.0 diffusers==0.42.1
    /tmp/parity/bin/python tests/course/make_goldens.py

Compares every level of two schedules, with 50 and with 1,000 levels, prints the largest difference of each kind,
fails above 1e-12, and then writes some of diffusers' values to goldens.json. test_parity.py holds the references to
those without torch. Where values are large (predicted x0 near pure noise) a difference is relative.

diffusers keeps its tables in float32, which alone would cost 8e-5 in a DDPM step. Here its own code builds them in
float64: while a scheduler is made, the `float32` that its module sees is torch's float64.
"""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = Path(__file__).with_name("goldens.json")
BOUND = 1e-12
ETAS = (0.0, 0.5, 1.0)
SCHEDULES = ("linear", "squaredcos_cap_v2")
#: The goldens' sizes: few enough levels to store both tables whole.
NUM_TIMESTEPS, NUM_STEPS = 50, 10
GOLDEN_LEVELS = (0, 1, 4, 5, 25, 49)


def reference(exercise: str) -> ModuleType:
    """A reference solution, loaded from its file: torch's environment has no autograder."""
    spec = importlib.util.spec_from_file_location(exercise[3:], ROOT / "solutions" / f"{exercise}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Ours:
    """The references' answers, under the names of the cases."""

    def __init__(self, schedule: str, num_timesteps: int) -> None:
        schedules = reference("04_schedules")
        make = {"linear": schedules.linear_betas, "squaredcos_cap_v2": schedules.cosine_betas}[schedule]
        self.betas = make(num_timesteps)
        self.alpha_bars = schedules.alpha_bars(self.betas)
        self._noisy, self._reverse, self._ddim = map(reference, ("05_noisy_sample", "11_reverse_step", "19_ddim"))

    def add_noise(self, x, eps, noise, t):
        return self._noisy.add_noise(x, eps, t, self.alpha_bars)

    def predict_x0(self, x, eps, noise, t):
        return self._noisy.predict_x0(x, eps, t, self.alpha_bars)

    def ddpm_fixed_small(self, x, eps, noise, t):
        mean, var = self._reverse.reverse_mean_var(x, eps, t, self.betas)
        return mean + np.sqrt(var) * noise

    def ddpm_fixed_large(self, x, eps, noise, t):
        """beta_t for the variance, the other choice of Ho et al. 2020, section 3.2: 11's mean, that spread."""
        mean, _ = self._reverse.reverse_mean_var(x, eps, t, self.betas)
        return mean + np.sqrt(self.betas[t]) * noise if t > 0 else mean

    def ddim(self, x, eps, noise, t, t_prev, eta):
        return self._ddim.ddim_step(x, eps, t, t_prev, self.alpha_bars, eta, noise)


class Theirs:
    """diffusers' answers to the same, in float64."""

    def __init__(self, schedule: str, num_timesteps: int, num_steps: int) -> None:
        import torch
        from diffusers.schedulers import scheduling_ddim, scheduling_ddpm

        class Float64Torch(ModuleType):
            """torch, but for its float32."""

            float32 = torch.float64

            def __getattr__(self, name):
                return getattr(torch, name)

        self._tensor = lambda array: torch.from_numpy(np.array(array, dtype=np.float64))
        self._index = lambda t: torch.tensor([t])
        self._ddpm_module = scheduling_ddpm
        options = {"num_train_timesteps": num_timesteps, "beta_schedule": schedule, "clip_sample": False}
        scheduling_ddpm.torch = scheduling_ddim.torch = Float64Torch("torch")
        try:
            self._small = scheduling_ddpm.DDPMScheduler(variance_type="fixed_small", **options)
            self._large = scheduling_ddpm.DDPMScheduler(variance_type="fixed_large", **options)
            self._ddim = scheduling_ddim.DDIMScheduler(**options)
        finally:
            scheduling_ddpm.torch = scheduling_ddim.torch = torch
        self._ddim.set_timesteps(num_steps)
        for scheduler in (self._small, self._large, self._ddim):
            assert scheduler.alphas_cumprod.dtype == torch.float64
        self.betas = self._small.betas.numpy()
        self.alpha_bars = self._small.alphas_cumprod.numpy()
        stock = scheduling_ddpm.DDPMScheduler(**options).alphas_cumprod.double().numpy()
        self.stock_gap = float(np.max(np.abs(stock / self.alpha_bars - 1)))

    def add_noise(self, x, eps, noise, t):
        return self._small.add_noise(self._tensor(x), self._tensor(eps), self._index(t)).numpy()

    def predict_x0(self, x, eps, noise, t):
        return self._step(self._small, x, eps, noise, t).pred_original_sample.numpy()

    def ddpm_fixed_small(self, x, eps, noise, t):
        return self._step(self._small, x, eps, noise, t).prev_sample.numpy()

    def ddpm_fixed_large(self, x, eps, noise, t):
        return self._step(self._large, x, eps, noise, t).prev_sample.numpy()

    def ddim(self, x, eps, noise, t, t_prev, eta):
        drawn = self._tensor(noise) if eta > 0 else None
        out = self._ddim.step(self._tensor(eps), t, self._tensor(x), eta=eta, variance_noise=drawn)
        return out.prev_sample.numpy()

    def _step(self, scheduler, x, eps, noise, t):
        """One DDPM step with our noise: the scheduler draws its own, so its drawing is replaced."""
        original = self._ddpm_module.randn_tensor
        self._ddpm_module.randn_tensor = lambda *args, **options: self._tensor(noise)
        try:
            return scheduler.step(self._tensor(eps), t, self._tensor(x))
        finally:
            self._ddpm_module.randn_tensor = original


def cases(num_timesteps: int, num_steps: int, levels) -> Iterator[tuple[str, dict]]:
    """(name, arguments beside the samples) of everything that is compared at these levels."""
    for t in levels:
        for name in ("add_noise", "predict_x0", "ddpm_fixed_small", "ddpm_fixed_large"):
            yield name, {"t": t}
        t_prev = max(t - num_timesteps // num_steps, -1)
        for eta in ETAS:
            yield "ddim", {"t": t, "t_prev": t_prev, "eta": eta}


def difference(got, expected) -> float:
    """The largest difference of two arrays; relative where the expected value exceeds 1. NaN stays NaN."""
    expected = np.asarray(expected)
    return float(np.max(np.abs(np.asarray(got) - expected) / np.maximum(1.0, np.abs(expected))))


def samples(seed: int, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """x, eps and noise of one shape."""
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(shape) for name in ("x", "eps", "noise")}


def compare_everything() -> dict[str, float]:
    """The largest difference of each kind, over every level."""
    worst: dict[str, float] = {}
    for schedule in SCHEDULES:
        for num_timesteps, num_steps in ((NUM_TIMESTEPS, NUM_STEPS), (1000, 20), (1000, 1000)):
            ours, theirs = Ours(schedule, num_timesteps), Theirs(schedule, num_timesteps, num_steps)
            gaps = [
                (table, difference(getattr(ours, table), getattr(theirs, table))) for table in ("betas", "alpha_bars")
            ]
            given = samples(num_timesteps, (3, 4))
            for name, where in cases(num_timesteps, num_steps, range(num_timesteps)):
                gap = difference(getattr(ours, name)(**given, **where), getattr(theirs, name)(**given, **where))
                gaps.append((name if name != "ddim" else f"ddim, eta = {where['eta']:g}", gap))
            for name, gap in gaps:
                worst[name] = float(np.maximum(worst.get(name, 0.0), gap))
            stock = "diffusers' own float32 tables, alpha_bars, relative (for the record)"
            worst[stock] = max(worst.get(stock, 0.0), theirs.stock_gap)
    return worst


def goldens() -> dict:
    """diffusers' values at a few levels, with the samples that they belong to."""
    from importlib.metadata import version

    given = samples(23, (2, 3))
    found: dict = {
        "made_by": {name: version(name) for name in ("diffusers", "torch", "numpy")},
        "num_timesteps": NUM_TIMESTEPS,
        "samples": {name: array.tolist() for name, array in given.items()},
        "schedules": {},
    }
    for schedule in SCHEDULES:
        theirs = Theirs(schedule, NUM_TIMESTEPS, NUM_STEPS)
        found["schedules"][schedule] = {
            "betas": theirs.betas.tolist(),
            "alpha_bars": theirs.alpha_bars.tolist(),
            "cases": [
                {"name": name, **where, "expected": getattr(theirs, name)(**given, **where).tolist()}
                for name, where in cases(NUM_TIMESTEPS, NUM_STEPS, GOLDEN_LEVELS)
            ],
        }
    return found


def main() -> int:
    worst = compare_everything()
    for name, gap in worst.items():
        print(f"{gap:9.2e}  {name}")
    wrong = [name for name, gap in worst.items() if "for the record" not in name and not gap <= BOUND]
    if wrong:
        print(f"above {BOUND:g}: {', '.join(wrong)}; nothing written", file=sys.stderr)
        return 1
    # A line a case: short, and a change of one value is a change of one line.
    text = json.dumps(goldens(), ensure_ascii=False).replace('{"name"', '\n{"name"').replace('"betas"', '\n"betas"')
    GOLDENS.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {GOLDENS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
