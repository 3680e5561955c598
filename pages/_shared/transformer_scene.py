"""What the Transformer page shows in a state: the model, its answer, and the block that is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.anatomy import Anatomy, Block, NamedTensor
from core.bilingual import join_french
from core.gpt_records import GptPass
from core.translation import Translation
from core.vision_attention import VisionAttention
from pages._shared import transformer_runs as runs
from pages._shared.block_choice import block_in
from pages._shared.digit_value import name_of, with_article
from pages._shared.picture_choice import find_picture
from pages._shared.transformer_choice import TransformerState
from pages._shared.transformer_given import Given, given_of
from pages._shared.transformer_models import DIGITS, GPT, TEXT_ENCODER, TRANSLATOR

_N_SHOWN = 5
_SALIENT = 0.5


@dataclass(frozen=True, eq=False)
class Scene:
    """What is on the page.

    Attributes
    ----------
    state : TransformerState
    anatomy : Anatomy
        All blocks of the model that is shown.
    given : Given
        What the model is run on.
    """

    state: TransformerState
    anatomy: Anatomy
    given: Given

    @property
    def off(self) -> runs.Off:
        """The blocks that are switched off."""
        return self.state.off

    @property
    def block(self) -> Block:
        """The block that is open."""
        return block_in(self.anatomy, self.state.block)

    @cached_property
    def tensors(self) -> tuple[NamedTensor, ...]:
        """Everything that the open block computed."""
        return runs.open_block(self.given, self.block.place, self.off)

    def translation(self, *, changed: bool = True) -> Translation:
        """Return what the translator writes, with the blocks switched off or with all of them."""
        return runs.translated(self.given.words, self.off if changed else ())

    def gpt(self, *, changed: bool = True) -> GptPass:
        """Return the small GPT's pass."""
        return runs.gpt_pass(self.given.words, self.off if changed else ())

    def seen(self, *, changed: bool = True) -> VisionAttention:
        """Return the pass of a model that sees."""
        return runs.seen(self.given, self.off if changed else ())

    @property
    def subject(self) -> str:
        """What the model is run on, in words."""
        if self.state.model == DIGITS:
            return name_of(self.state.digit)
        if self.state.written:
            return f"“{self.state.written.strip()}”"
        return find_picture(self.state.photo).alt

    def answer(self, *, changed: bool = True) -> str:
        """Return in words what the model makes of it."""
        model = self.state.model
        if model == TRANSLATOR:
            return join_french(self.translation(changed=changed).french) or "(nothing)"
        if model == TEXT_ENCODER:
            whole, now = runs.embedding(self.state.text), runs.embedding(self.state.text, self.off)
            if not (changed and self.off):
                return f"a vector of {len(whole)} numbers, of length 1"
            return f"a vector whose cosine with the untouched one is {float(whole @ now):.3f}"
        if model == GPT:
            word, chance = self.probabilities(changed=changed)[0]
            return f"“{word}” comes next with probability {chance:.2f}"
        if model == DIGITS:
            digit, chance = self.probabilities(changed=changed)[0]
            return f"{with_article(int(digit))}, with probability {chance:.2f}"
        salient = self.seen(changed=changed).saliency > _SALIENT
        return f"{salient.mean():.0%} of it stands out, with a saliency above {_SALIENT}"

    def probabilities(self, *, changed: bool = True) -> tuple[tuple[str, float], ...]:
        """Return the most probable answers, the best first; none where the answer is no choice.

        Of the translator they are those of its first word, of the small GPT those of the next one.
        """
        model = self.state.model
        if model == TRANSLATOR:
            first = self.translation(changed=changed).alternatives[0]
            return tuple((one.word, one.probability) for one in first)
        if model == GPT:
            shown = self.gpt(changed=changed)
            best = shown.most_probable(len(shown.inputs) - 1, _N_SHOWN)
            return tuple((one.word, one.probability) for one in best)
        if model == DIGITS:
            chances = self.seen(changed=changed).probabilities
            order = np.argsort(-chances, kind="stable")[:_N_SHOWN]
            return tuple((str(digit), float(chances[digit])) for digit in order)
        return ()


def see(state: TransformerState) -> Scene:
    """Return what the page shows in a state; what is costly is computed when it is looked at."""
    return scene_of(state, state.model)


def scene_of(state: TransformerState, model: str) -> Scene:
    """Return what another model shows on what a state gives it, all of its blocks switched on."""
    if model != state.model:
        state = state.with_model(model)
    return Scene(state, runs.anatomy_of(model), given_of(state, model))
