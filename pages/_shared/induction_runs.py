"""The trainings of the induction model: the lab's own, and the one of this session."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from pages._shared.head_grid import Head
from pages._shared.induction_choice import N_STEPS
from pages._shared.training import Trainer, prepare_torch

if TYPE_CHECKING:
    from core.induction_model import InductionWeights
    from core.induction_scores import Circuit, Measured
    from core.induction_training import InductionRun, Replay

KEY: Final = "induction"


@dataclass(frozen=True)
class InductionSettings:
    """What a training starts with: a seed, and how many heads layer 2 has."""

    seed: int
    later_heads: int


@dataclass(frozen=True, eq=False)
class TimedRun:
    """A training as far as it has come, and the seconds that it spent on computing."""

    run: InductionRun
    seconds: float


def _begin(settings: InductionSettings) -> TimedRun:
    prepare_torch()
    from core.induction_model import HEADS
    from core.induction_training import begin

    return TimedRun(begin(settings.seed, (HEADS[0], settings.later_heads)), 0.0)


def _advance(timed: TimedRun) -> TimedRun:
    from core.induction_training import advance

    begun = time.perf_counter()
    run = advance(timed.run)
    return TimedRun(run, timed.seconds + time.perf_counter() - begun)


TRAINER: Final[Trainer[InductionSettings, TimedRun]] = Trainer(
    f"{KEY}.training",
    begin=_begin,
    advance=_advance,
    done=lambda timed: timed.run.step,
    total=lambda settings: N_STEPS,
)


@dataclass(frozen=True, eq=False)
class Shown:
    """A training that is looked at.

    Attributes
    ----------
    name : str
        Says which numbers these are: equal names, equal numbers.
    replay : Replay
    is_own : bool
        Whether it was trained in this session.
    """

    name: str
    replay: Replay
    is_own: bool


def shown_training(*, own: bool) -> Shown:
    """Return the training of this session, or the lab's where there is none or it is asked for."""
    kept = TRAINER.trained
    if own and kept is not None:
        settings, run = kept.settings, kept.run.run
        name = f"own.{settings.seed}.{settings.later_heads}"
        return Shown(name, run.replay, is_own=True)
    return Shown("lab", lab_training(), is_own=False)


@st.cache_resource(show_spinner=False)
def lab_training() -> Replay:
    """Return the training that comes with the lab."""
    prepare_torch()
    from core.induction_checkpoints import load_replay

    return load_replay()


@st.cache_resource(max_entries=128, show_spinner=False)
def measured(
    name: str, step: int, _weights: InductionWeights, dropped: frozenset[Head]
) -> Measured:
    """Measure a state of a training, by its name, on the test sequences."""
    from core.induction_scores import measure

    return measure(_weights, dropped)


@st.cache_resource(max_entries=128, show_spinner=False)
def circuit(name: str, step: int, _weights: InductionWeights, head: Head) -> Circuit:
    """Measure what a head would write, whatever it reads."""
    from core.induction_scores import circuit_of

    return circuit_of(_weights, *head)
