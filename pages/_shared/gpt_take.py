"""What can be taken along from the small language model's page: arrays, a notebook, a line."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.notebook import notebook
from pages._shared import gpt_runs, gpt_snippets
from pages._shared.files import About, Table, Tabular
from pages._shared.gpt_both import Side, swap_of
from pages._shared.gpt_cache_runs import MEASURING
from pages._shared.gpt_choice import BOTH, CACHE, INDUCTION, written_out
from pages._shared.gpt_distribution import distribution
from pages._shared.gpt_row import row_of, shown_head, shown_in
from pages._shared.gpt_runs import D_HEAD
from pages._shared.gpt_scene import Scene, see
from pages._shared.gpt_state import STORE
from pages._shared.gpt_words import head_name
from pages._shared.induction_work import take_induction
from pages._shared.matrix import Axis
from pages._shared.take import Takeaway

_LONGEST: Final = 80


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page."""
    scene = see(STORE.current)
    shown, row = scene.shown, row_of(shown_in(scene))
    found = distribution(scene)
    positions = Axis("position", shown.inputs)
    next_axis = Axis("word", tuple(found.names[word] for word in found.shown))
    of_words = [np.nan if value is None else np.exp(value) for value in shown.of_words]
    arrays: dict[str, Tabular] = {
        "weights_row": Table(row.row, (Axis("key", row.names),)),
        "drawn_from": Table(found.drawn[found.shown], (next_axis,)),
        "next_word": Table(found.changed[found.shown], (next_axis,)),
        "next_word_as_trained": Table(found.trained[found.shown], (next_axis,)),
        "probabilities": Table(np.array(of_words), (Axis("word", shown.words),)),
        "log_probabilities": Table(shown.log_probabilities, (positions, Axis("word", shown.names))),
    }
    for layer, weights in enumerate(shown.weights):
        heads = Axis("head", tuple(f"head {head + 1}" for head in range(len(weights))))
        keys = Axis("key", shown.inputs)
        arrays[f"weights_layer_{layer + 1}"] = Table(weights, (heads, positions, keys))
    if scene.state.view == CACHE:
        arrays |= _cache_arrays(scene)
    if scene.state.view == BOTH and shown.words:
        arrays |= _both_arrays(scene)
    if scene.state.view == INDUCTION:
        arrays |= take_induction(scene.state.induction)
    return arrays


def _cache_arrays(scene: Scene) -> dict[str, Tabular]:
    layer, head, end = scene.state.layer, shown_head(scene), scene.place + 1
    found = gpt_runs.vectors(scene.shown.words, layer, scene.state.interventions)
    positions = Axis("position", scene.shown.inputs[:end])
    numbers = Axis("number", tuple(str(at + 1) for at in range(D_HEAD)))
    arrays: dict[str, Tabular] = {
        "keys": Table(found.key[head, :end], (positions, numbers)),
        "values": Table(found.value[head, :end], (positions, numbers)),
    }
    kept = MEASURING.trained
    if kept is not None and kept.run.complete:
        done = kept.run.complete
        lengths = Axis("words", tuple(str(one.length) for one in done))
        ways = Axis("seconds", ("with the cache", "everything again"))
        arrays["median_seconds"] = Table(np.array([one.medians for one in done]), (lengths, ways))
    return arrays


def _both_arrays(scene: Scene) -> dict[str, Tabular]:
    side = Side(scene.before.words)
    layer = scene.state.enc_layer
    heads = Axis("head", tuple(f"head {at + 1}" for at in range(side.weights.shape[1])))
    axes = (heads, Axis("query", side.labels), Axis("key", side.labels))
    arrays: dict[str, Tabular] = {f"encoder_layer_{layer + 1}": Table(side.weights[layer], axes)}
    swap = swap_of(scene)
    if swap is not None:
        words = Axis("word", scene.before.words)
        arrays["moved_in_encoder"] = Table(swap.encoder, (words,))
        arrays["moved_in_decoder"] = Table(swap.decoder, (words,))
    return arrays


def take_notebook() -> str:
    """Return a notebook that computes the chosen row of attention, and what comes next."""
    scene = see(STORE.current)
    logs = scene.shown.log_probabilities[scene.place]
    cells = gpt_snippets.notebook_cells(
        row_of(shown_in(scene)), logs, distribution(scene), scene.state.sampling
    )
    return notebook(cells)


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    state, words = scene.state, written_out(scene.shown.words)
    start = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    where = head_name(state.layer, state.head)
    return About(page="Small GPT", state=f"{start} · {state.view} · {where} · seed {state.seed}")


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
