"""Development script: the references' schedules, steps and samplers against Hugging Face's `diffusers`.

    python -m venv /tmp/parity
    /tmp/parity/bin/pip install torch==2.13.0 diffusers==0.42.1
    /tmp/parity/bin/python tests/course/make_goldens.py

Compares every level of two schedules, with 50 and with 1,000 levels, prints the largest difference of each kind,
fails above 1e-12 (1e-6 for the target v and for diffusers' SNR, which are computed in float32), and then writes some of
diffusers' values to goldens.json. test_parity.py holds the references to those without torch. Where values are large
(predicted x0 near pure noise) a difference is relative.

diffusers keeps its tables in float32, which alone would cost 8e-5 in a DDPM step. Here its own code builds them in
float64: while a scheduler is made, the `float32` that its module sees is torch's float64.

Where the two differ by convention, the pages of schedules, ddpm_sampler, edit_inpaint, ddim, explain_denoising, snr,
flow_matching and few_steps say so; what they tell of diffusers is in goldens.json too, under "conventions".
"""

import contextlib
import importlib.util
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = Path(__file__).with_name("goldens.json")
BOUND = 1e-12
#: What asks for v in float32, and what diffusers computes in it.
BOUNDS = {"velocity": 1e-6, "snr: log_snr": 1e-6}
ETAS = (0.0, 0.5, 1.0)
SCHEDULES = ("linear", "squaredcos_cap_v2")
#: The goldens' sizes: few enough levels to store both tables whole.
NUM_TIMESTEPS, NUM_STEPS = 50, 10
GOLDEN_LEVELS = (0, 1, 4, 5, 25, 49)
#: few_steps: the ends and the crowding of its levels, and where its consistency function is asked.
ENDS, RHO = (0.1, 10.0), 7.0
CONSISTENCY_LOW, CONSISTENCY_LEVELS = 0.002, (0.002, 0.5, 80.0)
#: snr: the levels, and who is asked for what from what. flow_matching: where the line is looked at, and the steps.
LEVELS, CONVERSIONS = (0.02, 0.5, 0.98), (("eps", "x0"), ("v", "x0"), ("x0", "eps"), ("v", "eps"))
PREDICTION_TYPES = {"eps": "epsilon", "x0": "sample", "v": "v_prediction"}
TIMES, FLOW_STEPS = (1.0, 0.7, 0.1), 10
#: What the table of kinds of a level holds once each; ddim once for each eta.
KINDS = ("add_noise", "predict_x0", "velocity", "ddpm_fixed_small", "ddpm_fixed_large", "ddim")


def reference(slug: str) -> ModuleType:
    """A reference solution, loaded from its file: torch's environment has no autograder."""
    (path,) = (ROOT / "solutions").glob(f"[0-9]*_{slug}.py")
    return loaded(path)


def loaded(path: Path) -> ModuleType:
    """A module by its file, which may import the references of earlier exercises, and a fresh one at each call."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def model(x, t):
    """What both samplers ask: any function of the sample and the level, but no straight line."""
    return np.tanh(x) + 0.01 * t


def denoiser(x, s):
    """What few_steps asks at level s: any function of both, but no straight line."""
    return np.tanh(x) / (1 + s)


class Noise:
    """A generator that gives what it was given, a sample at a time."""

    def __init__(self, drawn) -> None:
        self._drawn = iter(drawn)

    def standard_normal(self, shape):
        noise = next(self._drawn)
        assert noise.shape == tuple(shape)
        return noise


class Ours:
    """The references' answers, under the names of the cases."""

    def __init__(self, schedule: str, num_timesteps: int) -> None:
        schedules = reference("schedules")
        make = {"linear": schedules.linear_betas, "squaredcos_cap_v2": schedules.cosine_betas}[schedule]
        self.betas = make(num_timesteps)
        self.alpha_bars = schedules.alpha_bars(self.betas)
        self._noisy, self._reverse, self._ddim = map(reference, ("noisy_sample", "reverse_step", "ddim"))
        sys.modules["reverse_step"] = self._reverse  # ddpm_sampler imports it
        self._sampler = reference("ddpm_sampler")
        (asks_for_v,) = (ROOT / "tests" / "exercises").glob("*_explain_denoising/variants/asks_for_v.py")
        self._asks_for_v = loaded(asks_for_v)

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

    def velocity(self, x, eps, noise, t):
        """The target v of explain_denoising: by a variant, which prints; the reference asks for eps."""
        with contextlib.redirect_stdout(io.StringIO()):
            return self._asks_for_v.training_example(x, eps, self.alpha_bars[t], t)[1]

    def ddpm_path(self, path):
        """The whole sampler, from the first of the samples, with the others as its noise."""
        return self._sampler.ddpm_sample(model, self.betas, path[0].shape, Noise(path))

    def ddim_path(self, path, levels):
        """The whole sampler, at diffusers' levels: its own choice of them is a convention."""
        self._ddim.ddim_timesteps = lambda num_timesteps, num_steps: levels
        return self._ddim.ddim_sample(model, self.alpha_bars, len(levels), path[0])

    def ddim(self, x, eps, noise, t, t_prev, eta):
        return self._ddim.ddim_step(x, eps, t, t_prev, self.alpha_bars, eta, noise)


