"""A page of the lab, born with all that every page has: state, link, undo, lesson, files.

A page has a `Lab` and draws, from top to bottom: `Lab.open` and what it is about; an outer
fragment with `Lab.start`, the controls, `Lab.draw_tools`, an inner fragment of what answers to an
edit (`Lab.begin_live` first) and `Lab.draw_lesson`; then `Lab.draw_take`, limits and sources, and
`close_page`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from pages._shared.catalog import Page, find_page
from pages._shared.lesson import Experiment, Seen, State, Value
from pages._shared.lesson_card import LESSON, draw_lesson, start_lesson
from pages._shared.light_component import LightComponent
from pages._shared.page import open_page
from pages._shared.page_store import PageStore
from pages._shared.take import TAKE, Takeaway, draw_take
from pages._shared.teacher import Switches
from pages._shared.tools_bar import TOOLS, draw_tools, open_state, tools_news


@dataclass(frozen=True)
class Lab(Generic[State, Seen]):
    """What makes a page more than a picture.

    Attributes
    ----------
    file : str
        The page's script, as listed in the catalogue.
    store : PageStore
        Its state.
    see : callable
        Computes what the page shows in a state.
    experiments : sequence of Experiment
    takeaway : Takeaway
        What can be taken along.
    picked : callable, optional
        Returns the place chosen on the page, for questions that ask for one.
    note : callable
        Says in a sentence what is on the page in a state, if there is anything to say.
    link_note : callable
        Says what the link of a state leaves out, if anything.
    """

    file: str
    store: PageStore[State]
    see: Callable[[State], Seen]
    experiments: Sequence[Experiment[State, Seen]]
    takeaway: Takeaway
    picked: Callable[[State], Value | None] | None = None
    note: Callable[[State], str] = lambda state: ""
    link_note: Callable[[State], str] = lambda state: ""

    @property
    def page(self) -> Page:
        """The page's entry in the catalogue."""
        return find_page(self.file)

    def open(self, *components: LightComponent, about: str) -> Switches:
        """Open the page and read its address; call it once, before anything is drawn.

        Parameters
        ----------
        *components : LightComponent
            What the page draws with, beside what every lab has.
        about : str
            What the page is about, in Markdown.

        Returns
        -------
        Switches
            What a teacher's link hides.
        """
        open_page(self.file, *components, TOOLS, LESSON, TAKE, about=about)
        return open_state(self.store)

    def start(self, switches: Switches) -> None:
        """Begin the outer fragment: what is drawn from here on is as new as the state."""
        start_lesson(
            self.experiments,
            key=self._lesson_key,
            current=lambda: self.store.current,
            install=self.store.install,
            start=switches.start,
            as_it_is=switches.with_state,
        )
        self.store.settle()

    def draw_tools(self, switches: Switches) -> None:
        """Draw undo, redo, reset and link, in the outer fragment, above the inner one."""
        titles = [experiment.title for experiment in self.experiments]
        draw_tools(self.store, switches, titles, self.news())

    def begin_live(self) -> None:
        """Begin the inner fragment: draws the whole page anew where more than it is old."""
        self.store.refresh()

    def news(self) -> dict[str, object]:
        """Return what the tools have to know; give it to what the inner fragment draws."""
        state = self.store.current
        return tools_news(self.store, note=self.note(state), link_note=self.link_note(state))

    def draw_lesson(self, switches: Switches) -> None:
        """End the outer fragment: the experiments."""
        draw_lesson(
            self.page,
            self.experiments,
            key=self._lesson_key,
            current=lambda: self.store.current,
            install=self.store.install,
            see=self.see,
            alike=self.store.alike,
            picked=self.picked,
            hide_answers=switches.hide_answers,
        )

    def draw_take(self) -> None:
        """Draw what can be taken along, in a fragment of its own."""
        draw_take(self.page, self.takeaway, key=f"{self.store.name}.take")

    @property
    def _lesson_key(self) -> str:
        return f"{self.store.name}.try"
