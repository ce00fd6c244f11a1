"""What the lesson says, where it is taught, and by which checks it is held; and that the map shows the way there."""

import re
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.judge.suite import checks_of

ROOT = Path(__file__).resolve().parents[2]
COURSE = Course.load(ROOT)
MAP = (ROOT / "exercises" / "README.md").read_text(encoding="utf-8")

#: What the lesson says: the exercises that teach it, and checks of theirs.
LESSON: list[tuple[str, dict[str, list[str]]]] = [
    ("DDPM made diffusion stable, latent diffusion cut its cost", {
        "evidence_card": ["ddpm", "latent_diffusion"], "latent_cost": ["cost_is_quadratic_in_side"],
        "latent_sampler": ["each_level_once_in_latents"],
    }),
    ("nearly every combination of pixels is noise", {
        "image_space": ["count", "random_pixels_are_far_from_digits"],
    }),
    ("telling apart is easier than making", {"image_space": ["nearest_centroid_wins"]}),
    ("structure fades gradually, and we choose how fast", {
        "forward_chain": ["structure_fades_geometrically", "lesson_rows"], "schedules": ["alpha_bars_fall"],
        "decay": ["variance_goes_to_1_with_the_preserving_scale"], "noisy_sample": ["one_jump_equals_single_steps"],
    }),
    ("the way back is hard: what was structure, what was noise?", {
        "why_reverse_is_hard": ["bayes_rule", "all_noise_leaves_the_prior"],
    }),
    ("supervision is free, since we added the noise", {
        "free_supervision": ["eps_is_what_was_drawn", "answer_fits_question"],
    }),
    ("the network learns to predict the noise at a level that it is told", {
        "eps_loss": ["model_sees_the_noisy_sample"], "train_denoiser": ["level_is_fed", "held_out_digits"],
        "snr": ["any_target_from_any_other", "v_is_the_skip_form"],
    }),
    ("sampling starts at pure noise: predict, take a little off, repeat", {
        "reverse_step": ["precisions_add"], "ddpm_sampler": ["starts_from_pure_noise", "each_level_once"],
    }),
    ("one leap lands on the average of all pictures", {"one_shot": ["every_start_lands_at_the_mean"]}),
    ("training is stable", {"stability": ["radius_grows", "error_shrinks"]}),
    ("it takes conditions: classes, text, pictures, halves", {
        "condition": ["true_labels_help", "digits_are_what_was_wished_for"], "guidance": ["affine_in_w"],
        "edit_inpaint": ["edit_starts_from_x", "known_pixels_are_exact_at_the_end"],
        "attention": ["weighted_sum_over_words", "a_masked_word_has_no_say"],
    }),
    ("it is slow, and heavy: fewer steps, smaller spaces", {
        "ddim": ["error_falls_with_steps"], "explain_slowness": ["calls_are_counted", "four_times_the_steps"],
        "latent_sampler": ["latents_are_standard"],
        "few_steps": ["error_falls_with_the_square_of_the_steps", "boundary"],
        "flow_matching": ["error_falls_as_one_over_n", "velocity_is_constant_on_a_line"],
    }),
    ("exercise 1: vary the decay", {"decay": ["larger_decay_keeps_structure_longer"]}),
    ("exercise 2: does it draw?", {"explain_denoising": ["first_input_is_the_noisy_sample", "nothing_leaks"]}),
    ("exercise 3: why is it slow?", {"explain_slowness": ["chain_against_crowd"]}),
    ("exercise 4: first dirty it, then clean it", {"explain_analogy": ["map", "many_small_cleans"]}),
    ("how good is a set of samples?", {"sample_quality": ["sets_have_no_order", "frechet_closed_form"]}),
    ("a card with which others can make it again", {"evidence_card": ["hashes_regenerate", "metrics_reproduce"]}),
    ("the card tells how it was made, and what can go wrong: drift, style, artifacts, copyright, portraits, review", {
        "evidence_card": ["technical_note_is_true", "faults_are_of_a_kind_that_pixels_show", "review_counts_each_kind"],
    }),
]  # fmt: skip


@pytest.mark.parametrize(("says", "where"), LESSON, ids=lambda value: value if isinstance(value, str) else "")
def test_what_the_lesson_says_is_taught_and_held(says: str, where: dict[str, list[str]]) -> None:
    for slug, names in where.items():
        there = {check.name for public in (True, False) for check in checks_of(COURSE.exercise(slug), public)}
        assert {f"test_{name}" for name in names} <= there, f"“{says}” is held by checks of {slug} that are not there"


def test_every_exercise_teaches_a_part_of_the_lesson_or_what_it_needs() -> None:
    taught = {slug for _, where in LESSON for slug in where}
    assert {exercise.slug for exercise in COURSE.exercises} - taught == {"exact_denoiser"}  # a yardstick, for 09 to 14


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_the_map_and_the_units_page_name_each_exercise_in_its_unit(assignment: object) -> None:
    unit = COURSE.assignment(getattr(assignment, "id", ""))
    row = next(line for line in MAP.splitlines() if line.startswith(f"| {unit.id} "))
    assert re.findall(r"\d\d \w+", row) == [exercise.id.replace("_", " ", 1) for exercise in unit.exercises]
    page = (ROOT / "exercises" / f"{unit.id}.md").read_text(encoding="utf-8")
    assert unit.title in page.splitlines()[0]
    if len(unit.exercises) > 1:
        assert re.findall(r"\*(\d\d)\*", page) == [exercise.id[:2] for exercise in unit.exercises]


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.id)
def test_a_page_tells_first_how_long_it_takes(exercise: object) -> None:
    lines = COURSE.exercise(getattr(exercise, "id", "")).readme.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert re.fullmatch(r"\*About \d+ minutes, with the hints at hand\.\*", lines[2])
