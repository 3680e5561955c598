"""What the cache saves, measured: steps with it and passes without, at growing lengths."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, Final

from pages._shared import gpt_runs
from pages._shared.gpt_choice import NAME
from pages._shared.gpt_runs import MOST_WORDS, Words
from pages._shared.training import Trainer

if TYPE_CHECKING:
    from core.gpt import Cache

LENGTHS: Final = (1, 8, 16, 24, 32, 40, 48, 56, 64)
N_TIMES: Final = 15


@dataclass(frozen=True)
class Measured:
    """Seconds for one word more, of a text of this many words with the start.

    Attributes
    ----------
    length : int
    with_cache, without : tuple of float
        Every measurement: one step with the cache; the whole text again.
    """

    length: int
    with_cache: tuple[float, ...] = ()
    without: tuple[float, ...] = ()

    @property
    def medians(self) -> tuple[float, float]:
        """The medians of both, in seconds."""
        return median(self.with_cache), median(self.without)


@dataclass(frozen=True)
class MeasureSettings:
    """What is measured: one word again and again; which one makes no difference to the time."""

    word: str = "."

    @property
    def text(self) -> Words:
        """As many words as the model reads."""
        return (self.word,) * MOST_WORDS


@dataclass(frozen=True)
class MeasureRun:
    """How far a measurement has come.

    Attributes
    ----------
    settings : MeasureSettings
    done : tuple of Measured
        One for each length that was begun. They take turns, so that what else the machine does
        meanwhile meets all of them alike.
    before : tuple of caches
        Of each of these lengths, before its last word.
    """

    settings: MeasureSettings
    done: tuple[Measured, ...] = ()
    before: tuple[Cache, ...] = field(default=(), compare=False)

    @property
    def n_done(self) -> int:
        """How many measurements were made."""
        return sum(len(one.with_cache) for one in self.done)

    @property
    def complete(self) -> tuple[Measured, ...]:
        """All lengths, once each was measured; none before."""
        return self.done if len(self.done) == len(LENGTHS) else ()


def _begin(settings: MeasureSettings) -> MeasureRun:
    gpt_runs.load_model()
    return MeasureRun(settings)


def advance(run: MeasureRun) -> MeasureRun:
    """Measure once more: one step with the cache, and the same word without one."""
    model = gpt_runs.load_model()
    from core.gpt import cache_of, forward, no_cache, step
    from core.translation import START

    at = run.n_done % len(LENGTHS)
    length, text = LENGTHS[at], (START, *run.settings.text)
    last, caches = Measured(length), run.before
    if at < len(run.done):
        last = run.done[at]
    elif length == 1:
        caches = (no_cache(model),)
    else:
        caches = (*caches, cache_of(model, text[1 : length - 1]).cache)
    start = time.perf_counter()
    step(model, caches[at], text[length - 1])
    middle = time.perf_counter()
    forward(model, text[1:length])
    end = time.perf_counter()
    measured = replace(
        last,
        with_cache=(*last.with_cache, middle - start),
        without=(*last.without, end - middle),
    )
    return replace(run, done=(*run.done[:at], measured, *run.done[at + 1 :]), before=caches)


MEASURING: Final = Trainer[MeasureSettings, MeasureRun](
    key=f"{NAME}.measuring",
    begin=_begin,
    advance=advance,
    done=lambda run: run.n_done,
    total=lambda settings: len(LENGTHS) * N_TIMES,
    words={
        "name": "Measure here",
        "new": "Measure here",
        "begun": "Continue",
        "done": "Measure again",
        "running": "Measuring…",
        "stopped": "Stopped. What was measured is kept.",
        "unit": "measurements",
    },
)