def tensor(array):
    """Numbers for torch, in float64."""
    import torch

    return torch.from_numpy(np.array(array, dtype=np.float64))


@contextlib.contextmanager
def in_float64(*modules: ModuleType) -> Iterator[None]:
    """Modules of diffusers whose torch has float64 for its float32."""
    import torch

    class Float64Torch(ModuleType):
        """torch, but for its float32."""

        float32 = torch.float64

        def __getattr__(self, name):
            return getattr(torch, name)

    for module in modules:
        module.torch = Float64Torch("torch")
    try:
        yield
    finally:
        for module in modules:
            module.torch = torch


class Theirs:
    """diffusers' answers to the same, in float64."""

    def __init__(self, schedule: str, num_timesteps: int, num_steps: int) -> None:
        import torch
        from diffusers.schedulers import scheduling_ddim, scheduling_ddpm

        self._tensor = tensor
        self._index = lambda t: torch.tensor([t])
        self._ddpm_module = scheduling_ddpm
        options = {"num_train_timesteps": num_timesteps, "beta_schedule": schedule, "clip_sample": False}
        with in_float64(scheduling_ddpm, scheduling_ddim):
            self._small = scheduling_ddpm.DDPMScheduler(variance_type="fixed_small", **options)
            self._large = scheduling_ddpm.DDPMScheduler(variance_type="fixed_large", **options)
            self._ddim = scheduling_ddim.DDIMScheduler(timestep_spacing="trailing", **options)
        self._ddim.set_timesteps(num_steps)
        self.levels = self._ddim.timesteps.tolist()
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

    def velocity(self, x, eps, noise, t):
        return self._small.get_velocity(self._tensor(x), self._tensor(eps), self._index(t)).numpy()

    def ddpm_path(self, path):
        x = path[0]
        for t, noise in zip(range(len(self.betas) - 1, -1, -1), [*path[1:], np.zeros_like(x)], strict=True):
            x = self.ddpm_fixed_small(x, model(x, t), noise, t)
        return x

    def ddim_path(self, path, levels):
        x = path[0]
        for t in levels:
            x = self.ddim(x, model(x, t), None, t, None, 0.0)
        return x

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


class OurFewSteps:
    """few_steps' reference: its levels, where they lead x, and its consistency function for a network that says 1."""

    def __init__(self) -> None:
        self._module = reference("few_steps")

    def answers(self, x, eps):
        return {"sigmas": self.sigmas(), "heun": self.heun(x), "consistency": self.consistency(x)}

    def sigmas(self):
        return self._module.karras_sigmas(NUM_STEPS, *ENDS, RHO)

    def heun(self, x):
        return self._module.sample(denoiser, [*self.sigmas(), 0.0], x)

    def consistency(self, x):
        return [
            self._module.consistency(lambda x, s: np.ones_like(x), x, s, CONSISTENCY_LOW) for s in CONSISTENCY_LEVELS
        ]


class TheirFewSteps:
    """The same by diffusers' HeunDiscreteScheduler and CMStochasticIterativeScheduler, in float64."""

    def __init__(self) -> None:
        from diffusers import CMStochasticIterativeScheduler, HeunDiscreteScheduler

        self._heun = HeunDiscreteScheduler(use_karras_sigmas=True)
        self._models = CMStochasticIterativeScheduler(sigma_min=CONSISTENCY_LOW)

    def answers(self, x, eps):
        return {"sigmas": self.sigmas(), "heun": self.heun(x), "consistency": self.consistency(x)}

    def sigmas(self):
        low, high = ENDS
        return self._heun._convert_to_karras(np.array([high, low]), NUM_STEPS)

    def heun(self, x):
        """Its sampler holds each inner level twice, and asks once at each: for the slope here, then there."""
        self._heun.set_timesteps(NUM_STEPS)
        levels = np.array([*np.repeat(self.sigmas(), 2)[1:], 0.0])
        assert len(levels) == len(self._heun.sigmas)
        self._heun.sigmas = tensor(levels)
        x = tensor(x)
        for t, s in zip(self._heun.timesteps, levels, strict=False):
            slope = (x.numpy() - denoiser(x.numpy(), s)) / s
            x = self._heun.step(tensor(slope), t, x).prev_sample
        return x.numpy()

    def consistency(self, x):
        both = [self._models.get_scalings_for_boundary_condition(s) for s in CONSISTENCY_LEVELS]
        return [c_skip * x + c_out for c_skip, c_out in both]


