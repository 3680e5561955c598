"""The text of the small language model's page as words to choose, with their probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.translation import END
from pages._shared.gpt_choice import NAME, NEXT, written_out
from pages._shared.gpt_controls import keep, version
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_state import STORE
from pages._shared.translation_words import Axis, Line, Said, Word, translation_words
from pages._shared.words import number


def draw_line(
    scene: Scene, *, said: Sequence[Said] = (), news: Mapping[str, object] | None = None
) -> None:
    """Draw every word with its probability; the chosen one is outlined."""

    def choose(axis: Axis, place: int) -> None:
        now = STORE.current
        if not now.hides or now.view != NEXT:  # elsewhere the choice is not offered
            keep(place=place, read=-1)
        elif 0 < place <= len(now.words):
            STORE.keep(replace(now, hidden=now.hidden ^ {place}), joins=False)

    # As long as nothing is written, the field above shows it.
    whole = written_out(scene.shown.words) if scene.state.written else ""
    translation_words(
        [Line("Text", "en", words_of(scene), whole, "query")],
        key=f"{NAME}.words",
        version=version("line", scene.state.is_finished),
        on_choose=choose,
        said=said,
        news=news,
    )


def words_of(scene: Scene) -> tuple[Word, ...]:
    """Return the words with the start before them, and the end if it was written."""
    shown, n_given = scene.shown, len(scene.state.given)
    words = [Word(shown.inputs[0], chosen=scene.place == 0)]
    for place, (word, logarithm) in enumerate(zip(shown.words, shown.of_words, strict=True), 1):
        classes, signs = [], []
        if place in shown.unknown:
            classes.append("unknown")
            signs.append("unknown")
        if place in scene.state.hidden:
            classes.append("hides")
            signs.append("hidden")
        if place > n_given:
            signs.append("written")
        words.append(
            Word(
                word,
                "" if logarithm is None else number(float(np.exp(logarithm))),
                tuple(signs),
                tuple(classes),
                chosen=place == scene.place,
            )
        )
    if scene.state.is_finished:
        probability = number(shown.probability(len(shown.words), END))
        words.append(Word(END, probability, ("written",)))
    return tuple(words)
