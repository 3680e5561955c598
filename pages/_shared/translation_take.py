"""What can be taken along from the translation page: arrays, a notebook, and what they are of."""

from __future__ import annotations

from typing import Final

from core.notebook import notebook
from core.translation import PARTS, Translation
from pages._shared import translation, translation_snippets
from pages._shared.files import About, Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.take import Takeaway
from pages._shared.translation_case import case_of, recurrent_in, shown_in
from pages._shared.translation_choice import RECURRENT, TURN
from pages._shared.translation_compare import turned
from pages._shared.translation_maps import heads_name
from pages._shared.translation_scene import see
from pages._shared.translation_state import STORE


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page, of both translations where there are two."""
    scene = see(STORE.current)
    row = shown_in(scene)
    arrays: dict[str, Tabular] = {"row": Table(row.row, (Axis("key", row.keys),))}
    arrays |= _arrays_of(row.translation)
    if scene.state.view == TURN and (both := turned(scene)) is not None:
        second = _arrays_of(both.turning.second)
        arrays |= {f"second_{name}": table for name, table in second.items()}
    if scene.state.view == RECURRENT:
        recurrent = _arrays_of(recurrent_in(scene).translation)
        arrays |= {f"gru_{name}": table for name, table in recurrent.items()}
    if scene.marks is not None and row.translation is scene.translation:
        words, keys = (Axis("word", scene.translation.words), Axis("key", scene.translation.source))
        arrays["gold_alignment"] = Table(scene.marks, (words, keys))
    return arrays


def _arrays_of(shown: Translation) -> dict[str, Tabular]:
    """Return the probability of each word and every weight, a table for each layer of a part."""
    arrays: dict[str, Tabular] = {
        "probabilities": Table(shown.probabilities, (Axis("word", shown.words),))
    }
    for part in PARTS:
        queries, keys = Axis("query", shown.queries(part)), Axis("key", shown.keys(part))
        for layer, weights in enumerate(shown.weights(part)):
            heads = Axis("head", tuple(f"head {head + 1}" for head in range(len(weights))))
            arrays[f"{part}_weights_layer_{layer + 1}"] = Table(weights, (heads, queries, keys))
    return arrays


def take_notebook() -> str:
    """Return a notebook that computes the chosen row of attention from its query and keys."""
    case = case_of(shown_in(see(STORE.current)))
    where = heads_name(case.reading, translation.N_LAYERS, translation.N_HEADS)
    about = f"# Which English word is each French word reading?\n\nOne row of attention: {where}."
    return notebook(translation_snippets.notebook_cells(case, about))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    state, reading = scene.state, shown_in(scene).reading
    sentences = [one.text for one in state.turning] if state.view == TURN else [scene.sentence.text]
    where = heads_name(reading, translation.N_LAYERS, translation.N_HEADS)
    what = f"{' / '.join(sentences)} · {state.view} · {reading.part}, {where}"
    return About(page="Translation", state=what)


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
