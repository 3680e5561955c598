"""The work behind the page of the small language model, and what can be taken along from it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Final

import numpy as np

from core.sampling import best_first, draw, narrowed, number_drawn, tempered
from pages._shared import gpt_snippets
from pages._shared.gpt_cache_counts import counts_at
from pages._shared.gpt_choice import BOTH, CACHE, INDUCTION, NEXT
from pages._shared.gpt_distribution import Distribution, distribution
from pages._shared.gpt_row import GptRow, row_of, shown_head, shown_in
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_words import count, head_name, name_of
from pages._shared.induction_scene import see_induction
from pages._shared.induction_work import induction_work
from pages._shared.vision_arithmetic import weight_lines
from pages._shared.words import number
from pages._shared.work import Work

_DIGITS: Final = 4
_FORCED: Final = (
    "A weight of this row was forced, and the rest rescaled so that the row sums to 1: no softmax "
    "leads to it."
)


def work_of(scene: Scene) -> Work:
    """Return the arithmetic, the programs and the source behind what a view shows."""
    if scene.state.view == NEXT:
        return _next_work(scene)
    if scene.state.view == INDUCTION:
        return induction_work(see_induction(scene.state.induction))
    shown = shown_in(scene)
    reader, read = (name_of(shown.shown.inputs[at]) for at in (shown.place, shown.read))
    forced = shown.is_forced
    return Work(
        heading=f"The arithmetic: what {reader} reads of {read} ({_where(shown)})",
        lines=lambda: _row_lines(shown),
        numpy=None if forced else lambda: gpt_snippets.row_program(row_of(shown), "np"),
        torch=None if forced else lambda: gpt_snippets.row_program(row_of(shown), "torch"),
        functions=lambda: functions_that_ran(scene.state.view),
    )


def _where(scene: Scene) -> str:
    state = scene.state
    head = shown_head(scene) if state.view == CACHE else state.head
    return head_name(state.layer, head)


def _next_work(scene: Scene) -> Work:
    found, sampling = distribution(scene), scene.state.sampling
    logs = scene.shown.log_probabilities[scene.place]
    return Work(
        heading=f"The arithmetic: what is drawn after {name_of(scene.shown.inputs[scene.place])}",
        lines=lambda: next_lines(scene, found),
        numpy=lambda: gpt_snippets.next_program(logs, found, sampling, "np"),
        torch=lambda: gpt_snippets.next_program(logs, found, sampling, "torch"),
        functions=lambda: functions_that_ran(NEXT),
    )


def functions_that_ran(view: str) -> tuple[Callable[..., Any], ...]:
    """Return the functions behind a view, its own first."""
    # Loads torch, which the page has loaded by then.
    from core import gpt, gpt_steps, torch_attention, transformer

    attention = torch_attention.scaled_dot_product_attention
    if view == NEXT:
        return (narrowed, tempered, best_first, draw, number_drawn, gpt_steps.write, gpt.forward)
    if view == CACHE:
        return (gpt_steps.step, transformer.KeysAndValues, transformer.walk, attention)
    if view == BOTH:
        from core.encoder import forward

        return (transformer.no_later, gpt.forward, forward, transformer.walk, attention)
    return (gpt.forward, transformer.no_later, transformer.walk, attention)


def next_lines(scene: Scene, found: Distribution) -> list[str]:
    """Return the arithmetic of the chance of the word that is drawn."""
    sampling = scene.state.sampling
    logs = scene.shown.log_probabilities[scene.place].astype(np.float64)
    word, n_words = found.next, len(found.names)
    name = f"“{escape(found.names[word])}”"
    logarithm, p = float(logs[word]), float(found.changed[word])
    lines = [
        f"probability of {name} = <i>e</i><sup>{number(logarithm, _DIGITS)}</sup> = "
        f"{number(p, _DIGITS)}: the softmax of {n_words:,} logits"
    ]
    warm = tempered(logs, sampling.temperature)
    if sampling.temperature == 0:
        lines.append("temperature 0: the most probable word has 1, all others 0")
    elif sampling.temperature != 1:
        power = 1 / sampling.temperature
        total = float(np.exp(logs / sampling.temperature).sum())
        lines.append(
            f"temperature {number(sampling.temperature)}: {number(p, _DIGITS)}"
            f"<sup>1/{number(sampling.temperature)}</sup> / (sum of the same for all words) = "
            f"{number(p**power, _DIGITS)} / {number(total, _DIGITS)} = "
            f"{number(float(warm[word]), _DIGITS)}"
        )
    kept = float(warm[found.drawn > 0].sum())
    if sampling.top_k:
        lines.append(f"top-k {sampling.top_k}: the {sampling.top_k} most probable words stay")
    if sampling.top_p < 1:
        lines.append(
            f"top-p {number(sampling.top_p)}: of those, the fewest that have "
            f"{number(sampling.top_p)} of what they have together"
        )
    if found.n_kept < n_words:
        lines.append(
            f"{count(found.n_kept, 'word')} stay, with {number(kept, _DIGITS)} together: "
            f"{number(float(warm[word]), _DIGITS)} / {number(kept, _DIGITS)} = "
            f"{number(float(found.drawn[word]), _DIGITS)}"
        )
    return [*lines, *_draw_lines(scene, found, name)]


def _draw_lines(scene: Scene, found: Distribution, name: str) -> list[str]:
    seed, order = scene.state.seed, best_first(found.drawn)
    place = int(np.flatnonzero(order == found.next)[0])
    start = float(found.drawn[order[:place]].sum())
    end = start + float(found.drawn[found.next])
    number_there = number_drawn(seed, scene.place)
    lines = [
        f"seed {seed} draws {number(number_there, _DIGITS)} at this place; laid end to end, the "
        f"most probable first, {name} reaches from {number(start, _DIGITS)} to "
        f"{number(end, _DIGITS)}"
    ]
    known = [value for value in scene.shown.of_words if value is not None]
    if known:
        total, n_known = float(np.sum(known)), len(known)
        lines.append(
            f"perplexity of the text = <i>e</i><sup>−({number(total, 2)}) / {n_known}</sup> = "
            f"{number(float(np.exp(-total / n_known)))}: the sum of the {n_known} words' "
            "log-probabilities, divided by their number"
        )
    return lines


def _row_lines(scene: Scene) -> list[str]:
    case = row_of(scene)
    if case.is_forced:
        return [_FORCED]
    lines = _hidden_lines(case) + weight_lines(case)
    if scene.state.view == CACHE:
        counts = counts_at(scene.place + 1)
        lines += [
            f"the cache after this step = {counts.n_tokens} words · {counts.per_word:,} numbers = "
            f"{counts.kept:,} numbers",
            f"one step = {counts.step:,} multiplications and additions, everything again = "
            f"{counts.whole:,}",
        ]
    return lines


def _hidden_lines(case: GptRow) -> list[str]:
    if not case.is_hidden:
        return []
    return ["weight = 0: the word is hidden. Of what is read most instead:"]
