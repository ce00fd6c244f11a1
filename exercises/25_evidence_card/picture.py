"""What 25 looks like: the card of student "ada" as a contact sheet, with the timeline above."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, say, subplots
from autograder.style import BLUE, DARK, GREY, LABEL, TICK, VERMILION, head, ink, suptitle

STUDENT = "ada"
COLUMNS, SHOWN = 6, 9  # a row of six; three more at most beside the prompt record
COLOURS = {"chosen": BLUE, "rejected": VERMILION, "spare": GREY}
SIGNS = {"chosen": "✓ chosen", "rejected": "✗ rejected", "spare": "spare"}


def draw(student) -> Figure:
    """Top: your timeline. Below: every candidate of your card, painted again, and the prompt record."""
    figure, axes = subplots(3, COLUMNS, width=11, height=6.0)
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([0.55, 1, 1])
    for cell in (*axes[0], *axes[2, SHOWN - COLUMNS :]):
        cell.remove()
    _timeline(figure.add_subplot(grid[0, :]), student)
    note = figure.add_subplot(grid[2, SHOWN - COLUMNS :])
    _contact_sheet([*axes[1], *axes[2, : SHOWN - COLUMNS]], note, student)
    if not any(cell.axison for cell in axes[2, : SHOWN - COLUMNS]):
        note.set_subplotspec(grid[2, :])
    suptitle(figure, f'The evidence card of student "{STUDENT}"')
    return figure


def _timeline(axes, student) -> None:
    head(axes, "timeline")
    axes.set_yticks([])
    entries = attempt(axes, student.timeline)
    if entries is None:
        return
    try:
        entries = sorted(entries, key=lambda entry: int(entry["year"]))
        years = [int(entry["year"]) for entry in entries]
        papers = [str(entry["paper"]) for entry in entries]
    except (KeyError, TypeError, ValueError):
        say(axes, "timeline() should be a list of dicts with year, paper, authors and solved")
        return
    # Evenly spaced, so that papers of one year do not cover each other.
    axes.plot(range(len(years)), np.zeros(len(years)), "o-", color=DARK)
    width = max(14, 100 // max(1, len(years)))
    for place, (entry, paper) in enumerate(zip(entries, papers, strict=True)):
        text = f"{_authors(entry)}\n{textwrap.fill(paper, width)}"
        axes.annotate(text, (place, 0), (0, -9), textcoords="offset points", ha="center", va="top", fontsize=TICK)
        axes.annotate(str(years[place]), (place, 0), (0, 6), textcoords="offset points", ha="center", fontsize=9)
    axes.set_xlim(-0.5, len(years) - 0.5)
    axes.set_ylim(-1.0, 0.45)
    axes.set_xticks([])


def _authors(entry) -> str:
    authors = entry.get("authors", "")
    names = authors if isinstance(authors, str) else ", ".join(map(str, authors))
    return textwrap.shorten(names, 44, placeholder=" …")


def _contact_sheet(cells, note, student) -> None:
    note.set_xticks([])
    note.set_yticks([])
    for cell in cells:
        cell.set_xticks([])
        cell.set_yticks([])
    card = attempt(cells[0], lambda: student.card(STUDENT))
    if card is None:
        say(note, "the prompt record comes here")
        return
    try:
        record, candidates = card["prompt_record"], list(card["candidates"])
        prompt = str(record["prompt"])
    except (KeyError, TypeError):
        say(cells[0], "card() needs prompt_record, with its prompt, and candidates")
        return
    for number, cell in enumerate(cells):
        if number < len(candidates):
            _candidate(cell, student, prompt, candidates[number], number)
        else:
            cell.axis("off")
    _record(note, card, record, prompt, len(candidates))


def _candidate(cell, student, prompt, candidate, number) -> None:
    try:
        seed, decision, metrics = int(candidate["seed"]), str(candidate["decision"]), candidate["metrics"]
        numbers = f"murk {float(metrics['murk']):.3f}  coverage {float(metrics['coverage']):.3f}"
    except (KeyError, TypeError, ValueError):
        say(cell, f"candidate {number} needs seed, decision and metrics")
        return
    image = attempt(cell, lambda: np.asarray(student.generate_candidate(prompt, seed)))
    if image is not None and image.ndim == 2:
        cell.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    colour = COLOURS.get(decision, DARK)
    for side in cell.spines.values():
        side.set(color=colour, linewidth=3)
    cell.set_title(f"{SIGNS.get(decision, decision)} · seed … {seed % 1000:03d}", fontsize=LABEL, color=ink(colour))
    cell.set_xlabel(numbers + _reason(candidate), fontsize=7.5)


def _reason(candidate) -> str:
    reason = candidate.get("reason")
    if candidate["decision"] != "rejected" or not isinstance(reason, dict):
        return "\n\n"
    return f"\nbecause {_fault(reason)}:\n{str(reason.get('kind'))[:20]}"


def _fault(fault) -> str:
    limit = fault.get("limit") if isinstance(fault, dict) else None
    if not isinstance(limit, (int, float, np.number)):
        return "?"
    return f"{fault.get('metric')} is {fault.get('is')} {limit:.3g}"


def _note(technical_note) -> str:
    """Steps, space, conditioning and mode, as far as they are there."""
    if not isinstance(technical_note, dict):
        return "?"
    told = {key: technical_note.get(key) for key in ("steps", "space", "conditioning", "mode")}
    return "{steps} steps, {space} space, conditioning {conditioning}, {mode}".format(**told)


def _review(review) -> str:
    """How often each kind of failure was found."""
    if not isinstance(review, dict):
        return "?"
    found = {kind: entry.get("found") if isinstance(entry, dict) else "?" for kind, entry in review.items()}
    return ", ".join(f"{kind} {count}" for kind, count in found.items())


def _record(note, card, record, prompt, count) -> None:
    expected = card.get("expected_output")
    lines = [
        f"prompt: {prompt}",
        f"must not be seen: {', '.join(map(str, record.get('negative_requirements', [])))}",
        f"reference: {record.get('reference')}",
        f"model: {record.get('model')} {record.get('version')}",
        f"seed: {record.get('seed')}",
        f"fault that sinks a picture: {_fault(card.get('failure_check'))}",
        f"expected sha256: {str(expected.get('sha256') if isinstance(expected, dict) else None)[:16]}…",
        f"made by: {_note(card.get('technical_note'))}",
        f"looked for: {_review(card.get('review'))}",
    ]
    if count > SHOWN:
        lines.append(f"not shown here: {count - SHOWN} more")
    text = "\n".join(textwrap.fill(line[:160], 84, subsequent_indent="    ") for line in lines)
    note.text(0.03, 0.96, text, ha="left", va="top", fontsize=TICK, linespacing=1.4, transform=note.transAxes)
    head(note, "prompt record")
