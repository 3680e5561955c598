"""Between a line of text and its words: reading English, and writing French and English out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.bilingual.lexicon.function_words import DAYS, NAMES, PROPER_PLACES

_ENGLISH_CAPITALS = frozenset(["i", *NAMES, *PROPER_PLACES, *DAYS])
_FRENCH_CAPITALS = frozenset(
    [name for name, _ in NAMES.values()] + [place.french for place in PROPER_PLACES.values()]
)
_IRREGULAR = {"can't": "can not", "cannot": "can not", "won't": "will not", "let's": "let us"}
_ENDINGS = {"n't": " not", "'m": " am", "'re": " are", "'ll": " will", "'ve": " have"}
# After these, 's is "is"; after a noun it is the possessive.
_IS_AFTER = frozenset(["he", "she", "it", "that", "this", "there", "what", "where", "who"])
_CONTRACTED = re.compile(r"\b\w+'[a-z]+|\bcannot\b")
_WORD = re.compile(r"'s\b|\w+|[^\w\s]")
_APOSTROPHES = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{GRAVE ACCENT}": "'"})
_THIN = "\N{NARROW NO-BREAK SPACE}"


def tokenise_english(text: str) -> tuple[str, ...]:
    """Cut a line of English into the lower-case words that the grammar uses.

    Contractions are written out ("don't" becomes "do", "not"); a possessive ``'s`` and each mark
    of punctuation are words of their own. Nothing but white space is lost.

    Parameters
    ----------
    text : str
        Anything at all.

    Returns
    -------
    tuple of str
        The words, known or not. Empty for a text of white space.
    """
    plain = text.lower().translate(_APOSTROPHES)
    return tuple(_WORD.findall(_CONTRACTED.sub(_written_out, plain)))


def _written_out(match: re.Match[str]) -> str:
    word = match.group()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, full in _ENDINGS.items():
        if word.endswith(ending):
            return word.removesuffix(ending) + full
    stem = word.removesuffix("'s")
    return f"{stem} is" if stem != word and stem in _IS_AFTER else word


def join_french(words: Sequence[str]) -> str:
    """Write French words out as a line of text.

    Elided words join the next one ("l'", "homme"), "!" and "?" have the narrow no-break space
    before them that French wants, and names and the first letter are capitals.
    """
    line = " ".join(_capital(word) if word in _FRENCH_CAPITALS else word for word in words)
    line = re.sub(r"(\w') ", r"\1", line)
    line = re.sub(r" ([.,])", r"\1", line)
    return _capital(re.sub(r" ([!?;:])", rf"{_THIN}\1", line))


def join_english(words: Sequence[str]) -> str:
    """Write English words out as a line of text, with capitals for *I*, names and the start."""
    line = " ".join(_capital(word) if word in _ENGLISH_CAPITALS else word for word in words)
    return _capital(re.sub(r" ('s\b|[.,!?;:])", r"\1", line))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
