"""Short stories in which the next word often follows from something far back."""

from core.stories.generator import generate, held_out, held_out_stories, training_stories
from core.stories.reading import join_story, shown_words, tokenise_story
from core.stories.telling import COPY, DEDUCED, PRONOUN, Story

__all__ = [
    "COPY",
    "DEDUCED",
    "PRONOUN",
    "Story",
    "generate",
    "held_out",
    "held_out_stories",
    "join_story",
    "shown_words",
    "tokenise_story",
    "training_stories",
]
