"""The answers of the text encoder's experiments, measured on the text that is on the page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from core.text_attention import TextInterventions
from core.zero_shot import SENTIMENT, cosines
from pages._shared import encoder
from pages._shared.encoder_heads import HeadMap
from pages._shared.encoder_roles import head_name, roles_sentence
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.text_measures import (
    importance,
    masking,
    received,
    special_share,
    verdict_of,
)
from pages._shared.text_scene import CLASSIFY, DROP_HEAD, HEADS, MASKED, Scene, TextState
from pages._shared.vision_words import signed_text
from pages._shared.words import number

# Of longer texts every head, or every word, would take too long to leave out.
MOST_WORDS: Final = 48

# Indices of the options, in the questions that have them.
TO_BEFORE, TO_ITSELF, TO_SPECIAL, TO_OTHER = range(4)
READ_ONLY, NEEDED_ONLY, BOTH, NEITHER = range(4)
TURNS, NARROWER, WIDER = range(3)

_VERB: Final = re.compile(r"\b(was|is|were|are)\b(?! not\b)")


def share_of_signs(before: Scene, _after: Scene) -> Answer:
    """Find how much of all weight goes to [CLS] and [SEP], in per cent."""
    _require_words(before)
    share = special_share(before)
    n_tokens = len(before.tokens.words) + 2
    weights = encoder.word_weights(before.state.text, hide_special=False)
    by_head = weights[..., [0, -1]].sum(axis=-1).mean(axis=-1)  # (layer, head)
    layer, head = divmod(int(by_head.argmax()), by_head.shape[1])
    return Answer(
        round(100 * share),
        f"On this text [CLS] and [SEP] receive {_percent(share)} of all weight, where uniform "
        f"attention would give two of {n_tokens} tokens {_percent(2 / n_tokens)}; "
        f"{head_name((layer, head))} gives them {_percent(float(by_head[layer, head]))}. Softmax "
        "has to spend the whole weight of every row: that heads rest there when they find nothing "
        "to read is the usual reading of it.",
    )


def show_signs(state: TextState) -> TextState:
    """Show the head that gives most to [CLS] and [SEP]."""
    weights = encoder.word_weights(state.text, hide_special=False)
    by_head = weights[..., [0, -1]].sum(axis=-1).mean(axis=-1)
    layer, head = divmod(int(by_head.argmax()), by_head.shape[1])
    return replace(
        state, view=HEADS, layer=layer + 1, head=head + 1, mean=False, hide_special=False
    )


def heads_needed_more(before: Scene, _after: Scene) -> Answer:
    """Find how many heads change the embedding more than the chosen one when they are dropped."""
    _require_words(before)
    attention, chosen = before.reading.attention, (before.layer, before.head)
    kept = {
        (layer, head): float(
            attention.embedding
            @ encoder.embedding_with(
                before.state.text,
                TextInterventions(dropped_heads=frozenset({(layer, head)})),
            )
        )
        for layer in range(attention.n_layers)
        for head in range(attention.n_heads)
    }
    n_more = sum(cosine < kept[chosen] for cosine in kept.values())
    most = min(kept, key=lambda head: kept[head])
    role = roles_sentence(chosen, encoder.roles(before.state.text)).rstrip(".")
    return Answer(
        n_more,
        f"{role}; without it the embedding of this text keeps a cosine of "
        f"{number(kept[chosen], 4)}, and {n_more} of the 71 other heads change it more. Without "
        f"{head_name(most)} it keeps {number(kept[most], 4)}: what is easy to read in a map need "
        "not be what the result depends on.",
    )


def drop_chosen(state: TextState) -> TextState:
    """Drop the chosen head."""
    return replace(state, view=HEADS, test=DROP_HEAD, mean=False)


def what_mask_reads(before: Scene, after: Scene) -> Answer:
    """Find what the masked word reads in the chosen head."""
    _require_words(before)
    if not after.masked:
        raise DoesNotFitError("There is no second word to mask in this text.")
    word = min(after.masked)
    masked = encoder.read_with(after.state.text, masking(after)).attention
    row_before, row = (
        HeadMap(attention, before.layer, before.head).weights[word + 1]
        for attention in (before.reading.attention, masked)
    )
    groups = {
        TO_BEFORE: float(row[word]) if word else 0.0,
        TO_ITSELF: float(row[word + 1]),
        TO_SPECIAL: float(row[0] + row[-1]),
    }
    groups[TO_OTHER] = max(1.0 - sum(groups.values()), 0.0)
    value = max(groups, key=lambda group: groups[group])
    name = before.tokens.words[word].text
    return Answer(
        value,
        f"In {head_name((before.layer, before.head))} “{name}” gave the word before it "
        f"{number(row_before[word])} of its weight; as [MASK] it gives that word "
        f"{number(groups[TO_BEFORE])}, itself {number(groups[TO_ITSELF])} and [CLS] and [SEP] "
        f"{number(groups[TO_SPECIAL])}. A role is no rule that is built in: it comes from what "
        "queries and keys say, and [MASK] says something else.",
    )


def mask_last_word(state: TextState) -> TextState:
    """Mask the last word that is no punctuation mark, and not the first."""
    words = encoder.cut(state.text).words
    places = [place for place, word in enumerate(words) if place and not word.is_punctuation]
    masked = frozenset(places[-1:])
    return replace(state, view=MASKED, masked=masked, mean=False, hide_special=False)


def read_or_needed(before: Scene, _after: Scene) -> Answer:
    """Find whether the winner changes without the word read most, and without the one needed."""
    _require_words(before)
    without = encoder.without_each_word(before.state.text)
    read, matters = received(before), importance(before, without)
    most_read, needed = int(read.argmax()), int(matters.argmax())
    found = verdict_of(before)
    winners = cosines(without, encoder.embed_sentences(before.state.labels)).argmax(axis=1)
    changes = [bool(winners[word] != found.winner) for word in (most_read, needed)]
    value = {
        (True, False): READ_ONLY,
        (False, True): NEEDED_ONLY,
        (True, True): BOTH,
        (False, False): NEITHER,
    }[changes[0], changes[1]]
    words = before.tokens.words
    outcomes = [
        f"without “{words[word].text}” (receives {number(read[word], 3)}, matters "
        f"{number(matters[word], 3)}) the nearest label is “{found.names[winners[word]]}”"
        for word in (most_read, needed)
    ]
    return Answer(
        value,
        f"“{found.name}” wins with the whole text; {outcomes[0]}, and {outcomes[1]}. How much a "
        "word is read and how much the answer needs it are two measures, and only leaving it out "
        "is a test.",
    )


def show_classes(state: TextState) -> TextState:
    """Show what matters beside what is read."""
    return replace(state, view=CLASSIFY)


def what_not_does(before: Scene, after: Scene) -> Answer:
    """Find what "not" does to the sentiment of the text."""
    if before.state.text == after.state.text:
        raise DoesNotFitError("There is no “is” or “was” in this text to put a “not” behind.")
    one, other = verdict_of(before), verdict_of(after)
    value = TURNS
    if one.winner == other.winner:
        value = NARROWER if other.margin < one.margin else WIDER
    turned = "turns to" if value == TURNS else "stays"
    moves = [
        f"{signed_text(new - old)} with “{name}”"
        for name, old, new in zip(one.names, one.cosines, other.cosines, strict=True)
    ]
    return Answer(
        value,
        f"Without “not” the text is nearest to “{one.name}”, {number(one.margin, 3)} ahead of the "
        f"next; with it, it {turned} “{other.name}”, {number(other.margin, 3)} ahead. What “not” "
        f"does to the cosines is {' and '.join(moves)}: that is all its say.",
    )


def add_not(state: TextState) -> TextState:
    """Put "not" behind the first form of "to be", and ask for the sentiment."""
    text = _VERB.sub(lambda verb: f"{verb[0]} not", state.text, count=1)
    return replace(state.with_text(text), view=CLASSIFY, task=SENTIMENT.name)


def _require_words(scene: Scene) -> None:
    n_words = len(scene.tokens.words)
    if not 2 <= n_words <= MOST_WORDS:
        raise DoesNotFitError(
            f"The question is for a text of 2 to {MOST_WORDS} words; this one has {n_words}."
        )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
