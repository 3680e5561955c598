"""A translation in sentences. They may hold a reader's words: never drawn as Markdown or HTML."""

from __future__ import annotations

from collections.abc import Sequence

from core.bilingual import join_french
from core.translation import DOUBTFUL, Translation
from pages._shared.translation import N_HEADS, N_LAYERS
from pages._shared.translation_choice import Forced
from pages._shared.translation_maps import PART_NAMES, Reading, name_of
from pages._shared.translation_scene import Scene
from pages._shared.translation_sentences import Unknown
from pages._shared.translation_words import Said
from pages._shared.words import number

_N_NAMED = 6


def list_of(parts: Sequence[str]) -> str:
    """Join a few things as in a sentence."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def unknown_sentence(unknown: Sequence[Unknown], n_known: int) -> str:
    """Name the words that the model does not know, and say what comes of them."""
    words = [f"“{one.word}”" for one in unknown[:_N_NAMED]]
    if len(unknown) > _N_NAMED:
        words.append(f"{len(unknown) - _N_NAMED} more")
    one = len(unknown) == 1
    return (
        f"{list_of(words)} {'is' if one else 'are'} not among the {n_known} English words that the "
        f"model knows. It reads {'it' if one else 'each of them'} as the same unknown word, and "
        f"what it writes for {'it' if one else 'them'} is invented."
    )


def said_of(scene: Scene) -> list[Said]:
    """Say how sure the translation is, whether it is right, and what changed it."""
    if scene.n_rows is not None:
        return _said_of_step(scene)
    shown = scene.translation
    least = int(shown.probabilities.argmin())
    said: list[Said] = []
    if not shown.finished:
        said.append(("warning", f"It found no end: it was stopped after {len(shown.words)} words."))
    if shown.is_doubtful:
        low = [
            f"{name_of(word)} ({number(p)})"
            for word, p in zip(shown.words, shown.probabilities, strict=True)
            if p < DOUBTFUL
        ][:_N_NAMED]
        are = "has a probability" if len(low) == 1 else "have probabilities"
        said.append(("warning", f"Doubtful: {list_of(low)} {are} below {DOUBTFUL:g}."))
    else:
        word, p = name_of(shown.words[least]), number(shown.least_probability)
        said.append(("plain", f"The least probable word is {word}, with {p}."))
    if scene.sentence.gold is not None:
        right = shown.french == scene.sentence.gold.french
        written = join_french(scene.sentence.gold.french)
        said.append(
            ("plain", "Right: it is the generator's own French, word for word.")
            if right
            else ("warning", f"Not the generator's French, which is “{written}”")
        )
    if scene.state.is_changed:
        said.append(("plain", change_sentence(scene)))
    return said


def _said_of_step(scene: Scene) -> list[Said]:
    """Say which word is written next, and nothing of those after it."""
    shown, place = scene.translation, scene.word
    word, p = name_of(shown.words[place]), float(shown.probabilities[place])
    after = "begin" if place == 0 else f"follow “{join_french(shown.words[:place])}”"
    sentence = f"Of all words {word} is the most probable to {after}: {number(p)}."
    said: list[Said] = [
        ("warning", f"{sentence} That is doubtful.") if p < DOUBTFUL else ("plain", sentence)
    ]
    if scene.state.is_changed:
        said.append(("plain", change_sentence(scene)))
    return said


def change_sentence(scene: Scene) -> str:
    """Say what became of the chosen word under the interventions."""
    before, after, place = scene.before, scene.translation, scene.word
    word = after.words[place]
    now = number(float(after.probabilities[place]))
    if before.words[: place + 1] == after.words[: place + 1]:
        was = number(float(before.probabilities[place]))
        return f"{name_of(word).capitalize()} had a probability of {was} before, and has {now} now."
    if place < len(before.words) and before.words[place] != word:
        was = number(float(before.probabilities[place]))
        return (
            f"In this place stood {name_of(before.words[place])} with {was}; now it is "
            f"{name_of(word)} with {now}."
        )
    return f"{name_of(word).capitalize()} has {now} here; what comes before it was another."


def head_phrase(reading: Reading, n_layers: int, n_heads: int) -> str:
    """Name the heads that an intervention concerns, with their part."""
    part = PART_NAMES[reading.part]
    if reading.scope == "all":
        return f"all {n_layers * n_heads} heads of the {part}"
    if reading.scope == "layer":
        return f"the {n_heads} heads of layer {reading.layer + 1} of the {part}"
    return f"head {reading.head + 1} of layer {reading.layer + 1} of the {part}"


def forced_sentence(forced: Forced, shown: Translation) -> str:
    """Say which weight is forced to what."""
    reading = Reading(forced.part, forced.scope, forced.layer, forced.head)
    queries, keys = shown.queries(forced.part), shown.keys(forced.part)
    reader = name_of(queries[forced.query]) if forced.query < len(queries) else "a later word"
    read = name_of(keys[forced.key]) if forced.key < len(keys) else "a later word"
    where = head_phrase(reading, N_LAYERS, N_HEADS)
    return f"{reader} reads {read} forced to {number(forced.percent / 100)} in {where}"


def error_sentence(error: float | None, scene: Scene, reading: Reading) -> str:
    """Say how far the map is from the gold alignment, or why that cannot be said."""
    if reading.part != "cross" or scene.n_rows is not None:
        return ""
    if error is not None:
        return (
            f"Alignment error of this map: {number(error)} (0 is perfect). Each word counts as "
            "aligned with the English word that it reads most; outlined is the gold alignment."
        )
    if scene.sentence.gold is None:
        return "There is no gold alignment for a sentence that the generator did not make."
    return "There is no alignment error: the translation is not the one that the gold belongs to."
