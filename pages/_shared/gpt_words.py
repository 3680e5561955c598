"""The small language model's page in words. They may hold a reader's: never drawn as markup."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache
from typing import Final

from core.translation import END, START
from pages._shared.gpt_choice import Forced, GptState, written_out
from pages._shared.gpt_runs import MOST_WORDS, N_HEADS, Words, known_words
from pages._shared.gpt_scene import Scene
from pages._shared.words import isolated, number

_NAMES: Final = {
    START: "the start",
    END: "the end",
    ".": "the full stop",
    ",": "the comma",
    "?": "the question mark",
    "!": "the exclamation mark",
}
_LEAST: Final = 0.005  # what is less would be written 0.00
_N_NAMED: Final = 6
_N_OFFERED: Final = 4
_N_NEAREST: Final = 2
_LONGEST: Final = 40
# How alike a known word has to be to be offered in place of an unknown one, of 1.
_ALIKE: Final = 0.6


def name_of(word: str) -> str:
    """Name a word in a sentence: the start, the end and marks are no words, and have no quotes."""
    return _NAMES.get(word, f"“{isolated(word)}”")


def capital(text: str) -> str:
    """Return a sentence with a capital at its start."""
    return text[:1].upper() + text[1:]


def list_of(parts: Sequence[str]) -> str:
    """Join a few things as in a sentence."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def count(number_of: int, name: str) -> str:
    """Write how many there are of something."""
    return f"{number_of:,} {name}" + ("" if number_of == 1 else "s")


def chance(probability: float) -> str:
    """Write a probability; one that is too small for two digits is not said to be 0."""
    return "less than 0.01" if 0 < probability < _LEAST else number(probability)


def head_name(layer: int, head: int) -> str:
    """Name a head, or the mean of a layer's."""
    if head == N_HEADS:
        return f"the mean of the {N_HEADS} heads of layer {layer + 1}"
    return f"head {head + 1} of layer {layer + 1}"


def heads_phrase(layer: int, head: int) -> str:
    """Name what an intervention is done to: a head, or all heads of a layer."""
    if head == N_HEADS:
        return f"the {N_HEADS} heads of layer {layer + 1}"
    return head_name(layer, head)


# ---- what was typed


def unknown_words(words: Words) -> Words:
    """Return the words that the model does not know, each once, in their order."""
    known = known_words()
    return tuple(dict.fromkeys(word for word in words if word not in known))


def unknown_sentence(words: Words) -> str:
    """Name the words that the model does not know and say what comes of them; nothing if all."""
    unknown = unknown_words(words)
    if not unknown:
        return ""
    named = [f"“{isolated(word)}”" for word in unknown[:_N_NAMED]]
    if len(unknown) > _N_NAMED:
        named.append(f"{len(unknown) - _N_NAMED} more")
    one = len(unknown) == 1
    return (
        f"{list_of(named)} {'is' if one else 'are'} not among the "
        f"{count(len(known_words().words), 'word')} that the model knows. It reads "
        f"{'it' if one else 'each of them'} as the same unknown word."
    )


def left_out_sentence(state: GptState) -> str:
    """Say that a text is too long, and what is done about it."""
    n, are = state.n_left_out, "is" if state.n_left_out == 1 else "are"
    return (
        f"The model has positions for {MOST_WORDS} words and marks: the last {count(n, 'word')} "
        f"that you typed {are} left out, and nothing can be written on. Shorten the beginning."
    )


def offers_for(words: Words) -> dict[str, tuple[str, str, str]]:
    """Return known words for unknown ones: by name, the old one, the new one, and the text then."""
    found = [(word, other) for word in unknown_words(words) for other in nearest(word)][:_N_OFFERED]
    return {
        f"offer.{place}": (
            old,
            new,
            written_out([new if word == old else word for word in words]),
        )
        for place, (old, new) in enumerate(found)
    }


@cache
def _plain_words() -> Words:
    return tuple(word for word in known_words().words if word.isalpha())


def nearest(word: str) -> Words:
    """Return the known words that are spelt most like a word, the nearest first."""
    if len(word) > _LONGEST:
        return ()
    return tuple(difflib.get_close_matches(word, _plain_words(), _N_NEAREST, _ALIKE))


# ---- what is shown


def forced_sentence(forced: Forced, inputs: Words) -> str:
    """Say which weight is forced to what."""
    return (
        f"{name_of(inputs[forced.query])} reads {name_of(inputs[forced.key])} forced to "
        f"{number(forced.percent / 100)} in {heads_phrase(forced.layer, forced.head)}"
    )


def perplexity_sentence(scene: Scene) -> str:
    """Say how surprising the text is to the model."""
    n_known = sum(value is not None for value in scene.shown.of_words)
    perplexity = scene.shown.perplexity
    if perplexity is None:
        return (
            "No word that the model knows stands here."
            if scene.shown.words
            else "Nothing stands here yet: the list says how a text begins."
        )
    more = ""
    if scene.shown is not scene.before and scene.before.perplexity is not None:
        more = f" ({number(scene.before.perplexity, 1)} as trained)"
    return (
        "The number below a word is the probability that the model gave it, from what stands "
        "before it alone. Over the "
        f"{count(n_known, 'word')} that it knows the perplexity is {number(perplexity, 1)}{more}: "
        "as unsure as a choice among so many equally probable words each time."
    )


def change_sentence(scene: Scene, word: str) -> str:
    """Say what the changes do to the probability of a word at the chosen place."""
    was, now = (chance(one.probability(scene.place, word)) for one in (scene.before, scene.shown))
    return (
        f"{capital(name_of(word))} has a probability of {was} as trained, and {now} with what is "
        "changed."
    )
