"""What all tests of pages share: no module leaves a model in memory for those after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit


@pytest.fixture(autouse=True, scope="module")
def _leave_no_cache() -> Iterator[None]:
    yield
    streamlit.cache_resource.clear()
