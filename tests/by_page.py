"""What tests know of each page of the catalogue, and what to do where they know nothing yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

Value = TypeVar("Value")


class ByPage(dict[str, Value]):
    """Something for each page, by its file; for a page that is missing, a sentence.

    Parameters
    ----------
    values : mapping
        By the page's file, as the catalogue has it.
    what_to_add : str
        What is missing and where to add it, in words that follow "<file>: ".
    """

    def __init__(self, values: Mapping[str, Value], what_to_add: str) -> None:
        super().__init__(values)
        self.what_to_add = what_to_add

    def __missing__(self, file: str) -> Value:
        raise AssertionError(f"{file}: {self.what_to_add}")

    def check(self, files: Collection[str]) -> None:
        """Raise AssertionError unless there is something for each of these pages, and no other."""
        for file in files:
            _ = self[file]
        gone = self.keys() - set(files)
        assert not gone, f"{', '.join(gone)}: not in the catalogue; what tests know of it goes too"
