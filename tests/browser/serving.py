"""Starting a Streamlit app and a browser, for browser tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Error, Playwright

ROOT: Final = Path(__file__).parents[2]
_INSTALLED: Final = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_START_SECONDS: Final = 60.0


class NoBrowserError(RuntimeError):
    """No Chromium was found on this machine."""


@dataclass(frozen=True)
class App:
    """A running Streamlit app."""

    url: str
    pid: int
    log: Path

    @property
    def host(self) -> str:
        """Host and port, as in a URL."""
        return self.url.removeprefix("http://")


@contextmanager
def running_app(script: Path = ROOT / "streamlit_app.py", *options: str) -> Iterator[App]:
    """Run a script with Streamlit on a free loopback port until the block ends.

    The script's folder is the working directory, so that its ``.streamlit/config.toml`` counts.
    """
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={url.rpartition(':')[2]}"]
    command += ["--server.fileWatcherType=none", *options]
    # Settings of the person who runs the tests would win over the file's.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.txt"
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=script.parent, env=environment, stdout=output, stderr=output
            )
        try:
            _wait_until_healthy(url, process, log)
            yield App(url, process.pid, log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def launch_browser(playwright: Playwright) -> Browser:
    """Launch the Chromium that is installed, else the one that Playwright downloaded.

    Raises
    ------
    NoBrowserError
        If there is neither.
    """
    installed = next(filter(None, map(shutil.which, _INSTALLED)), None)
    try:
        return playwright.chromium.launch(executable_path=installed, args=list(_FLAGS))
    except Error as error:
        reason = str(error).splitlines()[0]
        msg = (
            f"No usable Chromium ({reason}). Install the package chromium, or run "
            "“python -m playwright install chromium”."
        )
        raise NoBrowserError(msg) from error


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.05)
    msg = f"The server at {url} did not start:\n{log.read_text()}"
    raise RuntimeError(msg)
