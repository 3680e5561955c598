"""The state of a page: one frozen value that lives in the session, in the link, and in undo.

Widgets and components forget when their page is left, and each knows only its own part. So a page
keeps one frozen state. What the reader does leads to a new state, which is kept (`keep`); what
comes from elsewhere (undo, a link, an experiment, a preset) is put in place of it, widgets and all
(`install`). A state packed by the page's schema is its link.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar

import streamlit as st

from core.packing import PackingError, Schema
from pages._shared.history import History, what_changed

State = TypeVar("State")

# The name of the packed state in a page's address.
PARAMETER: Final = "s"
# Longer addresses are cut by some of the programs that pass them on.
LONGEST_LINK: Final = 1900


@dataclass(frozen=True)
class Kept(Generic[State]):
    """What the session keeps for one page.

    Attributes
    ----------
    state : State
    values : mapping of str to value
        The state as the schema packs it.
    history : History
    loads : int
        How often a state was put in place from elsewhere. What holds a value of its own in the
        browser has it in its key or version, so that it starts anew.
    stale : bool
        Whether what is outside of the running fragment still shows the state before.
    serial : int
        Raised by every change: of two reports of the state, the later has the higher.
    """

    state: State
    values: Mapping[str, Any]
    history: History[State] = field(default_factory=History)
    loads: int = 0
    stale: bool = False
    serial: int = 0


@dataclass(frozen=True)
class PageStore(Generic[State]):
    """Where the state of one page is kept, and how it travels.

    Attributes
    ----------
    name : str
        Prefix of the page's keys in the session.
    start : callable
        Makes the state that the page starts with.
    schema : Schema
        How a state is packed into a link.
    pack, unpack : callable
        From a state to the schema's values and back. What `pack` gives beyond them counts for
        undo but stays out of the link. `unpack` raises `PackingError` for values that do not fit
        together.
    widgets : callable
        The session's keys of the widgets with the values that show a state, given `loads`.
    looks : frozenset of str
        Values that say what is looked at, not what was made: in the link, but not a step to undo.
    choices : frozenset of str
        Values that say which part of a whole is shown: steps to undo, but nothing that has to be
        kept when the page is put back as it was before an experiment.
    """

    name: str
    start: Callable[[], State]
    schema: Schema
    pack: Callable[[State], Mapping[str, Any]]
    unpack: Callable[[Mapping[str, Any]], State]
    widgets: Callable[[State, int], Mapping[str, object]]
    looks: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()

    @property
    def current(self) -> State:
        """The page's state."""
        return self._kept.state

    @property
    def loads(self) -> int:
        """How often a state was put in place from elsewhere."""
        return self._kept.loads

    @property
    def serial(self) -> int:
        """A number that every change raises."""
        return self._kept.serial

    def version(self, of_part: int = 0) -> str:
        """Return a name for what a component shows: another one whenever it is put in place."""
        return f"{self.loads}.{of_part}"

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._kept.history.past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to take again."""
        return bool(self._kept.history.future)

    @property
    def _kept(self) -> Kept[State]:
        kept: Kept[State] | None = st.session_state.get(f"{self.name}.page")
        if kept is None:
            state = self.start()
            kept = Kept(state, self.pack(state))
            self._save(kept)
            self._fill(state, 0)
        return kept

    def keep(self, state: State, *, joins: bool = True) -> None:
        """Keep what the reader's own action led to; the widgets show it already.

        What changes the same thing shortly after joins the step to undo, as in a drag, unless it
        must not.
        """
        kept = self._kept
        if state is not kept.state:
            self._save(self._step(kept, state, joins=joins))

    def install(self, state: State) -> None:
        """Put a state in place from elsewhere, widgets included; a step of its own to undo.

        Where it is called while the page is drawn rather than in a callback, call it before the
        widgets are drawn.
        """
        self._install(self._step(self._kept, state, joins=False))

    def undo(self) -> None:
        """Go back one step."""
        history, state = self._kept.history.undone(self.current)
        self._install(replace(self._kept, state=state, values=self.pack(state), history=history))

    def redo(self) -> None:
        """Go on one step that was taken back."""
        history, state = self._kept.history.redone(self.current)
        self._install(replace(self._kept, state=state, values=self.pack(state), history=history))

    def reset(self) -> None:
        """Go to the state that the page starts with; this too can be undone."""
        self.install(self.start())

    def alike(self, one: State, other: State) -> bool:
        """Whether two states differ in looks and choices alone, or not at all."""
        changed = what_changed(self.pack(one), self.pack(other))
        return {name for name, _ in changed} <= self.looks | self.choices

    def link(self) -> str:
        """Return the packed state; nothing for the state that the page starts with."""
        values, first = self._kept.values, self.pack(self.start())
        if not what_changed(first, values):
            return ""
        return self.schema.write({name: values[name] for name in self.schema.fields})

    def read(self, link: str) -> State:
        """Return the state of a link.

        Raises
        ------
        PackingError
            If the link is damaged, of another version, or holds what does not fit together.
        """
        return self.unpack(self.schema.read(link))

    def refresh(self) -> None:
        """Draw the whole page anew if something outside of this fragment shows an old state."""
        kept = self._kept
        if kept.stale:
            self._save(replace(kept, stale=False))
            st.rerun()

    def settle(self) -> None:
        """Note that the whole page is being drawn, so that nothing of it is old."""
        if self._kept.stale:
            self._save(replace(self._kept, stale=False))

    def open_link(self) -> str:
        """Read the state in the page's address, once; return what is wrong with it, or nothing."""
        link = st.query_params.get(PARAMETER)
        if link is None or link in self._known_links or link == self.link():
            return ""
        self.note_link(link)
        try:
            state = self.read(link)
        except PackingError as error:
            return str(error)
        self.install(state)
        return ""

    def note_link(self, link: str) -> None:
        """Remember a link as this session's own, so that it is not read when it comes back."""
        self._known_links.add(link)

    @property
    def _known_links(self) -> set[str]:
        known: set[str] = st.session_state.setdefault(f"{self.name}.links", set())
        return known

    def _step(self, kept: Kept[State], state: State, *, joins: bool) -> Kept[State]:
        values = self.pack(state)
        changed = what_changed(kept.values, values)
        history = kept.history
        if any(name not in self.looks for name, _ in changed):
            history = history.stepped(kept.state, changed if joins else None, time.monotonic())
        return replace(kept, state=state, values=values, history=history)

    def _install(self, kept: Kept[State]) -> None:
        loads = kept.loads + 1
        self._save(replace(kept, loads=loads, stale=True))
        self._fill(kept.state, loads)

    def _fill(self, state: State, loads: int) -> None:
        for key, value in self.widgets(state, loads).items():
            st.session_state[key] = value

    def _save(self, kept: Kept[State]) -> None:
        st.session_state[f"{self.name}.page"] = replace(kept, serial=kept.serial + 1)
