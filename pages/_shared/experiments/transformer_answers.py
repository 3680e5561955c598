"""The answers of the Transformer page's experiments, and what the page shows with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.anatomy import CROSS, DECODER, FEED_FORWARD, SELF, Place
from core.bilingual import join_french
from core.model_sizes import count_pass
from pages._shared import stream_runs
from pages._shared import transformer_runs as runs
from pages._shared.block_choice import BlockChoice
from pages._shared.block_words import place_name
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.size_choice import shape_of
from pages._shared.stream_choice import StreamChoice
from pages._shared.transformer_choice import SIZES, TransformerState
from pages._shared.transformer_models import TRANSLATOR
from pages._shared.transformer_scene import Scene
from pages._shared.words import number

BERT: Final = "BERT-base (uncased)"
CROSSES: Final = tuple(Place(DECODER, layer, CROSS) for layer in range(2))

# Indices of the options.
NOTHING, OTHER_WORDS, SAME_WORDS = range(3)
RIGHT_WORD, SAME_WORD, STRANGE_WORD = range(3)
ATTENTION_HAS_MORE, FEED_FORWARD_HAS_MORE, ALIKE = range(3)
_NEARLY_ALIKE: Final = 0.01
_N_QUOTED: Final = 4


# ---- the source cut off


def without_cross(state: TransformerState) -> TransformerState:
    """Switch both cross-attentions off."""
    return replace(state, off=CROSSES)


def written_without_source(before: Scene, after: Scene) -> Answer:
    """Tell how many of the words stay when the decoder no longer reads the source."""
    _require_translator(before)
    if before.off:
        raise DoesNotFitError("Switch all blocks on first: the question is about these two alone.")
    first, second = before.translation(changed=False).french, after.translation().french
    kept = sum(word in second for word in set(first))
    if not second:
        return Answer(
            NOTHING,
            "Nothing is written: the first word is the end. Nothing of the sentence came in.",
        )
    value = SAME_WORDS if kept > len(set(first)) / 2 else OTHER_WORDS
    return Answer(
        value,
        f"It writes “{join_french(second[:_N_QUOTED])} …”, with {kept} of the {len(set(first))} "
        "different words of the translation. The rest of the decoder has learned what French is "
        "like; what it is to say comes in through cross-attention alone.",
    )


# ---- one block at a time


def sentences_that_stay(before: Scene, _after: Scene) -> Answer:
    """Count the blocks without which the translation stays as it is."""
    _require_translator(before)
    if before.off:
        raise DoesNotFitError("Switch all blocks on first: one at a time is to be switched off.")
    whole = before.translation(changed=False).words
    writers = before.anatomy.writers
    needed = [
        block
        for block in writers
        if runs.translated(before.given.words, (block.place,)).words != whole
    ]
    names = " and ".join(place_name(block) for block in needed) or "none of them"
    return Answer(
        len(writers) - len(needed),
        f"The translation stays in {len(writers) - len(needed)} of {len(writers)} cases. What "
        f"changes it when switched off: {names}.",
    )


# ---- read before any layer


def lens_at(row: int) -> StreamChoice:
    """Return the choice of a row of the stream."""
    return StreamChoice(row=row)


def first_reading(before: Scene, _after: Scene) -> Answer:
    """Tell what the logit lens reads before the layers, where the chosen word is written."""
    _require_translator(before)
    shown, row = before.translation(), before.state.stream.row
    if not 0 <= row < len(shown.words):
        raise DoesNotFitError("Choose a word of the translation: the page shows none.")
    entered, right = shown.inputs[row], shown.words[row]
    lens = stream_runs.lens_of(before.given, before.off)
    if lens is None:
        raise DoesNotFitError("Choose the translator: the question is about what it writes.")
    read = lens.words[0][row][0]
    value = SAME_WORD if read == entered else RIGHT_WORD if read == right else STRANGE_WORD
    found = float(lens.probabilities[-1, row])
    return Answer(
        value,
        f"After “{entered}” it reads “{read}”: one table holds the vectors by which words come in "
        f"and those they are compared with at the end. After the last block it is “{right}”, with "
        f"probability {number(found)}.",
    )


# ---- parameters of a layer


def open_feed_forward(state: TransformerState) -> TransformerState:
    """Open the feed-forward part beside the open attention."""
    return replace(state, block=BlockChoice(state.block.stack, state.block.layer, FEED_FORWARD))


def more_numbers(before: Scene, _after: Scene) -> Answer:
    """Compare attention and feed-forward part of the open layer."""
    stack, layer, _ = before.block.place
    counts = {
        block.place.kind: block.n_parameters
        for block in before.anatomy.writers
        if block.place[:2] == (stack, layer)
    }
    if not counts:
        raise DoesNotFitError("Open a block of a layer: the question is about its two parts.")
    attention, forward = counts[SELF] + counts.get(CROSS, 0), counts[FEED_FORWARD]
    if abs(attention - forward) <= _NEARLY_ALIKE * forward:
        value = ALIKE
    else:
        value = FEED_FORWARD_HAS_MORE if forward > attention else ATTENTION_HAS_MORE
    holder = "The two attentions have" if CROSS in counts else "The attention has"
    width, hidden = before.anatomy.d_model, before.anatomy.facts.d_hidden
    return Answer(
        value,
        f"{holder} {attention:,}, with W_Q, W_K, W_V and W_O of {width} × {width} each, "
        f"and the feed-forward part {forward:,}, with two matrices of {width} × {hidden}. The "
        "number of heads is in neither: heads share out the width.",
    )


# ---- a longer text


def times_as_many(before: Scene, after: Scene) -> Answer:
    """Return how many times as many operations a pass over a longer text takes."""
    if before.state.view != SIZES:
        raise DoesNotFitError("Go to the view “Sizes”: the question is about the counts there.")
    first, second = (
        count_pass(shape_of(scene.state.sizes), scene.state.sizes.length)
        for scene in (before, after)
    )
    n_first, n_second = before.state.sizes.length, after.state.sizes.length
    times = second.total / first.total
    share = second.quadratic / second.total
    return Answer(
        times,
        f"{n_second:,} tokens take {number(times, 1)} times the operations of {n_first:,}. The "
        f"scores and averages alone grow as the square, and are {share:.0%} of the whole then.",
    )


def _require_translator(scene: Scene) -> None:
    if scene.state.model != TRANSLATOR:
        raise DoesNotFitError("Choose the translator: the question is about what it writes.")
