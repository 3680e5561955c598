"""The work behind the trained models on the page of self- and cross-attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.notebook import notebook
from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.trained_rows import (
    encoder_cells,
    encoder_functions,
    encoder_row,
    encoder_work,
)
from pages._shared.trained_sequences import EncoderScene, TranslatorScene
from pages._shared.translation_maps import heads_name, name_of
from pages._shared.words import what_it_reads
from pages._shared.work import Work

_QUESTION = "# Who asks, and who is asked?\n\nA trained model:"


def work_of(scene: EncoderScene | TranslatorScene) -> Work:
    """Return the arithmetic, the programs and the source behind the chosen weight."""
    if isinstance(scene, EncoderScene):
        return encoder_work(scene.shown, *scene.cell, encoder_functions)
    # These load the generator of sentences, which a page with toys alone does without.
    from pages._shared import translation_snippets
    from pages._shared.translation_case import Shown, case_of
    from pages._shared.translation_work import lines_of

    shown = Shown(scene.translation, scene.reading)
    read = name_of(shown.keys[shown.reading.key])
    return Work(
        heading=f"The arithmetic: what {name_of(shown.reader)} reads of {read} ({_place(scene)})",
        lines=lambda: lines_of(case_of(shown)),
        numpy=lambda: translation_snippets.numpy_program(case_of(shown)),
        torch=lambda: translation_snippets.torch_program(case_of(shown)),
        functions=_translator_functions,
        unseen=(what_it_reads(shown.reader, shown.keys, shown.row),),
    )


def _translator_functions() -> tuple[Callable[..., Any], ...]:
    from core import torch_attention, translator, translator_pass

    attention = torch_attention.scaled_dot_product_attention
    return attention, translator_pass.encode, translator_pass.decode, translator.translate


def arrays_of(scene: EncoderScene | TranslatorScene) -> dict[str, Tabular]:
    """Return the weights of every head of the attention that is shown."""
    if isinstance(scene, EncoderScene):
        queries = keys = scene.shown.labels
        row = encoder_row(scene.shown, *scene.cell)
    else:
        from pages._shared.translation_case import Shown

        shown = Shown(scene.translation, scene.reading)
        queries, keys = scene.translation.queries(scene.part), shown.keys
        row = Table(shown.row, (Axis("key", keys),))
    heads = Axis("head", tuple(f"head {head + 1}" for head in range(scene.weights.shape[1])))
    axes = (heads, Axis("query", queries), Axis("key", keys))
    arrays: dict[str, Tabular] = {
        f"weights_layer_{layer + 1}": Table(weights, axes)
        for layer, weights in enumerate(scene.weights)
    }
    return arrays | {"row": row}


def notebook_of(scene: EncoderScene | TranslatorScene) -> str:
    """Return a notebook that computes the chosen row."""
    about = f"{_QUESTION} {_place(scene)}."
    if isinstance(scene, EncoderScene):
        return notebook(encoder_cells(scene.shown, *scene.cell, about=about))
    from pages._shared import translation_snippets
    from pages._shared.translation_case import Shown, case_of

    case = case_of(Shown(scene.translation, scene.reading))
    return notebook(translation_snippets.notebook_cells(case, about))


def about_of(scene: EncoderScene | TranslatorScene) -> str:
    """Say what files and pictures come from."""
    return f"{scene.state.text} · {scene.state.kind.lower()} · {_place(scene)}"


def _place(scene: EncoderScene | TranslatorScene) -> str:
    """Name the head that is shown, or say of how many it is the mean."""
    if isinstance(scene, EncoderScene):
        return f"{scene.shown.name[0].lower()}{scene.shown.name[1:]}"
    return heads_name(scene.reading, *scene.weights.shape[:2])
