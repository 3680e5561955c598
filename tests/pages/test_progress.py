"""Progress: what was tried, page by page, for this session alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pages._shared import progress


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    state: dict[str, object] = {}
    monkeypatch.setattr(progress.st, "session_state", state)
    yield state


def test_nothing_is_tried_at_first() -> None:
    assert progress.tried("a.py") == frozenset()


def test_what_was_tried_is_kept_page_by_page() -> None:
    progress.note_tried("a.py", "one")
    progress.note_tried("a.py", "two")
    progress.note_tried("a.py", "one")
    progress.note_tried("b.py", "one")
    assert progress.tried("a.py") == {"one", "two"}
    assert progress.tried("b.py") == {"one"}
    assert progress.tried("c.py") == frozenset()


def test_sessions_do_not_share_progress(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    progress.note_tried("a.py", "one")
    first = progress.tried("a.py")
    monkeypatch.setattr(progress.st, "session_state", {})
    assert progress.tried("a.py") == frozenset()
    progress.note_tried("a.py", "two")
    assert first == {"one"}
    assert list(session) == ["progress"]