class OurSnr:
    """snr's reference: the ruler of a schedule, and predictions of one target as those of another."""

    def __init__(self) -> None:
        self._module = reference("snr")

    def answers(self, x, eps):
        """x as clean sample, eps as its noise; `x to y` with x as the prediction and eps as the noisy sample."""
        found = {"log_snr": self._module.log_snr(np.array(LEVELS))}
        found["lambda"] = self._module.log_snr(Ours(SCHEDULES[0], NUM_TIMESTEPS).alpha_bars) / 2
        for source, to in CONVERSIONS:
            found[f"{source} to {to}"] = [self._module.convert(x, eps, level, source, to) for level in LEVELS]
        noisy = [np.sqrt(level) * x + np.sqrt(1 - level) * eps for level in LEVELS]
        both = zip(noisy, LEVELS, strict=True)
        return {**found, "eps to v": [self._module.convert(eps, x_t, level, "eps", "v") for x_t, level in both]}


class TheirSnr:
    """The same by diffusers: its SNR for training, what its DPM-Solver converts, and its DDPM's velocity."""

    def answers(self, x, eps):
        import torch
        from diffusers.schedulers import scheduling_ddpm, scheduling_dpmsolver_multistep
        from diffusers.training_utils import compute_snr

        with in_float64(scheduling_dpmsolver_multistep):
            options = {"num_train_timesteps": NUM_TIMESTEPS, "beta_schedule": SCHEDULES[0]}
            solver = scheduling_dpmsolver_multistep.DPMSolverMultistepScheduler(**options)
        levels, steps = SimpleNamespace(alphas_cumprod=tensor(LEVELS)), torch.arange(len(LEVELS))
        ddpm = scheduling_ddpm.DDPMScheduler()
        ddpm.alphas_cumprod = levels.alphas_cumprod
        found = {"log_snr": np.log(compute_snr(levels, steps).double().numpy()), "lambda": solver.lambda_t.numpy()}
        for source, to in CONVERSIONS:
            found[f"{source} to {to}"] = [self._converted(x, eps, t, source, to) for t in range(len(LEVELS))]
        v = [ddpm.get_velocity(tensor(x), tensor(eps), torch.tensor([t])).numpy() for t in steps]
        return {**found, "eps to v": v}

    def _converted(self, pred, x_t, t, source, to):
        """Its solvers work with x0 (dpmsolver++) or eps (dpmsolver), whatever their network predicts."""
        from diffusers import DPMSolverMultistepScheduler

        kind = {"x0": "dpmsolver++", "eps": "dpmsolver"}[to]
        options = {
            "algorithm_type": kind,
            "prediction_type": PREDICTION_TYPES[source],
            "final_sigmas_type": "sigma_min",
        }
        solver = DPMSolverMultistepScheduler(**options)
        solver.sigmas, solver._step_index = tensor(np.sqrt((1 - np.array(LEVELS)) / LEVELS)), t
        return solver.convert_model_output(tensor(pred), sample=tensor(x_t)).numpy()


class OurFlow:
    """flow_matching's reference: the line, and the way back along any velocity."""

    def __init__(self) -> None:
        self._module = reference("flow_matching")

    def answers(self, x, eps):
        line = [self._module.interpolate(x, eps, t) for t in TIMES]
        return {"interpolate": line, "euler": self._module.euler(model, eps, FLOW_STEPS)}


class TheirFlow:
    """The same by diffusers' FlowMatchEulerDiscreteScheduler, in float64; its sigma is our t."""

    def answers(self, x, eps):
        from diffusers.schedulers import scheduling_flow_match_euler_discrete as module

        with in_float64(module):
            scheduler = self._at(module, [*TIMES, 0.0])
            line = [scheduler.scale_noise(tensor(x), t[None], tensor(eps)).numpy() for t in scheduler.timesteps]
            times = np.arange(FLOW_STEPS, -1, -1) / FLOW_STEPS
            scheduler, x = self._at(module, times), tensor(eps)
            for t, time in zip(scheduler.timesteps, times, strict=False):
                x = scheduler.step(tensor(model(x.numpy(), time)), t, x).prev_sample
        return {"interpolate": line, "euler": x.numpy()}

    def _at(self, module, sigmas):
        """A scheduler for these levels, the last of which is 0: its own choice of them is a convention."""
        scheduler = module.FlowMatchEulerDiscreteScheduler()
        scheduler.set_timesteps(sigmas=list(sigmas[:-1]))
        scheduler.sigmas = tensor(sigmas)
        scheduler.timesteps = scheduler.sigmas[:-1] * scheduler.config.num_train_timesteps
        return scheduler


