"""Programs run as a reader would run them: in a Python that knows nothing of the lab."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# One interpreter for many programs, because importing torch takes seconds; each gets a namespace
# of its own.
_RUNNER: Final = """
import contextlib, io, json, sys
results = []
for cells in json.load(sys.stdin):
    namespace = {"__name__": "__main__"}
    printed, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(warned):
        for cell in cells:
            exec(compile(cell, "<program>", "exec"), namespace)
    results.append((printed.getvalue(), warned.getvalue()))
json.dump(results, sys.stdout)
"""


@dataclass(frozen=True)
class Run:
    """What a program wrote."""

    printed: str
    warned: str


def run_programs(programs: Sequence[str]) -> list[Run]:
    """Run each program from nothing."""
    return run_notebooks([[program] for program in programs])


def run_notebooks(notebooks: Sequence[Sequence[str]]) -> list[Run]:
    """Run the cells of each notebook in order, each notebook from nothing."""
    output = run_python("-c", _RUNNER, standard_input=json.dumps(notebooks))
    return [Run(*result) for result in json.loads(output)]


def run_python(*arguments: str, standard_input: str = "") -> str:
    """Run Python cut off from the lab, its folder and its settings; return what it printed."""
    process = subprocess.run(
        [sys.executable, "-I", *arguments],
        input=standard_input,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        cwd="/",
        check=False,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    return process.stdout


def code_in(notebook: str) -> list[str]:
    """Return the cells of code in the text of a notebook, as Jupyter reads it."""
    cells = json.loads(notebook)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def imports_of(program: str) -> set[str]:
    """Return the modules that a program imports."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module))
    return modules


def assigned(program: str, name: str) -> object:
    """Return the literal that a program assigns to a name."""
    for node in ast.parse(program).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{name} is not assigned in {program}")
