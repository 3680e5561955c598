"""How the tables of words are cut into rows."""

from __future__ import annotations


def rows(table: str) -> list[str]:
    """Return the rows of a table: lines without their margins.

    A line with more margin than the first goes on from the one before it.
    """
    lines = [line for line in table.splitlines() if line.strip()]
    margin = len(lines[0]) - len(lines[0].lstrip())
    found: list[str] = []
    for line in lines:
        if len(line) - len(line.lstrip()) > margin:
            found[-1] += " " + line.strip()
        else:
            found.append(line.strip())
    return found
