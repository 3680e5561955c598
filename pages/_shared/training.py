"""Live training: start, stop, progress, and what was learned is kept.

Training is a pure function that takes a frozen value a little further. The session keeps the value.
The browser asks for the next round when the last one has arrived, so that nothing piles up, every
edit elsewhere on the page gets its turn between two rounds, and leaving the page is a pause.
A page that trains has a `Trainer` and calls `Trainer.draw` in a fragment of its own::

    TRAINER = Trainer("my_page.training", begin=..., advance=..., done=..., total=...)


    @st.fragment
    def draw_training() -> None:
        trained = TRAINER.draw(STORE.current.training)
        if trained is not None:
            draw_curves(trained.run)


    LAB.open(BOARD, TRAINING, about="...")
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from threading import Thread
from typing import Any, Final, Generic, TypeVar

import streamlit as st

from pages._shared.light_component import FRONTEND, light_component
from pages._shared.page import settle_memory

Settings = TypeVar("Settings")
Run = TypeVar("Run")

# What an edit elsewhere may have to wait for. To draw a round takes as long again, longer on a busy
# machine; rounds grow with that, so that half of the time is spent on training, but only so far.
ROUND_SECONDS: Final = 0.08
LONGEST_SECONDS: Final = 0.25
ACTS: Final = ("start", "stop", "over", "tick")

TRAINING: Final = light_component(
    "training",
    html="<div class='training'></div>",
    css=(FRONTEND / "training.css").read_text("utf-8"),
    constants={},
)


@dataclass(frozen=True, eq=False)
class Trained(Generic[Settings, Run]):
    """What a session keeps of a training.

    Attributes
    ----------
    settings : Settings
        What it was started with; the page may show others by now.
    run : Run
        As far as it has come.
    running : bool
        Whether it goes on.
    serial : int
        A number that every round raises.
    ended : float
        When the last round ended, on the monotonic clock.
    """

    settings: Settings
    run: Run
    running: bool
    serial: int
    ended: float = 0.0


@dataclass(frozen=True)
class Trainer(Generic[Settings, Run]):
    """Something that a page trains while one watches.

    Attributes
    ----------
    key : str
        Identity of the training in the session; ``<key>.trained`` keeps what was learned.
    begin : callable
        Makes the untrained run of some settings, seeds included. Settings are compared by ``==``.
        If it takes PyTorch, it calls `prepare_torch` first.
    advance : callable
        Takes a run a few steps further and returns the new one; the old one stays as it is. It
        should take a few milliseconds at most: a round calls it until its time is spent.
    done : callable
        Returns how many steps a run has made.
    total : callable
        Returns how many steps the settings ask for.
    words : mapping of str to str, optional
        What it is called where nothing is trained: some of ``name``, ``new``, ``begun``, ``done``
        and ``other`` (what the button says), ``running``, ``stopped``, ``changed`` and ``unit``;
        see ``frontend/training.js``.
    """

    key: str
    begin: Callable[[Settings], Run]
    advance: Callable[[Run], Run]
    done: Callable[[Run], int]
    total: Callable[[Settings], int]
    words: Mapping[str, str] | None = None

    @property
    def trained(self) -> Trained[Settings, Run] | None:
        """What was learned so far in this session."""
        kept: Trained[Settings, Run] | None = st.session_state.get(f"{self.key}.trained")
        return kept

    @property
    def is_running(self) -> bool:
        """Whether something trains in this session."""
        kept = self.trained
        return kept is not None and kept.running

    def draw(
        self, settings: Settings, news: Mapping[str, object] | None = None
    ) -> Trained[Settings, Run] | None:
        """Draw button, progress and a line of words; return what was learned so far.

        Call it in a fragment of its own: a round draws that fragment anew and nothing else.

        Parameters
        ----------
        settings : Settings
            What the page shows, and so what "Train" starts with.
        news : mapping, optional
            ``LAB.news()``, where nothing else in the fragment brings it.

        Returns
        -------
        Trained or None
            None as long as nothing was trained.
        """
        kept = self.trained

        def receive() -> None:
            self.act(st.session_state[self.key].get("act"), settings)

        TRAINING.draw(key=self.key, data=self._describe(settings, news), on_act_change=receive)
        return kept

    def act(self, message: object, settings: Settings) -> None:
        """Do what the browser asks for: a mapping with an act and the serial that it has seen."""
        act, serial = _read(message)
        kept = self.trained
        seen = 0 if kept is None else kept.serial
        if act != "stop" and serial != seen:
            return  # sent twice, because the answer was late
        if act == "over" or (act == "start" and not self._can_go_on(kept, settings)):
            self._save(Trained(settings, self.begin(settings), True, seen + 1, time.monotonic()))
        elif kept is None:
            return
        elif act == "start":
            self._save(replace(kept, running=True, serial=kept.serial + 1))
        elif act == "stop":
            self._save(replace(kept, running=False, serial=kept.serial + 1))
        elif act == "tick" and kept.running:
            self._save(self._a_round_further(kept))

    def _a_round_further(self, kept: Trained[Settings, Run]) -> Trained[Settings, Run]:
        run, total, begun = kept.run, self.total(kept.settings), time.monotonic()
        end = begun + min(max(ROUND_SECONDS, begun - kept.ended), LONGEST_SECONDS)
        while self.done(run) < total:
            run = self.advance(run)
            if time.monotonic() >= end:
                break
        return Trained(
            kept.settings, run, self.done(run) < total, kept.serial + 1, time.monotonic()
        )

    def _can_go_on(self, kept: Trained[Settings, Run] | None, settings: Settings) -> bool:
        return kept is not None and kept.settings == settings and not self._is_done(kept)

    def _is_done(self, kept: Trained[Settings, Run]) -> bool:
        return self.done(kept.run) >= self.total(kept.settings)

    def _save(self, kept: Trained[Settings, Run]) -> None:
        st.session_state[f"{self.key}.trained"] = kept

    def _describe(self, settings: Settings, news: Mapping[str, object] | None) -> dict[str, object]:
        kept = self.trained
        data: dict[str, object] = {"key": self.key, "serial": 0, "running": False, "news": news}
        data["words"] = dict(self.words or {})
        if kept is None:
            return data | {"done": 0, "total": self.total(settings), "state": "new"}
        return data | {
            "serial": kept.serial,
            "running": kept.running,
            "done": self.done(kept.run),
            "total": self.total(kept.settings),
            "state": self._state_of(kept, settings),
        }

    def _state_of(self, kept: Trained[Settings, Run], settings: Settings) -> str:
        if kept.settings != settings:
            return "other"
        return "done" if self._is_done(kept) else "begun"


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Begin to import PyTorch while the reader still looks at the page; once in a process."""
    Thread(target=import_module, args=("torch",), daemon=True).start()


def load_torch() -> None:
    """Import PyTorch for what is about to be drawn, and say so while it takes its time."""
    if "torch" not in sys.modules:
        with st.spinner("Loading PyTorch, once…"):
            prepare_torch()


def prepare_torch() -> None:
    """Import PyTorch for training: on one thread, so that sessions do not fight for the cores."""
    import torch

    torch.set_num_threads(1)
    settle_memory("torch")


def _read(message: Any) -> tuple[str, int]:
    """Return act and serial of what the browser sent; an act that is none for anything else."""
    if not isinstance(message, Mapping):
        return "", -1
    act, serial = message.get("act"), message.get("serial")
    known = isinstance(act, str) and act in ACTS and type(serial) is int
    return (str(act), int(serial or 0)) if known else ("", -1)
