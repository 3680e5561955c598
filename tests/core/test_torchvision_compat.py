"""The remedy for a torchvision whose compiled operators do not fit the installed torch."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest
import torch

from core import torchvision_compat
from core.torchvision_compat import declare_missing_operators, import_timm


def fail_with(monkeypatch: pytest.MonkeyPatch, *messages: str, always: bool = False) -> None:
    """Let the next imports of torchvision fail with these messages, then succeed."""
    queue = list(messages)

    def import_module(name: str) -> ModuleType:
        assert name == "torchvision"
        if queue:
            raise RuntimeError(queue[0] if always else queue.pop(0))
        return ModuleType("torchvision")

    monkeypatch.setattr(importlib, "import_module", import_module)
    monkeypatch.setattr(torchvision_compat, "_forget_half_imported_torchvision", lambda: None)


def test_timm_can_be_imported_and_makes_models() -> None:
    timm = import_timm()
    assert "vit_small_patch14_dinov2" in timm.list_models("vit_small_patch14_dinov2*")


def test_a_working_torchvision_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch)
    assert declare_missing_operators() == ()


def test_missing_operators_are_declared_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("made_up_for_a_test", "another_for_a_test")
    assert not hasattr(torch.ops.torchvision, names[0])
    fail_with(monkeypatch, *(f"operator torchvision::{name} does not exist" for name in names))
    assert declare_missing_operators() == names
    for name in names:
        schema = getattr(torch.ops.torchvision, name).default._schema
        assert [argument.name for argument in schema.arguments] == [
            "dets",
            "scores",
            "iou_threshold",
        ]


def test_any_other_failure_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, "something else is wrong")
    with pytest.raises(RuntimeError, match="something else is wrong"):
        declare_missing_operators()


def test_it_does_not_try_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    declared: list[str] = []
    monkeypatch.setattr(torchvision_compat, "_declare", declared.append)
    fail_with(monkeypatch, "operator torchvision::stubborn does not exist", always=True)
    with pytest.raises(ImportError, match="belong together"):
        declare_missing_operators()
    assert len(declared) == torchvision_compat.MAX_MISSING_OPERATORS + 1
