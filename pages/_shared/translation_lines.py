"""A sentence and its translation as lines of words, with what is to be said of each word."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from core.bilingual import join_french
from core.translation import DOUBTFUL, Translation
from pages._shared.translation_scene import Scene
from pages._shared.translation_words import Line, Word
from pages._shared.words import number


def lines_of(scene: Scene) -> list[Line]:
    """Return the English line, the French one and, where something is changed, that from before."""
    shown, before = scene.translation, scene.before
    english = Line(
        "English",
        "en",
        english_words(shown, hidden=scene.state.hidden, chosen=scene.english),
        axis="key",
    )
    n_rows = scene.n_rows
    so_far = shown.words[:n_rows]
    whole = join_french(shown.french[: None if n_rows is None else n_rows - 1])
    changed = differences(before.words, shown.words) if before is not shown else set()
    now = Line(
        "French now" if before is not shown else "French",
        "fr",
        french_words(shown, chosen=scene.word, changed=changed)[: len(so_far)],
        whole or "…",
        "query",
    )
    if before is shown:
        return [english, now]
    then = Line(
        "French before",
        "fr",
        french_words(before)[:n_rows],
        join_french(before.french[: None if n_rows is None else n_rows - 1]) or "…",
    )
    return [english, then, now]


def english_words(
    shown: Translation, hidden: Sequence[int] = (), chosen: int | None = None
) -> tuple[Word, ...]:
    """Return the words of the source, its end among them."""
    return tuple(
        Word(
            word,
            signs=(*_sign("hidden", place in hidden), *_sign("unknown", place in shown.unknown)),
            classes=(*_sign("hides", place in hidden), *_sign("unknown", place in shown.unknown)),
            chosen=place == chosen,
        )
        for place, word in enumerate(shown.source)
    )


def french_words(
    shown: Translation, chosen: int | None = None, changed: Sequence[int] | set[int] = ()
) -> tuple[Word, ...]:
    """Return the words that were written, the end among them, with their probabilities."""
    least = int(shown.probabilities.argmin())
    return tuple(
        Word(
            word,
            number(float(p)),
            signs=(
                *_sign("least", place == least),
                *_sign("doubtful", p < DOUBTFUL),
                *_sign("changed", place in changed),
            ),
            classes=(*_sign("doubtful", p < DOUBTFUL), *_sign("changed", place in changed)),
            chosen=place == chosen,
        )
        for place, (word, p) in enumerate(zip(shown.words, shown.probabilities, strict=True))
    )


def differences(before: Sequence[str], after: Sequence[str]) -> set[int]:
    """Return the places of words in `after` that are not those of `before`."""
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    return {
        place
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag != "equal"
        for place in range(start, end)
    }


def _sign(name: str, is_so: bool | object) -> tuple[str, ...]:
    return (name,) if is_so else ()
