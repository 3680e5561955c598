"""Try it: the experiments of a page, as one inline component.

Opening an experiment sets the page up. The card then stays at the bottom of the window, so that
the picture above it is seen while the reader predicts. Only when a prediction stands is the answer
computed, and only then is it sent. Closing the card puts the page back as the reader had it, unless
the set-up was edited: an edit is never taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic

import streamlit as st

from pages._shared import progress
from pages._shared.catalog import Page
from pages._shared.lesson import Experiment, Place, Seen, State, Value
from pages._shared.lesson_grading import note, predict, set_up_page
from pages._shared.lesson_messages import Wish, describe_lesson, read_wish
from pages._shared.lesson_state import LEFT, PUT_BACK, Lesson
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.predictions import check_given, missing, name_place

LESSON: Final = light_component(
    "lesson_card",
    html="<section class='lesson' aria-labelledby='try-it'></section>",
    css=(FRONTEND / "lesson_card.css").read_text("utf-8"),
    constants={"SKELETON": (FRONTEND / "lesson_card.html").read_text("utf-8")},
)


def load_lessons() -> None:
    """Load what draws the lesson of a page, once; call it outside of any fragment."""
    LESSON.load()


def start_lesson(
    experiments: Sequence[Experiment[State, Seen]],
    *,
    key: str,
    current: Callable[[], State],
    install: Callable[[State], None],
    start: int | None,
    as_it_is: bool = False,
) -> None:
    """Open the experiment that a link starts on; call it before the page's widgets are drawn.

    Parameters
    ----------
    experiments, key, current, install
        As for `draw_lesson`.
    start : int or None
        The experiment to open, from 1; none, or one that there is not, opens nothing. Each start
        is followed once in a session.
    as_it_is : bool
        Whether the page is set up already, by the link itself.
    """
    lesson = _lesson(key)
    if start is None or start == lesson.started:
        return
    lesson = replace(lesson, started=start)
    if 1 <= start <= len(experiments):
        experiment = experiments[start - 1]
        present = current()
        set_up = present if as_it_is else set_up_page(experiment, present)
        if set_up is not None and not as_it_is:
            install(set_up)
        lesson = lesson.ask(experiment.name, set_up, present)
    _save(key, lesson)


def draw_lesson(
    page: Page,
    experiments: Sequence[Experiment[State, Seen]],
    *,
    key: str,
    current: Callable[[], State],
    install: Callable[[State], None],
    see: Callable[[State], Seen],
    alike: Callable[[State, State], bool],
    picked: Callable[[State], Value | None] | None = None,
    hide_answers: bool = False,
) -> None:
    """Draw the experiments of a page.

    Draw it below the picture and in the same block, not in a container beside other things: the
    card can stay in sight only as far as the block that holds it reaches.

    Parameters
    ----------
    page : Page
        Progress is kept under its file.
    experiments : sequence of Experiment
    key : str
        Identity of the lesson; where the reader is in it is kept as ``<key>.lesson``.
    current : callable
        Returns the page's present state.
    install : callable
        Puts the page into a state; called before the rerun that draws it.
    see : callable
        Computes what the page shows in a state.
    alike : callable
        Whether two states differ in nothing that a reader makes: in what is only looked at they
        may.
    picked : callable, optional
        Returns the place chosen on the page in a state, for questions for a place.
    hide_answers : bool
        Take predictions down, but compute and send no answers, and change nothing on the page.
    """
    lesson = _lesson(key)
    by_name = {experiment.name: experiment for experiment in experiments}
    bench = _Bench(page, by_name, key, current, install, see, alike, picked, hide_answers)

    def receive() -> None:
        wish = read_wish(st.session_state[key].get("act"), _lesson(key), experiments)
        if wish is not None:
            bench.do(wish)

    LESSON.draw(
        key=key,
        data={
            "key": key,
            **describe_lesson(
                lesson,
                experiments,
                tried=progress.tried(page.file),
                hide_answers=hide_answers,
                chosen=bench.chosen(lesson),
                anew=bench.chosen_anew(lesson),
            ),
        },
        on_act_change=receive,
    )


@dataclass(frozen=True)
class _Bench(Generic[State, Seen]):
    """The page that a lesson is about, and what it can do with it."""

    page: Page
    experiments: dict[str, Experiment[State, Seen]]
    key: str
    current: Callable[[], State]
    install: Callable[[State], None]
    see: Callable[[State], Seen]
    alike: Callable[[State, State], bool]
    picked: Callable[[State], Value | None] | None
    hide_answers: bool

    def do(self, wish: Wish) -> None:
        """Do what the reader wants."""
        experiment = self.experiments[wish.name]
        lesson: Lesson[State] = _lesson(self.key)
        if wish.act in ("open", "again"):
            present = self.current()
            set_up = set_up_page(experiment, present)
            if set_up is not None:
                self.install(set_up)
            lesson = lesson.ask(experiment.name, set_up, present)
        elif wish.act == "close":
            lesson = lesson.closed(self.put_back(lesson))
        elif wish.act == "predict":
            lesson = self.take(lesson, experiment, wish.value)
        elif not self.hide_answers:
            lesson = self.answer(lesson, experiment, None)
        _save(self.key, lesson)

    def take(
        self, lesson: Lesson[State], experiment: Experiment[State, Seen], value: object
    ) -> Lesson[State]:
        """Take a prediction, if it is one."""
        if isinstance(experiment.ask, Place):
            # The place is read from the page; the browser says which one the reader saw named.
            value = self.place() if value and value == self.chosen(lesson) else None
        if not check_given(value, experiment.ask):
            return lesson.told(missing(experiment.ask))
        if self.hide_answers:
            lesson = note(lesson, experiment, value, self.current(), self.see)
        else:
            lesson = self.answer(lesson, experiment, value)
        if lesson.result is not None:
            progress.note_tried(self.page.file, experiment.name)
        return lesson

    def answer(
        self, lesson: Lesson[State], experiment: Experiment[State, Seen], given: Value | None
    ) -> Lesson[State]:
        """Compute the answer and change the page."""
        present = self.current()
        lesson = predict(lesson, experiment, given, present, self.see)
        if lesson.result is not None:
            changed = experiment.change(present)
            if changed is not present:
                self.install(changed)
            lesson = lesson.changed(changed, edited=not self.untouched(lesson, present))
        return lesson

    def put_back(self, lesson: Lesson[State]) -> str:
        """Bring the reader's own page back, unless that takes an edit away; say what was done."""
        present, own = self.current(), lesson.own
        if own is None or own is present:
            return ""
        if self.untouched(lesson, present) and not lesson.edited:
            self.install(own)
            return PUT_BACK
        return "" if self.alike(own, present) else LEFT

    def untouched(self, lesson: Lesson[State], present: State) -> bool:
        """Whether the page is as the lesson left it."""
        return lesson.left is not None and self.alike(lesson.left, present)

    def place(self) -> Value | None:
        """Return the place that is chosen on the page."""
        return None if self.picked is None else self.picked(self.current())

    def chosen(self, lesson: Lesson[State]) -> str:
        """Name the place that is chosen on the page, for a question that asks for one."""
        if not self.asks_for_place(lesson):
            return ""
        experiment = self.experiments[lesson.opened]
        return name_place(experiment, self.place(), lambda: self.see(self.current()))

    def chosen_anew(self, lesson: Lesson[State]) -> bool:
        """Whether another place is chosen than the set-up left chosen."""
        if self.picked is None or lesson.set_up is None or not self.asks_for_place(lesson):
            return False
        return self.place() != self.picked(lesson.set_up)

    def asks_for_place(self, lesson: Lesson[State]) -> bool:
        """Whether the open experiment asks for a place."""
        experiment = self.experiments.get(lesson.opened)
        return experiment is not None and isinstance(experiment.ask, Place)


def _lesson(key: str) -> Lesson[Any]:
    lesson: Lesson[Any] = st.session_state.get(f"{key}.lesson", Lesson())
    return lesson


def _save(key: str, lesson: Lesson[Any]) -> None:
    st.session_state[f"{key}.lesson"] = lesson
