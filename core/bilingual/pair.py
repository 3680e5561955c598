"""What the generator gives: an English sentence, its French, and which words belong together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentencePair:
    """One English sentence with its one right French translation.

    Attributes
    ----------
    english, french : tuple of str
        Lower-case words. A full stop, a comma and a question mark are words of their own, and so
        are ``'s`` in English and the elided ``l'``, ``d'``, ``n'`` ... in French.
    alignment : tuple of tuple of int
        ``alignment[i]`` holds the places of the English words that French word ``i`` translates,
        rising. Places count from 0.
    kind : str
        The pattern that made the sentence, such as ``"statement"`` or ``"because"``.
    held_out : tuple of tuple of str
        The combinations of words in it that are kept out of the training sentences, such as
        ``("black", "cat")``. Empty for a sentence that may be trained on.
    """

    english: tuple[str, ...]
    french: tuple[str, ...]
    alignment: tuple[tuple[int, ...], ...]
    kind: str
    held_out: tuple[tuple[str, ...], ...] = ()

    @property
    def links(self) -> frozenset[tuple[int, int]]:
        """Return the alignment as (French place, English place) pairs."""
        return frozenset((i, j) for i, places in enumerate(self.alignment) for j in places)


@dataclass(frozen=True, slots=True)
class Splits:
    """Sentences to train on, and three sets to test with that share no sentence with them.

    Attributes
    ----------
    train : tuple of SentencePair
        None holds a combination that is held out. Short sentences may come up more than once.
    novel : tuple of SentencePair
        New sentences made of combinations that training may have shown.
    pairs : tuple of SentencePair
        Sentences with at least one combination that training never shows.
    pronouns : tuple of SentencePair
        Sentences with "because it was too ...", where *it* becomes *il* or *elle*.
    """

    train: tuple[SentencePair, ...]
    novel: tuple[SentencePair, ...]
    pairs: tuple[SentencePair, ...]
    pronouns: tuple[SentencePair, ...]
