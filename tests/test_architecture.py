"""The rules of the layout, held by a machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "avwalk"
STAGES = {"audio", "features", "score", "walk", "generators", "restyle", "effects", "video"}
NEUTRAL = {
    "contracts",
    "clock",
    "config",
    "config_models",
    "fields",
    "errors",
    "kernel_cache",
    "frame_memory",
    "device",
    "models",
    "diffusion",
}
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """First part below ``avwalk.`` of everything a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "avwalk" else [node.module]
            )
        found |= {name.split(".")[1] for name in names if name.startswith("avwalk.")}
    return found


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_stages_import_only_themselves_and_what_is_neutral(path: Path) -> None:
    stage = path.relative_to(PACKAGE).parts[0]
    if stage in STAGES:
        assert imported(path) <= NEUTRAL | {stage}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            code = node.body[1:] if ast.get_docstring(node) else node.body  # docstrings may be as long as need be
            assert not code or code[-1].end_lineno - code[0].lineno < 60, node.name


def test_no_bins_for_what_has_no_name() -> None:
    assert not {p.stem for p in FILES} & {"utils", "util", "helpers", "manager", "base", "common", "misc"}


def test_the_main_path_is_one_readable_file() -> None:
    assert len((PACKAGE / "render.py").read_text(encoding="utf-8").splitlines()) <= 220


def modules_after(code: str) -> set[str]:
    code += "; import sys; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, avwalk.cli.main as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('MODULES', *sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(out.split("MODULES")[1].split())
    assert "render" in out
    assert not loaded & {"numpy", "pydantic", "avwalk.config", "rich", "cv2", "av"}


def test_importing_avwalk_is_cheap() -> None:
    assert not modules_after("import avwalk") & {"numpy", "pydantic", "av"}


def test_the_analysis_path_needs_neither_librosa_nor_numba() -> None:
    loaded = modules_after("import avwalk.features.analysis, avwalk.features.cache, avwalk.audio.decode")
    assert not loaded & {"librosa", "numba", "scipy.signal", "torch", "audioread"}


def test_the_project_speaks_of_itself_alone() -> None:
    words = ["/wo" + "rk/", "sub" + "agent", "/ro" + "ot/"]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yml", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not [w for w in words if w in text], name