#: Exercises that stand for themselves: the reference's answers and diffusers', to the samples x and eps.
PAIRS = {"few_steps": (OurFewSteps, TheirFewSteps), "snr": (OurSnr, TheirSnr), "flow_matching": (OurFlow, TheirFlow)}


def cases(num_timesteps: int, num_steps: int, levels) -> Iterator[tuple[str, dict]]:
    """(name, arguments beside the samples) of everything that is compared at these levels."""
    for t in levels:
        for name in KINDS[:-1]:
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


def path_of(seed: int, num_timesteps: int, shape: tuple[int, ...]) -> np.ndarray:
    """The start of a sampler and the noise of each of its steps but the last."""
    return np.random.default_rng(seed).standard_normal((num_timesteps, *shape))


def conventions() -> dict:
    """What our pages tell of diffusers where it does otherwise."""
    from diffusers import DDIMScheduler, DDPMScheduler, FlowMatchEulerDiscreteScheduler, HeunDiscreteScheduler
    from diffusers.pipelines.kandinsky2_2.pipeline_kandinsky2_2_img2img import KandinskyV22Img2ImgPipeline

    ddim, leading = DDIMScheduler(), DDIMScheduler(num_train_timesteps=1000)
    leading.set_timesteps(50)
    ten = SimpleNamespace(scheduler=DDIMScheduler())
    ten.scheduler.set_timesteps(10)
    _, edit_steps = KandinskyV22Img2ImgPipeline.get_timesteps(ten, 10, 0.77, "cpu")
    heun = HeunDiscreteScheduler(use_karras_sigmas=True)
    heun.set_timesteps(10)
    flow = FlowMatchEulerDiscreteScheduler()
    flow.set_timesteps(10)
    return {
        "flow_levels_of_10": flow.sigmas.tolist(),
        "heun_calls_of_10": len(heun.timesteps),
        "clip_sample": [DDPMScheduler().config.clip_sample, ddim.config.clip_sample],
        "timestep_spacing": ddim.config.timestep_spacing,
        "first_of_50": leading.timesteps[0].item(),
        "steps_of_10_at_077": edit_steps,
        "float32_gap": max(Theirs(schedule, 1000, 20).stock_gap for schedule in SCHEDULES),
    }


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
            path = path_of(num_timesteps, num_timesteps, (3, 4))
            gaps.append(("ddpm_path", difference(ours.ddpm_path(path), theirs.ddpm_path(path))))
            both = [one.ddim_path(path, theirs.levels) for one in (ours, theirs)]
            gaps.append(("ddim_path", difference(*both)))
            for name, gap in gaps:
                worst[name] = float(np.maximum(worst.get(name, 0.0), gap))
            stock = "diffusers' own float32 tables, alpha_bars, relative (for the record)"
            worst[stock] = max(worst.get(stock, 0.0), theirs.stock_gap)
    given = samples(25, (3, 4))
    for slug, pair in PAIRS.items():
        ours, theirs = (one().answers(given["x"], given["eps"]) for one in pair)
        assert ours.keys() == theirs.keys()
        worst.update({f"{slug}: {name}": difference(ours[name], theirs[name]) for name in ours})
    return worst


def goldens() -> dict:
    """diffusers' values at a few levels, with the samples that they belong to."""
    from importlib.metadata import version

    given, path = samples(23, (2, 3)), path_of(24, NUM_TIMESTEPS, (1, 2))
    found: dict = {
        "made_by": {name: version(name) for name in ("diffusers", "torch", "numpy")},
        "num_timesteps": NUM_TIMESTEPS,
        "conventions": conventions(),
        "samples": {name: array.tolist() for name, array in given.items()},
        "path": path.tolist(),
        "levels": Theirs(SCHEDULES[0], NUM_TIMESTEPS, NUM_STEPS).levels,
        "pairs": {
            slug: {name: np.array(value).tolist() for name, value in theirs().answers(given["x"], given["eps"]).items()}
            for slug, (_, theirs) in PAIRS.items()
        },
        "schedules": {},
    }
    for schedule in SCHEDULES:
        theirs = Theirs(schedule, NUM_TIMESTEPS, NUM_STEPS)
        found["schedules"][schedule] = {
            "betas": theirs.betas.tolist(),
            "alpha_bars": theirs.alpha_bars.tolist(),
            "ddpm_path": theirs.ddpm_path(path).tolist(),
            "ddim_path": theirs.ddim_path(path, found["levels"]).tolist(),
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
    wrong = [name for name, gap in worst.items() if "for the record" not in name and not gap <= BOUNDS.get(name, BOUND)]
    if wrong:
        print(f"too large: {', '.join(wrong)}; nothing written", file=sys.stderr)
        return 1
    # A line a case: short, and a change of one value is a change of one line.
    text = json.dumps(goldens(), ensure_ascii=False).replace('{"name"', '\n{"name"').replace('"betas"', '\n"betas"')
    GOLDENS.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {GOLDENS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
