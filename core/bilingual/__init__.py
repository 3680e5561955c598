"""A bilingual grammar: English sentences with their French, and the words that belong together."""

from core.bilingual.generator import generate, splits
from core.bilingual.pair import SentencePair, Splits
from core.bilingual.reading import join_english, join_french, tokenise_english
from core.bilingual.vocabulary import english_vocabulary, french_vocabulary

__all__ = [
    "SentencePair",
    "Splits",
    "english_vocabulary",
    "french_vocabulary",
    "generate",
    "join_english",
    "join_french",
    "splits",
    "tokenise_english",
]
