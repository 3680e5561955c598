"""What every page does for the memory of the server."""

from __future__ import annotations

import platform

import numpy as np
import psutil
import pytest

from pages._shared.page import return_free_memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what was freed")
def test_freed_memory_is_handed_back() -> None:
    # Small enough for glibc's pools; what lies above keeps them from shrinking by themselves.
    arrays = [np.ones(12_500) for _ in range(400)]  # 40 MB
    above = np.ones(12_500)
    arrays.clear()
    before = psutil.Process().memory_info().rss
    return_free_memory()
    assert before - psutil.Process().memory_info().rss > 20e6
    assert above.all()
