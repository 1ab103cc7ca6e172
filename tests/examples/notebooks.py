"""Runs the notebooks of `examples/` as a reader does, but small, and without the cells that are for Colab alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("0*.ipynb"))
TIMEOUT = 300  # seconds for a cell; on an idle machine none takes ten


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel finds this avwalk, outside an activated environment, and leaves nothing in the user's folders."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]))
    own = Path(sys.executable).parent
    others = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder and Path(folder) != own]
    monkeypatch.setenv("PATH", os.pathsep.join(others))
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        (folder := tmp_path / name.lower()).mkdir()
        monkeypatch.setenv(name, str(folder))


def run(name: str, work: Path, **parameters: Any) -> str:
    """Executes a notebook in an own kernel; its cell of parameters is followed by one with these.

    Returns what it printed. A cell that fails raises; a command that fails must be looked for there.
    """
    notebook = read(ROOT / "examples" / f"{name}.ipynb")
    notebook.cells = [cell for cell in notebook.cells if "colab" not in tags(cell)]
    at = next(k for k, cell in enumerate(notebook.cells) if "parameters" in tags(cell))
    unknown = [key for key in parameters if f"\n{key} = " not in notebook.cells[at].source]
    assert not unknown, f"{name} has no parameter {unknown}"
    values = {**parameters, "WORK": str(work)}
    injected = "\n".join(f"{key} = {value!r}" for key, value in values.items())
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(injected, id="injected"))
    resources = {"metadata": {"path": str(work)}}
    NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", resources=resources).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    if keep := os.environ.get("AVWALK_KEEP_NOTEBOOKS"):
        nbformat.write(notebook, Path(keep) / f"{name}.ipynb")
    return "".join(output.get("text", "") for output in outputs)


def films(work: Path) -> dict[Path, int]:
    """Films that are there, and when they were written."""
    return {file: file.stat().st_mtime_ns for file in sorted(work.rglob("*.mp4"))}
