"""The work behind the translation page, and what can be taken along from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from core.beam import Beam
from core.notebook import notebook
from core.translation import PARTS
from pages._shared import translation, translation_snippets
from pages._shared.arithmetic import scaled_line, score_line, sum_of, weight_line
from pages._shared.files import About, Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.take import Takeaway
from pages._shared.translation_case import TranslationCase, case_of, shown_in
from pages._shared.translation_choice import BEAM, RECURRENT
from pages._shared.translation_maps import heads_name, name_of
from pages._shared.translation_scene import Scene, see
from pages._shared.translation_state import STORE
from pages._shared.words import number, what_it_reads
from pages._shared.work import Work

_DIGITS: Final = 4


def work_of(scene: Scene) -> Work:
    """Return the arithmetic, the programs and the source behind what a view shows."""
    if scene.state.view == BEAM:
        return Work(
            heading="The arithmetic behind the sentence that was chosen",
            lines=lambda: _beam_lines(_beam(scene)),
            numpy=None,
            torch=None,
            functions=lambda: _functions(scene),
        )
    shown = shown_in(scene)
    where = heads_name(shown.reading, translation.N_LAYERS, translation.N_HEADS)
    read = name_of(shown.keys[shown.reading.key])
    forced = shown.is_forced
    return Work(
        heading=f"The arithmetic: what {name_of(shown.reader)} reads of {read} ({where})",
        lines=lambda: lines_of(case_of(shown)),
        numpy=None if forced else lambda: translation_snippets.numpy_program(case_of(shown)),
        torch=None if forced else lambda: translation_snippets.torch_program(case_of(shown)),
        functions=lambda: _functions(scene),
        unseen=(what_it_reads(shown.reader, shown.keys, shown.row),),
        notes=_notes(scene),
    )


def lines_of(case: TranslationCase) -> list[str]:
    """Return the arithmetic of the chosen weight, line by line."""
    key, row = case.reading.key, case.row
    if case.is_forced:
        return [
            f"weight = {number(row[key], _DIGITS)}: a weight of this row was forced, and the rest "
            "rescaled so that the row sums to 1. No softmax leads to it."
        ]
    if not case.is_mean:
        return _head_lines(case, 0)
    weights = case.weights[:, key]  # (head,)
    strongest = int(weights.argmax())
    layer, head = case.heads[strongest]
    mean = sum_of([number(weight, _DIGITS) for weight in weights])
    return [
        f"weight = ({mean}) / {len(weights)} = {number(row[key], _DIGITS)}: the mean of "
        f"{len(weights)} heads",
        f"The largest of them comes from head {head + 1} of layer {layer + 1}:",
        *_head_lines(case, strongest),
    ]


def _head_lines(case: TranslationCase, at: int) -> list[str]:
    key = case.reading.key
    query, keys = case.query[at], case.key[at]
    score, logits = float(case.scores[at, key]), case.logits[at]
    lines = [score_line(query, keys[key], score)]
    if case.mask[key]:
        lines.append(scaled_line(score, query.size, True, float(logits[key])))
    return [*lines, weight_line(logits, key, 1.0, float(case.weights[at, key]))]


def _beam(scene: Scene) -> Beam:
    state = scene.state
    return translation.beam_search(scene.sentence.words, state.width, state.interventions)


def _beam_lines(beam: Beam) -> list[str]:
    path = beam.path(beam.best)
    terms = sum_of([f"({number(node.log_probability, _DIGITS)})" for node in path])
    return [
        f"log probability = {terms} = {number(beam.best.total, _DIGITS)}: each word's, given those "
        "before it",
        f"probability = <i>e</i><sup>{number(beam.best.total, _DIGITS)}</sup> = "
        f"{number(float(np.exp(beam.best.total)), _DIGITS)}",
        f"for each word = {number(beam.best.total, _DIGITS)} / {beam.best.step} = "
        f"{number(beam.best.score, _DIGITS)}: by this, sentences of different lengths are compared",
    ]


def _notes(scene: Scene) -> tuple[str, ...]:
    if scene.state.view != RECURRENT:
        return ()
    return (
        "These are the Transformer's numbers. The GRU scores each English word with a small "
        "network, v · tanh(W_query s + W_key h), in place of the dot product; its code is under "
        "“The code that ran”.",
    )


def _functions(scene: Scene) -> tuple[Callable[..., Any], ...]:
    # Loads torch, which this page has loaded by then.
    from core import beam, recurrent_translator, torch_attention, translator, translator_pass
    from core.weight_edits import force_weights

    if scene.state.view == BEAM:
        return (beam.search, translator_pass.stepper, translator_pass.decode)
    if scene.state.view == RECURRENT:
        weights = recurrent_translator.RecurrentWeights
        return (weights.attention_logits, recurrent_translator.translate_recurrent)
    attention = torch_attention.scaled_dot_product_attention
    functions = (attention, translator_pass.encode, translator_pass.decode, translator.translate)
    return (*functions, force_weights) if scene.state.forced else functions


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page."""
    scene = see(STORE.current)
    shown, row = scene.translation, shown_in(scene)
    words = Axis("word", shown.words)
    heads = Axis("head", tuple(f"head {head + 1}" for head in range(translation.N_HEADS)))
    arrays: dict[str, Tabular] = {
        "row": Table(row.row, (Axis("key", row.keys),)),
        "probabilities": Table(shown.probabilities, (words,)),
    }
    for part in PARTS:
        queries, keys = Axis("query", shown.queries(part)), Axis("key", shown.keys(part))
        for layer, weights in enumerate(shown.weights(part)):
            arrays[f"{part}_weights_layer_{layer + 1}"] = Table(weights, (heads, queries, keys))
    if scene.marks is not None:
        arrays["gold_alignment"] = Table(scene.marks, (words, Axis("key", shown.source)))
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
    where = heads_name(scene.reading, translation.N_LAYERS, translation.N_HEADS)
    state = f"{scene.sentence.text} · {scene.state.view} · {scene.reading.part}, {where}"
    return About(page="Translation", state=state)


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
