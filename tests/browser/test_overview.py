"""The first page's live attention."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from core.attention import scaled_dot_product_attention
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_an_edit_moves_weights_output_and_words(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    expect(visitor.page.get_by_text("“it” reads “animal” (0.92)")).to_be_visible()
    visitor.typed("Query", 0, 0, "-2")
    query, key, value = (visitor.numbers(title) for title in ("Query", "Keys", "Values"))
    attention = scaled_dot_product_attention(query, key, value)
    visitor.wait_numbers("Weights", attention.weights)
    visitor.wait_numbers("Output", attention.output)
    assert attention.weights[0].argmax() == 1
    expect(visitor.page.get_by_text("“it” reads “street”")).to_be_visible()
    visitor.page.get_by_role("button", name="Reset Query").click()
    expect(visitor.page.get_by_text("“it” reads “animal” (0.92)")).to_be_visible()


def test_an_edit_survives_another_page(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    visitor.typed("Keys", 1, 0, "3")
    visitor.settle()
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] < 0.9, lambda: "no answer")
    weights = visitor.numbers("Weights")
    visitor.go("Scaled dot-product", "Q")
    visitor.go("Overview", "Keys")
    np.testing.assert_array_equal(visitor.numbers("Weights"), weights)
    assert visitor.numbers("Keys")[1, 0] == 3
