"""What a browser makes of a piece of HTML: its elements, and what can be read in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Reading:
    """A piece of HTML as it is read.

    Attributes
    ----------
    tags : list of str
        Every element, in order of opening.
    attributes : set of (str, str or None)
        Every attribute with its value.
    texts : dict of str to list of str
        The whole text of each block (``p``, ``h2``, ...) by its class, else by its name.
    text : str
        The whole text.
    """

    tags: list[str] = field(default_factory=list)
    attributes: set[tuple[str, str | None]] = field(default_factory=set)
    texts: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""


def read_html(source: str) -> Reading:
    """Read a piece of HTML.

    Raises
    ------
    ValueError
        If a tag is closed that is not open, or one is left open.
    """
    parser = _Parser()
    parser.feed(source)
    parser.close()
    if parser.open:
        raise ValueError(f"Left open: {parser.open} in {source!r}")
    return parser.reading


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reading = Reading()
        self.open: list[str] = []
        self._name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.reading.tags.append(tag)
        self.reading.attributes.update(attrs)
        if tag in ("p", "h2"):
            self._name = dict(attrs).get("class") or tag
            self.reading.texts.setdefault(self._name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing")
        if tag in ("p", "h2"):
            self._name = ""

    def handle_data(self, data: str) -> None:
        self.reading.text += data
        if self._name:
            self.reading.texts[self._name][-1] += data
