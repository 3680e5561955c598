"""What has been said: words with their ideas, phrases, and the sheet that gathers a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.bilingual.grammar.plans import Negation
from core.bilingual.grammar.surface import Word, contract, elide
from core.bilingual.lexicon.held_out import is_held_out
from core.bilingual.lexicon.nouns import Noun
from core.bilingual.lexicon.verbs import IL
from core.bilingual.pair import SentencePair

Both = tuple[list[Word], list[Word]]
Indefinite = Literal["", "one", "some"]


@dataclass(slots=True)
class Sheet:
    """What is gathered while one sentence is said: fresh ideas, and combinations held out."""

    n_ideas: int = 0
    held_out: list[tuple[str, ...]] = field(default_factory=list)

    def idea(self) -> frozenset[int]:
        """Return an idea that no word carries yet."""
        self.n_ideas += 1
        return frozenset((self.n_ideas,))

    def note(self, *words: str) -> None:
        """Remember a combination if it is one that is kept out of training.

        A phrase without a noun has no key: a combination with "" is none.
        """
        if "" not in words and is_held_out(*words) and words not in self.held_out:
            self.held_out.append(words)

    def finish(
        self, english: Sequence[Word], french: Sequence[Word], mark: str, kind: str
    ) -> SentencePair:
        """Add the last mark, contract and elide the French, and align the two by their ideas."""
        idea = self.idea()
        if mark:
            english, french = [*english, Word(mark, idea)], [*french, Word(mark, idea)]
        said = elide(contract(french))
        alignment = tuple(
            tuple(
                place
                for place, word in enumerate(english)
                if not word.ideas.isdisjoint(translation.ideas)
            )
            for translation in said
        )
        return SentencePair(
            tuple(word.text for word in english),
            tuple(word.text for word in said),
            alignment,
            kind,
            tuple(self.held_out),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """The French of one noun: its article apart, because "de" and a negation change it."""

    article: list[Word]
    body: list[Word]
    indefinite: Indefinite = ""

    def french(self, link: Sequence[Word] = (), *, negated: bool = False) -> list[Word]:
        """Return the words after a link such as "besoin de", or under a negation."""
        if link and link[-1].text == "de" and self.indefinite == "some":
            joined = Word("de", link[-1].ideas | self.article[0].ideas)
            return [*link[:-1], joined, *self.body]
        if negated and not link and self.indefinite:
            return [Word("de", self.article[0].ideas), *self.body]
        return [*link, *self.article, *self.body]


@dataclass(slots=True)
class Phrase:
    """A noun phrase, said.

    Attributes
    ----------
    english : list of Word
    parts : list of Part
        One, or two that ``joint`` joins.
    person : int
        The French person of a verb that has it as subject, 0 to 4.
    feminine : bool
    key : str
        The English noun, to name combinations with; "" for names, pronouns and two nouns.
    noun : Noun or None
        What adjectives must go with.
    joint : Word or None
        The French "et".
    """

    english: list[Word]
    parts: list[Part]
    person: int
    feminine: bool
    key: str = ""
    noun: Noun | None = None
    joint: Word | None = None

    @property
    def plural(self) -> bool:
        """Say whether it is more than one."""
        return self.person > IL

    def french(self, link: Sequence[Word] = (), *, negated: bool = False) -> list[Word]:
        """Return the French words; the link comes again before the second of two."""
        words = self.parts[0].french(link, negated=negated)
        for part in self.parts[1:]:
            words += [self.joint] if self.joint else []
            words += part.french(link, negated=negated)
        return words


@dataclass(slots=True)
class Spoken:
    """A verb phrase, said: the English auxiliary apart, because a question moves it."""

    lead: list[Word]
    rest: list[Word]
    french: list[Word]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words of a negation; all empty where nothing is denied."""

    english: list[Word]
    ne: list[Word]
    pas: list[Word]


def refusal(sheet: Sheet, negation: Negation) -> Refusal:
    """Return "not" with "ne ... pas", "never" with "ne ... jamais", or nothing."""
    if not negation:
        return Refusal([], [], [])
    idea = sheet.idea()
    pas = "jamais" if negation == "never" else "pas"
    return Refusal([Word(negation, idea)], [Word("ne", idea)], [Word(pas, idea)])
