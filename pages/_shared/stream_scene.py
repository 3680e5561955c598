"""What the view of the residual stream shows: one token's way through one stack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pages._shared.stream_choice import StreamChoice
from pages._shared.stream_runs import attribution_of, lens_of, stacks_of, stream_of
from pages._shared.transformer_models import DIGITS, GPT, VISION
from pages._shared.transformer_scene import Scene
from pages._shared.transformer_views import version_of

if TYPE_CHECKING:
    from core.logit_lens import Lens
    from core.residual_stream import Attribution, Stream


@dataclass(frozen=True, eq=False)
class Shown:
    """What is drawn of one stack."""

    scene: Scene
    stream: Stream
    lens: Lens | None
    attribution: Attribution | None
    choice: StreamChoice
    version: str

    @property
    def row_read(self) -> int:
        """The row of the lens that belongs to the token: of a class, there is but one."""
        return self.choice.row if self.by_word else 0

    @property
    def by_word(self) -> bool:
        """Whether an answer is read from every token."""
        return self.lens is not None and self.scene.state.model != DIGITS


def first_row(model: str, n_rows: int) -> int:
    """Return the token that a model starts with: its last word, its class token, or its second."""
    return {GPT: n_rows - 1, DIGITS: 0, VISION: 0}.get(model, min(1, n_rows - 1))


def shown_of(scene: Scene) -> Shown:
    """Return what is drawn in the view of the stream."""
    model, state = scene.state.model, scene.state
    stacks = stacks_of(model)
    stack = state.stream.stack if state.stream.stack in stacks else stacks[0]
    stream = stream_of(scene.given, stack, scene.off)
    reads = stack == stacks[0]
    n_rows = len(stream.tokens)
    choice = state.stream.within(n_rows, 1 + len(stream.places), first_row(model, n_rows))
    return Shown(
        scene,
        stream,
        lens_of(scene.given, scene.off) if reads else None,
        attribution_of(scene.given, scene.off) if reads else None,
        replace(choice, stack=stack),
        f"{version_of(scene)}.{stack}",
    )
