"""The words of the training sentences, kept in two files so that no page must make them.

``python -c "from core.bilingual.vocabulary import write; write()"`` writes the files again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core.bilingual.generator import splits

_FOLDER = Path(__file__).parent


@cache
def english_vocabulary() -> tuple[str, ...]:
    """Return every English word of the training sentences, sorted."""
    return _read("english")


@cache
def french_vocabulary() -> tuple[str, ...]:
    """Return every French word of the training sentences, sorted."""
    return _read("french")


def _read(language: str) -> tuple[str, ...]:
    return tuple((_FOLDER / f"{language}_words.txt").read_text(encoding="utf-8").split())


def write() -> None:
    """Make the training sentences, and write the words of each language, one a line."""
    train = splits(n_test=0, n_pronouns=0).train
    for language in ("english", "french"):
        words = sorted({word for pair in train for word in getattr(pair, language)})
        text = "\n".join(words) + "\n"
        (_FOLDER / f"{language}_words.txt").write_text(text, encoding="utf-8")
