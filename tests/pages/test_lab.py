"""Every page answers to an edit, to undo and to a link: its live part is put together rightly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from pages._shared.catalog import PAGES
from pages._shared.lab import Lab
from pages._shared.light_component import LightComponent
from pages._shared.take import TAKE
from pages._shared.tools_bar import TOOLS
from tests.pages.app import open_page

BEGIN = "LAB.begin_live()"


@dataclass
class Watched:
    """What a page did in each of its fragments, in order: components with their news, and calls."""

    outer: str | None = None
    bar: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)

    def note(self, what: str, news: dict[str, Any]) -> None:
        fragment = ThreadState.get().fragment_id
        if fragment is not None and fragment != self.outer and what != TAKE.name:
            self.steps.setdefault(fragment, []).append((what, news))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Watch the page that runs next."""
    seen = Watched()
    start, begin_live, draw = Lab.start, Lab.begin_live, LightComponent.draw

    def note_start(lab: Lab[Any, Any], *given: Any) -> None:  # noqa: ANN401
        seen.outer = ThreadState.get().fragment_id
        start(lab, *given)

    def note_begin(lab: Lab[Any, Any]) -> None:
        seen.note(BEGIN, {})
        begin_live(lab)

    def note_drawn(
        one: LightComponent, *, data: dict[str, Any], **given: Callable[..., Any]
    ) -> None:
        if one is TOOLS:
            seen.bar = data["news"]
        seen.note(one.name, data.get("news") or {})
        draw(one, data=data, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Lab, "start", note_start)
    monkeypatch.setattr(Lab, "begin_live", note_begin)
    monkeypatch.setattr(LightComponent, "draw", note_drawn)
    return seen


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(
            page.file, marks=[pytest.mark.slow] if page.section == "Trained models" else []
        )
        for page in PAGES
    ],
)
def test_what_answers_to_an_edit_begins_anew_and_brings_the_news(
    file: str, watched: Watched
) -> None:
    """The bar of undo and link is drawn less often: without news it would not follow."""
    app = open_page(file).run()
    assert not app.exception
    assert watched.outer is not None, (
        f"{file}: draw_lab, a fragment, begins with LAB.start(switches)"
    )
    assert watched.steps, (
        f"{file}: what answers to an edit is to be a fragment of its own, called in draw_lab; it "
        f"begins with {BEGIN} and gives news=LAB.news() to its board or map"
    )
    for steps in watched.steps.values():
        names = [what for what, _ in steps]
        assert names[0] == BEGIN, (
            f"{file}: the fragment that draws {names[0]} is to begin with {BEGIN}, else the "
            "controls and the bar keep what was there before an undo"
        )
        brought = [news for _, news in steps if news]
        assert brought, (
            f"{file}: none of {names[1:]} brings news; pass news=LAB.news(), else undo and link "
            "do not follow an edit"
        )
        for news in brought:
            assert news["page"] == watched.bar["page"]
            assert news["serial"] >= watched.bar["serial"]
