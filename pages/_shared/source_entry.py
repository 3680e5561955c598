"""Something to read: an entry of the lists of sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Something to read.

    Attributes
    ----------
    by : str
        Authors and year.
    title : str
    url : str
    good_for : str
        What it is good for, in a phrase.
    """

    by: str
    title: str
    url: str
    good_for: str
