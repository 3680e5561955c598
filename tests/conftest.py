"""Settings for every test: one torch thread, and hypothesis without deadlines on busy cores."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Before anything imports torch: on shared cores two threads mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("lab", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lab")


def pytest_configure(config: pytest.Config) -> None:
    """Say at the end what was skipped and why, however pytest was called."""
    if "s" not in config.option.reportchars:
        config.option.reportchars += "s"
