"""Settings for every test: one torch thread, and hypothesis without deadlines on busy cores."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Before anything imports torch: on shared cores two threads mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("lab", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lab")
