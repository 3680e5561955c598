"""The work behind the translation page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from core.beam import Beam
from pages._shared import translation, translation_snippets
from pages._shared.arithmetic import (
    additive_score_line,
    scaled_line,
    score_line,
    sum_of,
    weight_line,
)
from pages._shared.translation_case import TranslationCase, case_of, recurrent_in, shown_in
from pages._shared.translation_choice import BEAM, RECURRENT
from pages._shared.translation_maps import heads_name, name_of
from pages._shared.translation_scene import Scene
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
        lines=lambda: [*lines_of(case_of(shown)), *_recurrent_lines(scene)],
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


def _recurrent_lines(scene: Scene) -> list[str]:
    """Return the arithmetic of the weight that is chosen in the recurrent translator's map."""
    if scene.state.view != RECURRENT:
        return []
    shown = recurrent_in(scene)
    vectors = translation.additive_vectors(shown.translation, shown.reading.query)
    key, logits = shown.reading.key, vectors.logits
    lines = ["The weight that is outlined in the GRU's map comes from additive attention:"]
    if vectors.mask[key]:
        score = float(logits[key])
        lines.append(additive_score_line(vectors.query, vectors.key[key], vectors.score, score))
    return [*lines, weight_line(logits, key, 1.0, float(shown.row[key]))]


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
        "In the GRU, q is W_query times the decoder's state and k is W_key times what the encoder "
        "made of the English word, plus a bias: a small network, v · tanh(q + k), in place of the "
        "dot product. The programs are the Transformer's.",
    )


def _functions(scene: Scene) -> tuple[Callable[..., Any], ...]:
    # Loads torch, which this page has loaded by then.
    from core import beam, recurrent_translator, torch_attention, translator, translator_pass
    from core.recurrent_model import RecurrentWeights
    from core.weight_edits import force_weights

    if scene.state.view == BEAM:
        return (beam.search, translator_pass.stepper, translator_pass.decode)
    if scene.state.view == RECURRENT:
        return (RecurrentWeights.attention_logits, recurrent_translator.translate_recurrent)
    attention = torch_attention.scaled_dot_product_attention
    functions = (attention, translator_pass.encode, translator_pass.decode, translator.translate)
    return (*functions, force_weights) if scene.state.forced else functions
