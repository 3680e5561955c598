"""A term of the glossary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes
    ----------
    name : str
    meaning : str
        One sentence.
    file : str
        The page where it lives, as listed in the catalogue.
    look : str
        What to look at there; on the overview itself, the heading that it stands under.
    also : str
        Other words that a reader may search for.
    """

    name: str
    meaning: str
    file: str
    look: str
    also: str = ""
