"""What the tools of a page have to know, brought by a component that draws nothing.

Most views draw a component that brings the news along. A page with views that draw none ends its
inner fragment with this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pages._shared.light_component import light_component

NEWS: Final = light_component(
    "news", html="<svg width='0' height='0' aria-hidden='true'></svg>", css="", constants={}
)


def draw_news(news: Mapping[str, object], *, key: str) -> None:
    """Bring the news, ``LAB.news()``, to undo and link; draw it last, when all controls had a say.

    The page loads `NEWS`.
    """
    NEWS.draw(key=key, data={"news": news})
