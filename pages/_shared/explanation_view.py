"""Which patches decided? Four explanations side by side, and the test of each by the model itself.

Each part stands in a fragment of its own, so that a round of a long run draws that part alone. A
page that draws this loads `MAPS` and `TRAINING` (`LAB.open(MAPS, TRAINING, ...)`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

import streamlit as st

from core.faithfulness import DIRECTIONS
from core.set_sweep import mean_areas
from core.sweeps import Areas, TrialSweep, areas_of
from pages._shared.explanation_panels import explanation_panels
from pages._shared.explanation_runs import (
    N_RANDOM,
    N_SET_STEPS,
    is_through,
    occluded,
    occlusion_trainer,
    set_trainer,
    trial_of,
    trial_trainer,
)
from pages._shared.explanation_sets import PictureSet
from pages._shared.explanation_words import areas_table, verdict_sentence, what_it_takes
from pages._shared.explanations import GRADIENT, NAMES, Explained, Subject, explained
from pages._shared.patch_map import Choice, Photo, patch_map
from pages._shared.words import number

News = Callable[[], Mapping[str, object]]

TEST_NOTE: Final = (
    "Deletion hides patches, the most important first: a good order makes the number fall early. "
    "Insertion begins with all of them hidden and shows the most important first. The area is the "
    "mean height of the curve. Hidden patches are painted in the mean colour; such pictures are "
    "unlike those that the model was trained on, so this compares explanations and proves none. "
    f"“Beats chance” means: by more than one standard deviation of {N_RANDOM} random orders."
)


@dataclass(frozen=True)
class Shown:
    """What is explained, and how it is drawn.

    Attributes
    ----------
    subject : Subject
    photo : Photo
        Drawn under the maps.
    key : str
        Begins the key of everything here.
    news : callable or None
        ``LAB.news``, where the maps are to bring it.
    """

    subject: Subject
    photo: Photo
    key: str
    news: News | None


def draw_explanations(
    subject: Subject,
    photo: Photo,
    *,
    key: str,
    pictures: PictureSet | None = None,
    news: News | None = None,
) -> None:
    """Draw the four maps, the test of them on this picture, and the test over a set.

    Parameters
    ----------
    subject : Subject
        What is explained.
    photo : Photo
        Drawn under the maps; its id changes with the picture.
    key : str
        Begins the key of everything here, such as ``f"{NAME}.explain"``.
    pictures : PictureSet, optional
        What the explanations are tested over, besides this picture.
    news : callable, optional
        ``LAB.news``, if nothing else in the fragment around this brings it.
    """
    shown = Shown(subject, photo, key, news)
    _draw_maps(shown)
    _draw_test(shown)
    if pictures is not None:
        _draw_set(pictures, key, explained(subject))


# ---- the maps


@st.fragment
def _draw_maps(shown: Shown) -> None:
    subject, key = shown.subject, shown.key
    made = explained(subject)
    panels = explanation_panels(subject, occluded(key, subject))
    chosen_key = f"{key}.chosen"

    def take(choice: Choice) -> None:
        if choice.panel is not None:
            st.session_state[chosen_key] = choice.panel

    patch_map(
        shown.photo,
        subject.grid,
        panels,
        key=f"{key}.map",
        on_choose=take,
        view=key,
        news=shown.news() if shown.news else None,
        chosen=min(st.session_state.get(chosen_key, NAMES.index(GRADIENT)), 3),
        tiles_label="Explanations to choose from",
        hint="Point at a patch for its share of the whole map.",
        clickable=False,
        class_token=False,
    )
    st.html(
        f"<div class='sum'><p>Explained: {escape(subject.name)}, {number(made.value, 3)} "
        f"({escape(subject.unit)}). Each map is a share of its own total and coloured up to its "
        f"own largest. The gradients took {made.seconds:.2f} s.</p></div>"
    )
    _draw_occlusion(shown)


def _draw_occlusion(shown: Shown) -> None:
    key, subject = shown.key, shown.subject
    kept = occlusion_trainer(key).draw(subject)
    through = kept is not None and kept.settings == subject and is_through(kept.run.sweep)
    flag = f"{key}.occluded"
    if through and st.session_state.get(flag) != subject:
        st.session_state[flag] = subject
        st.rerun()  # once: now the test can take occlusion in, and that is drawn elsewhere
    if not through:
        st.session_state.pop(flag, None)


# ---- the tests


@st.fragment
def _draw_test(shown: Shown) -> None:
    key, subject = shown.key, shown.subject
    st.html("<div class='sum'><h2>Which of them was faithful here?</h2></div>")
    test = trial_of(key, subject)
    kept = trial_trainer(key).draw(test)
    notes = [what_it_takes(len(test.trial.questions), explained(subject))]
    if len(test.trial.orders) < len(NAMES):
        notes.append("Occlusion is tested too once its blocks are hidden, above.")
    if any(notes):
        st.caption(" ".join(notes).strip())
    if kept is None or kept.settings.subject != subject:
        return
    if kept.running:  # pictures only at the end: to draw them takes as long as a pass
        return
    _draw_curves(kept.run.sweep, subject.unit)
    deletion, insertion = (areas_of(kept.run.sweep, direction) for direction in DIRECTIONS)
    if deletion is not None and insertion is not None:
        _draw_areas(deletion, insertion, "Here")
        st.caption(TEST_NOTE)


def _draw_curves(sweep: TrialSweep, unit: str) -> None:
    from pages._shared.explanation_charts import curve_spec, curves_frame, heights  # Altair

    with st.container(horizontal=True, gap="medium"):
        for direction in DIRECTIONS:
            frame = curves_frame(sweep, direction)
            if frame.empty:  # stopped before the first curve was through
                continue
            st.vega_lite_chart(
                frame,
                curve_spec(direction, unit, *heights(frame)),
                width="content",
                alt=f"{direction.capitalize()}: a line for each explanation and a band for random "
                "orders; the areas are in the table below",
            )


def _draw_areas(deletion: Areas, insertion: Areas, where: str) -> None:
    st.html(areas_table(deletion, insertion, "Areas under the curves"))
    st.markdown(verdict_sentence(deletion, insertion, where))


@st.fragment
def _draw_set(pictures: PictureSet, key: str, made: Explained) -> None:
    st.html("<div class='sum'><h2>And over more pictures than this one?</h2></div>")
    trainer = set_trainer(key)
    kept = trainer.draw(pictures)
    n_through = 0 if kept is None else len(kept.run.sweep.measured)
    takes = what_it_takes(trainer.total(pictures), made)
    st.caption(
        f"The same test with {N_SET_STEPS} steps, occlusion too, on {pictures.name}; the spread "
        f"is that of the means of the random orders. {takes}"
    )
    if kept is None or kept.settings != pictures or not n_through:
        return
    deletion, insertion = (mean_areas(kept.run.sweep, direction) for direction in DIRECTIONS)
    if deletion is not None and insertion is not None:
        where = f"Over {n_through} of {len(pictures.grids)} pictures"
        _draw_areas(deletion, insertion, where)
