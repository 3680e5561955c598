"""The long runs behind the explanations: each a `Trainer`, so that it shows progress and stops."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Generic, TypeVar

from core.explain import deletion_order
from core.head_sweep import HeadSweep, advance_heads
from core.set_sweep import SetSweep, SetTrial, advance_set
from core.sweeps import (
    NOTHING,
    OcclusionSweep,
    Trial,
    TrialSweep,
    advance_occlusion,
    advance_trial,
    begin_trial,
)
from pages._shared.explanation_sets import PictureSet
from pages._shared.explanations import (
    NAMES,
    OCCLUSION,
    Subject,
    answer_without,
    explain_afresh,
    explained,
    output_of,
)
from pages._shared.training import Trainer

Of = TypeVar("Of")
Sweep = TypeVar("Sweep")

# Steps of a curve and random orders: four explanations take 128 passes or fewer. With the time to
# draw each round that is 20 to 25 s for a picture of 256 patches where a pass takes 0.1 s.
N_STEPS: Final = 8
N_SET_STEPS: Final = 6
N_RANDOM: Final = 5
SEED: Final = 0

_PASSES: Final = {"unit": "passes", "stopped": "Stopped. What was measured is kept."}
OCCLUSION_WORDS: Final = {
    **_PASSES,
    "name": "Occlusion",
    "new": "Hide block by block",
    "done": "Hide them again",
    "other": "Hide block by block",
    "running": "Hiding one block after another…",
    "changed": "What is explained has changed since.",
}
TEST_WORDS: Final = {
    **_PASSES,
    "name": "Test of the explanations",
    "new": "Test them on this picture",
    "done": "Test them again",
    "other": "Test them as they are now",
    "running": "Hiding and showing patches…",
    "changed": "What is explained has changed since the last test.",
}
SET_WORDS: Final = {
    **_PASSES,
    "name": "Test over the set",
    "new": "Test them on these pictures",
    "done": "Test them on all again",
    "other": "Test them on these pictures",
    "running": "One picture after another…",
    "changed": "Another model was tested before.",
}
HEAD_WORDS: Final = {
    **_PASSES,
    "name": "Dropping every head",
    "new": "Drop every head in turn",
    "done": "Drop them again",
    "other": "Drop every head in turn",
    "running": "Dropping one head after another…",
    "changed": "What is explained has changed since.",
}


@dataclass(frozen=True)
class PictureTest:
    """What is put to the test: explanations of a subject, in their orders."""

    subject: Subject
    trial: Trial


@dataclass(frozen=True)
class HeadTest:
    """Whose heads are dropped: layers, and heads in each."""

    subject: Subject
    shape: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Running(Generic[Of, Sweep]):
    """A sweep, and what it is a sweep of: all that its next step has to know."""

    of: Of
    sweep: Sweep


def occlusion_trainer(key: str) -> Trainer[Subject, Running[Subject, OcclusionSweep]]:
    """Return what hides a picture block by block; `key` is that of the view."""

    def advance(run: Running[Subject, OcclusionSweep]) -> Running[Subject, OcclusionSweep]:
        return replace(run, sweep=advance_occlusion(run.sweep, partial(output_of, run.of)))

    return Trainer(
        f"{key}.occlusion",
        begin=lambda subject: Running(subject, OcclusionSweep(subject.grid)),
        advance=advance,
        done=lambda run: run.sweep.done,
        total=lambda subject: OcclusionSweep(subject.grid).total,
        words=OCCLUSION_WORDS,
    )


def occluded(key: str, subject: Subject) -> OcclusionSweep:
    """Return how far this session has come with hiding the blocks of a subject."""
    kept = occlusion_trainer(key).trained
    return (
        OcclusionSweep(subject.grid) if kept is None or kept.settings != subject else kept.run.sweep
    )


def is_through(sweep: OcclusionSweep) -> bool:
    """Tell whether every block has been hidden."""
    return sweep.done == sweep.total


def trial_of(key: str, subject: Subject) -> PictureTest:
    """Return what is to be tested: the maps that there are, occlusion once it is through."""
    maps = dict(explained(subject).maps)
    sweep = occluded(key, subject)
    if is_through(sweep):
        maps[OCCLUSION] = sweep.values
    orders = tuple((name, deletion_order(values)) for name, values in maps.items())
    return PictureTest(subject, Trial(orders, N_STEPS, N_RANDOM, SEED))


def trial_trainer(key: str) -> Trainer[PictureTest, Running[PictureTest, TrialSweep]]:
    """Return what tests the explanations of one picture; `key` is that of the view."""

    def begin(test: PictureTest) -> Running[PictureTest, TrialSweep]:
        return Running(test, begin_trial(test.trial, _known(key, test)))

    def advance(run: Running[PictureTest, TrialSweep]) -> Running[PictureTest, TrialSweep]:
        return replace(run, sweep=advance_trial(run.sweep, partial(output_of, run.of.subject)))

    return Trainer(
        f"{key}.test",
        begin=begin,
        advance=advance,
        done=lambda run: run.sweep.done,
        total=lambda test: len(test.trial.questions),
        words=TEST_WORDS,
    )


def _known(key: str, test: PictureTest) -> dict[frozenset[int], float]:
    """Return what this session has measured of a subject already.

    A test that has grown by an explanation goes on; one that is asked for again begins anew.
    """
    sweep = occluded(key, test.subject)
    known = dict(zip((NOTHING, *sweep.blocks), sweep.outputs, strict=False))
    kept = trial_trainer(key).trained
    if kept is not None and kept.settings.subject == test.subject and kept.settings != test:
        known |= kept.run.sweep.outputs
    return known


def set_trainer(key: str) -> Trainer[PictureSet, Running[PictureSet, SetSweep]]:
    """Return what tests the explanations over a set; `key` is that of the view."""

    def advance(run: Running[PictureSet, SetSweep]) -> Running[PictureSet, SetSweep]:
        pictures = run.of
        sweep = advance_set(
            run.sweep,
            lambda index: explain_afresh(pictures.subject(index)).maps,
            lambda index, hidden: output_of(pictures.subject(index), hidden),
        )
        return replace(run, sweep=sweep)

    return Trainer(
        f"{key}.set",
        begin=lambda pictures: Running(pictures, SetSweep(set_trial(pictures))),
        advance=advance,
        done=lambda run: run.sweep.done,
        total=lambda pictures: set_trial(pictures).total,
        words=SET_WORDS,
    )


def set_trial(pictures: PictureSet, n_steps: int = N_SET_STEPS) -> SetTrial:
    """Return what is measured on every picture of a set."""
    return SetTrial(pictures.grids, len(NAMES) - 1, OCCLUSION, n_steps, N_RANDOM, SEED)


def head_trainer(key: str) -> Trainer[HeadTest, Running[HeadTest, HeadSweep]]:
    """Return what drops every head in turn; `key` is that of the view."""

    def advance(run: Running[HeadTest, HeadSweep]) -> Running[HeadTest, HeadSweep]:
        return replace(run, sweep=advance_heads(run.sweep, partial(answer_without, run.of.subject)))

    return Trainer(
        f"{key}.heads",
        begin=lambda test: Running(test, HeadSweep(test.shape)),
        advance=advance,
        done=lambda run: run.sweep.done,
        total=lambda test: HeadSweep(test.shape).total,
        words=HEAD_WORDS,
    )
