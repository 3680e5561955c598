"""Is the Hugging Face Hub within reach? An answer within seconds, in any case.

A look-up of a name, or a connection, may hang for a minute where there is no network. So both are
tried in a thread of their own, which is not waited for.
"""

from __future__ import annotations

import socket
from queue import Empty, Queue
from threading import Thread
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from huggingface_hub import constants

PROBE_SECONDS: Final = 2.5
_PORTS: Final = {"http": 80, "https": 443, "socks4": 1080, "socks5": 1080, "socks5h": 1080}


class FetchError(RuntimeError):
    """A model could not be fetched; the text is one or two sentences for the reader."""


def hub_host() -> str:
    """Return the host that models are fetched from."""
    return urlsplit(constants.ENDPOINT).hostname or constants.ENDPOINT


def probe_hub(seconds: float = PROBE_SECONDS) -> None:
    """Find out whether the Hub, or the proxy on the way to it, takes connections.

    Parameters
    ----------
    seconds : float
        When to give up, even if the look-up of the name itself never returns.

    Raises
    ------
    FetchError
        If it does not, or if connections are switched off.
    """
    if constants.is_offline_mode():
        raise FetchError(
            "Connections are switched off here by HF_HUB_OFFLINE, so nothing can be fetched."
        )
    host, port, via = _first_stop(constants.ENDPOINT)
    answers: Queue[OSError | None] = Queue()

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=seconds).close()
            answers.put(None)
        except OSError as error:
            answers.put(error)
        except UnicodeError as error:  # a host whose name cannot be looked up at all
            answers.put(OSError(str(error)))

    Thread(target=connect, daemon=True).start()
    try:
        problem = answers.get(timeout=seconds)
    except Empty:
        problem = TimeoutError(f"no answer within {seconds:g} seconds")
    if problem is not None:
        raise FetchError(
            f"No connection to {host}{via}: {reason_of(problem)}. Everything else here works "
            "without one."
        ) from problem


def _first_stop(endpoint: str) -> tuple[str, int, str]:
    """Return host and port of the Hub, or of its proxy, and in words which of them it is."""
    hub = urlsplit(endpoint)
    host = hub.hostname or ""
    proxies = getproxies()
    proxy = proxies.get(hub.scheme) or proxies.get("all")
    try:
        if proxy and not proxy_bypass(host):
            stop = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
            return stop.hostname or "", stop.port or _PORTS.get(stop.scheme, 80), ", the proxy"
        return host, hub.port or _PORTS.get(hub.scheme, 443), ""
    except ValueError as error:  # a port that is no number
        raise FetchError(
            f"The address of the Hub or of its proxy is not valid: {error}."
        ) from error


def reason_of(error: BaseException) -> str:
    """Return an error's own words, on one line, without a full stop at the end."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    words = " ".join(text.split()).rstrip(".")
    return words or type(error).__name__
