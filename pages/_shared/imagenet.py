"""ImageNet models as pages use them: fetched in the background when asked for, one in memory.

A model is fetched by one thread of the process however many readers wait for it, and the thread
stops when none of them wants it any more. What was fetched stays in the Hub's cache on disk and
needs no connection again. In memory there is one of them at most, which all sessions share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, Literal
from uuid import uuid4

import streamlit as st

from core.imagenet_models import IMAGENET_MODELS, ImageNetModel, imagenet_model
from pages._shared.page import return_free_memory, settle_memory

if TYPE_CHECKING:
    from core.model_fetch import Progress
    from core.vit_model import VisionTransformer

_READER: Final = "imagenet.reader"

Report = Callable[["Progress"], None]
Fetcher = Callable[[ImageNetModel, Report, Callable[[], bool]], None]


class NotFetchedError(RuntimeError):
    """A model that was not fetched cannot be run; the text says so to the reader."""


@dataclass(frozen=True)
class Fetching:
    """What is known of the fetch of a model.

    Attributes
    ----------
    state : {"fetching", "fetched", "failed", "stopped"}
    done : int
        Bytes that have arrived.
    total : int or None
        Bytes of the whole file, once they are known.
    problem : str
        What went wrong, in a sentence.
    """

    state: Literal["fetching", "fetched", "failed", "stopped"] = "fetching"
    done: int = 0
    total: int | None = None
    problem: str = ""


class FetchDesk:
    """Where readers ask for models: each is fetched once, for all who wait for it.

    Parameters
    ----------
    fetch : callable
        Fetches a model in the thread that calls it. Gets the model, what to call with the
        progress, and what tells whether to stop; raises a `core.model_fetch.FetchError`.
    """

    def __init__(self, fetch: Fetcher) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._known: dict[str, Fetching] = {}
        self._waiting: dict[str, frozenset[str]] = {}

    def ask(self, entry: ImageNetModel, reader: str) -> None:
        """Wait for a model from here on; begin to fetch it unless someone has."""
        with self._lock:
            known = self._known.get(entry.name)
            if known is not None and known.state == "fetching":
                self._waiting[entry.name] = self._readers(entry.name) | {reader}
                return
            # Who waited for an earlier fetch has seen how that one ended.
            self._waiting[entry.name] = frozenset({reader})
            self._known[entry.name] = Fetching()
        Thread(target=self._run, args=(entry,), daemon=True).start()

    def leave(self, name: str, reader: str) -> None:
        """Wait no longer for a model; its fetch stops if nobody else waits."""
        with self._lock:
            self._waiting[name] = self._readers(name) - {reader}

    def of(self, name: str, reader: str) -> Fetching | None:
        """Return what is known of the fetch that a reader waits for, or None."""
        with self._lock:
            return self._known.get(name) if reader in self._readers(name) else None

    def _readers(self, name: str) -> frozenset[str]:
        return self._waiting.get(name, frozenset())

    def _run(self, entry: ImageNetModel) -> None:
        from core.model_fetch import FetchStoppedError

        def report(progress: Progress) -> None:
            self._note(entry.name, Fetching(done=progress.done, total=progress.total))

        try:
            self._fetch(entry, report, lambda: not self._readers(entry.name))
        except FetchStoppedError as error:
            with self._lock:
                if not self._readers(entry.name):
                    self._known[entry.name] = Fetching("stopped", problem=str(error))
                    return
            self._run(entry)  # somebody has asked for it while it was being stopped
        except Exception as error:  # nothing that happens there may leave readers waiting
            self._note(entry.name, Fetching("failed", problem=str(error)))
        else:
            self._note(entry.name, Fetching("fetched"))

    def _note(self, name: str, fetching: Fetching) -> None:
        with self._lock:
            self._known[name] = fetching


@st.cache_resource(show_spinner=False)
def desk() -> FetchDesk:
    """Return the desk of this process."""
    return FetchDesk(_fetch)


def reader() -> str:
    """Return a name for this session, which no other has."""
    name: str = st.session_state.setdefault(_READER, uuid4().hex)
    return name


def ask(name: str) -> None:
    """Fetch a model in the background, for this session."""
    desk().ask(imagenet_model(name), reader())


def leave(name: str) -> None:
    """Wait no longer for a model in this session."""
    desk().leave(name, reader())


def fetching(name: str) -> Fetching | None:
    """Return what is known of the fetch that this session waits for, or None."""
    return desk().of(name, reader())


def path_of(name: str) -> Path | None:
    """Return the file of a model that was fetched, or None. Makes no connection."""
    from core.model_fetch import fetched_path

    return fetched_path(imagenet_model(name).hub_id)


def fetched_models() -> tuple[ImageNetModel, ...]:
    """Return the models that need no connection any more."""
    return tuple(entry for entry in IMAGENET_MODELS if path_of(entry.name) is not None)


def not_here(name: str) -> str:
    """Say that a model has to be fetched before it can be run."""
    return f"“{imagenet_model(name).title}” has not been fetched here."


def problem_with(name: str) -> str:
    """Say why a model cannot be run, or nothing if it can; each file is tried once."""
    path = path_of(name)
    if path is None:
        return not_here(name)
    return _try(name, path, path.stat().st_mtime_ns)


@st.cache_data(max_entries=32, show_spinner=False)
def _try(name: str, path: Path, changed: int) -> str:
    del changed  # a file that was replaced is tried again
    try:
        _load(name, path)
    except NotFetchedError as error:
        return str(error)
    return ""


def load(name: str) -> VisionTransformer:
    """Return a model that was fetched, loaded if it is not the one in memory.

    Raises
    ------
    NotFetchedError
        If there is no file of it, or not one that can be used.
    """
    path = path_of(name)
    if path is None:
        raise NotFetchedError(problem_with(name))
    return _load(name, path)


@st.cache_resource(show_spinner=False)
def class_names() -> tuple[str, ...]:
    """Return a short name for each class; loads torch and timm, as the models do."""
    from core.imagenet_vit import class_names as make_names

    names = make_names()
    return_free_memory()  # they are looked up among those of 80,000
    return names


@st.cache_resource(max_entries=1, show_spinner="Loading the model…")
def _load(name: str, _path: Path) -> VisionTransformer:
    import torch

    from core.imagenet_vit import build_imagenet_model
    from core.weights import WeightsError

    torch.set_num_threads(1)
    return_free_memory()
    try:
        model = build_imagenet_model(imagenet_model(name), _path)
    except WeightsError as error:
        raise NotFetchedError(f"{error} Delete the file and fetch it again.") from error
    settle_memory("torch and timm")
    return model


def _fetch(entry: ImageNetModel, report: Report, stopped: Callable[[], bool]) -> None:
    from core.model_fetch import fetch_weights

    fetch_weights(entry.hub_id, most_bytes=4 * entry.n_parameters, report=report, stopped=stopped)
