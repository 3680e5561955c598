"""The stream of a model on what a reader gave it: measured, read early, asked with blocks off.

Kept for a while, read-only, shared between sessions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from core.anatomy import DECODER, ENCODER
from core.needed_blocks import Ask, Needs, Outcome
from pages._shared.training import Trainer, load_torch
from pages._shared.transformer_given import Given, Words
from pages._shared.transformer_models import DIGITS, GPT, LAYOUTS, TEXT_ENCODER, TRANSLATOR, VISION
from pages._shared.transformer_runs import (
    Off,
    embedding,
    material_of,
    network,
    seen,
    stack_runs,
    translated,
)

if TYPE_CHECKING:
    from core.logit_lens import Lens
    from core.residual_stream import Attribution, Stream
    from core.stack_run import Ending, StackRun

# The stack whose end the answer is read from, of models that name their answers.
_READ: Final = {TRANSLATOR: DECODER, GPT: DECODER, DIGITS: ENCODER}
_N_DIGITS: Final = 10
_SWEEP_WORDS: Final = {
    "name": "Each block off in turn",
    "new": "Switch off each block in turn",
    "done": "Switch them off again",
    "other": "Switch off each block in turn",
    "running": "Switching off one block after another…",
    "stopped": "Stopped. What was measured is kept.",
    "changed": "What the model sees has changed since.",
    "unit": "blocks",
}


@dataclass(frozen=True)
class Sweep:
    """Each block switched off in turn, as far as it has come."""

    given: Given
    without: tuple[Outcome, ...] = field(default=())


def stacks_of(model: str) -> tuple[str, ...]:
    """Return the stacks of a model; first the one whose end the answer is read from."""
    return (DECODER, ENCODER) if model == TRANSLATOR else (_READ.get(model, ENCODER),)


def run_of(given: Given, stack: str, off: Off) -> StackRun:
    """Return one stack of a model, about to be run."""
    return next(run for run in stack_runs(given, off) if run.name == stack)


def stream_of(given: Given, stack: str, off: Off = ()) -> Stream:
    """Return how much every block of a stack writes for every token."""
    return _stream(given.model, given.name, stack, off, given)


# A parameter with a leading underscore is not part of the cache's key.
@st.cache_resource(max_entries=12, show_spinner=False)
def _stream(model: str, name: str | Words, stack: str, off: Off, _given: Given) -> Stream:
    network(model)  # loads torch, with a word about it
    from core import residual_stream

    return residual_stream.stream_of(run_of(_given, stack, off))


def lens_of(given: Given, off: Off = ()) -> Lens | None:
    """Return what a model would say after each block; None of one that names no answers."""
    return _lens(given.model, given.name, off, given) if given.model in _READ else None


@st.cache_resource(max_entries=12, show_spinner=False)
def _lens(model: str, name: str | Words, off: Off, _given: Given) -> Lens:
    network(model)
    from core.logit_lens import N_TOP, lens_of

    ending = ending_of(_given, off)
    n_top = _N_DIGITS if model == DIGITS else N_TOP
    run = run_of(_given, _READ[model], off)
    return lens_of(run, ending, _followed(_given, ending, off), n_top=n_top)


def attribution_of(given: Given, off: Off = ()) -> Attribution | None:
    """Return the logits that are followed as sums over the blocks; None without answers."""
    return _attribution(given.model, given.name, off, given) if given.model in _READ else None


@st.cache_resource(max_entries=12, show_spinner=False)
def _attribution(model: str, name: str | Words, off: Off, _given: Given) -> Attribution:
    lens = _lens(model, name, off, _given)
    from core import residual_stream

    ending = ending_of(_given, off)
    answers = [ending.names.index(answer) for answer in lens.answers]
    run = run_of(_given, _READ[model], off)
    return residual_stream.attribution_of(run, ending, answers, above_mean=True)


def needs_of(given: Given) -> Needs:
    """Return what a model answers with each block off; not for the Vision Transformer: a second."""
    return _needs(given.model, given.name, given)


@st.cache_resource(max_entries=12, show_spinner=False)
def _needs(model: str, name: str | Words, _given: Given) -> Needs:
    network(model)
    from core.needed_blocks import needs_of

    return needs_of(LAYOUTS[model].writers, asker(_given))


def outcome_of(given: Given, off: Off) -> Outcome:
    """Return what a model answers with some blocks off."""
    return _outcome(given.model, given.name, off, given)


@st.cache_resource(max_entries=48, show_spinner=False)
def _outcome(model: str, name: str | Words, off: Off, _given: Given) -> Outcome:
    return asker(_given)(frozenset(off))


def sweep_trainer(key: str) -> Trainer[Given, Sweep]:
    """Return what switches off each block of a large model in turn, with progress and a stop."""

    def advance(sweep: Sweep) -> Sweep:
        place = LAYOUTS[sweep.given.model].writers[len(sweep.without)]
        return replace(sweep, without=(*sweep.without, outcome_of(sweep.given, (place,))))

    return Trainer(
        f"{key}.sweep",
        begin=_begin,
        advance=advance,
        done=lambda sweep: len(sweep.without),
        total=lambda given: len(LAYOUTS[given.model].writers),
        words=_SWEEP_WORDS,
    )


def _begin(given: Given) -> Sweep:
    load_torch()
    return Sweep(given)


def asker(given: Given) -> Ask:
    """Return the function that asks a model with some blocks off."""
    one = network(given.model)
    from core import block_tests

    material: Any = material_of(given)
    model = given.model
    if model == TRANSLATOR:
        return lambda off: block_tests.ask_translator(one, material, off)
    if model == GPT:
        return lambda off: block_tests.ask_gpt(one, material, off)
    if model == TEXT_ENCODER:
        whole = embedding(str(given.name))
        return lambda off: block_tests.ask_encoder(one, material, whole, off)
    before = seen(given)
    if model == DIGITS:
        best = int(before.probabilities.argmax())
        return lambda off: block_tests.ask_classifier(one, material, best, off)
    return lambda off: block_tests.ask_saliency(one, material, before.saliency, off)


def takes_long(model: str) -> bool:
    """Whether to switch off each block in turn takes seconds."""
    return model == VISION


def ending_of(given: Given, off: Off = ()) -> Ending:
    """Return how a model that names its answers makes them of its stream."""
    one = network(given.model)
    from core import anatomy_gpt, anatomy_translator, anatomy_vit

    if given.model == TRANSLATOR:
        return anatomy_translator.ending_of(one, translated(given.words, off))
    return (
        anatomy_gpt.ending_of(one, given.words)
        if given.model == GPT
        else anatomy_vit.ending_of(one)
    )


def _followed(given: Given, ending: Ending, off: Off) -> list[int | None]:
    """Return for each row the answer to follow; None for what is most probable at the end."""
    places = {name: place for place, name in enumerate(ending.names)}
    if given.model == TRANSLATOR:
        return [places[word] for word in translated(given.words, off).words]
    if given.model == GPT:
        return [places.get(word) for word in given.words]
    return []
