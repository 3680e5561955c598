"""The pictures of a stream as values: the logit lens, and how much is written where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.stream_lens import LensTable
from pages._shared.stream_words import short_name
from pages._shared.transformer_models import GPT
from pages._shared.transformer_scene import Scene
from pages._shared.value_map import ValueMap
from pages._shared.words import number

if TYPE_CHECKING:
    from core.logit_lens import Lens
    from core.needed_blocks import Needs
    from core.residual_stream import Attribution, Stream

# More tokens than this are a picture of colours, without words.
MOST_WORDS: Final = 70


def lens_table(lens: Lens, scene: Scene, *, by_word: bool) -> LensTable:
    """Return the lens as a table: a column for each word, or for each class."""
    rows = tuple(short_name(place) for place in lens.places)
    if by_word:
        keys = scene.gpt().inputs if scene.state.model == GPT else scene.translation().inputs
        return LensTable(
            title="What it would say after each block",
            note="colour: the probability of what it says",
            rows=rows,
            columns=lens.answers,
            above=tuple(f"{word} →" for word in keys),
            words=tuple(tuple(best[0] for best in depth) for depth in lens.words),
            values=lens.tops[:, :, 0],
            corner="after",
        )
    names = tuple(sorted({word for depth in lens.words for word in depth[0]}))
    values = np.zeros((len(rows), len(names)), np.float32)
    for depth, best in enumerate(lens.words):
        for word, chance in zip(best[0], lens.tops[depth, 0], strict=True):
            values[depth, names.index(word)] = chance
    return LensTable(
        title="What it would say after each block",
        note="the probability of each class",
        rows=rows,
        columns=names,
        above=(),
        words=tuple(tuple(number(float(chance)) for chance in row) for row in values),
        values=values,
        corner="after",
    )


def lengths_table(stream: Stream) -> LensTable:
    """Return the length of what each block writes at each token, as a table of numbers."""
    return LensTable(
        title="Length of what is written",
        note="at every token",
        rows=tuple(short_name(place) for place in stream.places),
        columns=stream.tokens,
        above=(),
        words=tuple(tuple(number(float(one), 1) for one in row) for row in stream.written),
        values=stream.written,
        digits=1,
        corner="block",
        limit=float(stream.written.max()) or 1.0,
    )


def lengths_map(stream: Stream) -> ValueMap:
    """Return the same as a picture, for very many tokens."""
    most = float(stream.written.max()) or 1.0
    n_blocks, n_tokens = stream.written.shape
    return ValueMap(
        title="Length of what is written",
        note="at every token",
        values=stream.written,
        rows="block",
        columns="token",
        limit=most,
        text=f"{n_blocks} blocks and {n_tokens} tokens, the class token first, then the patches "
        f"row by row. The longest is {number(most, 1)}. Choose a cell to see its token's stream.",
        scale="sequential",
        first_row=1,
        side=34.0,
        can_choose=True,
        row_names=tuple(short_name(place) for place in stream.places),
    )


def stream_arrays(
    stream: Stream, lens: Lens | None, attribution: Attribution | None, needs: Needs | None
) -> dict[str, Tabular]:
    """Return everything that is drawn as tables that can be taken along."""
    blocks = Axis("block", tuple(place.id for place in stream.places))
    tokens = Axis("token", stream.tokens)
    arrays: dict[str, Tabular] = {
        name: Table(values, (blocks, tokens))
        for name, values in (
            ("written_length", stream.written),
            ("stream_length_before", stream.before),
            ("stream_length_after", stream.after),
            ("cosine_with_stream", stream.cosine),
        )
    }
    if stream.shares is not None:
        sources = Axis("source", ("comes in", *blocks.labels))
        arrays["share_of_last_vector"] = Table(stream.shares, (sources, tokens))
    if lens is not None:
        axes = (
            Axis("read after", tuple(place.id for place in lens.places)),
            Axis("row", lens.rows),
        )
        arrays["lens_probability"] = Table(lens.probabilities, axes)
        arrays["lens_rank"] = Table(lens.ranks, axes)
    if attribution is not None:
        parts = (attribution.entering, *attribution.blocks, attribution.constant)
        names = ("comes in", *(place.id for place in attribution.places), "in any case")
        axes = (Axis("source", names), Axis("row", attribution.rows))
        arrays["logit_parts"] = Table(np.stack(parts), axes)
    if needs is not None:
        outcomes = (needs.before, *needs.without)
        names = tuple("+".join(place.id for place in one.off) or "none" for one in outcomes)
        values = np.array([one.value for one in outcomes])
        arrays["without_block"] = Table(values, (Axis("off", names),))
    return arrays
