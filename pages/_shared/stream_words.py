"""What is to be seen in a residual stream, in sentences made of what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.anatomy import CROSS, FEED_FORWARD, SELF, Place
from core.bilingual import join_french
from core.needed_blocks import Needs, Outcome, place_of
from core.translation import END
from pages._shared.digit_value import with_article
from pages._shared.transformer_models import DIGITS, GPT, TEXT_ENCODER, TRANSLATOR, VISION
from pages._shared.words import isolated, number

if TYPE_CHECKING:
    from core.logit_lens import Lens
    from core.residual_stream import Attribution, Stream

_KINDS: Final = {
    SELF: "self-attention",
    CROSS: "cross-attention",
    FEED_FORWARD: "feed-forward",
}
# What is watched while blocks are off, and how much of it there is at most.
WATCHED: Final = {
    TRANSLATOR: "probability of a word of the translation",
    GPT: "probability of a word of the text",
    TEXT_ENCODER: "cosine with the untouched vector",
    DIGITS: "probability of the digit",
    VISION: "correlation with the untouched saliency",
}
_N_READ: Final = 5
_OF_LOGS: Final = (TRANSLATOR, GPT)
_SUBJECTS: Final = {
    TRANSLATOR: "This sentence",
    GPT: "This text",
    TEXT_ENCODER: "This text",
    DIGITS: "This digit",
    VISION: "This picture",
}


def short_name(place: Place, *, with_stack: bool = False) -> str:
    """Name a block briefly: ``"2 cross-attention"``; before the layers there is none."""
    if not place.writes:
        return "before layer 1"
    name = f"{place.layer + 1} {_KINDS[place.kind]}"
    return f"{place.stack} {name}" if with_stack else name


def tiny_name(place: Place) -> str:
    """Name a block where there is little room: ``"2 cross"``."""
    return f"{place.layer + 1} {_KINDS[place.kind].removesuffix('-attention')}"


def block_phrase(place: Place, *, with_stack: bool = True) -> str:
    """Name a block within a sentence: ``"the decoder's cross-attention in layer 2"``."""
    whose = f"the {place.stack}'s" if with_stack else "the"
    return f"{whose} {_KINDS[place.kind]} in layer {place.layer + 1}"


def shown_value(model: str, outcome: Outcome) -> float:
    """Return what is watched as people read it: a probability for the mean of its logarithms."""
    return math.exp(outcome.value) if model in _OF_LOGS else outcome.value


def answer_text(model: str, outcome: Outcome) -> str:
    """Return what the model says with some blocks off; empty where it says nothing in words."""
    if model == TRANSLATOR:
        words = outcome.answer[:-1] if outcome.answer[-1:] == (END,) else outcome.answer
        return f"“{join_french(words)}”" if words else "(nothing)"
    if model == GPT:
        return f"“{outcome.answer[0]}” comes next"
    return with_article(int(outcome.answer[0])) if model == DIGITS else ""


def stream_sentence(stream: Stream, row: int) -> str:
    """Say how the stream of one token grows, and what writes most of it."""
    name = isolated(stream.tokens[row])
    written = stream.written[:, row]
    most = int(written.argmax())
    start, end = float(stream.entering[row]), float(stream.after[-1, row])
    if not written[most]:
        return (
            f"At “{name}” a vector of length {number(start, 1)} comes in and goes out as it came: "
            "no block writes anything."
        )
    said = (
        f"At “{name}” a vector of length {number(start, 1)} comes in and one of {number(end, 1)} "
        f"goes out. The longest vector is written by {_block(stream.places[most])}: "
        f"{number(float(written[most]), 1)}."
    )
    if n := int((stream.cosine[:, row] < 0).sum()):
        said += (
            f" {n} of {len(written)} blocks {'writes' if n == 1 else 'write'} against what is "
            "there: the cosine with the stream before is below 0."
        )
    return said


def attribution_sentence(attribution: Attribution, row: int, n_answers: int) -> str:
    """Say which block pushed one answer directly."""
    answer = isolated(attribution.answers[row])
    blocks = attribution.blocks[:, row]
    most = int(blocks.argmax())
    total = (
        f"The logit of “{answer}” is {number(float(attribution.logits[row]), 1)} above the mean of "
        f"all {n_answers:,}"
    )
    if not blocks.any():
        return f"{total}; all rows of the column add up to it."
    return (
        f"{total}. Of that {number(float(blocks[most]), 1)} was written by "
        f"{_block(attribution.places[most])}; all rows of the column add up to it."
    )


def lens_sentence(lens: Lens, row: int) -> str:
    """Say from which block on a model would have given its answer."""
    answer = isolated(lens.answers[row])
    first, settled = int(lens.ranks[0, row]), lens.settled(row)
    if settled >= len(lens.places):
        last = int(lens.ranks[-1, row])
        return f"“{answer}” is number {first:,} before layer 1 and number {last:,} at the end."
    if settled == 0:
        return f"“{answer}” is the most probable answer from the start, and stays so."
    block = _block(lens.places[settled])
    return (
        f"Before layer 1 “{answer}” is number {first:,} of all answers; from {block} on it is the "
        "most probable one, and stays so."
    )


def reading_sentence(lens: Lens, depth: int, row: int) -> str:
    """Say what is most probable at one depth."""
    place = lens.places[depth]
    where = f"after {_block(place)}" if place.writes else "before layer 1"
    pairs = zip(lens.words[depth][row][:_N_READ], lens.tops[depth, row], strict=False)
    best = ", ".join(f"“{isolated(word)}” {number(float(chance))}" for word, chance in pairs)
    return f"Read {where}, the most probable are {best}."


def needs_sentence(model: str, needs: Needs, *, with_stack: bool) -> str:
    """Say which block was needed most and which least."""
    ranked = needs.ranked
    most, least = ranked[0], ranked[-1]
    before = shown_value(model, needs.before)
    what = WATCHED[model]
    mean = " (the geometric mean)" if model in _OF_LOGS else ""
    said = (
        f"{_SUBJECTS[model]} needed {block_phrase(place_of(most), with_stack=with_stack)} most: "
        f"without it the {what}{mean} is {_apart(shown_value(model, most), before)} instead of "
        f"{_apart(before, shown_value(model, most))}. It needed "
        f"{block_phrase(place_of(least), with_stack=with_stack)} least: "
        f"{_apart(shown_value(model, least), before)} without it."
    )
    if needs.before.answer:
        n, total = len(needs.changed), len(ranked)
        said += f" The answer changes in {n} of {total} cases."
    return said


def off_sentence(model: str, before: Outcome, now: Outcome, off: Sequence[Place]) -> str:
    """Say what the blocks that the reader switched off change together."""
    names = ", ".join(block_phrase(place) for place in off)
    value, whole = shown_value(model, now), shown_value(model, before)
    said = f"Without {names}: {WATCHED[model]} {number(value)} instead of {number(whole)}"
    if now.answer == before.answer:
        return f"{said}." if not now.answer else f"{said}, and the same answer."
    answer = answer_text(model, now)
    return f"{said}; now {answer}" + ("" if answer.endswith((".”", "!”", "?”")) else ".")


def shares_sentence(stream: Stream, row: int) -> str:
    """Say how much of the last vector came from where; empty where it is no sum."""
    if stream.shares is None:
        return ""
    shares = stream.shares[:, row]
    most = int(np.argmax(shares[1:]))
    return (
        f"Of the last vector {number(100 * float(shares[0]), 0)}% came in with the token and "
        f"{number(100 * float(shares[1 + most]), 0)}% from {_block(stream.places[most])}; all of "
        "it adds up to 100%."
    )


def _block(place: Place) -> str:
    return block_phrase(place, with_stack=False)


def _apart(value: float, other: float) -> str:
    """Write a number with as many digits as tell it from another."""
    digits = next((d for d in (2, 3, 4) if number(value, d) != number(other, d)), 2)
    return number(value, digits)
