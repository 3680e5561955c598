"""The glossary: the terms of the field as the lab uses them, and where each can be seen.

A term stands in a list of the pages that it lives on: one line says what it is, and where to look.
The overview shows all of them in alphabetical order.
"""

from __future__ import annotations

from typing import Final

from pages._shared import (
    glossary_basics,
    glossary_foundations,
    glossary_models,
    glossary_transformers,
)
from pages._shared.glossary_term import Term

_LISTS: Final = (
    glossary_basics.TERMS,
    glossary_foundations.TERMS,
    glossary_models.TERMS,
    glossary_transformers.TERMS,
)

GLOSSARY: Final[tuple[Term, ...]] = tuple(
    sorted((term for terms in _LISTS for term in terms), key=lambda term: term.name.casefold())
)
