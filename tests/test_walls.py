"""The walls between the parts of the lab, checked over every file that there is.

Nothing here names the files to look at: new ones are covered from the day they are written.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DRAWING = {"streamlit", "altair", "pandas", "matplotlib", "plotly"}
HEAVY = {"torch", "timm", "torchvision", "onnx", "onnxruntime", "transformers"}
UNSAFE_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve"}
UNSAFE_FILES = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin", ".joblib"}
# NumPy only, for good; other modules may choose torch, but then by an import of their own.
NUMPY_MODULES = {
    "core.softmax",
    "core.masks",
    "core.attention",
    "core.multi_head",
    "core.positional",
    "core.presets",
    "core.explain",
    "core.images",
    "core.attention_maps",
    "core.faithfulness",
    "core.sweeps",
    "core.head_sweep",
    "core.set_sweep",
    "core.digits",
    "core.digit_ink",
    "core.digit_changes",
    "core.digit_settings",
    "core.pad_ink",
    "core.prototypes",
    "core.teaching",
    "core.anatomy",
    "core.named_tensor",
    "core.needed_blocks",
    "core.model_shape",
    "core.model_sizes",
    "core.known_models",
    "core.sampling",
    "core.gpt_records",
}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def all_python_files() -> list[Path]:
    """Return every Python file but those in hidden folders, such as a virtual environment."""
    folders = [path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."]
    return [*python_files(*folders), *ROOT.glob("*.py")]


def pages() -> list[Path]:
    entry = ROOT / "streamlit_app.py"
    return sorted((ROOT / "pages").glob("*.py")) + ([entry] if entry.exists() else [])


def called(path: Path) -> str:
    """Name a file in a test's id, short and the same on every machine."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def run_on_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, but not into functions or TYPE_CHECKING blocks: what importing it runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from (node for kept in child.orelse for node in ast.walk(kept))
            continue
        yield child
        yield from run_on_import(child)


