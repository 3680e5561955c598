"""Settings for every test: one torch thread, no deadlines on busy cores, long files first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

# Before anything imports torch: on shared cores two threads mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("lab", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lab")

# Minutes each, the longest first. What begins them last has nobody to share the wait with.
LONGEST: Final = (
    *("browser/test_accessibility.py", "browser/test_links.py", "browser/test_take.py"),
    *("browser/test_shell.py", "browser/test_lesson.py", "pages/test_notebooks.py"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Say at the end what was skipped and why, however pytest was called."""
    if "s" not in config.option.reportchars:
        config.option.reportchars += "s"
    # xdist would begin with the files of most tests, and end with the few that take longest.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the files that take longest first, then other browser tests, then what is quick."""
    root = Path(__file__).parent

    def place(item: pytest.Item) -> tuple[int, int]:
        name = item.path.relative_to(root).as_posix()
        longest = LONGEST.index(name) if name in LONGEST else len(LONGEST)
        kinds = ("browser/", "pages/", "core/")
        kind = next((n for n, start in enumerate(kinds) if name.startswith(start)), len(kinds))
        return longest, kind

    items.sort(key=place)
