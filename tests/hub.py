"""A small server on this machine that plays the Hugging Face Hub; nothing leaves it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the server sends for one repository, and what it was asked."""

    repository: str
    body: bytes = b""
    cut_to: int | None = None
    pause: float = 0.0
    error: tuple[int, str] | None = None
    etag: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    @property
    def tag(self) -> str:
        return self.etag or hashlib.sha256(self.body).hexdigest()


def _handler_of(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, *, with_body: bool) -> None:
            hub.asked.append((self.command, self.path))
            hub.headers.append({name.lower(): value for name, value in self.headers.items()})
            wanted = f"/{hub.repository}/resolve/main/model.safetensors"
            status, code = hub.error or (200, "")
            if self.path != wanted and hub.error is None:
                status, code = 404, "RepoNotFound"
            self.send_response(status)
            self.send_header("X-Repo-Commit", COMMIT)
            if status != 200:
                self.send_header("X-Error-Code", code)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_header("ETag", f'"{hub.tag}"')
            self.send_header("Content-Length", str(len(hub.body)))
            self.send_header("Content-Disposition", 'inline; filename="model.safetensors"')
            self.end_headers()
            if with_body:
                self.send_body()

        def send_body(self) -> None:
            body = hub.body[: hub.cut_to]
            step = 1 + len(body) // 8
            for start in range(0, len(body), step):
                try:
                    self.wfile.write(body[start : start + step])
                    self.wfile.flush()
                except OSError:  # the client went away
                    return
                time.sleep(hub.pause)
            self.close_connection = len(body) < len(hub.body)

        def log_message(self, *_words: object) -> None:
            pass

    return Handler


@contextmanager
def playing(hub: Hub) -> Iterator[Hub]:
    """Let the server run meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(hub))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        close_session()


def use(monkeypatch: pytest.MonkeyPatch, address: str, folder: Path) -> None:
    """Let the Hub be at an address, and what is fetched be kept in a folder of the test."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.removeprefix(constants.ENDPOINT)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + template)
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()


def put_in_cache(repository: str, weights: Path, folder: Path) -> Path:
    """Lay a file where the Hub's client would have left it, in the folder given to `use`."""
    kept = folder / "cache" / f"models--{repository.replace('/', '--')}"
    path = kept / "snapshots" / COMMIT / "model.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    (kept / "refs").mkdir(exist_ok=True)
    (kept / "refs" / "main").write_text(COMMIT)
    path.unlink(missing_ok=True)
    path.hardlink_to(weights)
    return path