@cache
def imported(path: Path, *, on_import_only: bool = False) -> frozenset[str]:
    """Return the dotted names that a file imports: modules, and modules joined to names."""
    nodes = run_on_import(parse(path)) if on_import_only else ast.walk(parse(path))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = module_name(path).split(".")
            # `from . import x` in core/a.py: one level up from core.a is core
            level = node.level - (path.name == "__init__.py")
            base = package[: len(package) - level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def packages(names: frozenset[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def file_of(name: str) -> Path | None:
    """Find the file of one of our own modules."""
    place = ROOT.joinpath(*name.split("."))
    choices = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in choices if path.exists()), None)


def loaded_with(path: Path) -> dict[str, str]:
    """Return every package that importing a file loads, each with the chain of files to it."""
    found: dict[str, str] = {}
    seen: set[Path] = set()
    waiting = [(path, called(path))]
    while waiting:
        here, chain = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        names = imported(here, on_import_only=True)
        for package in packages(names):
            found.setdefault(package, chain)
        for name in sorted(names):
            there = file_of(name) if name.startswith(("core.", "pages.")) else None
            if there is not None:
                waiting.append((there, f"{chain} -> {called(there)}"))
    return found


def numpy_modules() -> list[Path]:
    """Return the modules of core that do not say, by importing it, that they need torch."""
    return [path for path in python_files("core") if not packages(imported(path)) & HEAVY]


def functions_used(path: Path) -> set[str]:
    """Return the dotted names that a file calls or refers to, such as torch.load."""
    return {ast.unparse(node) for node in ast.walk(parse(path)) if isinstance(node, ast.Attribute)}


# --- who may import what ---------------------------------------------------------------------


@pytest.mark.parametrize("path", python_files("core"), ids=called)
def test_core_computes_and_does_not_draw(path: Path) -> None:
    assert not packages(imported(path)) & (DRAWING | {"pages", "streamlit_app", "tests"})


def test_only_pages_import_streamlit() -> None:
    drawing = {path for path in all_python_files() if "streamlit" in packages(imported(path))}
    strangers = drawing - set(python_files("pages", "tests")) - set(pages())
    assert not {called(path) for path in strangers}


@pytest.mark.parametrize("path", numpy_modules(), ids=called)
def test_numpy_modules_load_no_torch_by_the_back_door(path: Path) -> None:
    loaded = loaded_with(path)
    assert not {chain for package, chain in loaded.items() if package in HEAVY}


def test_numpy_modules_stay_numpy_modules() -> None:
    present = {module_name(path) for path in python_files("core")}
    numpy_only = {module_name(path) for path in numpy_modules()}
    assert "core.attention" in numpy_only
    assert not NUMPY_MODULES - present
    assert not NUMPY_MODULES - numpy_only


def test_numpy_modules_load_nothing_heavy_when_they_are_imported() -> None:
    names = [module_name(path) for path in numpy_modules()]
    program = f"import sys, {', '.join(names)}; print(*{{n.split('.')[0] for n in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.split())
    assert {"core", "numpy"} <= loaded
    assert not loaded & (HEAVY | DRAWING)


@pytest.mark.parametrize("path", pages(), ids=called)
def test_pages_do_not_wait_for_torch_before_they_are_drawn(path: Path) -> None:
    loaded = loaded_with(path)
    assert not {chain for package, chain in loaded.items() if package in HEAVY}


# --- what may not be anywhere ----------------------------------------------------------------


@pytest.mark.parametrize("path", python_files("core", "pages", "assets"), ids=called)
def test_no_pickle(path: Path) -> None:
    assert not packages(imported(path)) & UNSAFE_MODULES
    assert "torch.load" not in functions_used(path) | imported(path)
    allowing = [
        keyword
        for keyword in ast.walk(parse(path))
        if isinstance(keyword, ast.keyword) and keyword.arg == "allow_pickle"
    ]
    assert all(ast.unparse(keyword.value) == "False" for keyword in allowing)


def test_no_weights_in_a_format_that_runs_code() -> None:
    folders = (ROOT / name for name in ("core", "pages", "assets"))
    files = (path for folder in folders for path in folder.rglob("*"))
    assert not {called(path) for path in files if path.suffix in UNSAFE_FILES}


@pytest.mark.parametrize("path", pages(), ids=called)
def test_pages_do_not_take_the_name_of_a_standard_module(path: Path) -> None:
    # Their folder may come first in the search path; a select.py there once broke the server.
    assert path.stem not in sys.stdlib_module_names


# --- sizes -----------------------------------------------------------------------------------


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", python_files("core"), ids=called)
def test_core_files_can_be_read_in_one_sitting(path: Path) -> None:
    assert lines(path) <= 250


@pytest.mark.parametrize("path", pages(), ids=called)
def test_pages_can_be_read_in_one_sitting(path: Path) -> None:
    assert lines(path) <= 180


# --- the walls themselves --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "everywhere", "on_import"),
    [
        ("import torch.nn as nn", {"torch"}, {"torch"}),
        ("def f():\n    import torch", {"torch"}, set()),
        ("try:\n    from torch import nn\nexcept ImportError: pass", {"torch"}, {"torch"}),
        ("class A:\n    import torch", {"torch"}, {"torch"}),
        ("if TYPE_CHECKING:\n    import torch", {"torch"}, set()),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import torch", {"torch"}, {"torch"}),
        ("x = 'import torch'", set(), set()),
    ],
)
def test_imports_are_found_where_they_stand(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    everywhere: set[str],
    on_import: set[str],
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "example.py"
    path.write_text(source, encoding="utf-8")
    assert packages(imported(path)) == everywhere
    assert packages(imported(path, on_import_only=True)) == on_import


def test_the_back_door_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "core/front.py").write_text("from core import middle", encoding="utf-8")
    (tmp_path / "core/middle.py").write_text("from .back import thing", encoding="utf-8")
    (tmp_path / "core/back.py").write_text("import torch\nthing = 1", encoding="utf-8")
    chain = loaded_with(tmp_path / "core/front.py")["torch"]
    assert chain == "core/front.py -> core/middle.py -> core/back.py"
