"""Fetching, against a small server on this machine that plays the Hub; nothing leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from core import model_fetch
from core.model_fetch import (
    FetchError,
    FetchStoppedError,
    Progress,
    fetch_weights,
    fetched_path,
)
from tests.hub import Hub, playing, use

REPOSITORY = "timm/a_model.of_the_test"
MOST = 2_000_000


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    weights = tmp_path / "weights"
    save_file({"a": torch.arange(300_000, dtype=torch.float32)}, weights)
    with playing(Hub(REPOSITORY, weights.read_bytes())) as played:
        use(monkeypatch, played.address, tmp_path)
        yield played


def fetch(reports: list[Progress] | None = None) -> Path:
    collected = [] if reports is None else reports
    return fetch_weights(REPOSITORY, most_bytes=MOST, report=collected.append)


def left_in(folder: Path) -> list[str]:
    """Return the large files that are kept."""
    return [path.name for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 999]


def test_a_model_is_fetched_with_progress_and_then_needs_no_connection(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetched_path(REPOSITORY) is None
    reports: list[Progress] = []
    path = fetch(reports)
    assert path.read_bytes() == hub.body
    done = [report.done for report in reports]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, len(hub.body))
    assert {report.total for report in reports} == {len(hub.body)}
    assert len(done) > 3, "in steps that can be seen"

    del hub.asked[:]
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert fetched_path(REPOSITORY) == path
    assert fetch() == path
    assert not hub.asked


def test_one_file_is_asked_for_without_a_token_or_telemetry(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch()
    assert {path for _, path in hub.asked} == {f"/{REPOSITORY}/resolve/main/model.safetensors"}
    for headers in hub.headers:
        assert "authorization" not in headers
        assert "torch" not in headers["user-agent"]
        assert "agent/" not in headers["user-agent"]


def test_a_repository_without_safetensors_is_refused(hub: Hub) -> None:
    hub.error = (404, "EntryNotFound")
    with pytest.raises(FetchError, match=r"has no model\.safetensors.*could run code"):
        fetch()
    assert [method for method, _ in hub.asked] == ["HEAD"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ((404, "RepoNotFound"), "no model timm/a_model"),
        ((401, "RepoNotFound"), "no model timm/a_model"),
        ((403, "GatedRepo"), "asks for an account"),
        ((500, ""), "answered 500"),
    ],
)
def test_what_the_hub_refuses_is_said_in_a_sentence(
    hub: Hub, error: tuple[int, str], said: str
) -> None:
    hub.error = error
    with pytest.raises(FetchError, match=said):
        fetch()
    assert fetched_path(REPOSITORY) is None


def test_a_file_cut_short_is_not_kept(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The Hub's client waits a second before each further try.
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    hub.cut_to = 400_000
    reports: list[Progress] = []
    with pytest.raises(FetchError, match="broke off again and again"):
        fetch(reports)
    assert 0 < max(report.done for report in reports) <= hub.cut_to
    assert fetched_path(REPOSITORY) is None
    assert not left_in(tmp_path / "cache")


def test_a_file_that_is_not_what_the_hub_tags_is_thrown_away(hub: Hub, tmp_path: Path) -> None:
    hub.etag = "ab" * 32
    with pytest.raises(FetchError, match="arrived damaged"):
        fetch()
    assert fetched_path(REPOSITORY) is None
    assert not left_in(tmp_path / "cache")
    hub.etag = ""
    assert fetch().read_bytes() == hub.body


def test_a_file_much_larger_than_expected_is_not_fetched(hub: Hub) -> None:
    with pytest.raises(FetchError, match=r"has 1\.2 MB where 1\.0 MB were expected"):
        fetch_weights(REPOSITORY, most_bytes=1_000_000)
    assert [method for method, _ in hub.asked] == ["HEAD"]


def test_a_fetch_can_be_stopped_and_begun_again(hub: Hub, tmp_path: Path) -> None:
    hub.pause = 0.02
    reports: list[Progress] = []
    with pytest.raises(FetchStoppedError):
        fetch_weights(
            REPOSITORY,
            most_bytes=MOST,
            report=reports.append,
            stopped=lambda: bool(reports) and reports[-1].done > 0,
        )
    assert 0 < reports[-1].done < len(hub.body)
    assert fetched_path(REPOSITORY) is None
    assert not left_in(tmp_path / "cache")
    hub.pause = 0.0
    assert fetch().read_bytes() == hub.body


def test_a_folder_that_cannot_be_written_is_said(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(FetchError, match="could not be fetched"):
        fetch()


def test_a_full_disk_is_said() -> None:
    assert "no room for a/b" in model_fetch._sentence(OSError(28, "No space left on device"), "a/b")
