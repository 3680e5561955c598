"""Numbers of parameters as papers print them, exact or rounded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A published number of parameters.

    Attributes
    ----------
    low, high : int
        The whole numbers that round to what is printed; both the same where it is exact.
    printed : str
        As it stands there.
    where : str
        Paper and table, or document.
    url : str
    """

    low: int
    high: int
    printed: str
    where: str
    url: str

    @property
    def is_exact(self) -> bool:
        """Whether every digit is printed."""
        return self.low == self.high


def exactly(count: int, where: str, url: str) -> Source:
    """Return a source that prints every digit."""
    return Source(count, count, f"{count:,}", where, url)


def rounded(printed: str, unit: int, step: int, where: str, url: str) -> Source:
    """Return a source that prints a rounded number.

    Parameters
    ----------
    printed : str
        As it stands there, such as ``"110M"``.
    unit : int
        The number that this is.
    step : int
        What the last digit stands for.
    where, url : str
    """
    return Source(unit - step // 2, unit + step // 2, printed, where, url)


def distance(count: int, source: Source) -> int:
    """Return how far a count is from the nearest that is printed so: 0 if it rounds to it."""
    return count - min(max(count, source.low), source.high)
