"""The page of the text encoder in words: what was read of a text, and what a change has done."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.text import typed_specials
from pages._shared.encoder import MOST_PIECES
from pages._shared.text_measures import Verdict
from pages._shared.text_scene import Scene
from pages._shared.words import isolated, number

Float32Array = NDArray[np.float32]

_MOST_NAMED = 4


def pass_sentence(scene: Scene) -> str:
    """Say what one pass of the model consists of and how long it took."""
    attention, n_words = scene.reading.attention, len(scene.tokens.words)
    return (
        f"{count(n_words, 'word')} in {count(len(scene.tokens), 'piece')}, [CLS] and [SEP] among "
        f"them; {attention.n_layers} layers of {attention.n_heads} heads; the uniform weight is "
        f"1/{len(scene.tokens)} for a piece. The model took {scene.reading.seconds:.3f} s for this "
        "text; another layer or head needs no new pass."
    )


def notices(scene: Scene) -> list[str]:
    """Say what became of a text that the model cannot take as it is; a reader's words may be in."""
    tokens, said = scene.tokens, []
    if not tokens.words:
        said.append("There is no word here. Type a text, or choose an example.")
    if tokens.n_cut:
        said.append(
            f"The text is too long: the model reads {MOST_PIECES} pieces. The last "
            f"{count(tokens.n_cut, 'word')}, from the {_ordinal(len(tokens.words) + 1)} on, are "
            "left out."
        )
    unknown = [tokens.words[word].text for word in tokens.unknown_words]
    if unknown:
        said.append(
            f"The vocabulary cannot spell {named(unknown)}: the model reads [UNK] there, the same "
            "for all that it does not know."
        )
    typed = typed_specials(scene.state.text)
    if typed:
        said.append(
            f"{named(typed)} is plain text here: its letters and brackets are read like any "
            "others. To mask a word, choose “Mask a word”."
        )
    return said


def verdict_sentence(found: Verdict, task: str) -> str:
    """Say which label wins, and how clearly."""
    name, margin = found.name, found.margin
    return (
        f"{task}: “{name}” is nearest, with a cosine of {number(found.cosines[found.winner], 3)}, "
        f"{number(margin, 3)} ahead of the next."
    )


def miss_sentence(found: Verdict, truth: str) -> str:
    """Say whether the model is right about an example."""
    if not truth or truth not in found.names:
        return ""
    if found.name == truth:
        return f"A person would say “{truth}” too."
    return f"A miss: a person would say “{truth}”."


def change_sentence(before: Verdict, after: Verdict, task: str) -> str:
    """Say what a change did to a verdict."""
    margins = f"{number(before.margin, 3)} ahead before, {number(after.margin, 3)} after"
    if before.winner == after.winner:
        return f"{task}: still “{before.name}” ({margins})."
    return f"{task}: “{before.name}” becomes “{after.name}” ({margins})."


def embedding_sentence(name: str, before: Float32Array, after: Float32Array) -> str:
    """Say how far a change moved the text's embedding."""
    cosine = float(np.clip(before @ after, -1.0, 1.0))
    return (
        f"{name} the embedding of the text keeps a cosine of {number(cosine, 4)} with what it was."
    )


def agreement_sentence(correlation: float, n_words: int) -> str:
    """Say whether what is read most is what matters most."""
    if np.isnan(correlation):
        return "With so few words there are no ranks to compare."
    how = "they are not the same"
    if correlation > 0.9:
        how = "here they nearly agree"
    return (
        f"Rank correlation of the two over {count(n_words, 'word')}: {number(correlation)} (1 is "
        f"the same order, 0 none in common): {how}."
    )


def top_words(words: Sequence[str], values: Float32Array, n_most: int = _MOST_NAMED) -> list[str]:
    """Name the words with the largest values, and these."""
    most = np.argsort(-values, kind="stable")[:n_most]
    return [f"“{words[place]}” ({number(values[place], 3)})" for place in most]


def named(words: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Return words in quotation marks, the first few of many."""
    different = list(dict.fromkeys(words))
    listed = ", ".join(f"“{isolated(word)}”" for word in different[:most])
    return f"{listed} and {len(different) - most} more" if len(different) > most else listed


def count(number_of: int, name: str) -> str:
    """Write how many there are of something."""
    return f"{number_of:,} {name}" + ("" if number_of == 1 else "s")


def _ordinal(place: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if place % 100 in (11, 12, 13) else endings.get(place % 10, "th")
    return f"{place}{ending}"
