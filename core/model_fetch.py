"""Fetch a model's weights from the Hugging Face Hub: only when asked, and never a pickle.

The Hub's own client does the fetching: it knows proxies and mirrors, and keeps files where other
programs find them too. Here it is asked for one file, ``model.safetensors``, without anyone's
token and without telemetry; what it says when something goes wrong becomes one sentence for the
reader.

Environment variables that it heeds: ``HTTPS_PROXY`` and ``NO_PROXY``, ``HF_ENDPOINT`` (a mirror of
the Hub), ``HF_HUB_OFFLINE`` (never connect), ``HF_HOME`` and ``HF_HUB_CACHE`` (where files are
kept).
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, cast

from huggingface_hub import constants, errors
from huggingface_hub.file_download import (
    HfFileMetadata,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)

from core.hub_probe import FetchError, probe_hub, reason_of

__all__ = [
    "FetchError",
    "FetchStoppedError",
    "Progress",
    "fetch_weights",
    "fetched_path",
    "kept_in",
]

FILE: Final = "model.safetensors"
# How long a connection that stands may stay silent.
_SILENT_SECONDS: Final = 10.0
# A file may be larger than the list says by its header and a little more.
_ROOM: Final = 1.1
# Between two reports of progress, and before a wish to stop is heard.
_CHUNK_BYTES: Final = 2**18
# How often a file may begin anew, after a connection that broke, before that is given up.
_MOST_RESTARTS: Final = 2


class FetchStoppedError(FetchError):
    """The fetch was stopped because the reader wished so."""


@dataclass(frozen=True)
class Progress:
    """How far a fetch has come, in bytes; the total is None while it is not known."""

    done: int = 0
    total: int | None = None


def kept_in() -> Path:
    """Return the folder that fetched models are kept in."""
    return Path(constants.HF_HUB_CACHE)


def fetched_path(hub_id: str) -> Path | None:
    """Return the weights of a model that was fetched before, or None; makes no connection."""
    found = try_to_load_from_cache(hub_id, FILE, cache_dir=kept_in())
    return Path(found) if isinstance(found, str) else None


def fetch_weights(
    hub_id: str,
    *,
    most_bytes: float,
    report: Callable[[Progress], None] = lambda progress: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetch the weights of a model, or find them if they were fetched before.

    Parameters
    ----------
    hub_id : str
        The model's repository, ``owner/name``.
    most_bytes : float
        How large the file should be; one that is more than a tenth larger is refused.
    report : callable
        Called with the progress, from the thread that fetches.
    stopped : callable
        Whether the reader wishes to stop; asked between two pieces of the file.

    Returns
    -------
    Path
        The file in the Hub's cache.

    Raises
    ------
    FetchError
        If there is no connection, no such model, no safetensors file, or the file arrived
        damaged; then nothing of it is kept.
    FetchStoppedError
        If the reader stopped it.
    """
    if (found := fetched_path(hub_id)) is not None:
        return found
    _prepare_hub()
    probe_hub()
    try:
        about = get_hf_file_metadata(hf_hub_url(hub_id, FILE), token=False, timeout=_SILENT_SECONDS)
        _require_size(about, hub_id, most_bytes)
        reports = partial(_Reports, report, stopped)
        reports(total=about.size).update(0)
        path = hf_hub_download(
            hub_id,
            FILE,
            cache_dir=kept_in(),
            token=False,
            tqdm_class=cast("type[Any]", reports),
        )
    except FetchError:
        raise
    except Exception as error:  # the client, what it stands on, the disk: many kinds
        raise FetchError(_sentence(error, hub_id)) from error
    _require_hash(Path(path), about.etag, hub_id)
    return Path(path)


def _prepare_hub() -> None:
    """Set the Hub's client up for this lab; it reads these when a call is made.

    No telemetry; and plain HTTP rather than its newer protocol, whose transfers run in a library
    of their own, where they cannot be stopped.
    """
    constants.HF_HUB_DISABLE_TELEMETRY = True
    constants.HF_HUB_DISABLE_XET = True
    constants.DOWNLOAD_CHUNK_SIZE = _CHUNK_BYTES


class _Reports:
    """What the Hub's client takes for a progress bar."""

    def __init__(
        self,
        report: Callable[[Progress], None],
        stopped: Callable[[], bool],
        *,
        total: int | None = None,
        initial: int = 0,
        **appearance: Any,  # noqa: ANN401 (of a bar that is not drawn)
    ) -> None:
        del appearance
        self._report, self._stopped = report, stopped
        self._done, self._total = initial, total
        self._restarts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Leave errors as they are."""

    def update(self, n_bytes: int) -> None:
        """Report bytes that have arrived, or stop; fewer than none mean that it begins anew."""
        if self._stopped():
            raise FetchStoppedError("Stopped; nothing was kept.")
        self._restarts += n_bytes < 0
        if self._restarts > _MOST_RESTARTS:  # the Hub's client would never give up
            raise FetchError(
                "The connection broke off again and again, so nothing was kept. Try again later."
            )
        self._done += n_bytes
        self._report(Progress(self._done, self._total))


def _require_size(about: HfFileMetadata, hub_id: str, most_bytes: float) -> None:
    if about.size is not None and about.size > _ROOM * most_bytes:
        raise FetchError(
            f"The file of {hub_id} has {about.size / 1e6:.1f} MB where {most_bytes / 1e6:.1f} MB "
            "were expected, so it was not fetched."
        )


def _require_hash(path: Path, etag: str | None, hub_id: str) -> None:
    """Hold the file to its SHA-256, with which the Hub tags large files; a mirror may not."""
    if etag is None or not re.fullmatch("[0-9a-f]{64}", etag):
        return
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() == etag:
            return
    kept = path.resolve()  # elsewhere, if the cache has links
    for damaged in {path, kept}:
        with suppress(OSError):
            damaged.unlink()
    raise FetchError(
        f"The weights of {hub_id} arrived damaged: their SHA-256 is not the one that the Hub "
        "states. They were thrown away; try again."
    )


def _sentence(error: Exception, hub_id: str) -> str:
    """Say what went wrong with a fetch."""
    words = f"{hub_id} could not be fetched: {reason_of(error)}. Nothing was kept; try again."
    if isinstance(error, errors.RepositoryNotFoundError):
        words = f"There is no model {hub_id} at {constants.ENDPOINT}, or it asks for an account."
    elif isinstance(error, errors.RemoteEntryNotFoundError):
        words = (
            f"{hub_id} has no {FILE}. Other kinds of files could run code when they are opened, "
            "so nothing was fetched."
        )
    elif isinstance(error, errors.HfHubHTTPError):
        words = f"The Hub refused to send {hub_id}: it answered {error.response.status_code}."
    elif isinstance(error, errors.LocalEntryNotFoundError) and error.__cause__ is not None:
        words = f"The Hub did not answer as expected: {reason_of(error.__cause__)}."
    elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
        words = f"There is no room for {hub_id} in {kept_in()}; nothing was kept."
    elif "Consistency check failed" in str(error):
        words = f"The weights of {hub_id} arrived cut short; nothing was kept. Try again."
    return words
