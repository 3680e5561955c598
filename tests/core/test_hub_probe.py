"""Whether the Hub is within reach is known within seconds, with a proxy in between or without."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from core import hub_probe
from core.hub_probe import FetchError, hub_host, probe_hub
from core.model_fetch import fetch_weights
from tests.hub import Hub, playing, use

REPOSITORY = "timm/a_model.of_the_test"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with playing(Hub(REPOSITORY, b"nothing")) as played:
        use(monkeypatch, played.address, tmp_path)
        yield played


def fetch() -> Path:
    return fetch_weights(REPOSITORY, most_bytes=1_000)


def test_a_hub_that_takes_connections_is_there(hub: Hub) -> None:
    probe_hub()
    assert hub_host() == "127.0.0.1"
    assert not hub.asked, "a connection, and no more"


def test_offline_is_found_out_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        use(monkeypatch, f"http://127.0.0.1:{free.getsockname()[1]}", tmp_path)
    start = time.perf_counter()
    with pytest.raises(FetchError, match=r"No connection to 127\.0\.0\.1: Connection refused"):
        fetch()
    assert time.perf_counter() - start < 1


def test_a_look_up_that_never_returns_takes_less_than_three_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "https://hub.invalid", tmp_path)
    released = threading.Event()

    def hang(*_address: object, **_kinds: object) -> list[object]:
        released.wait(30)
        raise OSError("released")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    start = time.perf_counter()
    with pytest.raises(FetchError, match=r"No connection to hub\.invalid: no answer within 2\.5"):
        fetch()
    assert time.perf_counter() - start < 3
    released.set()


def test_a_host_that_takes_no_connection_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:  # the queue is full, so nobody else gets through
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        use(monkeypatch, f"http://127.0.0.1:{full.getsockname()[1]}", tmp_path)
        with pytest.raises(FetchError, match=r"No connection to 127\.0\.0\.1: (no answer|timed)"):
            probe_hub(0.2)
        for one in waiting:
            one.close()


def test_the_switch_for_no_connections_is_obeyed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(FetchError, match="HF_HUB_OFFLINE"):
        fetch()
    assert not hub.asked


def test_the_address_of_a_mirror_comes_from_the_environment() -> None:
    program = "from core.hub_probe import probe_hub; probe_hub()"
    environment = {"HF_ENDPOINT": "http://127.0.0.1:1/", "PATH": "", "NO_PROXY": "*"}
    ran = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, env=environment
    )
    assert b"No connection to 127.0.0.1: Connection refused" in ran.stderr


def test_behind_a_proxy_the_proxy_is_asked(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = hub.address  # a proxy is asked for the whole address of what is wanted
    use(monkeypatch, "http://hub.invalid", tmp_path)
    for name, value in (("http_proxy", proxy), ("no_proxy", "")):
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.upper(), value)
    probe_hub()
    with pytest.raises(FetchError, match="no model timm/a_model"):
        fetch()
    assert hub.asked[0][1].startswith("http://hub.invalid/")
    monkeypatch.setenv("NO_PROXY", "hub.invalid")
    monkeypatch.setenv("no_proxy", "hub.invalid")
    assert hub_probe._first_stop(constants.ENDPOINT) == ("hub.invalid", 80, "")


@pytest.mark.parametrize(
    ("proxy", "stop"),
    [
        ("http://corner:3128", ("corner", 3128, ", the proxy")),
        ("corner:3128", ("corner", 3128, ", the proxy")),
        ("https://name:word@corner", ("corner", 443, ", the proxy")),
        ("socks5://corner", ("corner", 1080, ", the proxy")),
    ],
)
def test_a_proxy_is_written_in_several_ways(
    proxy: str, stop: tuple[str, int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_probe, "getproxies", lambda: {"https": proxy})
    monkeypatch.setattr(hub_probe, "proxy_bypass", lambda host: False)
    assert hub_probe._first_stop("https://huggingface.co") == stop


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(FetchError, match="not valid"):
        hub_probe._first_stop("https://huggingface.co:port")
